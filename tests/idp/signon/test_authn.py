"""The Authentication API and its pages: second factors, statuses, step-up, and how each says no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import WorldError
from emulator.network.calls.gateway_adapter import GatewayAdapter
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.running.start import Ports, serving
from emulator.world import World, change_world
from idp.signon.factors import STEP_SECONDS, totp
from tests.conftest import APP, USER

ORG = "https://acme.okta.com"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
AT = f"/okta/acme/users/{USER}"
Build = Callable[..., Federation]


@pytest.fixture
def build(world: World, clock: Clock, keys: KeyFolder) -> Build:
    """Returns a function that builds the world with changes."""

    def make(**changes: Any) -> Federation:
        factors = changes.pop("factors", None)
        paths = {f"/okta/acme/{name}": value for name, value in changes.items()}
        if factors is not None:
            paths[f"{AT}/factors"] = factors
        return Federation(change_world(world, paths), clock=clock, ids=Ids(seed=7), keys=keys)

    return make


def _client(federation: Federation) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", GatewayAdapter(federation.gateway))
    return session


def _authn(client: requests.Session, password: str = "correct-horse", **given: Any) -> requests.Response:
    body = given or {"username": USER, "password": password}
    return client.post(f"{ORG}/api/v1/authn", json=body, headers={"Authorization": "API_TOKEN"})


def _code(federation: Federation, steps: int = 0) -> str:
    return totp(SECRET, int(federation.clock.now().timestamp()) // STEP_SECONDS + steps)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_one_time_codes_are_rfc_6238s(seconds: int, code: str) -> None:
    """The RFC's own vectors, cut to six digits."""
    assert totp(SECRET, seconds // STEP_SECONDS) == code


@pytest.mark.parametrize(
    "spell",
    [
        lambda code: {"passCode": code},
        lambda code: {"passCode": int(code)},
        lambda code: {"answer": code},
        lambda code: {"passCode": code, "fid": "x", "rememberDevice": "true"},
    ],
    ids=["text", "number", "answer", "more"],
)
def test_a_code_in_every_spelling(build: Build, spell: Callable[[str], dict[str, Any]]) -> None:
    """Password, factor, code; the session says how the person signed in."""
    federation = build(mfa="required", factors=[{"type": "totp", "secret": SECRET}])
    client = _client(federation)
    asked = _authn(client).json()
    assert (asked["status"], "sessionToken" in asked) == ("MFA_REQUIRED", False)
    (factor,) = asked["_embedded"]["factors"]
    assert (factor["factorType"], factor["provider"], factor["profile"]) == (
        "token:software:totp",
        "OKTA",
        {"credentialId": USER},
    )
    url = factor["_links"]["verify"]["href"]
    assert url == f"{ORG}/api/v1/authn/factors/{factor['id']}/verify"
    challenged = client.post(url, json={"stateToken": asked["stateToken"]})
    assert (challenged.status_code, challenged.json()["status"]) == (200, "MFA_CHALLENGE")
    body = {"stateToken": asked["stateToken"], **spell(_code(federation))}
    done = client.post(f"{url}?rememberDevice=False", json=body).json()
    assert done["status"] == "SUCCESS"
    session = client.post(f"{ORG}/api/v1/sessions", json={"sessionToken": done["sessionToken"]}).json()
    assert (session["amr"], session["mfaActive"]) == (["pwd", "mfa"], True)


def test_codes_that_are_wrong(build: Build) -> None:
    """Another one, one of a minute ago, and one that was used."""
    federation = build(mfa="required", factors=[{"type": "totp", "secret": SECRET}])
    client = _client(federation)
    used = _code(federation)
    for position, code in enumerate((used, "000000", _code(federation, -3), used)):
        asked = _authn(client).json()
        url = asked["_embedded"]["factors"][0]["_links"]["verify"]["href"]
        answer = client.post(url, json={"stateToken": asked["stateToken"], "passCode": code})
        if position == 0:
            assert answer.json()["status"] == "SUCCESS"
            continue
        assert (answer.status_code, answer.json()["errorCode"]) == (403, "E0000068")
        assert answer.json()["errorSummary"] == "Invalid Passcode/Answer"
        assert answer.json()["errorCauses"] == [
            {"errorSummary": "Your passcode doesn't match our records. Please try again."}
        ]


@pytest.mark.parametrize(
    ("answer", "results"),
    [
        ("approve", ["WAITING", "WAITING", "SUCCESS"]),
        ("deny", ["WAITING", "WAITING", "REJECTED"]),
        ("timeout", ["WAITING", "WAITING", "TIMEOUT"]),
    ],
)
def test_a_push(build: Build, answer: str, results: list[str]) -> None:
    """It is sent, waited for, and answered as the world says; the number is there to compare."""
    federation = build(mfa="required", factors=[{"type": "push", "answer": answer, "after_polls": 2}])
    client = _client(federation)
    asked = _authn(client).json()
    url = asked["_embedded"]["factors"][0]["_links"]["verify"]["href"]
    told = []
    for _ in range(3):
        step = client.post(url, json={"stateToken": asked["stateToken"]}).json()
        told.append(step.get("factorResult") or step["status"])
        if told[-1] == "WAITING":
            assert step["_links"]["next"] == {"name": "poll", "href": url, "hints": {"allow": ["POST"]}}
            assert 10 <= step["_embedded"]["factor"]["_embedded"]["challenge"]["correctAnswer"] <= 99
    assert told == results


def test_a_code_by_sms(build: Build, server: Server) -> None:
    """The outbox has it, once and for five minutes; the trace has it nowhere."""
    federation = build(mfa="required", factors=[{"type": "sms", "phone": "+81312345678"}])
    client = _client(federation)
    asked = _authn(client).json()
    factor = asked["_embedded"]["factors"][0]
    assert factor["profile"] == {"phoneNumber": "+8 XXX-XXX-5678"}
    url = factor["_links"]["verify"]["href"]
    assert client.post(url, json={"stateToken": asked["stateToken"]}).json()["factorResult"] == "CHALLENGE"
    with serving(federation, Ports(https=None, proxy=None)) as own, requests.Session() as plain:
        plain.trust_env = False
        (message,) = plain.get(f"{own.server.url}/fedemu/outbox").json()
        assert plain.get(f"{own.server.url}/fedemu/outbox", headers={"Origin": "https://x.example"}).status_code == 403
        assert message["text"] in plain.get(f"{own.server.url}/workbench/people").text
    assert (message["org"], message["to"]) == ("acme", "+81312345678")
    code = message["text"].split()[-1].rstrip(".")
    done = client.post(url, json={"stateToken": asked["stateToken"], "passCode": code})
    assert done.json()["status"] == "SUCCESS"
    assert federation.identity_providers["acme"].authentication.outbox == ()
    assert not [e for e in federation.gateway.exchanges if e.url.endswith("/fedemu/outbox")]


def test_without_a_factor_one_has_to_be_enrolled(build: Build) -> None:
    """The org wants a second factor, and the person has none."""
    assert _authn(_client(build(mfa="required"))).json()["status"] == "MFA_ENROLL"


@pytest.mark.parametrize("status", ["STAGED", "SUSPENDED", "DEPROVISIONED"])
def test_accounts_that_do_not_sign_in(build: Build, status: str) -> None:
    """Okta does not tell them from a wrong password."""
    answer = _authn(_client(build(**{f"users/{USER}/status": status})))
    assert (answer.status_code, answer.json()["errorCode"], answer.json()["errorSummary"]) == (
        401,
        "E0000004",
        "Authentication failed",
    )


@pytest.mark.parametrize("show", [False, True])
def test_a_locked_account(build: Build, show: bool) -> None:
    """After so many failures even the right password is refused; the answer says so only if the org shows it."""
    federation = build(lockout_after=3, show_lockout=show)
    client = _client(federation)
    assert [_authn(client, "wrong").status_code for _ in range(3)] == [401, 401, 401]
    assert federation.identity_providers["acme"].org.users[USER].status == "LOCKED_OUT"
    answer = _authn(client)
    if show:
        assert (answer.status_code, answer.json()["status"]) == (200, "LOCKED_OUT")
    else:
        assert (answer.status_code, answer.json()["errorCode"]) == (401, "E0000004")


def test_a_right_password_forgets_the_wrong_ones(build: Build) -> None:
    """Failures count only in a row."""
    federation = build(lockout_after=3)
    client = _client(federation)
    for password in ("wrong", "wrong", "correct-horse", "wrong", "wrong"):
        _authn(client, password)
    assert federation.identity_providers["acme"].org.users[USER].status == "ACTIVE"


def test_an_expired_password_is_changed(build: Build) -> None:
    """Wrong old one, short new one, then a new one that works from now on."""
    federation = build(**{f"users/{USER}/status": "PASSWORD_EXPIRED"})
    client = _client(federation)
    asked = _authn(client).json()
    assert asked["status"] == "PASSWORD_EXPIRED"
    url = asked["_links"]["next"]["href"]
    for old, new, cause in (
        ("wrong", "battery-staple", "oldPassword: The credentials provided were incorrect."),
        ("correct-horse", "short", "Password requirements were not met. Password requirements: at least 8 characters."),
    ):
        refused = client.post(url, json={"stateToken": asked["stateToken"], "oldPassword": old, "newPassword": new})
        assert (refused.status_code, refused.json()["errorCode"]) == (403, "E0000014")
        assert refused.json()["errorSummary"] == "Update of credentials failed"
        assert refused.json()["errorCauses"] == [{"errorSummary": cause}]
    body = {"stateToken": asked["stateToken"], "oldPassword": "correct-horse", "newPassword": "battery-staple"}
    assert client.post(url, json=body).json()["status"] == "SUCCESS"
    assert _authn(client).status_code == 401
    assert _authn(client, "battery-staple").json()["status"] == "SUCCESS"


def test_a_state_token_ends(build: Build) -> None:
    """After five minutes, after a cancellation, and one that never was."""
    federation = build(mfa="required", factors=[{"type": "totp", "secret": SECRET}])
    client = _client(federation)
    cancelled, old = _authn(client).json(), _authn(client).json()
    assert client.post(cancelled["_links"]["cancel"]["href"], json={"stateToken": cancelled["stateToken"]}).ok
    assert _authn(client, stateToken=old["stateToken"]).json()["status"] == "MFA_REQUIRED"
    federation.clock.advance(timedelta(minutes=5, seconds=1))
    for token in (cancelled["stateToken"], old["stateToken"], "x"):
        answer = _authn(client, stateToken=token)
        assert (answer.status_code, answer.json()["errorCode"]) == (401, "E0000011")
        assert answer.json()["errorSummary"] == "Invalid token provided"


def test_links_lead_back_the_way_a_client_came(build: Build) -> None:
    """By an alias and by the bare address the links name exactly these."""
    federation = build(mfa="required", factors=[{"type": "totp", "secret": SECRET}])
    with Server(federation.gateway) as served, requests.Session() as plain:
        plain.trust_env = False
        asked = plain.post(f"{served.url}/api/v1/authn", json={"username": USER, "password": "correct-horse"}).json()
        assert asked["_embedded"]["factors"][0]["_links"]["verify"]["href"].startswith(f"{served.url}/api/v1/authn/")


def test_the_sessions_api(build: Build) -> None:
    """Refreshed, it lasts as long again; closed, it is gone, as the answer to the next request says."""
    federation = build()
    client = _client(federation)
    client.post(f"{ORG}/api/v1/sessions", json={"sessionToken": _authn(client).json()["sessionToken"]})
    federation.clock.advance(timedelta(hours=1))
    assert client.post(f"{ORG}/api/v1/sessions/me/lifecycle/refresh").json()["expiresAt"] == "2026-01-15T12:00:00.000Z"
    assert client.get(f"{ORG}/api/v1/sessions/me").json()["status"] == "ACTIVE"
    assert client.delete(f"{ORG}/api/v1/sessions/me").status_code == 204
    gone = client.get(f"{ORG}/api/v1/sessions/me")
    assert (gone.status_code, gone.json()["errorSummary"]) == (404, "Not found: Resource not found: me (Session)")


@pytest.mark.parametrize("name", ["onetimetoken", "sessionToken"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_opens_an_app(build: Build, name: str, method: str) -> None:
    """In the address or in a form; once only, and the cookie comes along."""
    federation = build()
    client = _client(federation)
    token = _authn(client).json()["sessionToken"]
    url = federation.identity_providers["acme"].org.embed_link(federation.find_app(APP)[1])
    where = {"params": {name: token}} if method == "GET" else {"data": {name: token}}
    opened = client.request(method, url, **where)  # type: ignore[arg-type]
    assert 'name="SAMLResponse"' in opened.text
    assert "sid" in opened.cookies
    again = _client(federation).request(method, url, **where)  # type: ignore[arg-type]
    assert (again.status_code, "SAMLResponse" in again.text, '<div id="okta-sign-in"' in again.text) == (
        200,
        False,
        True,
    )


def test_an_app_that_wants_a_second_factor(build: Build) -> None:
    """The session is stepped up as a command-line client does it: state token off the page, code, redirect."""
    federation = build(**{f"apps/{APP}/mfa": "required"}, factors=[{"type": "totp", "secret": SECRET}])
    client = _client(federation)
    token = _authn(client).json()["sessionToken"]
    url = federation.identity_providers["acme"].org.embed_link(federation.find_app(APP)[1])
    page = client.get(f"{ORG}/login/sessionCookieRedirect", params={"token": token, "redirectUrl": url})
    assert "<title>acme - Extra Verification</title>" in page.text
    state_token = page.text.partition("var stateToken = '")[2].partition("';")[0].replace(r"\x2D", "-")
    assert len(state_token) <= 50
    asked = _authn(client, stateToken=state_token).json()
    assert asked["status"] == "MFA_REQUIRED"
    verify = asked["_embedded"]["factors"][0]["_links"]["verify"]["href"]
    done = client.post(verify, json={"stateToken": state_token, "passCode": _code(federation)}).json()
    assert done["status"] == "SUCCESS"
    assert done["_links"]["next"]["href"] == f"{ORG}/login/step-up/redirect?stateToken={state_token}"
    assert 'name="SAMLResponse"' in client.get(done["_links"]["next"]["href"]).text
    assert 'name="SAMLResponse"' in client.get(url).text


def test_a_person_gives_a_code_on_the_page(build: Build) -> None:
    """Password, a wrong code, the right one, and on to the dashboard; without JavaScript."""
    federation = build(mfa="required", factors=[{"type": "totp", "secret": SECRET}, {"type": "push"}])
    browser = federation.browser()
    page = browser.open(f"{ORG}/app/UserHome")
    page = browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    assert page.title == "acme - Extra Verification"
    wrong = browser.submit(page.forms[0], {"passCode": "123456"})
    assert (wrong.status, "Invalid Passcode/Answer" in wrong.visible_text) == (403, True)
    assert "My Apps" in browser.submit(wrong.forms[0], {"passCode": _code(federation)}).visible_text


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("approve", "My Apps"),
        ("deny", "You have chosen to reject this login."),
        ("timeout", "Your push verification has expired."),
    ],
)
def test_a_person_waits_for_a_push(build: Build, answer: str, text: str) -> None:
    """The page looks again by itself, and shows how it ended."""
    federation = build(mfa="required", factors=[{"type": "push", "answer": answer}])
    browser = federation.browser()
    page = browser.open(f"{ORG}/app/UserHome")
    page = browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    waiting = browser.submit(page.forms[0])
    assert "Push sent" in waiting.visible_text
    again = waiting.text.partition(";url=")[2].partition('"')[0].replace("&amp;", "&")
    assert text in browser.open(ORG + again).visible_text


def test_a_person_changes_an_expired_password(build: Build) -> None:
    """The page asks for the old and a new one, and says what is wrong."""
    federation = build(**{f"users/{USER}/status": "PASSWORD_EXPIRED"})
    browser = federation.browser()
    page = browser.open(f"{ORG}/app/UserHome")
    page = browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    assert "Your password has expired" in page.visible_text
    page = browser.submit(page.forms[0], {"oldPassword": "x", "newPassword": "battery-staple"})
    assert "The credentials provided were incorrect." in page.visible_text
    page = browser.submit(page.forms[0], {"oldPassword": "correct-horse", "newPassword": "battery-staple"})
    assert "My Apps" in page.visible_text


@pytest.mark.parametrize(
    ("factor", "message"),
    [
        ({"type": "totp"}, "a factor of type totp needs a secret in base32"),
        ({"type": "totp", "secret": "!!"}, "a factor of type totp needs a secret in base32"),
        ({"type": "sms"}, "a factor of type sms needs a phone such as +81312345678"),
    ],
)
def test_factors_that_cannot_be(build: Build, factor: dict[str, Any], message: str) -> None:
    """A factor lacks what it works with."""
    with pytest.raises(WorldError, match=message.replace("+", r"\+")):
        build(factors=[factor])


def test_secrets_are_told_nowhere(build: Build) -> None:
    """Neither repr nor trace has secrets, codes or state tokens."""
    federation = build(mfa="required", factors=[{"type": "totp", "secret": SECRET}])
    client = _client(federation)
    asked = _authn(client).json()
    told = repr(federation.identity_providers["acme"].org) + repr(federation.gateway.exchanges)
    assert SECRET not in told
    assert asked["stateToken"] not in told
