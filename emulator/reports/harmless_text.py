"""Texts of users or services prepared for printing: control characters are shown, not executed."""

from __future__ import annotations

import re

_ACTED_ON = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """Returns a text with control characters and direction marks shown instead of executed."""
    return _ACTED_ON.sub("\N{REPLACEMENT CHARACTER}", text)
