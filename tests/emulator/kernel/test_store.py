"""The store: things by key, until they expire or there are too many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from emulator.kernel.clock import Clock
from emulator.kernel.store import Store
from tests.conftest import NOW


@dataclass(frozen=True, slots=True)
class _Thing:
    name: str
    expires_at: datetime = NOW + timedelta(hours=1)


def test_things_are_over_by_the_clock(clock: Clock) -> None:
    """What has expired is neither found nor listed."""
    table = Store(clock=clock).table("things", _Thing)
    table.put("a", _Thing("first"))
    table.put("b", _Thing("second", NOW + timedelta(hours=2)))
    clock.advance(timedelta(hours=1))
    assert table.get("a") is None
    assert dict(table.running()) == {"b": _Thing("second", NOW + timedelta(hours=2))}


def test_a_thing_is_taken_once(clock: Clock) -> None:
    """What was taken out is gone; nothing is found under no key."""
    table = Store(clock=clock).table("things", _Thing)
    table.put("a", _Thing("first"))
    assert table.pop("a") == _Thing("first")
    assert table.pop("a") is None
    assert table.get(None) is None


def test_the_oldest_goes(clock: Clock) -> None:
    """A full table forgets what was put in first, and putting again makes young."""
    table = Store(clock=clock, capacity=2).table("things", _Thing)
    for key in ("a", "b", "a", "c"):
        table.put(key, _Thing(key))
    assert list(table.running()) == ["a", "c"]


def test_a_history_holds_half_as_many(clock: Clock) -> None:
    """What happened is larger than what is needed to go on, and the oldest of it is missed least."""
    table = Store(clock=clock, capacity=4).table("events", _Thing, is_history=True)
    for key in ("a", "b", "c"):
        table.put(key, _Thing(key))
    assert list(table.running()) == ["b", "c"]


def test_a_table_of_another_clock(clock: Clock) -> None:
    """A service whose clock is wrong judges by that clock."""
    table = Store(clock=clock).table("things", _Thing, clock=clock.skewed(timedelta(hours=2)))
    table.put("a", _Thing("first"))
    assert table.get("a") is None


def test_names_are_unique(clock: Clock) -> None:
    """Two services never share a table by accident."""
    store = Store(clock=clock)
    store.table("things", _Thing)
    with pytest.raises(LookupError, match="there is a table things already"):
        store.table("things", _Thing)
