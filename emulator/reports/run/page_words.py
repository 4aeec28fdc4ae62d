"""The words of a page about a login; a page in another language than English supplies its own."""

from __future__ import annotations

from typing import Protocol


class PageWords(Protocol):
    """Translates a page's texts."""

    def __call__(self, text: str, /, **values: object) -> str:
        """Returns a text in the language of the page, with its values filled in.

        Args:
            text: English text, as in the code.
            values: Values for the names in braces, already escaped for HTML.
        """
        ...


def english(text: str, /, **values: object) -> str:
    """Returns a text as it is, with its values filled in."""
    return text.format(**values) if values else text
