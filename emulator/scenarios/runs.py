"""A run of many scenarios: an invalid file counts as one error, and the others run."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from emulator.access.remarks import counted
from emulator.kernel.errors import FileError
from emulator.kernel.records import dataclass
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
        error: What is wrong with its file.
    """

    scenario: Scenario
    error: FileError


@dataclass(frozen=True, slots=True)
class HowToRun:
    """How the scenarios of a run are run.

    Args:
        tries_fixes: Whether to try fixes, as ``run_scenario`` does.
        seed: Seed of identifiers and secrets.
        judges: Whether to run every check on each posted message, as ``run_scenario`` does.
    """

    tries_fixes: bool = True
    seed: int = SEED
    judges: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """The results of a run.

    Args:
        results: Results of the scenarios that were run, in order.
        errors: Mistakes in files that were not read, each once.
        unusable: Scenarios that were read and cannot be run anywhere.
    """

    results: tuple[Result, ...]
    errors: tuple[FileError, ...] = ()
    unusable: tuple[Unusable, ...] = ()

    @property
    def all_errors(self) -> tuple[FileError, ...]:
        """The mistakes in files, found before or during the run."""
        return (*self.errors, *(each.error for each in self.unusable))

    @property
    def failed(self) -> tuple[Result, ...]:
        """The results that are not as expected."""
        return tuple(result for result in self.results if not result.passed)

    def counts(self, chosen: int) -> str:
        """Returns the number of scenarios by outcome.

        Args:
            chosen: Number of scenarios to run.
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
        """2 when a file is invalid, whatever the results; otherwise 1 when a result is not as expected."""
        return 2 if self.all_errors else int(bool(self.failed))


def paths_here(folder: Path) -> tuple[Path, ...]:
    """Returns where a project has scenarios: its folder ``scenarios``, its ``*.fedemu.yaml``, or none."""
    own = folder / FOLDER
    return (*((own,) if own.is_dir() else ()), *sorted(path for path in folder.glob(PATTERN) if path.is_file()))


def read_usable(paths: Sequence[Path]) -> tuple[list[Scenario], list[FileError]]:
    """Reads every scenario in files and folders; returns those of valid files, and the mistakes in the others.

    A file is used as a whole or not at all. The mistakes in a world are reported once, even if several files name it.
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
    """Runs scenarios one after another and yields each outcome, including those that cannot be run anywhere."""
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
