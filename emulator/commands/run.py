"""``fedemu run``: plays scenarios, and reports which came out as expected."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from emulator.commands.options import next_step, no_fixes_option, say
from emulator.commands.run_forms import are_judged, asked_forms, form_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.commands.scenario_runs.once import Asked, ScenarioRuns
    from emulator.kernel.errors import FileError
    from emulator.scenarios.scenario_file import Scenario


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--builtin", is_flag=True, help="Run the built-in catalogue, even if there are scenarios here.")
@click.option(
    "-k",
    "keyword",
    metavar="EXPRESSION",
    default="",
    help="Run only scenarios whose id, title or tags contain these words; and, or, not, parentheses and 'quotes' are"
    " understood.",
)
@click.option(
    "--tag", "tags", multiple=True, help="Run only scenarios with this tag. May be repeated; all tags must match."
)
@click.option("--last-failed", is_flag=True, help="Run only scenarios that failed last time; all of them if none did.")
@click.option("--exitfirst", "-x", is_flag=True, help="Stop after the first scenario that does not end as expected.")
@click.option(
    "--slowest", type=click.IntRange(min=0), default=0, metavar="N", help="List the N slowest scenarios at the end."
)
@click.option("--list", "only_list", is_flag=True, help="List the scenarios without running them.")
@click.option(
    "--verbose",
    "-v",
    is_flag=True,
    help="Show the steps of every scenario and the reason for its outcome, expected or not.",
)
@form_options
@click.option(
    "-n",
    "processes",
    metavar="N|auto",
    default="1",
    callback=lambda _context, _parameter, given: _processes(given),
    help="Run in N processes; auto picks a useful number.",
)
@click.option("--watch", is_flag=True, help="Keep waiting, and rerun the scenarios that a saved file affects.")
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", help="The seed of identifiers and secrets. Default: 1."
)
@click.option(
    "--traces",
    type=click.Choice(["on-failure", "always", "off"]),
    default="on-failure",
    show_default=True,
    help="Which scenarios leave a HAR and a trace in .fedemu/traces/run.",
)
@click.option(
    "--against",
    metavar="running|URL",
    default="",
    help="Play the scenarios in the running emulator, or in the one at this address of this machine.",
)
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
    processes: int | None,
    watch: bool,
    seed: int | None,
    traces: Literal["on-failure", "always", "off"],
    against: str,
    no_fixes: bool,
    **given: str | None,
) -> int:
    """Run scenarios: your own, or the built-in catalogue.

    PATHS are files and folders; the default is the folder scenarios and the *.fedemu.yaml files here, or, if there are
    none, the built-in catalogue.

    Exit codes: 0 if all ended as expected; 1 if one did not; 2 if a file cannot be used, whatever the other files came
    to; 3 if a report cannot be written, a process cannot be started or --against finds no emulator; 5 if there is
    nothing to run; 130 if interrupted.
    """
    from emulator.commands.scenario_runs.once import NOTHING_TO_RUN, Asked, ScenarioRuns
    from emulator.scenarios.keywords import chooser
    from emulator.scenarios.results import SEED
    from emulator.scenarios.runs import HowToRun

    forms = asked_forms(given)
    if builtin and paths:
        raise click.UsageError("--builtin runs the built-in catalogue: leave the PATHS out.")
    by_words = chooser(keyword)
    asked = Asked(
        paths=partial(_paths, paths, builtin=builtin),
        chosen=lambda each: by_words(each) and all(tag in each.settings.tags for tag in tags),
        how=HowToRun(
            tries_fixes=not no_fixes,
            seed=SEED if seed is None else seed,
            judges=are_judged(forms),
        ),
        processes=processes,
        last_failed=last_failed,
        exitfirst=exitfirst,
        verbose=verbose,
        slowest=slowest,
        traces=traces,
        forms=forms,
        against=_address(against, processes=processes, seed=seed),
    )
    if watch:
        _require_watchable(asked, only_list=only_list)
        from emulator.commands.scenario_runs.watch import Watch

        return Watch(asked).until_interrupted()
    runs = ScenarioRuns(asked)
    scenarios, errors, is_any_read = runs.read()
    scenarios = runs.only_failed(scenarios)
    if not (scenarios or errors):
        is_filtered = bool(keyword or tags)
        where = ", ".join(map(str, asked.paths()))
        say("no scenario matches" if is_filtered and is_any_read else f"there is no scenario in {where}")
        return NOTHING_TO_RUN
    if only_list:
        return _list(scenarios, errors)
    if not is_any_read and len(errors) == 1:
        return _only_error(runs, errors)
    done = runs.run(scenarios, errors)
    runs.tell_github(done.run)
    runs.write_reports(done.run)
    if not asked.is_quiet:
        runs.tell_end(done, len(scenarios))
        if command_line := runs.next_command(done):
            next_step(command_line)
    is_all_skipped = bool(done.run.results) and all(each.skipped for each in done.run.results)
    return NOTHING_TO_RUN if against and is_all_skipped and not done.exit_code else done.exit_code


def _address(against: str, *, processes: int | None, seed: int | None) -> str:
    """Returns the address of the emulator to play scenarios in; empty if each has a federation of its own.

    Raises:
        click.UsageError: it is combined with an option that needs a federation of its own.
        EnvironmentProblem: no emulator is running.
    """
    if not against:
        return ""
    if processes != 1:
        raise click.UsageError("--against plays scenarios one after another: leave -n out.")
    if seed is not None:
        raise click.UsageError("--against uses the running emulator's identifiers: leave --seed out.")
    from emulator.running.requests.running_emulator import address_of

    return address_of(against)


def _processes(given: str) -> int | None:
    """Returns the number of processes; None for ``auto``."""
    if given == "auto":
        return None
    if not given.isdecimal() or int(given) < 1:
        raise click.BadParameter(f"{given} is neither auto nor a number of at least 1.")
    return int(given)


def _paths(paths: tuple[Path, ...], *, builtin: bool) -> tuple[Path, ...]:
    """Returns where scenarios are read: the given paths, otherwise those of this folder, otherwise the catalogue."""
    from emulator.scenarios.runs import paths_here
    from emulator.scenarios.scenario_file import BUILT_IN

    return paths or (() if builtin else paths_here(Path())) or (BUILT_IN,)


def _require_watchable(asked: Asked, *, only_list: bool) -> None:
    """Refuses options that cannot be combined with ``--watch``.

    Raises:
        click.UsageError: one is given.
    """
    if only_list:
        raise click.UsageError("--watch runs scenarios and --list does not: leave one of them out.")
    if asked.is_quiet:
        raise click.UsageError(
            "--watch writes its report again and again, so it cannot go to stdout: name a file instead of -."
        )


def _list(scenarios: Sequence[Scenario], errors: Sequence[FileError]) -> int:
    from emulator.commands.scenario_runs.once import NOTHING_TO_RUN, say_errors

    for scenario in scenarios:
        oracle = scenario.settings.expect.oracle
        say(f"{scenario.id:<16} {scenario.title}{f'  [{oracle}]' if oracle else ''}")
    say_errors(errors)
    return 2 if errors else 0 if scenarios else NOTHING_TO_RUN


def _only_error(runs: ScenarioRuns, errors: Sequence[FileError]) -> int:
    """Reports a single mistake as the command's own error.

    Raises:
        FileError: always.
    """
    from emulator.scenarios.runs import Run

    run = Run((), tuple(errors))
    runs.tell_github(run)
    runs.write_reports(run, without="json")
    raise errors[0]
