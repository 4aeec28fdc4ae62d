"""The workbench as a person uses it, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from emulator.federation import Federation
from emulator.network.server import Server
from tests.browser.watched_world import WatchedWorld
from tests.conftest import USER

pytestmark = pytest.mark.browser


def test_a_click_signs_a_person_in_and_opens_their_tile(page: Page, server: Server) -> None:
    """Another person's card signs the other one in, in the same browser."""
    page.goto(f"{server.url}/workbench/people")
    page.get_by_role("button", name="Open Amazon Connect SAML as Hanako Sato").click()
    page.wait_for_url(server.alias("acme.my.connect.aws", "/home"))
    expect(page.locator("#user")).to_have_text(USER)
    page.goto(f"{server.url}/workbench/people")
    page.get_by_role("button", name="Sign in as Mika Mori").click()
    page.wait_for_url(server.alias("acme.okta.com", "/app/UserHome"))
    expect(page.get_by_text("Mika", exact=False).first).to_be_visible()


def test_the_next_login_is_programmed_from_a_list(page: Page, server: Server, federation: Federation) -> None:
    """The one after it is as any other."""
    page.goto(f"{server.url}/workbench/faults")
    page.get_by_label("Person").fill(USER)
    page.get_by_label("What happens").select_option("{attribute: Role, remove: true}")
    page.get_by_role("button", name="Program it").click()
    expect(page.get_by_text(f"{USER}: fault {{attribute: Role, remove: true}} (once)")).to_be_visible()
    page.goto(f"{server.url}/workbench/people")
    page.get_by_role("button", name="Open Amazon Connect SAML as Hanako Sato").click()
    expect(page.get_by_text("check").first).to_be_visible()
    expect(page.get_by_text("programmed", exact=False).first).to_be_visible()
    page.goto(f"{server.url}/workbench/people")
    page.get_by_role("button", name="Open Amazon Connect SAML as Hanako Sato").click()
    page.wait_for_url(server.alias("acme.my.connect.aws", "/home"))


def test_the_clock_is_moved_by_buttons(page: Page, server: Server, federation: Federation) -> None:
    """Thirteen hours on the session is over; a reset goes back to the beginning."""
    before = federation.clock.now()
    page.goto(f"{server.url}/workbench/faults")
    page.get_by_role("button", name="+13h").click()
    expect(page.locator("time")).to_have_text("2026-01-15T22:00:00.000Z")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("time")).to_have_text("2026-01-15T09:00:00.000Z")
    assert federation.clock.now() == before


def test_a_saved_world_is_shown_at_once(page: Page, watched_world: WatchedWorld) -> None:
    """Its findings at their lines, a mistake in a broken one, and the line on top of every page, without a reload."""
    page.goto(f"{watched_world.url}/workbench/world")
    expect(page.get_by_text("stops a login")).to_have_count(0)
    watched_world.save("label: Amazon Connect SAML", "label: x\n        audience: urn:example:app")
    expect(page.get_by_text("It was saved and says 2 settings otherwise.")).to_be_visible()
    expect(page.locator("li.found.stops > code")).to_have_text("        audience: urn:example:app")
    page.get_by_role("link", name="finding 1").click()
    expect(page.locator("#finding-1")).to_be_in_viewport()
    page.locator("#finding-1").get_by_role("link").click()
    expect(page.locator("li.found.stops")).to_be_in_viewport()
    watched_world.save("okta:", "oktaa:")
    expect(page.get_by_role("alert")).to_contain_text("was saved and cannot be used")
    expect(page.locator("li.found.broken > code")).to_have_text("oktaa:")
    watched_world.save("okta:", "okta:")
    expect(page.get_by_role("alert")).to_have_count(0)
