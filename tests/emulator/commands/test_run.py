"""``fedemu run``: which scenarios are run, what is kept of failures, exit codes."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emulator.kernel.version import version
from emulator.scenarios.runs import HowToRun, outcomes
from emulator.scenarios.scenario_file import Scenario
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER
from tests.emulator.test_cli import Run, run

__all__ = ["run"]
Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Returns a function that writes a file with a scenario that passes, or with one that fails."""

    def call(name: str, *, outcome: str = "accepted", more: str = "") -> None:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            f"scenario: The login of {file.stem}\nid: {file.stem.upper()}\nworld: {DEFAULT_WORLD}\n"
            f"login: {{user: {USER}, app: {APP}}}\nexpect: {{outcome: {outcome}, oracle: assumed}}\n{more}",
            encoding="utf-8",
        )

    return call


def test_a_bad_file_is_one_error_and_the_others_run(run: Run, write: Write) -> None:
    """The exit code is 2, whatever the others came to; the error is on stderr."""
    write("a.yaml")
    write("b.yaml", more="expects: {}\n")
    write("c.yaml", outcome="refused")
    code, out, err = run("run", "a.yaml", "b.yaml", "c.yaml")
    assert code == 2
    assert "ok   A" in out
    assert "FAIL C" in out
    assert "2 scenarios, 1 as expected, 1 not, 1 file in error, in " in out
    assert err.startswith("b.yaml:6  expects\n  unknown key expects; did you mean expect?\n")
    assert run("run", "a.yaml", "b.yaml")[0] == 2
    assert run("run", "a.yaml", "c.yaml")[0] == 1
    assert run("run", "--list", "a.yaml", "b.yaml")[0] == 2


def test_a_fault_that_changes_nothing_is_one_error(run: Run, write: Write) -> None:
    """It is found when the scenario runs; the others run all the same, and JSON has it among the errors."""
    write("a.yaml", more="faults: [{attribute: NoSuch, remove: true}]\n")
    write("b.yaml")
    code, out, err = run("run", "a.yaml", "b.yaml")
    assert code == 2
    assert "2 scenarios, 1 as expected, 0 not, 1 unusable, in " in out
    assert err.startswith("a.yaml:6  faults[0]\n")
    code, out, _ = run("run", "--json", "a.yaml", "b.yaml")
    data = json.loads(out)
    assert (code, [each["id"] for each in data["scenarios"]]) == (2, ["B"])
    assert [(each["problems"][0]["file"], each["problems"][0]["line"]) for each in data["errors"]] == [("a.yaml", 6)]


def test_what_is_here_comes_before_the_catalogue(run: Run, write: Write) -> None:
    """The folder scenarios and *.fedemu.yaml are run; --builtin runs the catalogue and takes no paths."""
    assert "AWS-OK-01" in run("run", "--list")[1]
    write("scenarios/inside.yaml")
    write("beside.fedemu.yaml")
    write("other.yaml")
    assert [line.split()[0] for line in run("run", "--list")[1].splitlines()] == ["INSIDE", "BESIDE.FEDEMU"]
    assert "AWS-OK-01" in run("run", "--list", "--builtin")[1]
    code, _, err = run("run", "--builtin", "other.yaml")
    assert code == 2
    assert "--builtin runs the built-in catalogue: leave the PATHS out." in err


