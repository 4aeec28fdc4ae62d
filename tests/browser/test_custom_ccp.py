"""A custom CCP with the real amazon-connect-streams in Chromium: what logs in, and what each way to fail looks like.

The page is ``docs/examples/custom-ccp``, the library the one from npm, unmodified; hosts have their real names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright, expect

from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.kernel.errors import Refusal
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.start import Ports, Serving, serving
from emulator.world import World, change_world
from tests.browser.launching import SharedBrowser, launch
from tests.browser.pictures import keep
from tests.clients.conftest import CLIENTS, ROOT
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, USER
from tests.requirements import installed

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)

CRM = "https://connect.example.com"
CCP = "https://acme.my.connect.aws/ccp-v2"
OLD = "https://acme.awsapps.com/connect"
FEDERATE = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"
INSTANCE = f"/aws/{ACCOUNT}/connect/{INSTANCE_ID}"
# Who is signed in is waited for as long as it takes. A login that cannot come is given up by the browser's clock, which
# a test moves on (``Crm.load_timeout``): nobody waits, and no time-out is over before the frame has its answer.
LOAD_TIMEOUT = 25_000
RETRIES = 10  # as often the library loads the frame anew
PATIENT = {"ccpLoadTimeout": LOAD_TIMEOUT, "ccpAckTimeout": 300}


@dataclass
class Crm:
    """A person's browser at a page of the user's own, and the emulator it reaches."""

    page: Page
    internet: Serving
    configure: Callable[..., None]
    console: list[str] = field(default_factory=list)

    @property
    def context(self) -> BrowserContext:
        """The browser."""
        return self.page.context

    @property
    def embed_link(self) -> str:
        """The link behind the tile."""
        provider, app = self.internet.federation.find_app(APP)
        return provider.org.embed_link(app)

    def sign_in(self, page: Page | None = None) -> None:
        """Has the person sign in at Okta's page, which is open."""
        page = page or self.page
        page.get_by_label("Username").fill(USER)
        page.get_by_label("Password").fill("correct-horse")
        page.get_by_role("button", name="Sign In").click()

    def log_in_by_the_tile(self, destination: str = "/ccp-v2", *, new_domain: bool = False) -> None:
        """Has the person open the tile first."""
        self.page.goto(login_url(self.embed_link, destination, new_domain=new_domain))
        self.sign_in()

    def open(self, path: str = "/ccp") -> None:
        """Opens the custom page, and waits until the frame in it has its answer."""
        self.page.goto(CRM + path)

    def load_timeout(self) -> None:
        """Moves the browser's clock on by the library's ccpLoadTimeout; the test asked for ``moved_clock``."""
        self.page.clock.fast_forward(LOAD_TIMEOUT)

    def expect_signed_in(self) -> None:
        """Waits until the library has the agent."""
        expect(self.page.locator("#login")).to_have_text("signed in")
        expect(self.page.locator("#agent")).to_have_text(f"Hanako Sato ({USER})")
        assert self.page.evaluate("connect.core.initialized") is True

    def expect_event(self, words: str) -> None:
        """Waits for one of the library's events."""
        expect(self.page.locator("#events li", has_text=words).first).to_be_visible()

    def popups(self) -> list[Page]:
        """Returns a list of the windows that are opened from now on."""
        opened: list[Page] = []

        def remember(page: Page) -> None:
            opened.append(page)

        self.context.on("page", remember)
        return opened

    def refusals(self) -> list[Refusal]:
        """Returns what the services refused, according to the trace."""
        exchanges = self.internet.federation.gateway.exchanges
        return [each.refusal for exchange in exchanges for each in exchange.notes if each.refusal is not None]


def login_url(embed_link: str, destination: str = "/ccp-v2", *, new_domain: bool = False) -> str:
    """Returns the tile's link with a destination in its relay state."""
    relay_state = f"{FEDERATE}?destination={quote(destination, safe='')}" + ("&new_domain=true" if new_domain else "")
    return f"{embed_link}?RelayState={quote(relay_state, safe='')}"


Start = Callable[..., Crm]


@pytest.fixture(scope="module")
def shared_browser(
    playwright: Playwright, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedBrowser]:
    """Returns the browser of all tests that need none of their own."""
    profile = tmp_path_factory.mktemp("profile")
    with SharedBrowser(playwright, chromium, profile, _preferences(cookies=True, popups=True)) as browser:
        yield browser


