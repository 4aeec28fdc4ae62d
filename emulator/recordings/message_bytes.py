"""Recognises what bytes are: a SAML message, compressed data, or something else."""

from __future__ import annotations

import base64
import binascii
import re
import zlib

from emulator.worldfile.text.kinds_of_text import beginning, root_name

_MAX_MESSAGE_BYTES = 2_000_000
_NAMESPACES = re.compile(
    r"urn:oasis:names:tc:SAML:(?:1\.[01]|2\.0):(?:protocol|assertion)|"
    r"docs\.oasis-open\.org/ws-sx/ws-trust|schemas\.xmlsoap\.org/ws/2005/02/trust"
)
_OTHERS = frozenset({"EntityDescriptor", "EntitiesDescriptor", "html", "HTML"})
_MESSAGES = frozenset(
    {"Response", "Assertion", "EncryptedAssertion", "LogoutResponse", "LogoutRequest", "AuthnRequest"}
)
_COMPRESSIONS = ((-15, "DEFLATE"), (15, "zlib"), (31, "gzip"))


def is_message(data: bytes) -> bool:
    """Returns whether bytes are a SAML message or an envelope around one, or at least begin as one.

    A message that is cut off or otherwise broken counts too: AWS refuses it, and that is worth showing.
    """
    text = beginning(data)
    if not text.startswith("<"):
        return False
    name = root_name(data)
    if name in _OTHERS:
        return False
    return _NAMESPACES.search(text) is not None or name in _MESSAGES


def lenient_base64(text: str) -> bytes:
    """Returns as many bytes as base64 text yields before it breaks off; none if it is not base64 at all."""
    bare = "".join(text.split()).rstrip("=")
    try:
        return base64.b64decode(bare[: len(bare) // 4 * 4] + _last(bare), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _last(bare: str) -> str:
    rest = bare[len(bare) // 4 * 4 :]
    return rest + "=" * (4 - len(rest)) if len(rest) > 1 else ""


def deflated(data: bytes) -> tuple[bytes, str]:
    """Returns decompressed data and the name of the compression; both empty if nothing was compressed."""
    for bits, name in _COMPRESSIONS:
        try:
            inflated = zlib.decompressobj(bits).decompress(data, _MAX_MESSAGE_BYTES)
        except zlib.error:
            continue
        if inflated:
            return inflated, name
    return b"", ""
