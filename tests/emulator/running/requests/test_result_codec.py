"""What came of a scenario goes to another process as JSON, and comes back as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from emulator.kernel.errors import Refusal
from emulator.running.requests.result_codec import login_as_data, login_from_data, result_as_data, result_from_data
from emulator.scenarios.results import Result
from emulator.scenarios.runner import run_all
from emulator.scenarios.scenario_file import BUILT_IN, find_scenarios, scenario_files

FILES = scenario_files(BUILT_IN)


def differences(one: Any, other: Any, place: str = "") -> Sequence[str]:
    """Returns where two values differ, in type or in value; a text may have been a member of an enumeration."""
    if isinstance(one, Refusal):
        return [] if type(one) is type(other) and str(one) == str(other) and vars(one) == vars(other) else [place]
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        inside = [each for key in one for each in differences(one[key], other.get(key), f"{place}.{key}")]
        return [place] * (list(one) != list(other)) or inside
    if not isinstance(one, str) and type(one) is not type(other):
        return [f"{place}: {type(one).__name__}"]
    if is_dataclass(one):
        names = [each.name for each in fields(one)]
        return [d for n in names for d in differences(getattr(one, n), getattr(other, n), f"{place}.{n}")]
    if isinstance(one, list | tuple):
        pairs = enumerate(zip(one, other, strict=False))
        inside = [each for i, (a, b) in pairs for each in differences(a, b, f"{place}[{i}]")]
        return [place] * (len(one) != len(other)) or inside
    return [] if one == other else [f"{place}: {one!r} {other!r}"]


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_the_whole_catalogue_comes_back_as_it_was(file: Path) -> None:
    """Every result of every scenario, to each fact, origin, fix and word of a refusal."""
    for result in run_all(find_scenarios([file]), judges=True):
        data = json.loads(json.dumps(result_as_data(result)))
        back = result_from_data(data, result.scenario)
        assert differences(result, back) == []
        assert back.login is None or back.login.as_json() == result.login.as_json()  # type: ignore[union-attr]
        for login in result.logins:
            assert differences(login, login_from_data(json.loads(json.dumps(login_as_data(login))))) == []


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
    back = result_from_data(json.loads(json.dumps(result_as_data(result))), result.scenario)
    assert differences(result, back) == []
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
