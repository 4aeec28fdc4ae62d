"""Time and randomness: frozen, shifted, seeded."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest

from emulator.kernel.clock import Clock, Ids, instant, parse_span
from emulator.kernel.errors import FederationError

START = datetime(2026, 1, 15, 9, 0, 0, 123_456, tzinfo=UTC)


def test_a_frozen_clock_moves_only_when_told() -> None:
    """It is frozen, advances by the given time, and its skewed view follows."""
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


def test_a_uuid_is_random_in_all_bits_but_six() -> None:
    """It is what Python's ``uuid`` makes of the same random number: version 4, of RFC 9562's variant."""
    ids = Ids(seed=1)
    made = [ids.uuid() for _ in range(2)]
    assert made == ["cd613e30-d8f1-4adf-91b7-584a2265b1f5", "1e2feb89-414c-443c-9027-c4d1c386bbc4"]
    several = [UUID(Ids().uuid()) for _ in range(50)]
    assert {(each.version, each.variant) for each in several} == {(4, RFC_4122)}


def test_no_random_octet_is_given_out_twice() -> None:
    """Whatever is asked for, over many more octets than are fetched at once."""
    ids = Ids()
    tokens = [ids.token(50) for _ in range(500)] + [ids.uuid() for _ in range(500)]
    assert len(set(tokens)) == len(tokens)
    assert {len(str(ids.integer(10, 99))) for _ in range(500)} == {2}
    assert max(len(ids.token(count)) for count in (1, 511, 512, 513, 5000)) == 5000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork processes")
def test_a_forked_process_goes_on_with_other_identifiers() -> None:
    """What was fetched before belongs to one of the two processes."""
    script = (
        "import os\nfrom emulator.kernel.clock import Ids\n"
        "ids = Ids()\nids.token()\nchild = os.fork()\n"
        "os.write(1, f'{ids.token()} {ids.uuid()}\\n'.encode())\n"
        "child and os.wait()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    made = done.stdout.split()
    assert (len(made), len(set(made))) == (4, 4)


def test_a_sequence_beside_another_leaves_it_as_it_is() -> None:
    """It is the same for the same seed and purpose, and takes nothing from the first."""
    one, same = Ids(seed=1), Ids(seed=1)
    assert one.beside("requests").uuid() == same.beside("requests").uuid() != same.beside("others").uuid()
    assert one.uuid() == same.uuid()
    assert Ids().beside("requests").uuid() != Ids().beside("requests").uuid()


@pytest.mark.parametrize(
    "delta", [timedelta(days=27_100), timedelta(days=-9_600), timedelta(days=10**6), timedelta.max, timedelta.min]
)
def test_a_clock_stays_in_its_century(delta: timedelta) -> None:
    """It refuses to be moved out of it, and shows what it showed."""
    clock = Clock(frozen_at=START)
    for each in (clock, clock.skewed(timedelta(hours=1))):
        before = each.now()
        with pytest.raises(FederationError, match=r"^The clock cannot be set to ") as caught:
            each.advance(delta)
        assert caught.value.expected == "an instant from 2000 to 2099"
        assert each.now() == before


@pytest.mark.parametrize(
    "frozen_at",
    [datetime(1999, 12, 31, tzinfo=UTC), datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)],
)
def test_a_clock_does_not_begin_out_of_its_century(frozen_at: datetime) -> None:
    """Services' formats and certificates end there."""
    with pytest.raises(FederationError):
        Clock(frozen_at=frozen_at)


def test_a_length_that_no_clock_can_be_moved_by_is_none() -> None:
    """It is as wrong as one without a unit."""
    with pytest.raises(ValueError, match=r"^999999999999d is longer than any clock can be moved$"):
        parse_span("999999999999d")
