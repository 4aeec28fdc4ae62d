"""The scenarios of the built-in catalogue, read once in each process, since many test modules ask about them."""

from __future__ import annotations

from functools import cache

from emulator.scenarios.scenario_file import BUILT_IN, Scenario, find_scenarios


@cache
def built_in_scenarios() -> tuple[Scenario, ...]:
    """Returns every variant of every scenario."""
    return tuple(find_scenarios([BUILT_IN]))
