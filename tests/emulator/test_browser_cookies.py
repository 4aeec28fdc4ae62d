"""The browser's cookies are those that the standard library would keep and send."""

from __future__ import annotations

from email.message import Message
from http.cookiejar import CookieJar
from typing import Any
from unittest.mock import patch
from urllib.request import Request

from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.http import dump_cookie

from emulator.browser_cookies import BrowserCookieJar

HOSTS = st.sampled_from(
    ["a.example", "b.a.example", "ba.example", "example", "localhost", "127.0.0.1", "a.example:8443", "A.example"]
)
DOMAINS = st.sampled_from(["", "a.example", ".a.example", "example", ".b.a.example", "localhost", "local", "0.0.1"])
PATHS = st.sampled_from(["", "/", "/auth", "/auth/", "/auth/x", "/authority", "x", "/%61uth"])
ATTRIBUTES = st.sampled_from(
    [
        "",
        "; Secure",
        "; Max-Age=60",
        "; Max-Age=0",
        "; Version=1",
        "; Port",
        "; Expires=Thu, 01 Jan 2099 00:00:00 GMT",
        "; Secure; HttpOnly; SameSite=None",
        "; Path=/auth; Secure",
        "; secure; path=/auth",
    ]
)
VISITS = st.tuples(st.sampled_from(["https", "http"]), HOSTS, PATHS, DOMAINS, PATHS, ATTRIBUTES)


@given(st.lists(VISITS, min_size=2, max_size=8))
@example([("https", "b.a.example", "/auth/x", "a.example", "", ""), ("https", "a.example", "/auth", "", "/auth", "")])
@example([("http", "localhost", "/", "", "/", ""), ("http", "localhost", "/", "local", "/auth", "")])
def test_cookies_go_where_the_standard_library_sends_them(visits: list[tuple[str, ...]]) -> None:
    """Whatever domain, path and end the cookies have, also at a host without a dot."""
    own, standard = BrowserCookieJar(), CookieJar()
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


WRITTEN = st.builds(
    dump_cookie,
    st.sampled_from(["sid", "a", "$b"]),
    st.sampled_from(["", "1", "a b", "a;b", "%7B", "é", '"', "x=y", "AQ=="]),
    domain=st.sampled_from([None, "a.example", "example", "b.a.example"]),
    max_age=st.sampled_from([None, -1, 0, 1, 3600]),
    expires=st.sampled_from([None, 0, 4_000_000_000]),
    path=st.sampled_from([None, "/", "/auth", "/auth/x y", "x"]),
    secure=st.booleans(),
    httponly=st.booleans(),
    samesite=st.sampled_from([None, "None", "Lax"]),
)


@given(st.lists(st.tuples(HOSTS, PATHS, st.lists(WRITTEN, min_size=1, max_size=3)), max_size=6))
@example([("a.example", "/x", ["sid=1; Path=/", "sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/"])])
@example([("a.example", "/x", [f"sid={number}; Max-Age=60; Expires=x; Discard" for number in range(2)])])
def test_cookies_of_sites_are_read_as_the_standard_library_reads_them(
    answers: list[tuple[str, str, list[str]]],
) -> None:
    """Every attribute of every cookie, several in one answer, and those that end others."""
    own, standard = BrowserCookieJar(), CookieJar()
    with patch("time.time", lambda: 1_800_000_000.5):
        for host, path, written in answers:
            asked, headers = Request(f"https://{host}/{path.lstrip('/')}?q=1"), Message()
            for text in written:
                headers["Set-Cookie"] = text
            received: Any = _Received(headers)
            for jar in (own, standard):
                jar.extract_cookies(received, asked)
    assert [vars(cookie) for cookie in own] == [vars(cookie) for cookie in standard]


def test_cookies_with_the_same_attributes_are_made_once() -> None:
    """The names and values are each cookie's own, and no cookie is changed when another is."""
    jar, headers = BrowserCookieJar(), Message()
    for text in ("a=1; Path=/; Secure", "b=2; Path=/; Secure"):
        headers["Set-Cookie"] = text
    received: Any = _Received(headers)
    one, other = jar.make_cookies(received, Request("https://a.example/"))
    assert (one.name, one.value, other.name, other.value) == ("a", "1", "b", "2")
    one.path = "/x"
    assert other.path == "/"
