"""A frame that shows no CCP: each reason has its own explanation, its own settings at fault and its own fix."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from emulator.browser import Browser
from emulator.federation import Federation
from emulator.flow import log_in, visit
from emulator.kernel.errors import Refusal
from emulator.kernel.explanations import BROWSER, RELAY_STATE, Asked, Cause, PageAround, Sent, Setting, Tile
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.wsgi import call, make_environ
from emulator.world import World, change_world
from sp_mock.accounts.model import Instance
from sp_mock.connect_instance.approved_origins import why_not_approved
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, NOW, USER

HOST = "acme.my.connect.aws"
CCP = f"https://{HOST}/ccp-v2"
OLD = "https://acme.awsapps.com/connect"
CRM = "https://connect.example.com"
PORTAL = "https://portal.example.com"
FEDERATE = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"
INSTANCE = f"/aws/{ACCOUNT}/connect/{INSTANCE_ID}"
OLD_DOMAIN = {f"{INSTANCE}/domain": "awsapps.com"}


def _changed(world: World, keys: KeyFolder, changes: dict[str, Any]) -> Federation:
    return Federation(change_world(world, changes), keys=keys)


def _signed_in(federation: Federation, *, relay_state: str | None = None) -> Browser:
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser, relay_state=relay_state)
    return browser


def _refusal(browser: Browser, url: str = CCP, *, by: str = CRM, **how: Any) -> Refusal:
    refusal = visit(browser.frame(by=by, **how), url).refusal
    assert refusal is not None
    return refusal


def _paths(refusal: Refusal) -> list[tuple[str | int, ...] | Cause]:
    return [cause.path if isinstance(cause, Setting) else cause for cause in refusal.causes]


def _origins(*index: int) -> tuple[str | int, ...]:
    return ("instances", INSTANCE_ID, "approved_origins", *index)


@pytest.mark.parametrize(
    ("origin", "why"),
    [
        (f"{CRM}:8443", "the port is 8443, not 443, and scheme, host and port have to be the same"),
        (
            "http://connect.example.com",
            "the page was opened by http, and scheme, host and port have to be the same",
        ),
        ("https://www.connect.example.com", "with and without www. are two origins"),
        (
            "https://test.connect.example.com",
            "test.connect.example.com is a subdomain of it, and an approved origin holds for its own host alone",
        ),
        (
            "https://example.com",
            "that is a subdomain of example.com, and an approved origin holds for its own host alone",
        ),
        ("https://connect.examp1e.com", "at character 14 the page's host has '1' for 'l'"),
        ("https://conect.example.com", "the page's host lacks 'n' at character 3"),
        ("https://connnect.example.com", "the page's host has 'n' more at character 3"),
    ],
)
def test_an_origin_that_nearly_is_approved(federation: Federation, origin: str, why: str) -> None:
    """The difference is named, and the approved origin that it differs from is the setting."""
    refusal = _refusal(_signed_in(federation), by=origin)
    assert refusal.check == "approved-origin"
    assert refusal.explanation == f"{origin} is not an approved origin; {CRM} is: {why}."
    assert _paths(refusal) == [_origins(0)]


@pytest.mark.parametrize(
    ("approved", "difference"),
    [
        (f"{CRM}/app", "an origin is scheme, host and port, without /app"),
        ("https://*.example.com", "a * is not understood in an origin"),
    ],
)
def test_what_is_no_origin_is_to_be_replaced(federation: Federation, approved: str, difference: str) -> None:
    """Paths and stars, which the API takes, never match."""
    account = federation.aws_services.aws.accounts[ACCOUNT]
    instance: Instance = replace(account.instances[INSTANCE_ID], approved_origins=(approved,))
    found = why_not_approved(instance, CRM, account=account, now=NOW)
    assert found.why == f"{CRM} is not an approved origin; {approved} is: {difference}."
    assert found.fix == f"Write {CRM} in place of {approved} in the instance's approved_origins."
    assert found.want == f"approved_origins: [{CRM}]"


def test_an_origin_that_resembles_none(federation: Federation) -> None:
    """The list as a whole is the setting, and the origin is to be added."""
    refusal = _refusal(_signed_in(federation), by=PORTAL)
    assert refusal.explanation == f"The origin {PORTAL} is not among the instance's approved origins."
    assert refusal.expected == f"{PORTAL} among the approved origins of acme"
    assert refusal.received == f"{PORTAL}; approved: {CRM}"
    assert refusal.fix == f"Add {PORTAL} to the instance's approved_origins."
    assert _paths(refusal) == [_origins()]


def test_an_origin_is_the_first_cause_before_a_login_too(federation: Federation) -> None:
    """Without a session the browser says X-Frame-Options, and the login is not what is missing first."""
    refusal = _refusal(federation.browser(), by=PORTAL)
    assert refusal.check == "approved-origin"
    assert refusal.message == (
        f"Refused to display 'https://{HOST}/' in a frame because it set 'X-Frame-Options' to 'sameorigin'."
    )
    assert refusal.explanation == (
        f"The origin {PORTAL} is not among the instance's approved origins. "
        "There is no session yet either, so that the frame shows the login page."
    )
    assert refusal.fix == f"Add {PORTAL} to the instance's approved_origins."
    assert _paths(refusal) == [_origins()]


def test_a_page_that_sends_no_referer(federation: Federation) -> None:
    """The page's referrer policy is the cause, signed in or not."""
    for browser in (_signed_in(federation), federation.browser()):
        refusal = _refusal(browser, sends_referer=False)
        assert refusal.explanation.startswith(
            "The page around the frame sent no Referer, because of its Referrer-Policy: Amazon Connect cannot tell its "
            "origin."
        )
        assert refusal.causes == (PageAround("", ("referrer",)),)


