"""The command that runs a scenario again chooses it by its file and its id."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import yaml

from emulator.scenarios.keywords import chooser
from emulator.scenarios.reproducing import reproduction
from emulator.scenarios.results import Result
from emulator.scenarios.scenario_file import find_scenarios
from emulator.world import DEFAULT_WORLD
from tests.built_in_scenarios import built_in_scenarios
from tests.conftest import APP, USER


@pytest.mark.parametrize(
    ("name", "chosen_by"),
    [
        ("LOGIN-01", "LOGIN-01"),
        ("a b", "'\"a b\"'"),
        ("not", "'\"not\"'"),
        ("f(x)", "'\"f(x)\"'"),
        ("it's", "'\"it'\"'\"'s\"'"),
        ('say "x"', "''\"'\"'say \"x\"'\"'\"''"),
    ],
)
def test_an_id_is_found_by_its_expression(
    name: str, chosen_by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it holds; files with spaces are quoted; a seed is given where it is not the usual one."""
    monkeypatch.chdir(tmp_path)
    data = {
        "scenario": "A login",
        "id": name,
        "world": str(DEFAULT_WORLD),
        "login": {"user": USER, "app": APP},
        "expect": {"outcome": "accepted"},
    }
    Path("my login.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    (scenario,) = find_scenarios([Path("my login.yaml")])
    assert reproduction(Result(scenario, (), 0.0)) == f"fedemu run 'my login.yaml' -k {chosen_by}"
    words = shlex.split(reproduction(Result(scenario, (), 0.0, seed=7)))
    assert words[-2:] == ["--seed", "7"]
    assert chooser(words[-3])(scenario)
    there = Result(scenario, (), 0.0, played_in="http://127.0.0.1:7080")
    assert shlex.split(reproduction(there)) == [*words[:-2], "--against", "http://127.0.0.1:7080"]


def test_the_catalogue_has_no_file_of_ones_own() -> None:
    """Where it is installed is nobody's matter."""
    scenario = built_in_scenarios()[0]
    assert reproduction(Result(scenario, (), 0.0)) == f"fedemu run --builtin -k {scenario.id}"
