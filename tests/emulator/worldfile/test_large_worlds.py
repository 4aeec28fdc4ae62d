"""Large worlds: how long they take to load, beside a bare start of the interpreter, and what a mistake in one costs."""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

from emulator.federation import Federation
from emulator.flow import Outcome, log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import WorldError
from emulator.network.keys import KeyFolder
from emulator.world import load_world, parse_world
from tests.emulator.worldfile.large_world import large_world


def _bare_start() -> float:
    began = perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)  # the interpreter that runs the tests
    return perf_counter() - began


def _load(path: Path, keys: KeyFolder) -> float:
    began = perf_counter()
    Federation(load_world(path), keys=keys)
    return perf_counter() - began


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Returns the file of a world with 2,000 people and 200 roles."""
    path = tmp_path / "large.yaml"
    path.write_text(large_world(people=2_000, roles=200), encoding="utf-8")
    return path


def test_a_large_world_loads_within_twenty_five_bare_starts(large: Path, keys: KeyFolder) -> None:
    """Medians of five, made in turn; it takes about seven."""
    _load(large, keys)  # the app's signing key is made once
    rounds = [(_load(large, keys), _bare_start()) for _ in range(5)]
    load, start = (statistics.median(times) for times in zip(*rounds, strict=True))
    assert load <= 25 * start


def test_a_world_five_times_as_large_takes_about_five_times_as_long(
    large: Path, tmp_path: Path, keys: KeyFolder
) -> None:
    """What grew with the square would take twenty-five times as long."""
    larger = tmp_path / "larger.yaml"
    larger.write_text(large_world(people=10_000, roles=1_000), encoding="utf-8")
    _load(large, keys)
    rounds = [(_load(larger, keys), _load(large, keys)) for _ in range(2)]
    assert min(times[0] for times in rounds) <= 12 * min(times[1] for times in rounds)


def test_a_person_of_a_large_world_logs_in(large: Path, keys: KeyFolder, clock: Clock) -> None:
    """The last person gets the role of a group."""
    federation = Federation(load_world(large), clock=clock, ids=Ids(seed=1), keys=keys)
    login = log_in(federation, user="person1999@example.com", app="amazon-connect")
    assert (login.outcome, login.role) == (Outcome.ACCEPTED, "arn:aws:iam::123456789012:role/Role0")


def test_many_mistakes_in_a_large_world_cost_no_more_than_they_are_worth() -> None:
    """Every mistake is listed; suggestions stop after the fiftieth, and lists of names are cut."""
    text = large_world(people=2_000, roles=200)
    for number in range(2_000):
        text = text.replace(f"secret-{number}, groups: [", f"secret-{number}, groups: [Grup{number}, ", 1)
    with pytest.raises(WorldError) as caught:
        parse_world(text)
    problems = caught.value.problems
    assert len(problems) == 2_000
    assert problems[0].message == "there is no group Grup0"
    assert problems[0].expected.startswith("one of Group0, Group1, Group10, Group100, ")
    assert problems[0].expected.endswith(" and 150 more")
    assert [problem.did_you_mean for problem in (problems[0], problems[49], problems[50])] == ["Group0", "Group49", ""]
