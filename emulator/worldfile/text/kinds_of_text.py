"""The kind of a text by its looks: XML with a root, a PEM file, a token, a URL, a world file.

Readers of one kind of file use this to say which other kind they were given.
"""

from __future__ import annotations

import re

_LOOKED_AT = 8000
_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?([A-Za-z]\w{0,60})[\s>/]")
_BEFORE_ROOT = re.compile(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?>", re.DOTALL)
_TOKEN = re.compile(r"(?:Bearer\s+)?eyJ[\w-]*\.[\w-]+\.[\w-]*\s*")
_ADDRESS = re.compile(r"https?://\S+\s*", re.IGNORECASE)
# Worlds often begin with a comment, as fedemu's own do.
_WORLD = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*(?:okta|aws|version):\s")
_PEM = "-----BEGIN "


def beginning(data: bytes) -> str:
    """Returns the first characters of a text in UTF-8 or UTF-16, without invisible ones before them."""
    start = data[:_LOOKED_AT]
    if start.count(0) > len(start) // 4 or start.startswith((b"\xff\xfe", b"\xfe\xff")):
        is_little = start.startswith(b"\xff\xfe") or start[1::2].count(0) > start[::2].count(0)
        return start.decode("utf-16-le" if is_little else "utf-16-be", "replace").lstrip("\ufeff \t\r\n")
    return start.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")


def root_name(data: bytes) -> str:
    """Returns the local name of the first element of XML, or of a text that begins as XML; empty for other texts."""
    found = _ROOT.search(_BEFORE_ROOT.sub("", beginning(data)))
    return found[1] if found is not None else ""


def pem_name(text: str) -> str:
    """Returns what a PEM file holds, such as ``certificate``; empty for other texts."""
    return text[len(_PEM) :].partition("-----")[0].strip().lower() or "PEM" if text.startswith(_PEM) else ""


def is_web_token(text: str) -> bool:
    """Returns whether a text is a JSON Web Token."""
    return _TOKEN.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Returns whether a text is one URL."""
    return _ADDRESS.fullmatch(text) is not None


def is_world_text(text: str) -> bool:
    """Returns whether a text has the keys that a world file begins with."""
    return "\n" in text and _WORLD.match(text) is not None
