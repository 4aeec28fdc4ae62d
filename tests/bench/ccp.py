"""How soon amazon-connect-streams is initialised in headless Chromium when the person is signed in already."""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from emulator.federation import Federation
from emulator.running.start import Ports, serving
from emulator.world import DEFAULT_WORLD, change_world, load_world
from tests.browser.launching import launch
from tests.clients.conftest import CLIENTS, ROOT

RELEASE = CLIENTS / "node_modules" / "amazon-connect-streams" / "release"
CRM = "https://connect.example.com"
_SIGNED_IN = "() => window.connect && connect.core.initialized"


def initialisation(folder: Path, *, rounds: int = 7) -> float | None:
    """Returns the median of milliseconds from opening the custom CCP to its initialisation.

    None where Chromium or the library is missing.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None or not RELEASE.is_dir():
        return None
    folders = [str(ROOT / "docs" / "examples" / "custom-ccp"), str(RELEASE)]
    world = change_world(load_world(DEFAULT_WORLD), {"/pages": {CRM: folders}})
    with serving(Federation(world), Ports(https=None)) as own, sync_playwright() as playwright:
        context = launch(playwright, chromium, own, folder / "profile")
        page = context.pages[0]
        provider, app = own.federation.find_app("amazon-connect")
        page.goto(provider.org.embed_link(app))
        page.get_by_label("Username").fill("hanako@example.com")
        page.get_by_label("Password").fill("correct-horse")
        page.get_by_role("button", name="Sign In").click()
        page.wait_for_url("https://acme.my.connect.aws/home")
        taken = [_once(page) for _ in range(rounds)]
        context.close()
    return statistics.median(taken)


def _once(page: Page) -> float:
    page.goto(f"{CRM}/ccp", wait_until="commit")
    page.wait_for_function(_SIGNED_IN, polling=10)
    return float(page.evaluate("performance.now()"))
