"""The forms of ``fedemu run``: each has its option, and what cannot be written is reported before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.commands.run_forms import FORMS
from tests.emulator.commands.test_run import Write, write
from tests.emulator.test_cli import Run, run

__all__ = ["run", "write"]


def test_every_form_has_its_option_and_is_documented(run: Run) -> None:
    """In the help as in the guide."""
    code, out, _ = run("run", "--help")
    guide = (Path(__file__).parents[3] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    shown = " ".join(out.split())
    for form in FORMS.values():
        assert f"--{form.name}" in shown
        assert form.help in shown
        assert f"`--{form.name}" in guide
    assert code == 0


def test_files_are_written_beside_what_is_printed(run: Run, write: Write, tmp_path: Path) -> None:
    """Every form can be written in one run."""
    write("a.yaml")
    code, out, _ = run("run", "a.yaml", "--junit", "a.xml", "--sarif", "a.sarif", "--html", "a.html")
    assert (code, out.splitlines()[0][:8]) == (0, "ok   A  ")
    begins = {"a.xml": "<?xml", "a.sarif": "{", "a.html": "<!DOCTYPE html>"}
    assert [(tmp_path / name).read_text().startswith(begin) for name, begin in begins.items()] == [True, True, True]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ("--sarif", "-", "--junit", "-"),
            "Only one report can go to stdout: name a file for --junit, --sarif or --html.",
        ),
        (("--junit", "a.yaml"), "--junit would overwrite a.yaml."),
        (("--html", "out.txt", "--junit", "./out.txt"), "--junit and --html would be written to the same place."),
    ],
)
def test_forms_that_get_in_each_others_way_are_told(
    run: Run, write: Write, options: tuple[str, ...], told: str
) -> None:
    """With exit code 2, and nothing is run."""
    write("a.yaml")
    code, out, err = run("run", "a.yaml", *options)
    assert (code, out) == (2, "")
    assert f"Error: {told}\n" in err
