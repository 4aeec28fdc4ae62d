"""The browser of logins in process: its cookies, and the session that shares them."""

from __future__ import annotations

from emulator.federation import Federation
from tests.conftest import APP, USER


def test_cookies_are_the_same_however_they_are_reached(federation: Federation) -> None:
    """Those that came before somebody looked, those that come later, and those of the session of requests."""
    browser = federation.browser()
    tile = federation.tile(APP, user=USER)
    page = browser.open(tile.dashboard)
    browser.submit(page.forms[0], {"username": USER, "password": tile.password})
    assert "sid" in browser.cookies.keys()  # noqa: SIM118  # a jar's own iteration gives its cookies
    known = browser.cookies
    browser.open(tile.link)
    assert browser.cookies is known
    assert {"sid", "aws-creds"} <= set(known.keys())
    session = browser.session()
    session.cookies.clear()
    assert browser.open(tile.dashboard).forms[0].element_id == "form-sign-in"
