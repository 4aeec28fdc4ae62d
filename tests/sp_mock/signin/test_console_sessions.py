"""A browser's console sessions: one account, or five sessions; logging out; regions and partitions."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from emulator.federation import Federation
from emulator.flow import log_in, visit
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import SignInRefusal
from emulator.kernel.store import Store
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.scenario_file import BUILT_IN
from emulator.world import load_world
from sp_mock.arn import Arn
from sp_mock.endpoints import Endpoint, is_console_host
from sp_mock.principals.credentials import Credentials, RoleSession
from sp_mock.signin.console_sessions import BrowserContext, ConsoleSession, ConsoleSessions
from sp_mock.signin.relay_state import Landing
from tests.conftest import NOW

ADMIN = "arn:aws:iam::{}:role/Admin"
LOG_OUT_FIRST = "You must first log out before logging into a different AWS account. To logout, click here"


def _tree(text: str) -> Any:
    return lxml.html.fromstring(text)


@pytest.fixture
def accounts(keys: KeyFolder, clock: Clock) -> Federation:
    """Returns a federation with people in several accounts and roles."""
    world = load_world(Path(BUILT_IN) / "worlds" / "accounts.yaml")
    return Federation(world, clock=clock, ids=Ids(seed=7), keys=keys)


@pytest.fixture
def sessions(clock: Clock) -> ConsoleSessions:
    """Returns an empty store."""
    return ConsoleSessions(Store(clock=clock), clock=clock, ids=Ids(seed=1))


def opened_session(role: str, *, account: str = "111111111111", hours: int = 1) -> ConsoleSession:
    arn = Arn.parse(f"arn:aws:iam::{account}:role/{role}")
    assert arn is not None
    ends = NOW + timedelta(hours=hours)
    role_session = RoleSession(arn, "AROAX", "aiko", ends)
    return ConsoleSession(role_session, Credentials.make(ids=Ids(seed=1), expiration=ends), "issuer", ends)


def test_another_account_has_to_wait_for_a_logout(sessions: ConsoleSessions) -> None:
    """The refusal names the session that is in the way; the session goes on."""
    cookie = sessions.open(opened_session("Admin"), BrowserContext())
    with pytest.raises(SignInRefusal) as caught:
        sessions.open(opened_session("Admin", account="222222222222"), BrowserContext(cookie=cookie))
    refusal = caught.value
    assert (refusal.message, refusal.check, refusal.evidence) == (LOG_OUT_FIRST, "one-account", "observed")
    assert "arn:aws:sts::111111111111:assumed-role/Admin/aiko until 2026-01-15T10:00:00.000Z" in refusal.explanation
    assert sessions.get(cookie) is not None


def test_signing_in_again_replaces_the_session_and_the_cookie(sessions: ConsoleSessions) -> None:
    """The old cookie is worth nothing any more."""
    first = sessions.open(opened_session("One"), BrowserContext())
    second = sessions.open(opened_session("Two"), BrowserContext(cookie=first))
    assert sessions.get(first) is None
    assert [session.session.user_name.partition("/")[0] for session in sessions.all(second)] == ["Two"]


def test_other_browsers_do_not_count(sessions: ConsoleSessions) -> None:
    """A browser without a cookie, or with an unknown one, may go anywhere."""
    sessions.open(opened_session("Admin"), BrowserContext())
    assert (
        sessions.get(sessions.open(opened_session("Admin", account="222222222222"), BrowserContext(cookie="x")))
        is not None
    )


def test_a_session_that_is_over_is_not_in_the_way(sessions: ConsoleSessions, clock: Clock) -> None:
    """At its end the session is gone, for the console and for the next login."""
    cookie = sessions.open(opened_session("Admin"), BrowserContext())
    clock.advance(timedelta(hours=1))
    assert sessions.get(cookie) is None
    assert sessions.open(opened_session("Admin", account="222222222222", hours=3), BrowserContext(cookie=cookie))


def test_five_sessions_and_no_sixth(sessions: ConsoleSessions, clock: Clock) -> None:
    """A role signed in to again takes no place; a sixth one is refused until one of the five is over."""
    cookie = None
    for number in range(5):
        browser = BrowserContext(cookie=cookie, multi_session=True)
        cookie = sessions.open(opened_session(f"R{number}", hours=1 + number), browser)
    again = sessions.open(opened_session("R1", hours=9), BrowserContext(cookie=cookie, multi_session=True))
    assert [s.session.user_name.partition("/")[0] for s in sessions.all(again)] == ["R0", "R2", "R3", "R4", "R1"]
    with pytest.raises(SignInRefusal) as caught:
        sessions.open(opened_session("R5"), BrowserContext(cookie=again, multi_session=True))
    assert (caught.value.message, caught.value.check) == ("Session limit reached", "session-limit")
    clock.advance(timedelta(hours=1))
    assert sessions.open(opened_session("R5", hours=9), BrowserContext(cookie=again, multi_session=True))


def test_to_logout_click_here_leads_to_the_logout_of_the_same_host(accounts: Federation) -> None:
    """The link is real: following it makes room for the other account."""
    browser = accounts.browser()
    log_in(accounts, user="aiko@example.com", app="aws", role=ADMIN.format("111111111111"), browser=browser)
    saml_response = accounts.identity_providers["acme"].mint("aiko@example.com", "aws").saml_response
    fields = {"SAMLResponse": saml_response, "roleIndex": ADMIN.format("222222222222")}
    url = "https://ap-northeast-1.signin.aws.amazon.com/saml"
    page = browser.post(url, fields)
    assert LOG_OUT_FIRST in page.visible_text
    (link,) = _tree(page.text).xpath("//div[@id='main_error']//a")
    assert link.get("href") == "https://ap-northeast-1.signin.aws.amazon.com/oauth?Action=logout"
    assert "You have been signed out." in browser.open(link.get("href")).visible_text
    assert browser.post(url, fields).url == "https://ap-northeast-1.console.aws.amazon.com/console/home"


def test_logging_out_takes_the_cookies_and_ends_every_session(accounts: Federation) -> None:
    """Also by the federation endpoint; the console then asks to sign in."""
    for logout in ("oauth?Action=logout", "federation?Action=logout"):
        browser = accounts.browser()
        log_in(accounts, user="ren@example.com", app="aws", role="One", browser=browser)
        cookie = browser.cookies["aws-creds"]
        browser.open(f"https://signin.aws.amazon.com/{logout}")
        assert not {"aws-creds", "aws-userInfo"} & set(browser.cookies.keys())
        assert accounts.aws_services.sign_in.sessions.all(cookie) == ()
        assert browser.open("https://console.aws.amazon.com/").url.startswith("https://signin.aws.amazon.com/oauth?")


@pytest.mark.parametrize(
    ("redirect_uri", "landing"),
    [
        ("", Landing("")),
        ("https://aws.amazon.com/", Landing("https://aws.amazon.com/")),
        ("https://acme.okta.com/home", Landing("https://acme.okta.com/home")),
        (
            "https://eu-west-1.signin.aws.amazon.com/federation?Action=login",
            Landing("https://eu-west-1.signin.aws.amazon.com/federation?Action=login"),
        ),
        (
            "https://signin.aws.amazon.com/federation?Action=login",
            Landing(
                "",
                "redirect_uri leads to signin.aws.amazon.com, which is not eu-west-1.signin.aws.amazon.com, another AWS"
                " site or an identity provider of these accounts; it was not followed",
            ),
        ),
        ("http://aws.amazon.com/", Landing("", "redirect_uri is not an https URL; it was not followed")),
    ],
)
def test_a_logout_leads_on_where_that_is_safe(accounts: Federation, redirect_uri: str, landing: Landing) -> None:
    """AWS's sites, the same sign-in host and the identity providers of the accounts; the note says why not."""
    endpoint = Endpoint.of_host("eu-west-1.signin.aws.amazon.com")
    assert accounts.aws_services.sign_in.after_logout(redirect_uri, endpoint=endpoint) == landing


