"""Long lists in parts: words choose, and links lead to the next part and to the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Part(Generic[Item]):
    """A part of a long list.

    Args:
        items: What is in it.
        number: Which part it is, from 1.
        of: How many parts there are.
        total: How long the whole list is.
    """

    items: Sequence[Item]
    number: int
    of: int
    total: int


def part_of(items: Sequence[Item], asked: str, *, size: int) -> Part[Item]:
    """Returns the part of a list that an address asks for; the nearest where there is none such.

    Args:
        items: The whole list.
        asked: The number of the part, as it was written.
        size: How many items a part has.
    """
    of = max(1, -(-len(items) // size))
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
    number = min(max(number, 1), of)
    return Part(items[(number - 1) * size : number * size], number, of, len(items))


def has_words(text: str, wanted: str) -> bool:
    """Returns whether every word that is looked for is in a text, in capitals or not."""
    folded = text.casefold()
    return all(word in folded for word in wanted.casefold().split())