def test_a_page_in_a_page(federation: Federation) -> None:
    """Every page around the frame has to be approved; the one that is not is named."""
    refusal = _refusal(_signed_in(federation), within=PORTAL)
    assert refusal.explanation == (
        f"The page {CRM} is approved, but it is itself in a frame of {PORTAL}, which is not: the origin {PORTAL} is "
        "not among the instance's approved origins."
    )
    assert refusal.fix == (
        f"Add {PORTAL} to the instance's approved_origins. Or open {CRM} in a window of its own: every page around the "
        "CCP has to be approved."
    )
    assert _paths(refusal) == [_origins()]


def test_a_page_in_a_page_that_is_approved(world: World, keys: KeyFolder) -> None:
    """The fix works: with both in the list the answer names both."""
    federation = _changed(world, keys, {f"{INSTANCE}/approved_origins": [CRM, PORTAL]})
    shown = visit(_signed_in(federation).frame(by=CRM, within=PORTAL), CCP)
    assert shown.refusal is None
    assert shown.page.headers["Content-Security-Policy"] == f"frame-ancestors 'self' {CRM} {PORTAL}"


def test_the_login_at_the_old_domain(world: World, keys: KeyFolder) -> None:
    """The relay state lacks new_domain=true; the page's ccpUrl is the other setting. The fix works."""
    federation = _changed(world, keys, OLD_DOMAIN)
    refusal = _refusal(_signed_in(federation, relay_state=f"{FEDERATE}?destination=%2Fconnect%2Fccp-v2"))
    wanted = f"{FEDERATE}?destination=%2Fccp-v2&new_domain=true"
    assert refusal.explanation == (
        f"The frame has no session. The cause: the login of {USER} ended at {OLD}, and the frame shows https://{HOST}. "
        "The old domain and the new domain have cookies of their own."
    )
    assert refusal.expected == f"a login that ends at https://{HOST}: relay state {wanted}"
    assert refusal.fix == f"Set the relay state to {wanted}."
    assert refusal.causes == (Sent(RELAY_STATE, (wanted,)), PageAround(CRM, ("ccpUrl",)))
    assert visit(_signed_in(federation, relay_state=wanted).frame(by=CRM), CCP).refusal is None


