"""Whether tokens are still good, how they end, and what the System Log has of both."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.conftest import USER
from tests.idp.oauth.conftest import ORG, PUBLIC, SECRET, WEB, Client, error

NOW = 1768467600
INACTIVE = {"active": False}


def _post(client: Client, what: str, token: str) -> requests.Response:
    form = {"client_id": client.client_id, "token": token}
    if client.client_id == WEB:
        form["client_secret"] = SECRET
    return client.session.post(f"{ORG}/oauth2/v1/{what}", data=form)


def _introspect(client: Client, token: str) -> dict[str, Any]:
    answer = _post(client, "introspect", token)
    assert answer.status_code == 200
    return dict(answer.json())


def _revoke(client: Client, token: str) -> None:
    answer = _post(client, "revoke", token)
    assert (answer.status_code, answer.content) == (200, b"")


def test_what_tokens_say(client: Client) -> None:
    """An access token, an ID token and a refresh token, and what is none."""
    client.sign_in()
    tokens = client.tokens(scope="openid offline_access")
    user_id = client.federation.identity_providers["acme"].org.users[USER].user_id
    access = _introspect(client, tokens["access_token"])
    assert access.pop("jti").startswith("AT.")
    assert access == {
        "active": True,
        "token_type": "Bearer",
        "scope": "openid offline_access",
        "client_id": WEB,
        "username": USER,
        "exp": NOW + 3600,
        "iat": NOW,
        "sub": USER,
        "aud": ORG,
        "iss": ORG,
        "uid": user_id,
    }
    identity = _introspect(client, tokens["id_token"])
    assert (identity["active"], identity["aud"], identity["username"]) == (True, WEB, USER)
    refresh = _introspect(client, tokens["refresh_token"])
    assert (refresh["active"], refresh["scope"], refresh["exp"]) == (True, "openid offline_access", NOW + 90 * 86_400)
    assert _introspect(client, "x") == INACTIVE
    assert _introspect(replace(client, client_id=PUBLIC), tokens["refresh_token"]) == INACTIVE
    client.federation.clock.advance(timedelta(hours=1))
    assert _introspect(client, tokens["access_token"]) == INACTIVE
    assert _introspect(client, tokens["refresh_token"])["active"]


def test_revoking_an_access_token(client: Client) -> None:
    """It is good for nothing any more; the refresh token gives another."""
    client.sign_in()
    tokens = client.tokens(scope="openid profile offline_access")
    _revoke(client, tokens["access_token"])
    assert _introspect(client, tokens["access_token"]) == INACTIVE
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert client.session.get(f"{ORG}/oauth2/v1/userinfo", headers=header).status_code == 401
    assert client.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status_code == 200


def test_revoking_a_refresh_token(client: Client) -> None:
    """The access token that came with it last is over as well."""
    client.sign_in()
    tokens = client.tokens(scope="openid offline_access")
    again = client.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()
    _revoke(client, tokens["refresh_token"])
    assert _introspect(client, tokens["refresh_token"]) == INACTIVE
    assert _introspect(client, again["access_token"]) == INACTIVE
    refused = client.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert error(refused)[1] == "invalid_grant"


def test_another_clients_tokens(client: Client) -> None:
    """A client revokes its own tokens; the answer does not tell."""
    client.sign_in()
    tokens = client.tokens(scope="openid offline_access")
    other = replace(client, client_id=PUBLIC)
    _revoke(other, tokens["access_token"])
    _revoke(other, tokens["refresh_token"])
    assert _introspect(client, tokens["access_token"])["active"]
    assert _introspect(client, tokens["refresh_token"])["active"]


@pytest.mark.parametrize("what", ["introspect", "revoke"])
def test_calls_that_are_refused(client: Client, what: str) -> None:
    """Without a token, and from nobody known."""
    assert error(_post(client, what, "")) == (400, "invalid_request", "The required parameter 'token' is missing.")
    assert error(_post(replace(client, client_id="0oa-none"), what, "x")) == (
        401,
        "invalid_client",
        "Invalid value for 'client_id' parameter.",
    )


def _logged(client: Client, count: int) -> list[tuple[str, str, str | None, str, str | None]]:
    """Returns the last events: type, result, reason, actor and the name that the Events API had for it."""
    return [
        (
            event["eventType"],
            event["outcome"]["result"],
            event["outcome"]["reason"],
            event["actor"]["displayName"],
            event["legacyEventType"],
        )
        for event in list(client.federation.identity_providers["acme"].system_log.events)[-count:]
    ]


def test_events_of_tokens_that_are_given(client: Client) -> None:
    """The code, the way to the app, and each of three tokens; then a revocation, and one of nothing."""
    client.sign_in()
    tokens = client.tokens(scope="openid offline_access")
    _revoke(client, tokens["access_token"])
    _revoke(client, "x")
    grant = "app.oauth2.token.grant"
    assert _logged(client, 7) == [
        ("app.oauth2.authorize.code", "SUCCESS", None, "Hanako Sato", "app.oauth2.authorize.code_success"),
        ("user.authentication.sso", "SUCCESS", None, "Hanako Sato", "app.auth.sso"),
        (f"{grant}.access_token", "SUCCESS", None, "Wiki", f"{grant}.access_token_success"),
        (f"{grant}.id_token", "SUCCESS", None, "Wiki", f"{grant}.id_token_success"),
        (f"{grant}.refresh_token", "SUCCESS", None, "Wiki", f"{grant}.refresh_token_success"),
        ("app.oauth2.token.revoke", "SUCCESS", None, "Wiki", "app.oauth2.token.revoke_success"),
        ("app.oauth2.token.revoke", "FAILURE", "invalid_token", "Wiki", "app.oauth2.token.revoke_failure"),
    ]


def test_events_of_what_is_refused(client: Client) -> None:
    """Codes and tokens that were not given, with OAuth's error as reason, and whose they would have been."""
    client.ask(client_id="0oa-none")
    client.ask(redirect_uri="https://evil.example.com/")
    client.ask(prompt="none")
    client.sign_in()
    client.ask(client_id="0oa-other")
    client.redeem("x")
    client.redeem("x", client_secret="wrong")
    failed = [row for row in _logged(client, 20) if row[0].startswith("app.oauth2")]
    authorize, grant = "app.oauth2.authorize", "app.oauth2.token.grant"
    assert failed == [
        (authorize, "FAILURE", "invalid_client", "unknown", f"{authorize}_failure"),
        (authorize, "FAILURE", "invalid_request", "Wiki", f"{authorize}_failure"),
        (authorize, "FAILURE", "login_required", "Wiki", f"{authorize}_failure"),
        (authorize, "FAILURE", "access_denied", "Hanako Sato", f"{authorize}_failure"),
        (grant, "FAILURE", "invalid_grant", "Wiki", f"{grant}_failure"),
        (grant, "FAILURE", "invalid_client", "unknown", f"{grant}_failure"),
    ]


def test_a_device_that_waits_is_no_failure(client: Client) -> None:
    """authorization_pending is what a device hears until the person has decided."""
    form = {"client_id": "0oa-cli", "scope": "openid"}
    device = client.session.post(f"{ORG}/oauth2/v1/device/authorize", data=form).json()["device_code"]
    kind = "urn:ietf:params:oauth:grant-type:device_code"
    waiting = replace(client, client_id="0oa-cli").token(grant_type=kind, device_code=device)
    assert error(waiting)[1] == "authorization_pending"
    assert list(client.federation.identity_providers["acme"].system_log.events) == []
