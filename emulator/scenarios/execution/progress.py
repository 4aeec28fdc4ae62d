"""The progress of a run, on one line of a terminal that is rewritten."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable, Mapping

from emulator.scenarios.execution.listener import Outcome
from emulator.scenarios.results import Result
from emulator.scenarios.scenario_file import Scenario

_CLEARED = "\r\x1b[K"


def shows_progress(environment: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Returns whether a line may be rewritten: on a capable terminal whose output is not recorded.

    Args:
        environment: Environment of the process: ``CI`` and ``TERM``.
        is_terminal: Whether the output is a terminal.
    """
    return is_terminal and not environment.get("CI") and environment.get("TERM") != "dumb"


class Progress:
    """Shows how many scenarios are done, how many failed and which are running.

    Args:
        total: Number of scenarios.
        write: Writes a text to the terminal unchanged.
    """

    def __init__(self, total: int, write: Callable[[str], None]) -> None:
        self._total = total
        self._write = write
        self._done = 0
        self._failed = 0
        self._running: list[str] = []
        self._is_shown = False

    def began(self, scenario: Scenario) -> None:
        """Shows that a scenario has begun."""
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
        """Removes the line, so that something else can be printed."""
        if self._is_shown:
            self._write(_CLEARED)
            self._is_shown = False

    def _show(self) -> None:
        failed = f", {self._failed} failed" if self._failed else ""
        running = f", running {', '.join(self._running)}" if self._running else ""
        columns = shutil.get_terminal_size().columns - 1  # a full line would wrap
        self._write(_CLEARED + fitted(f"{self._done}/{self._total}{failed}{running}", columns))
        self._is_shown = True


def fitted(text: str, columns: int) -> str:
    """Returns the part of a text that fits some columns, without control characters."""
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
