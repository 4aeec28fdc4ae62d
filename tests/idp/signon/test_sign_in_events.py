"""Each sign-in and each app that is opened leaves Okta's events, with outcomes and reasons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from idp.signon.factors import STEP_SECONDS, totp
from tests.conftest import APP, USER

ORG = "https://acme.okta.com"
SECRET = "GEZDGNBVGY3TQOJQ"
Make = Callable[..., Federation]
Row = tuple[str, str, str | None]


@pytest.fixture
def make(world: World, clock: Clock, keys: KeyFolder) -> Make:
    """Returns a function that makes a federation of the built-in world with changes of its org."""

    def call(**changes: Any) -> Federation:
        changed = change_world(world, {f"/okta/acme/{name}": value for name, value in changes.items()})
        return Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys)

    return call


def _events(federation: Federation) -> list[dict[str, Any]]:
    return list(federation.identity_providers["acme"].system_log.events)


def _rows(federation: Federation) -> list[Row]:
    return [(e["eventType"], e["outcome"]["result"], e["outcome"]["reason"]) for e in _events(federation)]


def _authn(federation: Federation, username: str, password: str) -> dict[str, Any]:
    body = {"username": username, "password": password}
    answer = federation.browser().session().post(f"{ORG}/api/v1/authn", json=body)
    return dict(answer.json())


ALLOW = ("policy.evaluate_sign_on", "ALLOW", "Sign-on policy evaluation resulted in ALLOW")
CHALLENGE = ("policy.evaluate_sign_on", "CHALLENGE", "Sign-on policy evaluation resulted in CHALLENGE")
START = ("user.session.start", "SUCCESS", None)
SSO = ("user.authentication.sso", "SUCCESS", None)
RIGHT = ("user.authentication.auth_via_mfa", "SUCCESS", None)
WRONG = ("user.authentication.auth_via_mfa", "FAILURE", "INVALID_CREDENTIALS")
VERIFY = ("user.authentication.verify", "SUCCESS", None)


@pytest.mark.parametrize(
    ("pipeline", "expected"),
    [("v1", [START, ALLOW, ALLOW, SSO]), ("idx", [RIGHT, VERIFY, START, ALLOW, ALLOW, SSO])],
)
def test_a_login_from_the_tile(make: Make, pipeline: str, expected: list[Row]) -> None:
    """Session, sign-on policy, the app's policy, and the app; in Identity Engine the password is a factor."""
    federation = make(pipeline=pipeline)
    assert log_in(federation, user=USER, app=APP).outcome.value == "accepted"
    assert _rows(federation) == expected


def test_an_event_has_the_fields_of_recordings(make: Make) -> None:
    """Actor, client, request, transaction and session of user.session.start; targets and debug data of SSO."""
    federation = make(pipeline="v1")
    log_in(federation, user=USER, app=APP)
    start, policy, _, sso = _events(federation)
    org = federation.identity_providers["acme"].org
    user, app = org.users[USER], org.apps[APP]
    request_id = start["transaction"]["id"]
    assert len(request_id) == 27
    assert start == {
        "uuid": start["uuid"],
        "published": "2026-01-15T09:00:00.000Z",
        "eventType": "user.session.start",
        "version": "0",
        "displayMessage": "User login to Okta",
        "severity": "INFO",
        "client": {
            "userAgent": {
                "rawUserAgent": start["client"]["userAgent"]["rawUserAgent"],
                "os": "Unknown",
                "browser": "UNKNOWN",
            },
            "zone": "null",
            "device": "Unknown",
            "id": None,
            "ipAddress": "127.0.0.1",
            "geographicalContext": None,
        },
        "device": None,
        "actor": {
            "id": user.user_id,
            "type": "User",
            "alternateId": USER,
            "displayName": "Hanako Sato",
            "detailEntry": None,
        },
        "outcome": {"result": "SUCCESS", "reason": None},
        "target": None,
        "transaction": {"type": "WEB", "id": request_id, "detail": {}},
        "debugContext": {
            "debugData": {
                "requestId": request_id,
                "requestUri": "/login/login.htm",
                "url": start["debugContext"]["debugData"]["url"],
                "threatSuspected": "false",
            }
        },
        "legacyEventType": "core.user_auth.login_success",
        "authenticationContext": {
            "authenticationProvider": None,
            "authenticationStep": 0,
            "credentialProvider": None,
            "credentialType": None,
            "externalSessionId": start["authenticationContext"]["externalSessionId"],
            "interface": None,
            "issuer": None,
        },
        "securityContext": {"asNumber": None, "asOrg": None, "isp": None, "domain": None, "isProxy": None},
        "request": {
            "ipChain": [{"ip": "127.0.0.1", "geographicalContext": None, "version": "V4", "source": None}],
        },
    }
    assert start["authenticationContext"]["externalSessionId"].startswith("102")
    assert sso["authenticationContext"] == start["authenticationContext"]
    assert policy["transaction"] == start["transaction"] != sso["transaction"]
    assert [(t["type"], t["displayName"], t["detailEntry"]) for t in policy["target"]] == [
        ("PolicyEntity", "Default Policy", {"policyType": "OktaSignOn"}),
        ("PolicyRule", "Default Rule", None),
    ]
    assert [(t["type"], t["id"], t["alternateId"], t["detailEntry"]) for t in sso["target"]] == [
        ("AppInstance", app.app_id, app.label, {"signOnModeType": "SAML_2_0"}),
        ("AppUser", f"0ua{user.user_id[3:]}", USER, None),
    ]
    debug_data = sso["debugContext"]["debugData"]
    assert debug_data.pop("jti").startswith("id")
    assert debug_data == {
        "requestId": sso["transaction"]["id"],
        "requestUri": f"/home/amazon_aws/{app.app_id}/272",
        "url": f"/home/amazon_aws/{app.app_id}/272?",
        "threatSuspected": "false",
        "initiationType": "IDP_INITIATED",
        "signOnMode": "SAML 2.0",
        "subject": USER,
        "issuer": app.issuer,
        "authenticationClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
        "authTime": "2026-01-15T09:00:00.000Z",
        "issuedAt": "2026-01-15T09:00:00.000Z",
        "expiryTime": "2026-01-15T09:05:00.000Z",
    }
    assert sso["legacyEventType"] == "app.auth.sso"


