"""Where a login leads: the instance's region and id are put right, and the destination is kept."""

from __future__ import annotations

import pytest

from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World
from tests.conftest import INSTANCE_ID
from tests.emulator.fixes.okta.proposals import CCP, CUSTOM, FEDERATE, HOME, OKTA_APP, first, proposed
from tests.emulator.fixes.trials import edits

RELAY_STATE = f"{OKTA_APP}/default_relay_state"
TO_CCP = f"{FEDERATE}?destination=%2Fccp-v2"


@pytest.mark.parametrize(
    ("written", "lands_on", "right"),
    [
        (f"https://us-east-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}", HOME, FEDERATE),
        (f"https://us-east-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}", "", FEDERATE),
        (f"https://console.aws.amazon.com/connect/federate/{INSTANCE_ID}?destination=%2Fccp-v2", CCP, TO_CCP),
        (f"{FEDERATE[:-1]}a", HOME, FEDERATE),
        (INSTANCE_ID, HOME, FEDERATE),
        (CCP, CCP, TO_CCP),
        (f" {FEDERATE}", HOME, FEDERATE),
        ("", HOME, FEDERATE),
        (f"{FEDERATE}?destination=%2Fcpp-v2", CCP, TO_CCP),
        (f"{FEDERATE}?landat=%2Fccp-v2", CCP, TO_CCP),
    ],
)
def test_the_federate_url_of_the_instance(
    written: str, lands_on: str, right: str, world: World, keys: KeyFolder
) -> None:
    """Whatever is written, a person would write the instance's federate URL with where the login should end."""
    found = [edits(each) for each in proposed(world, keys, {RELAY_STATE: written}, lands_on=lands_on)]
    assert found.index({RELAY_STATE: right}) <= 1


def test_it_is_told_in_the_console_s_words(world: World, keys: KeyFolder) -> None:
    """The catalogue's app has it on its Sign On tab, a custom one among the SAML settings."""
    wrong = FEDERATE.replace("ap-northeast-1", "us-east-1")
    candidate = proposed(world, keys, {RELAY_STATE: wrong})[0]
    assert candidate.title == "Set the Default Relay State"
    assert (
        candidate.console == "Okta Admin Console > Applications > Amazon Connect SAML > Sign On > Default Relay State"
    )
    candidate = proposed(world, keys, {**CUSTOM, RELAY_STATE: wrong})[0]
    assert candidate.console == (
        "Okta Admin Console > Applications > Amazon Connect SAML > General > SAML Settings > Default RelayState"
    )


def test_another_identity_provider_s_console_is_not_known(world: World, keys: KeyFolder) -> None:
    """Where it is set in Keycloak is not said in Okta's words."""
    wrong = FEDERATE.replace("ap-northeast-1", "us-east-1")
    changes = {**CUSTOM, f"{OKTA_APP}/style": "keycloak", RELAY_STATE: wrong}
    assert first(world, keys, changes) == {RELAY_STATE: FEDERATE}
    assert proposed(world, keys, changes)[0].console == ""
