"""A transport for requests that calls the gateway in this process: programs on requests run without sockets."""

from __future__ import annotations

import io
from collections.abc import Callable
from email.message import Message
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar

from emulator.network.calls.internet import Internet
from emulator.network.faults.faulty_network import ConnectionCut
from emulator.network.gateway import CONNECTION_KEY, RECORDER_KEY
from emulator.network.trace import Exchange
from emulator.network.wsgi import Answer, call, make_environ

_NUMBERS = count(1)


class GatewayAdapter(BaseAdapter):
    """A requests transport that calls the gateway in this process.

    Args:
        gateway: Gateway that answers every request.
        record: Called with each exchange, in addition to the gateway's own record.
        source_ip: Address that requests come from; by default this machine's.
    """

    def __init__(
        self, gateway: Internet, *, record: Callable[[Exchange], None] | None = None, source_ip: str = ""
    ) -> None:
        super().__init__()
        self._source_ip = source_ip
        self._gateway = gateway
        self._record = record
        self._name = f"adapter {next(_NUMBERS)}"

    def send(self, request: requests.PreparedRequest, *_args: Any, **_options: Any) -> requests.Response:
        """Answers a prepared request; timeouts and certificates do not apply, because there is no connection.

        Raises:
            requests.ConnectionError: the host is not emulated, or a planted network fault cuts the connection.
            requests.exceptions.ChunkedEncodingError: one cuts it in the middle of the answer.
        """
        url = urlsplit(request.url or "")
        if self._gateway.hosts.site((url.hostname or "").lower()) is None:
            raise requests.ConnectionError(f"{url.hostname} is not emulated, and nothing leaves this machine")
        body = request.body or b""
        environ = make_environ(
            request.method or "GET",
            (url.path or "/") + (f"?{url.query}" if url.query else ""),
            [*((name, str(value)) for name, value in request.headers.items()), ("Host", url.netloc)],
            body.encode() if isinstance(body, str) else bytes(body),
            scheme=url.scheme,
            source_ip=self._source_ip,
        )
        environ[CONNECTION_KEY] = self._name
        if self._record is not None:
            environ[RECORDER_KEY] = self._record
        try:
            answer = call(self._gateway, environ)
        except ConnectionCut as cut:
            if cut.begun is None:
                raise requests.ConnectionError("Connection reset by peer", request=request) from None
            raise requests.exceptions.ChunkedEncodingError("Response ended prematurely", request=request) from None
        finally:
            self._gateway.wait_for_answer(environ)
        return _response(request, answer)

    def close(self) -> None:
        """Does nothing, because nothing is open."""


def _response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    """Builds the response that requests would have built from a socket."""
    message = Message()
    for name, value in answer.headers:
        message[name] = value
    raw = _Raw(answer.body, message)
    response = requests.Response()
    response.status_code = answer.code
    response.reason = answer.status.partition(" ")[2]
    response.headers.update((name, value) for name, value in answer.headers if name.lower() != "set-cookie")
    response.raw = raw
    response.url = request.url or ""
    response.request = request
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response.cookies = _cookies(request, raw)
    return response


def _cookies(request: requests.PreparedRequest, raw: _Raw) -> RequestsCookieJar:
    jar = RequestsCookieJar()
    extract: Any = extract_cookies_to_jar  # it has no types
    extract(jar, request, raw)
    return jar


class _Raw(io.BytesIO):
    """A body with the header access that cookie extraction expects."""

    def __init__(self, body: bytes, message: Any) -> None:
        super().__init__(body)
        self._original_response = self
        self.msg = message
