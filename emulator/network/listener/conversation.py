"""HTTP/1.1 on one connection: requests are read, answered by the gateway, and the connection is reused.

A body is read completely before the gateway is called, so that a slow client never takes one of the places there.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
from collections.abc import Callable, Iterable
from itertools import count
from urllib.parse import urlsplit

from emulator.kernel.trace_notes import delay_of
from emulator.network.event_stream import KEEP_ALIVE, TAKER_KEY, Subscription
from emulator.network.faults.faulty_network import ConnectionCut
from emulator.network.gateway import CONNECTION_KEY, TOO_LARGE_KEY, WORKBENCH_PATH, request_limit
from emulator.network.listener.connection import CHUNK, Connection, Deadline, Timeouts
from emulator.network.listener.http_requests import HttpRequest, NotHttp, RequestReader
from emulator.network.refused_connections import refusal, too_large, too_slow
from emulator.network.wsgi import Answer, Environ, make_environ

_NUMBERS = count(1)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CLOSE = ("Connection", "close")
_WITHOUT_LENGTH = frozenset({204, 304})


class _Refused(Exception):
    """A request is not read completely."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class _TooLarge(_Refused):
    """A request is larger than allowed.

    Args:
        limit: Maximum size in bytes.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(too_large(limit))
        self.limit = limit


class Conversation:
    """One client's requests and their answers.

    Args:
        connection: The client's connection.
        scheme: ``http`` or ``https``.
        timeouts: How long the client may be silent.
    """

    def __init__(self, connection: Connection, *, scheme: str, timeouts: Timeouts) -> None:
        self._connection = connection
        self._scheme = scheme
        self._timeouts = timeouts
        self._requests = RequestReader()
        self._name = f"connection {next(_NUMBERS)}"

    def hold(self, answer: Callable[[Environ], Answer]) -> None:
        """Answers requests until one side ends the connection.

        Args:
            answer: Answers one request, whatever happens.
        """
        try:
            while self._answer_one(answer):
                pass
        except NotHttp as error:
            self.refuse(refusal(error.status, str(error)))
        except _Refused as refused:
            self.refuse(refused.answer)

    def refuse(self, answer: Answer) -> None:
        """Sends an answer to an incompletely read request, and passes over the rest of it for a while."""
        self._send(answer, close=True)
        self._connection.end_sending()
        self._connection.pass_over(seconds=self._timeouts.body_seconds)

    def _answer_one(self, answer_to: Callable[[Environ], Answer]) -> bool:
        """Reads one request and answers it; returns whether the connection stays open."""
        request = self._next_request()
        if request is None:
            return False
        target = _origin_form(request.target)
        try:
            self._read_body(request, limit=request_limit(request.method, target.partition("?")[0]))
        except _TooLarge as large:
            if not target.startswith(WORKBENCH_PATH):
                raise
            # Somebody's browser sent it, and the workbench has a page for that.
            environ = make_environ(request.method, target, request.headers, b"", scheme=self._scheme)
            environ[TOO_LARGE_KEY] = large.limit
            raise _Refused(answer_to(environ)) from None
        environ = make_environ(request.method, target, request.headers, bytes(request.body), scheme=self._scheme)
        subscriptions: list[Subscription] = []
        environ[TAKER_KEY] = subscriptions.append
        environ[CONNECTION_KEY] = self._name
        try:
            answer = answer_to(environ)
            self._connection.pause(delay_of(environ).total_seconds())
            if subscriptions and request.method != "HEAD":
                self._send_events(answer, subscriptions[0])
                return False
        except ConnectionCut as cut:
            self._connection.pause(delay_of(environ).total_seconds())
            self._cut(cut)
            return False
        finally:
            for subscription in subscriptions:
                subscription.close()
        self._send(answer, close=not request.goes_on, head_only=request.method == "HEAD")
        return request.goes_on

    def _next_request(self) -> HttpRequest | None:
        """Returns the next request as soon as its head has arrived; None when the client has left or sends nothing.

        Raises:
            _Refused: the head arrives too slowly, perhaps byte by byte.
        """
        head_ends: Deadline | None = None
        while (request := self._requests.next()) is None:
            if self._requests.has_begun:
                head_ends = head_ends or Deadline(self._timeouts.request_seconds)
                try:
                    has_more = self._read(seconds=head_ends.seconds_left)
                except TimeoutError:
                    raise _Refused(too_slow("head of the request", self._timeouts.request_seconds)) from None
            else:
                has_more = self._read(seconds=self._timeouts.idle_seconds)
            if not has_more:
                return None
        return request

    def _read(self, *, seconds: float) -> bool:
        """Reads more of what the client sends; returns whether there was any."""
        data = self._connection.receive(seconds=seconds)
        if data:
            self._requests.take(data)
        return bool(data)

    def _read_body(self, request: HttpRequest, *, limit: int) -> None:
        """Reads the rest of a request.

        Raises:
            _TooLarge: it is larger than allowed.
            _Refused: it stops coming, or takes too long.
            ConnectionError: the client leaves.
        """
        if request.announced <= limit and not request.is_whole:
            if request.waits:
                self._connection.send(_CONTINUE, seconds=self._timeouts.request_seconds)
            try:
                self._read_up_to(request, limit)
            except TimeoutError:
                raise _Refused(too_slow("rest of the body", self._timeouts.request_seconds)) from None
        if max(request.announced, len(request.body)) > limit:
            request.keeps_body = False
            request.body.clear()
            raise _TooLarge(limit)

    def _read_up_to(self, request: HttpRequest, limit: int) -> None:
        deadline = Deadline(self._timeouts.body_seconds)
        while not request.is_whole and len(request.body) <= limit:
            if not self._read(seconds=min(self._timeouts.request_seconds, deadline.seconds_left)):
                raise ConnectionError("the client left in the middle of a request")

    def _send(self, answer: Answer, *, close: bool = False, head_only: bool = False) -> None:
        headers = [*answer.headers, _CLOSE] if close else answer.headers
        self._send_bytes(_head(answer, headers) + (b"" if head_only else answer.body))

    def _send_bytes(self, data: bytes) -> None:
        self._connection.send(data, seconds=self._timeouts.idle_seconds)

    def _cut(self, cut: ConnectionCut) -> None:
        """Ends the connection without an answer, or in the middle of one."""
        if cut.begun is None:
            self._connection.reset()
        else:
            self._send(cut.begun, close=True)

    def _send_events(self, answer: Answer, subscription: Subscription) -> None:
        """Sends events until the client leaves or stops reading; anything it sends meanwhile is ignored."""
        news, waker = socket.socketpair()
        with news, waker, selectors.DefaultSelector() as selector:
            waker.setblocking(False)
            selector.register(news, selectors.EVENT_READ)
            selector.register(self._connection, selectors.EVENT_READ)
            subscription.wake_with(lambda: _wake(waker))
            # Flask gives an empty answer a length of 0, and a browser would stop reading there.
            headers = [each for each in answer.headers if each[0].lower() != "content-length"]
            self._send_bytes(_head(answer, [*headers, _CLOSE], has_length=False))
            while True:
                ready = [key.fileobj for key, _ in selector.select(self._timeouts.keep_alive_seconds)]
                if news in ready:
                    news.recv(CHUNK)
                if self._connection in ready and not self._connection.receive(seconds=self._timeouts.idle_seconds):
                    return
                events = subscription.take()
                if events or not ready:
                    self._send_bytes(events or KEEP_ALIVE)


def _wake(waker: socket.socket) -> None:
    """Wakes whoever sends events; nobody does once the connection has ended."""
    with contextlib.suppress(OSError):
        waker.send(b"\0")


def _head(answer: Answer, headers: Iterable[tuple[str, str]], *, has_length: bool = True) -> bytes:
    """Returns the status line and the headers of an answer, with its length where that is known.

    Spec: RFC 9112 §4 and §5
    """
    lines = [f"HTTP/1.1 {answer.status}"]
    lacks_length = has_length and answer.code not in _WITHOUT_LENGTH
    for name, value in headers:
        lacks_length = lacks_length and name.lower() != "content-length"
        lines.append(f"{name}: {value}")
    if lacks_length:
        lines.append(f"Content-Length: {len(answer.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _origin_form(target: str) -> str:
    """Returns path and query of a request target that may be a whole URL, as clients of proxies send it."""
    if target.startswith("/"):
        return target
    try:
        parts = urlsplit(target) if "://" in target else urlsplit("")
    except ValueError:
        return "/"
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
