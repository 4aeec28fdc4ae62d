"""The words of a set-up in the language of the page: titles of steps, labels and notes.

The English texts under keys that begin with ``walk_`` are those of ``emulator.setup_steps``, with a name in braces for
whatever a step fills in. The names of fields in the services' consoles have no such text, and stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from emulator.workbench.words import Words, words_of

PREFIX = "walk_"
_PART = "part_"
_NAME = re.compile(r"\{(\w+)\}")


def setup_words(words: Words) -> Callable[[str], str]:
    """Returns what says a text of a step in the language of a page; one without a translation stays as it is."""
    if words.language == "en":
        return str
    texts = _translations(words.language)

    def said(text: str) -> str:
        for pattern, translation in texts:
            if found := pattern.fullmatch(text):
                values = found.groupdict()
                return translation.format(
                    **{name: said(value) if name.startswith(_PART) else value for name, value in values.items()}
                )
        return text

    return said


@cache
def _translations(language: str) -> Sequence[tuple[re.Pattern[str], str]]:
    """Returns the pattern of each English text with its translation, the texts with the most words of ours first."""
    english, own = words_of("en"), words_of(language)
    keys = sorted((key for key in english if key.startswith(PREFIX)), key=lambda key: -len(_NAME.sub("", english[key])))
    return [(_pattern(english[key]), own[key]) for key in keys]


def _pattern(text: str) -> re.Pattern[str]:
    """Returns a pattern that matches whatever the steps make of a text with names in braces."""
    pieces = _NAME.split(text)
    return re.compile("".join(_value(piece) if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)))


def _value(name: str) -> str:
    return f"(?P<{name}>{'.+' if name.startswith(_PART) else '.+?'})"
