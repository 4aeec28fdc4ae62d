"""How far a run is, on one line of a terminal that is written again and again."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable, Mapping

from emulator.scenarios.execution.listener import Outcome
from emulator.scenarios.results import Result
from emulator.scenarios.scenario_file import Scenario

_CLEARED = "\r\x1b[K"


def shows_progress(environment: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Returns whether a line may be rewritten: on a terminal that can, and where nobody keeps what it shows.

    Args:
        environment: The process's environment: ``CI`` and ``TERM``.
        is_terminal: Whether it is a terminal.
    """
    return is_terminal and not environment.get("CI") and environment.get("TERM") != "dumb"


class Progress:
    """Tells how many scenarios are done, how many failed and which run.

    Args:
        total: How many there are.
        write: Writes a text to the terminal as it is.
    """

    def __init__(self, total: int, write: Callable[[str], None]) -> None:
        self._total = total
        self._write = write
        self._done = 0
        self._failed = 0
        self._running: list[str] = []
        self._is_shown = False

    def began(self, scenario: Scenario) -> None:
        """Shows that a scenario is being run."""
        self._running.append(scenario.id)
        self._show()

    def ended(self, outcome: Outcome) -> None:
        """Counts a scenario that has ended."""
        self._done += 1
        self._failed += not (isinstance(outcome, Result) and outcome.passed)
        if outcome.scenario.id in self._running:
            self._running.remove(outcome.scenario.id)
        self._show()

    def clear(self) -> None:
        """Takes the line away, so that something else can be printed in its place."""
        if self._is_shown:
            self._write(_CLEARED)
            self._is_shown = False

    def _show(self) -> None:
        failed = f", {self._failed} failed" if self._failed else ""
        running = f", running {', '.join(self._running)}" if self._running else ""
        columns = shutil.get_terminal_size().columns - 1  # a full line would go on in the next
        self._write(_CLEARED + fitted(f"{self._done}/{self._total}{failed}{running}", columns))
        self._is_shown = True


def fitted(text: str, columns: int) -> str:
    """Returns as much of a text as a terminal shows in some columns, without what it would act on."""
    taken, used = [], 0
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs"}:
            character = "\N{REPLACEMENT CHARACTER}"
        width = 0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used + width > columns:
            break
        taken.append(character)
        used += width
    return "".join(taken)
