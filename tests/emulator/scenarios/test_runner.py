"""Running scenarios: what was expected beside what was received."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.kernel.errors import ExpectationFailed
from emulator.network.keys import KeyFolder
from emulator.scenarios.runner import refusal_in, run_all, run_scenario
from emulator.scenarios.scenario_file import Scenario, read_scenarios
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER


def _scenario(folder: Path, *, login: str = f"{{user: {USER}, app: {APP}}}", expect: str, more: str = "") -> Scenario:
    path = folder / "scenario.yaml"
    path.write_text(
        f"scenario: x\nid: X\nworld: {DEFAULT_WORLD}\nlogin: {login}\nexpect: {{{expect}, oracle: assumed}}\n{more}",
        encoding="utf-8",
    )
    (scenario,) = read_scenarios(path)
    return scenario


def test_every_expectation_that_is_not_met_is_listed(tmp_path: Path, keys: KeyFolder) -> None:
    """Each with what was expected and what was received; the login's refusal is explained below."""
    expect = "outcome: refused, check: audience, session_name: taro, page: Nothing, note: none"
    result = run_scenario(_scenario(tmp_path, expect=expect), keys=keys)
    assert not result.passed
    assert result.mismatches[:3] == (
        "outcome: expected refused, received accepted",
        "session_name: expected taro, received hanako@example.com",
        "check: expected audience, received nothing",
    )
    assert result.mismatches[3].startswith("page: expected to read 'Nothing', the page says '")
    assert result.mismatches[4] == (
        "note: expected none, received the relay state has no destination; it leads to the instance's home"
    )
    with pytest.raises(ExpectationFailed, match="outcome: expected refused, received accepted"):
        result.require()


def test_a_refusal_that_is_expected_passes_and_is_explained(tmp_path: Path, keys: KeyFolder) -> None:
    """The faults of the scenario are named in the explanation."""
    more = "faults: [{attribute: RoleSessionName, set: a b}]\n"
    scenario = _scenario(tmp_path, expect="outcome: refused, check: role-session-name", more=more)
    result = run_scenario(scenario, keys=keys)
    result.require()
    assert "{attribute: RoleSessionName, set: a b}" in result.explanation
    refusal = refusal_in(scenario)
    assert refusal is not None
    assert refusal.check == "role-session-name"


def test_a_scenario_that_cannot_be_run_counts_as_failed(tmp_path: Path) -> None:
    """The others are run all the same."""
    bad = _scenario(tmp_path, login=f"{{user: {USER}, app: nothing}}", expect="outcome: accepted")
    good = _scenario(tmp_path, expect="outcome: accepted")
    failed, passed = run_all([bad, good])
    assert failed.mismatches[0].startswith("it cannot be run: There is no Okta app nothing")
    assert (failed.explanation, passed.mismatches) == ("", ())


def test_a_browser_that_cannot_go_on_has_stopped(tmp_path: Path, keys: KeyFolder) -> None:
    """A role has to be chosen, and the login names none."""
    scenario = _scenario(
        tmp_path, login=f"{{user: taro@example.com, app: {APP}}}", expect="outcome: stopped, message: x"
    )
    result = run_scenario(scenario, keys=keys)
    (mismatch,) = result.mismatches
    assert mismatch.startswith("message: expected x, received ")
    assert result.explanation in mismatch
