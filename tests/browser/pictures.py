"""Pictures of pages, kept for a person to look at."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Error, Page

_ATTEMPTS = 20
_PAUSE_MILLISECONDS = 250


def keep(page: Page, picture: Path, *, full_page: bool = False) -> None:
    """Writes what the page shows to a PNG file.

    Chromium refuses to take a picture while one document gives way to the next, so the page is waited for, and a
    refused picture is asked for again. What a test judges is the page; the picture comes along.
    """
    for attempts_left in reversed(range(_ATTEMPTS)):
        page.wait_for_load_state("load")
        try:
            page.screenshot(path=picture, full_page=full_page)
            return
        except Error:
            if not attempts_left:
                raise
            page.wait_for_timeout(_PAUSE_MILLISECONDS)
