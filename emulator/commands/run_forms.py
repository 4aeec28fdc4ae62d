"""The forms in which ``fedemu run`` gives its results: one table of them, with their options and who makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from emulator.commands.options import write_report

if TYPE_CHECKING:
    from datetime import datetime

    from emulator.scenarios.runs import Run

STDOUT = "-"
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class RunForm:
    """A form of the results.

    Args:
        name: Of its option, without the hyphens.
        help: What ``--help`` says of it.
        made: Makes it of a run, and of the instant at which it is written: a text, or files by their names.
        goes_to: Where it can go: to stdout alone, to a file or stdout, or to a folder.
        judges: Whether it shows what every check says of the messages that were posted.
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


FORMS: Mapping[str, RunForm] = {
    form.name: form
    for form in (
        RunForm("json", "Print the results as JSON.", _json, goes_to="stdout", judges=True),
        RunForm("junit", "Write JUnit XML; - for stdout.", _junit),
        RunForm("sarif", "Write what is not as expected as SARIF 2.1.0; - for stdout.", _sarif),
        RunForm("html", "Write the results as one page that a browser opens; - for stdout.", _html, judges=True),
    )
}


def form_options(function: Function) -> Function:
    """Adds the option of every form; its value is where the form goes, or None."""
    for form in reversed(list(FORMS.values())):
        if form.goes_to == "stdout":
            option = click.option(f"--{form.name}", is_flag=True, flag_value=STDOUT, default=None, help=form.help)
        else:
            metavar = "DIR" if form.goes_to == "folder" else "FILE"
            option = click.option(f"--{form.name}", metavar=metavar, help=form.help)
        function = option(function)
    return function


def asked_forms(given: Mapping[str, str | None]) -> dict[str, str]:
    """Returns where each form goes that is asked for.

    Args:
        given: The options, by the names of their forms.

    Raises:
        click.UsageError: two of them go to the same place, or over a file that is no report.
    """
    forms = {name: target for name in FORMS if (target := given.get(name)) is not None}
    if list(forms.values()).count(STDOUT) > 1:
        files = [f"--{form.name}" for form in FORMS.values() if form.goes_to == "file"]
        raise click.UsageError(f"Stdout is for one form: name a file for {', '.join(files[:-1])} or {files[-1]}.")
    written: dict[Path, str] = {}
    for name, target in forms.items():
        if target == STDOUT:
            continue
        path = Path(target)
        if path.suffix.lower() in {".yaml", ".yml"} and path.exists():
            raise click.UsageError(f"--{name} would write over {target}.")
        if path.resolve() in written:
            raise click.UsageError(f"--{written[path.resolve()]} and --{name} are to be written to the same place.")
        written[path.resolve()] = name
    return forms


def are_judged(forms: Iterable[str]) -> bool:
    """Returns whether one of the forms shows what every check says of the messages that were posted."""
    return any(FORMS[name].judges for name in forms)


def write_form(run: Run, name: str, target: str, *, at: datetime) -> None:
    """Writes one form of the results.

    Args:
        run: The run.
        name: The form's.
        target: Where it goes.
        at: When it is written.

    Raises:
        EnvironmentProblem: it cannot be written.
    """
    made = FORMS[name].made(run, at)
    if isinstance(made, str):
        write_report(made, target)
