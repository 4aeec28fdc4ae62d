"""Scenario files: what is taken over from an earlier scenario, the matrix, and what is refused, with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator.kernel.errors import ScenarioError, WorldError
from emulator.scenarios.scenario_file import find_scenarios, read_scenarios
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER

FIRST = f"""\
scenario: A login that is accepted
id: FIRST-01
world: {DEFAULT_WORLD}
tags: [first]
changes: {{/okta/acme/mfa: "off"}}
login: {{user: {USER}, app: {APP}}}
then: [{{wait: 1h}}]
expect: {{outcome: accepted, oracle: documented}}
"""


def _file(folder: Path, *documents: str) -> Path:
    path = folder / "scenarios.yaml"
    path.write_text("---\n".join(documents), encoding="utf-8")
    return path


def test_a_scenario_takes_over_what_it_does_not_say(tmp_path: Path) -> None:
    """World, changes, faults, login and steps; its login and changes are laid over those of the other."""
    second = """\
scenario: The same with another destination
id: SECOND-01
extends: FIRST-01
changes: {/okta/acme/show_lockout: true}
login: {destination: /ccp-v2}
expect: {outcome: refused, oracle: assumed}
"""
    first, second_read = read_scenarios(_file(tmp_path, FIRST, second))
    assert (first.id, first.title) == ("FIRST-01", "A login that is accepted")
    settings = second_read.settings
    assert settings.login is not None
    assert (settings.login.user, settings.login.destination) == (USER, "/ccp-v2")
    assert (settings.tags, settings.expect.outcome, [step.wait for step in settings.then]) == ([], "refused", ["1h"])
    assert second_read.world.settings.okta["acme"].show_lockout
    assert not first.world.settings.okta["acme"].show_lockout


def test_a_matrix_multiplies_a_scenario(tmp_path: Path) -> None:
    """Each combination is a scenario with a number, and names in braces become its values, in keys too."""
    multiplied = FIRST + "faults: [{attribute: '{name}', set: '{value} ${other}'}]\n"
    multiplied += "matrix: {name: [Role, RoleSessionName], value: ['1', '2']}\n"
    scenarios = list(read_scenarios(_file(tmp_path, multiplied)))
    assert [scenario.id for scenario in scenarios] == [f"FIRST-01-{number}" for number in range(1, 5)]
    assert [scenario.settings.faults for scenario in scenarios] == [
        [{"attribute": "Role", "set": "1 ${other}"}],
        [{"attribute": "Role", "set": "2 ${other}"}],
        [{"attribute": "RoleSessionName", "set": "1 ${other}"}],
        [{"attribute": "RoleSessionName", "set": "2 ${other}"}],
    ]


def test_scenarios_are_found_in_folders_and_worlds_are_not(tmp_path: Path) -> None:
    """Files in folders called worlds are no scenarios; a world that several name is read once."""
    (tmp_path / "worlds").mkdir()
    (tmp_path / "worlds" / "world.yaml").write_text("version: 1\n", encoding="utf-8")
    plain = FIRST.replace('changes: {/okta/acme/mfa: "off"}\n', "")
    (tmp_path / "a.yaml").write_text(plain, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(plain.replace("FIRST-01", "B-01"), encoding="utf-8")
    one, other = find_scenarios([tmp_path])
    assert (one.id, other.id) == ("FIRST-01", "B-01")
    assert one.world is other.world


# (what, the document after FIRST, line, key, message, expected, did you mean)
MISTAKES: list[tuple[str, str, int, str, str, str, str]] = [
    ("a list", "- 1\n", 1, "", "this is not a scenario", "a mapping with scenario and expect", ""),
    (
        "an earlier scenario that is none",
        "id: X\nextends: FIRST-1\n",
        11,
        "extends",
        "no earlier scenario of this file has the id FIRST-1",
        "FIRST-01",
        "FIRST-01",
    ),
    (
        "no world",
        "scenario: x\nid: X\nexpect: {outcome: accepted, oracle: spec}\n",
        1,
        "",
        "the key world is missing",
        "the path of a world file",
        "",
    ),
    (
        "a pointer that leads nowhere",
        "scenario: x\nid: X\nextends: FIRST-01\nchanges: {/okta/acme/mfa/x: 1}\n"
        "expect: {outcome: accepted, oracle: spec}\n",
        13,
        "changes./okta/acme/mfa/x",
        "the pointer /okta/acme/mfa/x leads nowhere",
        "a JSON pointer into the world",
        "",
    ),
    (
        "a pointer without its slash",
        "scenario: x\nid: X\nextends: FIRST-01\nchanges: {okta/acme/mfa: never}\n"
        "expect: {outcome: accepted, oracle: spec}\n",
        13,
        "changes.okta/acme/mfa",
        "'okta/acme/mfa' is no JSON pointer",
        "a text that begins with a slash: /okta/acme/mfa",
        "",
    ),
    (
        "an unknown key",
        "scenario: x\nid: X\nextends: FIRST-01\nexpect: {outcome: accepted, oracle: spec, mesage: x}\n",
        13,
        "expect.mesage",
        "unknown key mesage",
        "answer, check, code, count, lands_on and 11 more",
        "message",
    ),
    (
        "a pause that is none",
        "scenario: x\nid: X\nextends: FIRST-01\nlogin: {pause_before_role: soon}\n"
        "expect: {outcome: accepted, oracle: spec}\n",
        13,
        "login.pause_before_role",
        "'soon' is not a length of time such as 90s, 6m or 13h",
        "",
        "",
    ),
    (
        "two relay states",
        "scenario: x\nid: X\nextends: FIRST-01\nlogin: {relay_state: x, destination: y}\n"
        "expect: {outcome: accepted, oracle: spec}\n",
        13,
        "login",
        "give either relay_state or destination, which is added to the app's default relay state",
        "",
        "",
    ),
    ("no YAML", "a: [\n", 11, "", "this is not YAML: ", "a YAML document", ""),
    ("a key given twice", "id: X\nid: Y\n", 11, "", 'found duplicate key "id"', "each key once", ""),
]


@pytest.mark.parametrize(
    ("text", "line", "key", "message", "expected", "did_you_mean"),
    [m[1:] for m in MISTAKES],
    ids=[m[0] for m in MISTAKES],
)
def test_a_mistake_has_its_place(
    tmp_path: Path, text: str, line: int, key: str, message: str, expected: str, did_you_mean: str
) -> None:
    """File, line, key, what is wrong, what was expected, and the nearest word."""
    path = _file(tmp_path, FIRST, text)
    with pytest.raises(ScenarioError) as caught:
        list(read_scenarios(path))
    (problem,) = caught.value.problems
    assert (problem.location.file, problem.location.line, problem.location.key) == (str(path), line, key)
    assert problem.message.startswith(message)
    assert (problem.expected, problem.did_you_mean) == (expected, did_you_mean)


def test_a_world_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The world's own error says which file is missing."""
    path = _file(tmp_path, FIRST.replace(str(DEFAULT_WORLD), "nothing.yaml"))
    with pytest.raises(WorldError) as caught:
        list(read_scenarios(path))
    assert caught.value.message == "No such file or directory"
    assert caught.value.location.file.endswith("nothing.yaml")


