"""What CloudTrail records of logins: each step, each refusal, who, what, and no secrets."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from emulator.federation import Federation
from emulator.flow import Outcome, assume_role, credentials_in, log_in
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.wsgi import call, make_environ
from emulator.world import World, change_world
from idp.saml.faults import parse_fault
from sp_mock.assertion.checks import OF_THE_ASSERTION, OF_THE_ROLE
from sp_mock.cloudtrail.times import worded_time
from sp_mock.cloudtrail.user_identity import identity_of_session
from sp_mock.principals.credentials import FederatedUserSession, UserSession
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, NOW, PROVIDER_ARN, ROLE_ARN, TWO_ROLES_USER, USER
from tests.sp_mock.assertion.test_checks import REFUSALS

FEDERATE_URL = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"
SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/ConnectAgent/{USER}"
ROLE_AND_PROVIDER = [
    {"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": ROLE_ARN},
    {"accountId": ACCOUNT, "type": "AWS::IAM::SAMLProvider", "ARN": PROVIDER_ARN},
]
FORM = "application/x-www-form-urlencoded"
Record = dict[str, Any]


def _records(federation: Federation, name: str = "") -> list[Record]:
    found = federation.aws_services.history.records()
    return [record for record in found if name in {"", record["eventName"]}]


def _post(federation: Federation, *faults: dict[str, Any], host: str = "signin.aws.amazon.com", **fields: str) -> str:
    issued = federation.identity_providers["acme"].mint(USER, APP, faults=[parse_fault(each) for each in faults])
    form = {"SAMLResponse": issued.saml_response, "RelayState": "", **fields}
    return str(federation.browser().post(f"https://{host}/saml", form).text)


def test_a_login_is_three_events(federation: Federation) -> None:
    """STS, sign-in and Amazon Connect, the newest first; the assertion's id and the key tie them together."""
    log_in(federation, user=USER, app=APP)
    connect, console, sts = _records(federation)
    role_id = sts["responseElements"]["assumedRoleUser"]["assumedRoleId"].partition(":")[0]
    key = sts["responseElements"]["credentials"]["accessKeyId"]
    qualifier = sts["userIdentity"]["identityProvider"]
    assert (sts["eventName"], console["eventName"], connect["eventName"]) == (
        "AssumeRoleWithSAML",
        "ConsoleLogin",
        "GetFederationToken",
    )
    assert list(sts) == [
        *("eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress"),
        *("userAgent", "requestParameters", "responseElements", "requestID", "eventID", "readOnly", "resources"),
        *("eventType", "managementEvent", "recipientAccountId", "eventCategory"),
    ]
    assert sts["userIdentity"] == {
        "type": "SAMLUser",
        "principalId": f"{qualifier}:{USER}",
        "userName": USER,
        "identityProvider": qualifier,
    }
    assert sts["requestParameters"]["sAMLAssertionID"].startswith("id")
    assert sts["requestParameters"] == {
        "sAMLAssertionID": sts["requestParameters"]["sAMLAssertionID"],
        "roleSessionName": USER,
        "durationSeconds": 3600,
        "roleArn": ROLE_ARN,
        "principalArn": PROVIDER_ARN,
    }
    assert sts["responseElements"] == {
        "credentials": {
            "accessKeyId": key,
            "sessionToken": "HIDDEN_DUE_TO_SECURITY_REASONS",
            "expiration": "Jan 15, 2026, 10:00:00 AM",
        },
        "assumedRoleUser": {"assumedRoleId": f"{role_id}:{USER}", "arn": SESSION_ARN},
        "subject": USER,
        "subjectType": "unspecified",
        "issuer": sts["responseElements"]["issuer"],
        "audience": "https://signin.aws.amazon.com/saml",
        "nameQualifier": qualifier,
    }
    assert (sts["eventTime"], sts["awsRegion"], sts["readOnly"], sts["resources"]) == (
        "2026-01-15T09:00:00Z",
        "us-east-1",
        True,
        ROLE_AND_PROVIDER,
    )
    assert console == {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"{role_id}:{USER}",
            "arn": SESSION_ARN,
            "accountId": ACCOUNT,
        },
        "eventTime": "2026-01-15T09:00:00Z",
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "127.0.0.1",
        "userAgent": "fedemu",
        "requestParameters": None,
        "responseElements": {"ConsoleLogin": "Success"},
        "additionalEventData": {
            "LoginTo": FEDERATE_URL,
            "MobileVersion": "No",
            "MFAUsed": "No",
            "SamlProviderArn": PROVIDER_ARN,
        },
        "eventID": console["eventID"],
        "readOnly": False,
        "eventType": "AwsConsoleSignIn",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        "tlsDetails": {"clientProvidedHostHeader": "signin.aws.amazon.com"},
    }
    assert connect["userIdentity"] == {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{USER}",
        "arn": SESSION_ARN,
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role_id,
                "arn": ROLE_ARN,
                "accountId": ACCOUNT,
                "userName": "ConnectAgent",
            },
            "attributes": {"creationDate": "2026-01-15T09:00:00Z", "mfaAuthenticated": "false"},
        },
    }
    assert (connect["eventSource"], connect["awsRegion"], connect["readOnly"]) == (
        "connect.amazonaws.com",
        "ap-northeast-1",
        True,
    )
    assert (connect["requestParameters"], connect["responseElements"]) == ({"InstanceId": INSTANCE_ID}, None)
    assert connect["sessionCredentialFromConsole"] == "true"