def test_last_failed_runs_what_failed(run: Run, write: Write, tmp_path: Path) -> None:
    """Without a failure all run, and it says so; a part that passes does not make the others forgotten."""
    for name in ("a", "b", "c"):
        write(f"{name}.yaml", outcome="refused" if name != "b" else "accepted")
    files = ("a.yaml", "b.yaml", "c.yaml")
    code, out, err = run("run", "--last-failed", *files)
    assert (code, err) == (1, "none of these failed when it last ran: running all\n")
    assert "3 scenarios, 1 as expected, 2 not" in out
    kept = tmp_path / ".fedemu"
    assert json.loads((kept / "last-failed").read_text()) == [
        {"file": "a.yaml", "id": "A"},
        {"file": "c.yaml", "id": "C"},
    ]
    assert sorted(path.name for path in kept.iterdir()) == [".gitignore", "last-failed", "traces"]
    assert (kept / ".gitignore").read_text() == "*\n"
    modes = [path.stat().st_mode & 0o777 for path in (kept, kept / ".gitignore", kept / "last-failed")]
    assert modes == [0o700, 0o600, 0o600]
    write("a.yaml")
    assert "2 scenarios, 1 as expected, 1 not" in run("run", "--last-failed", *files)[1]
    assert "1 scenario, 0 as expected, 1 not" in run("run", "--last-failed", *files)[1]
    assert run("run", "b.yaml")[0] == 0
    assert json.loads((kept / "last-failed").read_text()) == [{"file": "c.yaml", "id": "C"}]


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"a": 1}', "\x00"])
def test_a_broken_note_of_failures_is_as_none(run: Run, write: Write, tmp_path: Path, text: str) -> None:
    """All scenarios run, as without the note."""
    write("a.yaml")
    (tmp_path / ".fedemu").mkdir()
    (tmp_path / ".fedemu" / "last-failed").write_text(text)
    code, _, err = run("run", "--last-failed", "a.yaml")
    assert (code, err) == (0, "none of these failed when it last ran: running all\n")


def test_a_folder_that_cannot_be_written_is_a_note(run: Run, write: Write, tmp_path: Path) -> None:
    """The run is reported as it is."""
    write("a.yaml", outcome="refused")
    (tmp_path / ".fedemu").write_text("a file")
    code, out, err = run("run", "a.yaml")
    assert code == 1
    assert "1 scenario, 0 as expected, 1 not" in out
    kept = f"{tmp_path}/.fedemu"
    assert err.splitlines() == [
        f"note: the trace cannot be kept in {kept}/traces/run: Not a directory",
        f"note: what failed cannot be kept in {kept}/last-failed: Not a directory",
    ]


def test_a_link_in_place_of_the_folder_is_not_followed(run: Run, write: Write, tmp_path: Path) -> None:
    """Nothing is written where it leads to."""
    write("a.yaml", outcome="refused")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".fedemu").symlink_to("elsewhere")
    code, _, err = run("run", "a.yaml")
    assert code == 1
    assert err.endswith(".fedemu is a link\n")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_files_that_are_no_text_and_a_world_of_several_files_are_errors(run: Run, write: Write, tmp_path: Path) -> None:
    """Each mistake is reported once, and the others run."""
    write("a.yaml")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00scenario")
    (tmp_path / "world.yaml").write_text("version: 1\nokto: {}\n")
    for name in ("c", "d"):
        write(f"{name}.yaml")
        file = tmp_path / f"{name}.yaml"
        file.write_text(file.read_text().replace(str(DEFAULT_WORLD), "world.yaml"))
    code, out, err = run("run", "a.yaml", "b.yaml", "c.yaml", "d.yaml")
    assert code == 2
    assert "1 scenario, 1 as expected, 0 not, 2 files in error, in " in out
    assert err.count("unknown key okto") == 1


def test_exitfirst_and_slowest(run: Run, write: Write) -> None:
    """What comes after the first failure is not run, and counted; the slowest are listed."""
    for name in ("a", "b", "c"):
        write(f"{name}.yaml", outcome="refused" if name == "b" else "accepted")
    code, out, _ = run("run", "-x", "--slowest", "1", "a.yaml", "b.yaml", "c.yaml")
    assert code == 1
    assert "3 scenarios, 1 as expected, 1 not, 1 not run, in " in out
    assert "ok   C" not in out
    lines = out.splitlines()
    assert lines[lines.index("slowest:") + 1].split()[1] == "ms"
    assert lines[lines.index("slowest:") + 2].startswith("3 scenarios")


def test_a_wrong_expression_is_exit_code_2(run: Run) -> None:
    """The message names the place."""
    code, _, err = run("run", "-k", "a and")
    assert code == 2
    assert err.splitlines()[:2] == [
        "-k a and: expected not, ( or a word, found the end",
        "  where  column 6",
    ]