def test_changes_leave_other_places_of_an_alias_alone(tmp_path: Path) -> None:
    """Two roles share a trust policy by an alias; a change of the one is not a change of the other."""
    pointer = "/aws/123456789012/roles/ConnectAgent/trust/Statement/0/Effect"
    (scenario,) = read_scenarios(_file(tmp_path, FIRST.replace('/okta/acme/mfa: "off"', f"{pointer}: Deny")))
    roles = scenario.world.settings.aws["123456789012"].roles
    effects: list[Any] = [roles[name].trust for name in ("ConnectAgent", "ConnectSupervisor")]
    assert [trust["Statement"][0]["Effect"] for trust in effects] == ["Deny", "Allow"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "there is no scenario in this file"),
        ("# nothing\n", "there is no scenario in this file"),
        (f"scenario: x\nworld: {DEFAULT_WORLD}\nmatrix: {{x: []}}\nexpect: arrives\n", "x has no value"),
        (f"scenario: x\nworld: {DEFAULT_WORLD}\nsteps: []\nexpect: arrives\n", "there is no step"),
    ],
)
def test_what_would_run_nothing_is_a_mistake(tmp_path: Path, text: str, problem: str) -> None:
    """It is reported, and not left out in silence."""
    file = tmp_path / "x.fedemu.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as told:
        list(read_scenarios(file))
    assert told.value.problems[0].message == problem


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("provider: arn:aws:iam::123456789012:saml-provider/okta", "provider is of a login with via: sts"),
        ("duration_seconds: 900", "duration_seconds is of a login with via: sts"),
        ("via: sts, destination: /ccp-v2", "destination is of a login with a browser"),
        ("via: sts, lands_on: https://acme.my.connect.aws/home", "lands_on is of a login with a browser"),
        ("via: sts, pause_before_role: 6m", "pause_before_role is of a login with a browser"),
    ],
)
def test_what_a_login_does_not_look_at_is_a_mistake(tmp_path: Path, more: str, problem: str) -> None:
    """Whoever reads the scenario would believe that it was looked at."""
    file = tmp_path / "x.fedemu.yaml"
    login = f"{{user: {USER}, app: {APP}, {more}}}"
    file.write_text(f"scenario: x\nworld: {DEFAULT_WORLD}\nlogin: {login}\nexpect: arrives\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as told:
        list(read_scenarios(file))
    assert [each.message for each in told.value.problems] == [f"{problem}, and does nothing here"]


def test_only_the_first_login_is_refused_as_the_scenario_says(tmp_path: Path) -> None:
    """Of those that follow it, steps say so."""
    file = tmp_path / "x.fedemu.yaml"
    login = f"{{user: {USER}, app: {APP}, refused_by: mfa}}"
    text = f"scenario: x\nworld: {DEFAULT_WORLD}\nlogin: {login}\nthen: [{{login: {login}}}]\nexpect: refused\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as told:
        list(read_scenarios(file))
    (problem,) = told.value.problems
    assert str(problem.location.key) == "then[0].login.refused_by"
    assert (problem.message, problem.fix) == ("only the first login is refused so, or that of a step", "Write steps.")


def test_the_first_login_has_no_browser_before_it(tmp_path: Path) -> None:
    """A later one may have it."""
    file = tmp_path / "x.fedemu.yaml"
    login = f"{{user: {USER}, app: {APP}, same_browser: true}}"
    text = f"scenario: x\nworld: {DEFAULT_WORLD}\nlogin: {login}\nthen: [{{login: {login}}}]\nexpect: arrives\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as told:
        list(read_scenarios(file))
    assert [str(each.location.key) for each in told.value.problems] == ["login.same_browser"]
    assert told.value.problems[0].message == "there is no login before this one"


def test_a_check_that_there_is_not_is_a_mistake(tmp_path: Path) -> None:
    """Also where the scenario is expected to fail, by which nobody would see it."""
    file = tmp_path / "x.fedemu.yaml"
    login = f"{{user: {USER}, app: {APP}}}"
    text = f"scenario: x\nworld: {DEFAULT_WORLD}\nxfail: later\nlogin: {login}\nexpect: {{check: role-sesion-name}}\n"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as told:
        list(read_scenarios(file))
    (problem,) = told.value.problems
    assert (problem.message, problem.did_you_mean) == ("there is no check role-sesion-name", "role-session-name")
    assert (problem.location.line, problem.location.key) == (5, "expect.check")
