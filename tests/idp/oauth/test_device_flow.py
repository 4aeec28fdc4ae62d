"""The device flow and the exchange of tokens, as okta-aws-cli and gimme-aws-creds use them, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
import requests

from emulator.browser import Browser
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.calls.gateway_adapter import GatewayAdapter
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import APP, USER

ORG = "https://acme.okta.com"
CLIENT = "0oa-aws-cli"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
TYPE = "urn:ietf:params:oauth:token-type:"
UNKNOWN_DEVICE = (400, "invalid_grant", "The device code is invalid or has expired.")
Post = Callable[..., requests.Response]


@pytest.fixture
def federation(world: World, clock: Clock, keys: KeyFolder) -> Federation:
    """Returns the built-in world with an OIDC app."""
    changed = change_world(world, {"/okta/acme/oidc_clients": {CLIENT: {}}})
    return Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys)


@pytest.fixture
def post(federation: Federation) -> Post:
    """Returns a function that posts a form to the org."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", GatewayAdapter(federation.gateway))
    return lambda path, **form: session.post(ORG + path, data=form)


def _begin(post: Post) -> dict[str, Any]:
    answer = post("/oauth2/v1/device/authorize", client_id=CLIENT, scope="openid okta.apps.sso okta.apps.read")
    assert answer.status_code == 200
    return dict(answer.json())


def _sign_in(federation: Federation, url: str, login: str = USER) -> tuple[Browser, Any]:
    browser = federation.browser()
    page = browser.open(url)
    password = federation.identity_providers["acme"].org.users[login].password
    return browser, browser.submit(page.forms[0], {"username": login, "password": password})


def _tokens(federation: Federation, post: Post) -> dict[str, Any]:
    device = _begin(post)
    browser, page = _sign_in(federation, device["verification_uri_complete"])
    assert device["user_code"] in page.visible_text
    assert "Device activated" in browser.submit(page.forms[0]).visible_text
    return dict(post("/oauth2/v1/token", client_id=CLIENT, grant_type=GRANT, device_code=device["device_code"]).json())


def _exchange(post: Post, tokens: dict[str, Any], audience: str, **changes: str) -> requests.Response:
    form = {
        "client_id": CLIENT,
        "grant_type": EXCHANGE,
        "actor_token": tokens["access_token"],
        "actor_token_type": TYPE + "access_token",
        "subject_token": tokens["id_token"],
        "subject_token_type": TYPE + "id_token",
        "audience": audience,
        "requested_token_type": "urn:okta:oauth:token-type:web_sso_token",
    }
    return post("/oauth2/v1/token", **{**form, **changes})


def _error(answer: requests.Response) -> tuple[int, str, str]:
    data = answer.json()
    return answer.status_code, data["error"], data["error_description"]


def test_from_a_code_to_an_assertion(federation: Federation, post: Post) -> None:
    """A person lets the device in; its tokens are the org's own; one opens the app, once."""
    tokens = _tokens(federation, post)
    session = federation.browser().session()
    (key,) = session.get(f"{ORG}/oauth2/v1/keys").json()["keys"]
    public = jwt.PyJWK(key).key
    options: Any = {"verify_exp": False, "verify_iat": False}
    access = jwt.decode(tokens["access_token"], public, algorithms=["RS256"], audience=ORG, issuer=ORG, options=options)
    identity = jwt.decode(
        tokens["id_token"], public, algorithms=["RS256"], audience=CLIENT, issuer=ORG, options=options
    )
    assert (access["sub"], access["scp"]) == (USER, ["openid", "okta.apps.sso", "okta.apps.read"])
    assert identity["preferred_username"] == USER
    links = session.get(
        f"{ORG}/api/v1/users/me/appLinks", headers={"Authorization": f"Bearer {tokens['access_token']}"}
    ).json()
    assert [link["label"] for link in links] == ["Amazon Connect SAML"]
    answer = _exchange(post, tokens, f"urn:okta:apps:{links[0]['appInstanceId']}").json()
    assert (answer["token_type"], answer["issued_token_type"]) == ("N_A", "urn:okta:oauth:token-type:web_sso_token")
    assert 'name="SAMLResponse"' in post("/login/token/sso", token=answer["access_token"]).text
    again = post("/login/token/sso", token=answer["access_token"])
    assert (again.status_code, "SAMLResponse" in again.text) == (400, False)


