"""Files that are not text, recognised by their first bytes.

Spec: the formats' own; IANA media types
Evidence: documented
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

from emulator.seeds.other_files.kinds import OtherKind

_EXPORT = "Use an export in JSON, YAML or XML."
_TABLE = "Use the export in JSON: a table does not say which app or account its rows belong to."
_SAVE_TEXT = "Use the export that it was made from, in JSON."
_CERTIFICATE = "Use the identity provider's metadata (XML): it contains the certificates."
_UNPACK = "Unpack it, and use the files in it."

_MAGIC: Sequence[tuple[int, bytes, OtherKind]] = (
    (0, b"%PDF-", OtherKind("a PDF", _SAVE_TEXT)),
    (0, b"\x89PNG\r\n", OtherKind("a PNG image", _SAVE_TEXT)),
    (0, b"\xff\xd8\xff", OtherKind("a JPEG image", _SAVE_TEXT)),
    (0, b"GIF8", OtherKind("a GIF image", _SAVE_TEXT)),
    (8, b"WEBP", OtherKind("a WebP image", _SAVE_TEXT)),
    (0, b"BM", OtherKind("a bitmap image", _SAVE_TEXT)),
    (4, b"ftyp", OtherKind("a video or an image", _SAVE_TEXT)),
    (0, b"BZh", OtherKind("a bzip2 archive", _UNPACK)),
    (0, b"\xfd7zXZ\x00", OtherKind("an xz archive", _UNPACK)),
    (0, b"7z\xbc\xaf\x27\x1c", OtherKind("a 7-Zip archive", _UNPACK)),
    (0, b"Rar!\x1a\x07", OtherKind("a RAR archive", _UNPACK)),
    (0, b"\x28\xb5\x2f\xfd", OtherKind("a Zstandard archive", _UNPACK)),
    (257, b"ustar", OtherKind("a tar archive", _UNPACK)),
    (0, b"SQLite format 3\x00", OtherKind("a SQLite database", _EXPORT)),
    (0, b"bplist00", OtherKind("a binary property list", _EXPORT)),
    (0, b"\x7fELF", OtherKind("a program", _EXPORT)),
    (0, b"MZ", OtherKind("a program for Windows", _EXPORT)),
    (0, b"\xcf\xfa\xed\xfe", OtherKind("a program for macOS", _EXPORT)),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OtherKind("an old Office file (xls, doc or msg)", _TABLE)),
    (0, b"\xfe\xed\xfe\xed", OtherKind("a Java key store", _CERTIFICATE)),
    (0, b"PAR1", OtherKind("a Parquet file", _TABLE)),
)
_DER = b"\x30\x82"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP = b"\x1f\x8b"
# Kinds of zip archives, by the names of the files in them.
_IN_ZIP: Mapping[str, OtherKind] = {
    "tfplan": OtherKind(
        "a binary plan, written by terraform plan -out", "Use the output of terraform show -json FILE."
    ),
    "xl/workbook.xml": OtherKind("an Excel workbook", _TABLE),
    "word/document.xml": OtherKind("a Word document", _SAVE_TEXT),
    "ppt/presentation.xml": OtherKind("a PowerPoint presentation", _SAVE_TEXT),
    "META-INF/MANIFEST.MF": OtherKind("a Java archive", _UNPACK),
}


def binary_kind(data: bytes) -> OtherKind | None:
    """Returns the kind of a binary file; None if it may be text."""
    if data.startswith(_ZIP):
        return _zip_kind(data)
    for offset, magic, kind in _MAGIC:
        # Text may begin with the same two letters.
        if data[offset : offset + len(magic)] == magic and (len(magic) > 2 or b"\x00" in data[:64]):
            return kind
    if data.startswith(_DER) and b"\x00" in data[:4000]:
        return OtherKind("a certificate or a key in DER, or a PKCS #12 file", _CERTIFICATE)
    return None


def unread_bytes(data: bytes) -> OtherKind:
    """Returns the kind of a file that could not be decoded as text."""
    kind = binary_kind(data)
    if kind is not None:
        return kind
    if data.startswith(_GZIP):
        return OtherKind("a gzip file that cannot be opened", _UNPACK)
    if b"\x00" in data[:4000]:
        return OtherKind("a binary file", _EXPORT)
    return OtherKind("not text in UTF-8 or UTF-16", "Save the file as UTF-8.")


def _zip_kind(data: bytes) -> OtherKind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        names = set()
    return next((kind for name, kind in _IN_ZIP.items() if name in names), OtherKind("a zip archive", _UNPACK))
