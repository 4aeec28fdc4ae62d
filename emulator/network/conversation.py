"""HTTP/1.1 on one connection: requests are read, answered by the gateway in a thread, and the connection goes on.

A body is read whole before the gateway is asked, so that a slow client costs a coroutine and no thread.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from functools import partial
from urllib.parse import urlsplit

import h11

from emulator.network.gateway import request_limit
from emulator.network.sockets import CHUNK, MAX_HEAD_BYTES, Timeouts, close_streams
from emulator.network.wsgi import Answer, WsgiApp, call, make_environ, plain_answer


class Conversation:
    """One client's requests and their answers.

    Args:
        reader: What the client sends.
        writer: What it is sent.
        scheme: ``http`` or ``https``.
        timeouts: How long it may be silent.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, scheme: str, timeouts: Timeouts
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._scheme = scheme
        self._timeouts = timeouts
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)

    async def hold(self, app: WsgiApp, *, threads: Executor) -> None:
        """Answers requests until one side ends the connection.

        Args:
            app: Answers them.
            threads: Where it runs.
        """
        try:
            while await self._answer_one(app, threads):
                self._http.start_next_cycle()
        except h11.RemoteProtocolError as error:
            if self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
                status = error.error_status_hint or 400
                refusal = plain_answer(f"{status} Bad Request", f"fedemu: this is not HTTP: {error}\n")
                await self._send(refusal, close=True)
        finally:
            await close_streams(self._writer)

    async def _answer_one(self, app: WsgiApp, threads: Executor) -> bool:
        """Reads one request and answers it; returns whether the connection goes on."""
        event = await self._next_event(seconds=self._timeouts.idle_seconds)
        if not isinstance(event, h11.Request):
            return False
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers]
        method, target = event.method.decode("latin-1"), _origin_form(event.target.decode("latin-1"))
        limit = request_limit(method, target)
        announced = int(dict(headers).get("content-length", "0"))
        async with asyncio.timeout(self._timeouts.request_seconds):
            body = await self._read_body(limit=limit) if announced <= limit else None
        if body is None:
            text = f"fedemu: a request has at most {limit} bytes.\n"
            await self._send(plain_answer("413 Content Too Large", text), close=True)
            return False
        environ = make_environ(method, target, headers, body, scheme=self._scheme)
        await self._send(await asyncio.get_running_loop().run_in_executor(threads, partial(call, app, environ)))
        return bool(self._http.our_state is h11.DONE and self._http.their_state is h11.DONE)

    async def _next_event(self, *, seconds: float) -> object:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._http.they_are_waiting_for_100_continue:
                self._writer.write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            async with asyncio.timeout(seconds):
                self._http.receive_data(await self._reader.read(CHUNK))

    async def _read_body(self, *, limit: int) -> bytes | None:
        """Reads the rest of a request; None when it is larger than allowed."""
        body = bytearray()
        while isinstance(part := await self._next_event(seconds=self._timeouts.request_seconds), h11.Data):
            body += part.data
            if len(body) > limit:
                return None
        if not isinstance(part, h11.EndOfMessage):
            raise ConnectionError("the client left in the middle of a request")
        return bytes(body)

    async def _send(self, answer: Answer, *, close: bool = False) -> None:
        headers = [*answer.headers, ("Connection", "close")] if close else list(answer.headers)
        reason = answer.status.partition(" ")[2]
        events: tuple[h11.Event, ...] = (
            h11.Response(status_code=answer.code, headers=headers, reason=reason),
            h11.Data(data=answer.body),
            h11.EndOfMessage(),
        )
        data = b"".join(self._http.send(event) or b"" for event in events)
        async with asyncio.timeout(self._timeouts.idle_seconds):
            self._writer.write(data)
            await self._writer.drain()


def _origin_form(target: str) -> str:
    """Returns path and query of a target that may be a whole URL, as clients of proxies send it."""
    if target.startswith("/"):
        return target
    try:
        parts = urlsplit(target) if "://" in target else urlsplit("")
    except ValueError:
        return "/"
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