def test_tags_and_source_identity_are_recorded(federation: Federation) -> None:
    """What the assertion passes on is among the parameters, whether the trust policy lets it or not."""
    tag = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:Team"
    source = "https://aws.amazon.com/SAML/Attributes/SourceIdentity"
    _post(federation, {"attribute": tag, "set": "Voice"}, {"attribute": source, "set": "hanako"})
    (record,) = _records(federation)
    assert record["requestParameters"]["principalTags"] == {"Team": "Voice"}
    assert record["requestParameters"]["sourceIdentity"] == "hanako"
    assert (record["errorCode"], record["errorMessage"]) == (
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithSAML",
    )


_OF_THE_PAGE = "InvalidSAMLResponse"


@pytest.mark.parametrize(("check", "fault", "code", "words"), [(*row[:3], row[4]) for row in REFUSALS])
def test_each_refusal_is_recorded(
    federation: Federation, check: str, fault: dict[str, Any], code: str, words: str
) -> None:
    """Code and message are STS's, and nobody has signed in; what the page refuses by itself is not an event."""
    _post(federation, fault)
    records = _records(federation)
    if code == _OF_THE_PAGE:
        assert records == []
        return
    (record,) = records
    assert (record["eventName"], record["errorCode"], record["responseElements"]) == ("AssumeRoleWithSAML", code, None)
    assert record["errorMessage"].partition(" (Service: ")[0] == words
    assert ("userName" in record["userIdentity"]) is (check in _AFTER_VERIFICATION and check != "name-id")
    assert ("sAMLAssertionID" in record["requestParameters"]) is (check in _AFTER_VERIFICATION)


_AFTER_VERIFICATION = {each.name for each in (*OF_THE_ASSERTION, *OF_THE_ROLE)}


def test_words_that_sts_passes_on_keep_their_signature(federation: Federation) -> None:
    """The component that knows the SAML providers signs its words, with the request's id."""
    _post(federation, {"element": "Assertion/Issuer", "set": "http://www.okta.com/exkother"})
    (record,) = _records(federation)
    assert record["errorMessage"] == (
        "Issuer not present in specified provider (Service: AWSOpenIdDiscoveryService; Status Code: 400; "
        f"Error Code: AuthSamlInvalidSamlResponseException; Request ID: {record['requestID']}; Proxy: null)"
    )


def test_an_assertion_that_is_not_verified_says_nothing(federation: Federation) -> None:
    """With a wrong signature the event names role and provider, and nobody."""
    _post(federation, {"tamper": "Assertion/Subject/NameID", "set": "mallory"})
    (record,) = _records(federation)
    assert (record["errorCode"], record["errorMessage"]) == ("InvalidIdentityToken", "Response signature invalid")
    assert record["userIdentity"] == {"type": "SAMLUser"}
    assert record["requestParameters"] == {"roleArn": ROLE_ARN, "principalArn": PROVIDER_ARN}


