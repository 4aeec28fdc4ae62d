"""Texts of a user's or a service's that are printed: what a terminal would act on is shown, and not done."""

from __future__ import annotations

import re

_ACTED_ON = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """Returns a text in which what a terminal would act on, or write backwards, is shown and not done."""
    return _ACTED_ON.sub("\N{REPLACEMENT CHARACTER}", text)
