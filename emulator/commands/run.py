"""``fedemu run``: scenarios, and whether each came out as it says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.options import next_step, no_fixes_option, repeated, say, write_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emulator.kernel.errors import FileError
    from emulator.scenarios.last_failed import LastFailed
    from emulator.scenarios.results import Result
    from emulator.scenarios.runs import Run
    from emulator.scenarios.scenario_file import Scenario

NOTHING_TO_RUN = 5


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--builtin", is_flag=True, help="Run the built-in catalogue, also where there is a folder scenarios.")
@click.option(
    "-k",
    "keyword",
    metavar="EXPRESSION",
    default="",
    help="Only scenarios whose id, title or tags have these words: with and, or, not, parentheses, 'quotes'.",
)
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag; may be given again.")
@click.option("--last-failed", is_flag=True, help="Only scenarios that failed when they last ran; all if none did.")
@click.option("--exitfirst", "-x", is_flag=True, help="Stop after the first scenario that is not as expected.")
@click.option("--slowest", type=click.IntRange(min=0), default=0, metavar="N", help="List the N slowest at the end.")
@click.option("--list", "only_list", is_flag=True, help="List them, run nothing.")
@click.option(
    "--verbose",
    "-v",
    is_flag=True,
    help="Show the steps of every scenario and the reason of its outcome, expected or not.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.option("--junit", metavar="FILE", help="Write JUnit XML; - for stdout.")
@click.option("--sarif", metavar="FILE", help="Write what is not as expected as SARIF 2.1.0; - for stdout.")
@click.option("--html", metavar="FILE", help="Write the results as one page that a browser opens; - for stdout.")
@no_fixes_option
def command(
    paths: tuple[Path, ...],
    builtin: bool,
    keyword: str,
    tags: tuple[str, ...],
    last_failed: bool,
    exitfirst: bool,
    slowest: int,
    only_list: bool,
    verbose: bool,
    as_json: bool,
    junit: str | None,
    sarif: str | None,
    html: str | None,
    no_fixes: bool,
) -> int:
    """Run the scenarios in PATHS, or ./scenarios and *.fedemu.yaml, or the built-in catalogue.

    Exit code 0 when all came out as expected, 1 when one did not, 2 when a file cannot be used, whatever the others
    came to, 5 when there is nothing to run.
    """
    from emulator.scenarios.keywords import chooser
    from emulator.scenarios.last_failed import LastFailed
    from emulator.scenarios.runs import read_usable

    forms = _forms({"json": "-" if as_json else None, "junit": junit, "sarif": sarif, "html": html})
    quiet = "-" in forms.values()
    chosen = chooser(keyword)
    read, errors = read_usable(_paths(paths, builtin=builtin))
    scenarios = [each for each in read if chosen(each) and all(tag in each.settings.tags for tag in tags)]
    kept = LastFailed(Path.cwd())
    if last_failed:
        scenarios = _only_failed(scenarios, kept)
    if only_list or not (scenarios or errors):
        return _list(scenarios, errors)
    judges = not {"json", "html"}.isdisjoint(forms)
    run = _run(
        scenarios,
        errors,
        quiet=quiet,
        verbose=verbose,
        exitfirst=exitfirst,
        tries_fixes=not no_fixes,
        judges=judges,
    )
    _keep(kept, run, scenarios)
    _tell_github(run, quiet=quiet)
    for form, file in forms.items():
        if form != "json" or read or len(errors) > 1:
            write_report(_text_of(run, form), file)
    if not read and len(errors) == 1:
        raise errors[0]
    if quiet:
        return run.exit_code
    _end(run, len(scenarios), slowest=slowest)
    options = repeated("run", *(("--builtin",) if builtin else ()), *paths, k="ID").replace("--k", "-k")
    next_step(f"{options} -v   (one scenario, with its steps and the reason)")
    return run.exit_code


def _paths(paths: tuple[Path, ...], *, builtin: bool) -> tuple[Path, ...]:
    """Returns where scenarios are read: as asked, else what this folder has, else the catalogue."""
    from emulator.scenarios.runs import paths_here
    from emulator.scenarios.scenario_file import BUILT_IN

    if builtin and paths:
        raise click.UsageError("--builtin runs the built-in catalogue: it takes no PATHS.")
    return paths or (() if builtin else paths_here(Path())) or (BUILT_IN,)


def _only_failed(scenarios: Sequence[Scenario], kept: LastFailed) -> list[Scenario]:
    failed = [each for each in scenarios if each in kept]
    if not failed:
        click.echo("none of these failed when it last ran: running all", err=True)
    return failed or list(scenarios)


def _list(scenarios: Sequence[Scenario], errors: Sequence[FileError]) -> int:
    if not scenarios:
        say("no scenario matches")
    for scenario in scenarios:
        oracle = scenario.settings.expect.oracle
        say(f"{scenario.id:<16} {scenario.title}" + (f"  [{oracle}]" if oracle is not None else ""))
    _say_errors(errors)
    return 2 if errors else 0 if scenarios else NOTHING_TO_RUN


def _run(
    scenarios: Sequence[Scenario],
    errors: Sequence[FileError],
    *,
    quiet: bool,
    verbose: bool,
    exitfirst: bool,
    tries_fixes: bool,
    judges: bool,
) -> Run:
    """Runs scenarios, and prints what came of each unless ``quiet``."""
    from emulator.scenarios.results import Result
    from emulator.scenarios.runs import HowToRun, Run, outcomes

    results, unusable = [], []
    for outcome in outcomes(scenarios, how=HowToRun(tries_fixes=tries_fixes, judges=judges)):
        if isinstance(outcome, Result):
            results.append(outcome)
            if not quiet:
                _print(outcome, verbose=verbose)
        else:
            unusable.append(outcome)
        if exitfirst and not (isinstance(outcome, Result) and outcome.passed):
            break
    return Run(tuple(results), tuple(errors), tuple(unusable))


def _forms(asked: dict[str, str | None]) -> dict[str, str]:
    """Returns the forms that are asked for, each with its file.

    Raises:
        click.UsageError: two of them are for stdout, or a file that is no report would be written over.
    """
    forms = {form: file for form, file in asked.items() if file is not None}
    if list(forms.values()).count("-") > 1:
        raise click.UsageError("Stdout is for one form: name a file for --junit, --sarif or --html.")
    for form, file in forms.items():
        if Path(file).suffix.lower() in {".yaml", ".yml"} and Path(file).exists():
            raise click.UsageError(f"--{form} would write over {file}.")
    return forms


def _text_of(run: Run, form: str) -> str:
    if form == "json":
        from emulator.reports.run.run_json import results_json

        return results_json(run.results, run.all_errors)
    if form == "junit":
        from emulator.kernel.clock import Clock
        from emulator.reports.run.run_junit import run_junit

        return run_junit(run, at=Clock().now())
    if form == "html":
        from emulator.reports.run.run_html import html_report

        return html_report(run.results)
    from emulator.reports.run.run_sarif import run_sarif

    return run_sarif(run)


def _tell_github(run: Run, *, quiet: bool) -> None:
    """Prints annotations and adds to the job's summary, where this runs in GitHub Actions."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return
    from emulator.reports.run.run_github import github_annotations, github_summary

    workspace = os.environ.get("GITHUB_WORKSPACE")
    for line in github_annotations(run, workspace=Path(workspace) if workspace else None):
        click.echo(line, err=quiet)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(summary).open("a", encoding="utf-8", errors="replace") as file:
                file.write(github_summary(run))
        except OSError as error:
            click.echo(f"note: the job's summary cannot be written: {error.strerror}", err=True)