@pytest.mark.parametrize(
    ("status", "username", "password", "reason"),
    [
        ("ACTIVE", USER, "wrong", "INVALID_CREDENTIALS"),
        ("ACTIVE", "nobody@example.com", "wrong", "VERIFICATION_ERROR"),
        ("LOCKED_OUT", USER, "correct-horse", "LOCKED_OUT"),
        ("SUSPENDED", USER, "correct-horse", "GENERAL_NONSUCCESS"),
        ("DEPROVISIONED", USER, "correct-horse", "GENERAL_NONSUCCESS"),
    ],
)
def test_a_sign_in_that_fails(make: Make, status: str, username: str, password: str, reason: str) -> None:
    """The reason says what the answer, which is the same for all, does not."""
    federation = make(pipeline="v1", **{f"users/{USER}/status": status})
    assert _authn(federation, username, password)["errorCode"] == "E0000004"
    (event,) = _events(federation)
    assert (event["eventType"], event["severity"]) == ("user.session.start", "WARN")
    assert event["outcome"] == {"result": "FAILURE", "reason": reason}
    assert event["legacyEventType"] == "core.user_auth.login_failed"
    assert event["debugContext"]["debugData"]["loginResult"] == reason
    assert event["debugContext"]["debugData"]["requestUri"] == "/api/v1/authn"
    assert event["authenticationContext"]["externalSessionId"] == "unknown"
    unknown = username != USER
    assert (event["actor"]["id"] == "unknown", event["actor"]["alternateId"]) == (unknown, username)


def test_a_wrong_password_in_identity_engine(make: Make) -> None:
    """The password is a factor that failed, and the session did not start."""
    federation = make()
    _authn(federation, USER, "wrong")
    assert _rows(federation) == [WRONG, ("user.session.start", "FAILURE", "INVALID_CREDENTIALS")]
    assert _events(federation)[0]["debugContext"]["debugData"]["factor"] == "PASSWORD_AS_FACTOR"


def test_a_lockout(make: Make) -> None:
    """The attempt that is one too many locks the account; the next is refused because of that."""
    federation = make(pipeline="v1", lockout_after=2)
    for _ in range(3):
        _authn(federation, USER, "wrong")
    assert _rows(federation) == [
        ("user.session.start", "FAILURE", "INVALID_CREDENTIALS"),
        ("user.session.start", "FAILURE", "INVALID_CREDENTIALS"),
        ("user.account.lock", "FAILURE", "LOCKED_OUT"),
        ("user.session.start", "FAILURE", "LOCKED_OUT"),
    ]
    lock = _events(federation)[2]
    assert (lock["displayMessage"], lock["severity"], lock["legacyEventType"]) == (
        "Max sign in attempts exceeded",
        "DEBUG",
        "core.user_auth.account_locked",
    )


FACTORS: dict[str, tuple[dict[str, Any], str]] = {
    "totp": ({"type": "totp", "secret": SECRET}, "OKTA_SOFT_TOKEN"),
    "google": ({"type": "totp", "secret": SECRET, "provider": "GOOGLE"}, "GOOGLE_OTP_TOKEN"),
}


