"""A run of many scenarios: a file that cannot be used is one error, and the others run."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from emulator.access.remarks import counted
from emulator.kernel.errors import FileError
from emulator.scenarios.results import SEED, Mismatch, Result, State
from emulator.scenarios.runner import run_all
from emulator.scenarios.scenario_file import Scenario, read_scenarios, scenario_files
from emulator.world import World

FOLDER = "scenarios"
PATTERN = "*.fedemu.yaml"


@dataclass(frozen=True, slots=True)
class Unusable:
    """A scenario that cannot be run anywhere, such as one with a fault that changes nothing.

    Args:
        scenario: The scenario.
        error: What is wrong with its file.
    """

    scenario: Scenario
    error: FileError


@dataclass(frozen=True, slots=True)
class HowToRun:
    """How each scenario of a run is run.

    Args:
        tries_fixes: Whether what would let a login arrive is tried, as ``run_scenario`` does.
        seed: What identifiers and secrets are made from.
        judges: Whether every check is asked about each message that was posted, as ``run_scenario`` does.
    """

    tries_fixes: bool = True
    seed: int = SEED
    judges: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a run.

    Args:
        results: What came of each scenario that was run, in order.
        errors: What is wrong with files that were not read, each once.
        unusable: The scenarios that were read and cannot be run anywhere.
    """

    results: tuple[Result, ...]
    errors: tuple[FileError, ...] = ()
    unusable: tuple[Unusable, ...] = ()

    @property
    def all_errors(self) -> tuple[FileError, ...]:
        """What is wrong with files, found before the run or in it."""
        return (*self.errors, *(each.error for each in self.unusable))

    @property
    def failed(self) -> tuple[Result, ...]:
        """The results that are not as expected."""
        return tuple(result for result in self.results if not result.passed)

    def counts(self, chosen: int) -> str:
        """Returns how many scenarios came out how.

        Args:
            chosen: How many were to be run.
        """
        states = [result.state for result in self.results]
        told = f"{counted(chosen, 'scenario')}, {states.count(State.PASSED)} as expected, {len(self.failed)} not"
        skipped, xfailed = states.count(State.SKIPPED), states.count(State.XFAILED)
        return told + (f", {skipped} skipped" if skipped else "") + (f", {xfailed} xfailed" if xfailed else "")

    @property
    def not_run_counts(self) -> tuple[str, ...]:
        """How many scenarios cannot be used, and how many files: each in one of them."""
        return (
            *((f"{len(self.unusable):,} unusable",) if self.unusable else ()),
            *((f"{counted(len(self.errors), 'file')} in error",) if self.errors else ()),
        )

    @property
    def exit_code(self) -> int:
        """2 where a file cannot be used, whatever the others came to; else 1 where a result is not as expected."""
        return 2 if self.all_errors else int(bool(self.failed))


def paths_here(folder: Path) -> tuple[Path, ...]:
    """Returns where a project has scenarios: its folder ``scenarios``, its ``*.fedemu.yaml``, or nowhere."""
    own = folder / FOLDER
    return (*((own,) if own.is_dir() else ()), *sorted(path for path in folder.glob(PATTERN) if path.is_file()))


def read_usable(paths: Sequence[Path]) -> tuple[list[Scenario], list[FileError]]:
    """Reads every scenario in files and folders; returns those of usable files, and what is wrong with the others.

    A file is used as a whole or not at all. A world that several files name is told once.
    """
    files = [file for path in paths for file in (scenario_files(path) if path.is_dir() else [path])]
    worlds: dict[Path, World] = {}
    scenarios: list[Scenario] = []
    errors: dict[str, FileError] = {}
    for file in dict.fromkeys(files):
        try:
            scenarios += list(read_scenarios(file, worlds))
        except FileError as error:
            errors.setdefault(str(error), error)
    return scenarios, list(errors.values())


def outcomes(scenarios: Iterable[Scenario], *, how: HowToRun | None = None) -> Iterator[Result | Unusable]:
    """Runs scenarios one after another and yields what came of each, also of those that cannot be run anywhere."""
    how = how or HowToRun()
    for scenario in scenarios:
        try:
            yield from run_all([scenario], tries_fixes=how.tries_fixes, seed=how.seed, judges=how.judges)
        except FileError as error:
            yield Unusable(scenario, error)
        except MemoryError:
            yield _not_run(scenario, "it cannot be run: memory ran out", how)
        except Exception:  # noqa: BLE001 - a mistake of ours in one scenario must not hide what the others come to
            yield _not_run(scenario, f"it cannot be run, by a mistake in fedemu:\n{traceback.format_exc()}", how)


def _not_run(scenario: Scenario, told: str, how: HowToRun) -> Result:
    return Result(scenario, (Mismatch(scenario.document.location(()), told),), 0, seed=how.seed)
