"""Long lists in parts: filtered by words, with links to the next and the previous part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from emulator.kernel.records import dataclass

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Part(Generic[Item]):
    """A part of a long list.

    Args:
        items: Its items.
        number: Number of the part, from 1.
        of: Number of parts.
        total: Length of the whole list.
    """

    items: Sequence[Item]
    number: int
    of: int
    total: int


def part_of(items: Sequence[Item], asked: str, *, size: int) -> Part[Item]:
    """Returns the requested part of a list, or the nearest existing one.

    Args:
        items: The whole list.
        asked: Number of the part, as it was written.
        size: Number of items per part.
    """
    of = max(1, -(-len(items) // size))
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
    number = min(max(number, 1), of)
    return Part(items[(number - 1) * size : number * size], number, of, len(items))


def has_words(text: str, wanted: str) -> bool:
    """Returns whether a text contains every word, ignoring case."""
    folded = text.casefold()
    return all(word in folded for word in wanted.casefold().split())
