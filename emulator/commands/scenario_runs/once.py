"""One run of scenarios: each result is printed as soon as its turn comes, and kept as requested."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Final, Literal

import click

from emulator.commands.options import say, shown
from emulator.commands.run_forms import write_form
from emulator.kernel.clock import Clock
from emulator.kernel.errors import EnvironmentProblem, FileError
from emulator.kernel.records import dataclass
from emulator.reports.errors import error_text
from emulator.reports.run.run_text import slowest_lines, summary_line
from emulator.reports.text import scenario_lines
from emulator.reports.workflow_commands import is_github
from emulator.scenarios.execution.listener import Listener, Outcome, Silent
from emulator.scenarios.execution.processes import outcomes_in_processes, processes_for
from emulator.scenarios.execution.progress import Progress, shows_progress
from emulator.scenarios.kept_traces import forget_traces, keep_traces
from emulator.scenarios.last_failed import LastFailed
from emulator.scenarios.reproducing import reproduction
from emulator.scenarios.results import Result
from emulator.scenarios.runs import HowToRun, Run, Unusable, outcomes, read_usable
from emulator.scenarios.scenario_file import Scenario

NOTHING_TO_RUN: Final = 5
INTERRUPTED: Final = 130
OF_RUNS: Final = "run"
_KINDS: Final = {".har": "HAR", ".json": "trace"}
Traces = Literal["on-failure", "always", "off"]


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of a run.

    Args:
        paths: Returns the files and folders that scenarios are read from, at the moment of the call.
        chosen: Returns whether a scenario is run.
        how: How each scenario is run.
        processes: The number of processes; None for as many as are worth it.
        last_failed: Whether to run only those that failed last time.
        exitfirst: Whether to stop after the first that is not as expected.
        verbose: Whether to show the steps of expected results, too.
        slowest: How many of the slowest scenarios are listed.
        traces: The scenarios whose traces are kept.
        forms: The formats of reports, each with its file.
        against: The address of the emulator to play them in; empty if each has a federation of its own.
    """

    paths: Callable[[], Sequence[Path]]
    chosen: Callable[[Scenario], bool]
    how: HowToRun
    processes: int | None
    last_failed: bool
    exitfirst: bool
    verbose: bool
    slowest: int
    traces: Traces
    forms: dict[str, str]
    against: str = ""

    @property
    def is_quiet(self) -> bool:
        """Whether stdout is used for a report."""
        return "-" in self.forms.values()


@dataclass(frozen=True, slots=True)
class Done:
    """A finished run.

    Args:
        run: The results.
        seconds: The time it took, in seconds.
        is_interrupted: Whether it was ended with Ctrl-C.
    """

    run: Run
    seconds: float
    is_interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """The exit code of a command that consists of this run."""
        return INTERRUPTED if self.is_interrupted else self.run.exit_code