def test_the_login_at_the_new_domain(world: World, keys: KeyFolder) -> None:
    """A page that frames the old domain is to be changed."""
    federation = _changed(world, keys, OLD_DOMAIN)
    browser = _signed_in(federation, relay_state=f"{FEDERATE}?new_domain=true")
    refusal = _refusal(browser, f"{OLD}/ccp-v2")
    assert refusal.explanation == (
        f"The frame has no session. The cause: the login of {USER} ended at https://{HOST}, and the frame shows {OLD}. "
        "The old domain and the new domain have cookies of their own."
    )
    assert refusal.fix == f"Set ccpUrl to {CCP}."
    assert refusal.causes == (PageAround(CRM, ("ccpUrl",)), Sent(RELAY_STATE, (FEDERATE,)))
    opened = visit(browser, f"{OLD}/ccp-v2").refusal
    assert opened is not None
    assert opened.explanation.startswith("The address has no session. The cause: the login of")
    assert (opened.fix, opened.causes) == (f"Open {CCP}.", ())


def test_the_frame_of_another_instance(world: World, keys: KeyFolder) -> None:
    """The person signed in to one, the page shows the other."""
    other = {"alias": "acme-test", "region": "ap-northeast-1", "approved_origins": [CRM]}
    other_id = "99999999-90ab-cdef-1234-567890abcdef"
    federation = _changed(world, keys, {f"/aws/{ACCOUNT}/connect/{other_id}": other})
    refusal = _refusal(_signed_in(federation), "https://acme-test.my.connect.aws/ccp-v2")
    assert refusal.explanation == f"{USER} signed in to the instance acme, and the page frames another one, acme-test."
    assert refusal.expected == CCP
    leads_to = FEDERATE.replace(INSTANCE_ID, other_id)
    assert refusal.fix == f"Set ccpUrl to {CCP}. To use acme-test, begin at a tile that leads to {leads_to}."
    assert refusal.causes == (PageAround(CRM, ("ccpUrl",)), Sent(RELAY_STATE, (leads_to,)))


@pytest.mark.parametrize("value", ["Lax", "Strict"])
def test_the_cookies_same_site(world: World, keys: KeyFolder, value: str) -> None:
    """The instance's own setting, before a login too."""
    federation = _changed(world, keys, {f"{INSTANCE}/cookie_same_site": value})
    words = f"The session cookie has SameSite={value}, which keeps it out of frames on other sites. "
    for new, who in (
        (Federation.browser, "Whether somebody is signed in makes no difference."),
        (_signed_in, f"{USER} is signed in at https://{HOST}, in a window."),
    ):
        refusal = _refusal(new(federation))
        assert refusal.explanation == words + who
        assert (refusal.expected, refusal.received) == ("cookie_same_site: None", f"cookie_same_site: {value}")
        assert _paths(refusal) == [("instances", INSTANCE_ID, "cookie_same_site")]


def test_third_party_cookies_are_blocked(federation: Federation) -> None:
    """The browser says so itself, in Sec-Fetch-Storage-Access."""
    refusal = _refusal(federation.browser(), third_party_cookies=False)
    assert refusal.explanation == (
        f"The browser blocks third-party cookies: it sends none from the frame in {CRM}. "
        "Whether somebody is signed in makes no difference."
    )
    refusal = _refusal(_signed_in(federation), third_party_cookies=False)
    assert refusal.explanation == (
        f"The browser blocks third-party cookies: it sends none from the frame in {CRM}. "
        f"{USER} is signed in at https://{HOST}, in a window."
    )
    assert refusal.expected == f"third-party cookies allowed for https://{HOST}"
    assert refusal.fix == (
        "Allow third-party cookies for the instance in the browser, or give initCCP "
        "storageAccess: {canRequest: true}, which asks the person for them."
    )
    assert refusal.causes == (Asked(BROWSER),)


def _asked(federation: Federation, target: str, **headers: str) -> Refusal:
    """Asks as another browser does, which the emulator's own is not."""
    notes: list[Any] = []
    given = [("Host", HOST), ("User-Agent", "fedemu"), *((n.replace("_", "-"), v) for n, v in headers.items())]
    environ = make_environ("GET", target, given, b"", scheme="https")
    environ["fedemu.recorder"] = notes.append
    call(federation.gateway, environ)
    refusal = notes[0].refusal
    assert isinstance(refusal, Refusal)
    return refusal


