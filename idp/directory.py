"""The current state of an Okta org: the only place where it is held and changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from idp.model import Org

Changed = TypeVar("Changed")


class Directory:
    """Holds an org.

    An org is an immutable value. A change makes a new one and swaps it for the old one, one change at a time, so that a
    reader needs no lock and a refused change leaves no trace.
    """

    def __init__(self, org: Org) -> None:
        self._lock = threading.RLock()
        self._org = org

    @property
    def org(self) -> Org:
        """The org in its current state."""
        return self._org

    def change(self, make: Callable[[Org], tuple[Org, Changed]]) -> Changed:
        """Replaces the org by a changed one.

        Args:
            make: Takes the current org and returns the changed one, with a result that is passed on to the caller. When
                it raises, the org stays as it was.
        """
        with self._lock:
            self._org, answer = make(self._org)
            return answer

    def replace(self, org: Org) -> None:
        """Discards the org and takes this one instead."""
        with self._lock:
            self._org = org
