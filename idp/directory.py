"""An Okta org as it is now: the one place where it is kept, and changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from idp.model import Org

Changed = TypeVar("Changed")


class Directory:
    """Holds an org.

    An org is a value. A change makes a new one and puts it in the old one's place, one change at a time, so that a
    reader needs no lock and a refused change leaves nothing behind.
    """

    def __init__(self, org: Org) -> None:
        self._lock = threading.RLock()
        self._org = org

    @property
    def org(self) -> Org:
        """The org as it is now."""
        return self._org

    def change(self, make: Callable[[Org], tuple[Org, Changed]]) -> Changed:
        """Puts a new org in the place of the old one.

        Args:
            make: Takes the org as it is and returns the new one, with an answer that is handed on. What it raises
                leaves everything as it was.
        """
        with self._lock:
            self._org, answer = make(self._org)
            return answer

    def replace(self, org: Org) -> None:
        """Forgets the org and takes this one."""
        with self._lock:
            self._org = org
