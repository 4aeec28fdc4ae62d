"""``fedemu run --watch``: after each save, the scenarios that it affects run again."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.access.remarks import counted, few
from emulator.commands.options import say
from emulator.commands.scenario_runs.once import NOTHING_TO_RUN, Asked, Done, ScenarioRuns, say_errors
from emulator.reports.run.run_text import counts_line
from emulator.scenarios.execution.listener import Outcome
from emulator.scenarios.execution.made_of import MadeOf
from emulator.scenarios.execution.watching import Saved, State, states_of, wait_for_save
from emulator.scenarios.results import Result
from emulator.scenarios.runs import Run, Unusable
from emulator.scenarios.scenario_file import Scenario, scenario_files

if TYPE_CHECKING:
    from emulator.kernel.errors import FileError

Key = tuple[str, str]


class Watch:
    """Runs scenarios, then those that a saved file affects, until Ctrl-C.

    Args:
        asked: The options of the run.
    """

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._runs = ScenarioRuns(asked)
        self._scenarios: list[Scenario] = []
        self._errors: list[FileError] = []
        self._is_any_read = False
        self._files: dict[Key, frozenset[Path]] = {}
        self._latest: dict[Key, Outcome] = {}
        self._left: set[Key] = set()
        self._states: dict[Path, State] = {}

    def until_interrupted(self) -> int:
        """Alternates between running and waiting.

        Returns:
            The exit code of the last results.
        """
        try:
            self._read(frozenset())
            self._run(self._runs.only_failed(self._scenarios), forgets_all=True)
            while True:
                there = sum(1 for state in self._states.values() if state)
                say(f"waiting until one of {counted(there, 'file')} is saved; Ctrl-C ends", dim=True)
                saved = wait_for_save(self._states, self._listed, sleep=time.sleep)
                touched = self._read(saved.paths)
                say()
                self._tell(saved, touched)
                if touched or self._errors:
                    self._run(self._runs.only_failed(touched), forgets_all=False)
        except KeyboardInterrupt:
            pass
        whole = self._whole()
        say()
        if not (whole.results or whole.all_errors):
            say("stopped")
            return NOTHING_TO_RUN
        say(f"stopped: {counts_line(whole, len(self._scenarios))}")
        return whole.exit_code

    def _read(self, saved: frozenset[Path]) -> list[Scenario]:
        """Reads the scenarios again, and returns those that the saved files affect, or that had not run.

        Later saves are noticed the next time.
        """
        before = states_of({*self._states, *self._listed()})
        self._scenarios, self._errors, self._is_any_read = self._runs.read()
        made_of = MadeOf()
        files = {_key(each): made_of.scenario(each) for each in self._scenarios}
        touched = [
            each
            for each in self._scenarios
            if (key := _key(each)) in self._left
            or key not in self._files
            or not saved.isdisjoint(files[key] | self._files[key])
        ]
        self._files = files
        self._latest = {key: outcome for key, outcome in self._latest.items() if key in files}
        matter = {*self._listed(), *(path for each in files.values() for path in each)}
        matter.update(path for error in self._errors for path in made_of.error(error))
        self._states = {path: before.get(path, state) for path, state in states_of(matter).items()}
        return touched

    def _run(self, scenarios: Sequence[Scenario], *, forgets_all: bool) -> None:
        if not scenarios and not self._errors:
            say("no scenario matches" if self._is_any_read else "there is no scenario yet")
            return
        done = self._runs.run(scenarios, self._errors, forgets_all=forgets_all)
        came: list[Outcome] = [*done.run.results, *done.run.unusable]
        self._latest.update({_key(each.scenario): each for each in came})
        self._left = {_key(each) for each in scenarios} - {_key(each.scenario) for each in came}
        self._runs.write_reports(self._whole())
        self._end(done, len(scenarios))

    def _end(self, done: Done, chosen: int) -> None:
        if chosen:
            self._runs.tell_end(done, chosen)
        else:
            say_errors(done.run.all_errors)
        if done.is_interrupted:
            raise KeyboardInterrupt

    def _whole(self) -> Run:
        """Returns the last outcome of every scenario."""
        latest = [self._latest[key] for each in self._scenarios if (key := _key(each)) in self._latest]
        results = tuple(each for each in latest if isinstance(each, Result))
        return Run(results, tuple(self._errors), tuple(each for each in latest if isinstance(each, Unusable)))

    def _listed(self) -> Iterator[Path]:
        """Yields the scenario files that exist now."""
        for path in self._asked.paths():
            for file in scenario_files(path) if path.is_dir() else [path]:
                yield Path(os.path.abspath(file))  # noqa: PTH100 - without following links, as the others are named

    def _tell(self, saved: Saved, touched: Sequence[Scenario]) -> None:
        more = sum(_key(each) in self._left for each in touched)
        parts = [
            f"{few([_shown(path) for path in paths])} {one if len(paths) == 1 else several}"
            for paths, one, several in (
                (saved.saved, "was saved", "were saved"),
                (saved.new, "is new", "are new"),
                (saved.gone, "is gone", "are gone"),
            )
            if paths
        ]
        left = f", of which {more} had not run" if more else ""
        say(f"{', '.join(parts)}: {len(touched)} of {counted(len(self._scenarios), 'scenario')}{left}", bold=True)


def _key(scenario: Scenario) -> Key:
    return scenario.document.file, scenario.id


def _shown(path: Path) -> str:
    return os.path.relpath(path)
