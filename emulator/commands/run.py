"""``fedemu run``: scenarios, and whether each came out as it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.options import next_step, no_fixes_option, repeated, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.scenarios.runner import Result
    from emulator.scenarios.scenario_file import Scenario

NOTHING_TO_RUN = 5


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("-k", "keyword", default="", help="Only scenarios with this text in id or title.")
@click.option("--tag", "tags", multiple=True, help="Only scenarios with this tag; may be given again.")
@click.option("--list", "only_list", is_flag=True, help="List them, run nothing.")
@click.option(
    "--verbose",
    "-v",
    is_flag=True,
    help="Show the steps of every scenario and the reason of its outcome, expected or not.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page of the results to a file.")
@no_fixes_option
def command(
    paths: tuple[Path, ...],
    keyword: str,
    tags: tuple[str, ...],
    only_list: bool,
    verbose: bool,
    as_json: bool,
    html: Path | None,
    no_fixes: bool,
) -> int:
    """Run the scenarios in PATHS, or the built-in catalogue.

    Exit code 0 when all came out as expected, 1 when one did not, 2 for a bad file, 5 when there is nothing to run.
    """
    from emulator.scenarios.runner import run_all
    from emulator.scenarios.scenario_file import BUILT_IN, find_scenarios

    scenarios = [s for s in find_scenarios(paths or (BUILT_IN,)) if _wanted(s, keyword=keyword, tags=tags)]
    if not scenarios:
        say("no scenario matches")
        return NOTHING_TO_RUN
    if only_list:
        for scenario in scenarios:
            say(f"{scenario.id:<16} {scenario.title}  [{scenario.settings.expect.oracle}]")
        return 0
    results: list[Result] = []
    if as_json:
        from emulator.reports.json_report import results_json

        results = list(run_all(scenarios, tries_fixes=not no_fixes))
        _write_html(html, results)
        click.echo(results_json(results), nl=False)
        return 0 if all(result.passed for result in results) else 1
    failed, seconds = 0, 0.0
    for result in run_all(scenarios, tries_fixes=not no_fixes):
        _print(result, verbose=verbose)
        results += [result] if html is not None else []
        failed += not result.passed
        seconds += result.seconds
    _write_html(html, results)
    say(f"{len(scenarios)} scenarios, {len(scenarios) - failed} as expected, {failed} not, in {seconds:.1f} s")
    next_step(
        f"{repeated('run', *paths, k='ID')} -v   (one scenario, with its steps and the reason)".replace("--k", "-k")
    )
    return 1 if failed else 0


def _write_html(file: Path | None, results: Sequence[Result]) -> None:
    if file is None:
        return
    from emulator.kernel.errors import EnvironmentProblem
    from emulator.reports.html_report import html_report

    try:
        file.write_text(html_report(results), encoding="utf-8")
    except OSError as error:
        raise EnvironmentProblem(f"The report cannot be written: {error.strerror}", where=str(file)) from None


def _wanted(scenario: Scenario, *, keyword: str, tags: tuple[str, ...]) -> bool:
    text = f"{scenario.id} {scenario.title}".lower()
    return keyword.lower() in text and all(tag in scenario.settings.tags for tag in tags)


def _print(result: Result, *, verbose: bool) -> None:
    from emulator.reports.text import scenario_lines

    first, *more = scenario_lines(result, verbose=verbose)
    say(first, fg="green" if result.passed else "red")
    for line in more:
        say(line)
