"""HTTP/1.1 requests parsed from a stream of bytes by llhttp, Node's parser, through httptools.

llhttp is strict where requests could be smuggled (two lengths, a length beside chunks, bare line feeds), and is written
in C: a pure Python parser takes longer than the answer.
"""

from __future__ import annotations

from collections import deque
from dataclasses import field

import httptools

from emulator.kernel.records import dataclass
from emulator.network.listener.connection import MAX_HEAD_BYTES


class NotHttp(Exception):
    """The bytes are not HTTP; ``status`` is the server's answer to that."""

    def __init__(self, problem: str, *, status: int = 400) -> None:
        super().__init__(problem)
        self.status = status


@dataclass(slots=True)
class HttpRequest:
    """One request as it was received.

    Args:
        method: Method in capitals.
        target: Path and query, or a whole URL, as sent.
        headers: Headers in their order.
        body: The part of the body that has arrived.
        announced: Length in Content-Length; 0 for chunks.
        waits: Whether the client waits for 100 Continue.
        goes_on: Whether the connection stays open afterwards.
        is_whole: Whether the whole request has arrived.
        keeps_body: Whether the arriving body is kept.
    """

    method: str = ""
    target: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    announced: int = 0
    waits: bool = False
    goes_on: bool = True
    is_whole: bool = False
    keeps_body: bool = True


class RequestReader:
    """Turns bytes into requests: a request is available once its head has arrived, and is filled by later bytes."""

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._requests: deque[HttpRequest] = deque()
        self._coming = HttpRequest()
        self._target = bytearray()
        self._head_bytes = 0
        self._head_characters = 0
        self._is_in_head = self._is_too_long = False

    @property
    def has_begun(self) -> bool:
        """Whether a part of the next request's head has arrived."""
        return self._is_in_head or self._head_bytes > 0

    def take(self, data: bytes) -> None:
        """Parses bytes from a client.

        Raises:
            NotHttp: they are not HTTP/1, or a head is longer than allowed.
        """
        self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._coming.goes_on = False  # an offer to upgrade is ignored, as servers may do
        except httptools.HttpParserError as error:
            raise NotHttp(f"this is not HTTP: {str(error) or type(error).__name__}") from None
        if self._head_bytes > MAX_HEAD_BYTES or self._is_too_long:
            raise NotHttp(f"the head of a request may have {MAX_HEAD_BYTES:,} bytes, and this one has more", status=431)

    def next(self) -> HttpRequest | None:
        """Returns the next request whose head has arrived, and removes it."""
        return self._requests.popleft() if self._requests else None

    # --- what the parser calls -----------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Begins a request."""
        self._coming = HttpRequest()
        self._target.clear()
        self._is_in_head = True
        self._head_characters = 0

    def on_url(self, url: bytes) -> None:
        """Adds to the target."""
        self._target += url
        self._head_characters += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Adds a header."""
        text = value.decode("latin-1")
        self._head_characters += len(name) + len(value) + 4  # with its colon, blank and line break
        self._coming.headers.append((name.decode("latin-1"), text))
        lower = name.lower()
        if lower == b"content-length":
            self._coming.announced = int(text)
        elif lower == b"expect":
            self._coming.waits = text.lower() == "100-continue"

    def on_headers_complete(self) -> None:
        """Makes the request available; its body may still be arriving."""
        # Only known now for a head that arrived together with what preceded it.
        self._is_too_long = self._is_too_long or self._head_characters > MAX_HEAD_BYTES
        self._head_bytes = 0
        self._is_in_head = False
        self._coming.method = self._parser.get_method().decode("latin-1")
        self._coming.target = self._target.decode("latin-1")
        self._coming.goes_on = self._parser.should_keep_alive() and self._parser.get_http_version() == "1.1"
        self._requests.append(self._coming)

    def on_body(self, body: bytes) -> None:
        """Adds to the body."""
        self._head_bytes = 0
        if self._coming.keeps_body:
            self._coming.body += body

    def on_message_complete(self) -> None:
        """Ends a request."""
        self._head_bytes = 0
        self._coming.is_whole = True
