"""Where what a login asked for comes from: an option, a line of a scenario, or the person in the world."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.diagnosis.asked import asked_by_person, asked_in_scenario, asked_on_command_line
from emulator.diagnosis.origins import Origin, OriginKind, origin_of_asked
from emulator.federation import Federation
from emulator.kernel.errors import Location
from emulator.kernel.explanations import RELAY_STATE, SOURCE_IP, Asked
from emulator.network.data_folder.keys import KeyFolder
from emulator.reports.text import result_block
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import find_scenarios
from emulator.world import DEFAULT_WORLD, World, load_world
from tests.conftest import APP, USER

SCENARIO = f"""scenario: Somebody posts what has no roles
id: ASKED-01
world: {DEFAULT_WORLD}
faults:
  - {{attribute: RoleSessionName, set: hanako}}
  - {{attribute: Role, remove: true}}
login:
  user: {USER}
  app: {APP}
  relay_state: https://console.aws.amazon.com/
then:
  - wait: 1h
  - login:
      user: {USER}
      app: {APP}
      destination: /ccp-v2
      source_ip: 198.51.100.4
expect: {{outcome: refused, oracle: assumed}}
---
scenario: The same without the second login
id: ASKED-02
extends: ASKED-01
then: []
expect: {{outcome: refused, oracle: assumed}}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns the file of the scenarios, by its name in the folder that it is in."""
    monkeypatch.chdir(tmp_path)
    Path("asked.yaml").write_text(SCENARIO, encoding="utf-8")
    return Path("asked.yaml")


def test_options_that_were_given_are_named() -> None:
    """Those that were not are not."""
    options = asked_on_command_line({"--relay-state": "/x", "--role": None, "--source-ip": None})
    assert {name: str(origin) for name, origin in options.items()} == {"RelayState": "the option --relay-state"}
    assert str(origin_of_asked(Asked(RELAY_STATE), options)) == "the option --relay-state"
    assert str(origin_of_asked(Asked("role"), options)) == "the role that came with the request"


def test_what_a_scenario_asks_for_has_its_line(file: Path) -> None:
    """Of the last login, and of a login that another scenario of the file says."""
    first, second = find_scenarios([file])
    in_login = ", asked for by the scenario"
    faults = {
        "{attribute: RoleSessionName, set: hanako}": "asked.yaml:5  faults[0], planted by the scenario",
        "{attribute: Role, remove: true}": "asked.yaml:6  faults[1], planted by the scenario",
    }
    assert {name: str(origin) for name, origin in asked_in_scenario(first.document).items()} == {
        **faults,
        RELAY_STATE: f"asked.yaml:16  then[1].login.destination{in_login}",
        SOURCE_IP: f"asked.yaml:17  then[1].login.source_ip{in_login}",
    }
    assert {name: str(origin) for name, origin in asked_in_scenario(second.document).items()} == {
        **faults,
        RELAY_STATE: f"asked.yaml:10  login.relay_state{in_login}",
    }


def test_a_planted_fault_is_at_its_line(file: Path) -> None:
    """The block of a scenario's refusal says which of its faults it was, and where they begin."""
    _, second = find_scenarios([file])
    result = run_scenario(second).login
    assert result is not None
    assert (
        "  from   asked.yaml:5  faults[0], planted fault {attribute: RoleSessionName, set: hanako}, "
        "{attribute: Role, remove: true}\n"
    ) in result_block(result)


def test_an_address_is_the_persons_unless_the_login_chooses_one(world: World, keys: KeyFolder) -> None:
    """In the world, or left at the address that everybody has."""
    federation = Federation(world, keys=keys)
    here = f"okta.acme.users.{USER}.source_ip"
    (origin,) = asked_by_person(federation, user=USER, app=APP).values()
    assert (origin.kind, origin.text) == (OriginKind.DEFAULT, "left at its default (127.0.0.1)")
    assert origin.location is not None
    assert (origin.location.line, origin.location.key) == (9, here)
    assert asked_by_person(federation, user=USER, app="nowhere") == {}


def test_an_address_that_the_world_gives_is_at_its_line(tmp_path: Path, keys: KeyFolder) -> None:
    """As any other setting of the person."""
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    (tmp_path / "world.yaml").write_text(
        text.replace("groups: [Agents]}\n", "groups: [Agents], source_ip: 203.0.113.9}\n", 1), encoding="utf-8"
    )
    federation = Federation(load_world(tmp_path / "world.yaml"), keys=keys)
    (origin,) = asked_by_person(federation, user=USER, app=APP).values()
    location = Location(str(tmp_path / "world.yaml"), 9, f"okta.acme.users.{USER}.source_ip")
    assert origin == Origin(OriginKind.WORLD, location)
