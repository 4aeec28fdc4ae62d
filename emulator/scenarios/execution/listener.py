"""Who is told while scenarios run: what begins, and what has ended."""

from __future__ import annotations

from typing import Protocol

from emulator.scenarios.results import Result
from emulator.scenarios.runs import Unusable
from emulator.scenarios.scenario_file import Scenario

Outcome = Result | Unusable


class Listener(Protocol):
    """Is told, in the order in which it happens."""

    def began(self, scenario: Scenario) -> None:
        """A scenario is being run."""

    def ended(self, outcome: Outcome) -> None:
        """This came of a scenario."""


class Silent:
    """A listener that tells nobody."""

    def began(self, scenario: Scenario) -> None:
        """Nothing."""

    def ended(self, outcome: Outcome) -> None:
        """Nothing."""
