"""A real Chromium that reaches nothing but this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from emulator.network.data_folder.keys import KeyFolder
from tests.browser.launching import headless
from tests.browser.watched_world import WatchedWorld, serving_watched
from tests.requirements import program


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Starts the driver once for the worker."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium() -> str:
    """Returns the path of the browser."""
    return program("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def context(playwright: Playwright, chromium: str) -> Iterator[BrowserContext]:
    """Starts one browser for the worker."""
    browser = headless(playwright, chromium)
    yield browser.new_context()
    browser.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Opens a page without cookies."""
    context.clear_cookies()
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    page.close()


@pytest.fixture
def artefacts() -> Path:
    """Returns the folder for what a person may look at: pictures, of all pages if FEDEMU_ARTEFACTS names it."""
    folder = Path(os.environ.get("FEDEMU_ARTEFACTS", "artefacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def watched_world(tmp_path: Path, keys: KeyFolder) -> Iterator[WatchedWorld]:
    """Serves a copy of the built-in world that is read again when it is saved."""
    with serving_watched(tmp_path, keys) as watched:
        yield watched
