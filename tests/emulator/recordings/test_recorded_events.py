"""Events of logins in every file that people export them to."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.inspection.login_inspection import event_outcome
from emulator.kernel.errors import FederationError
from emulator.recordings.recorded_events import RecordedEvent
from emulator.recordings.recorded_refusals import RecordedRefusal
from emulator.recordings.recording import read_recording
from tests.conftest import APP, USER
from tests.emulator.inspection.vendor_responses import PERSON, PROVIDER_ARN, ROLE_ARN

REFUSED: dict[str, Any] = {
    "eventVersion": "1.11",
    "userIdentity": {"type": "SAMLUser", "userName": PERSON, "principalId": f"x:{PERSON}"},
    "eventTime": "2026-03-04T05:06:09Z",
    "eventSource": "sts.amazonaws.com",
    "eventName": "AssumeRoleWithSAML",
    "awsRegion": "us-east-1",
    "sourceIPAddress": "192.0.2.7",
    "errorCode": "AccessDenied",
    "errorMessage": "Not authorized to perform sts:AssumeRoleWithSAML",
    "requestParameters": {"roleArn": ROLE_ARN, "principalArn": PROVIDER_ARN, "roleSessionName": PERSON},
    "responseElements": None,
    "recipientAccountId": "210987654321",
}
CONSOLE: dict[str, Any] = {
    "userIdentity": {"type": "AssumedRole", "arn": f"arn:aws:sts::210987654321:assumed-role/Support/{PERSON}"},
    "eventTime": "2026-03-04T05:00:00Z",
    "eventSource": "signin.amazonaws.com",
    "eventName": "ConsoleLogin",
    "responseElements": {"ConsoleLogin": "Success"},
    "additionalEventData": {"LoginTo": "https://console.aws.amazon.com/", "SamlProviderArn": PROVIDER_ARN},
}
FEDERATION: dict[str, Any] = {
    **CONSOLE,
    "eventTime": "2026-03-04T05:09:00Z",
    "eventSource": "connect.amazonaws.com",
    "eventName": "GetFederationToken",
    "errorCode": "UserNotFoundException",
    "requestParameters": {"InstanceId": "0a1b"},
    "responseElements": None,
}
OTHER = {"eventName": "ListRoles", "eventSource": "iam.amazonaws.com", "eventTime": "2026-03-04T05:00:00Z"}
OKTA: dict[str, Any] = {
    "uuid": "0a",
    "published": "2026-03-04T05:06:07.123Z",
    "eventType": "app.generic.unauth_app_access_attempt",
    "displayMessage": "User attempted unauthorized access to app",
    "outcome": {"result": "FAILURE", "reason": None},
    "actor": {"id": "00u1", "type": "User", "alternateId": PERSON, "displayName": "Rin Mori"},
    "client": {"ipAddress": "192.0.2.7"},
    "target": [{"type": "AppInstance", "displayName": "Amazon Connect", "alternateId": "Amazon Connect"}],
}
SSO: dict[str, Any] = {
    **OKTA,
    "eventType": "user.authentication.sso",
    "displayMessage": "User single sign on to app",
    "outcome": {"result": "SUCCESS", "reason": None},
}


def _read(data: Any) -> tuple[RecordedEvent, ...]:
    return read_recording(json.dumps(data).encode()).events


@pytest.mark.parametrize(
    "data",
    [
        REFUSED,
        [REFUSED],
        {"Records": [OTHER, REFUSED]},
        {"Events": [{"EventId": "0a", "EventName": "x", "CloudTrailEvent": json.dumps(REFUSED)}]},
        {"EventId": "0a", "CloudTrailEvent": json.dumps(REFUSED)},
        {"version": "0", "detail-type": "AWS API Call via CloudTrail", "source": "aws.sts", "detail": REFUSED},
    ],
    ids=["one event", "a list", "a log file", "LookupEvents", "one of LookupEvents", "EventBridge"],
)
def test_every_file_of_cloudtrails_is_read(data: Any) -> None:
    """With who, when, what was asked, and the check behind AWS's words."""
    (event,) = _read(data)
    assert event.refusal == RecordedRefusal(
        "AWS STS", "Not authorized to perform sts:AssumeRoleWithSAML", "AccessDenied", ("trust-policy", "name-id")
    )
    assert (event.kept_by, event.name, event.who) == ("CloudTrail", "AssumeRoleWithSAML", PERSON)
    assert event.facts == {
        "Role": ROLE_ARN,
        "SAML provider": PROVIDER_ARN,
        "RoleSessionName": PERSON,
        "Region": "us-east-1",
        "Account": "210987654321",
        "Source IP": "192.0.2.7",
    }
    assert event_outcome(event).value == "refused"


