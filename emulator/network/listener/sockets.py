"""Bytes on accepted sockets: peeking, reading a head, TLS, refusing with an answer, and copying both ways."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import struct

from emulator.kernel.records import dataclass
from emulator.network.wsgi import Answer

CHUNK = 64 * 1024
MAX_HEAD_BYTES = 64 * 1024
_END_OF_HEAD = b"\r\n\r\n"
_LINGER_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a client may be silent before it is dropped.

    Args:
        idle_seconds: Between two requests, and before the first byte.
        request_seconds: Until the head of a request has arrived, and between two parts of its body.
        body_seconds: Until a body has arrived.
        handshake_seconds: Within a TLS handshake, and until an allowed host answers.
        keep_alive_seconds: Between two keep-alive comments in a stream of events.
    """

    idle_seconds: float = 30
    request_seconds: float = 10
    handshake_seconds: float = 10
    keep_alive_seconds: float = 15
    body_seconds: float = 60


DEFAULT_TIMEOUTS = Timeouts()


class HeadTooLarge(Exception):
    """A request's head is longer than ``MAX_HEAD_BYTES``."""


async def peek(connection: socket.socket) -> bytes:
    """Returns the first byte that a client sends, without consuming it; empty when the client leaves."""
    while True:
        with contextlib.suppress(BlockingIOError):
            return connection.recv(1, socket.MSG_PEEK)
        await _readable(connection)


async def _readable(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(connection, _settle, ready)
    try:
        await ready
    finally:
        loop.remove_reader(connection)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def read_head(connection: socket.socket) -> bytes:
    """Returns a request up to the empty line after its headers; empty when the client leaves before.

    Raises:
        HeadTooLarge: the head has not ended after ``MAX_HEAD_BYTES``.
    """
    loop, head = asyncio.get_running_loop(), b""
    while not head.endswith(_END_OF_HEAD):
        await _readable(connection)
        try:
            # What follows the head, such as the first message of a TLS handshake, stays unread for TLS.
            coming = connection.recv(CHUNK, socket.MSG_PEEK)
        except BlockingIOError:
            continue
        if not coming:
            return b""
        end = (head + coming).find(_END_OF_HEAD)
        length = len(coming) if end < 0 else end + len(_END_OF_HEAD) - len(head)
        head += await loop.sock_recv(connection, length)
        if len(head) > MAX_HEAD_BYTES:
            raise HeadTooLarge
    return head


async def answer_and_close(connection: socket.socket, answer: Answer, *, timeouts: Timeouts) -> None:
    """Sends an answer and closes. What the client still sends is read first, or it would see a reset and no answer."""
    loop = asyncio.get_running_loop()
    lines = [
        f"HTTP/1.1 {answer.status}",
        *(f"{name}: {value}" for name, value in answer.headers),
        "Connection: close",
    ]
    head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
    async with asyncio.timeout(timeouts.request_seconds):
        await loop.sock_sendall(connection, head + answer.body)
    connection.shutdown(socket.SHUT_WR)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            while await loop.sock_recv(connection, CHUNK):
                pass


async def open_streams(
    connection: socket.socket, *, timeouts: Timeouts, tls: ssl.SSLContext | None = None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Makes streams from an accepted socket, after a TLS handshake if there are settings for one."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.connect_accepted_socket(
        lambda: protocol, connection, ssl=tls, ssl_handshake_timeout=timeouts.handshake_seconds if tls else None
    )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


def reset(writer: asyncio.StreamWriter) -> None:
    """Resets a connection: the client sees an error instead of an end, whatever it has been sent before.

    Spec: RFC 9293 §3.5.3; POSIX SO_LINGER
    """
    at_once = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    writer.transport.abort()


async def close_streams(writer: asyncio.StreamWriter) -> None:
    """Closes a connection without waiting any longer for a client that does not answer TLS's close_notify."""
    writer.close()
    try:
        async with asyncio.timeout(_LINGER_SECONDS):
            await writer.wait_closed()
    except (OSError, ssl.SSLError, TimeoutError):
        pass
    finally:
        writer.transport.abort()


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def copy_both_ways(near: Streams, far: Streams, *, timeouts: Timeouts) -> None:
    """Copies what each side sends to the other, until both have ended or one is gone.

    A side that has sent everything may still get an answer, so only its own direction ends. The wait for an answer that
    stops arriving is bounded.
    """
    ways = [asyncio.ensure_future(_copy(near[0], far[1])), asyncio.ensure_future(_copy(far[0], near[1]))]
    try:
        done, others = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        if others and not any(each.exception() for each in done):
            await asyncio.wait(others, timeout=timeouts.idle_seconds)
    finally:
        for _, writer in (near, far):
            writer.close()
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Writes everything that is read, until the end, and then ends that direction."""
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
