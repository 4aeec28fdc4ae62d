"""Logins in process: what is recorded, what is kept secret, and that logins do not mix."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from emulator.federation import Federation
from emulator.flow import Outcome, log_in, visit
from emulator.kernel.errors import FederationError, FlowError
from tests.conftest import APP, INSTANCE_ID, ROLE_ARN, TWO_ROLES_USER, USER


def test_a_login_knows_where_it_landed_and_as_whom(federation: Federation) -> None:
    """Role, session name, page and the decoded facts are there."""
    login = log_in(federation, user=USER, app=APP)
    assert login.outcome is Outcome.ACCEPTED
    assert login.lands_on == "https://acme.my.connect.aws/home"
    assert (login.role, login.session_name) == (ROLE_ARN, USER)
    assert login.page.title == "Home - acme"
    steps = [d.summary for e in login.exchanges for d in e.notes]
    assert steps == [
        "asks for user name and password",
        f"signed {USER} in",
        f"shows {USER} the tiles of 1 apps",
        f"issued an assertion about {USER} to Amazon Connect SAML",
        f"signed in as ConnectAgent/{USER}",
        "connect:GetFederationToken allowed",
        f"{USER} signed in to acme",
        f"Home open for {USER}",
    ]


def test_no_secret_is_recorded(federation: Federation) -> None:
    """Password, cookies and federation tokens are out of every exchange."""
    login = log_in(federation, user=USER, app=APP)
    recorded = "".join(f"{e.url}{e.form}{e.request_headers}{e.response_headers}{e.body}" for e in login.exchanges)
    session = next(iter(federation.aws_services.connect._access._kept))
    for secret in ("correct-horse", session, next(iter(federation.aws_services.sign_in.sessions._browsers._kept))):
        assert secret not in recorded
    assert "(redacted)" in recorded


def test_a_second_login_in_the_same_browser_needs_no_password(federation: Federation) -> None:
    """The Okta session lasts."""
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    again = log_in(federation, user=USER, app=APP, browser=browser)
    assert again.outcome is Outcome.ACCEPTED
    assert not any(exchange.url.endswith("/login/login.htm") for exchange in again.exchanges)


def test_logins_at_the_same_time_do_not_mix(federation: Federation) -> None:
    """Forty logins of two people in eight threads each arrive as themselves."""

    def once(number: int) -> tuple[str, str, int]:
        user = (USER, TWO_ROLES_USER)[number % 2]
        login = log_in(federation, user=user, app=APP, role="ConnectAgent")
        return user, login.session_name, len({e.url for e in login.exchanges if "okta" in e.url})

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(once, range(40)))
    assert all(user == name for user, name, _ in results)


def test_several_roles_need_a_choice(federation: Federation) -> None:
    """Without a role the browser stops at the chooser and says which there are."""
    with pytest.raises(FlowError) as caught:
        log_in(federation, user=TWO_ROLES_USER, app=APP)
    assert caught.value.message == "AWS sign-in asks which role to take"
    assert caught.value.expected == "ConnectAgent, ConnectSupervisor"


def test_an_unknown_app_is_named(federation: Federation) -> None:
    """The error lists the apps there are."""
    with pytest.raises(FederationError) as caught:
        log_in(federation, user=USER, app="acme/other")
    assert (caught.value.message, caught.value.expected) == ("There is no Okta app acme/other", "acme/amazon-connect")


def test_a_framed_console_without_a_session_is_denied(federation: Federation) -> None:
    """Sign-in refuses to be framed, as the real one does."""
    url = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"
    page = visit(federation.browser(), url).page
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.url.startswith("https://ap-northeast-1.signin.aws.amazon.com/oauth")


def test_signing_out_of_connect_ends_the_session(federation: Federation) -> None:
    """After /logout the CCP shows Session expired."""
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    visit(browser, "https://acme.my.connect.aws/logout")
    after = visit(browser, "https://acme.my.connect.aws/ccp-v2")
    assert after.refusal is not None
    assert after.refusal.message == "Session expired"
    assert [e.status for e in after.exchanges] == [302, 307, 200]


def test_signing_out_of_aws_ends_the_console_session(federation: Federation) -> None:
    """After sign-out the console leads to sign-in."""
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    visit(browser, "https://signin.aws.amazon.com/oauth?Action=logout")
    assert "There is no session" in visit(browser, "https://console.aws.amazon.com/").page.visible_text


def test_federation_tokens_are_good_for_their_instance_only(federation: Federation) -> None:
    """Forged, malformed and expired credentials are refused, and nothing is redirected."""
    browser = federation.browser()
    for credentials in ("", "{}", "[]", '{"AccessToken": "x", "RefreshToken": "y"}', "[" * 5000):
        page = browser.post(
            "https://acme.my.connect.aws/auth/sign-in",
            {"credentials": credentials, "destination": "https://evil.example/"},
        )
        assert page.status == 400
        assert "Bad Request. The request was not valid and could not be processed." in page.visible_text
