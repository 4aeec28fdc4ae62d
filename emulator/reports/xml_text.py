"""Texts of users or services in fedemu's XML: characters that XML cannot contain are visibly replaced."""

from __future__ import annotations

import re

from emulator.reports.harmless_text import harmless

_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Returns a text with control characters, and all others that XML cannot contain, replaced."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", harmless(text))
