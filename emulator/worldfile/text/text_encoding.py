"""The bytes of a file as text, whatever encoding or compression the program that saved it chose."""

from __future__ import annotations

import codecs
import re
import zlib

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31
_LOOKED_AT = 4000
# Codecs of Python that are not encodings of files: each accepts more than letters, or fails in its own way.
_NO_ENCODINGS = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"})
_DECLARED = re.compile(rb"""<\?xml[^>]{0,100}encoding=["']([\w.-]{1,40})["']""")
# Invisible characters that copying may add.
_UNSEEN = "\ufeff\u200b\u200e\u2060"


class UnreadableText(Exception):
    """The bytes are not text, or too many; the message says which."""


def text_of(data: bytes, *, limit: int) -> str:
    """Returns the text in a file, without blanks and invisible characters at its ends.

    Args:
        data: Bytes of the file; gzip, as used by CloudTrail, is decompressed.
        limit: Maximum number of bytes, compressed or not.

    Raises:
        UnreadableText: it is too large, or not text.
    """
    if data.startswith(_GZIP):
        data = _opened(data, limit)
    if len(data) > limit:
        raise UnreadableText(f"larger than {limit} bytes")
    try:
        text = data.decode(_encoding(data))
    except (UnicodeError, LookupError):
        raise UnreadableText("not text") from None
    return text.strip().strip(_UNSEEN).strip()


def _opened(data: bytes, limit: int) -> bytes:
    try:
        return zlib.decompressobj(_GZIP_WINDOW).decompress(data, limit + 1)
    except zlib.error:
        raise UnreadableText("no gzip file that can be opened") from None


def _encoding(data: bytes) -> str:
    """Returns the encoding of a text: by its byte order mark, by its NULs, or by its XML declaration."""
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return name
    start = data[:_LOOKED_AT]
    if start.count(0) > len(start) // 4:
        # For ASCII letters one byte of two is NUL: in little-endian order the second.
        return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
    declared = _DECLARED.search(start)
    if declared is not None:
        name = declared[1].decode("ascii", "replace")
        # The text was found as single bytes, so it cannot be in a two-byte encoding.
        if name.lower().startswith(("utf-16", "utf-32", "ucs")):
            return "utf-8"
        return "" if name.lower().replace("-", "_") in _NO_ENCODINGS else name
    return "utf-8"
