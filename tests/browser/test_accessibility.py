"""Every page can be read and used by keyboard, by screen readers, and on a phone: axe-core has no serious finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from emulator.building.faults import read_faults
from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.network.keys import KeyFolder
from emulator.network.server import Server
from emulator.running.start import Ports, serving
from emulator.scenarios.runner import START
from emulator.world import DEFAULT_WORLD, change_world, load_world
from tests.browser.accessibility import findings
from tests.browser.pictures import keep
from tests.conftest import APP, TWO_ROLES_USER, USER

pytestmark = pytest.mark.browser

_WIDTHS = {"desktop": 1280, "phone": 375}
_TILE = "Amazon Connect SAML"


@contextmanager
def _served(keys: KeyFolder, *, role_chooser: str = "combined") -> Iterator[tuple[Federation, Server]]:
    world = change_world(load_world(DEFAULT_WORLD), {"/sign_in": {"role_chooser": role_chooser}})
    federation = Federation(world, clock=Clock(frozen_at=START), keys=keys)
    with serving(federation, Ports(https=None, proxy=None)) as own:
        yield federation, own.server


def _check(page: Page, name: str, artefacts: Path) -> None:
    """Asks axe at both widths, and keeps a picture of each; nothing is wider than the screen."""
    for width, pixels in _WIDTHS.items():
        page.set_viewport_size({"width": pixels, "height": 800})
        assert findings(page) == [], f"{name}, {width}"
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide == 0, f"{name}, {width}: {too_wide} pixels are beyond the screen"
        keep(page, artefacts / f"accessible-{name}-{width}.png", full_page=True)


def _sign_in(page: Page, server: Server, user: str = USER, password: str = "correct-horse") -> None:
    page.goto(server.alias("acme.okta.com", "/app/UserHome"))
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign In").click()


def test_the_pages_of_a_login(page: Page, keys: KeyFolder, artefacts: Path) -> None:
    """From the password to the instance, and the console beside it."""
    with _served(keys) as (_, server):
        page.goto(server.alias("acme.okta.com", "/app/UserHome"))
        _check(page, "okta-sign-in", artefacts)
        _sign_in(page, server, password="wrong")
        _check(page, "okta-wrong-password", artefacts)
        _sign_in(page, server)
        _check(page, "okta-dashboard", artefacts)
        page.get_by_role("link", name=_TILE).click()
        page.wait_for_url(server.alias("acme.my.connect.aws", "/home"))
        _check(page, "connect-home", artefacts)
        for path, name in (("/ccp-v2", "connect-ccp"), ("/agent-app-v2", "connect-workspace")):
            page.goto(server.alias("acme.my.connect.aws", path))
            _check(page, name, artefacts)
        page.goto(server.alias("console.aws.amazon.com", "/console/home"))
        _check(page, "console", artefacts)


@pytest.mark.parametrize("role_chooser", ["combined", "legacy", "2023"])
def test_the_role_choosers(page: Page, keys: KeyFolder, artefacts: Path, role_chooser: str) -> None:
    """Each shape of AWS's page."""
    with _served(keys, role_chooser=role_chooser) as (_, server):
        _sign_in(page, server, TWO_ROLES_USER, "battery-staple")
        page.get_by_role("link", name=_TILE).click()
        expect(page.get_by_text(re.compile("^Select (a|the name of the) role")).first).to_be_visible()
        _check(page, f"role-chooser-{role_chooser}", artefacts)


def _without_session(_page: Page, server: Server) -> str:
    return server.alias("acme.my.connect.aws", "/ccp-v2")


def _without_message(_page: Page, server: Server) -> str:
    return server.alias("signin.aws.amazon.com", "/saml")


def _no_page(_page: Page, server: Server) -> str:
    return server.alias("acme.okta.com", "/nothing")


@pytest.mark.parametrize("address", [_without_session, _without_message, _no_page])
def test_the_pages_that_refuse(
    page: Page, keys: KeyFolder, artefacts: Path, address: Callable[[Page, Server], str]
) -> None:
    """Refusals of each service that need no login."""
    with _served(keys) as (_, server):
        page.goto(address(page, server))
        _check(page, f"refusal{address.__name__.replace('_', '-')}", artefacts)


def test_a_refusal_with_its_reason(page: Page, keys: KeyFolder, artefacts: Path) -> None:
    """AWS's words and the box beneath them."""
    with _served(keys) as (federation, server):
        faults = read_faults(["{attribute: RoleSessionName, set: hanako sato}"])
        federation.identity_providers["acme"].faults.inject(APP, USER, faults)
        _sign_in(page, server)
        page.get_by_role("link", name=_TILE).click()
        expect(page.locator("#main_error")).to_be_visible()
        _check(page, "sign-in-refused", artefacts)
