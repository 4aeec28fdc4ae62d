"""A person's road in Chromium: dashboard, tile, role chooser, CCP, over the *.localhost aliases."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from emulator.federation import Federation
from emulator.network.listener.server import Server
from tests.browser.pictures import keep
from tests.conftest import APP, INSTANCE_ID, TWO_ROLES_USER, USER

pytestmark = pytest.mark.browser


def _sign_in(page: Page, server: Server, user: str, password: str) -> None:
    page.goto(server.alias("acme.okta.com", "/app/UserHome"))
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign In").click()


def test_a_person_clicks_from_the_workbench_to_the_instance(page: Page, server: Server, artefacts: Path) -> None:
    """The workbench leads to the dashboard, the tile to the instance's home."""
    page.goto(server.url)
    expect(page.get_by_role("heading", name="Logins")).to_be_visible()
    keep(page, artefacts / "workbench.png", full_page=True)
    page.get_by_role("link", name="Begin at the Okta dashboard of acme").click()
    expect(page.get_by_label("Username")).to_be_visible()
    keep(page, artefacts / "okta-sign-in.png")
    page.get_by_label("Username").fill(USER)
    page.get_by_label("Password").fill("correct-horse")
    page.get_by_role("button", name="Sign In").click()
    expect(page.get_by_role("link", name="Amazon Connect SAML")).to_be_visible()
    keep(page, artefacts / "okta-dashboard.png")
    page.get_by_role("link", name="Amazon Connect SAML").click()
    page.wait_for_url(server.alias("acme.my.connect.aws", "/home"))
    expect(page.locator("#user")).to_have_text(USER)
    keep(page, artefacts / "connect-home.png")


def test_two_roles_bring_up_the_chooser(page: Page, server: Server, artefacts: Path) -> None:
    """A person with two roles chooses one on AWS's page and arrives."""
    _sign_in(page, server, TWO_ROLES_USER, "battery-staple")
    page.get_by_role("link", name="Amazon Connect SAML").click()
    expect(page.get_by_text("Select a role:")).to_be_visible()
    expect(page.get_by_text("Account: acme (123456789012)")).to_be_visible()
    keep(page, artefacts / "role-chooser.png")
    page.get_by_label("ConnectSupervisor").check()
    page.keyboard.press("Enter")
    page.wait_for_url(server.alias("acme.my.connect.aws", "/home"))
    expect(page.locator("#user")).to_have_text(TWO_ROLES_USER)
    page.get_by_role("link", name="Contact Control Panel").click()
    page.wait_for_url(server.alias("acme.my.connect.aws", "/ccp-v2"))
    expect(page.get_by_role("heading", name="Contact Control Panel")).to_be_visible()
    expect(page.locator("#user")).to_have_text(TWO_ROLES_USER)
    expect(page.get_by_label("Agent state")).to_have_value("Offline")
    keep(page, artefacts / "ccp-after-the-chooser.png")


def test_a_destination_in_the_relay_state_opens_the_ccp(page: Page, server: Server, artefacts: Path) -> None:
    """The embed link with a relay state of its own opens the CCP."""
    _sign_in(page, server, USER, "correct-horse")
    federate = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}?destination=%2Fccp-v2"
    link = page.get_by_role("link", name="Amazon Connect SAML").get_attribute("href")
    page.goto(f"{link}?RelayState={federate.replace('?', '%3F').replace('%2F', '%252F')}")
    page.wait_for_url(server.alias("acme.my.connect.aws", "/ccp-v2"))
    expect(page.get_by_role("heading", name="Contact Control Panel")).to_be_visible()
    keep(page, artefacts / "connect-ccp.png")


def test_a_refusal_is_read_in_awss_words_with_the_reason_below(
    page: Page, server: Server, federation: Federation, artefacts: Path
) -> None:
    """The sign-in page says AWS's sentence, and under it fedemu says why."""
    from emulator.building.faults import read_faults

    federation.identity_providers["acme"].faults.inject(
        APP, USER, read_faults(["{attribute: RoleSessionName, set: hanako sato}"])
    )
    _sign_in(page, server, USER, "correct-horse")
    page.get_by_role("link", name="Amazon Connect SAML").click()
    expect(page.locator("#main_error")).to_contain_text(
        "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64} (Service: AWSSecurityTokenService; "
        "Status Code: 400; Error Code: InvalidIdentityToken; Request ID: "
    )
    expect(page.get_by_text("character 7 of 'hanako␠sato' is ␠ (a blank), which is not allowed")).to_be_visible()
    keep(page, artefacts / "sign-in-refused.png", full_page=True)
    back = page.get_by_role("link", name="Back to the Okta dashboard")
    expect(back).to_have_attribute("href", server.alias("acme.okta.com", "/app/UserHome"))
    page.get_by_role("link", name="What happened, in the workbench").click()
    page.wait_for_url(f"{server.url}/workbench/logins/1")
    expect(page.get_by_text("RoleSessionName in AuthnResponse must match").first).to_be_visible()


def test_the_instance_cannot_be_entered_by_its_address(page: Page, server: Server, artefacts: Path) -> None:
    """Opening the CCP without a login shows the session-expired page: Connect is IdP-initiated only."""
    page.goto(server.alias("acme.my.connect.aws", "/ccp-v2"))
    expect(page.get_by_role("heading", name="Session expired")).to_be_visible()
    expect(page.get_by_text("Your session has expired. Please log in again to continue.")).to_be_visible()
    keep(page, artefacts / "session-expired.png")


def test_a_wrong_password_is_told_and_the_name_kept(page: Page, server: Server) -> None:
    """A wrong password shows Okta's sentence and leaves the user name in the form."""
    _sign_in(page, server, USER, "wrong")
    expect(page.get_by_text("Unable to sign in")).to_be_visible()
    expect(page.get_by_label("Username")).to_have_value(USER)
