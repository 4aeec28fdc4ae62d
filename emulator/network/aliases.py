"""Real URLs and their aliases: answers lead a browser to the alias, and its requests are mapped back."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

from emulator.network.hosts import Address, Hosts
from emulator.network.wsgi import Answer

_LINK = re.compile(r"""(\b(?:action|href|src)\s*=\s*)(["'])(.*?)\2""", re.IGNORECASE | re.DOTALL)
_REAL_URL = re.compile(r"https://([A-Za-z0-9.-]+)(?::443)?(?=[/?#]|$)")
_COOKIE_DOMAIN = re.compile(r";\s*domain=\.?([^;]+)", re.IGNORECASE)
_COOKIE_SECURE = re.compile(r";\s*secure\b", re.IGNORECASE)
_COOKIE_CROSS_SITE = re.compile(r";\s*samesite=none\b", re.IGNORECASE)


class Localiser:
    """Replaces real URLs in an answer by local ones, in the form in which the request was made.

    Args:
        hosts: Emulated hosts; URLs of other hosts stay as they are.
        address: How the request spelled its host.
    """

    def __init__(self, hosts: Hosts, address: Address) -> None:
        self._hosts = hosts
        port = address.suffix or address.bare
        self._bare = address.bare
        self._suffix = address.suffix or ".localhost" + (":" + port.rsplit(":", 1)[1] if ":" in port else "")

    def localise(self, answer: Answer) -> Answer:
        """Returns the answer with local links and its length corrected."""
        body = answer.body
        kind = next((value for name, value in answer.headers if name.lower() == "content-type"), "")
        if kind.startswith("text/html"):
            body = _LINK.sub(self._in_attribute, body.decode("utf-8", "replace")).encode()
        headers = tuple((name, self._header(name.lower(), value, len(body))) for name, value in answer.headers)
        return Answer(answer.status, headers, body)

    def _header(self, name: str, value: str, length: int) -> str:
        if name == "location":
            return self.url(value)
        if name == "set-cookie":
            return self._cookie(value)
        if name == "content-security-policy":
            return " ".join(self.url(word) for word in value.split(" "))
        return str(length) if name == "content-length" else value

    def url(self, text: str) -> str:
        """Returns a local URL for a real one of an emulated host; anything else unchanged."""
        match = _REAL_URL.match(text)
        if not match or self._hosts.site(match[1].lower()) is None:
            return text
        host = match[1].lower()
        authority = self._bare if self._bare and self._hosts.bare_reaches(host) else host + self._suffix
        return f"http://{authority}{text[match.end() :]}"

    def _in_attribute(self, match: re.Match[str]) -> str:
        value = html.unescape(match[3])
        local = self.url(value)
        return match[0] if local == value else f"{match[1]}{match[2]}{html.escape(local)}{match[2]}"

    def _cookie(self, cookie: str) -> str:
        """Adapts a cookie to plain HTTP and to the alias's domain."""
        cookie = _COOKIE_SECURE.sub("", _COOKIE_CROSS_SITE.sub("; SameSite=Lax", cookie))
        if self._bare:
            return _COOKIE_DOMAIN.sub("", cookie)
        return _COOKIE_DOMAIN.sub(r"; Domain=\1.localhost", cookie)


def real_url(url: str, suffix: str) -> str:
    """Returns the real URL of an alias.

    Args:
        url: URL as a browser sent it; anything but an alias is returned unchanged.
        suffix: Suffix of the alias, such as ``.localhost:7080``.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.scheme != "http" or not parts.netloc.endswith(suffix):
        return url
    return parts._replace(scheme="https", netloc=parts.netloc.removesuffix(suffix)).geturl()