def test_waiting_denied_and_too_late(federation: Federation, post: Post) -> None:
    """The errors that clients go by; a device code gives tokens once."""
    device = _begin(post)
    poll = {"client_id": CLIENT, "grant_type": GRANT, "device_code": device["device_code"]}
    pending = (400, "authorization_pending", "The device authorization is pending. Please try again later.")
    assert _error(post("/oauth2/v1/token", **poll)) == pending
    browser, page = _sign_in(federation, device["verification_uri_complete"])
    assert "Device not activated" in browser.submit(page.forms[1]).visible_text
    assert _error(post("/oauth2/v1/token", **poll))[1] == "access_denied"
    assert _error(post("/oauth2/v1/token", **poll)) == UNKNOWN_DEVICE
    late = _begin(post)
    federation.clock.advance(timedelta(minutes=10, seconds=1))
    assert _error(post("/oauth2/v1/token", **{**poll, "device_code": late["device_code"]})) == (
        400,
        "expired_token",
        "The device code has expired.",
    )
    _, page = _sign_in(federation, late["verification_uri_complete"])
    assert f"No device waits with the code {late['user_code']}." in page.visible_text


def test_another_sites_form_lets_nobody_in(federation: Federation, post: Post) -> None:
    """A page elsewhere that posts the person's approval changes nothing."""
    device = _begin(post)
    browser, _ = _sign_in(federation, f"{ORG}/activate")
    form = {"user_code": device["user_code"], "decision": "approve"}
    browser.session().post(f"{ORG}/activate", data=form, headers={"Origin": "https://evil.example.com"})
    poll = {"client_id": CLIENT, "grant_type": GRANT, "device_code": device["device_code"]}
    assert _error(post("/oauth2/v1/token", **poll))[1] == "authorization_pending"


@pytest.mark.parametrize(
    ("path", "form", "expected"),
    [
        (
            "/oauth2/v1/device/authorize",
            {"client_id": "x", "scope": "openid"},
            (401, "invalid_client", "Invalid value for 'client_id' parameter."),
        ),
        (
            "/oauth2/v1/device/authorize",
            {"client_id": CLIENT, "scope": "openid moon"},
            (400, "invalid_scope", "One or more scopes are not configured for the authorization server resource."),
        ),
        (
            "/oauth2/v1/token",
            {"grant_type": "password"},
            (
                400,
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server. Configured grant types: "
                f"[authorization_code, refresh_token, {GRANT}, {EXCHANGE}].",
            ),
        ),
        (
            "/oauth2/v1/token",
            {"grant_type": GRANT, "client_id": CLIENT, "device_code": "x"},
            UNKNOWN_DEVICE,
        ),
        (
            "/oauth2/v1/token",
            {"grant_type": "authorization_code", "client_id": CLIENT, "code": "x"},
            (
                400,
                "unauthorized_client",
                "The client is not authorized to use the provided grant type. Configured grant types: "
                f"[{GRANT}, {EXCHANGE}].",
            ),
        ),
    ],
)
def test_requests_that_are_refused(post: Post, path: str, form: dict[str, str], expected: tuple[int, str, str]) -> None:
    """The errors are those of RFC 8628."""
    assert _error(post(path, **form)) == expected


def test_exchanges_that_are_refused(federation: Federation, post: Post) -> None:
    """Foreign and swapped tokens, an app that is none or not theirs, tokens that are over."""
    tokens = _tokens(federation, post)
    provider = federation.identity_providers["acme"]
    audience = f"urn:okta:apps:{provider.org.apps[APP].app_id}"
    forged = jwt.encode({"sub": USER, "aud": ORG, "iss": ORG}, "x" * 32, algorithm="HS256")
    for name, token in (
        ("actor_token", forged),
        ("actor_token", tokens["id_token"]),
        ("subject_token", tokens["access_token"]),
        ("actor_token", "x"),
    ):
        refused = (400, "invalid_request", f"'{name}' is invalid.")
        assert _error(_exchange(post, tokens, audience, **{name: token})) == refused
    assert _error(_exchange(post, tokens, "urn:okta:apps:0oaNone"))[1] == "invalid_target"
    assert _error(_exchange(post, tokens, audience, actor_token_type="x")) == (
        400,
        "invalid_request",
        "'actor_token_type' is invalid or not supported.",
    )
    app_id = provider.org.apps[APP].app_id
    header = {"Authorization": "SSWS 00-example-token-of-the-built-in-world"}
    federation.browser().session().post(f"{ORG}/api/v1/apps/{app_id}/lifecycle/deactivate", headers=header)
    assert _error(_exchange(post, tokens, audience))[1] == "access_denied"
    federation.clock.advance(timedelta(hours=1, seconds=1))
    assert _error(_exchange(post, tokens, audience)) == (400, "invalid_request", "'actor_token' is invalid.")


def test_an_org_without_clients(world: World, clock: Clock, keys: KeyFolder) -> None:
    """There is a key for the dashboard's tokens, and every other client is unknown."""
    session = Federation(world, clock=clock, ids=Ids(seed=7), keys=keys).browser().session()
    assert [key["use"] for key in session.get(f"{ORG}/oauth2/v1/keys").json()["keys"]] == ["sig"]
    assert session.get(f"{ORG}/.well-known/openid-configuration").json()["issuer"] == ORG
    answer = session.post(f"{ORG}/oauth2/v1/device/authorize", data={"client_id": "x", "scope": "openid"})
    assert answer.json()["error"] == "invalid_client"
