"""What a federation remembers besides its configuration: sessions, credentials and tokens, behind one lock.

A service asks the store for a table and keeps its values there by key. Saving and loading the state goes through all
tables of the store.

This module is part of the kernel: standard library only, importable by every package.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from emulator.kernel.clock import Clock
from emulator.kernel.limits import ReachedLimits


class Expiring(Protocol):
    """Something that expires."""

    @property
    def expires_at(self) -> Any:
        """When it expires: an aware datetime."""
        ...


Kept = TypeVar("Kept", bound=Expiring)


def _nothing() -> None:
    """Does nothing."""


class Table(Generic[Kept]):
    """Keeps values by key until they expire; when the table is full, the oldest is dropped.

    Args:
        kind: Type of the values.
        clock: Clock that decides what has expired.
        lock: Lock of the store.
        capacity: Maximum number of values.
        is_history: Whether the values are past events, of which the oldest may be dropped without harm.
        on_loss: Called when a value is dropped that had not expired.
    """

    def __init__(
        self,
        kind: type[Kept],
        *,
        clock: Clock,
        lock: threading.RLock,
        capacity: int,
        is_history: bool = False,
        on_loss: Callable[[], None] = _nothing,
    ) -> None:
        self.kind = kind
        self.capacity = capacity
        self.is_history = is_history
        self._clock = clock
        self._lock = lock
        self._on_loss = on_loss
        self._puts_until_look = 0
        self._none_ends_before: Any = None  # known while the table is full
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._changes = 0

    @property
    def changes(self) -> int:
        """How often something was kept here or forgotten, other than by the passing of time."""
        return self._changes

    def put(self, key: str, value: Kept) -> None:
        """Stores ``value`` under ``key``; in a full table expired values are dropped first, then the oldest."""
        with self._lock:
            self._changes += 1
            self._kept[key] = value
            self._kept.move_to_end(key)
            if self._none_ends_before is not None:
                self._none_ends_before = min(self._none_ends_before, value.expires_at)
            if len(self._kept) <= self.capacity:
                return
            self._drop_expired()
            while len(self._kept) > self.capacity:
                self._kept.popitem(last=False)
                self._on_loss()

    def _drop_expired(self) -> None:
        """Drops what has expired, now and then: scanning a full table for each new value would take too long.

        The scan also finds when the first of the other values ends; nothing has to be scanned before that.
        """
        self._puts_until_look -= 1
        if self._puts_until_look > 0:
            return
        self._puts_until_look = self.capacity // 10
        now = self._clock.now()
        if self._none_ends_before is not None and now < self._none_ends_before:
            return
        for key in [key for key, value in self._kept.items() if value.expires_at <= now]:
            del self._kept[key]
        self._none_ends_before = min((value.expires_at for value in self._kept.values()), default=None)

    def get(self, key: str | None) -> Kept | None:
        """Returns the value under ``key`` unless it has expired."""
        with self._lock:
            value = self._kept.get(key) if key else None
            if value is None or value.expires_at <= self._clock.now():
                return None
            return value

    def pop(self, key: str | None) -> Kept | None:
        """Removes the value under ``key`` and returns it unless it has expired."""
        with self._lock:
            value = self.get(key)
            self.drop(key)
            return value

    def drop(self, key: str | None) -> None:
        """Removes ``key``."""
        with self._lock:
            if self._kept.pop(key or "", None) is not None:
                self._changes += 1

    def running(self) -> Mapping[str, Kept]:
        """Returns everything that has not expired, the oldest first."""
        with self._lock:
            now = self._clock.now()
            return {key: value for key, value in self._kept.items() if value.expires_at > now}

    def load(self, values: Mapping[str, Kept]) -> None:
        """Replaces all values."""
        with self._lock:
            self._changes += 1
            self._kept.clear()
            for key, value in values.items():
                self.put(key, value)

    def __len__(self) -> int:
        with self._lock:
            return len(self._kept)


class Store:
    """Every table of a federation.

    Args:
        clock: Clock that decides what has expired.
        capacity: Maximum number of values per table; a history holds half as many.
        limits: Records that a table is full; a history may drop values.
    """

    def __init__(self, *, clock: Clock, capacity: int = 10_000, limits: ReachedLimits | None = None) -> None:
        self.lock = threading.RLock()
        self._clock = clock
        self._capacity = capacity
        self._limits = limits or ReachedLimits()
        self._tables: dict[str, Table[Any]] = {}

    def table(
        self, name: str, kind: type[Kept], *, clock: Clock | None = None, is_history: bool = False
    ) -> Table[Kept]:
        """Creates the table of this name.

        Args:
            name: Name, unique in the store.
            kind: Type of the values.
            clock: Clock that decides what has expired in it, for a service whose clock may be shifted; by default the
                store's.
            is_history: Whether the values are past events rather than something a service needs in order to go on.

        Raises:
            LookupError: the table exists already.
        """
        if name in self._tables:
            raise LookupError(f"there is a table {name} already")
        capacity = self._capacity // 2 if is_history else self._capacity
        table = Table(
            kind,
            clock=clock or self._clock,
            lock=self.lock,
            capacity=capacity,
            is_history=is_history,
            on_loss=_nothing if is_history else partial(self._table_is_full, name),
        )
        with self.lock:
            self._tables[name] = table
        return table

    def _table_is_full(self, name: str) -> None:
        words, _, owner = name.partition("/")
        kind = words.replace("-", " ") + (f" of {owner}" if owner else "")
        self._limits.reached(
            name,
            f"{self._capacity:,} {kind} are kept, and the oldest is forgotten for each new one from now on: whoever "
            "has it begins again. Start the emulator again, or have clients use what they have longer",
        )

    @property
    def changes(self) -> int:
        """How often something was kept or forgotten in any table, other than by the passing of time."""
        with self.lock:
            return sum(table.changes for table in self._tables.values())

    @property
    def tables(self) -> Mapping[str, Table[Any]]:
        """The tables by name."""
        return dict(self._tables)
