"""How often people meet what scenarios show."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.kernel.errors import ScenarioError
from emulator.scenarios.scenario_file import BUILT_IN, find_scenarios
from emulator.scenarios.weights import scenario_weights

SCENARIO = """\
scenario: A login
id: ONE
weight: {}
world: {}
login: {{user: hanako@example.com, app: amazon-connect}}
expect: {{outcome: accepted, oracle: assumed}}
---
scenario: Another login, which takes nothing of that over
id: TWO
extends: ONE
expect: {{outcome: accepted, oracle: assumed}}
"""
WORLD = BUILT_IN / "worlds" / "connect.yaml"


def test_weights_are_read_by_id(tmp_path: Path) -> None:
    """A scenario that extends another one has a weight of its own, or none."""
    (tmp_path / "login.yaml").write_text(SCENARIO.format(35, WORLD), encoding="utf-8")
    assert scenario_weights(tmp_path) == {"ONE": 35}
    assert [scenario.settings.weight for scenario in find_scenarios([tmp_path])] == [35, None]


@pytest.mark.parametrize(
    ("weight", "expected"),
    [("101", "less than or equal to 100"), ("-1", "greater than or equal to 0"), ("often", "a whole number")],
)
def test_a_weight_is_a_number_from_0_to_100(tmp_path: Path, weight: str, expected: str) -> None:
    """Told with its line."""
    (tmp_path / "login.yaml").write_text(SCENARIO.format(weight, WORLD), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        find_scenarios([tmp_path])
    (problem,) = caught.value.problems
    assert (problem.location.line, problem.location.key) == (3, "weight")
    assert problem.expected == expected


def test_the_catalogue_has_weights_from_attacks_to_what_everybody_meets() -> None:
    """A forged message is the rarest, the person nobody onboarded among the most frequent."""
    weights = scenario_weights()
    assert weights["AWS-XSW-01"] == min(weights.values()) == 0
    assert weights["AWS-CON-01"] == max(weights.values()) == 90
