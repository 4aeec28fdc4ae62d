"""A client's connection, plain or in TLS: every read and every write ends in time, or when the server stops."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import struct
import threading
from time import monotonic

from emulator.kernel.records import dataclass
from emulator.network.listener.tls import Tls

CHUNK = 64 * 1024
MAX_HEAD_BYTES = 64 * 1024
_END_OF_HEAD = b"\r\n\r\n"
_LINGER_SECONDS = 1.0
_MOST_BYTES_PASSED_OVER = 200_000_000
_PATIENCE_SECONDS = 2.0


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


class Deadline:
    """A moment after which nothing more is waited for.

    Args:
        seconds: Time from now until then.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        """The time until then; 0 when it is over."""
        return max(0.0, self._ends - monotonic())


class Connection:
    """One accepted connection, which one thread reads and writes; another one may end it.

    What takes longer than allowed raises ``TimeoutError``. Where the client is gone, or the server stops, reading
    returns nothing or raises another ``OSError``, as writing does.

    Args:
        accepted: Socket of the connection.
    """

    def __init__(self, accepted: socket.socket) -> None:
        self._socket = accepted
        self._tls: Tls | None = None
        self._ended = threading.Event()
        self._seconds = 0.0

    def fileno(self) -> int:
        """Returns the file descriptor, for a selector."""
        return self._socket.fileno()

    def send_at_once(self) -> None:
        """Has small parts sent without waiting for others."""
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def begin_tls(self, settings: ssl.SSLContext, *, seconds: float) -> None:
        """Makes a TLS handshake, as the server.

        Raises:
            SSLError: the client sends something else, or asks for a host that is not served.
        """
        tls, deadline = Tls(settings), Deadline(seconds)
        try:
            while tls.needs_more_to_shake_hands():
                self._send_plain(tls.to_send(), seconds=deadline.seconds_left)
                data = self._receive_plain(seconds=deadline.seconds_left)
                if not data:
                    raise ConnectionAbortedError("the client left in the middle of a handshake")
                tls.take(data)
        finally:
            self._send_plain(tls.to_send(), seconds=seconds)  # an alert, too
        self._tls = tls

    def peek(self, *, seconds: float) -> bytes:
        """Returns the first byte that the client sends, without consuming it; empty when the client leaves."""
        self._wait_at_most(seconds)
        return self._socket.recv(1, socket.MSG_PEEK)

    def read_head(self, *, seconds: float) -> bytes:
        """Returns a request up to the empty line after its headers; empty when the client leaves before.

        What follows the head, such as the first message of a TLS handshake, stays unread.

        Raises:
            HeadTooLarge: the head has not ended after ``MAX_HEAD_BYTES``.
        """
        head, deadline = b"", Deadline(seconds)
        while not head.endswith(_END_OF_HEAD):
            self._wait_at_most(deadline.seconds_left)
            coming = self._socket.recv(CHUNK, socket.MSG_PEEK)
            if not coming:
                return b""
            end = (head + coming).find(_END_OF_HEAD)
            length = len(coming) if end < 0 else end + len(_END_OF_HEAD) - len(head)
            head += self._socket.recv(length)
            if len(head) > MAX_HEAD_BYTES:
                raise HeadTooLarge
        return head

    def receive(self, *, seconds: float) -> bytes:
        """Returns what comes next; empty when the client sends nothing more."""
        if self._tls is None:
            return self._receive_plain(seconds=seconds)
        deadline: Deadline | None = None
        while (data := self._tls.read()) is None:
            left = seconds if deadline is None else deadline.seconds_left
            deadline = deadline or Deadline(seconds)
            self._send_plain(self._tls.to_send(), seconds=left)  # such as new keys
            coming = self._receive_plain(seconds=left)
            if not coming:
                return b""
            self._tls.take(coming)
        return data

    def send(self, data: bytes, *, seconds: float) -> None:
        """Sends everything."""
        if self._tls is not None:
            self._tls.write(data)
            data = self._tls.to_send()
        self._send_plain(data, seconds=seconds)

    def copy_to(self, other: Connection) -> None:
        """Sends everything that comes to another connection, however long that takes, and ends that direction."""
        while data := self._socket.recv(CHUNK):
            other._socket.sendall(data)
        self.pause(0)
        other.end_sending()

    def wait_without_limit(self) -> None:
        """Has reading and writing take as long as they take, for two threads that do one of them each."""
        self._seconds = 0.0
        self._socket.settimeout(None)

    def end_sending(self) -> None:
        """Ends the client's reading; TLS has no half of a connection to end."""
        if self._tls is None:
            self._socket.shutdown(socket.SHUT_WR)

    def pass_over(self, *, seconds: float) -> None:
        """Reads and drops what the client still sends.

        A socket that is closed with unread data resets the connection, and a client that sends everything first, as
        Python's does, would not look for the answer after a reset.

        Args:
            seconds: Time for all of it.

        Spec: RFC 9112 §9.6
        """
        deadline, left = Deadline(seconds), _MOST_BYTES_PASSED_OVER
        with contextlib.suppress(OSError):
            while left > 0 and (data := self.receive(seconds=min(_PATIENCE_SECONDS, deadline.seconds_left))):
                left -= len(data)

    def pause(self, seconds: float) -> None:
        """Waits, but not longer than the server serves.

        Raises:
            ConnectionAbortedError: the server stops.
        """
        if self._ended.is_set() or (seconds > 0 and self._ended.wait(seconds)):
            raise ConnectionAbortedError("the server stops")

    def end(self) -> None:
        """Ends the connection for whoever reads or writes it; called from another thread."""
        self._ended.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Resets the connection: the client sees an error instead of an end, whatever it has been sent before.

        Spec: RFC 9293 §3.5.3; POSIX SO_LINGER
        """
        at_once = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self._socket.close()

    def close(self) -> None:
        """Closes the connection; in TLS with a close_notify, whose answer is waited for only briefly."""
        with contextlib.suppress(OSError):
            if self._tls is not None:
                self._tls.end()
                self._send_plain(self._tls.to_send(), seconds=_LINGER_SECONDS)
                self._receive_plain(seconds=_LINGER_SECONDS)
        self._socket.close()

    def _receive_plain(self, *, seconds: float) -> bytes:
        self._wait_at_most(seconds)
        return self._socket.recv(CHUNK)

    def _send_plain(self, data: bytes, *, seconds: float) -> None:
        if data:
            self._wait_at_most(seconds)
            self._socket.sendall(data)

    def _wait_at_most(self, seconds: float) -> None:
        if seconds <= 0:
            raise TimeoutError
        if seconds != self._seconds:  # setting it is a system call
            self._seconds = seconds
            self._socket.settimeout(seconds)
