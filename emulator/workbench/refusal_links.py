"""Links from the pages that show a refusal to the login that it stopped."""

from __future__ import annotations

import threading
from collections import OrderedDict

from emulator.journeys.journey import Journey
from emulator.journeys.journeys import Journeys
from emulator.kernel.errors import Refusal

_MOST_KEPT = 1_000


class RefusalLinks:
    """The last refusals that pages have shown, by number: a page is made before it is known which login it belongs to.

    Threads may ask at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shown: OrderedDict[int, Refusal] = OrderedDict()
        self._numbered = 0

    def number(self, refusal: Refusal) -> int:
        """Returns the number under which a refusal is kept from now on."""
        with self._lock:
            self._numbered += 1
            self._shown[self._numbered] = refusal
            while len(self._shown) > _MOST_KEPT:
                self._shown.popitem(last=False)
            return self._numbered

    def login(self, number: int, journeys: Journeys) -> Journey | None:
        """Returns the login in which a refusal was shown; None where it was in none, or is not kept.

        Args:
            number: Of the refusal.
            journeys: The logins.
        """
        with self._lock:
            refusal = self._shown.get(number)
        if refusal is None:
            return None
        return next((each for each in reversed(journeys.all()) if _has(each, refusal)), None)


def _has(journey: Journey, refusal: Refusal) -> bool:
    return any(note.refusal is refusal for each in journey.exchanges for note in each.notes)
