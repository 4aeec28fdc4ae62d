"""The formats of the results of ``fedemu run``: a table with their options and the functions that make them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from emulator.commands.options import write_report
from emulator.kernel.records import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from emulator.scenarios.runs import Run

STDOUT = "-"
_WRITTEN_BY_US = '"name": "fedemu"'
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class RunForm:
    """A format of the results.

    Args:
        name: The name of its option, without the hyphens.
        help: The help text of the option.
        made: Makes it from a run and the instant of writing: a text, or files by their names.
        goes_to: Where it can go: to stdout only, to a file or stdout, or to a folder.
        judges: Whether it shows what every check says about the messages that were posted.
    """

    name: str
    help: str
    made: Callable[[Run, datetime], str | Iterable[tuple[str, str]]]
    goes_to: Literal["stdout", "file", "folder"] = "file"
    judges: bool = False


def _json(run: Run, _at: datetime) -> str:
    from emulator.reports.run.run_json import results_json

    return results_json(run.results, run.all_errors)


def _junit(run: Run, at: datetime) -> str:
    from emulator.reports.run.run_junit import run_junit

    return run_junit(run, at=at)


def _sarif(run: Run, _at: datetime) -> str:
    from emulator.reports.run.run_sarif import run_sarif

    return run_sarif(run)


def _html(run: Run, at: datetime) -> str:
    from emulator.reports.run.run_html import run_html

    return run_html(run, at=at)


def _har(run: Run, _at: datetime) -> Iterable[tuple[str, str]]:
    from emulator.reports.run.run_har import run_har

    return run_har(run)


FORMS: Mapping[str, RunForm] = {
    form.name: form
    for form in (
        RunForm("json", "Print the results as JSON.", _json, goes_to="stdout", judges=True),
        RunForm("junit", "Write the results as JUnit XML to FILE (- for stdout).", _junit),
        RunForm("sarif", "Write what did not end as expected as SARIF 2.1.0 to FILE (- for stdout).", _sarif),
        RunForm("html", "Write the results as an HTML page to FILE (- for stdout).", _html, judges=True),
        RunForm("har", "Write each scenario's requests as a HAR into this folder.", _har, goes_to="folder"),
    )
}


def form_options(function: Function) -> Function:
    """Adds the option of every format; its value is where the report goes, or None."""
    for form in reversed(list(FORMS.values())):
        if form.goes_to == "stdout":
            option = click.option(f"--{form.name}", is_flag=True, flag_value=STDOUT, default=None, help=form.help)
        else:
            metavar = "DIR" if form.goes_to == "folder" else "FILE"
            option = click.option(f"--{form.name}", metavar=metavar, help=form.help)
        function = option(function)
    return function


def asked_forms(given: Mapping[str, str | None]) -> dict[str, str]:
    """Returns the requested formats, each with where it goes.

    Args:
        given: The values of the options by the names of the formats.

    Raises:
        click.UsageError: two of them go to the same place, or one would overwrite a file that is not a report.
    """
    forms = {name: target for name in FORMS if (target := given.get(name)) is not None}
    if sum(target == STDOUT and FORMS[name].goes_to != "folder" for name, target in forms.items()) > 1:
        files = [f"--{form.name}" for form in FORMS.values() if form.goes_to == "file"]
        raise click.UsageError(
            f"Only one report can go to stdout: name a file for {', '.join(files[:-1])} or {files[-1]}."
        )
    from emulator.worldfile.text.read_files import real_path

    written: dict[Path, str] = {}
    for name, target in forms.items():
        if target == STDOUT and FORMS[name].goes_to == "folder":
            raise click.UsageError(f"--{name} needs a folder and cannot go to stdout.")
        if target == STDOUT:
            continue
        path = Path(target)
        if FORMS[name].goes_to == "folder" and path.exists() and not path.is_dir():
            raise click.UsageError(f"--{name} needs a folder, but {target} is a file.")
        if path.suffix.lower() in {".yaml", ".yml"} and path.exists():
            raise click.UsageError(f"--{name} would overwrite {target}.")
        real = real_path(path)
        if real in written:
            raise click.UsageError(f"--{written[real]} and --{name} would be written to the same place.")
        written[real] = name
    return forms


def are_judged(forms: Iterable[str]) -> bool:
    """Returns whether one of the formats shows what every check says about the messages that were posted."""
    return any(FORMS[name].judges for name in forms)


def write_form(run: Run, name: str, target: str, *, at: datetime) -> None:
    """Writes the results in one format.

    Args:
        run: The run whose results are written.
        name: The name of the format.
        target: The file or folder, or ``-`` for stdout.
        at: The instant of writing.

    Raises:
        EnvironmentProblem: it cannot be written.
    """
    made = FORMS[name].made(run, at)
    if isinstance(made, str):
        write_report(made, target)
    else:
        _write_files(made, Path(target), name)


def _write_files(files: Iterable[tuple[str, str]], folder: Path, name: str) -> None:
    """Writes files with mode 0600 into a folder, overwriting only files of an earlier run.

    Raises:
        EnvironmentProblem: a file cannot be written, or exists and is not ours; the others are written.
    """
    from emulator.kernel.errors import EnvironmentProblem
    from emulator.scenarios.kept_files import replace_file

    foreign = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file_name, text in files:
            file = folder / file_name
            if _is_foreign(file):
                foreign.append(file)
            else:
                replace_file(file, text)
    except OSError as error:
        told = f"The report cannot be written: {error.strerror or error}"
        raise EnvironmentProblem(told, where=str(folder)) from None
    if foreign:
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        raise EnvironmentProblem(
            f"--{name} would overwrite {foreign[0]}{more}",
            explanation="The file exists already, and fedemu did not write it.",
            fix="Name another folder.",
        )


def _is_foreign(file: Path) -> bool:
    """Returns whether a path exists and is not a file that we wrote."""
    if file.is_symlink():
        return True
    if not file.exists():
        return False
    if not file.is_file():
        return True
    with file.open(encoding="utf-8", errors="replace") as opened:
        return _WRITTEN_BY_US not in opened.read(500)
