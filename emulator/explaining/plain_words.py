"""Text without what does not matter when sentences are compared: case, quotes, line breaks, punctuation after words."""

from __future__ import annotations

import html
import re

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_QUOTES = re.compile("[\"'`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u200b\ufeff]")
_PUNCTUATION = re.compile(r"[.,;:!?]+(?=[\s)]|$)")
_SPACE = re.compile(r"\s+")


def plain(text: str) -> str:
    """Returns text in lower case, with single spaces, without quotes, and without punctuation where a word ends."""
    text = _QUOTES.sub("", html.unescape(_COLOURS.sub("", text)).casefold())
    text = text.replace("\u2013", "-").replace("\u2014", "-").replace("\\n", " ")
    return _SPACE.sub(" ", _PUNCTUATION.sub("", text)).strip()
