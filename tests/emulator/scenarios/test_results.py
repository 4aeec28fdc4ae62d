"""Scenarios that are not run, or are known not to be as expected: both say why."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from emulator.kernel.errors import ExpectationFailed, ScenarioError
from emulator.scenarios.results import State
from emulator.scenarios.runner import run_all, run_scenario
from emulator.scenarios.scenario_file import Scenario, read_scenarios
from emulator.world import DEFAULT_WORLD, change_world
from tests.conftest import APP, USER
from tests.emulator.test_cli import Run, run

__all__ = ["run"]


def _text(*, name: str = "X", expect: str = "arrives", more: str = "") -> str:
    login = f"{{user: {USER}, app: {APP}}}"
    return f"scenario: x\nid: {name}\nworld: {DEFAULT_WORLD}\nlogin: {login}\nexpect: {expect}\n{more}"


def _scenario(folder: Path, **said: str) -> Scenario:
    path = folder / "scenario.yaml"
    path.write_text(_text(**said), encoding="utf-8")
    (scenario,) = read_scenarios(path)
    return scenario


def test_a_scenario_with_skip_is_not_run(tmp_path: Path) -> None:
    """It is shown with its reason, is not a failure, and has no logins."""
    result = run_scenario(_scenario(tmp_path, expect="refused", more="skip: waits for ticket 17\n"))
    assert (result.state, result.passed, result.reason) == (State.SKIPPED, True, "waits for ticket 17")
    assert (result.logins, result.compared, result.seconds) == ((), (), 0.0)
    result.require()


def test_a_scenario_with_xfail_may_fail(tmp_path: Path) -> None:
    """What is not as expected is kept, and is not a failure; no fix is looked for."""
    result = run_scenario(_scenario(tmp_path, expect="refused", more="xfail: ticket 17\n"))
    assert (result.state, result.passed, result.reason) == (State.XFAILED, True, "ticket 17")
    assert [str(each) for each in result.mismatches] == ["outcome: expected refused, received accepted"]
    result.require()


def test_a_scenario_with_xfail_that_is_as_expected_fails(tmp_path: Path) -> None:
    """Whoever mends something takes the word out: the mismatch is at its line."""
    result = run_scenario(_scenario(tmp_path, more="xfail: ticket 17\n"))
    assert (result.state, result.passed, result.reason) == (State.FAILED, False, "")
    (mismatch,) = result.mismatches
    assert str(mismatch) == "xfail: expected to fail (ticket 17), and everything was as expected"
    assert (mismatch.location.line, mismatch.location.key) == (6, "xfail")
    assert (result.compared[-1].name, result.compared[-1].mismatch) == ("xfail", str(mismatch))
    with pytest.raises(ExpectationFailed, match="expected to fail"):
        result.require()


def test_xfail_covers_a_scenario_that_cannot_be_run(tmp_path: Path) -> None:
    """What is not there in the running world is a failure like any other."""
    scenario = _scenario(tmp_path, more="xfail: ticket 17\n")
    without_app: dict[str, Any] = {"/okta/acme/apps": {}, "/aws/123456789012/saml_providers": {}}
    (result,) = run_all([replace(scenario, world=change_world(scenario.world, without_app))])
    assert result.state is State.XFAILED
    assert str(result.mismatches[0]).startswith("it cannot be run: There is no Okta app amazon-connect")


@pytest.mark.parametrize(
    ("more", "message", "expected"),
    [
        ("skip: ''\n", "the reason is empty: say in a few words why", ""),
        ("xfail: '  '\n", "the reason is empty: say in a few words why", ""),
        ("skip: true\n", "true does not fit", "text"),
    ],
)
def test_a_reason_has_to_be_given(tmp_path: Path, more: str, message: str, expected: str) -> None:
    """Nobody has to guess why a scenario is left out."""
    with pytest.raises(ScenarioError) as caught:
        _scenario(tmp_path, more=more)
    (problem,) = caught.value.problems
    assert (problem.location.line, problem.message, problem.expected) == (6, message, expected)


def test_every_report_tells_of_them(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text, JSON, JUnit, HTML and the summary of GitHub count them apart; only the unexpected success fails."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    texts = [
        _text(name="A"),
        _text(name="B", more="skip: later\n"),
        _text(name="C", expect="refused", more="xfail: known\n"),
    ]
    path = tmp_path / "s.yaml"
    path.write_text("---\n".join(texts), encoding="utf-8")
    code, out, _ = run("run", "s.yaml", "--junit", "j.xml", "--html", "h.html", "--sarif", "s.sarif")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("ok   A                x  (")
    assert lines[1:3] == ["skip B                x", "       later"]
    assert lines[3].startswith("xfail C                x  (")
    assert lines[4] == "       known"
    assert lines[5].startswith("3 scenarios, 1 as expected, 0 not, 1 skipped, 1 xfailed, in ")
    (suite,) = etree.fromstring(Path("j.xml").read_bytes())
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "0", "2")
    assert [dict(each.attrib) for each in suite.iter("skipped")] == [
        {"message": "later", "type": "skip"},
        {"message": "known", "type": "xfail"},
    ]
    assert json.loads(Path("s.sarif").read_text(encoding="utf-8"))["runs"][0]["results"] == []
    page = Path("h.html").read_text(encoding="utf-8")
    assert "<p>skipped: later</p>" in page
    assert "<p>xfailed: known</p>" in page
    summary = Path("summary.md").read_text(encoding="utf-8")
    assert summary == "### fedemu run: 3 scenarios, 1 as expected, 0 not, 1 skipped, 1 xfailed\n"
    printed = json.loads(run("run", "s.yaml", "--json")[1])
    told = [(each["passed"], each["state"], each.get("reason")) for each in printed["scenarios"]]
    assert told == [(True, "passed", None), (True, "skipped", "later"), (True, "xfailed", "known")]


def test_an_unexpected_success_is_exit_code_1(run: Run, tmp_path: Path) -> None:
    """The reason is in the line of the failure."""
    path = tmp_path / "s.yaml"
    path.write_text(_text(more="xfail: known\n"), encoding="utf-8")
    code, out, _ = run("run", "s.yaml")
    assert code == 1
    assert out.splitlines()[1:3] == [
        "     s.yaml:6  xfail",
        "       xfail: expected to fail (known), and everything was as expected",
    ]
