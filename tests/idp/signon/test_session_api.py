"""What command-line clients ask of the org, and how it refuses."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import requests

from emulator.federation import Federation
from emulator.network.calls.gateway_adapter import GatewayAdapter
from tests.conftest import APP, USER

ORG = "https://acme.okta.com"


@pytest.fixture
def client(federation: Federation) -> requests.Session:
    """Returns a requests session inside the federation."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", GatewayAdapter(federation.gateway))
    return session


def _token(client: requests.Session) -> str:
    answer = client.post(f"{ORG}/api/v1/authn", json={"username": USER, "password": "correct-horse"})
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "SUCCESS"
    assert body["expiresAt"] == "2026-01-15T09:05:00.000Z"
    assert body["_embedded"]["user"]["profile"]["login"] == USER
    return str(body["sessionToken"])


def test_a_session_token_becomes_a_session_once(client: requests.Session) -> None:
    """The session has the fields clients read; the token opens nothing a second time."""
    token = _token(client)
    session = client.post(f"{ORG}/api/v1/sessions", json={"sessionToken": token}).json()
    assert (session["status"], session["login"]) == ("ACTIVE", USER)
    assert session["expiresAt"] == "2026-01-15T11:00:00.000Z"
    again = client.post(f"{ORG}/api/v1/sessions", json={"sessionToken": token})
    assert (again.status_code, again.json()["errorCode"]) == (401, "E0000004")


def test_a_session_token_is_good_for_five_minutes(client: requests.Session, federation: Federation) -> None:
    """Later it is refused like an unknown one."""
    token = _token(client)
    federation.clock.advance(timedelta(minutes=5, seconds=1))
    assert client.post(f"{ORG}/api/v1/sessions", json={"sessionToken": token}).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        '{"username": "hanako@example.com", "password": "wrong"}',
        "{}",
        "[]",
        "null",
        "{",
        '{"username": {}, "password": 1}',
        "\ufeff",
    ],
)
def test_wrong_credentials_and_malformed_bodies_are_e0000004(client: requests.Session, body: str) -> None:
    """Okta's error object, with 401."""
    answer = client.post(f"{ORG}/api/v1/authn", data=body.encode(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 401
    assert answer.json() == {
        "errorCode": "E0000004",
        "errorSummary": "Authentication failed",
        "errorLink": "E0000004",
        "errorId": answer.json()["errorId"],
        "errorCauses": [],
    }


def test_app_links_are_the_persons_own(client: requests.Session, federation: Federation) -> None:
    """Each link names the app and opens it; without a session there are none."""
    assert client.get(f"{ORG}/api/v1/users/me/appLinks").json()["errorCode"] == "E0000005"
    client.post(f"{ORG}/api/v1/sessions", json={"sessionToken": _token(client)})
    (link,) = client.get(f"{ORG}/api/v1/users/me/appLinks").json()
    provider, app = federation.find_app(APP)
    assert link["linkUrl"] == provider.org.embed_link(app)
    assert (link["appName"], link["appInstanceId"], link["sortOrder"]) == ("amazon_aws", app.app_id, 0)
    assert 'name="SAMLResponse"' in client.get(link["linkUrl"]).text


def test_my_session_is_found_by_its_cookie(client: requests.Session) -> None:
    """404 without one, the session with one."""
    assert client.get(f"{ORG}/api/v1/sessions/me").status_code == 404
    client.post(f"{ORG}/api/v1/sessions", json={"sessionToken": _token(client)})
    assert client.get(f"{ORG}/api/v1/sessions/me").json()["login"] == USER
    assert client.post(f"{ORG}/api/v1/sessions/me/lifecycle/refresh").json()["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        (f"{ORG}/app/UserHome", "/app/UserHome"),
        ("/home/amazon_aws/x/272", "/home/amazon_aws/x/272"),
        ("https://evil.example/", "/app/UserHome"),
        (f"{ORG}.evil.example/", "/app/UserHome"),
        (f"{ORG}@evil.example/", "/app/UserHome"),
        ("//evil.example/", "/app/UserHome"),
        ("", "/app/UserHome"),
    ],
)
def test_the_cookie_redirect_sets_sid_and_dt_and_leads_nowhere_else(
    client: requests.Session, asked: str, location: str
) -> None:
    """The answer itself has both cookies; another site is not followed."""
    answer = client.get(
        f"{ORG}/login/sessionCookieRedirect",
        params={"token": _token(client), "redirectUrl": asked},
        allow_redirects=False,
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, location)
    assert {"sid", "DT"} <= set(answer.cookies.keys())


def test_the_organization_says_its_pipeline(client: requests.Session) -> None:
    """Clients choose their flow by it."""
    answer: dict[str, Any] = json.loads(client.get(f"{ORG}/.well-known/okta-organization").text)
    assert answer["pipeline"] == "idx"
    assert answer["_links"]["organization"]["href"] == ORG
