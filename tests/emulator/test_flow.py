"""Logins in process: what is recorded, what is kept secret, and that logins do not mix."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from emulator.diagnosis.login_result import result_of
from emulator.federation import Federation
from emulator.flow import Outcome, assume_role, log_in, visit
from emulator.kernel.errors import FederationError, FlowError
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
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
        f"shows {USER} the tile of 1 app",
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
    tokens = (next(iter(federation.tables[name].running())) for name in ("connect-access-tokens", "console-sessions"))
    for secret in ("correct-horse", *tokens):
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


def test_a_session_of_another_person_in_the_same_browser_is_noted(federation: Federation) -> None:
    """Okta asks nobody for a password again, and the login is the first person's."""
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    login = log_in(federation, user=TWO_ROLES_USER, app=APP, browser=browser)
    notes = [note.why for note in result_of(login, federation).notes]
    assert notes[0] == (
        f"the browser had a session of {USER} at Okta, so that the login is theirs and not of {TWO_ROLES_USER}"
    )


def test_a_role_that_the_client_took_by_itself_is_noted(federation: Federation) -> None:
    """STS takes one role, and the assertion has two."""
    login = assume_role(federation, user=TWO_ROLES_USER, app=APP)
    (note,) = result_of(login, federation).notes
    assert note.why == f"no role was asked for, so the client took the first of 2, {ROLE_ARN}"


@pytest.mark.parametrize(
    ("seconds", "note"),
    [
        (7200, "the session lasts 3600 seconds, not the 7200 that were asked for: SessionDuration ends it earlier"),
        (900, None),
    ],
)
def test_a_session_that_is_shorter_than_asked_for_is_noted(
    world: World, keys: KeyFolder, seconds: int, note: str | None
) -> None:
    """SessionDuration of the assertion shortens what the call asks for, and the setting behind it is named."""
    changed = change_world(world, {"/aws/123456789012/roles/ConnectAgent/max_session_duration": 43200})
    federation = Federation(changed, keys=keys)
    login = assume_role(federation, user=USER, app=APP, duration_seconds=seconds)
    notes = result_of(login, federation).notes
    assert [each.why for each in notes] == ([note] if note else [])
    if note:
        assert notes[0].origins[0].location is not None
        assert notes[0].origins[0].location.key == f"okta.acme.apps.{APP}.session_duration"


def test_sessions_that_live_on_after_the_identity_providers_logout_are_noted(federation: Federation) -> None:
    """Signing out of Okta signs nobody out of Amazon Connect."""
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    (note,) = visit(browser, "https://acme.okta.com/login/signout").notes
    assert note == "only Okta's session is over: those that its apps opened, at AWS for example, go on until they end"
    assert visit(browser, "https://acme.my.connect.aws/ccp-v2").outcome is Outcome.ACCEPTED
