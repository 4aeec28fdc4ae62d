"""From the authorize endpoint to a code: for whom, by which way, and what is refused where."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import FlowError
from tests.conftest import USER
from tests.idp.oauth.conftest import CALLBACK, CHALLENGE, CLI, ORG, OTHER, PUBLIC, Client, answered

TARO = "taro@example.com"


def test_a_person_signs_in_and_the_client_gets_a_code(federation: Federation) -> None:
    """Without a session there is the sign-in page; after it the browser is at the redirect URI, with code and state."""
    url = (
        f"{ORG}/oauth2/v1/authorize?client_id={PUBLIC}&redirect_uri={CALLBACK}&response_type=code&scope=openid&state=s"
        f"&code_challenge={CHALLENGE}&code_challenge_method=S256"
    )
    browser = federation.browser()
    page = browser.open(url)
    # The client is on another machine, where the browser does not go.
    with pytest.raises(FlowError) as stopped:
        browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    assert stopped.value.where.startswith(f"{CALLBACK}?code=")
    assert stopped.value.where.endswith("&state=s")


def test_with_a_session_nobody_is_asked(client: Client) -> None:
    """The answer comes at once, also where nobody may be asked."""
    client.sign_in()
    for prompt in ("", "none"):
        answer = answered(client.ask(prompt=prompt))
        assert answer.keys() == {"code", "state"}
        assert answer["state"] == "s-1"


def test_without_a_session_where_nobody_may_be_asked(client: Client) -> None:
    """The error goes to the client, with its state."""
    assert answered(client.ask(prompt="none")) == {
        "state": "s-1",
        "error": "login_required",
        "error_description": "The client specified not to prompt, but the user is not logged in.",
    }


def test_a_session_token_opens_a_session(client: Client) -> None:
    """A token of the authentication API goes along; used a second time it opens nothing, and the session is there."""
    body = {"username": USER, "password": "correct-horse"}
    token = client.session.post(f"{ORG}/api/v1/authn", json=body).json()["sessionToken"]
    assert "code" in answered(client.ask(sessionToken=token, prompt="none"))
    assert "code" in answered(client.ask(sessionToken=token, prompt="none"))
    client.session.cookies.clear()
    assert answered(client.ask(sessionToken=token, prompt="none"))["error"] == "login_required"


@pytest.mark.parametrize(
    ("changes", "seconds", "asks"),
    [
        ({"prompt": "login"}, 0, False),
        ({"prompt": "login"}, 1, True),
        ({"max_age": "60"}, 60, False),
        ({"max_age": "60"}, 61, True),
        ({"max_age": "0"}, 1, True),
        ({}, 3600, False),
    ],
)
def test_how_long_ago_the_person_signed_in(client: Client, changes: dict[str, str], seconds: int, asks: bool) -> None:
    """prompt=login wants a sign-in for this request, max_age one that is not older."""
    client.sign_in()
    client.federation.clock.advance(timedelta(seconds=seconds))
    answer = client.ask(**changes)
    assert answer.status_code == (200 if asks else 302)
    assert ('id="okta-sign-in"' in answer.text) is asks


def test_the_ways_an_answer_goes(client: Client) -> None:
    """In the query, beside what is there; in the fragment; or in a form that posts itself."""
    client.sign_in()
    assert answered(client.ask(redirect_uri=f"{CALLBACK}?team=voice"))["team"] == "voice"
    fragment = client.ask(response_mode="fragment").headers["Location"]
    assert fragment.startswith(f"{CALLBACK}#code=")
    answer = client.ask(response_mode="form_post")
    assert answer.status_code == 200
    page = unescape(answer.text)
    assert f'action="{CALLBACK}"' in page
    assert 'name="code"' in page
    assert 'name="state" type="hidden" value="s-1"' in page


def test_an_error_goes_the_way_the_client_asked_for(client: Client) -> None:
    """Also in the fragment."""
    answer = client.ask(prompt="none", response_mode="fragment")
    assert dict(parse_qsl(urlsplit(answer.headers["Location"]).fragment))["error"] == "login_required"


PKCE = {"code_challenge": "", "code_challenge_method": ""}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"response_type": "token"},
            (
                "unsupported_response_type",
                "The response type is not supported by the authorization server. Configured response types: [code].",
            ),
        ),
        (
            {"response_mode": "pigeon"},
            (
                "unsupported_response_mode",
                "The response mode is not supported by the authorization server. Valid response modes: "
                "[query, fragment, form_post, okta_post_message].",
            ),
        ),
        (
            {"response_mode": "okta_post_message"},
            (
                "unsupported_response_mode",
                "'okta_post_message' response mode cannot be used with the 'code' response type.",
            ),
        ),
        ({"scope": ""}, ("invalid_scope", "No scopes were requested.")),
        (
            {"scope": "openid moon"},
            ("invalid_scope", "One or more scopes are not configured for the authorization server resource."),
        ),
        (
            {"scope": "profile"},
            (
                "invalid_scope",
                "Requests for ID tokens or access tokens with OpenID scopes require the 'openid' scope.",
            ),
        ),
        (
            {"state": ""},
            ("invalid_request", "The authentication request has an invalid 'state' parameter."),
        ),
        (
            {"prompt": "dance"},
            ("invalid_request", "Invalid value for 'prompt' parameter. Supported values: [none, login, consent]"),
        ),
        (
            {"prompt": "none login"},
            ("invalid_request", "Invalid value for 'prompt' parameter. Supported values: [none, login, consent]"),
        ),
        (
            {"max_age": "-1"},
            ("invalid_request", "Invalid value for 'max_age' parameter. It should be within range 0 - 2^31-1."),
        ),
        (
            {"request": "eyJ"},
            ("request_not_supported", "The authorize request object is not supported by this client."),
        ),
        (
            {"code_challenge_method": "plain"},
            ("invalid_request", "PKCE code challenge method is not supported. Valid values: [S256]"),
        ),
        (
            {"code_challenge": "!" * 43},
            ("invalid_request", "PKCE code challenge contains illegal characters."),
        ),
        (
            {"client_id": PUBLIC, **PKCE},
            ("invalid_request", "PKCE code challenge is required by the application."),
        ),
        (
            {"client_id": OTHER},
            ("access_denied", "User is not assigned to the client application."),
        ),
    ],
)
def test_what_the_client_is_told(client: Client, changes: dict[str, str], expected: tuple[str, str]) -> None:
    """The client is known, and so is where it is answered: errors go there."""
    client.sign_in()
    answer = answered(client.ask(**changes))
    assert (answer["error"], answer["error_description"]) == expected
    assert answer.get("state", "") == changes.get("state", "s-1")


def test_a_confidential_client_may_go_without_a_challenge(client: Client) -> None:
    """Its secret proves who it is."""
    client.sign_in()
    tokens = client.redeem(client.code(**PKCE), code_verifier="")
    assert tokens.status_code == 200


def test_a_client_that_is_assigned(client: Client) -> None:
    """The person in the client's list gets a code."""
    client.sign_in(TARO)
    assert "code" in answered(client.ask(client_id=OTHER))


