"""Where a recorded RelayState leads: as AWS sign-in reads it, and as the instances of a world have it."""

from __future__ import annotations

import pytest

from emulator.federation import Federation
from emulator.inspection.relay_states import relay_state_of
from emulator.recordings.logins import RecordedLogin
from tests.conftest import INSTANCE_ID

RIGHT = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"
HOME = "https://console.aws.amazon.com/console/home"


@pytest.mark.parametrize(
    ("value", "leads_to", "wrong"),
    [
        (RIGHT, RIGHT, ""),
        (f"{RIGHT}?destination=%2Fccp-v2", f"{RIGHT}?destination=%2Fccp-v2", ""),
        ("", HOME, "there is no RelayState"),
        (
            "https://crm.example.com/ccp",
            HOME,
            "RelayState leads to crm.example.com, which is not an AWS site; it was not followed",
        ),
        (
            RIGHT.replace("federate", "federation"),
            RIGHT.replace("federate", "federation"),
            f"RelayState leads to /connect/federation/{INSTANCE_ID}, a page that the console does not have",
        ),
    ],
)
def test_without_a_world_it_is_judged_as_sign_in_does(value: str, leads_to: str, wrong: str) -> None:
    """Its own sites are followed, of every host but the right one something is wrong."""
    found = relay_state_of(RecordedLogin("", value), None)
    assert found is not None
    assert (found.value, found.leads_to, found.wrong, found.fix) == (value, leads_to, wrong, "")


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        (RIGHT, ""),
        (
            RIGHT.replace("ap-northeast-1", "us-west-2"),
            "RelayState leads to us-west-2, and the instance acme is in ap-northeast-1",
        ),
        (RIGHT.replace(INSTANCE_ID, "acme"), "RelayState has the instance's alias acme in place of its id"),
    ],
)
def test_with_a_world_it_is_compared_with_the_instances(federation: Federation, value: str, wrong: str) -> None:
    """The fix is the instance's own federate URL."""
    found = relay_state_of(RecordedLogin("", value), federation.aws)
    assert found is not None
    assert (found.wrong, found.fix) == (wrong, RIGHT if wrong else "")


def test_an_instance_that_nobody_has_is_told(federation: Federation) -> None:
    """No fix is known then."""
    other = RIGHT.replace(INSTANCE_ID, "0a1b2c3d-0000-4000-8000-00000000c0c0")
    found = relay_state_of(RecordedLogin("", other), federation.aws)
    assert found is not None
    assert found.wrong == "RelayState has 0a1b2c3d-0000-4000-8000-00000000c0c0, and no instance has this id"
    assert found.fix == ""


def test_nothing_is_said_where_nothing_is_known() -> None:
    """Of a message alone, and of a call of STS, which has no relay state."""
    assert relay_state_of(RecordedLogin(""), None) is None
    assert relay_state_of(RecordedLogin("", "", at_sts=True), None) is None


def test_a_regional_sign_in_keeps_its_region() -> None:
    """The console home is that of the host that was posted to."""
    found = relay_state_of(RecordedLogin("", "", posted_to="https://eu-west-1.signin.aws.amazon.com/saml"), None)
    assert found is not None
    assert found.leads_to == "https://eu-west-1.console.aws.amazon.com/console/home"
