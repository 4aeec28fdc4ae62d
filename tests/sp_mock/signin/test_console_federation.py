"""The federation endpoint: sign-in tokens for temporary credentials, and the console sessions they open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import lxml.html
import pytest
import requests

from emulator.browser import Browser
from emulator.federation import Federation
from emulator.flow import assume_role, credentials_in, log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationEndpointRefusal
from emulator.kernel.store import Store
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.world import World, change_world
from sp_mock.principals.credentials import Credentials, CredentialStore, RoleSession
from sp_mock.signin.console_federation import ConsoleFederation
from sp_mock.signin.console_sessions import BrowserContext
from tests.conftest import APP, INSTANCE_ID, NOW, ROLE_ARN, USER
from tests.sp_mock.signin.test_console_sessions import LOG_OUT_FIRST, opened_session

ENDPOINT = "https://signin.aws.amazon.com/federation"
HOME = "https://console.aws.amazon.com/console/home"
FOREIGN = "The secret key or the session token is not the one that belongs to this access key id."
LIFETIME = timedelta(minutes=15)


def _tree(text: str) -> Any:
    return lxml.html.fromstring(text)


def _credentials(federation: Federation) -> dict[str, str]:
    found = credentials_in(assume_role(federation, user=USER, app=APP).page)
    return {
        "sessionId": found["AccessKeyId"],
        "sessionKey": found["SecretAccessKey"],
        "sessionToken": found["SessionToken"],
    }


def _get(browser: Browser, **parameters: str) -> Any:
    return browser.open(f"{ENDPOINT}?{urlencode(parameters)}")


def _token(browser: Browser, session: Mapping[str, str], **more: str) -> str:
    page = _get(browser, Action="getSigninToken", Session=json.dumps(session), **more)
    assert (page.status, page.headers["Content-Type"]) == (200, "application/json")
    answer: dict[str, str] = json.loads(page.text)
    assert list(answer) == ["SigninToken"]
    return answer["SigninToken"]


def test_credentials_open_the_console(federation: Federation) -> None:
    """A token for the credentials of an API call signs a browser in, with who sent it."""
    token = _token(federation.browser(), _credentials(federation))
    browser = federation.browser()
    page = _get(browser, Action="login", Issuer="https://sso.example.com/", Destination=HOME, SigninToken=token)
    assert page.url == HOME
    assert "Signed in by federation endpoint, issuer https://sso.example.com/" in page.visible_text.replace(
        "byfed", "by fed"
    )
    assert ROLE_ARN in page.visible_text
    session = federation.aws_services.sign_in.sessions.get(browser.cookies["aws-creds"])
    assert session is not None
    assert session.expires_at == NOW + timedelta(hours=1)


def test_a_post_does_the_same(federation: Federation) -> None:
    """Both calls take their parameters in a form too; SessionType is taken and means nothing."""
    browser = federation.browser()
    session = json.dumps(_credentials(federation))
    page = browser.post(ENDPOINT, {"Action": "getSigninToken", "Session": session, "SessionType": "json"})
    token = json.loads(page.text)["SigninToken"]
    assert browser.post(ENDPOINT, {"Action": "login", "Destination": HOME, "SigninToken": token}).url == HOME


def test_a_connect_federate_url_is_a_destination(federation: Federation) -> None:
    """The broker can send people straight into the instance."""
    federate = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}?destination=%2Fccp-v2"
    browser = federation.browser()
    token = _token(browser, _credentials(federation))
    page = _get(browser, Action="login", Issuer="saml2aws", Destination=federate, SigninToken=token)
    assert page.url == "https://acme.my.connect.aws/ccp-v2"


@pytest.mark.parametrize(("asked", "seconds"), [("900", 900), ("43200", 43200)])
def test_the_session_lasts_as_long_as_asked_for(federation: Federation, asked: str, seconds: int) -> None:
    """Up to twelve hours, whatever the role's maximum and the credentials' end are."""
    browser = federation.browser()
    token = _token(browser, _credentials(federation), SessionDuration=asked)
    page = _get(browser, Action="login", Destination=HOME, SigninToken=token)
    assert page.url == HOME
    session = federation.aws_services.sign_in.sessions.get(browser.cookies["aws-creds"])
    assert session is not None
    assert session.expires_at == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("asked", ["899", "43201", "", "1h", "-900", "3600.0", "9" * 30])
def test_a_duration_out_of_range_is_refused(federation: Federation, asked: str) -> None:
    """900 to 43,200 seconds, and nothing else."""
    browser = federation.browser()
    session = json.dumps(_credentials(federation))
    page = _get(browser, Action="getSigninToken", Session=session, SessionDuration=asked)
    assert page.status == 400
    refusal = browser.exchanges[-1].refusal
    assert refusal is not None
    assert (refusal.check, refusal.message, refusal.expected) == (
        "session-duration",
        "Invalid credentials parameter",
        "900 to 43200",
    )
    assert "The request sent by the client was syntactically incorrect." in page.visible_text


def _chained(clock: Clock) -> tuple[ConsoleFederation, str]:
    ids, kept = Ids(seed=1), Store(clock=clock)
    store = CredentialStore(kept, clock=clock)
    credentials = Credentials.make(ids=ids, expiration=NOW + timedelta(hours=1))
    role_session = opened_session("Admin").session
    assert isinstance(role_session, RoleSession)
    store.keep(credentials, replace(role_session, chained=True))
    session = {
        "sessionId": credentials.access_key_id,
        "sessionKey": credentials.secret_access_key,
        "sessionToken": credentials.session_token,
    }
    return ConsoleFederation(store, kept, clock=clock, ids=ids), json.dumps(session)


def test_chained_credentials_take_no_duration(clock: Clock) -> None:
    """Even within the hour that is left; without SessionDuration they are good."""
    endpoint, session = _chained(clock)
    with pytest.raises(FederationEndpointRefusal) as caught:
        endpoint.sign_in_token(session, session_duration="900")
    assert (caught.value.check, caught.value.status, caught.value.evidence) == ("session-duration", 400, "observed")
    assert caught.value.fix == "Leave SessionDuration out, or assume the role directly."
    opened = endpoint.console_session(endpoint.sign_in_token(session, session_duration=None), issuer="")
    assert opened is not None
    assert opened.expires_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("change", "explanation"),
    [
        ({"sessionId": "ASIAXXXXXXXXXXXXXXXX"}, "AWS gave out no temporary credentials with this access key id."),
        ({"sessionKey": "x"}, FOREIGN),
        ({"sessionToken": "é"}, FOREIGN),
    ],
)
def test_all_three_parts_have_to_fit_together(federation: Federation, change: dict[str, str], explanation: str) -> None:
    """One part of other credentials is enough to be refused."""
    with pytest.raises(FederationEndpointRefusal) as caught:
        federation.aws_services.console_federation.sign_in_token(
            json.dumps({**_credentials(federation), **change}), session_duration=None
        )
    assert (caught.value.check, caught.value.explanation) == ("credentials", explanation)


def test_expired_credentials_are_refused(federation: Federation) -> None:
    """They are remembered, so that the reason can be given."""
    session = json.dumps(_credentials(federation))
    federation.clock.advance(timedelta(hours=1))
    with pytest.raises(FederationEndpointRefusal) as caught:
        federation.aws_services.console_federation.sign_in_token(session, session_duration=None)
    assert caught.value.explanation == "The temporary credentials have expired."


@pytest.mark.parametrize("session", [None, "", "[]", "null", "{", '{"sessionId": 1}', "[" * 100_000])
def test_a_session_that_is_no_credentials_is_refused(federation: Federation, session: str | None) -> None:
    """Whatever the JSON is, and however deep."""
    with pytest.raises(FederationEndpointRefusal) as caught:
        federation.aws_services.console_federation.sign_in_token(session, session_duration=None)
    assert caught.value.check == "session-json"


@pytest.mark.parametrize(("waited", "good"), [(LIFETIME - timedelta(seconds=1), True), (LIFETIME, False)])
def test_the_login_url_is_good_for_fifteen_minutes(federation: Federation, waited: timedelta, good: bool) -> None:
    """After that the page leads back to the issuer."""
    browser = federation.browser()
    token = _token(browser, _credentials(federation))
    federation.clock.advance(waited)
    page = _get(browser, Action="login", Issuer="https://sso.example.com/in?a=1", Destination=HOME, SigninToken=token)
    assert (page.url == HOME) is good
    if not good:
        assert page.status == 400
        assert _tree(page.text).xpath("//a[@id='issuer']/@href") == ["https://sso.example.com/in?a=1"]


@pytest.mark.parametrize("issuer", ["", "saml2aws", "javascript:alert(1)"])
def test_an_issuer_that_is_no_url_is_no_link(federation: Federation, issuer: str) -> None:
    """A name, a script or nothing: the page then has no link."""
    page = _get(federation.browser(), Action="login", Issuer=issuer, Destination=HOME, SigninToken="x")
    assert page.status == 400
    assert not _tree(page.text).xpath("//main//a")


def test_another_account_has_to_log_out_first(world: World, keys: KeyFolder, clock: Clock) -> None:
    """The endpoint signs in where SAML sign-in would, and not where it would not."""
    federation = Federation(world, clock=clock, ids=Ids(seed=7), keys=keys)
    sessions = federation.aws_services.sign_in.sessions
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, relay_state="", browser=browser)
    token = _token(browser, _credentials(federation))
    assert _get(browser, Action="login", Destination=HOME, SigninToken=token).url == HOME
    cookie = sessions.open(opened_session("Admin"), BrowserContext())
    browser.cookies.set("aws-creds", cookie, domain=".aws.amazon.com", path="/")
    page = _get(browser, Action="login", Destination=HOME, SigninToken=token)
    assert LOG_OUT_FIRST in page.visible_text


def test_no_secret_of_the_endpoint_is_recorded(federation: Federation) -> None:
    """Neither the credentials nor the token, however they are encoded, nor a token inside a redirect_uri."""
    browser = federation.browser()
    session = _credentials(federation)
    token = _token(browser, session)
    _get(browser, Action="login", Destination=HOME, SigninToken=token)
    inner = quote(f"{ENDPOINT}?Action=login&SigninToken={token}&Destination={quote(HOME, safe='')}", safe="")
    browser.open(f"https://signin.aws.amazon.com/oauth?Action=logout&redirect_uri={inner}")
    browser.post(ENDPOINT, {"Action": "getSigninToken", "Session": json.dumps(session)})
    recorded = "".join(
        f"{e.url}{e.form}{e.request_headers}{e.response_headers}{e.body}{e.notes}" for e in browser.exchanges
    )
    secrets = [token, session["sessionKey"], session["sessionToken"]]
    assert not [secret for secret in secrets for form in (secret, quote(secret, safe="")) if form in recorded]


def test_the_endpoint_answers_over_a_socket(server: Server, federation: Federation) -> None:
    """As a command-line client asks it: a token, then the URL that the browser opens to be redirected with cookies."""
    host = server.alias("eu-west-1.signin.aws.amazon.com", "").split("/")[2]
    url, headers = f"{server.url.rstrip('/')}/federation", {"Host": host}
    asked = {"Action": "getSigninToken", "Session": json.dumps(_credentials(federation)), "SessionDuration": "3600"}
    with requests.Session() as client:
        client.trust_env = False
        answer = client.get(url, params=asked, headers=headers, timeout=20)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        login = {"Action": "login", "Issuer": "x", "Destination": HOME, "SigninToken": answer.json()["SigninToken"]}
        moved = client.get(url, params=login, headers=headers, allow_redirects=False, timeout=20)
    assert moved.status_code == 302
    assert moved.headers["Location"] == server.alias("console.aws.amazon.com", "/console/home")
    assert "aws-creds=" in moved.headers["Set-Cookie"]


def test_a_longer_session_needs_no_longer_role(world: World, keys: KeyFolder, clock: Clock) -> None:
    """The role's maximum does not bind the console: twelve hours for a role of one."""
    changed = change_world(world, {"/aws/123456789012/roles/ConnectAgent/max_session_duration": 3600})
    federation = Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys)
    endpoint = federation.aws_services.console_federation
    session = endpoint.console_session(
        endpoint.sign_in_token(json.dumps(_credentials(federation)), session_duration="43200"), issuer=""
    )
    assert session is not None
    assert session.expires_at == NOW + timedelta(hours=12)
