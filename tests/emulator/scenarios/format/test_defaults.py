"""What scenarios need not say: their id, their world, and what ``defaults.yaml`` of their folder has for them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from emulator.kernel.errors import WorldError
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import find_scenarios, read_scenarios, scenario_files
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER
from tests.emulator.scenarios.files import problems_of, write

SHORT = "scenario: A login\nexpect: arrives\n"
LOGIN = f"login: {{user: {USER}, app: {APP}}}\n"
MFA = "/okta/acme/mfa"
LOCKOUT = "/okta/acme/show_lockout"


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("A login arrives", "a-login-arrives"),
        ("The agent's login, which isn\N{RIGHT SINGLE QUOTATION MARK}t slow!", "the-agents-login-which-isnt-slow"),
        ("佐藤さんのログイン", "佐藤さんのログイン"),
        ("!!!", "scenario-1"),
        ("one " * 30, "one-one-one-one-one-one-one-one-one-one-one-one-one-one-one"),
    ],
)
def test_an_id_is_made_of_the_sentence(tmp_path: Path, sentence: str, name: str) -> None:
    """It stays when scenarios are added before it; without words it is the file's with a number."""
    text = f'scenario: "{sentence}"\nworld: {DEFAULT_WORLD}\n{LOGIN}expect: arrives\n'
    (scenario,) = read_scenarios(write(tmp_path, text))
    assert scenario.id == name


def test_an_id_that_was_made_can_be_extended(tmp_path: Path) -> None:
    """And two scenarios of a file with one id are refused."""
    first = f"scenario: A login\nworld: {DEFAULT_WORLD}\n{LOGIN}expect: arrives\n"
    path = write(tmp_path, f"{first}---\nscenario: Another\nextends: a-login\nexpect: refused\n")
    assert [each.id for each in read_scenarios(path)] == ["a-login", "another"]
    (problem,) = problems_of(write(tmp_path, f"{first}---\n{first}"))
    assert (problem.location.line, problem.location.key) == (6, "scenario")
    assert (problem.message, problem.expected) == ("the scenario of line 1 has the id a-login, too", "another id")
    (problem,) = problems_of(write(tmp_path, f"{first}id: A\n---\n{first}id: A\n"))
    assert (problem.location.line, problem.location.key) == (11, "id")


def test_the_nearest_world_is_taken(tmp_path: Path) -> None:
    """``world.yaml`` of the folder or of one above it; it is not a file of scenarios itself."""
    shutil.copy(DEFAULT_WORLD, tmp_path / "world.yaml")
    path = write(tmp_path, f"{SHORT}{LOGIN}", name="scenarios/inside/a.yaml")
    (scenario,) = read_scenarios(path)
    assert scenario.world.document.file == str(tmp_path / "world.yaml")
    shutil.copy(DEFAULT_WORLD, tmp_path / "scenarios" / "world.yaml")
    (scenario,) = find_scenarios([tmp_path / "scenarios"])
    assert scenario.world.document.file == str(tmp_path / "scenarios" / "world.yaml")


def test_without_a_world_it_is_said_where_one_could_be(tmp_path: Path) -> None:
    """Above the folder with ``.git`` nobody looks."""
    shutil.copy(DEFAULT_WORLD, tmp_path / "world.yaml")
    (tmp_path / "project" / ".git").mkdir(parents=True)
    (problem,) = problems_of(write(tmp_path, f"{SHORT}{LOGIN}", name="project/a.yaml"))
    assert (problem.message, problem.expected) == ("the key world is missing", "the path of a world file")
    assert problem.fix == (
        "Say world here or in a defaults.yaml of its folder, or have a world.yaml in this folder or above it."
    )


def test_defaults_are_laid_under_a_scenario(tmp_path: Path) -> None:
    """The nearest goes first: world, tags, changes and logins; each has its own place."""
    shutil.copy(DEFAULT_WORLD, tmp_path / "other.yaml")
    write(
        tmp_path,
        f"world: other.yaml\ntags: [all]\nlogin: {{user: {USER}, app: {APP}, destination: /ccp-v2}}\n"
        f'changes: {{{MFA}: "off", {LOCKOUT}: false}}\n',
        name="defaults.yaml",
    )
    write(tmp_path, f"tags: [inside]\nchanges: {{{LOCKOUT}: true}}\nskip: not yet\n", name="inside/defaults.yaml")
    text = f"{SHORT}tags: [own]\nlogin: {{relay_state: https://console.aws.amazon.com/}}\n"
    path = write(tmp_path, f"{text}---\nscenario: Another\nexpect: arrives\nskip: null\n", name="inside/a.yaml")
    assert scenario_files(tmp_path) == [path, tmp_path / "other.yaml"]
    first, second = read_scenarios(path)
    assert first.settings.tags == ["own", "inside", "all"]
    assert first.world.document.file == str(tmp_path / "other.yaml")
    assert (first.world.settings.okta["acme"].mfa, first.world.settings.okta["acme"].show_lockout) == ("off", True)
    assert first.settings.login is not None
    assert (first.settings.login.user, first.settings.login.destination) == (USER, None)
    assert first.settings.login.relay_state == "https://console.aws.amazon.com/"
    assert (first.settings.skip, second.settings.skip) == ("not yet", None)
    assert second.settings.login is not None
    assert (second.settings.login.user, second.settings.login.destination) == (USER, "/ccp-v2")
    locations = [first.document.location(key) for key in (("login", "user"), ("skip",), ("changes", LOCKOUT))]
    assert [(each.file, each.line, each.key) for each in locations] == [
        (str(tmp_path / "defaults.yaml"), 3, "login.user"),
        (str(tmp_path / "inside" / "defaults.yaml"), 3, "skip"),
        (str(tmp_path / "inside" / "defaults.yaml"), 2, f"changes.{LOCKOUT}"),
    ]
    run_scenario(second).require()