@pytest.fixture
def start(
    world: World,
    keys: KeyFolder,
    playwright: Playwright,
    chromium: str,
    shared_browser: SharedBrowser,
    tmp_path: Path,
) -> Iterator[Start]:
    """Returns a function that serves a world with a custom CCP in it and opens a browser there.

    One with other settings than the shared one is started.
    """
    release = installed(CLIENTS / "node_modules" / "amazon-connect-streams" / "release")
    own = tmp_path / "own"
    own.mkdir(exist_ok=True)
    folders = [str(own), str(ROOT / "docs" / "examples" / "custom-ccp"), str(release)]
    with ExitStack() as stack:

        def begin(
            *,
            changes: dict[str, Any] | None = None,
            options: dict[str, Any] | None = None,
            ccp_url: str = CCP,
            files: dict[str, str] | None = None,
            third_party_cookies: bool = True,
            popups: bool = True,
            clock: Clock | None = None,
            moved_clock: bool = False,
        ) -> Crm:
            changed = change_world(world, {"/pages": {CRM: folders}, **(changes or {})})
            internet = stack.enter_context(serving(Federation(changed, keys=keys, clock=clock), Ports(https=None)))
            if third_party_cookies and popups:
                context = shared_browser.new_context(internet)
                page = context.new_page()
            else:
                context = launch(
                    playwright,
                    chromium,
                    internet,
                    tmp_path / "profile",
                    preferences=_preferences(cookies=third_party_cookies, popups=popups),
                    popups=popups,
                )
                page = context.pages[0]
            stack.callback(context.close)
            if moved_clock:
                context.clock.install()

            def configure(**options: Any) -> None:
                config = {"ccpUrl": ccp_url, "loginUrl": login_url(crm.embed_link), "options": {**PATIENT, **options}}
                (own / "config.js").write_text(f"var ccpConfig = {json.dumps(config)};")

            crm = Crm(page, internet, configure)
            page.on("console", lambda message: crm.console.append(_text(message)))
            configure(**(options or {}))
            for name, text in (files or {}).items():
                (own / name).write_text(text)
            return crm

        yield begin


def _preferences(*, cookies: bool, popups: bool) -> dict[str, Any]:
    """Returns a profile's content settings; 2 blocks popups, as the browser does by itself outside of tests."""
    return {
        "block_third_party_cookies": not cookies,
        "cookie_controls_mode": 0 if cookies else 1,
        "default_content_setting_values": {"popups": 1 if popups else 2},
    }


def _text(message: ConsoleMessage) -> str:
    return message.text


def test_a_popup_opens_signs_in_and_closes_by_itself(start: Start, artefacts: Path) -> None:
    """Nobody is signed in: the library opens the tile's link, and closes it when the CCP answers."""
    crm = start(moved_clock=True)
    crm.open()
    with crm.page.expect_popup() as opened:
        crm.load_timeout()
    popup = opened.value
    crm.expect_event("ack_timeout")
    keep(popup, artefacts / "custom-ccp-popup.png")
    crm.sign_in(popup)
    popup.wait_for_url(CCP)
    crm.load_timeout()
    crm.expect_signed_in()
    if not popup.is_closed():
        popup.wait_for_event("close")
    keep(crm.page, artefacts / "custom-ccp.png")
    frame = crm.page.frame(name="Amazon Connect CCP")
    assert frame is not None
    assert frame.url == CCP
    assert frame.locator("#user").inner_text() == USER


def test_who_is_signed_in_already_is_in_at_once(start: Start) -> None:
    """The tile first, then the page: no popup, and the library is initialised in under a second."""
    crm = start()
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(CCP)
    popups = crm.popups()
    crm.open()
    crm.expect_signed_in()
    assert not popups
    crm.page.reload()
    crm.expect_signed_in()


def test_the_agent_changes_state_from_either_side(start: Start, artefacts: Path) -> None:
    """The page sets a state through the library; the agent sets one in the CCP; both see both."""
    crm = start()
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(CCP)
    crm.open()
    expect(crm.page.locator("#agent-state")).to_have_text("Offline")
    crm.page.locator("#available").click()
    crm.expect_event("setState succeeded")
    expect(crm.page.locator("#agent-state")).to_have_text("Available")
    ccp = crm.page.frame_locator("iframe[name='Amazon Connect CCP']")
    expect(ccp.get_by_label("Agent state")).to_have_value("Available")
    ccp.get_by_label("Agent state").select_option("Lunch")
    crm.expect_event("state Lunch")
    duration = crm.page.evaluate("new connect.Agent().getStateDuration()")
    assert 0 <= duration < 600_000
    assert crm.page.evaluate("new connect.Agent().getRoutingProfile().name") == "Basic Routing Profile"
    keep(crm.page, artefacts / "custom-ccp-state.png")
    crm.page.reload()
    expect(crm.page.locator("#agent-state")).to_have_text("Lunch")


