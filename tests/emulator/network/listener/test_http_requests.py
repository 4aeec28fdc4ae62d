"""Requests come out of bytes as they were sent, however they are cut; what could be smuggled is not read."""

from __future__ import annotations

import socket

import pytest

from emulator.network.listener.http_requests import NotHttp, RequestReader
from emulator.network.listener.server import Server

POST = b"POST /saml?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nX-Two: a\r\nX-Two: b\r\n\r\nabc"
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_request_is_the_same_however_it_is_cut(size: int) -> None:
    """Byte by byte or at once: method, target, headers in their order, body, length."""
    reader = RequestReader()
    for start in range(0, len(POST), size):
        reader.take(POST[start : start + size])
    request = reader.next()
    assert request is not None
    assert (request.method, request.target, bytes(request.body)) == ("POST", "/saml?x=1", b"abc")
    assert request.headers == [("Host", "a"), ("Content-Length", "3"), ("X-Two", "a"), ("X-Two", "b")]
    assert (request.announced, request.is_whole, request.goes_on, request.waits) == (3, True, True, False)
    assert reader.next() is None


def test_requests_that_come_together_are_read_in_turn() -> None:
    """Pipelining: each is whole, the last one may still be coming."""
    reader = RequestReader()
    reader.take(POST + GET + POST[:-1])
    first, second, third = reader.next(), reader.next(), reader.next()
    assert first is not None
    assert second is not None
    assert third is not None
    assert [first.is_whole, second.is_whole, third.is_whole] == [True, True, False]
    reader.take(b"c")
    assert (third.is_whole, bytes(third.body)) == (True, b"abc")


@pytest.mark.parametrize(
    ("head", "goes_on"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade-Insecure-Requests: 1\r\n\r\n", True),
    ],
)
def test_whether_the_connection_goes_on(head: bytes, goes_on: bool) -> None:
    """Not after close, not for HTTP/1.0, not where another protocol was offered."""
    reader = RequestReader()
    reader.take(head)
    request = reader.next()
    assert request is not None
    assert (request.is_whole, request.goes_on) == (True, goes_on)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\x00b\r\n\r\n",
        b"GET / HTTP/3.7\r\n\r\n",
    ],
)
def test_what_is_not_http_or_has_two_lengths_is_not_read(nonsense: bytes) -> None:
    """A request whose end two programs could see in two places is not one."""
    with pytest.raises(NotHttp) as caught:
        RequestReader().take(nonsense)
    assert caught.value.status == 400


def test_a_head_has_a_limit() -> None:
    """64 KiB; a body is not counted."""
    reader = RequestReader()
    reader.take(b"POST / HTTP/1.1\r\nContent-Length: 200000\r\n\r\n" + b"a" * 100_000)
    with pytest.raises(NotHttp) as caught:
        RequestReader().take(b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000)
    assert caught.value.status == 431


def test_answers_on_one_connection(server: Server) -> None:
    """HEAD has a length and no body, and what comes after it is answered on the same connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            b"HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + b"GET /x HTTP/1.1\r\nHost: nowhere.example\r\n\r\n"
        )
        received = b""
        while b"is not an emulated host" not in received:
            received += connection.recv(65536)
    first, _, rest = received.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Length: " in first
    assert rest.startswith(b"HTTP/1.1 404 Not Found\r\n")
