"""Time and randomness: frozen, shifted, seeded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from emulator.kernel.clock import Clock, Ids, instant

START = datetime(2026, 1, 15, 9, 0, 0, 123_456, tzinfo=UTC)


def test_a_frozen_clock_moves_only_when_told() -> None:
    """It stands still, advances by what it is told, and its skewed view follows."""
    clock = Clock(frozen_at=START)
    late = clock.skewed(timedelta(minutes=-6))
    assert clock.now() == clock.now() == START
    clock.advance(timedelta(hours=1))
    assert clock.now() == START + timedelta(hours=1)
    assert late.now() == START + timedelta(minutes=54)


def test_a_running_clock_is_aware_and_in_utc() -> None:
    """Instants never lack a zone."""
    assert Clock().now().tzinfo is UTC


def test_instants_have_milliseconds_and_z() -> None:
    """xs:dateTime as Okta writes it; microseconds are cut, not rounded."""
    assert instant(START) == "2026-01-15T09:00:00.123Z"


def test_a_seed_makes_identifiers_reproducible() -> None:
    """The same seed gives the same sequence, another seed another one."""
    one, same, other = Ids(seed=1), Ids(seed=1), Ids(seed=2)
    made = [(i.digits(26), i.token(40), i.uuid(), i.integer(1, 9)) for i in (one, same, other)]
    assert made[0] == made[1] != made[2]
    assert len(made[0][0]) == 26
    assert made[0][0][0] != "0"
    assert len(made[0][1]) == 40
