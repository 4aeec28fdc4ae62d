"""Listeners to the run of scenarios: what begins, and what has ended."""

from __future__ import annotations

from typing import Protocol

from emulator.scenarios.results import Result
from emulator.scenarios.runs import Unusable
from emulator.scenarios.scenario_file import Scenario

Outcome = Result | Unusable


class Listener(Protocol):
    """A listener, called in the order in which things happen."""

    def began(self, scenario: Scenario) -> None:
        """Called when a scenario begins."""

    def ended(self, outcome: Outcome) -> None:
        """Called with the outcome of a scenario."""


class Silent:
    """A listener that does nothing."""

    def began(self, scenario: Scenario) -> None:
        """Does nothing."""

    def ended(self, outcome: Outcome) -> None:
        """Does nothing."""
