"""The browser of logins in process: its cookies, the session that shares them, and how it reads pages."""

from __future__ import annotations

from typing import Any

from emulator.browser import Page
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


def test_a_page_that_is_read_again_has_forms_of_its_own() -> None:
    """What somebody fills into a form is not in the form of another login, and addresses follow the page's own URL."""
    text = '<form action="next"><input name="user"></form><script>document.forms[0].submit()</script>'
    one, same, elsewhere = (Page(url, 200, {}, text) for url in ("https://a/x/", "https://a/x/", "https://b/"))
    filled: Any = one.forms[0].fields
    filled["user"] = "hanako"
    assert same.forms[0].fields == {"user": ""}
    assert [page.forms[0].action for page in (one, same, elsewhere)] == ["https://a/x/next"] * 2 + ["https://b/next"]
    assert one.submits_itself
    assert same.submits_itself


def test_pages_without_elements_are_read_too() -> None:
    """An empty page, and text that only looks like a form."""
    for text in ("", "  ", "<!-- <form .submit() -->", "<form .submit()"):
        page = Page("https://a/", 200, {}, text)
        assert (page.forms, page.submits_itself) == ((), False)
