"""Signing out at a client's wish: whose session ends, where the browser goes, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import requests

from tests.idp.oauth.conftest import CALLBACK, GOODBYE, ORG, Client


def _log_out(client: Client, **query: Any) -> requests.Response:
    return client.session.get(f"{ORG}/oauth2/v1/logout", params=query, allow_redirects=False)


def _is_signed_in(client: Client) -> bool:
    return client.session.get(f"{ORG}/api/v1/sessions/me").status_code == 200


@pytest.mark.parametrize(
    ("query", "leads_to"),
    [
        ({"post_logout_redirect_uri": GOODBYE, "state": "s 2"}, f"{GOODBYE}?state=s+2"),
        ({"post_logout_redirect_uri": GOODBYE}, GOODBYE),
        ({"state": "s-2"}, "/login/login.htm"),
    ],
)
def test_the_session_ends(client: Client, query: dict[str, str], leads_to: str) -> None:
    """The browser goes to where the client wants it, with its state; without a wish to the sign-in page."""
    client.sign_in()
    token = client.tokens()["id_token"]
    client.federation.clock.advance(timedelta(minutes=61))  # an ID token that is over is good enough
    answer = _log_out(client, id_token_hint=token, **query)
    assert (answer.status_code, answer.headers["Location"]) == (302, leads_to)
    assert not _is_signed_in(client)


def test_with_no_session(client: Client) -> None:
    """The browser goes on as well."""
    client.sign_in()
    token = client.tokens()["id_token"]
    client.session.cookies.clear()
    assert _log_out(client, id_token_hint=token, post_logout_redirect_uri=GOODBYE).headers["Location"] == GOODBYE


def test_logouts_that_are_refused(client: Client) -> None:
    """Another address, a token that is none, no token, and another person's: the session goes on."""
    client.sign_in("taro@example.com")
    taros = client.tokens()["id_token"]
    client.session.cookies.clear()
    client.sign_in()
    tokens = client.tokens()
    for query, words in (
        (
            {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": CALLBACK},
            "The 'post_logout_redirect_uri' parameter must be a Logout redirect URI in the client app settings.",
        ),
        ({"id_token_hint": "x"}, "The id token is invalid."),
        ({"id_token_hint": tokens["access_token"]}, "The id token is invalid."),
        ({}, "The id token is invalid."),
        ({"id_token_hint": taros}, "The ID token subject does not match the current session's user."),
    ):
        answer = _log_out(client, **query)
        assert answer.status_code == 400
        assert words in unescape(answer.text)
        assert _is_signed_in(client)
