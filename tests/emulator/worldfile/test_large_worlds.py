"""Large worlds: what loading them costs grows with their size, and no faster; what a mistake in one costs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.flow import Outcome, log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import load_world, parse_world
from tests.emulator.worldfile.large_world import large_world


def _calls(path: Path, keys: KeyFolder) -> int:
    """Returns how many calls loading a world makes, in Python and in C: the same on every machine."""
    count = 0

    def profile(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(profile)
    try:
        Federation(load_world(path), keys=keys)
    finally:
        sys.setprofile(None)
    return count


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Returns the file of a world with 2,000 people and 200 roles."""
    path = tmp_path / "large.yaml"
    path.write_text(large_world(people=2_000, roles=200), encoding="utf-8")
    return path


def test_a_world_five_times_as_large_costs_about_five_times_as_much(
    large: Path, tmp_path: Path, keys: KeyFolder
) -> None:
    """What grew with the square would make twenty-five times as many calls; make bench has the seconds."""
    small = tmp_path / "small.yaml"
    small.write_text(large_world(people=400, roles=40), encoding="utf-8")
    _calls(small, keys)  # the app's signing key is made once, and modules are imported
    assert 4 <= _calls(large, keys) / _calls(small, keys) <= 6


def test_a_person_of_a_large_world_logs_in(large: Path, keys: KeyFolder, clock: Clock) -> None:
    """The last person gets the role of a group."""
    federation = Federation(load_world(large), clock=clock, ids=Ids(seed=1), keys=keys)
    login = log_in(federation, user="person1999@example.com", app="amazon-connect")
    assert (login.outcome, login.role) == (Outcome.ELSEWHERE, "arn:aws:iam::123456789012:role/Role0")


def test_many_mistakes_in_a_large_world_cost_no_more_than_they_are_worth() -> None:
    """A hundred are listed and the others counted; suggestions end after the fiftieth, and lists of names are cut."""
    text = large_world(people=2_000, roles=200)
    for number in range(2_000):
        text = text.replace(f"secret-{number}, groups: [", f"secret-{number}, groups: [Grup{number}, ", 1)
    with pytest.raises(WorldError) as caught:
        parse_world(text)
    problems = caught.value.problems
    assert (len(problems), problems[-1].message) == (101, "there are 1,900 more mistakes")
    assert problems[0].message == "there is no group Grup0"
    assert problems[0].expected.startswith("one of Group0, Group1, Group10, Group100, Group101")
    assert problems[0].expected.endswith(" and 195 more")
    assert [problem.did_you_mean for problem in (problems[0], problems[49], problems[50])] == ["Group0", "Group49", ""]