@pytest.mark.parametrize("kind", FACTORS)
def test_a_second_factor(make: Make, kind: str) -> None:
    """The policy challenges; a wrong code and the right one are logged with the factor's name."""
    factor, name = FACTORS[kind]
    federation = make(pipeline="v1", mfa="required", **{f"users/{USER}/factors": [factor]})
    step = _authn(federation, USER, "correct-horse")
    verify = step["_embedded"]["factors"][0]["_links"]["verify"]["href"]
    session = federation.browser().session()
    code = totp(SECRET, int(federation.clock.now().timestamp()) // STEP_SECONDS)
    for each in ("000000", code):
        session.post(verify, json={"stateToken": step["stateToken"], "passCode": each})
    assert _rows(federation) == [CHALLENGE, WRONG, RIGHT, START, ALLOW]
    assert {e["debugContext"]["debugData"].get("factor") for e in _events(federation)[1:3]} == {name}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("approve", [CHALLENGE, RIGHT, START, ALLOW]),
        ("deny", [CHALLENGE, WRONG, ("user.mfa.okta_verify.deny_push", "FAILURE", None)]),
        ("timeout", [CHALLENGE, WRONG]),
    ],
)
def test_a_push(make: Make, answer: str, expected: list[Row]) -> None:
    """Approved, denied, or not answered."""
    federation = make(pipeline="v1", mfa="required", **{f"users/{USER}/factors": [{"type": "push", "answer": answer}]})
    step = _authn(federation, USER, "correct-horse")
    verify = step["_embedded"]["factors"][0]["_links"]["verify"]["href"]
    session = federation.browser().session()
    for _ in range(2):
        session.post(verify, json={"stateToken": step["stateToken"]})
    assert _rows(federation) == expected
    assert _events(federation)[1]["debugContext"]["debugData"]["factor"] == "OKTA_VERIFY_PUSH"


def test_an_app_that_is_not_theirs(make: Make) -> None:
    """The attempt is logged with the app, as a warning."""
    federation = make(pipeline="v1", **{f"apps/{APP}/assignments": []})
    login = log_in(federation, user=USER, app=APP)
    assert login.refusal is not None
    event = _events(federation)[-1]
    assert (event["eventType"], event["displayMessage"], event["severity"]) == (
        "app.generic.unauth_app_access_attempt",
        "User attempted unauthorized access to app",
        "WARN",
    )
    assert event["outcome"]["result"] == "FAILURE"
    assert [target["type"] for target in event["target"]] == ["AppInstance"]
    assert event["actor"]["alternateId"] == USER


def test_an_app_that_wants_a_second_factor(make: Make) -> None:
    """The app's policy challenges a session that had none."""
    federation = make(
        pipeline="v1",
        **{f"apps/{APP}/mfa": "required", f"users/{USER}/factors": [{"type": "totp", "secret": SECRET}]},
    )
    log_in(federation, user=USER, app=APP)
    assert _rows(federation) == [START, ALLOW, CHALLENGE]
    assert [target["displayName"] for target in _events(federation)[-1]["target"]] == [
        "Any two factors",
        "Catch-all Rule",
        "Amazon Connect SAML",
    ]


def test_signing_out(make: Make) -> None:
    """The session ends once, whoever asks twice."""
    federation = make(pipeline="v1")
    browser = federation.browser()
    page = browser.open(f"{ORG}/login/login.htm")
    browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    browser.open(f"{ORG}/login/signout")
    browser.open(f"{ORG}/login/signout")
    assert _rows(federation) == [START, ALLOW, ("user.session.end", "SUCCESS", None)]
    start, _, end = _events(federation)
    assert end["authenticationContext"] == start["authenticationContext"]
    assert end["legacyEventType"] == "core.user_auth.logout_success"


def test_an_expired_password(make: Make) -> None:
    """It is changed, then the sign-in goes on."""
    federation = make(pipeline="v1", **{f"users/{USER}/status": "PASSWORD_EXPIRED"})
    step = _authn(federation, USER, "correct-horse")
    body = {"stateToken": step["stateToken"], "oldPassword": "correct-horse", "newPassword": "battery-staple"}
    federation.browser().session().post(f"{ORG}/api/v1/authn/credentials/change_password", json=body)
    assert _rows(federation) == [("user.account.update_password", "SUCCESS", None), START, ALLOW]


def test_a_browser_is_named_and_secrets_of_a_query_are_not(make: Make) -> None:
    """User agents are taken apart; a query with a token is left out."""
    federation = make(pipeline="v1")
    agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:72.0) Gecko/20100101 Firefox/72.0"
    session = federation.browser().session()
    token = _authn(federation, USER, "correct-horse")["sessionToken"]
    app = federation.identity_providers["acme"].org.apps[APP]
    link = f"{ORG}/home/amazon_aws/{app.app_id}/272"
    session.get(f"{link}?sessionToken={token}", headers={"User-Agent": agent})
    event = _events(federation)[-1]
    assert event["client"]["userAgent"] == {"rawUserAgent": agent, "os": "Mac OS X", "browser": "FIREFOX"}
    assert event["client"]["device"] == "Computer"
    assert token not in str(_events(federation))
