"""From a Host header to the site that answers, under the real name, an alias or the bare address.

The sites behind the gateway believe they are the real hosts. For an alias the gateway turns the real URLs in redirects,
form actions and links into aliases, so that a browser stays on this machine; what an assertion says stays the real URL.
Each exchange is recorded with the decisions the sites told.
"""

from __future__ import annotations

import html
import io
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl

from emulator.clock import Clock
from emulator.decision import ENVIRON_KEY, Decision
from emulator.hosts import Address, Hosts, Site
from emulator.trace import Exchange, redact_body, redact_headers, redact_pairs, redact_url

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]

RECORDER_KEY = "fedemu.recorder"
MAX_REQUEST_BYTES = 1_000_000
_KEPT_EXCHANGES = 200
_LINK = re.compile(r"""(\b(?:action|href|src)\s*=\s*)(["'])(.*?)\2""", re.IGNORECASE | re.DOTALL)
_REAL_URL = re.compile(r"https://([A-Za-z0-9.-]+)(?::443)?(?=[/?#]|$)")
_COOKIE_DOMAIN = re.compile(r";\s*domain=\.?([^;]+)", re.IGNORECASE)
_COOKIE_SECURE = re.compile(r";\s*secure\b", re.IGNORECASE)
_COOKIE_CROSS_SITE = re.compile(r";\s*samesite=none\b", re.IGNORECASE)


class Gateway:
    """The WSGI application in front of every emulated host.

    Args:
        hosts: Who is who.
        sites: The application of each site.
        control: The application for ``GET /`` on the bare address.
        clock: Dates the exchanges.
    """

    def __init__(
        self, hosts: Hosts, *, sites: Mapping[Site, Callable[[], WsgiApp]], control: WsgiApp, clock: Clock
    ) -> None:
        self.hosts = hosts
        self._sites = sites
        self._control = control
        self._clock = clock
        self._lock = threading.Lock()
        self._exchanges: deque[Exchange] = deque(maxlen=_KEPT_EXCHANGES)
        self._listeners: list[Callable[[Exchange], None]] = []

    def listen(self, listener: Callable[[Exchange], None]) -> None:
        """Has ``listener`` called with every exchange from now on."""
        with self._lock:
            self._listeners.append(listener)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The last exchanges, oldest first."""
        with self._lock:
            return tuple(self._exchanges)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        started, began = self._clock.now(), perf_counter()
        address = self.hosts.address(environ.get("HTTP_HOST", ""))
        answer = _Answer()
        form = self._answer(environ, address, answer)
        headers, body = answer.headers, b"".join(answer.body)
        self._record(environ, answer, body, started=started, began=began, form=form)
        if address.suffix or address.bare:
            headers, body = _Localiser(self.hosts, address).localise(headers, body)
        start_response(answer.status, headers)
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

    def _answer(self, environ: Environ, address: Address, answer: _Answer) -> list[tuple[str, str]]:
        data = _read_body(environ)
        if data is None:
            answer.plain("413 Content Too Large", f"A request has at most {MAX_REQUEST_BYTES} bytes.\n")
            environ[ENVIRON_KEY] = [Decision("fedemu", f"refused a request of more than {MAX_REQUEST_BYTES} bytes")]
            return []
        environ["wsgi.input"] = io.BytesIO(data)
        environ["CONTENT_LENGTH"] = str(len(data))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ[ENVIRON_KEY] = []
        form = _form(environ, data)
        site = self._site_for(environ, address, form)
        environ["wsgi.url_scheme"], environ["SERVER_PORT"] = "https", "443"
        answer.run(site, environ)
        return form

    def _site_for(self, environ: Environ, address: Address, form: list[tuple[str, str]]) -> WsgiApp:
        path = environ.get("PATH_INFO", "/") or "/"
        host: str | None = address.host
        if address.bare:
            parameters = dict([*parse_qsl(environ.get("QUERY_STRING", "")), *form])
            host = self.hosts.bare_host(path=path, parameters=parameters)
            if host is None:
                return self._control
        site = self.hosts.site(host or "")
        if host is None or site is None:
            environ[ENVIRON_KEY].append(Decision("fedemu", f"{address.host} is not an emulated host"))
            return _not_emulated(address.host, self.hosts)
        environ["HTTP_HOST"] = environ["SERVER_NAME"] = host
        return self._sites[site]()

    def _record(
        self, environ: Environ, answer: _Answer, body: bytes, *, started: Any, began: float, form: list[tuple[str, str]]
    ) -> None:
        host = environ.get("HTTP_HOST", "")
        query = environ.get("QUERY_STRING", "")
        url = f"https://{host}{environ.get('PATH_INFO', '')}" + (f"?{query}" if query else "")
        content_type = {name.lower(): value for name, value in answer.headers}.get("content-type", "")
        text = body.decode("utf-8", "replace") if content_type.startswith(("text/", "application/")) else ""
        exchange = Exchange(
            started_at=started,
            duration_ms=(perf_counter() - began) * 1000,
            method=environ.get("REQUEST_METHOD", "GET"),
            url=redact_url(url),
            request_headers=redact_headers(_request_headers(environ)),
            form=redact_pairs(form),
            status=int(answer.status.split(" ", 1)[0]),
            response_headers=redact_headers(answer.headers),
            body=redact_body(text),
            decisions=tuple(environ.get(ENVIRON_KEY, ())),
        )
        with self._lock:
            self._exchanges.append(exchange)
            listeners = list(self._listeners)
        if RECORDER_KEY in environ:
            listeners.append(environ[RECORDER_KEY])
        for listener in listeners:
            listener(exchange)


class _Answer:
    """A site's answer, collected."""

    def __init__(self) -> None:
        self.status = "500 Internal Server Error"
        self.headers: list[tuple[str, str]] = []
        self.body: list[bytes] = []

    def run(self, site: WsgiApp, environ: Environ) -> None:
        def start_response(
            status: str, headers: list[tuple[str, str]], _exc_info: Any = None
        ) -> Callable[[bytes], None]:
            self.status, self.headers = status, list(headers)
            return self.body.append

        answer = site(environ, start_response)
        try:
            self.body.extend(answer)
        finally:
            close = getattr(answer, "close", None)
            if close:
                close()

    def plain(self, status: str, text: str) -> None:
        data = text.encode()
        self.status = status
        self.headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(data)))]
        self.body = [data]