def test_a_browser_that_does_not_say_what_it_does_with_cookies(federation: Federation) -> None:
    """Firefox sends no Sec-Fetch-Storage-Access: somebody is signed in in such a browser, and no cookie came."""
    _signed_in(federation)
    framed = {"Sec_Fetch_Dest": "iframe", "Referer": f"{CRM}/"}
    refusal = _asked(federation, "/login?landat=/ccp-v2", **framed)
    assert refusal.explanation.startswith("The browser seems to block third-party cookies: it sends none from")
    other = _asked(federation, "/login?landat=/ccp-v2", **{**framed, "Sec_Fetch_Storage_Access": "active"})
    assert other.explanation == (
        "The login page is in a frame, which it refuses: the browser came without a session. "
        "Somebody is signed in to the instance, but not in this browser; its approved origins are not the cause."
    )


def test_nobody_is_signed_in(federation: Federation) -> None:
    """The page's login settings may be the cause, and the tile is where a login begins."""
    refusal = _refusal(federation.browser())
    assert refusal.explanation == (
        "The login page is in a frame, which it refuses: the browser came without a session. "
        "Nobody is signed in to the instance; its approved origins are not the cause."
    )
    assert refusal.expected == f"a login that leads to {FEDERATE}"
    assert refusal.causes == (PageAround(CRM, ("ccpUrl", "loginUrl", "loginPopup")), Tile(FEDERATE))


def test_an_address_that_is_opened_directly(federation: Federation) -> None:
    """A bookmark, of a page or of the login page."""
    for target, shown in (("/login?landat=/ccp-v2", CCP), ("/login", f"https://{HOST}/login")):
        refusal = _asked(federation, target, Sec_Fetch_Dest="document")
        assert refusal.explanation == (
            f"{shown} was opened directly, from a bookmark or by its address, and there is no session in this browser. "
            "With SAML, Amazon Connect has no login of its own: every login begins at the identity provider."
        )
        assert refusal.fix == (
            f"Begin at the identity provider: open the application's tile, whose relay state is {FEDERATE}."
        )
        assert refusal.causes == (Tile(FEDERATE), Asked(BROWSER))


def test_a_login_window_without_login_url(federation: Federation) -> None:
    """A custom page opened the CCP itself in a window: its loginUrl is missing."""
    refusal = _asked(federation, "/login?landat=/ccp-v2", Sec_Fetch_Dest="document", Referer=f"{CRM}/")
    assert refusal.explanation == (
        f"{CRM} opened {CCP} in a window, and nobody is signed in there: without a loginUrl the login window of a "
        "custom CCP shows the CCP itself, which has no login of its own."
    )
    assert refusal.fix == "Give initCCP the link of the application's tile as loginUrl."
    assert refusal.causes == (PageAround(CRM, ("loginUrl", "loginPopup")), Tile(FEDERATE))


def test_a_session_that_is_over(world: World, keys: KeyFolder) -> None:
    """By time, where a shorter authentication profile is a setting at fault, and by logging out."""
    from emulator.kernel.clock import Clock

    changes = {f"{INSTANCE}/authentication_profile": {"max_session_duration": 30}}
    federation = Federation(change_world(world, changes), clock=Clock(frozen_at=NOW), keys=keys)
    browser = _signed_in(federation)
    federation.clock.advance(timedelta(minutes=31))
    refusal = visit(browser, CCP).refusal
    assert refusal is not None
    assert refusal.explanation.endswith("is over after 30 minutes, as the instance's authentication profile has it.")
    assert _paths(refusal) == [Tile(FEDERATE), ("instances", INSTANCE_ID, "authentication_profile")]
    log_in(federation, user=USER, app=APP, browser=browser)
    visit(browser, f"https://{HOST}/logout")
    refusal = visit(browser, CCP).refusal
    assert refusal is not None
    assert refusal.explanation == f"{USER} has logged out of acme."
    assert refusal.causes == (Tile(FEDERATE),)


