"""Scenario files in pytest's collection: a file, and in it a test for each scenario."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.harness.happenings import Happenings
from emulator.harness.watching import HAPPENINGS
from emulator.harness.worlds import WORLDS
from emulator.kernel.errors import FederationError, FileError
from emulator.reports.errors import error_text
from emulator.reports.text import scenario_lines
from emulator.scenarios.results import Result
from emulator.scenarios.runner import run_all
from emulator.scenarios.scenario_file import Scenario, read_scenarios

# Marks that pytest itself acts on: a tag of that name must not skip anything.
_ACTED_ON = frozenset({"skip", "skipif", "xfail", "parametrize", "usefixtures", "filterwarnings", "world"})


class ScenarioFailed(Exception):
    """A scenario was not as expected, or the emulator failed during the run."""

    def __init__(self, result: Result) -> None:
        super().__init__(*(str(mismatch) for mismatch in result.mismatches))
        self.result = result


class ScenarioFile(pytest.File):
    """A file of scenarios; it is used as a whole or not at all."""

    def collect(self) -> Iterator[ScenarioItem]:
        """Yields a test for each scenario."""
        worlds = self.config.stash.setdefault(WORLDS, {})
        for scenario in list(read_scenarios(self.path, worlds)):
            item: ScenarioItem = ScenarioItem.from_parent(self, name=scenario.id, scenario=scenario)
            yield item

    # pytest's own Collector leaves out what Node takes besides.
    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override]
        """Returns what is wrong with the file, in its lines."""
        if isinstance(excinfo.value, FederationError):
            return error_text(excinfo.value)
        return super().repr_failure(excinfo)


class ScenarioItem(pytest.Item):
    """A scenario as a test."""

    def __init__(self, *, scenario: Scenario, **given: Any) -> None:
        super().__init__(**given)
        self.scenario = scenario
        for tag in scenario.settings.tags:
            self.extra_keyword_matches.add(tag)
            if tag not in _ACTED_ON and not tag.startswith("_"):
                self.config.addinivalue_line("markers", f"{tag}: a tag of scenarios")
                self.add_marker(tag)
        if scenario.settings.skip is not None:
            self.add_marker(pytest.mark.skip(reason=scenario.settings.skip))

    def runtest(self) -> None:
        """Runs it in its own federation.

        Raises:
            ScenarioFailed: it was not as expected, or the emulator failed during the run.
            ScenarioError: one of its faults would change nothing.
        """
        (result,) = run_all([self.scenario])
        self.stash[HAPPENINGS] = Happenings(logins=list(result.logins))
        if result.xfailed:
            pytest.xfail(result.xfailed)
        if result.mismatches or any(exchange.failure for exchange in result.exchanges):
            raise ScenarioFailed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Returns the expectations that were not met, the steps of the login and the reason of its outcome."""
        if isinstance(excinfo.value, ScenarioFailed):
            return "\n".join(_failure_lines(excinfo.value.result))
        if isinstance(excinfo.value, FederationError):
            return error_text(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Returns the file, the line counted from 0, and the scenario's sentence."""
        line = self.scenario.document.location(("scenario",)).line
        return self.path, max(line - 1, 0), f"{self.scenario.id}: {self.scenario.title}"


def cannot_be_used(item: pytest.Item, error: BaseException) -> bool:
    """Returns whether a test is a scenario that cannot be run anywhere: it did not fail, its file is wrong."""
    return isinstance(item, ScenarioItem) and isinstance(error, FileError)


def _failure_lines(result: Result) -> Iterator[str]:
    for exchange in result.exchanges:
        if exchange.failure:
            yield f"The emulator failed while it answered {exchange.method} {exchange.url}: {exchange.failure}"
    met = "everything was as expected otherwise"
    yield ", ".join(mismatch.text.partition("\n")[0] for mismatch in result.mismatches) or met
    # The first line is what pytest has in its heading.
    yield from itertools.islice(scenario_lines(result, verbose=True), 1, None)
