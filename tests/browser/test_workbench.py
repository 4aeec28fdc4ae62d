"""The workbench as a person uses it, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from emulator.federation import Federation
from emulator.network.server import Server
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
