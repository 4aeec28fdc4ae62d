"""A browser's cookies: the standard library's jar and policy, without work whose result is known.

What they decide is http.cookiejar's; a property test compares the two for any cookies, hosts and paths. Whatever is not
as the emulated sites write it, or as a login asks for it, is left to the standard library.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from functools import lru_cache
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from typing import Any

# A cookie as Werkzeug writes it. Where it has Max-Age, nobody reads Expires.
_USUAL = re.compile(
    r"(?P<name>[\w.-]+)=(?P<value>[\w%.~/+*|-]*)(?P<domain>(?:; Domain=[a-z0-9.-]+)?)"
    r"(?:; Expires=\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT; Max-Age=(?P<max_age>[1-9]\d{0,8}))?"
    r"(?P<rest>(?:; Secure|; HttpOnly|; Path=/[\w/.-]*|; SameSite=\w+)*)",
    re.ASCII,
)


class BrowserCookiePolicy(DefaultCookiePolicy):
    """The standard library's policy, without its reading the URL again for each domain and path that has cookies."""

    def set_ok(self, cookie: Cookie, request: Any) -> bool:
        """Returns whether a cookie is kept: of one without a version and ports, only its domain may be refused."""
        if cookie.version != 0 or cookie.port_specified:
            return super().set_ok(cookie, request)
        return not cookie.domain_specified or _may_set(cookie.domain, _without_query(request))

    def return_ok(self, cookie: Cookie, request: Any) -> bool:
        """Returns whether a cookie is sent."""
        host = request.origin_req_host
        is_plain = "." in host and request.get_full_url().startswith(f"{request.type}://{host}/")
        if cookie.version != 0 or cookie.port or not is_plain:
            return super().return_ok(cookie, request)
        return (
            self.domain_return_ok(cookie.domain, request)
            and self.return_ok_secure(cookie, request)
            and self.return_ok_expires(cookie, request)
        )

    def domain_return_ok(self, domain: str, request: Any) -> bool:
        """Returns whether a domain may be the request's, or one above it; ``return_ok`` decides about each cookie."""
        host: str = request.origin_req_host
        return "." not in host or f".{host}".endswith(domain if domain.startswith(".") else f".{domain}")

    def path_return_ok(self, path: str, request: Any) -> bool:
        """Returns whether the request's path is below a path."""
        return path == "/" or super().path_return_ok(path, request)


class BrowserCookieJar(CookieJar):
    """The standard library's jar, which reads the same attributes of cookies once."""

    def __init__(self) -> None:
        super().__init__(BrowserCookiePolicy())
        self._has_expiring = False

    def set_cookie(self, cookie: Cookie) -> None:
        """Keeps a cookie."""
        self._has_expiring = self._has_expiring or cookie.expires is not None
        super().set_cookie(cookie)

    def clear_expired_cookies(self) -> None:
        """Forgets what has expired, which the standard library looks for at each request."""
        if self._has_expiring:
            super().clear_expired_cookies()

    def make_cookies(self, response: Any, request: Any) -> Sequence[Cookie]:
        """Returns the cookies of an answer."""
        headers = response.info()
        usual = [_USUAL.fullmatch(text) for text in headers.get_all("Set-Cookie", [])]
        if None in usual or headers.get_all("Set-Cookie2", []):
            return super().make_cookies(response, request)
        address = _without_query(request)
        return [_made(match, address) for match in usual if match is not None]


def _made(written: re.Match[str], address: str) -> Cookie:
    """Returns a cookie of an answer.

    Args:
        written: Its parts, as ``_USUAL`` names them.
        address: URL without its query.
    """
    cookie = Cookie.__new__(Cookie)  # copy.copy takes three times as long
    vars(cookie).update(vars(_like(written["domain"] + written["rest"], address)))
    cookie.name, cookie.value = written["name"], written["value"]
    if written["max_age"]:
        # The jar compares with the machine's time, too.
        cookie.expires, cookie.discard = int(time.time()) + int(written["max_age"]), False  # noqa: TID251
    return cookie


@lru_cache(maxsize=64)
def _like(attributes: str, address: str) -> Cookie:
    """Returns what the standard library makes of a cookie with these attributes: its name and value do not matter."""
    asked, received = Asked(address, scheme="", host=""), Received([("Set-Cookie", f"name=value{attributes}")])
    parts: Any = (received, asked)
    (cookie,) = CookieJar().make_cookies(*parts)
    return cookie


@lru_cache(maxsize=64)
def _may_set(domain: str, address: str) -> bool:
    """Returns whether the standard library takes cookies for a domain from an address."""
    asked: Any = Asked(address, scheme="", host="")
    return DefaultCookiePolicy().set_ok(_like(f"; Domain={domain}", address), asked)


def _without_query(request: Any) -> str:
    url: str = request.get_full_url()
    return url.partition("?")[0]


class Asked:
    """A request in the form that http.cookiejar reads and adds cookies to.

    A login begins with a person, and each redirect and form is the page's own, so no request is third-party.

    Args:
        url: The URL, whole.
        scheme: Its scheme.
        host: Its host, in lower case and without a port.
    """

    unverifiable = False

    def __init__(self, url: str, *, scheme: str, host: str) -> None:
        self._url = url
        self.type = scheme
        self.origin_req_host = host
        self.cookie = ""

    def get_full_url(self) -> str:
        """Returns the URL."""
        return self._url

    def has_header(self, _name: str) -> bool:
        """No cookie was written before."""
        return False

    def add_unredirected_header(self, name: str, value: str) -> None:
        """Takes the cookies."""
        if name == "Cookie":
            self.cookie = value


class Received:
    """An answer's headers, as http.cookiejar reads them: it needs nothing of a response but ``info()``."""

    def __init__(self, headers: Sequence[tuple[str, str]]) -> None:
        self.cookies = [value for name, value in headers if name.lower() == "set-cookie"]

    def info(self) -> Received:
        """Returns the headers."""
        return self

    def get_all(self, name: str, default: list[str]) -> list[str]:
        """Returns the values of a header."""
        return self.cookies if name == "Set-Cookie" else default
