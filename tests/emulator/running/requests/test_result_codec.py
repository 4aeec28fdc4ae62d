"""What came of a scenario goes to another process as JSON, and comes back as it was.

``tests/flows/test_catalogue.py`` asks it of every result of the catalogue.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator.running.requests.result_codec import result_as_data, result_from_data
from emulator.scenarios.results import Result
from emulator.scenarios.runner import run_all
from emulator.scenarios.scenario_file import BUILT_IN, find_scenarios, scenario_files
from tests.emulator.running.requests.results_as_data import require_to_come_back

FILES = scenario_files(BUILT_IN)


def test_a_failed_scenario_comes_back_with_its_fixes(tmp_path: Path) -> None:
    """What was tried, with the old and the new values and their places."""
    world = (BUILT_IN / "worlds" / "connect.yaml").read_text(encoding="utf-8")
    (tmp_path / "world.yaml").write_text(
        world.replace('aws.amazon.com/saml"}}', 'aws.amazon.com/sam"}}'), encoding="utf-8"
    )
    (tmp_path / "one.fedemu.yaml").write_text(
        "scenario: It arrives\nid: ONE\nworld: world.yaml\n"
        "login: {user: hanako@example.com, app: amazon-connect}\nexpect: arrives\n",
        encoding="utf-8",
    )
    (result,) = run_all(find_scenarios([tmp_path / "one.fedemu.yaml"]))
    back = require_to_come_back(result)
    assert back.login is not None
    assert back.login.diagnosis is not None
    assert back.login.diagnosis.fixes[0].changes[0].location is not None
    assert not back.passed


@pytest.mark.parametrize("data", [{}, {"mismatches": 1}, {"mismatches": [], "seconds": "x"}, {"logins": [{}]}])
def test_data_of_another_version_is_none(data: dict[str, Any]) -> None:
    """A ValueError says what is wrong first."""
    scenario = find_scenarios([FILES[0]])[0]
    with pytest.raises(ValueError, match=r".+"):
        result_from_data(data, scenario)
    assert isinstance(result_from_data(result_as_data(Result(scenario, (), 0.0)), scenario), Result)