def test_a_log_file_in_gzip_and_lines_of_json_are_read() -> None:
    """As CloudTrail delivers it, and as a search prints it."""
    assert len(read_recording(gzip.compress(json.dumps({"Records": [REFUSED]}).encode())).events) == 1
    lines = "\n".join(map(json.dumps, (FEDERATION, REFUSED, CONSOLE)))
    events = read_recording(lines.encode()).events
    assert [each.name for each in events] == ["ConsoleLogin", "AssumeRoleWithSAML", "GetFederationToken"]
    assert [event_outcome(each).value for each in events] == ["accepted", "refused", "refused"]
    assert events[2].refusal == RecordedRefusal(
        "Amazon Connect", "UserNotFoundException", "UserNotFoundException", ("connect-user",)
    )


@pytest.mark.parametrize(
    "data", [OKTA, [OKTA], {"data": {"events": [OKTA]}}, {"detail": OKTA}], ids=["one", "list", "hook", "EventBridge"]
)
def test_oktas_log_is_read(data: Any) -> None:
    """A refusal of Okta's has its check; what Okta issues is not decided by it."""
    (event,) = _read(data)
    assert event.refusal == RecordedRefusal(
        "Okta", "User attempted unauthorized access to app", "FAILURE", ("app-assignment",)
    )
    assert (event.who, event.facts["App"]) == (PERSON, "Amazon Connect")
    (issued,) = _read(SSO)
    assert (issued.refusal, event_outcome(issued).value) == (None, "undecided")


def test_events_of_other_things_are_told() -> None:
    """There is nothing of a login in them."""
    with pytest.raises(FederationError) as caught:
        _read({"Records": [OTHER]})
    assert caught.value.message == "None of these events is about a login"


def test_the_emulators_own_events_are_read(federation: Federation) -> None:
    """Its CloudTrail has what AWS's would."""
    log_in(federation, user=USER, app=APP)
    records = federation.aws_services.history.records()
    names = [each.name for each in _read({"Records": list(records)})]
    assert sorted(names) == ["AssumeRoleWithSAML", "ConsoleLogin", "GetFederationToken"]


def test_of_a_history_the_order_within_a_second_is_turned_round() -> None:
    """It has the newest first."""
    later, second = {**FEDERATION}, {**CONSOLE, "eventTime": REFUSED["eventTime"]}
    names = ["AssumeRoleWithSAML", "ConsoleLogin", "GetFederationToken"]
    assert [each.name for each in _read({"Records": [later, second, REFUSED]})] == names
    assert [each.name for each in _read({"Records": [REFUSED, second, later]})] == names


def test_the_emulators_system_log_is_read(federation: Federation) -> None:
    """Its sign-ons are there."""
    log_in(federation, user=USER, app=APP)
    log = _read(list(federation.identity_providers["acme"].system_log.events))
    assert "user.authentication.sso" in [each.name for each in log]


def test_every_event_of_a_file_is_read() -> None:
    """A login after ten thousand other events, in one document as in lines."""
    events = [*[OTHER] * 10_001, REFUSED]
    assert [each.name for each in _read({"Records": events})] == ["AssumeRoleWithSAML"]
    lines = "\n".join(map(json.dumps, events)).encode()
    assert [each.name for each in read_recording(lines).events] == ["AssumeRoleWithSAML"]


def test_an_event_that_was_cut_off_is_not_passed_over() -> None:
    """What it said may be the login that is looked for."""
    whole = json.dumps(REFUSED)
    cut = {"EventId": "0b", "EventName": "ConsoleLogin", "CloudTrailEvent": whole[: whole.index('"sts.am') + 4]}
    with pytest.raises(FederationError) as caught:
        _read({"Events": [{"EventId": "0a", "CloudTrailEvent": whole}, cut]})
    assert caught.value.message.startswith(
        "The event ConsoleLogin 0b cannot be read: its CloudTrailEvent is not JSON: Unterminated string starting at"
    )
    assert caught.value.fix == "Save it again, whole, or remove this event."


def test_a_line_that_is_not_json_is_not_passed_over() -> None:
    """The error names it."""
    with pytest.raises(FederationError) as caught:
        read_recording(f"{json.dumps(OTHER)}\n{json.dumps(REFUSED)}\n{{\n".encode())
    assert caught.value.message.startswith("Line 3 of this file is not JSON: Expecting property name")
    assert caught.value.fix == "Save it again, whole, or remove this line."
