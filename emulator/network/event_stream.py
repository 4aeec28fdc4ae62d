"""A stream of events for any number of listeners, such as a browser's EventSource.

A site that is asked for a stream subscribes and passes the subscription on in the WSGI environ; the connection then
sends what is published until one side ends it. A listener that reads too slowly loses the oldest events and is
notified; nothing waits for it.

Spec: HTML Living Standard, "Server-sent events"
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from emulator.network.wsgi import Environ

TAKER_KEY: Final = "fedemu.event_stream"
KEEP_ALIVE: Final = b": still here\n\n"
LOST: Final = "lost"
_MOST_WAITING = 500
_MOST_BYTES_WAITING = 1_000_000
MOST_SUBSCRIPTIONS = 50


class TooManyListeners(Exception):
    """There are too many listeners to add another one."""


def _nobody() -> None:
    """Does nothing: the wake function before one is set."""


class Subscription:
    """The events that one listener has not read yet.

    Args:
        leave: Removes this listener from the list.
    """

    def __init__(self, leave: Callable[[Subscription], None]) -> None:
        self._leave = leave
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._lost = 0
        self._wake: Callable[[], None] = _nobody

    def wake_with(self, wake: Callable[[], None]) -> None:
        """Has ``wake`` called, from any thread, whenever there is something to take."""
        with self._lock:
            self._wake = wake
            is_waiting = bool(self._waiting)
        if is_waiting:
            wake()

    def put(self, event: bytes) -> None:
        """Adds an event; when too many wait, the oldest is dropped."""
        with self._lock:
            self._waiting.append(event)
            self._bytes += len(event)
            while len(self._waiting) > _MOST_WAITING or self._bytes > _MOST_BYTES_WAITING:
                self._bytes -= len(self._waiting.popleft())
                self._lost += 1
            wake = self._wake
        wake()

    def take(self) -> bytes:
        """Returns the waiting events, ready to send; preceded by how many were lost, if any."""
        with self._lock:
            events, lost = list(self._waiting), self._lost
            self._waiting.clear()
            self._lost = self._bytes = 0
        return b"".join([*([event_bytes(LOST, {"events": lost})] if lost else []), *events])

    def close(self) -> None:
        """Ends the subscription: it gets no further events."""
        with self._lock:
            self._wake = _nobody
        self._leave(self)


class EventStream:
    """Sends events to every listener."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscriptions: list[Subscription] = []

    @property
    def has_listeners(self) -> bool:
        """Whether anybody listens; otherwise events need not be made."""
        return bool(self._subscriptions)

    def publish(self, name: str, data: Mapping[str, Any]) -> None:
        """Sends an event to every listener.

        Args:
            name: Kind of event.
            data: JSON data of the event.
        """
        with self._lock:
            subscriptions = list(self._subscriptions)
        if not subscriptions:
            return
        event = event_bytes(name, data)
        for subscription in subscriptions:
            subscription.put(event)

    def subscribe(self) -> Subscription:
        """Adds a listener and returns its subscription.

        Raises:
            TooManyListeners: the maximum number of listeners is reached.
        """
        with self._lock:
            if len(self._subscriptions) >= MOST_SUBSCRIPTIONS:
                raise TooManyListeners
            subscription = Subscription(self._unsubscribe)
            self._subscriptions.append(subscription)
        return subscription

    def hand_over(self, environ: Environ) -> bool:
        """Has the connection of a request send the events; returns whether the connection can.

        Raises:
            TooManyListeners: the maximum number of listeners is reached.
        """
        take: Callable[[Subscription], None] | None = environ.get(TAKER_KEY)
        if take is None:
            return False
        take(self.subscribe())
        return True

    def _unsubscribe(self, subscription: Subscription) -> None:
        with self._lock:
            if subscription in self._subscriptions:
                self._subscriptions.remove(subscription)


def event_bytes(name: str, data: Mapping[str, Any]) -> bytes:
    """Returns an event ready to send: its name, and JSON on one line."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode("utf-8", "replace")