def test_a_redirect_that_was_not_followed_is_noted(accounts: Federation) -> None:
    """The trace says what became of redirect_uri."""
    url = "https://signin.aws.amazon.com/oauth?Action=logout&redirect_uri=https%3A%2F%2Fevil.example.com%2F"
    login = visit(accounts.browser(), url)
    assert login.notes == (
        "redirect_uri leads to evil.example.com, which is not signin.aws.amazon.com, another AWS site or an identity"
        " provider of these accounts; it was not followed",
    )


@pytest.mark.parametrize(
    ("host", "region", "sign_in", "console"),
    [
        ("signin.aws.amazon.com", "us-east-1", "signin.aws.amazon.com", "console.aws.amazon.com"),
        (
            "eu-west-1.signin.aws.amazon.com",
            "eu-west-1",
            "eu-west-1.signin.aws.amazon.com",
            "eu-west-1.console.aws.amazon.com",
        ),
        (
            "ap-northeast-1.console.aws.amazon.com",
            "ap-northeast-1",
            "ap-northeast-1.signin.aws.amazon.com",
            "ap-northeast-1.console.aws.amazon.com",
        ),
        ("s3.console.aws.amazon.com", "us-east-1", "signin.aws.amazon.com", "console.aws.amazon.com"),
        (
            "signin.amazonaws-us-gov.com",
            "us-gov-west-1",
            "signin.amazonaws-us-gov.com",
            "console.amazonaws-us-gov.com",
        ),
        ("console.amazonaws.cn", "cn-north-1", "signin.amazonaws.cn", "console.amazonaws.cn"),
        ("us-gov-west-1.console.aws.amazon.com", "us-east-1", "signin.aws.amazon.com", "console.aws.amazon.com"),
    ],
)
def test_pages_lead_on_within_partition_and_region(host: str, region: str, sign_in: str, console: str) -> None:
    """The host name says both; one that names no region, or another partition's, leads to hosts that name none."""
    endpoint = Endpoint.of_host(host)
    assert endpoint.region_name == region
    assert (endpoint.sign_in_url, endpoint.console_url) == (f"https://{sign_in}", f"https://{console}")


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("console.aws.amazon.com", True),
        ("us-west-2.console.aws.amazon.com", True),
        ("signin.aws.amazon.com", True),
        ("console.amazonaws-us-gov.com", True),
        ("aws.amazon.com", False),
        ("123456789012-abcdefgh.us-east-1.console.aws.amazon.com", False),
        ("123456789012.console.aws.amazon.com", False),
        ("console.aws.amazon.com.evil.example", False),
        ("xconsole.aws.amazon.com", False),
    ],
)
def test_a_console_host_belongs_to_no_account(host: str, allowed: bool) -> None:
    """Account hosts and other AWS sites are no destinations."""
    assert is_console_host(host) is allowed


