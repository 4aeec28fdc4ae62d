"""HARs of scenarios: a page for each login, what was decided, and files of which each is its own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.kernel.version import version
from emulator.network.data_folder.keys import KeyFolder
from emulator.reports.run.run_har import run_har
from emulator.scenarios.results import Result
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.runs import Run as RunOfScenarios
from emulator.scenarios.scenario_file import read_scenarios
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, TWO_ROLES_USER, USER
from tests.emulator.commands.test_run import Write, write
from tests.emulator.test_cli import Run, run

__all__ = ["run", "write"]


@pytest.fixture
def result(tmp_path: Path, keys: KeyFolder) -> Result:
    """Runs a scenario with two logins and a page that is opened."""
    path = tmp_path / "scenario.yaml"
    path.write_text(
        f"scenario: Twice\nid: X\nworld: {DEFAULT_WORLD}\nlogin: {{user: {USER}, app: {APP}}}\n"
        f"then: [{{login: {{user: {TWO_ROLES_USER}, app: {APP}, role: ConnectSupervisor}}}}, "
        "{open: 'https://acme.my.connect.aws/ccp-v2'}]\nexpect: {outcome: accepted, oracle: spec}\n",
        encoding="utf-8",
    )
    (scenario,) = read_scenarios(path)
    return run_scenario(scenario, keys=keys)


def _named(result: Result, name: str) -> Result:
    scenario = result.scenario
    return replace(result, scenario=replace(scenario, settings=scenario.settings.model_copy(update={"id": name})))


def test_each_login_is_a_page(result: Result) -> None:
    """Its requests are on it, with what was decided; the message is there, and no password or cookie is."""
    ((name, text),) = run_har(RunOfScenarios((result,)))
    log = json.loads(text)["log"]
    assert name == "X.har"
    assert (log["version"], log["creator"]) == ("1.2", {"name": "fedemu", "version": version()})
    assert log["comment"] == "X Twice: passed"
    assert [(page["id"], page["title"]) for page in log["pages"]] == [
        ("page-1", f"{USER} opens {APP}"),
        ("page-2", f"{TWO_ROLES_USER} opens {APP}"),
        ("page-3", "Connect page"),
    ]
    counts = [sum(entry["pageref"] == page["id"] for entry in log["entries"]) for page in log["pages"]]
    assert counts == [len(login.login.exchanges) for login in result.logins]
    posted = next(entry for entry in log["entries"] if entry["request"]["url"] == "https://signin.aws.amazon.com/saml")
    fields = {each["name"]: each["value"] for each in posted["request"]["postData"]["params"]}
    assert result.logins[0].login.saml_response == fields["SAMLResponse"]
    assert posted["_decisions"][0]["service"] == "AWS sign-in"
    assert "correct-horse" not in text


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (("LOGIN-01", "LOGIN-02"), ("LOGIN-01.har", "LOGIN-02.har")),
        (("a", "A", "a"), ("a.har", "A-2.har", "a-3.har")),
        (("../../etc/passwd",), ("etc-passwd-3754d6cb.har",)),
        (("..", "\u30ed\u30b0"), ("5ec1f7e7.har", "93576d60.har")),
        (("a b", "a/b"), ("a-b-c8687a08.har", "a-b-c14cddc0.har")),
        (("con", "COM1.x"), ("id-con-1143da2b.har", "id-COM1.x-72d1481b.har")),
        (("x" * 300,), ("x" * 100 + "-0d4e2ca9.har",)),
    ],
)
def test_files_are_named_after_ids(result: Result, ids: tuple[str, ...], names: tuple[str, ...]) -> None:
    """On every system, and none over another's."""
    made = [name for name, _ in run_har(RunOfScenarios(tuple(_named(result, each) for each in ids)))]
    assert made == list(names)


def test_a_scenario_that_asked_for_nothing_has_no_har(result: Result) -> None:
    """Such as one that is skipped."""
    assert list(run_har(RunOfScenarios((replace(result, logins=(), skipped="not today"),)))) == []


def test_files_are_written_for_nobody_else_and_over_nothing_foreign(run: Run, write: Write, tmp_path: Path) -> None:
    """A HAR of an earlier run is written again; what else is there is not touched, and the others are written."""
    write("a.yaml")
    write("b.yaml")
    code, _, _ = run("run", "a.yaml", "b.yaml", "--har", "made/hars")
    folder = tmp_path / "made" / "hars"
    assert (code, sorted(each.name for each in folder.iterdir())) == (0, ["A.har", "B.har"])
    assert [path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())] == [0o700, 0o600, 0o600]
    (folder / "A.har").write_text('{"log": {"creator": {"name": "Firefox"}}}', encoding="utf-8")
    (folder / "B.har").write_text((folder / "B.har").read_text()[:300], encoding="utf-8")
    code, _, err = run("run", "a.yaml", "b.yaml", "--har", "made/hars")
    assert code == 3
    assert err.startswith("--har would overwrite made/hars/A.har\n")
    assert "The file exists already, and fedemu did not write it." in err
    assert "Firefox" in (folder / "A.har").read_text()
    assert len((folder / "B.har").read_text()) > 10_000


def test_links_are_not_followed(run: Run, write: Write, tmp_path: Path) -> None:
    """A link in the folder may lead anywhere."""
    write("a.yaml")
    (tmp_path / "hars").mkdir()
    (tmp_path / "own.har").write_text('"name": "fedemu"', encoding="utf-8")
    (tmp_path / "hars" / "A.har").symlink_to(tmp_path / "own.har")
    code, _, err = run("run", "a.yaml", "--har", "hars")
    assert (code, err.splitlines()[0]) == (3, "--har would overwrite hars/A.har")
    assert (tmp_path / "own.har").read_text() == '"name": "fedemu"'


@pytest.mark.parametrize(
    ("target", "told"),
    [("-", "--har needs a folder and cannot go to stdout."), ("a.yaml", "--har needs a folder, but a.yaml is a file.")],
)
def test_what_is_no_folder_is_told_before_anything_runs(run: Run, write: Write, target: str, told: str) -> None:
    """The command ends with exit code 2."""
    write("a.yaml")
    code, out, err = run("run", "a.yaml", "--har", target)
    assert (code, out) == (2, "")
    assert f"Error: {told}\n" in err


def test_a_folder_that_cannot_be_made_is_told(run: Run, write: Write, tmp_path: Path) -> None:
    """After the other reports were written."""
    write("a.yaml")
    (tmp_path / "file").write_text("", encoding="utf-8")
    code, _, err = run("run", "a.yaml", "--har", "file/hars", "--junit", "a.xml")
    assert (code, err.splitlines()[0]) == (3, "The report cannot be written: Not a directory")
    assert (tmp_path / "a.xml").exists()
