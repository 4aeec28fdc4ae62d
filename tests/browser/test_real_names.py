"""Chromium inside the emulated internet: https://acme.okta.com itself, through the proxy, in a throw-away profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect

from emulator.federation import Federation
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.start import Ports, Serving, serving
from emulator.world import World
from tests.browser.launching import launch
from tests.browser.pictures import keep
from tests.conftest import APP, INSTANCE_ID, USER

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


@pytest.fixture
def internet(world: World, keys: KeyFolder) -> Iterator[Serving]:
    """Serves the built-in world by real names."""
    with serving(Federation(world, keys=keys), Ports(https=None)) as running:
        yield running


@pytest.fixture
def open_browser(internet: Serving, playwright: Playwright, chromium: str, tmp_path: Path) -> Iterator[Open]:
    """Returns a function that starts Chromium as ``fedemu browser`` does, trusting the authority or not."""
    contexts: list[BrowserContext] = []

    def start(*, trusting: bool = True) -> Page:
        context = launch(playwright, chromium, internet, tmp_path, trusting=trusting)
        contexts.append(context)
        return context.pages[0]

    yield start
    for context in contexts:
        context.close()


def test_a_person_logs_in_under_the_real_names(open_browser: Open, internet: Serving, artefacts: Path) -> None:
    """Every address on the way is the real one, with https and Secure cookies."""
    page = open_browser()
    visited: list[str] = []
    page.on("framenavigated", lambda frame: visited.append(frame.url.partition("?")[0]))
    page.goto("https://acme.okta.com/app/UserHome")
    page.get_by_label("Username").fill(USER)
    page.get_by_label("Password").fill("correct-horse")
    page.get_by_role("button", name="Sign In").click()
    page.get_by_role("link", name="Amazon Connect SAML").click()
    page.wait_for_url("https://acme.my.connect.aws/home")
    expect(page.locator("#user")).to_have_text(USER)
    keep(page, artefacts / "real-names.png")
    federate = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"
    assert federate in visited
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert cookies["aws-creds"]["secure"]
    assert cookies["lily-auth-prod-nrt"]["sameSite"] == "None"


def test_a_custom_page_is_reached_by_its_own_name(open_browser: Open, internet: Serving) -> None:
    """The destination's https URL, whose origin is approved, is where the login ends."""
    page = open_browser()
    provider, app = internet.federation.find_app(APP)
    page.goto("https://acme.okta.com/app/UserHome")
    page.get_by_label("Username").fill(USER)
    page.get_by_label("Password").fill("correct-horse")
    page.get_by_role("button", name="Sign In").click()
    relay_state = f"{app.default_relay_state}?destination=https%3A%2F%2Fconnect.example.com%2Fccp"
    page.goto(f"{provider.org.embed_link(app)}?RelayState={relay_state.replace('%', '%25').replace('?', '%3F')}")
    page.wait_for_url("https://connect.example.com/ccp")
    expect(page.get_by_role("heading", name="The login arrived here")).to_be_visible()


def test_without_the_authority_chromium_refuses(open_browser: Open) -> None:
    """A profile that does not trust the authority's key shows a certificate error."""
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        open_browser(trusting=False).goto("https://acme.okta.com/app/UserHome")


def test_a_host_that_is_not_emulated_is_not_reached(open_browser: Open) -> None:
    """The proxy refuses the tunnel; nothing leaves the machine."""
    with pytest.raises(Error, match="ERR_TUNNEL_CONNECTION_FAILED"):
        open_browser().goto("https://www.example.edu/")
