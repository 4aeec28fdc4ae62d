"""Many names in a message: the first few, and the number of the others."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice

_SHOWN = 5


def few(names: Collection[str]) -> str:
    """Returns the first names as text, and the number of the others: ``a, b, c, d, e and 40 more``."""
    more = len(names) - _SHOWN
    return ", ".join(islice(names, _SHOWN)) + (f" and {more} more" if more > 0 else "")
