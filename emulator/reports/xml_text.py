"""Texts of a user's or a service's in XML of ours: what XML cannot hold is shown as replaced."""

from __future__ import annotations

import re

from emulator.reports.harmless_text import harmless

_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Returns a text with what XML cannot hold, or a terminal would act on, replaced."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", harmless(text))
