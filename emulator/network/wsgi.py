"""Calls WSGI applications, for the server's sockets and for the browser without any."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from emulator.kernel.client_connection import DEFAULT_SOURCE_IP, SOURCE_IP_KEY
from emulator.kernel.records import dataclass

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]
Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A WSGI application's answer, collected."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def code(self) -> int:
        """The status as a number."""
        return int(self.status.split(" ", 1)[0])


def make_environ(
    method: str, target: str, headers: Headers, body: bytes, *, scheme: str, source_ip: str = ""
) -> Environ:
    """Returns the environment of one request.

    Args:
        method: Method of the request.
        target: Path and query as sent, such as ``/app/UserHome?x=1``.
        headers: Headers as received; names in any case, repeated ones are joined.
        body: Complete body.
        scheme: ``http`` or ``https``.
        source_ip: Address that was chosen for the client; by default this machine's.

    Spec: PEP 3333
    """
    path, _, query = target.partition("?")
    environ: Environ = {
        "REQUEST_URI": target,
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _path_info(path or "/"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "443" if scheme == "https" else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": source_ip or DEFAULT_SOURCE_IP,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if source_ip:
        environ[SOURCE_IP_KEY] = source_ip
    for name, value in headers:
        key = _environ_key(name)
        if key in environ and key != "CONTENT_TYPE":
            separator = "; " if key == "HTTP_COOKIE" else ", "
            environ[key] = f"{environ[key]}{separator}{value}"
        elif key:
            environ[key] = value
    return environ


def _path_info(path: str) -> str:
    return path if "%" not in path and path.isascii() else unquote_to_bytes(path).decode("latin-1")


@lru_cache(maxsize=256)
def _environ_key(name: str) -> str:
    """Returns a header's name in an environment; empty for one that says what the complete body says already."""
    key = name.upper().replace("-", "_")
    if key in {"CONTENT_LENGTH", "TRANSFER_ENCODING"}:
        return ""
    return key if key == "CONTENT_TYPE" else f"HTTP_{key}"


def call(app: WsgiApp, environ: Environ) -> Answer:
    """Runs an application to its end and returns its answer.

    Raises:
        ValueError: a header cannot be sent.
    """
    started: dict[str, Any] = {}
    body: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Callable[[bytes], None]:
        started.update(status=status, headers=headers)
        return body.append

    chunks = app(environ, start_response)
    try:
        body.extend(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close:
            close()
    headers = tuple(started["headers"])
    _require_sendable(headers)
    return Answer(started["status"], headers, b"".join(body))


def _require_sendable(headers: Iterable[tuple[str, str]]) -> None:
    """Requires headers that HTTP/1.1 can carry.

    Raises:
        ValueError: one contains a line break, or characters outside Latin-1.

    Spec: RFC 9110 §5.5
    """
    text = "".join(map("".join, headers))
    if "\r" in text or "\n" in text:
        raise ValueError("a header of the answer has a line break")
    text.encode("latin-1")


def plain_answer(status: str, text: str, *, headers: Mapping[str, str] | None = None) -> Answer:
    """Returns an answer of plain text."""
    body = text.encode()
    fields = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body)), **(headers or {})}
    return Answer(status, tuple(fields.items()), body)
