"""Files of scenarios that tests write and read."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.kernel.errors import Problem, ScenarioError
from emulator.scenarios.scenario_file import Scenario, read_scenarios
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER

LOGIN = f"login: {{user: {USER}, app: {APP}}}"
STS_LOGIN = f"login: {{user: {USER}, app: {APP}, via: sts}}"


def write(folder: Path, text: str, *, name: str = "scenario.yaml") -> Path:
    """Writes a file, and the folders that it is in."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def steps_scenario(folder: Path, *steps: str, more: str = "") -> Scenario:
    """Returns a scenario of steps in the built-in world; the first step is in line 4."""
    (scenario,) = read_scenarios(write(folder, steps_text(*steps, more=more)))
    return scenario


def steps_text(*steps: str, more: str = "") -> str:
    """Returns the text of a scenario of steps; the first step is in line 4."""
    return f"scenario: x\nworld: {DEFAULT_WORLD}\nsteps:\n" + "".join(f"  - {step}\n" for step in steps) + more


def problems_of(path: Path) -> list[Problem]:
    """Returns what is wrong with a file."""
    with pytest.raises(ScenarioError) as caught:
        list(read_scenarios(path))
    return list(caught.value.problems)
