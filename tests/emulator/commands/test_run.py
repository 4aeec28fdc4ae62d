"""``fedemu run``: which scenarios are run, what is kept of failures, exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER
from tests.emulator.commands.test_cli import Run, run

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
    assert err.startswith("b.yaml:6  expects\n  unknown key expects\n")
    assert run("run", "a.yaml", "b.yaml")[0] == 2
    assert run("run", "a.yaml", "c.yaml")[0] == 1
    assert run("run", "--list", "a.yaml", "b.yaml")[0] == 2


def test_a_fault_that_changes_nothing_is_one_error(run: Run, write: Write) -> None:
    """It is found when the scenario runs; the others run all the same, and JSON has it among the errors."""
    write("a.yaml", more="faults: [{attribute: NoSuch, remove: true}]\n")
    write("b.yaml")
    code, out, err = run("run", "a.yaml", "b.yaml")
    assert code == 2
    assert "2 scenarios, 1 as expected, 0 not, 1 unusable, 1 file in error, in " in out
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
    assert "--builtin runs the built-in catalogue: it takes no PATHS." in err


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
    """All scenarios run."""
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
    """Each mistake is told once, and the others run."""
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