def _not_emulated(host: str, hosts: Hosts) -> WsgiApp:
    def app(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        known = "\n".join(f"  {name}" for name in hosts.known)
        text = f"fedemu: {host or '(no Host header)'} is not an emulated host. Emulated are:\n{known}\n"
        data = text.encode()
        start_response(
            "404 Not Found",
            [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(data)))],
        )
        return [data]

    return app


def _read_body(environ: Environ) -> bytes | None:
    """Reads the whole request body, or returns None when it is larger than allowed."""
    stream = environ.get("wsgi.input")
    length = environ.get("CONTENT_LENGTH") or ""
    if stream is None:
        return b""
    if length.isascii() and length.isdigit():
        if int(length) > MAX_REQUEST_BYTES:
            return None
        return bytes(stream.read(int(length)))
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
        data = bytes(stream.read(MAX_REQUEST_BYTES + 1))
        return data if len(data) <= MAX_REQUEST_BYTES else None
    return b""


def _form(environ: Environ, data: bytes) -> list[tuple[str, str]]:
    if not environ.get("CONTENT_TYPE", "").lower().startswith("application/x-www-form-urlencoded"):
        return []
    try:
        return parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return []


def _request_headers(environ: Environ) -> list[tuple[str, str]]:
    headers = [
        (name[5:].replace("_", "-").title(), str(value)) for name, value in environ.items() if name.startswith("HTTP_")
    ]
    if environ.get("CONTENT_TYPE"):
        headers.append(("Content-Type", environ["CONTENT_TYPE"]))
    return headers


class _Localiser:
    """Turns real URLs in an answer into ones that stay on this machine, as they were asked for."""

    def __init__(self, hosts: Hosts, address: Address) -> None:
        self._hosts = hosts
        port = address.suffix or address.bare
        self._bare = address.bare
        self._suffix = address.suffix or ".localhost" + (":" + port.rsplit(":", 1)[1] if ":" in port else "")

    def localise(self, headers: list[tuple[str, str]], body: bytes) -> tuple[list[tuple[str, str]], bytes]:
        """Returns the headers and the body with local links; the length is corrected."""
        kind = next((value for name, value in headers if name.lower() == "content-type"), "")
        if kind.startswith("text/html"):
            body = _LINK.sub(self._in_attribute, body.decode("utf-8", "replace")).encode()
        localised = []
        for name, value in headers:
            lowered = name.lower()
            if lowered == "location":
                value = self.url(value)
            elif lowered == "set-cookie":
                value = self._cookie(value)
            elif lowered == "content-length":
                value = str(len(body))
            elif lowered == "content-security-policy":
                value = " ".join(self.url(word) for word in value.split(" "))
            localised.append((name, value))
        return localised, body

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
        """Fits a cookie to plain HTTP and to the alias's domain."""
        cookie = _COOKIE_SECURE.sub("", _COOKIE_CROSS_SITE.sub("; SameSite=Lax", cookie))
        if self._bare:
            return _COOKIE_DOMAIN.sub("", cookie)
        return _COOKIE_DOMAIN.sub(r"; Domain=\1.localhost", cookie)