@pytest.mark.parametrize(
    ("host", "entity_id"),
    [
        ("eu-west-1.signin.aws.amazon.com", "urn:amazon:webservices"),
        ("signin.amazonaws-us-gov.com", "urn:amazon:webservices:govcloud"),
        ("signin.amazonaws.cn", "urn:amazon:webservices:cn-north-1"),
    ],
)
def test_each_sign_in_host_describes_itself(accounts: Federation, host: str, entity_id: str) -> None:
    """The metadata names the partition's entity and the host's own ACS URL."""
    text = accounts.browser().open(f"https://{host}/static/saml-metadata.xml").text
    assert f'entityID="{entity_id}"' in text
    assert f'Location="https://{host}/saml"' in text


OPT_IN = "https://signin.aws.amazon.com/sessions/v1/opt-in"


def test_a_second_opt_in_with_a_session_is_a_bad_request(accounts: Federation) -> None:
    """The first one is answered with a redirect, the second one with 400; the session goes on."""
    browser = accounts.browser()
    log_in(accounts, user="ren@example.com", app="aws", role="One", browser=browser)
    assert browser.open(OPT_IN).url == "https://console.aws.amazon.com/console/home"
    page = browser.open(OPT_IN)
    refusal = accounts.gateway.exchanges[-1].refusal
    assert (page.status, page.url) == (400, OPT_IN)
    assert refusal is not None
    assert (refusal.check, refusal.message, refusal.evidence) == ("opt-in", "Bad Request", "assumed")
    assert "arn:aws:sts::222222222222:assumed-role/One/ren@example.com" in refusal.explanation
    assert accounts.aws_services.sign_in.sessions.get(browser.cookies.get("aws-creds")) is not None


def test_an_opt_in_without_a_session_may_be_repeated(accounts: Federation) -> None:
    """Also after the sessions are over."""
    browser = accounts.browser()
    browser.open(OPT_IN)
    assert accounts.gateway.exchanges[-1].refusal is None
    browser.open(OPT_IN)
    log_in(accounts, user="ren@example.com", app="aws", role="One", browser=browser)
    browser.open("https://signin.aws.amazon.com/oauth?Action=logout")
    assert browser.open(OPT_IN).status != 400
