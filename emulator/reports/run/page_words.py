"""The words of a page about a login: a page in another language than English brings its own."""

from __future__ import annotations

from typing import Protocol


class PageWords(Protocol):
    """Has a page say something in its language."""

    def __call__(self, text: str, /, **values: object) -> str:
        """Returns a text in the language of the page, with its values filled in.

        Args:
            text: It in English, as it is in the code.
            values: What comes in place of the names in braces: texts for HTML, escaped already.
        """
        ...


def english(text: str, /, **values: object) -> str:
    """Returns a text as it is, with its values filled in."""
    return text.format(**values) if values else text
