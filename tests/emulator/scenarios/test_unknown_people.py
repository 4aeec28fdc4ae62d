"""People whom no org knows: a refusal that is expected must not come of a misspelt name."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.scenarios.scenario_file import read_scenarios
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER
from tests.emulator.scenarios.files import problems_of, steps_scenario, steps_text, write

HEAD = f"scenario: x\nworld: {DEFAULT_WORLD}\n"
MISSPELT = f"login: {{user: hanaco@example.com, app: {APP}}}"
MESSAGE = "the world has no user hanaco@example.com, which alone is a reason to refuse"
FIX = "If that is what is tested, expect its check or code, too."


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        (f"{HEAD}{MISSPELT}\nexpect: refused\n", 3, "login.user"),
        (f"{HEAD}{MISSPELT}\nexpect: {{outcome: refused, oracle: assumed}}\n", 3, "login.user"),
        (steps_text(f"{MISSPELT}\n    expect: refused"), 4, "steps[0].login.user"),
        (steps_text(MISSPELT, more="expect: refused\n"), 4, "steps[0].login.user"),
        (steps_text("okta: {suspend: hanaco@example.com}\n    expect: refused"), 4, "steps[0].okta.suspend"),
        (
            steps_text("okta: {add_to_group: {user: hanaco@example.com, group: Agents}}\n    expect: refused"),
            4,
            "steps[0].okta.add_to_group.user",
        ),
        (
            steps_text(f"okta: {{unassign: {{user: hanaco@example.com, app: {APP}}}}}\n    expect: refused"),
            4,
            "steps[0].okta.unassign.user",
        ),
    ],
)
def test_a_refusal_that_a_misspelt_name_brings_about(tmp_path: Path, text: str, line: int, key: str) -> None:
    """It is a mistake of the file, at its line, with the person who was probably meant and what to write otherwise."""
    (problem,) = problems_of(write(tmp_path, text))
    assert (problem.location.line, problem.location.key) == (line, key)
    assert (problem.message, problem.did_you_mean, problem.fix) == (MESSAGE, USER, FIX)


@pytest.mark.parametrize(
    "end",
    [
        f"{MISSPELT}\nexpect: {{check: okta-sign-in}}\n",
        f"{MISSPELT}\nexpect: {{outcome: refused, code: E0000004}}\n",
        f"{MISSPELT}\nexpect: arrives\n",
        f"login: {{user: Hanako@example.com, app: {APP}}}\nexpect: refused\n",
    ],
)
def test_somebody_unknown_may_be_meant(tmp_path: Path, end: str) -> None:
    """The expectation says so; one that is not met says more than a mistake of the file would."""
    assert len(list(read_scenarios(write(tmp_path, HEAD + end)))) == 1


def test_a_person_may_be_made_on_the_way(tmp_path: Path) -> None:
    """By a request to the management API, which may be anything."""
    steps_scenario(
        tmp_path,
        "okta: {request: {path: /api/v1/users, method: POST, body: {profile: {login: hanaco@example.com}}}}",
        f"{MISSPELT}\n    expect: refused",
    )
