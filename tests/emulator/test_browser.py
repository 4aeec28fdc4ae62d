"""The browser of logins in process: its cookies, the session that shares them, and how it reads pages."""

from __future__ import annotations

from email.message import Message
from http.cookiejar import CookieJar
from typing import Any
from urllib.request import Request

from hypothesis import example, given
from hypothesis import strategies as st

from emulator.browser import BrowserCookiePolicy, Page
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


HOSTS = st.sampled_from(
    ["a.example", "b.a.example", "ba.example", "example", "localhost", "127.0.0.1", "a.example:8443", "A.example"]
)
DOMAINS = st.sampled_from(["", "a.example", ".a.example", "example", ".b.a.example", "localhost", "local", "0.0.1"])
PATHS = st.sampled_from(["", "/", "/auth", "/auth/", "/auth/x", "/authority", "x", "/%61uth"])
ATTRIBUTES = st.sampled_from(
    ["", "; Secure", "; Max-Age=60", "; Max-Age=0", "; Version=1", "; Port", "; Expires=Thu, 01 Jan 2099 00:00:00 GMT"]
)
VISITS = st.tuples(st.sampled_from(["https", "http"]), HOSTS, PATHS, DOMAINS, PATHS, ATTRIBUTES)


@given(st.lists(VISITS, min_size=2, max_size=8))
@example([("https", "b.a.example", "/auth/x", "a.example", "", ""), ("https", "a.example", "/auth", "", "/auth", "")])
@example([("http", "localhost", "/", "", "/", ""), ("http", "localhost", "/", "local", "/auth", "")])
def test_cookies_go_where_the_standard_library_sends_them(visits: list[tuple[str, ...]]) -> None:
    """Whatever domain, path and end the cookies have, also at a host without a dot."""
    own, standard = CookieJar(BrowserCookiePolicy()), CookieJar()
    for number, (scheme, host, path, *cookie) in enumerate(visits):
        url = f"{scheme}://{host}{path if path.startswith('/') else '/'}"
        assert _sent(own, url, number, *cookie) == _sent(standard, url, number, *cookie)
    assert sorted(map(str, own)) == sorted(map(str, standard))


def _sent(jar: CookieJar, url: str, number: int, domain: str, path: str, rest: str) -> str | None:
    """Asks for a URL and receives a cookie; returns the cookies that were sent."""
    asked, headers = Request(url), Message()  # noqa: S310 - nothing is opened
    jar.add_cookie_header(asked)
    named = f"; Domain={domain}" if domain else ""
    headers["Set-Cookie"] = f"c{number % 3}={number}{named}{f'; Path={path}' if path else ''}{rest}"
    received: Any = _Received(headers)
    jar.extract_cookies(received, asked)
    return asked.get_header("Cookie")


class _Received:
    """An answer as http.cookiejar reads it."""

    def __init__(self, headers: Message) -> None:
        self._headers = headers

    def info(self) -> Message:
        """Returns the headers."""
        return self._headers


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