_CALL = """method => new Promise(resolve => connect.core.getClient().call(method, {}, {
  success: data => resolve(data), failure: error => resolve({error}),
}))"""
_MASTER = """() => new Promise(resolve =>
  connect.ifMaster(connect.MasterTopics.SEND_LOGS, () => resolve(true), () => resolve(false)))"""


def test_the_librarys_requests_are_answered(start: Start) -> None:
    """Reads return what agent::update brought, this frame is the master, and a missing method fails by name."""
    crm = start()
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(CCP)
    crm.open()
    crm.expect_signed_in()
    states = crm.page.evaluate(_CALL, "getAgentStates")["states"]
    assert [state["name"] for state in states] == ["Available", "Break", "Lunch", "Offline"]
    assert crm.page.evaluate(_CALL, "getAgentConfiguration")["configuration"]["username"] == USER
    assert crm.page.evaluate(_CALL, "getAgentSnapshot")["snapshot"]["state"]["name"] == "Offline"
    queues = crm.page.evaluate(_CALL, "getRoutingProfileQueues")["queues"]
    assert queues[0]["name"] == "BasicQueue"
    assert crm.page.evaluate(_CALL, "createOutboundContact")["error"] == {
        "type": "unsupported",
        "message": "createOutboundContact is not offered by the emulator",
    }
    assert crm.page.evaluate(_MASTER) is True


def test_logged_out_is_logged_in_again_without_a_password(start: Start) -> None:
    """The Okta session goes on: after logging out of Connect the library's popup signs the same person in."""
    crm = start(moved_clock=True)
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(CCP)
    crm.open()
    crm.expect_signed_in()
    with crm.page.expect_popup() as opened:
        crm.page.locator("#logout").click()
    crm.expect_event("terminated")
    popup = opened.value
    popup.wait_for_url(CCP)
    crm.load_timeout()
    frame = crm.page.frame_locator("iframe[name='Amazon Connect CCP']")
    expect(frame.locator("#user")).to_have_text(USER)


def test_the_destination_may_be_the_custom_page_itself(start: Start, artefacts: Path) -> None:
    """An absolute destination with an approved origin: the tile ends on the page, which is signed in at once."""
    crm = start()
    crm.log_in_by_the_tile(f"{CRM}/ccp")
    crm.page.wait_for_url(f"{CRM}/ccp")
    crm.expect_signed_in()
    keep(crm.page, artefacts / "custom-ccp-destination.png")


def test_a_popup_that_ends_on_the_custom_page_is_closed_too(start: Start) -> None:
    """With the page as the login's destination the popup shows it, and the opener goes on all the same."""
    crm = start(moved_clock=True)
    crm.configure(loginUrl=login_url(crm.embed_link, f"{CRM}/ccp"))
    crm.open()
    with crm.page.expect_popup() as opened:
        crm.load_timeout()
    popup = opened.value
    crm.sign_in(popup)
    expect(popup.locator("#login")).to_have_text("signed in")
    crm.load_timeout()
    crm.expect_signed_in()
    if not popup.is_closed():
        popup.wait_for_event("close")