def test_reports_are_written_also_of_bad_files(run: Run, write: Write, tmp_path: Path) -> None:
    """Exit codes stay; stdout is for one form; a scenario is not written over."""
    write("a.yaml", outcome="refused")
    write("b.yaml", more="expects: {}\n")
    code, out, _ = run("run", "a.yaml", "b.yaml", "--junit", "out.xml", "--sarif", "out.sarif")
    assert code == 2
    assert "1 scenario, 0 as expected, 1 not, 1 file in error" in out
    assert 'tests="2" failures="1" errors="1"' in (tmp_path / "out.xml").read_text(encoding="utf-8")
    assert len(json.loads((tmp_path / "out.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]) == 2
    code, out, _ = run("run", "a.yaml", "--junit", "-")
    assert (code, out.splitlines()[0]) == (1, "<?xml version='1.0' encoding='UTF-8'?>")
    code, _, err = run("run", "b.yaml", "--junit", "only.xml")
    assert (code, err.splitlines()[0]) == (2, "b.yaml:6  expects")
    assert 'tests="1" failures="0" errors="1"' in (tmp_path / "only.xml").read_text(encoding="utf-8")
    code, out, _ = run("run", "b.yaml", "--json")
    assert (code, list(json.loads(out))) == (2, ["format", "error"])
    assert run("run", "a.yaml", "--json", "--junit", "-")[0] == 2
    assert run("run", "a.yaml", "--junit", "b.yaml")[0] == 2
    assert run("run", "a.yaml", "--junit", "no/such/folder.xml")[0] == 3


def test_github_gets_annotations_and_a_summary(
    run: Run, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On stdout, or on stderr where stdout is JSON; the summary is added to; elsewhere nothing is printed."""
    write("a.yaml", outcome="refused")
    assert "::error" not in run("run", "a.yaml")[1]
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "summary.md").write_text("before\n")
    line = "::error title=A The login of a,file=a.yaml,line=5::outcome: expected refused, received accepted"
    assert line in run("run", "a.yaml")[1].splitlines()
    _, out, err = run("run", "a.yaml", "--json")
    assert json.loads(out)["format"] == 2
    assert err.splitlines() == [line]
    text = (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert text.startswith("before\n### fedemu run: 1 scenario, 0 as expected, 1 not\n")
    assert text.count("### fedemu run") == 2


def test_nothing_that_a_scenario_says_is_a_workflow_command(
    run: Run, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Titles, ids, texts of several lines, names of files: on stdout and stderr the annotations alone are commands."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    file = tmp_path / "a.yaml"
    write("a.yaml", outcome="refused")
    text = file.read_text(encoding="utf-8")
    text = text.replace("The login of a", '"a\\n::error::title ##[error]x"').replace("id: A", 'id: "::set-env::"')
    text = text.replace("outcome: refused", 'outcome: accepted, lands_on: "x\\n  ::warning::lands"')
    file.write_text(text, encoding="utf-8")
    write("b.yaml", more='"\\n::error::key": 1\n')
    for options in (
        (),
        ("--json",),
        ("--junit", "-"),
        ("--sarif", "-"),
        ("--html", "-"),
        ("--list",),
        ("--json", "b.yaml"),
    ):
        _, out, err = run("run", "a.yaml", *options)
        lines = [line.lstrip() for line in (out + err).splitlines()]
        assert [line for line in lines if line.startswith("::") and not line.startswith("::error title=")] == []
        told = [line for line in lines if "##[" in line and not line.startswith("::error title=")]
        assert told == []


@pytest.mark.parametrize("option", ["0", "-1", "two", "1.5", ""])
def test_a_wrong_number_of_processes_is_exit_code_2(run: Run, option: str) -> None:
    """The message names the option and what it takes."""
    code, _, err = run("run", "-n", option)
    assert code == 2
    assert (
        err.splitlines()[-1] == f"Error: Invalid value for '-n': {option} is neither auto nor a number of at least 1."
    )


def test_processes_change_nothing_but_the_time(run: Run, write: Write, tmp_path: Path) -> None:
    """The same lines in the same order, the same exit codes and reports, the same that is kept."""
    for name in ("a", "b", "c"):
        write(f"{name}.yaml", outcome="refused" if name == "b" else "accepted")
    write("d.yaml", more="faults: [{attribute: NoSuch, remove: true}]\n")
    write("e.yaml", more="expects: {}\n")
    files = ("a.yaml", "b.yaml", "c.yaml", "d.yaml", "e.yaml")
    told = []
    for number in ("1", "2", "auto"):
        code, out, err = run("run", "-n", number, "--junit", "out.xml", *files)
        kept = sorted(path.name for path in (tmp_path / ".fedemu" / "traces" / "run").iterdir())
        report = (tmp_path / "out.xml").read_text(encoding="utf-8")
        times = re.compile(r'\(\d+ ms\)|in \d+\.\d s|time="[\d.]+"|timestamp="[^"]+"')
        told.append((code, times.sub("", out), err, kept, times.sub("", report)))
        assert (tmp_path / ".fedemu" / "last-failed").read_text().count('"id"') == 2
    assert told[0][0] == 2
    assert told[0] == told[1] == told[2]
    assert run("run", "-n", "2", "a.yaml", "b.yaml")[0] == 1
    assert run("run", "-n", "2", "a.yaml")[0] == 0
    assert run("run", "-n", "2", "-k", "nothing", "a.yaml")[0] == 5
    code, out, _ = run("run", "-n", "2", "-x", *files[:4])
    assert code == 1
    assert "4 scenarios, 1 as expected, 1 not, 2 not run, in " in out


def test_ctrl_c_keeps_what_there_is(run: Run, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts say so, reports are written, and the exit code is that of an interrupted program."""

    def until_second(given: list[Scenario], *, how: HowToRun) -> Iterator[object]:
        if given[0].id == "B":
            raise KeyboardInterrupt
        return outcomes(given, how=how)

    monkeypatch.setattr("emulator.commands.scenario_runs.once.outcomes", until_second)
    write("a.yaml", outcome="refused")
    write("b.yaml")
    code, out, err = run("run", "--junit", "out.xml", "a.yaml", "b.yaml")
    assert (code, err) == (130, "")
    assert "2 scenarios, 0 as expected, 1 not, 1 not run, interrupted after " in out
    assert 'tests="1" failures="1"' in (tmp_path / "out.xml").read_text(encoding="utf-8")
    assert json.loads((tmp_path / ".fedemu" / "last-failed").read_text()) == [{"file": "a.yaml", "id": "A"}]


def test_a_seed_makes_identifiers_and_is_told(run: Run, write: Write, tmp_path: Path) -> None:
    """The same seed gives the same messages, another one others; reports and the command to run it again have it."""
    write("a.yaml", outcome="refused")
    messages = []
    for seed in ("7", "7", "8"):
        _, out, _ = run("run", "--seed", seed, "--junit", "out.xml", "a.yaml")
        assert f"     reproduce with: fedemu run a.yaml -k A --seed {seed}" in out.splitlines()
        report = (tmp_path / "out.xml").read_text(encoding="utf-8")
        assert f'<property name="seed" value="{seed}"/>' in report
        assert f"reproduce with: fedemu run a.yaml -k A --seed {seed}</failure>" in report
        data = json.loads(run("run", "--seed", seed, "--json", "a.yaml")[1])
        assert (data["scenarios"][0]["seed"], data["version"]) == (int(seed), version())
        messages.append(re.sub(r'"duration_ms": [\d.]+', "", json.dumps(data["scenarios"][0]["login"]["steps"])))
    assert messages[0] == messages[1] != messages[2]
    _, out, _ = run("run", "a.yaml")
    assert "     reproduce with: fedemu run a.yaml -k A" in out.splitlines()
    assert json.loads(run("run", "--json", "a.yaml")[1])["scenarios"][0]["seed"] == 1


def test_traces_are_of_the_last_run(run: Run, write: Write, tmp_path: Path) -> None:
    """Of failures a HAR and a trace for nobody else's eyes; what passes now has none any more; others' files stay."""
    folder = tmp_path / ".fedemu" / "traces" / "run"
    write("a.yaml", outcome="refused")
    write("b.yaml", outcome="refused")
    write("c.yaml")
    _, out, _ = run("run", "a.yaml", "b.yaml", "c.yaml")
    names = sorted(path.name for path in folder.iterdir())
    assert [re.sub(r"-[0-9a-f]{8}\.", ".", name) for name in names] == [
        "a.yaml-A.har",
        "a.yaml-A.json",
        "b.yaml-B.har",
        "b.yaml-B.json",
    ]
    assert f"     HAR    .fedemu/traces/run/{names[0]}" in out.splitlines()
    assert f"     trace  .fedemu/traces/run/{names[1]}" in out.splitlines()
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert [path.stat().st_mode & 0o777 for path in (folder, folder.parent)] == [0o700, 0o700]
    har = json.loads((folder / names[0]).read_text(encoding="utf-8"))
    assert har["log"]["entries"][0]["request"]["url"] == "https://acme.okta.com/app/UserHome"
    assert json.loads((folder / names[1]).read_text(encoding="utf-8"))["outcome"] == "accepted"
    (folder.parent / "of-pytest.har").write_text("{}")
    (folder / "notes.txt").write_text("mine")
    write("a.yaml")
    run("run", "a.yaml", "c.yaml")
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    assert (folder.parent / "of-pytest.har").exists()


def test_of_which_scenarios_traces_are_kept(run: Run, write: Write, tmp_path: Path) -> None:
    """Of all, or of none; a run that keeps none takes the old ones away, and one without failures makes no folder."""
    folder = tmp_path / ".fedemu" / "traces" / "run"
    write("a.yaml")
    write("b.yaml", outcome="refused")
    run("run", "a.yaml")
    assert not (tmp_path / ".fedemu").exists()
    run("run", "--traces", "always", "a.yaml", "b.yaml")
    assert len(list(folder.glob("*.har"))) == 2
    _, out, _ = run("run", "--traces", "off", "b.yaml")
    assert list(folder.iterdir()) == []
    assert "  HAR  " not in out


def test_old_traces_are_not_taken_away_through_a_link(run: Run, write: Write, tmp_path: Path) -> None:
    """A checkout of somebody else's does not choose what is deleted."""
    write("a.yaml")
    (tmp_path / "elsewhere" / "run").mkdir(parents=True)
    (tmp_path / "elsewhere" / "run" / "x.har").write_text("{}")
    (tmp_path / ".fedemu").mkdir()
    (tmp_path / ".fedemu" / "traces").symlink_to("../elsewhere")
    assert run("run", "a.yaml")[0] == 0
    assert (tmp_path / "elsewhere" / "run" / "x.har").exists()


def _on_terminal(*options: str, **environment: str) -> tuple[str, str]:
    """Runs with a terminal for stderr and returns what it shows, and stdout, which is a pipe."""
    terminal, end = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name not in {"CI", "GITHUB_ACTIONS"}}
    ran = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", "emulator", "run", *options],
        stdout=subprocess.PIPE,
        stderr=end,
        env={**inherited, "TERM": "xterm", "PYTHONPATH": str(Path(__file__).parents[3]), **environment},
        check=True,
        text=True,
    )
    shown = os.read(terminal, 100_000) if select.select([terminal], [], [], 0)[0] else b""
    os.close(end)
    os.close(terminal)
    return shown.decode(), ran.stdout


def test_progress_is_on_a_terminal_only(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On stderr, also where stdout is a pipe; not in CI, and not where stdout is for a report."""
    monkeypatch.chdir(tmp_path)
    write("a.yaml")
    write("b.yaml")
    shown, out = _on_terminal("a.yaml", "b.yaml")
    assert shown == "".join(f"\r\x1b[K{line}" for line in ("0/2, running A", "1/2", "", "1/2, running B", "2/2", ""))
    assert "\x1b" not in out
    assert _on_terminal("a.yaml", CI="true")[0] == ""
    assert _on_terminal("a.yaml", "--json")[0] == ""


def test_nothing_to_run_is_said_with_its_place(run: Run, write: Write, tmp_path: Path) -> None:
    """Only where something was left out by a filter does "no scenario matches" say why."""
    (tmp_path / "empty").mkdir()
    assert run("run", "empty") == (5, "there is no scenario in empty\n", "")
    assert run("run", "empty", "-k", "x") == (5, "there is no scenario in empty\n", "")
    write("a.yaml")
    assert run("run", "a.yaml", "-k", "nothing") == (5, "no scenario matches\n", "")


def test_a_world_is_told_from_a_scenario_in_one_sentence(run: Run, tmp_path: Path) -> None:
    """With the command that reads one."""
    (tmp_path / "mine.yaml").write_text(DEFAULT_WORLD.read_text(encoding="utf-8"), encoding="utf-8")
    code, out, err = run("run", "mine.yaml")
    assert (code, out) == (2, "")
    assert [line.strip() for line in err.splitlines()[1:]] == [
        "this is a world, and not a scenario",
        "want   a file of scenarios",
        "fix    `fedemu check mine.yaml` says who gets where in it.",
    ]