class ScenarioRuns:
    """Runs scenarios with the given options, once or several times.

    Args:
        asked: The options of the run.
    """

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self._project = Path.cwd()
        self._kept = LastFailed(self._project)
        self._has_noted = False

    def read(self) -> tuple[list[Scenario], list[FileError], bool]:
        """Reads scenarios.

        Returns:
            The scenarios to run, the mistakes of files that cannot be used, and whether any file could be read.
        """
        read, errors = read_usable(self.asked.paths())
        return [each for each in read if self.asked.chosen(each)], errors, bool(read)

    def only_failed(self, scenarios: Sequence[Scenario]) -> list[Scenario]:
        """Returns those that failed last time, if that was asked for; all if none did."""
        failed = [each for each in scenarios if each in self._kept]
        if self.asked.last_failed and scenarios and not failed:
            click.echo("none of these failed when it last ran: running all", err=True)
        return failed if failed and self.asked.last_failed else list(scenarios)

    def run(self, scenarios: Sequence[Scenario], errors: Sequence[FileError], *, forgets_all: bool = True) -> Done:
        """Runs scenarios, prints each result as soon as its turn comes, and keeps what is asked for.

        Args:
            scenarios: The scenarios to run.
            errors: The mistakes of files that cannot be used.
            forgets_all: Whether all traces of earlier runs are deleted, or those of these scenarios only.
        """
        began = perf_counter()
        self._forget(None if forgets_all else scenarios)
        results: list[Result] = []
        unusable: list[Unusable] = []
        is_interrupted = False
        progress = self._progress(len(scenarios))
        with closing(self._outcomes(scenarios, progress or Silent())) as came:
            try:
                for outcome in came:
                    if progress is not None:
                        progress.clear()
                    if isinstance(outcome, Result):
                        results.append(outcome)
                        self._tell(outcome)
                    else:
                        unusable.append(outcome)
                    if self.asked.exitfirst and not (isinstance(outcome, Result) and outcome.passed):
                        break
            except KeyboardInterrupt:
                is_interrupted = True
            if progress is not None:
                progress.clear()
        run = Run(tuple(results), tuple(errors), tuple(unusable))
        self._keep(run)
        return Done(run, perf_counter() - began, is_interrupted)

    def tell_end(self, done: Done, chosen: int) -> None:
        """Prints the slowest scenarios, the mistakes of files, and the counts."""
        if done.is_interrupted:
            say()  # a terminal has written ^C
        for line in slowest_lines(done.run.results, self.asked.slowest):
            say(line)
        say_errors(done.run.all_errors)
        say(summary_line(done.run, chosen, seconds=done.seconds, is_interrupted=done.is_interrupted))

    def next_command(self, done: Done) -> str:
        """Returns the command that shows one scenario in detail: one that is not as expected, if there is any."""
        played = [each for each in done.run.results if not each.skipped]
        shown_next = next((each for each in played if not each.passed), played[0] if played else None)
        return f"{reproduction(shown_next)} -v   (its steps and the reason)" if shown_next is not None else ""

    def write_reports(self, run: Run, *, without: str = "") -> None:
        """Writes every report that was asked for, except in one form."""
        for form, file in self.asked.forms.items():
            if form != without:
                write_form(run, form, file, at=Clock().now())

    def tell_github(self, run: Run) -> None:
        """Prints annotations and adds to the job's summary, if this runs in GitHub Actions."""
        if not is_github():
            return
        from emulator.reports.run.run_github import github_annotations, github_summary

        workspace = os.environ.get("GITHUB_WORKSPACE")
        for line in github_annotations(run, workspace=Path(workspace) if workspace else None):
            click.echo(line, err=self.asked.is_quiet)
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            try:
                with Path(summary).open("a", encoding="utf-8", errors="replace") as file:
                    file.write(github_summary(run))
            except OSError as error:
                click.echo(shown(f"note: the job's summary cannot be written: {error.strerror}"), err=True)

    def _outcomes(self, scenarios: Sequence[Scenario], listener: Listener) -> Generator[Outcome, None, None]:
        if self.asked.against:
            yield from self._outcomes_there(scenarios, listener)
            return
        processes = self.asked.processes
        if processes is None:
            processes = processes_for(len(scenarios))
        if processes > 1 and scenarios:
            yield from outcomes_in_processes(scenarios, processes=processes, how=self.asked.how, listener=listener)
            return
        for scenario in scenarios:
            listener.began(scenario)
            for outcome in outcomes([scenario], how=self.asked.how):
                listener.ended(outcome)
                yield outcome

    def _outcomes_there(self, scenarios: Sequence[Scenario], listener: Listener) -> Generator[Outcome, None, None]:
        """Plays scenarios in a running emulator, and prints how far they have moved its clock."""
        from emulator.running.requests.scenario_requests import EmulatorThatRuns

        emulator = EmulatorThatRuns.at(self.asked.against)
        click.echo(shown(f"in the running emulator at {emulator.url}, world {emulator.served['world']}"), err=True)
        for scenario in scenarios:
            listener.began(scenario)
            outcome = emulator.outcome(scenario, self.asked.how)
            listener.ended(outcome)
            yield outcome
        if moved := emulator.moved_note():
            click.echo(moved, err=True)

    def _progress(self, total: int) -> Progress | None:
        if self.asked.is_quiet or not shows_progress(os.environ, is_terminal=sys.stderr.isatty()):
            return None
        return Progress(total, lambda text: click.echo(text, nl=False, err=True))

    def _tell(self, result: Result) -> None:
        """Prints a scenario's result, and keeps its trace."""
        files = self._keep_traces(result)
        if self.asked.is_quiet:
            return
        first, *more = scenario_lines(result, verbose=self.asked.verbose)
        say(first, fg="green" if result.passed else "red")
        kept = (f"     {_KINDS[file.suffix]:<6} {os.path.relpath(file, self._project)}" for file in files)
        for line in (*more, *kept):
            say(line)

    def _keep_traces(self, result: Result) -> Sequence[Path]:
        if self.asked.traces == "off" or (self.asked.traces == "on-failure" and result.passed):
            return ()
        try:
            return keep_traces(
                self._project,
                self._name(result.scenario),
                logins=result.logins,
                exchanges=result.exchanges,
                inside=OF_RUNS,
            )
        except EnvironmentProblem as problem:
            if not self._has_noted:  # the next one cannot be kept for the same reason
                _note(problem)
            self._has_noted = True
            return ()

    def _forget(self, scenarios: Sequence[Scenario] | None) -> None:
        try:
            of = None if scenarios is None else [self._name(each) for each in scenarios]
            forget_traces(self._project, inside=OF_RUNS, of=of)
        except EnvironmentProblem as problem:
            _note(problem)

    def _name(self, scenario: Scenario) -> str:
        return f"{os.path.relpath(scenario.document.file, self._project)}::{scenario.id}"

    def _keep(self, run: Run) -> None:
        """Remembers what failed; a run is not worth less if that is impossible."""
        ran = [*(each.scenario for each in run.results), *(each.scenario for each in run.unusable)]
        failed = [*(each.scenario for each in run.failed), *(each.scenario for each in run.unusable)]
        try:
            self._kept.update(ran=ran, failed=failed)
        except EnvironmentProblem as problem:
            _note(problem)


def say_errors(errors: Sequence[FileError]) -> None:
    """Prints the mistakes of files."""
    for error in errors:
        click.echo(shown(error_text(error)), err=True)


def _note(problem: EnvironmentProblem) -> None:
    click.echo(shown(f"note: {problem.message}: {problem.explanation}"), err=True)
