"""Pictures of pages, kept for a person to look at."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Error, Page

_ATTEMPTS = 20
_PAUSE_MILLISECONDS = 250


def keep(page: Page, picture: Path, *, full_page: bool = False) -> None:
    """Waits until the page is loaded, and writes what it shows to a PNG file if FEDEMU_ARTEFACTS names a folder.

    Chromium refuses to take a picture while one document gives way to the next, so the page is waited for, and a
    refused picture is asked for again. What a test judges is the page; the picture comes along.
    """
    for attempts_left in reversed(range(_ATTEMPTS)):
        page.wait_for_load_state("load")
        if not os.environ.get("FEDEMU_ARTEFACTS"):
            return
        try:
            page.screenshot(path=picture, full_page=full_page)
            return
        except Error:
            if not attempts_left:
                raise
            page.wait_for_timeout(_PAUSE_MILLISECONDS)
