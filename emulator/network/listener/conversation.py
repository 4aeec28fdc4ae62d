"""HTTP/1.1 on one connection: requests are read, answered by the gateway in a thread, and the connection is reused.

A body is read completely before the gateway is called, so that a slow client costs a coroutine and no thread.
"""

from __future__ import annotations

import asyncio
import contextlib
from asyncio import FIRST_COMPLETED
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import partial
from itertools import count
from urllib.parse import urlsplit

from emulator.kernel.trace_notes import delay_of
from emulator.network.event_stream import KEEP_ALIVE, TAKER_KEY, Subscription
from emulator.network.faults.faulty_network import ConnectionCut
from emulator.network.gateway import CONNECTION_KEY, TOO_LARGE_KEY, WORKBENCH_PATH, request_limit, waits_for_others
from emulator.network.listener.http_requests import HttpRequest, NotHttp, RequestReader
from emulator.network.listener.sockets import CHUNK, Timeouts, close_streams, reset
from emulator.network.refused_connections import refusal, too_large, too_slow
from emulator.network.wsgi import Answer, Environ, make_environ

_NUMBERS = count(1)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CLOSE = ("Connection", "close")
_MOST_BYTES_PASSED_OVER = 200_000_000
_PATIENCE_SECONDS = 2.0
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
        reader: Stream from the client.
        writer: Stream to the client.
        scheme: ``http`` or ``https``.
        timeouts: How long the client may be silent.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, scheme: str, timeouts: Timeouts
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._scheme = scheme
        self._timeouts = timeouts
        self._requests = RequestReader()
        self._name = f"connection {next(_NUMBERS)}"

    async def hold(
        self, answer: Callable[[Environ], Answer], *, threads: Executor, waiting: Executor | None = None
    ) -> None:
        """Answers requests until one side ends the connection.

        Args:
            answer: Answers one request, whatever happens.
            threads: Threads in which it runs.
            waiting: Threads for requests that wait for others; by default the same.
        """
        try:
            while await self._answer_one(answer, threads, waiting or threads):
                pass
        except NotHttp as error:
            await self.refuse(refusal(error.status, str(error)))
        except _Refused as refused:
            await self.refuse(refused.answer)
        finally:
            await close_streams(self._writer)

    async def _answer_one(self, answer_to: Callable[[Environ], Answer], threads: Executor, waiting: Executor) -> bool:
        """Reads one request and answers it; returns whether the connection stays open."""
        request = await self._next_request()
        if request is None:
            return False
        target = _origin_form(request.target)
        try:
            await self._read_body(request, limit=request_limit(request.method, target.partition("?")[0]))
        except _TooLarge as large:
            if not target.startswith(WORKBENCH_PATH):
                raise
            # Somebody's browser sent it, and the workbench has a page for that.
            environ = make_environ(request.method, target, request.headers, b"", scheme=self._scheme)
            environ[TOO_LARGE_KEY] = large.limit
            page = await asyncio.get_running_loop().run_in_executor(threads, partial(answer_to, environ))
            raise _Refused(page) from None
        environ = make_environ(request.method, target, request.headers, bytes(request.body), scheme=self._scheme)
        subscriptions: list[Subscription] = []
        environ[TAKER_KEY] = subscriptions.append
        environ[CONNECTION_KEY] = self._name
        try:
            pool = waiting if waits_for_others(request.method, target) else threads
            answer = await asyncio.get_running_loop().run_in_executor(pool, partial(answer_to, environ))
            await asyncio.sleep(delay_of(environ).total_seconds())
            if subscriptions and request.method != "HEAD":
                await self._send_events(answer, subscriptions[0])
                return False
        except ConnectionCut as cut:
            await asyncio.sleep(delay_of(environ).total_seconds())
            await self._cut(cut)
            return False
        finally:
            for subscription in subscriptions:
                subscription.close()
        await self._send(answer, close=not request.goes_on, head_only=request.method == "HEAD")
        return request.goes_on

    async def _next_request(self) -> HttpRequest | None:
        """Returns the next request as soon as its head has arrived; None when the client has left or sends nothing.

        Raises:
            _Refused: the head arrives too slowly, perhaps byte by byte.
        """
        clock, head_ends = asyncio.get_running_loop().time, 0.0
        while (request := self._requests.next()) is None:
            if self._requests.has_begun:
                head_ends = head_ends or clock() + self._timeouts.request_seconds
                try:
                    has_more = await self._read(seconds=max(0.0, head_ends - clock()))
                except TimeoutError:
                    raise _Refused(too_slow("head of the request", self._timeouts.request_seconds)) from None
            else:
                has_more = await self._read(seconds=self._timeouts.idle_seconds)
            if not has_more:
                return None
        return request

    async def _read(self, *, seconds: float) -> bool:
        """Reads more of what the client sends; returns whether there was any."""
        data = await self._next_bytes(seconds)
        if data:
            self._requests.take(data)
        return bool(data)

    async def _read_body(self, request: HttpRequest, *, limit: int) -> None:
        """Reads the rest of a request.

        Raises:
            _TooLarge: it is larger than allowed.
            _Refused: it stops coming, or takes too long.
            ConnectionError: the client leaves.
        """
        if request.announced <= limit:
            if request.waits and not request.is_whole:
                self._writer.write(_CONTINUE)
            try:
                await self._read_up_to(request, limit)
            except TimeoutError:
                raise _Refused(too_slow("rest of the body", self._timeouts.request_seconds)) from None
        if max(request.announced, len(request.body)) > limit:
            request.keeps_body = False
            request.body.clear()
            raise _TooLarge(limit)

    async def _read_up_to(self, request: HttpRequest, limit: int) -> None:
        async with asyncio.timeout(self._timeouts.body_seconds):
            while not request.is_whole and len(request.body) <= limit:
                if not await self._read(seconds=self._timeouts.request_seconds):
                    raise ConnectionError("the client left in the middle of a request")

    async def refuse(self, answer: Answer) -> None:
        """Sends an answer to an incompletely read request, and reads on for a while.

        A socket that is closed with unread data resets the connection, and a client that sends its whole body first, as
        Python's does, would not look for the answer after a reset.

        Spec: RFC 9112 §9.6
        """
        await self._send(answer, close=True)
        if self._writer.can_write_eof():
            self._writer.write_eof()
        left = _MOST_BYTES_PASSED_OVER
        try:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(self._timeouts.body_seconds):
                    while left > 0 and (data := await self._next_bytes(_PATIENCE_SECONDS)):
                        left -= len(data)
        finally:
            await close_streams(self._writer)

    async def _next_bytes(self, seconds: float) -> bytes:
        async with asyncio.timeout(seconds):
            return await self._reader.read(CHUNK)

    async def _send(self, answer: Answer, *, close: bool = False, head_only: bool = False) -> None:
        headers = [*answer.headers, _CLOSE] if close else answer.headers
        async with asyncio.timeout(self._timeouts.idle_seconds):
            self._writer.write(_head(answer, headers) + (b"" if head_only else answer.body))
            await self._writer.drain()

    async def _cut(self, cut: ConnectionCut) -> None:
        """Ends the connection without an answer, or in the middle of one."""
        if cut.begun is None:
            reset(self._writer)
        else:
            await self._send(cut.begun, close=True)

    async def _send_events(self, answer: Answer, subscription: Subscription) -> None:
        """Sends events until the client leaves or stops reading; anything it sends meanwhile is ignored."""
        loop, news = asyncio.get_running_loop(), asyncio.Event()
        left = asyncio.ensure_future(self._client_leaves())
        try:
            subscription.wake_with(partial(_set_from_outside, loop, news))
            # Flask gives an empty answer a length of 0, and a browser would stop reading there.
            headers = [each for each in answer.headers if each[0].lower() != "content-length"]
            self._writer.write(_head(answer, [*headers, _CLOSE], has_length=False))
            while not left.done():
                news.clear()
                self._writer.write(subscription.take())
                async with asyncio.timeout(self._timeouts.idle_seconds):
                    await self._writer.drain()
                told = asyncio.ensure_future(news.wait())
                done, _ = await asyncio.wait(
                    {told, left}, timeout=self._timeouts.keep_alive_seconds, return_when=FIRST_COMPLETED
                )
                told.cancel()
                if not done:
                    self._writer.write(KEEP_ALIVE)
        finally:
            left.cancel()

    async def _client_leaves(self) -> None:
        """Returns when the client has left."""
        with contextlib.suppress(OSError):
            while await self._reader.read(CHUNK):
                pass


def _set_from_outside(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    """Sets an event from another thread; nobody waits for it once the loop has ended."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(event.set)


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
