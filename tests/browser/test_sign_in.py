"""AWS sign-in in Chromium: the three role choosers, the console's home, logging out, and the federation endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from emulator.federation import Federation
from emulator.flow import assume_role, credentials_in
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.scenarios.scenario_file import BUILT_IN
from emulator.world import World, change_world, load_world
from tests.browser.pictures import keep
from tests.conftest import APP, TWO_ROLES_USER, USER

pytestmark = pytest.mark.browser

HOME = "https://console.aws.amazon.com/console/home"


@pytest.fixture
def accounts(clock: Clock, keys: KeyFolder) -> Iterator[Server]:
    """Serves people with roles in two accounts."""
    world = load_world(BUILT_IN / "worlds" / "accounts.yaml")
    with Server(Federation(world, clock=clock, ids=Ids(seed=7), keys=keys).gateway) as running:
        yield running


def _sign_in(page: Page, server: Server, user: str, password: str) -> None:
    page.goto(server.alias("acme.okta.com", "/app/UserHome"))
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign In").click()


@pytest.mark.parametrize("generation", ["combined", "legacy", "2023"])
def test_a_person_picks_a_role(
    page: Page, world: World, clock: Clock, keys: KeyFolder, artefacts: Path, generation: str
) -> None:
    """On every generation of the page a click takes the role, and RelayState is followed."""
    changed = change_world(world, {"/sign_in/role_chooser": generation})
    with Server(Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys).gateway) as server:
        _sign_in(page, server, TWO_ROLES_USER, "battery-staple")
        page.get_by_role("link", name="Amazon Connect SAML").click()
        if generation == "2023":
            expect(page.get_by_test_id("roles-count")).to_have_text("(2)")
            keep(page, artefacts / "role-chooser-2023.png")
            page.get_by_placeholder("Find roles by account name, ID, or service").fill("123456789012")
            page.get_by_role("button", name="Account ID 1234-5678-9012 Role Name ConnectSupervisor").click()
        else:
            expect(page.get_by_text("Select a role:")).to_be_visible()
            keep(page, artefacts / f"role-chooser-{generation}.png")
            page.locator(".saml-role", has_text="ConnectSupervisor").click()
            page.locator("#signin_button").click()
        page.wait_for_url(server.alias("acme.my.connect.aws", "/home"))
        expect(page.locator("#user")).to_have_text(TWO_ROLES_USER)


def test_the_list_of_roles_can_be_searched(page: Page, clock: Clock, keys: KeyFolder, artefacts: Path) -> None:
    """Since 2023 a person finds an account by its name or number; Enter takes a role."""
    world = change_world(load_world(BUILT_IN / "worlds" / "accounts.yaml"), {"/sign_in/role_chooser": "2023"})
    with Server(Federation(world, clock=clock, ids=Ids(seed=7), keys=keys).gateway) as server:
        _sign_in(page, server, "aiko@example.com", "green-tea")
        page.get_by_role("link", name="AWS Accounts").click()
        expect(page.locator("li")).to_have_count(2)
        page.get_by_role("searchbox").fill("PROD")
        expect(page.locator("li:visible")).to_have_count(1)
        page.set_viewport_size({"width": 390, "height": 844})
        keep(page, artefacts / "role-chooser-2023-phone.png")
        page.get_by_role("button", name="Role Name Admin").press("Enter")
        page.wait_for_url(server.alias("console.aws.amazon.com", "/console/home"))
        expect(page.locator("#who")).to_contain_text("production (111111111111)")


def test_another_account_needs_a_logout_first(page: Page, accounts: Server, artefacts: Path) -> None:
    """The page says so, its link logs out, and then the other account is open."""
    _sign_in(page, accounts, "aiko@example.com", "green-tea")
    for account in ("111111111111", "222222222222"):
        page.goto(accounts.alias("acme.okta.com", "/app/UserHome"))
        page.get_by_role("link", name="AWS Accounts").click()
        page.locator(f"[id='arn:aws:iam::{account}:role/Admin']").check()
        page.locator("#signin_button").click()
    expect(page.locator("#main_error")).to_have_text(
        "You must first log out before logging into a different AWS account. To logout, click here"
    )
    keep(page, artefacts / "log-out-first.png", full_page=True)
    page.get_by_role("link", name="click here").click()
    expect(page.get_by_text("You have been signed out.")).to_be_visible()
    page.goto(accounts.alias("acme.okta.com", "/app/UserHome"))
    page.get_by_role("link", name="AWS Accounts").click()
    page.get_by_label("Admin").last.check()
    page.locator("#signin_button").click()
    expect(page.locator("#who")).to_contain_text("arn:aws:iam::222222222222:role/Admin")


@pytest.mark.parametrize(("name", "width"), [("phone", 390), ("desk", 1280)])
def test_the_console_home_fits(page: Page, server: Server, artefacts: Path, name: str, width: int) -> None:
    """At a phone's width and at a desk's nothing has to be scrolled sideways; the instance is one click away."""
    page.set_viewport_size({"width": width, "height": 844})
    _sign_in(page, server, USER, "correct-horse")
    link = page.get_by_role("link", name="Amazon Connect SAML").get_attribute("href")
    page.goto(f"{link}?RelayState={HOME}")
    expect(page.get_by_role("heading", name="Console Home")).to_be_visible()
    expect(page.locator("#who")).to_contain_text("acme (123456789012)")
    keep(page, artefacts / f"console-home-{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.locator("#instances").get_by_role("link", name="acme").click()
    page.wait_for_url(server.alias("acme.my.connect.aws", "/home"))
    page.goto(server.alias("console.aws.amazon.com", "/console/home"))
    page.get_by_role("link", name="Sign out").click()
    expect(page.get_by_text("You have been signed out.")).to_be_visible()


def test_a_federation_url_opens_the_console(
    page: Page, server: Server, federation: Federation, artefacts: Path
) -> None:
    """A broker's URL signs the browser in; a stale one leads back to the broker."""
    found = credentials_in(assume_role(federation, user=USER, app=APP).page)
    session = {
        "sessionId": found["AccessKeyId"],
        "sessionKey": found["SecretAccessKey"],
        "sessionToken": found["SessionToken"],
    }
    token = federation.aws_services.console_federation.sign_in_token(json.dumps(session), session_duration=None)
    login = {"Action": "login", "Issuer": "https://acme.okta.com/", "Destination": HOME, "SigninToken": token}
    page.goto(server.alias("signin.aws.amazon.com", f"/federation?{urlencode(login)}"))
    page.wait_for_url(server.alias("console.aws.amazon.com", "/console/home"))
    expect(page.locator("#who")).to_contain_text("federation endpoint, issuer https://acme.okta.com/")
    login["SigninToken"] = "stale"
    page.goto(server.alias("signin.aws.amazon.com", f"/federation?{urlencode(login)}"))
    expect(page.get_by_role("heading", name="This sign-in link is over")).to_be_visible()
    keep(page, artefacts / "sign-in-link-over.png")
    page.get_by_role("link", name="Sign in again").click()
    expect(page).to_have_url(server.alias("acme.okta.com", "/"))
