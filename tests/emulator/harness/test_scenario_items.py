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
    """The others run if pytest is to continue after collection errors."""
    _write(project, "bad.fedemu.yaml", "scenario: No more than this\nid: BAD\n")
    _write(project, "login.fedemu.yaml", SCENARIO.partition("---")[0])
    result = project.runpytest_subprocess(*PLUGIN, "--continue-on-collection-errors")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*ERROR collecting bad.fedemu.yaml*", "*bad.fedemu.yaml:1", "  the key expect is missing"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_fault_that_changes_nothing_is_an_error_with_its_line(project: pytest.Pytester) -> None:
    """What is found only when a scenario is run is reported as briefly; it has not failed, as for ``fedemu run``."""
    text = SCENARIO.partition("---")[0] + "faults: [{attribute: Nothing, remove: true}]\n"
    _write(project, "login.fedemu.yaml", text)
    result = project.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*login.fedemu.yaml:7  faults[[]0]"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_folders_of_the_setting_are_scenarios_and_worlds_are_not(project: pytest.Pytester) -> None:
    """Other YAML files are left alone."""
    project.makeini("[pytest]\nfedemu_scenarios = logins\n")
    _write(project, "logins/one.yaml", SCENARIO.partition("---")[0].replace("world.yaml", "../world.yaml"))
    (project.path / "logins" / "worlds").mkdir()
    _write(project, "logins/worlds/other.yaml", "no: scenario\n")
    _write(project, "logins/defaults.yaml", "tags: [of-the-folder]\n")
    _write(project, "logins/world.yaml", "version: 1\n")
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


REASONED = (
    SCENARIO.partition("---")[0]
    + """\
---
scenario: Nobody has time for it
id: LOGIN-03
extends: LOGIN-01
skip: the new instance is not there yet
expect: {outcome: accepted, oracle: documented}
---
scenario: It is known to fail
id: LOGIN-04
extends: LOGIN-01
xfail: issue 12
expect: {outcome: refused, oracle: documented}
---
scenario: It was known to fail
id: LOGIN-05
extends: LOGIN-01
xfail: issue 13
expect: {outcome: accepted, oracle: documented}
"""
)


def test_skip_and_xfail_are_pytests(project: pytest.Pytester) -> None:
    """Each with its reason; what was expected to fail and does not is a failure, and --runxfail runs them all."""
    _write(project, "login.fedemu.yaml", REASONED)
    result = project.runpytest_subprocess(*PLUGIN, "-rsxf")
    result.assert_outcomes(passed=1, skipped=1, xfailed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*xfail: expected to fail (issue 13), and everything was as expected",
            "SKIPPED [[]1] login.fedemu.yaml: the new instance is not there yet",
            "XFAIL login.fedemu.yaml::LOGIN-04 - *issue 12",
            "FAILED login.fedemu.yaml::LOGIN-05*",
        ]
    )
    result = project.runpytest_subprocess(*PLUGIN, "--runxfail", "-m", "not skip")
    result.assert_outcomes(passed=1, failed=2, deselected=1)
    result.stdout.fnmatch_lines(["outcome: expected refused, received accepted"])


def test_a_matrix_is_a_test_for_each_value(project: pytest.Pytester) -> None:
    """The id is the one that fedemu run prints, and the sentence names the value."""
    text = SCENARIO.partition("---")[0].replace("The tile", '"{person}').replace("Amazon Connect", 'Amazon Connect"')
    text = text.replace("hanako@example.com", '"{person}@example.com"') + "matrix: {person: [hanako, taro]}\n"
    _write(project, "login.fedemu.yaml", text)
    project.makeconftest("def pytest_itemcollected(item): print(item.nodeid, item.location[2])")
    result = project.runpytest_subprocess(*PLUGIN, "--collect-only", "-s")
    result.stdout.fnmatch_lines(
        [
            "login.fedemu.yaml::LOGIN-01-1 LOGIN-01-1: hanako opens Amazon Connect",
            "login.fedemu.yaml::LOGIN-01-2 LOGIN-01-2: taro opens Amazon Connect",
        ]
    )


def test_each_login_of_a_scenario_is_shown(project: pytest.Pytester) -> None:
    """With how it ended; a trace of each is kept."""
    text = SCENARIO.partition("---")[0] + "then: [{login: {user: mika@example.com, app: amazon-connect}}]\n"
    _write(project, "login.fedemu.yaml", text)
    result = project.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "     Login 1 of 2: hanako@example.com in amazon-connect: accepted at https://acme.my.connect.aws/home",
            "      5. Present the assertion  POST https://signin.aws.amazon.com/saml  -> 302",
            "     Login 2 of 2: mika@example.com in amazon-connect: refused by Okta at *, check app-assignment",
            "     Okta refused: App Not Assigned (403), check app-assignment",
        ]
    )
    kept = sorted(path.name for path in (project.path / ".fedemu" / "traces").iterdir())
    assert [re.sub(r"-[0-9a-f]{8}", "", name) for name in kept] == [
        "login.fedemu.yaml-LOGIN-01-1.json",
        "login.fedemu.yaml-LOGIN-01-2.json",
        "login.fedemu.yaml-LOGIN-01.har",
    ]


def test_a_scenario_in_which_the_emulator_fails_has_failed(project: pytest.Pytester) -> None:
    """A 500 is what no scenario means by a refusal."""
    text = SCENARIO.partition("---")[0].replace("outcome: accepted", "outcome: refused")
    _write(project, "login.fedemu.yaml", text)
    project.makeconftest(
        """
        import pytest

        @pytest.fixture(autouse=True, scope="session")
        def gone():
            pass

        def pytest_runtest_setup(item):
            from sp_mock.signin.sign_in import SignIn
            def broken(*_, **__):
                raise LookupError("gone")
            for name in [name for name in vars(SignIn) if not name.startswith("_") and name != "settings"]:
                setattr(SignIn, name, broken)
        """
    )
    result = project.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(failed=1)
    told = "The emulator failed while it answered POST https://signin.aws.amazon.com/saml: LookupError: gone"
    result.stdout.fnmatch_lines(
        [told, "everything was as expected otherwise", "      5. Present the assertion *  -> 500"]
    )
