"""TLS as the server's side of it, over bytes that somebody else moves.

The ssl module's own sockets would replace the socket in the middle of a connection, where another thread may be ending
it.
"""

from __future__ import annotations

import contextlib
import ssl

_CHUNK = 64 * 1024


class Tls:
    """One TLS session.

    Args:
        settings: The server's settings, with its certificates.
    """

    def __init__(self, settings: ssl.SSLContext) -> None:
        self._coming, self._going = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = settings.wrap_bio(self._coming, self._going, server_side=True)

    def take(self, data: bytes) -> None:
        """Takes bytes that the client has sent."""
        self._coming.write(data)

    def to_send(self) -> bytes:
        """Returns the bytes that have to be sent to the client now."""
        return self._going.read()

    def needs_more_to_shake_hands(self) -> bool:
        """Goes on with the handshake; returns whether more bytes of the client are needed.

        Raises:
            SSLError: the client sends something else, or asks for a host that is not served.
        """
        try:
            self._session.do_handshake()
        except ssl.SSLWantReadError:
            return True
        return False

    def read(self) -> bytes | None:
        """Returns what the client said; empty when it has ended the session, None when more bytes are needed."""
        if not self._coming.pending and not self._session.pending():
            return None
        try:
            return self._session.read(_CHUNK)
        except ssl.SSLWantReadError:
            return None

    def write(self, data: bytes) -> None:
        """Encrypts what is said to the client."""
        self._session.write(data)

    def end(self) -> None:
        """Ends the session with a close_notify.

        Raises:
            SSLError: a part of the session has failed before.
        """
        with contextlib.suppress(ssl.SSLWantReadError):
            self._session.unwrap()
