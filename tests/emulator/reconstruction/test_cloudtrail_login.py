"""Logins as CloudTrail kept them: what a call of AssumeRoleWithSAML says is enough for a world."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.kernel.errors import FederationError
from emulator.reconstruction.cloudtrail_login import logins_of_events, recorded_event
from emulator.reconstruction.reconstruct import Reconstruction, reconstruct
from emulator.recordings.recording import read_recording
from tests.emulator.inspection.vendor_responses import ACCOUNT, AWS_URL, PERSON, PROVIDER_ARN, ROLE_ARN
from tests.emulator.reconstruction.recordings import scenario_in, world_in
from tests.emulator.recordings.test_recorded_events import CONSOLE, FEDERATION, OKTA, REFUSED, SSO

INSTANCE_ID = "0a1b2c3d-0000-4000-8000-00000000c0c0"
ASSUMED: dict[str, Any] = {
    **{name: value for name, value in REFUSED.items() if not name.startswith("error")},
    "responseElements": {
        "issuer": "http://www.okta.com/exk1example0000000h7",
        "audience": AWS_URL,
        "subject": "G-0001",
        "assumedRoleUser": {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Support/{PERSON}"},
    },
}
SIGNED_IN = {**CONSOLE, "eventTime": "2026-03-04T05:06:19Z"}
FEDERATED = {
    **{name: value for name, value in FEDERATION.items() if not name.startswith("error")},
    "awsRegion": "us-west-2",
    "requestParameters": {"InstanceId": INSTANCE_ID},
}


def _made(*events: dict[str, Any]) -> Reconstruction:
    read = read_recording(json.dumps(events).encode()).events
    return reconstruct(recorded_event(logins_of_events(read)[-1], read))


def test_a_call_of_sts_is_made_again() -> None:
    """Issuer, audience and NameID are in its answer; nothing came after it."""
    reconstruction = _made(ASSUMED)
    app = world_in(reconstruction)["okta"]["unknown-org"]["apps"]["aws"]
    assert app["saml"] == {"issuer": "http://www.okta.com/exk1example0000000h7", "name_id": "user.nameId"}
    assert world_in(reconstruction)["okta"]["unknown-org"]["users"] == {PERSON: {"profile": {"nameId": "G-0001"}}}
    assert scenario_in(reconstruction)["login"] == {
        "user": PERSON,
        "app": "aws",
        "via": "sts",
        "role": ROLE_ARN,
        "provider": PROVIDER_ARN,
    }
    assert scenario_in(reconstruction)["expect"] == {
        "outcome": "accepted",
        "role": ROLE_ARN,
        "session_name": PERSON,
        "oracle": "observed",
    }
    assert reconstruction.differences == ()


def test_a_console_login_came_through_a_browser() -> None:
    """ConsoleLogin of the same session says so."""
    reconstruction = _made(ASSUMED, SIGNED_IN)
    assert scenario_in(reconstruction)["login"] == {"user": PERSON, "app": "aws"}
    assert reconstruction.received.told() == "accepted, https://console.aws.amazon.com/console/home"
    assert reconstruction.differences == ()


def test_a_federation_names_the_instance() -> None:
    """Its id and region are in the event; its alias is not, and another name replaces it."""
    reconstruction = _made(ASSUMED, FEDERATED)
    instance = world_in(reconstruction)["aws"][ACCOUNT]["connect"][INSTANCE_ID]
    assert instance == {"alias": "unknown-alias", "region": "us-west-2", "users": {PERSON: {}}}
    assert "the instance's alias: unknown-alias stands for it" in reconstruction.told
    assert reconstruction.differences == ()


@pytest.mark.parametrize(
    ("events", "check", "code"),
    [
        ([REFUSED], "trust-policy", "AccessDenied"),
        ([ASSUMED, {**FEDERATED, "errorCode": "UserNotFoundException"}], "connect-user", "UserNotFoundException"),
        (
            [ASSUMED, {**FEDERATED, "errorCode": "AccessDeniedException"}],
            "get-federation-token",
            "AccessDeniedException",
        ),
    ],
)
def test_a_refusal_that_was_kept_comes_out_again(events: list[dict[str, Any]], check: str, code: str) -> None:
    """By the cause that its code or its words name."""
    reconstruction = _made(*events)
    assert (reconstruction.received.values["check"], reconstruction.received.values["code"]) == (check, code)
    assert reconstruction.differences == ()


def test_what_names_no_role_is_refused_with_what_to_give() -> None:
    """Okta's log does not know it; other events of AWS's do not either."""
    for events, why in (
        ([OKTA, SSO], "Okta's System Log does not say which roles an assertion had"),
        ([CONSOLE], "these events name no role"),
    ):
        read = read_recording(json.dumps(events).encode()).events
        with pytest.raises(FederationError) as caught:
            logins_of_events(read)
        assert caught.value.message == f"A world cannot be made of this: {why}"
        assert caught.value.expected == "a HAR of the login, a SAMLResponse, or CloudTrail's event AssumeRoleWithSAML"
