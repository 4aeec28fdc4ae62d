"""Every page can be read and used by keyboard, by screen readers, and on a phone: axe-core has no serious finding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from emulator.building.faults import read_faults
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.clock import Clock
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.running.start import Ports, serving
from emulator.scenarios.runner import START
from emulator.world import DEFAULT_WORLD, change_world, load_world
from tests.browser.accessibility import findings
from tests.browser.pictures import keep
from tests.browser.watched_world import WatchedWorld
from tests.conftest import APP, TWO_ROLES_USER, USER

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]
_WIDTHS = {"desktop": 1280, "phone": 375}
_WORKBENCH = ("logins/1", "people", "access", "setup", "faults", "world", "nothing")
_TILE = "Amazon Connect SAML"
_STYLE = Path(__file__).parents[2] / "emulator" / "workbench" / "static" / "style.css"


@contextmanager
def _served(keys: KeyFolder, *, role_chooser: str = "combined") -> Iterator[tuple[Federation, Server]]:
    world = change_world(load_world(DEFAULT_WORLD), {"/sign_in": {"role_chooser": role_chooser}})
    federation = Federation(world, clock=Clock(frozen_at=START), keys=keys)
    with serving(federation, Ports(https=None, proxy=None)) as own:
        yield federation, own.server


def _check(page: Page, name: str, artefacts: Path, *, schemes: Sequence[Scheme] = ("light",)) -> None:
    """Asks axe at both widths, and keeps a picture of each; nothing is wider than the screen.

    The imitated pages are light, as those of the services; our own are dark for whoever wants that, which changes
    nothing but colours.
    """
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        for width, pixels in _WIDTHS.items():
            place = f"{name}-{width}" if scheme == "light" else f"{name}-{width}-{scheme}"
            page.set_viewport_size({"width": pixels, "height": 800})
            assert findings(page, only_colours=scheme == "dark") == [], place
            too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert too_wide == 0, f"{place}: {too_wide} pixels are beyond the screen"
            keep(page, artefacts / f"accessible-{place}.png", full_page=True)


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


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_pages_of_the_workbench(page: Page, keys: KeyFolder, artefacts: Path, language: str) -> None:
    """In both languages, light and dark, before anything happened and after a login."""
    with _served(keys) as (federation, server):
        page.goto(f"{server.url}/workbench/language?to={language}&back=/")
        _check(page, f"workbench-empty-{language}", artefacts, schemes=("light", "dark"))
        log_in(federation, user=USER, app=APP)
        for path in (
            "/",
            *(f"/workbench/{each}" for each in ("people", "access", "setup", "faults", "world", "nothing")),
            "/workbench/logins/1",
            "/workbench/bench",
            "/workbench/bench?login=1",
        ):
            page.goto(f"{server.url}{path}")
            name = re.sub(r"\W", "-", path.removeprefix("/workbench/")).strip("-") or "logins"
            _check(page, f"workbench-{name}-{language}", artefacts, schemes=("light", "dark"))
        _sign_in(page, server)
        page.goto(f"{server.url}/workbench/logins/2")
        expect(page.locator("h1 .verdict.unfinished")).to_be_visible()
        _check(page, f"workbench-login-under-way-{language}", artefacts)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_the_bench_answers(page: Page, keys: KeyFolder, artefacts: Path, language: str) -> None:
    """What AWS says to a message that was posted, what differs from another one, and what is not a message."""
    with _served(keys) as (federation, server):
        message = log_in(federation, user=USER, app=APP).saml_response
        page.goto(f"{server.url}/workbench/language?to={language}&back=/workbench/bench?login=1")
        page.goto(f"{server.url}/workbench/bench?login=1")
        page.get_by_label("Audience").fill("urn:example:app")
        page.locator("button[value=sts]").click()
        expect(page.locator("#answer p.refused")).to_be_visible()
        _check(page, f"workbench-bench-answer-{language}", artefacts, schemes=("light", "dark"))
        page.locator("#message summary").click()
        page.locator("#other").fill(message)
        page.locator("button[value=compare]").click()
        expect(page.locator("#differences")).to_contain_text("urn:example:app")
        _check(page, f"workbench-bench-differences-{language}", artefacts, schemes=("light", "dark"))
        page.locator(".given summary").click()
        page.locator("#given").fill("rubbish")
        page.locator("button[value=read]").click()
        expect(page.get_by_role("alert")).to_be_visible()
        _check(page, f"workbench-bench-problem-{language}", artefacts)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_page_of_a_world_with_findings(
    page: Page, watched_world: WatchedWorld, artefacts: Path, language: str
) -> None:
    """One that stops logins, and one that cannot be used."""
    page.goto(f"{watched_world.url}/workbench/language?to={language}&back=/workbench/world")
    watched_world.save("label: Amazon Connect SAML", "label: x\n        audience: urn:example:app")
    expect(page.locator("li.found.stops")).to_be_visible()
    _check(page, f"workbench-world-stops-{language}", artefacts, schemes=("light", "dark"))
    watched_world.save("    users:", "    mfa: never\n    users:")
    expect(page.locator("li.found.broken")).to_be_visible()
    page.locator("#finding-1").get_by_role("link").click()
    _check(page, f"workbench-world-broken-{language}", artefacts, schemes=("light", "dark"))


@pytest.mark.parametrize(("scheme", "is_seen"), [("light", False), ("dark", True)])
def test_what_cannot_be_read_in_the_dark_is_found(page: Page, keys: KeyFolder, scheme: Scheme, is_seen: bool) -> None:
    """A planted colour that is good enough in the light alone."""
    with _served(keys) as (_, server):
        page.emulate_media(color_scheme=scheme)
        page.goto(server.url)
        rule = "@media (prefers-color-scheme: dark) { body * { color: #14181c !important } }"
        page.evaluate("rule => document.styleSheets[0].insertRule(rule)", rule)
        assert any(each.startswith("color-contrast") for each in findings(page, only_colours=True)) is is_seen


def test_only_colours_are_others_in_the_dark() -> None:
    """So that pages of the workbench are asked about everything else in the light alone."""
    changed = re.findall(r"@media[^{]*dark[^{]*\{(.*?)\}\s*\}", _STYLE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(changed) == 1
    selector, _, colours = changed[0].partition("{")
    assert selector.strip() == ":root"
    assert re.fullmatch(r"(\s*--[a-z-]+: #[0-9a-f]{6};)+\s*", colours)


def test_what_happens_is_shown_while_the_page_is_open(page: Page, keys: KeyFolder) -> None:
    """Without a reload, and nothing but this machine is asked."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with _served(keys) as (federation, server):
        page.goto(server.url)
        expect(page.get_by_text("Nothing has happened yet.")).to_be_visible()
        log_in(federation, user=USER, app=APP)
        expect(page.get_by_role("region", name="Table of logins")).to_contain_text(USER)
        expect(page.get_by_role("region", name="Table of logins")).to_contain_text("arrived")
        assert {url for url in asked if not url.startswith(server.url)} == set()
