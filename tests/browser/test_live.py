"""Logins in the workbench as they happen: one tab is open there while somebody signs in in another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.network.listener.server import Server
from tests.conftest import APP, TWO_ROLES_USER, USER

pytestmark = pytest.mark.browser


@pytest.fixture
def person(page: Page, context: BrowserContext) -> Iterator[Page]:
    """Opens the tab in which somebody signs in."""
    tab = context.new_page()
    tab.set_default_timeout(20_000)
    yield tab
    tab.close()


def _sign_in(person: Page, server: Server) -> None:
    person.goto(server.alias("acme.okta.com", "/app/UserHome"))
    person.get_by_label("Username").fill(TWO_ROLES_USER)
    person.get_by_label("Password").fill("battery-staple")
    person.get_by_role("button", name="Sign In").click()
    person.get_by_role("link", name="Amazon Connect SAML").wait_for()


def test_a_login_is_followed_while_it_is_under_way(page: Page, person: Page, server: Server) -> None:
    """In the list as under way, and on its page request by request until it has arrived; nothing is reloaded."""
    page.goto(server.url)
    _sign_in(person, server)
    row = page.locator("#login-1")
    expect(row).to_contain_text(TWO_ROLES_USER)
    expect(row.locator(".verdict")).to_have_text("under way")
    row.get_by_role("link").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Login 1 under way")
    page.evaluate("window.isTheSamePage = true")
    hops = page.locator(".hops > li > b")
    expect(hops).to_have_text(["Okta dashboard", "Okta password", "Okta dashboard"])
    person.get_by_role("link", name="Amazon Connect SAML").click()
    expect(hops.last).to_have_text("Present the assertion")
    expect(heading).to_have_text("Login 1 under way")
    person.get_by_label("ConnectSupervisor").check()
    person.get_by_role("button", name="Sign In").click()
    expect(heading).to_have_text("Login 1 arrived")
    expect(hops.last).to_have_text("Connect page")
    expect(page.get_by_role("heading", name="Message and checks")).to_be_visible()
    assert page.evaluate("window.isTheSamePage")


def test_a_request_is_drawn_from_its_event_alone(page: Page, person: Page, server: Server) -> None:
    """What the stream says of it is enough, and names that look like markup are text."""
    _sign_in(person, server)

    def only_the_page(route: Route) -> None:
        # It is not looked at again: an answer from before the request would take away what was drawn, for a moment.
        if route.request.resource_type == "document":
            route.continue_()
        else:
            route.abort()

    page.route(f"{server.url}/workbench/logins/1", only_the_page)
    with page.expect_response(f"{server.url}/fedemu/events"):
        page.goto(f"{server.url}/workbench/logins/1")
    person.goto(server.alias("acme.okta.com", "/app/UserHome?<img src=x onerror=alert(1)>"))
    hop = page.locator(".hops > li").nth(3)
    expect(hop.locator("b")).to_have_text("Okta dashboard")
    expect(hop).to_contain_text("GET https://acme.okta.com/app/UserHome?%3Cimg%20src=x%20onerror=alert(1)%3E")
    expect(hop).to_contain_text("answer")
    person.get_by_role("link", name="Amazon Connect SAML").click()
    last = page.locator(".hops > li").last
    expect(last.locator("b")).to_have_text("Present the assertion")
    expect(last).to_contain_text("AWS sign-in")
    expect(last).to_contain_text("SAMLResponse, RelayState")
    assert page.locator("img").count() == 0


def test_what_a_person_does_in_the_page_stays(page: Page, server: Server, federation: Federation) -> None:
    """The focus in the list, an open fold of a login, and its buttons to copy, while there is more to show."""
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    page.goto(server.url)
    link = page.locator("#login-1").get_by_role("link")
    link.focus()
    log_in(federation, user=TWO_ROLES_USER, app=APP, role="ConnectAgent")
    expect(page.locator("#login-2 .verdict")).to_have_text("arrived")
    expect(link).to_be_focused()
    expect(page.locator("#live tbody tr")).to_have_count(2)
    link.click()
    folds = page.locator(".hops summary, .card summary")
    folds.first.click()
    folds.last.click()
    copy = page.get_by_role("button", name="Copy")
    expect(copy).to_have_count(8)
    browser.look("https://acme.my.connect.aws/ccp-v2")
    expect(page.get_by_role("heading", name="After its end")).to_be_visible()
    expect(copy).to_have_count(9)
    expect(page.locator(".hops details").first).to_have_attribute("open", "")


def test_on_a_phone_a_row_is_a_block(page: Page, server: Server, federation: Federation) -> None:
    """The outcome and the reason are in sight, and names are not broken within a word."""
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(server.url)
    log_in(federation, user=USER, app=APP)
    row = page.locator("#login-1")
    expect(row.locator(".verdict")).to_be_in_viewport(ratio=1)
    person = row.get_by_role("cell").nth(1)
    expect(person).to_have_text(USER)
    line_height = 24
    box = person.bounding_box()
    assert box is not None
    assert box["height"] < 2 * line_height + 8


def test_open_pages_share_one_connection(page: Page, person: Page, server: Server, federation: Federation) -> None:
    """Each of them follows what happens; when the one that has it is closed, another goes on."""
    page.goto(server.url)
    asked: list[str] = []
    person.on("request", lambda request: asked.append(request.url))
    person.goto(server.url)
    log_in(federation, user=USER, app=APP)
    for each in (page, person):
        expect(each.locator("#login-1 .verdict")).to_have_text("arrived")
    assert f"{server.url}/fedemu/events" not in asked
    page.goto("about:blank")
    log_in(federation, user=USER, app=APP)
    expect(person.locator("#login-2 .verdict")).to_have_text("arrived")
    assert f"{server.url}/fedemu/events" in asked
