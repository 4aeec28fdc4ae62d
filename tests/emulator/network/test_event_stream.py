"""Events over a connection that stays open: sent at once, bounded, and over when one side leaves."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from emulator.federation import Federation
from emulator.network.event_stream import KEEP_ALIVE, EventStream, TooManyListeners
from emulator.network.listener.connection import DEFAULT_TIMEOUTS, Timeouts
from emulator.network.listener.server import Server
from emulator.network.wsgi import Environ, StartResponse, call, make_environ

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


class Site:
    """Answers every request with a stream, where the connection can carry one."""

    def __init__(self) -> None:
        self.stream = EventStream()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answers."""
        is_taken = self.stream.hand_over(environ)
        start_response("200 OK" if is_taken else "501 Not Implemented", [("Content-Type", "text/event-stream")])
        return []


@contextmanager
def listening(
    federation: Federation, site: Site, *, timeouts: Timeouts = DEFAULT_TIMEOUTS
) -> Iterator[tuple[socket.socket, bytes]]:
    """Opens a stream; gives the connection and what came behind the head."""
    federation.gateway.mount_control_site(site)
    with (
        Server(federation.gateway, timeouts=timeouts) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection,
    ):
        connection.sendall(f"GET /fedemu/events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        yield connection, receive(connection, len(HEAD))


def receive(connection: socket.socket, count: int) -> bytes:
    """Returns so many bytes of what a connection brings."""
    data = b""
    while len(data) < count:
        chunk = connection.recv(count - len(data))
        if not chunk:
            break
        data += chunk
    return data


def test_an_event_is_told_to_who_listens(federation: Federation) -> None:
    """The head has no length, and each event comes as its name and one line of JSON."""
    site = Site()
    with listening(federation, site) as (connection, head):
        assert head == HEAD
        site.stream.publish("login", {"number": 1, "user": "花子\nevent: forged"})
        expected = 'event: login\ndata: {"number": 1, "user": "花子\\nevent: forged"}\n\n'.encode()
        assert receive(connection, len(expected)) == expected
        site.stream.publish("login", {"number": 2})
        second = b'event: login\ndata: {"number": 2}\n\n'
        assert receive(connection, len(second)) == second


def test_the_workbenchs_stream_has_no_length(server: Server) -> None:
    """With a length of 0, as its site gives an empty answer, a browser would read no event."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(f"GET /fedemu/events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += receive(connection, 1)
    assert head.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
    assert b"content-length" not in head.lower()


def test_a_silent_stream_shows_signs_of_life(federation: Federation) -> None:
    """A comment, which no listener sees, keeps proxies from ending the connection."""
    with listening(federation, Site(), timeouts=Timeouts(keep_alive_seconds=0.01)) as (connection, _):
        assert receive(connection, 2 * len(KEEP_ALIVE)) == 2 * KEEP_ALIVE


def test_a_listener_that_leaves_is_forgotten(federation: Federation) -> None:
    """Its place is another one's."""
    site = Site()
    with listening(federation, site, timeouts=Timeouts(keep_alive_seconds=0.01)) as (connection, _):
        assert site.stream.has_listeners
        connection.shutdown(socket.SHUT_WR)
        assert b"event" not in b"".join(iter(lambda: connection.recv(65536), b""))
        assert not site.stream.has_listeners


def test_a_server_that_stops_ends_its_streams(federation: Federation) -> None:
    """Whoever publishes afterwards meets no closed loop."""
    site = Site()
    with listening(federation, site) as (connection, _):
        kept = connection.dup()
    with kept:
        assert kept.recv(10) == b""
    assert not site.stream.has_listeners
    site.stream.publish("login", {"number": 1})


def test_a_listener_that_does_not_read_loses_the_oldest() -> None:
    """It learns how many it missed."""
    stream = EventStream()
    subscription = stream.subscribe()
    for number in range(503):
        stream.publish("login", {"number": number})
    lost, first, *_ = subscription.take().decode().split("\n\n")
    assert lost == 'event: lost\ndata: {"events": 3}'
    assert first == 'event: login\ndata: {"number": 3}'
    assert subscription.take() == b""


def test_what_waits_for_a_listener_is_bounded_in_bytes() -> None:
    """Events have addresses, and those may be long."""
    stream = EventStream()
    subscription = stream.subscribe()
    for number in range(30):
        stream.publish("exchange", {"number": number, "url": "x" * 60_000})
    told = subscription.take().decode()
    assert told.startswith('event: lost\ndata: {"events": 14}\n\nevent: exchange\ndata: {"number": 14,')
    assert len(told) < 1_000_100
    stream.publish("exchange", {"number": 30})
    assert subscription.take() == b'event: exchange\ndata: {"number": 30}\n\n'


def test_listeners_are_bounded_and_leave_their_places() -> None:
    """The fifty-first is not taken until one leaves."""
    stream = EventStream()
    subscriptions = [stream.subscribe() for _ in range(50)]
    with pytest.raises(TooManyListeners):
        stream.subscribe()
    subscriptions[0].close()
    assert stream.subscribe() is not None


def test_a_request_without_a_connection_gets_no_stream() -> None:
    """The browser in this process could not read it."""
    site = Site()
    answer = call(site, make_environ("GET", "/fedemu/events", [], b"", scheme="http"))
    assert answer.code == 501
    assert not site.stream.has_listeners


def test_a_stream_that_is_looked_at_has_a_head_and_no_events(federation: Federation) -> None:
    """HEAD takes no listener's place."""
    site = Site()
    federation.gateway.mount_control_site(site)
    with Server(federation.gateway) as server, socket.create_connection(("127.0.0.1", server.port), timeout=30) as own:
        request = f"HEAD /fedemu/events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n"
        own.sendall(request.encode())
        assert b"".join(iter(lambda: own.recv(65536), b"")).startswith(b"HTTP/1.1 200 OK\r\n")
        assert not site.stream.has_listeners