def test_the_login_page_in_a_frame(federation: Federation) -> None:
    """A page that frames /login itself frames the wrong address."""
    refusal = _refusal(federation.browser(), f"https://{HOST}/login")
    assert (
        refusal.explanation == f"{CRM} shows the login page https://{HOST}/login in a frame, which it always refuses."
    )
    assert refusal.fix == f"Set ccpUrl to {CCP}; the login belongs into loginUrl."
    assert refusal.causes == (PageAround(CRM, ("ccpUrl",)),)


@pytest.mark.parametrize(
    ("path", "why", "want"),
    [
        ("home", f"{CRM} frames /home, which is not the Contact Control Panel.", CCP),
        (
            "ccpv2",
            "Amazon Connect has no page /ccpv2, or the emulator does not offer it. The nearest is /ccp-v2.",
            CCP,
        ),
        (
            "CCP-V2/softphone",
            "Amazon Connect has no page /CCP-V2/softphone, or the emulator does not offer it. The nearest is /ccp-v2.",
            f"{CCP}/softphone",
        ),
    ],
)
def test_a_page_that_is_not_the_ccp(federation: Federation, path: str, why: str, want: str) -> None:
    """The path in ccpUrl is the page's mistake."""
    refusal = _refusal(_signed_in(federation), f"https://{HOST}/{path}")
    assert (refusal.check, refusal.explanation, refusal.expected) == ("connect-page", why, want)
    assert refusal.fix == f"Set ccpUrl to {want}."
    assert refusal.causes == (PageAround(CRM, ("ccpUrl",)),)


def test_an_old_domain_in_a_frame(world: World, keys: KeyFolder) -> None:
    """Where the instance has no pages there, and where the prefix is missing."""
    refusal = _refusal(Federation(world, keys=keys).browser(), f"{OLD}/ccp-v2")
    assert (refusal.check, refusal.expected) == ("connect-domain", CCP)
    page, setting = refusal.causes
    assert page == PageAround(CRM, ("ccpUrl",))
    assert isinstance(setting, Setting)
    assert setting.path[-1] == "domain"
    refusal = _refusal(_changed(world, keys, OLD_DOMAIN).browser(), "https://acme.awsapps.com/ccp-v2")
    assert refusal.explanation == f"At the old domain the pages are under /connect: {OLD}/ccp-v2."
    assert (refusal.check, refusal.fix) == ("connect-page", f"Set ccpUrl to {OLD}/ccp-v2.")


@pytest.mark.parametrize(
    ("url", "message", "why"),
    [
        (
            f"{FEDERATE}?destination=%2Fccp-v2",
            "Refused to display 'https://ap-northeast-1.signin.aws.amazon.com/' in a frame because it set "
            "'X-Frame-Options' to 'deny'.",
            f"{CRM} frames the federate URL, and there is no console session: the console and AWS sign-in refuse every "
            "frame.",
        ),
        (
            "https://console.aws.amazon.com/console/home",
            "Refused to display 'https://signin.aws.amazon.com/' in a frame because it set "
            "'X-Frame-Options' to 'deny'.",
            f"{CRM} frames a page of the AWS console: the console and AWS sign-in refuse every frame.",
        ),
        (
            "https://acme.okta.com/app/UserHome",
            "Refused to display 'https://acme.okta.com/' in a frame because it set 'X-Frame-Options' to 'sameorigin'.",
            f"{CRM} frames a page of the identity provider, which refuses every frame: a login needs a window.",
        ),
    ],
)
def test_pages_that_refuse_every_frame(federation: Federation, url: str, message: str, why: str) -> None:
    """The console, AWS sign-in and the identity provider; the same addresses in a window are fine."""
    refusal = _refusal(federation.browser(), url)
    assert (refusal.check, refusal.message, refusal.explanation) == ("framing", message, why)
    assert isinstance(refusal.causes[0], PageAround)
    assert visit(federation.browser(), url).refusal is None