SETTINGS = "https://acme-admin.okta.com/admin/app/oidc_client/instance/{}/#tab-general"
MISMATCH = "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings: " + SETTINGS


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"redirect_uri": f"{CALLBACK}/"}, 400, MISMATCH.format("0oa-wiki")),
        ({"redirect_uri": ""}, 400, MISMATCH.format("0oa-wiki")),
        ({"client_id": CLI}, 400, MISMATCH.format(CLI)),
        ({"client_id": "0oa-none"}, 400, "Invalid value for 'client_id' parameter."),
        ({"client_id": ""}, 400, "Invalid value for 'client_id' parameter."),
    ],
)
def test_what_the_person_is_told(client: Client, changes: dict[str, str], status: int, words: str) -> None:
    """Where nobody knows who asks, or where an answer may go, there is a page: nothing is sent anywhere."""
    client.sign_in()
    answer = client.ask(**changes)
    assert answer.status_code == status
    assert "Location" not in answer.headers
    page = unescape(answer.text)
    assert "400 Bad Request" in page
    assert f"Your request resulted in an error. {words}" in page


def test_a_request_that_waited_too_long(client: Client) -> None:
    """Ten minutes after it was asked, a sign-in does not lead to the client any more."""
    page = client.ask()
    client.federation.clock.advance(timedelta(minutes=10, seconds=1))
    path = page.text.partition('name="fromURI" value="')[2].partition('"')[0]
    assert path.startswith("/oauth2/v1/authorize/redirect?okta_key=")
    answer = client.session.get(ORG + path, allow_redirects=False)
    assert answer.status_code == 400
    assert "Request expired, please start over and try again." in answer.text


def test_events(client: Client) -> None:
    """The System Log has the code, the way to the app, and the tokens."""
    client.sign_in()
    client.tokens()
    events = list(client.federation.identity_providers["acme"].system_log.events)[-4:]
    assert [event["eventType"] for event in events] == [
        "app.oauth2.authorize.code",
        "user.authentication.sso",
        "app.oauth2.token.grant.access_token",
        "app.oauth2.token.grant.id_token",
    ]
    assert {event["outcome"]["result"] for event in events} == {"SUCCESS"}
    assert events[0]["actor"]["alternateId"] == USER
    assert [target["displayName"] for target in events[1]["target"]] == ["Wiki", "Hanako Sato"]
    assert (events[2]["actor"]["type"], events[2]["actor"]["id"]) == ("PublicClientApp", "0oa-wiki")