def test_the_page_and_the_event_have_one_request_id(federation: Federation) -> None:
    """A person who copies the page's sentence finds the event by it."""
    text = _post(federation, {"tamper": "Assertion/Subject/NameID", "set": "mallory"})
    (record,) = _records(federation)
    assert f"Request ID: {record['requestID']}; Proxy: null" in text


def test_what_sign_in_refuses_by_itself_is_nobodys(federation: Federation) -> None:
    """Without a role there is no account whose event it would be."""
    page = _post(federation, {"attribute": "Role", "remove": True})
    assert "Your request included an invalid SAML response" in page
    assert _records(federation) == []


def test_the_role_chooser_is_no_event(federation: Federation) -> None:
    """STS is asked once a role was chosen."""
    browser = federation.browser()
    issued = federation.identity_providers["acme"].mint(TWO_ROLES_USER, APP)
    form = {"SAMLResponse": issued.saml_response, "RelayState": ""}
    browser.post("https://signin.aws.amazon.com/saml", form)
    assert _records(federation) == []
    browser.post("https://signin.aws.amazon.com/saml", {**form, "roleIndex": ROLE_ARN})
    assert [record["eventName"] for record in _records(federation)] == ["ConsoleLogin", "AssumeRoleWithSAML"]


def test_a_call_of_sts_is_recorded_where_it_was_made(federation: Federation) -> None:
    """The duration is the parameter's; without one there is none. A refused call is recorded as well."""
    assume_role(federation, user=USER, app=APP, duration_seconds=900)
    assume_role(federation, user=USER, app=APP)
    assert assume_role(federation, user=USER, app=APP, duration_seconds=43200).outcome is Outcome.REFUSED
    refused, second, first = _records(federation, "AssumeRoleWithSAML")
    assert first["requestParameters"]["durationSeconds"] == 900
    assert "durationSeconds" not in second["requestParameters"]
    assert first["tlsDetails"] == {"clientProvidedHostHeader": "sts.amazonaws.com"}
    assert (refused["errorCode"], refused["errorMessage"]) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )
    assert refused["requestParameters"]["durationSeconds"] == 43200


def test_a_regional_sign_in_host_is_its_regions(federation: Federation) -> None:
    """The event's region is that of the host."""
    _post(federation, host="eu-central-1.signin.aws.amazon.com")
    assert {record["awsRegion"] for record in _records(federation)} == {"eu-central-1"}


def test_the_federation_endpoint_is_a_console_login(federation: Federation) -> None:
    """A broker's login has the destination, and no SAML provider."""
    found = credentials_in(assume_role(federation, user=USER, app=APP).page)
    session = {
        "sessionId": found["AccessKeyId"],
        "sessionKey": found["SecretAccessKey"],
        "sessionToken": found["SessionToken"],
    }
    browser, url = federation.browser(), "https://signin.aws.amazon.com/federation"
    got = browser.open(f"{url}?{urlencode({'Action': 'getSigninToken', 'Session': json.dumps(session)})}")
    home = "https://console.aws.amazon.com/console/home"
    token = json.loads(got.text)["SigninToken"]
    browser.open(f"{url}?{urlencode({'Action': 'login', 'Issuer': 'x', 'Destination': home, 'SigninToken': token})}")
    (record,) = _records(federation, "ConsoleLogin")
    assert record["additionalEventData"] == {"LoginTo": home, "MobileVersion": "No", "MFAUsed": "No"}
    assert record["userIdentity"]["arn"] == SESSION_ARN


def test_a_user_who_was_not_onboarded(world: World, keys: KeyFolder, clock: Clock) -> None:
    """Amazon Connect's code; its words for an API call are not public and left out."""
    changed = change_world(world, {f"/aws/{ACCOUNT}/connect/{INSTANCE_ID}/users/{USER}": None})
    federation = Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys)
    log_in(federation, user=USER, app=APP)
    record = _records(federation, "GetFederationToken")[0]
    assert record["errorCode"] == "UserNotFoundException"
    assert "errorMessage" not in record


