"""What a world says that can never work: settings that contradict each other."""

from __future__ import annotations

import pytest

from emulator.diagnosis.setting_checks import contradictions
from emulator.federation import Federation
from emulator.network.keys import KeyFolder
from emulator.world import DEFAULT_WORLD, change_world, load_world

FEDERATE = "https://console.amazonaws-us-gov.com/connect/federate/33333333-90ab-cdef-1234-567890abcdef"


@pytest.mark.parametrize(
    ("destination", "problems"),
    [
        ("https%3A%2F%2Fagency.govcloud.connect.aws%2Fccp-v2", []),
        ("https%3A%2F%2Fagency.example.com", ["the destination's origin https://agency.example.com is not approved"]),
    ],
)
def test_an_instance_in_govcloud_is_approved_at_its_own_domain(
    keys: KeyFolder, destination: str, problems: list[str]
) -> None:
    """Every partition has its domain of Amazon Connect."""
    changes = {"/okta/acme/apps/govcloud/default_relay_state": f"{FEDERATE}?destination={destination}"}
    world = change_world(load_world(DEFAULT_WORLD.parent / "partitions.yaml"), changes)
    assert [problem.message for problem in contradictions(Federation(world, keys=keys))] == problems
