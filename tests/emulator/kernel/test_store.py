"""The store: things by key, until they expire or there are too many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from emulator.kernel.clock import Clock
from emulator.kernel.limits import ReachedLimits
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


def test_a_full_table_is_logged_once_and_a_full_history_is_not(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever loses a session begins again, and the log says why; the first to go is what has expired."""
    limits = ReachedLimits()
    store = Store(clock=clock, capacity=2, limits=limits)
    table = store.table("okta-sessions/acme", _Thing)
    history = store.table("events", _Thing, is_history=True)
    table.put("a", _Thing("first", NOW + timedelta(hours=3)))
    table.put("b", _Thing("second"))
    clock.advance(timedelta(hours=1))
    table.put("c", _Thing("third", NOW + timedelta(hours=3)))
    assert list(table.running()) == ["a", "c"]
    assert caplog.records == []
    for key in ("d", "e", "f"):
        table.put(key, _Thing(key, NOW + timedelta(hours=3)))
        history.put(key, _Thing(key))
    assert list(table.running()) == ["e", "f"]
    assert [record.getMessage() for record in caplog.records] == [
        "fedemu: limit reached: 2 okta sessions of acme are kept, and the oldest is forgotten for each new one "
        "from now on: whoever has it begins again. Start the emulator again, or have clients use what they have longer"
    ]
    assert list(limits.sentences) == ["okta-sessions/acme"]


def test_what_ends_early_goes_first_whenever_it_was_put(clock: Clock) -> None:
    """A full table drops what has expired before the oldest, also when it was put after the table was last scanned."""
    table = Store(clock=clock, capacity=3).table("things", _Thing)
    for key in ("a", "b", "c", "d"):
        table.put(key, _Thing(key, NOW + timedelta(hours=3)))
    table.put("short", _Thing("short", NOW + timedelta(minutes=5)))
    clock.advance(timedelta(minutes=10))
    table.put("e", _Thing("e", NOW + timedelta(hours=3)))
    assert list(table.running()) == ["c", "d", "e"]
    clock.advance(timedelta(hours=4))
    table.put("f", _Thing("f", NOW + timedelta(hours=9)))
    assert (list(table.running()), len(table)) == (["f"], 1)
