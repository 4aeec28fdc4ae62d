"""Expectations in short and in full."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.kernel.errors import ScenarioError
from emulator.scenarios.scenario_file import Scenario, read_scenarios
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER


def _scenario(folder: Path, expect: str) -> Scenario:
    path = folder / "scenario.yaml"
    login = f"{{user: {USER}, app: {APP}}}"
    text = f"scenario: x\nid: X\nworld: {DEFAULT_WORLD}\nlogin: {login}\nexpect: {expect}\n"
    path.write_text(text, encoding="utf-8")
    (scenario,) = read_scenarios(path)
    return scenario


@pytest.mark.parametrize(
    ("expect", "outcome"),
    [
        ("arrives", "accepted"),
        ("accepted", "accepted"),
        ("refused", "refused"),
        ("elsewhere", "elsewhere"),
        ("stopped", "stopped"),
        ("{outcome: accepted}", "accepted"),
        ("{outcome: arrives}", "accepted"),
        ("{role: x}", "accepted"),
        ("{check: audience}", None),
        ("{message: x, page: y}", None),
    ],
)
def test_an_outcome_is_said_alone_or_follows(tmp_path: Path, expect: str, outcome: str | None) -> None:
    """A word is enough; without one a login arrives, unless a part of a refusal is expected."""
    settings = _scenario(tmp_path, expect).settings
    assert (settings.expect.outcome, settings.expect.oracle) == (outcome, None)


@pytest.mark.parametrize(
    ("expect", "key", "message", "did_you_mean"),
    [
        ("arives", "expect", "'arives' does not fit", "arrives"),
        ("{outcome: acepted}", "expect.outcome", "'acepted' does not fit", "accepted"),
        ("{outcome: accepted, oracle: documentd}", "expect.oracle", "'documentd' does not fit", "documented"),
        ("[arrives]", "expect", "a list does not fit", ""),
        ("true", "expect", "true does not fit", ""),
    ],
)
def test_another_word_is_refused(tmp_path: Path, expect: str, key: str, message: str, did_you_mean: str) -> None:
    """At its line, with the nearest word."""
    with pytest.raises(ScenarioError) as caught:
        _scenario(tmp_path, expect)
    (problem,) = caught.value.problems
    assert (problem.location.line, problem.location.key) == (5, key)
    assert (problem.message, problem.did_you_mean) == (message, did_you_mean)
