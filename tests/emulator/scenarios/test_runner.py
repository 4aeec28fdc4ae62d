"""Running scenarios: what was expected beside what was received."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emulator.kernel.errors import ExpectationFailed, ScenarioError
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.runner import refusal_in, run_all, run_scenario
from emulator.scenarios.scenario_file import Scenario, read_scenarios
from emulator.world import DEFAULT_WORLD, change_world
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
    texts = [mismatch.text for mismatch in result.mismatches]
    assert texts[:3] == [
        "outcome: expected refused, received accepted",
        "session_name: expected taro, received hanako@example.com",
        "check: expected audience, received nothing",
    ]
    assert texts[3].startswith("page: expected to read 'Nothing', the page says '")
    assert (
        texts[4] == "note: expected none, received the relay state has no destination; it leads to the instance's home"
    )
    assert [mismatch.location.key for mismatch in result.mismatches][:2] == ["expect.outcome", "expect.session_name"]
    with pytest.raises(ExpectationFailed, match="outcome: expected refused, received accepted"):
        result.require()


def test_a_refusal_that_is_expected_passes_and_is_explained(tmp_path: Path, keys: KeyFolder) -> None:
    """The faults of the scenario are named in the explanation."""
    scenario_fault = "{attribute: RoleSessionName, set: a b}"
    more = f"faults: [{scenario_fault}]\n"
    scenario = _scenario(tmp_path, expect="outcome: refused, check: role-session-name", more=more)
    result = run_scenario(scenario, keys=keys)
    result.require()
    assert result.login is not None
    assert result.login.diagnosis is not None
    (origin,) = result.login.diagnosis.origins
    assert (
        str(origin) == f"{tmp_path}/scenario.yaml:6  faults[0], planted fault {{attribute: RoleSessionName, set: a b}}"
    )
    refusal = refusal_in(scenario)
    assert refusal is not None
    assert refusal.check == "role-session-name"


def test_a_scenario_that_cannot_be_run_counts_as_failed(tmp_path: Path) -> None:
    """The others are run all the same."""
    bad = _scenario(tmp_path, expect="outcome: accepted")
    without_app: dict[str, Any] = {"/okta/acme/apps": {}, "/aws/123456789012/saml_providers": {}}
    bad = replace(bad, world=change_world(bad.world, without_app))
    good = _scenario(tmp_path, expect="outcome: accepted")
    failed, passed = run_all([bad, good])
    assert failed.mismatches[0].text.startswith("it cannot be run: There is no Okta app amazon-connect")
    assert (failed.login, passed.mismatches) == (None, ())


@pytest.mark.parametrize(
    ("more", "line", "key", "message"),
    [
        ("faults: [{attribut: Role, remove: true}]\n", 6, "faults[0]", "this is not a fault: "),
        ("changes: {/okta/acme/nothing/label: x}\n", 6, "changes./okta/acme/nothing/label", "the world does not take"),
        ("changes: {/okta/acme/users/0/x/y: x}\n", 6, "changes./okta/acme/users/0/x/y", "the world does not take"),
        ("changes: {/version/x: x}\n", 6, "changes./version/x", "the pointer /version/x leads nowhere"),
        ("then: [{login: {user: a@example.com, app: amazon-conect}}]\n", 6, "then[0].login.app", "there is no app"),
    ],
)
def test_a_mistake_of_the_scenario_is_a_bad_file_with_its_line(
    tmp_path: Path, more: str, line: int, key: str, message: str
) -> None:
    """A bad fault, an unknown app and a pointer that leads nowhere are reported before anything is run."""
    with pytest.raises(ScenarioError) as caught:
        _scenario(tmp_path, expect="outcome: accepted", more=more)
    location = caught.value.location
    assert (location.line, location.key) == (line, key)
    assert caught.value.message.startswith(message)


def test_a_fault_that_would_change_nothing_is_a_bad_file(tmp_path: Path, keys: KeyFolder) -> None:
    """It names an attribute that the assertion does not have."""
    scenario = _scenario(
        tmp_path, expect="outcome: accepted", more="faults: [{attribute: RoleSessioName, remove: true}]\n"
    )
    with pytest.raises(ScenarioError) as caught:
        run_scenario(scenario, keys=keys)
    assert (caught.value.location.line, caught.value.location.key) == (6, "faults[0]")
    assert "RoleSessioName" in caught.value.message


def test_a_browser_that_cannot_go_on_has_stopped(tmp_path: Path, keys: KeyFolder) -> None:
    """A role has to be chosen, and the login names none."""
    scenario = _scenario(
        tmp_path, login=f"{{user: taro@example.com, app: {APP}}}", expect="outcome: stopped, message: x"
    )
    result = run_scenario(scenario, keys=keys)
    (mismatch,) = result.mismatches
    assert mismatch.text == f"message: expected x, received {result.stopped}"