def test_logins_of_steps_take_the_defaults_too(tmp_path: Path) -> None:
    """A scenario in steps begins with what its steps say."""
    write(tmp_path, f"world: {DEFAULT_WORLD}\nlogin: {{user: {USER}, app: {APP}}}\n", name="defaults.yaml")
    text = "scenario: x\nsteps:\n  - open: https://acme.okta.com/\n  - login: {via: sts}\n"
    (scenario,) = read_scenarios(write(tmp_path, text))
    assert scenario.settings.login is None
    assert scenario.settings.steps[1].login is not None
    assert (scenario.settings.steps[1].login.user, scenario.settings.steps[1].login.via) == (USER, "sts")
    run_scenario(scenario).require()


@pytest.mark.parametrize(
    ("text", "line", "message", "expected", "did_you_mean"),
    [
        ("wrld: x\n", 1, "unknown key wrld", "changes, login, skip, tags, world and 1 more", "world"),
        ("tags: []\nlogin: {usr: x}\n", 2, "unknown key usr", "app, destination, duration_seconds, lands_on, "
         "pause_before_posting and 10 more", "user"),
        ("- x\n", 1, "these are not defaults", "one mapping, such as world: …", ""),
        ("", 0, "these are not defaults", "one mapping, such as world: …", ""),
        ("tags: []\n---\ntags: []\n", 1, "these are not defaults", "one mapping, such as world: …", ""),
        ("skip: ''\n", 1, "the reason is empty: say in a few words why", "", ""),
    ],
)  # fmt: skip
def test_a_mistake_in_defaults_is_told_in_their_own_lines(
    tmp_path: Path, text: str, line: int, message: str, expected: str, did_you_mean: str
) -> None:
    """Once it is read for a scenario."""
    file = write(tmp_path, text, name="defaults.yaml")
    (problem,) = problems_of(write(tmp_path, f"{SHORT}{LOGIN}"))
    assert (problem.location.file, problem.location.line) == (str(file), line)
    assert (problem.message, problem.expected, problem.did_you_mean) == (message, expected, did_you_mean)


def test_a_value_of_defaults_that_does_not_fit_a_scenario_is_told_there(tmp_path: Path) -> None:
    """An app that the world has not, and a change that it does not take, at the lines of the defaults."""
    file = write(
        tmp_path,
        f"world: {DEFAULT_WORLD}\nlogin:\n  user: {USER}\n  app: amazon-conect\n",
        name="defaults.yaml",
    )
    (problem,) = problems_of(write(tmp_path, SHORT))
    assert (problem.location.file, problem.location.line) == (str(file), 4)
    assert (problem.message, problem.did_you_mean) == ("there is no app amazon-conect", "acme/amazon-connect")
    write(tmp_path, f"world: {DEFAULT_WORLD}\nchanges:\n  {MFA}: sometimes\n", name="defaults.yaml")
    (problem,) = problems_of(write(tmp_path, f"{SHORT}{LOGIN}"))
    assert (problem.location.file, problem.location.line) == (str(file), 3)
    write(tmp_path, "world: nothing.yaml\n", name="defaults.yaml")
    with pytest.raises(WorldError) as caught:
        list(read_scenarios(write(tmp_path, f"{SHORT}{LOGIN}")))
    assert caught.value.location.file == str(tmp_path / "nothing.yaml")


def test_the_catalogue_takes_nothing_from_the_project_that_it_is_installed_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A virtual environment is often a folder of a project."""
    catalogue = tmp_path / "venv" / "scenarios"
    monkeypatch.setattr("emulator.scenarios.format.defaults.BUILT_IN", catalogue)
    write(tmp_path, "tags: [mine]\n", name="defaults.yaml")
    inside = f"{SHORT}world: {DEFAULT_WORLD}\n{LOGIN}"
    (scenario,) = read_scenarios(write(tmp_path, inside, name="venv/scenarios/ok/a.yaml"))
    assert scenario.settings.tags == []


def test_defaults_are_no_scenarios(tmp_path: Path) -> None:
    """Naming the file as a scenario is an error that says what it is."""
    (problem,) = problems_of(write(tmp_path, "tags: [x]\n", name="defaults.yaml"))
    assert (problem.location.line, problem.message) == (1, "these are the defaults of the scenarios here")
    assert problem.expected == "a file of scenarios"