def _keep(kept: LastFailed, run: Run, scenarios: Sequence[Scenario]) -> None:
    """Writes down what failed; where that is not possible the run is worth no less."""
    from emulator.kernel.errors import EnvironmentProblem

    failed = [*(each.scenario for each in run.failed), *(each.scenario for each in run.unusable)]
    try:
        kept.update(ran=scenarios[: len(run.results) + len(run.unusable)], failed=failed)
    except EnvironmentProblem as problem:
        click.echo(f"note: {problem.message}: {problem.explanation}", err=True)


def _end(run: Run, chosen: int, *, slowest: int) -> None:
    for line in _slowest(run.results, slowest):
        say(line)
    _say_errors(run.all_errors)
    seconds = sum(result.seconds for result in run.results)
    left = chosen - len(run.results) - len(run.unusable)
    more = [f"{len(run.unusable)} unusable"] if run.unusable else []
    more += [f"{left} not run"] if left else []
    more += [f"{len(run.all_errors)} files in error"] if run.all_errors else []
    tail = "".join(f", {each}" for each in more)
    say(f"{run.counts(chosen)}{tail}, in {seconds:.1f} s")


def _slowest(results: Sequence[Result], count: int) -> Iterator[str]:
    if count and results:
        yield ""
        yield "slowest:"
        for result in sorted(results, key=lambda each: -each.seconds)[:count]:
            yield f"{result.seconds * 1000:>7.0f} ms  {result.scenario.id:<16} {result.scenario.title}"


def _say_errors(errors: Sequence[FileError]) -> None:
    from emulator.commands.options import shown
    from emulator.reports.errors import error_text

    for error in errors:
        click.echo(shown(error_text(error)), err=True)


def _print(result: Result, *, verbose: bool) -> None:
    from emulator.reports.text import scenario_lines

    first, *more = scenario_lines(result, verbose=verbose)
    say(first, fg="green" if result.passed else "red")
    for line in more:
        say(line)
