"""Scenario files as pytest collects and reports them.

Each run is a process of its own: one that ends within this one takes the modules away that others here have loaded.
"""

from __future__ import annotations

import re

import pytest

from tests.emulator.harness.conftest import SCENARIO

PLUGIN = ("-p", "emulator.pytest_plugin", "-p", "no:cacheprovider", "--strict-markers")
pytest_plugins = ["pytester"]


def _write(project: pytest.Pytester, name: str, text: str) -> None:
    path = project.path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_each_scenario_is_a_test_at_its_line(project: pytest.Pytester) -> None:
    """The id is the scenario's, the place the line where it begins; tags are marks, and skip skips nothing."""
    _write(project, "login.fedemu.yaml", SCENARIO)
    project.makeconftest(
        "def pytest_itemcollected(item): print(item.nodeid, item.location, [mark.name for mark in item.iter_markers()])"
    )
    project.runpytest_subprocess(*PLUGIN, "--collect-only", "-s").stdout.fnmatch_lines(
        [
            "*::LOGIN-01 ('login.fedemu.yaml', 0, 'LOGIN-01: The tile opens Amazon Connect') [[]'smoke']",
            "*::LOGIN-02 ('login.fedemu.yaml', 7, 'LOGIN-02: The audience is another') [[]]",
        ]
    )
    project.runpytest_subprocess(*PLUGIN, "-m", "smoke").assert_outcomes(passed=1, deselected=1)
    project.runpytest_subprocess(*PLUGIN, "-k", "skip").assert_outcomes(passed=1, deselected=1)


def test_a_failure_shows_the_expectation_the_steps_and_the_block(project: pytest.Pytester) -> None:
    """Nobody reads the repr of a dataclass."""
    _write(project, "login.fedemu.yaml", SCENARIO)
    result = project.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*LOGIN-02: The audience is another*",
            "     *login.fedemu.yaml:*expect.outcome",
            "       outcome: expected accepted, received refused",
            "      5. Present the assertion  POST https://signin.aws.amazon.com/saml  -> 400",
            "     AWS sign-in refused: InvalidIdentityToken (400), check audience",
            "       said   Response does not contain the required audience.",
            "       got    urn:example:app",
            "-* fedemu: traces -*",
        ]
    )
    result.stdout.no_fnmatch_line("*LoginResult(*")


def test_a_bad_file_is_one_error_with_its_lines(project: pytest.Pytester) -> None:
    """The others run where pytest is told to go on."""
    _write(project, "bad.fedemu.yaml", "scenario: No more than this\nid: BAD\n")
    _write(project, "login.fedemu.yaml", SCENARIO.partition("---")[0])
    result = project.runpytest_subprocess(*PLUGIN, "--continue-on-collection-errors")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*ERROR collecting bad.fedemu.yaml*", "*bad.fedemu.yaml:1", "  the key expect is missing"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_fault_that_changes_nothing_fails_with_its_line(project: pytest.Pytester) -> None:
    """What is found only when a scenario is run is told as shortly."""
    text = SCENARIO.partition("---")[0] + "faults: [{attribute: Nothing, remove: true}]\n"
    _write(project, "login.fedemu.yaml", text)
    result = project.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*login.fedemu.yaml:7  faults[[]0]"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_folders_of_the_setting_are_scenarios_and_worlds_are_not(project: pytest.Pytester) -> None:
    """Other YAML files are left alone."""
    project.makeini("[pytest]\nfedemu_scenarios = logins\n")
    _write(project, "logins/one.yaml", SCENARIO.partition("---")[0].replace("world.yaml", "../world.yaml"))
    (project.path / "logins" / "worlds").mkdir()
    _write(project, "logins/worlds/other.yaml", "no: scenario\n")
    _write(project, "other/one.yaml", "no: scenario\n")
    result = project.runpytest_subprocess(*PLUGIN, "--collect-only", "-q")
    assert [line for line in result.outlines if "::" in line] == ["logins/one.yaml::LOGIN-01"]


def test_they_run_in_two_processes(project: pytest.Pytester) -> None:
    """The text of a failure comes through, and every process collects the same."""
    _write(project, "login.fedemu.yaml", SCENARIO)
    result = project.runpytest_subprocess(*PLUGIN, "-n", "2", "--junitxml=junit.xml")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["     AWS sign-in refused: InvalidIdentityToken (400), check audience"])
    junit = (project.path / "junit.xml").read_text(encoding="utf-8")
    kept = re.findall(
        r'<property name="(\w+)" value="[^"]*/\.fedemu/traces/login\.fedemu\.yaml-LOGIN-02-\w+\.(\w+)"', junit
    )
    assert kept == [("fedemu_har", "har"), ("fedemu_trace", "json")]