def test_emergency_access_without_permission(federation: Federation) -> None:
    """The event has the call's own name, and the words of a call that no policy allows."""
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser, relay_state="")
    browser.post(f"https://ap-northeast-1.console.aws.amazon.com/connect/emergency/{INSTANCE_ID}", {})
    record = _records(federation, "AdminGetEmergencyAccessToken")[0]
    assert (record["errorCode"], record["errorMessage"]) == (
        "AccessDeniedException",
        f"User: {SESSION_ARN} is not authorized to perform: connect:AdminGetEmergencyAccessToken on resource: "
        f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/{INSTANCE_ID}",
    )


def test_no_secret_is_recorded(federation: Federation) -> None:
    """Neither secret keys nor session tokens nor Amazon Connect's tokens are in any record."""
    log_in(federation, user=USER, app=APP)
    found = credentials_in(assume_role(federation, user=USER, app=APP).page)
    text = json.dumps(_records(federation))
    assert found["AccessKeyId"] in text
    assert found["SecretAccessKey"] not in text
    assert found["SessionToken"] not in text
    tables = federation.store.tables
    for name in ("connect-access-tokens", "connect-refresh-tokens", "console-sessions"):
        assert not any(token in text for token in tables[name].running())


def test_events_are_kept_for_ninety_days(federation: Federation, clock: Clock) -> None:
    """On the ninetieth day an event is forgotten."""
    log_in(federation, user=USER, app=APP)
    clock.advance(timedelta(days=90) - timedelta(seconds=1))
    assert len(_records(federation)) == 3
    clock.advance(timedelta(seconds=1))
    assert _records(federation) == []


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 7, 1, 12, 8, 19, tzinfo=UTC), "Jul 1, 2026, 12:08:19 PM"),
        (datetime(2023, 8, 28, 19, 0, 58, tzinfo=UTC), "Aug 28, 2023, 7:00:58 PM"),
        (datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC), "Jan 1, 2026, 12:00:05 AM"),
    ],
)
def test_times_in_answers_are_worded(moment: datetime, words: str) -> None:
    """As AWS's records have them: twelve hours, no leading zeros, a comma after the year."""
    assert worded_time(moment) == words


def test_sessions_of_iam_users(federation: Federation) -> None:
    """A session token's is still the user; a federated user's issuer is the user who asked."""
    user = next(iter(federation.aws_services.aws.accounts[ACCOUNT].users.values()))
    own = identity_of_session(UserSession(user.arn, user.user_id, NOW, NOW), access_key_id="ASIAEXAMPLE")
    assert own.as_json() == {
        "type": "IAMUser",
        "principalId": user.user_id,
        "arn": str(user.arn),
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAEXAMPLE",
        "userName": user.arn.name,
        "sessionContext": {"attributes": {"creationDate": "2026-01-15T09:00:00Z", "mfaAuthenticated": "false"}},
    }
    federated = identity_of_session(FederatedUserSession(user.arn, "guest", NOW, issued_at=NOW)).as_json()
    assert (federated["type"], federated["principalId"]) == ("FederatedUser", f"{ACCOUNT}:guest")
    assert federated["arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/guest"
    assert federated["sessionContext"]["sessionIssuer"]["arn"] == str(user.arn)


def test_long_texts_are_cut(federation: Federation) -> None:
    """A user agent has at most 1 KB, and a relay state of more than 28 KB is left out."""
    issued = federation.identity_providers["acme"].mint(USER, APP)
    home = "https://console.aws.amazon.com/console/home?x="
    form = urlencode({"SAMLResponse": issued.saml_response, "RelayState": home + "x" * 30_000})
    headers = [("Host", "signin.aws.amazon.com"), ("User-Agent", "x" * 2000), ("Content-Type", FORM)]
    environ = make_environ("POST", "/saml", headers, form.encode(), scheme="https")
    assert call(federation.gateway, environ).code == 302
    (record,) = _records(federation, "ConsoleLogin")
    assert record["userAgent"] == "x" * 1024
    assert record["additionalEventData"] == {"omitted": True}
