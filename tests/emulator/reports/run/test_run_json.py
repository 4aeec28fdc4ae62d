"""Results of scenarios as JSON: every login in order, and what each check says of what it posted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from emulator.kernel.version import version
from emulator.network.data_folder.keys import KeyFolder
from emulator.reports.run.run_json import results_json
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import read_scenarios
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, ROLE_ARN, TWO_ROLES_USER, USER


def _scenario(folder: Path, keys: KeyFolder, *, judges: bool) -> dict[str, Any]:
    path = folder / "scenario.yaml"
    path.write_text(
        f"scenario: Twice\nid: X\nworld: {DEFAULT_WORLD}\nlogin: {{user: {USER}, app: {APP}}}\n"
        "faults: [{element: Assertion/Conditions/AudienceRestriction/Audience, set: urn:example}]\n"
        f"then: [{{wait: 1m}}, {{login: {{user: {TWO_ROLES_USER}, app: {APP}, role: ConnectSupervisor}}}}]\n"
        "expect: {outcome: accepted, oracle: spec}\n",
        encoding="utf-8",
    )
    (scenario,) = read_scenarios(path)
    data = json.loads(results_json([run_scenario(scenario, keys=keys, judges=judges, seed=5)]))
    assert (data["format"], data["version"]) == (2, version())
    assert list(data) == ["format", "version", "scenarios"]
    (told,) = data["scenarios"]
    return dict(told)


def test_every_login_has_what_each_check_says(tmp_path: Path, keys: KeyFolder) -> None:
    """The one that is judged last, those before it beside; each at its instant."""
    told = _scenario(tmp_path, keys, judges=True)
    (first,), last = told["earlier"], told["login"]
    assert (told["seed"], first["outcome"], last["outcome"]) == (5, "refused", "accepted")
    assert [each["judged_at"] for each in (first, last)] == ["2026-01-15T09:00:00.000Z", "2026-01-15T09:01:00.000Z"]
    assert told["expectations"] == [{"name": "outcome", "want": "accepted", "got": "accepted", "met": True}]
    assert first["judged_role"] == ROLE_ARN
    (failed,) = (each for each in first["checks"] if each["verdict"] != "passed")
    assert (failed["check"], failed["text"]) == ("audience", "Response does not contain the required audience.")
    assert failed["refusal"]["where"] == (
        f"assertion /Response/Assertion/Conditions/AudienceRestriction/Audience:{failed['line']}"
    )
    passed = {each["check"]: each for each in last["checks"]}
    assert passed["audience"] == {
        "check": "audience",
        "verdict": "passed",
        "text": "Every AudienceRestriction names AWS: the URN of the provider's partition or a sign-in URL.",
        "line": failed["line"],
    }
    assert "line" not in passed["base64"]


def test_nothing_is_said_of_checks_that_nobody_asked(tmp_path: Path, keys: KeyFolder) -> None:
    """A run for another form judges nothing."""
    told = _scenario(tmp_path, keys, judges=False)
    assert not {"checks", "judged_at", "judged_role"} & {*told["login"], *told["earlier"][0]}
