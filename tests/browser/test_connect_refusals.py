"""Amazon Connect's refusals as a person sees them in Chromium: the sentence, and under it why and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from emulator.federation import Federation
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.world import World, change_world
from sp_mock.connect.federation_refusals import ACCESS_DENIED, BAD_REQUEST, NOT_ONBOARDED
from sp_mock.connect_instance.instance_site import ACCESS_ERROR
from tests.browser.pictures import keep
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, TWO_ROLES_USER, USER

pytestmark = pytest.mark.browser

INSTANCE = f"/aws/{ACCOUNT}/connect/{INSTANCE_ID}"
ASSUMED = "its wording here is the emulator's own"

REFUSALS: list[tuple[str, dict[str, Any], str, str, bool]] = [
    (
        "not-onboarded",
        {f"{INSTANCE}/users": {"Hanako@example.com": {}}},
        NOT_ONBOARDED,
        "The instance acme has the user Hanako@example.com, and the session is called hanako@example.com: they differ",
        False,
    ),
    (
        "access-denied",
        {f"/aws/{ACCOUNT}/roles/ConnectAgent/policies": []},
        ACCESS_DENIED,
        "No policy of the role ConnectAgent allows connect:GetFederationToken: it has no policies.",
        False,
    ),
    (
        "not-saml",
        {f"{INSTANCE}/identity_management": "CONNECT_MANAGED"},
        "The Amazon Connect instance does not use SAML 2.0 authentication.",
        "The identity management of the instance acme is CONNECT_MANAGED; it is chosen when the instance is created",
        True,
    ),
    (
        "destination",
        {
            f"/okta/acme/apps/{APP}/default_relay_state": "https://ap-northeast-1.console.aws.amazon.com/connect/"
            f"federate/{INSTANCE_ID}?destination=https%3A%2F%2Fevil.example.com%2F"
        },
        "The destination is not allowed for this Amazon Connect instance.",
        "The origin https://evil.example.com is not among the instance's approved origins.",
        True,
    ),
]


@pytest.mark.parametrize(
    ("picture", "changes", "sentence", "why", "assumed"), REFUSALS, ids=lambda each: str(each)[:20]
)
def test_a_refusal_is_read_with_its_reason(
    page: Page,
    world: World,
    keys: KeyFolder,
    artefacts: Path,
    picture: str,
    changes: dict[str, Any],
    sentence: str,
    why: str,
    assumed: bool,
) -> None:
    """The tile ends on the page that says no; where Amazon's words are not public, the page says so."""
    with Server(Federation(change_world(world, changes), keys=keys).gateway) as server:
        _open_the_tile(page, server, USER, "correct-horse")
        expect(page.locator(".said")).to_have_text(sentence)
        aside = page.locator("aside.fedemu")
        expect(aside).to_contain_text(why)
        expect(aside.get_by_text("fix", exact=True)).to_be_visible()
        assert (ASSUMED in aside.inner_text()) is assumed
        keep(page, artefacts / f"connect-{picture}.png", full_page=True)


def test_another_role_than_the_first_time_is_a_bad_request(
    page: Page, world: World, keys: KeyFolder, artefacts: Path
) -> None:
    """Where the instance binds users to a role, the second role's page says so in the old words."""
    strict = Federation(change_world(world, {f"{INSTANCE}/role_binding": "strict"}), keys=keys)
    with Server(strict.gateway) as server:
        _open_the_tile(page, server, TWO_ROLES_USER, "battery-staple")
        page.get_by_label("ConnectAgent").check()
        page.locator("#signin_button").click()
        page.wait_for_url(server.alias("acme.my.connect.aws", "/home"))
        page.context.clear_cookies()
        _open_the_tile(page, server, TWO_ROLES_USER, "battery-staple")
        page.get_by_label("ConnectSupervisor").check()
        page.locator("#signin_button").click()
        expect(page.locator(".said")).to_have_text(BAD_REQUEST)
        expect(page.locator("aside.fedemu")).to_contain_text(
            f"{TWO_ROLES_USER} first came with arn:aws:iam::{ACCOUNT}:role/ConnectAgent"
        )
        keep(page, artefacts / "connect-bad-request.png", full_page=True)


def test_the_old_domain_of_an_instance_that_has_none(
    page: Page, world: World, keys: KeyFolder, artefacts: Path
) -> None:
    """An address of awsapps.com, as old guides show it, ends on AWS's Access Error."""
    with Server(Federation(world, keys=keys).gateway) as server:
        page.goto(server.alias("acme.awsapps.com", "/connect/ccp-v2"))
        expect(page.locator(".said")).to_have_text(ACCESS_ERROR)
        expect(page.locator("aside.fedemu")).to_contain_text("The instance acme has no pages at acme.awsapps.com")
        keep(page, artefacts / "connect-access-error.png", full_page=True)


def test_the_old_path_at_the_new_domain_shows_the_ccp(
    page: Page, world: World, keys: KeyFolder, artefacts: Path
) -> None:
    """Bookmarks and settings that kept /connect still work after a login at the tile."""
    with Server(Federation(world, keys=keys).gateway) as server:
        _open_the_tile(page, server, USER, "correct-horse")
        page.wait_for_url(server.alias("acme.my.connect.aws", "/home"))
        page.goto(server.alias("acme.my.connect.aws", "/connect/ccp-v2"))
        expect(page.locator("#user")).to_have_text(USER)
        keep(page, artefacts / "connect-old-path.png", full_page=True)


def test_emergency_access_from_the_consoles_home(page: Page, world: World, keys: KeyFolder, artefacts: Path) -> None:
    """An administrator whose own user is gone presses the button, and is in."""
    allowed = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "connect:AdminGetEmergencyAccessToken", "Resource": "*"}],
    }
    changes = {
        f"/aws/{ACCOUNT}/policies/connect-login": allowed,
        f"{INSTANCE}/users/{USER}": None,
        f"/okta/acme/apps/{APP}/default_relay_state": None,
    }
    with Server(Federation(change_world(world, changes), keys=keys).gateway) as server:
        _open_the_tile(page, server, USER, "correct-horse")
        expect(page.get_by_role("heading", name="Console Home")).to_be_visible()
        keep(page, artefacts / "console-emergency.png", full_page=True)
        page.get_by_role("button", name="Log in for emergency access").click()
        page.wait_for_url(server.alias("acme.my.connect.aws", "/home"))
        expect(page.locator("#user")).to_have_text(USER)
        expect(page.get_by_text("Admin", exact=True)).to_be_visible()
        keep(page, artefacts / "connect-emergency.png")


def _open_the_tile(page: Page, server: Server, user: str, password: str) -> None:
    page.goto(server.alias("acme.okta.com", "/app/UserHome"))
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign In").click()
    page.get_by_role("link", name="Amazon Connect SAML").click()