def test_a_page_under_development_on_localhost_logs_in(start: Start, tmp_path: Path) -> None:
    """A developer's own server is not an emulated host: its origin is approved, and that is all."""
    folder = tmp_path / "localhost"
    folder.mkdir()
    release = installed(CLIENTS / "node_modules" / "amazon-connect-streams" / "release")
    for source in (ROOT / "docs" / "examples" / "custom-ccp" / "ccp.html", release / "connect-streams-min.js"):
        (folder / source.name).write_bytes(source.read_bytes())
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as own:
        thread = Thread(target=own.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            origin = f"http://localhost:{own.server_port}"
            crm = start(changes={f"{INSTANCE}/approved_origins": [origin]})
            (folder / "config.js").write_bytes((tmp_path / "own" / "config.js").read_bytes())
            crm.log_in_by_the_tile()
            crm.page.wait_for_url(CCP)
            crm.page.goto(f"{origin}/ccp.html")
            crm.expect_signed_in()
        finally:
            own.shutdown()
            thread.join()


def test_a_hidden_form_signs_in_as_amazons_sample_does(start: Start) -> None:
    """GetFederationToken by the page's own server, its answer posted from an iframe; then loginPopup is not needed."""
    crm = start(options={"loginPopup": False})
    federation = crm.internet.federation
    session = _role_session(federation)
    token = federation.aws_services.connect.get_federation_token(
        session, instance_id=INSTANCE_ID, region="ap-northeast-1"
    )
    crm.page.goto(f"{CRM}/config.js")
    with crm.page.expect_response("**/auth/sign-in") as answered:
        crm.page.evaluate(_HIDDEN_FORM, [token.sign_in_url, token.credentials_json()])
    assert answered.value.status == 302
    crm.page.wait_for_timeout(500)
    crm.open()
    crm.expect_signed_in()


_HIDDEN_FORM = """([url, credentials]) => {
  document.documentElement.innerHTML = '<body><iframe name="hidden"></iframe><form target="hidden" method="post">'
    + '<input name="credentials"><input name="destination" value="/ccp-v2"></form></body>';
  const form = document.querySelector('form');
  form.action = url;
  form.elements.credentials.value = credentials;
  form.submit();
}"""


def _role_session(federation: Federation) -> Any:
    from emulator.flow import log_in

    log_in(federation, user=USER, app=APP)
    sessions = federation.store.tables["console-sessions"].running().values()
    return next(each for sessions_of in sessions for each in sessions_of.sessions).session


def test_the_federate_url_can_be_the_ccps_address(start: Start) -> None:
    """ccpUrl may be the federate URL where the browser has a console session; else AWS's sign-in refuses the frame.

    The destination is there without percent-encoding: the library takes a % in ccpUrl for a format and throws.
    """
    options = {"loginPopup": False}
    crm = start(ccp_url=f"{FEDERATE}?destination=/ccp-v2", options=options, moved_clock=True)
    crm.open()
    crm.load_timeout()
    crm.expect_event("ack_timeout")
    refused = "Refused to display 'https://ap-northeast-1.signin.aws.amazon.com/' in a frame"
    assert any(refused in line and "'X-Frame-Options' to 'deny'" in line for line in crm.console)
    told = [each.summary for exchange in crm.internet.federation.gateway.exchanges for each in exchange.notes]
    assert "there is no console session; AWS sign-in refuses to be shown in a frame" in told
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(CCP)
    crm.configure()
    crm.open()
    crm.expect_signed_in()


def test_without_a_popup_the_library_waits_for_ever(start: Start) -> None:
    """loginPopup false, and nobody signed in: ACK_TIMEOUT and nothing else."""
    crm = start(options={"loginPopup": False}, moved_clock=True)
    popups = crm.popups()
    crm.open()
    crm.load_timeout()
    crm.expect_event("ack_timeout")
    assert not popups
    assert crm.page.evaluate("connect.core.initialized") is False
    assert crm.page.locator("#events li", has_text="auth_fail").count() == 0


def test_without_a_login_url_the_popup_says_session_expired(start: Start, artefacts: Path) -> None:
    """The library then opens the CCP itself, which has no login: the second most asked question about SAML."""
    crm = start(options={"loginUrl": CCP}, moved_clock=True)
    crm.open()
    with crm.page.expect_popup() as opened:
        crm.load_timeout()
    popup = opened.value
    expect(popup.get_by_role("heading", name="Session expired")).to_be_visible()
    expect(popup.get_by_text("Your session has expired. Please log in again to continue.")).to_be_visible()
    tile = re.compile(r"^Set loginUrl to https://acme\.okta\.com/home/amazon_aws/")
    expect(popup.get_by_text(tile)).to_be_visible()
    keep(popup, artefacts / "session-expired.png")
    assert any(f"{CRM} opened {CCP} in a window, and nobody is signed in" in r.explanation for r in crm.refusals())


def test_a_blocked_popup_is_silent(start: Start) -> None:
    """The browser blocks it: ACK_TIMEOUT, then the retries run out; no other event and no error."""
    crm = start(popups=False, options={"ccpLoadTimeout": 100})
    popups = crm.popups()
    # Whatever the driver evaluates in the page counts as a gesture of the person's, so that it only listens.
    with crm.page.expect_console_message(lambda message: "Iframe initialization failed" in message.text):
        crm.open()
    assert not popups
    events = crm.page.locator("#events li").all_inner_texts()
    assert events == ["ack_timeout", "iframe_retries_exhausted"]
    assert not any("[ERROR]" in line for line in crm.console)


@pytest.mark.parametrize(
    ("arrangement", "cause"),
    [
        (
            {"changes": {f"{INSTANCE}/cookie_same_site": "Lax"}},
            "The session cookie has SameSite=Lax, which keeps it out of frames on other sites.",
        ),
        (
            {"third_party_cookies": False},
            f"The browser blocks third-party cookies: it sends none from the frame in {CRM}.",
        ),
    ],
)
def test_a_session_that_the_frame_does_not_see(start: Start, arrangement: dict[str, Any], cause: str) -> None:
    """The popup ends on a working CCP and stays open, the page never knows; the first refusal names the cause."""
    crm = start(moved_clock=True, **arrangement)
    crm.open()
    with crm.page.expect_popup() as opened:
        crm.load_timeout()
    popup = opened.value
    crm.sign_in(popup)
    popup.wait_for_url(CCP)
    expect(popup.locator("#user")).to_have_text(USER)
    for _ in range(RETRIES):
        with crm.page.expect_response(f"{CCP}*"):
            crm.load_timeout()
    crm.load_timeout()
    crm.expect_event("iframe_retries_exhausted")
    assert not popup.is_closed()
    assert crm.page.evaluate("connect.core.initialized") is False
    first, *_, last = crm.refusals()
    assert first.explanation == f"{cause} Whether somebody is signed in makes no difference."
    assert last.explanation == f"{cause} {USER} is signed in at https://acme.my.connect.aws, in a window."


@pytest.mark.parametrize(
    ("origins", "why"),
    [
        ([], "The origin https://connect.example.com is not among the instance's approved origins."),
        (
            [f"{CRM}:8443"],
            "https://connect.example.com is not an approved origin; https://connect.example.com:8443 is: "
            "the port is 443, not 8443, and scheme, host and port have to be the same.",
        ),
    ],
)
def test_an_origin_that_is_not_approved(start: Start, origins: list[str], why: str) -> None:
    """The browser refuses the frame and says so in its console only; the trace says which origin to approve."""
    crm = start(changes={f"{INSTANCE}/approved_origins": origins}, options={"loginPopup": False}, moved_clock=True)
    crm.open()
    crm.load_timeout()
    crm.expect_event("ack_timeout")
    before = crm.refusals()[0]
    assert before.message in map(str.strip, crm.console)
    assert before.explanation.startswith(why)
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(CCP)
    crm.open()
    crm.load_timeout()
    crm.expect_event("ack_timeout")
    refusal = crm.refusals()[-1]
    assert "frame-ancestors 'self'" in refusal.message
    assert refusal.message in map(str.strip, crm.console)
    assert refusal.explanation == why
    assert refusal.fix == f"Add {CRM} to the instance's approved_origins."


def test_a_page_that_sends_no_referer_is_not_recognised(start: Start) -> None:
    """Referrer-Policy no-referrer: Amazon Connect answers frame-ancestors 'none' though the origin is approved."""
    sample = (ROOT / "docs" / "examples" / "custom-ccp" / "ccp.html").read_text(encoding="utf-8")
    silent = sample.replace("<head>", '<head><meta name="referrer" content="no-referrer">')
    crm = start(files={"silent.html": silent}, moved_clock=True)
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(CCP)
    crm.open("/silent")
    crm.load_timeout()
    crm.expect_event("ack_timeout")
    refusal = next(each for each in crm.refusals() if each.check == "approved-origin")
    assert "frame-ancestors 'none'" in refusal.message
    assert refusal.message in map(str.strip, crm.console)
    assert refusal.received == "(no Referer)"
    assert refusal.fix.startswith("Send Referrer-Policy: strict-origin-when-cross-origin")
    crm.configure()
    crm.open()
    crm.expect_signed_in()


def test_the_login_page_in_the_frame_is_not_the_origins_fault(start: Start) -> None:
    """Nobody is signed in: the browser says X-Frame-Options, which sends people to the approved origins in vain."""
    crm = start(options={"loginPopup": False}, moved_clock=True)
    crm.open()
    crm.load_timeout()
    crm.expect_event("ack_timeout")
    assert any("X-Frame-Options" in line for line in crm.console)
    refusal = next(each for each in crm.refusals() if each.check == "connect-session")
    assert refusal.explanation == (
        "The login page is in a frame, which it refuses: the browser came without a session. "
        "Nobody is signed in to the instance; its approved origins are not the cause."
    )


def test_a_login_at_one_domain_is_none_at_the_other(start: Start) -> None:
    """Old and new domain have cookies of their own: an iframe at the new one loops until new_domain is asked for."""
    changes = {f"{INSTANCE}/domain": "awsapps.com"}
    crm = start(changes=changes, options={"loginPopup": False}, moved_clock=True)
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(f"{OLD}/ccp-v2")
    crm.open()
    crm.load_timeout()
    crm.expect_event("ack_timeout")
    assert crm.refusals()[0].explanation == (
        f"The frame has no session. The cause: the login of {USER} ended at {OLD}, and the frame shows "
        "https://acme.my.connect.aws. The old domain and the new domain have cookies of their own."
    )
    crm.page.goto(login_url(crm.embed_link, "/ccp-v2", new_domain=True))
    crm.page.wait_for_url(CCP)
    crm.configure()
    crm.open()
    crm.expect_signed_in()


PORTAL = "https://portal.example.com"


@pytest.mark.parametrize("approved", [[CRM], [CRM, PORTAL]], ids=["one", "both"])
def test_a_page_in_a_page(start: Start, tmp_path: Path, approved: list[str]) -> None:
    """The browser holds frame-ancestors against every page around the frame; with both approved it is shown."""
    outer = tmp_path / "outer"
    outer.mkdir()
    (outer / "index.html").write_text(f'<iframe src="{CRM}/ccp" style="width: 900px; height: 700px"></iframe>')
    release = installed(CLIENTS / "node_modules" / "amazon-connect-streams" / "release")
    own = [str(tmp_path / "own"), str(ROOT / "docs" / "examples" / "custom-ccp"), str(release)]
    crm = start(
        changes={"/pages": {CRM: own, PORTAL: [str(outer)]}, f"{INSTANCE}/approved_origins": approved},
        options={"loginPopup": False},
        moved_clock=PORTAL not in approved,
    )
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(CCP)
    crm.page.goto(PORTAL)
    inner = crm.page.frame_locator("iframe").first
    if PORTAL in approved:
        expect(inner.locator("#login")).to_have_text("signed in")
        return
    crm.load_timeout()
    expect(inner.locator("#events li", has_text="ack_timeout").first).to_be_visible()
    refusal = crm.refusals()[0]
    assert refusal.message in map(str.strip, crm.console)
    assert refusal.explanation == (
        f"The page {CRM} is approved, but it is itself in a frame of {PORTAL}, which is not: the origin {PORTAL} is "
        "not among the instance's approved origins."
    )


def test_the_old_domain_works_as_well(start: Start) -> None:
    """A page that embeds the CCP of the old domain, with the /connect prefix."""
    crm = start(changes={f"{INSTANCE}/domain": "awsapps.com"}, ccp_url=f"{OLD}/ccp-v2")
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(f"{OLD}/ccp-v2")
    crm.open()
    crm.expect_signed_in()


def test_a_slow_ccp_brings_up_the_login_although_one_is_signed_in(start: Start) -> None:
    """The CCP answers later than ccpLoadTimeout: a popup that nobody needs; with a longer timeout there is none."""
    crm = start(changes={f"{INSTANCE}/load_delay": 1}, options={"ccpLoadTimeout": 300})
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(CCP)
    with crm.page.expect_popup():
        crm.open()
    crm.expect_event("ack_timeout")
    crm.configure(ccpLoadTimeout=20_000)
    crm.page.reload()
    crm.expect_signed_in()
    assert crm.page.locator("#events li").first.inner_text() == "init"


def test_a_session_that_ends_is_told_with_the_next_call(start: Start) -> None:
    """Twelve hours on by the emulator's clock: the call fails, AUTH_FAIL comes; a fresh login goes on."""
    clock = Clock()
    crm = start(clock=clock, options={"loginOptions": {"disableAuthPopupAfterLogout": True}})
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(CCP)
    crm.open()
    crm.expect_signed_in()
    clock.advance(timedelta(minutes=61))
    crm.page.locator("#available").click()
    crm.expect_event("setState succeeded")
    clock.advance(timedelta(hours=11))
    crm.page.locator("#available").click()
    crm.expect_event("auth_fail")
    crm.expect_event("setState failed")


def test_a_user_without_the_ccp_is_denied(start: Start, artefacts: Path) -> None:
    """None of the user's security profiles allows the CCP: access_denied, and the page says so."""
    crm = start(changes={f"{INSTANCE}/security_profiles/Agent": {"access_ccp": False}})
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(CCP)
    keep(crm.page, artefacts / "ccp-access-denied.png")
    crm.open()
    crm.expect_event("access_denied")
    expect(crm.page.locator("#login")).to_have_text("access denied")


def test_storage_access_is_asked_for_and_had(start: Start) -> None:
    """With storageAccess the frame begins at its own page, gets access and goes on to the CCP."""
    crm = start(options={"storageAccess": {"canRequest": True}})
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(CCP)
    crm.open()
    crm.expect_signed_in()
    assert any("/request-storage-access" in each.url for each in crm.internet.federation.gateway.exchanges)


@pytest.mark.parametrize("granted", [True, False])
def test_storage_access_is_the_way_where_third_party_cookies_are_blocked(
    start: Start, artefacts: Path, granted: bool
) -> None:
    """The person presses the button in the frame: with access the CCP comes up, without it nothing does.

    Chromium grants it only for a site that the person has used in a window of its own.
    """
    crm = start(options={"storageAccess": {"canRequest": True}, "loginPopup": False}, third_party_cookies=False)
    if granted:
        crm.context.grant_permissions(["storage-access"])
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(CCP)
    if granted:
        crm.page.get_by_role("heading", name="Contact Control Panel").click()
    crm.open()
    frame = crm.page.frame_locator("iframe[name='Amazon Connect CCP']")
    expect(frame.get_by_role("heading", name="Allow access to cookies")).to_be_visible()
    keep(crm.page, artefacts / "storage-access.png")
    frame.get_by_role("button", name="Grant access").click()
    if granted:
        crm.expect_signed_in()
        return
    expect(frame.get_by_text("The browser gave no access to cookies.")).to_be_visible()
    assert crm.page.evaluate("connect.core.initialized") is False
    assert crm.page.locator("#events li").count() == 0


def test_messages_of_the_ccp_can_be_sent_by_hand(start: Start, artefacts: Path) -> None:
    """The buttons under the CCP play auth_fail, access_denied and terminated, for a page that has to bear them."""
    crm = start(options={"loginPopup": False})
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(CCP)
    expect(crm.page.locator("#fedemu")).to_be_hidden()
    crm.open()
    crm.expect_signed_in()
    ccp = crm.page.frame_locator("iframe[name='Amazon Connect CCP']")
    for event in ("access_denied", "auth_fail", "terminated"):
        ccp.get_by_role("button", name=event).click()
        crm.expect_event(event)
        expect(ccp.locator("#told")).to_have_text(event)
    keep(crm.page, artefacts / "custom-ccp-buttons.png")


def test_silence_is_noticed_only_when_asked_for(start: Start) -> None:
    """A CCP that stops answering: nothing happens, unless enableAckTimeout is on."""
    crm = start(options={"loginOptions": {"enableAckTimeout": True}, "ccpSynTimeout": 200, "loginPopup": False})
    crm.log_in_by_the_tile()
    crm.page.wait_for_url(CCP)
    crm.open()
    crm.expect_signed_in()
    crm.page.frame_locator("iframe[name='Amazon Connect CCP']").get_by_role("button", name="stop answering").click()
    crm.expect_event("ack_timeout")


def test_the_agent_workspace_holds_the_ccp(start: Start, artefacts: Path) -> None:
    """/agent-app-v2 shows who is signed in, with the CCP in it."""
    crm = start()
    crm.log_in_by_the_tile("/agent-app-v2?VDIPlatform=CITRIX")
    crm.page.wait_for_url("https://acme.my.connect.aws/agent-app-v2?VDIPlatform=CITRIX")
    expect(crm.page.get_by_role("heading", name="Agent workspace")).to_be_visible()
    inside = crm.page.frame_locator("iframe[title='Contact Control Panel']")
    expect(inside.locator("#user")).to_have_text(USER)
    expect(inside.get_by_label("Agent state")).to_have_value("Offline")
    keep(crm.page, artefacts / "agent-workspace.png")
