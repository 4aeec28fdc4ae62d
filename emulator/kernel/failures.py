"""Exceptions that nobody expected while a request was answered or an event delivered.

A client sees a 500 of them, or nothing. Whoever runs the emulator, such as a test, may hear of them with their
tracebacks. A refusal is none: it is an answer.

This module is part of the kernel: standard library only, importable by every package.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

FAILURE_KEY = "fedemu.failure"
"""What a request's WSGI environment has a function under that takes an exception."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception that nobody expected.

    Args:
        during: What was being done, such as ``answering POST https://signin.aws.amazon.com/saml``.
        error: The exception with its traceback.
    """

    during: str
    error: BaseException


class Failures:
    """Tells whoever listens of the failures of one federation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Callable[[Failure], None], ...] = ()

    def listen(self, listener: Callable[[Failure], None]) -> None:
        """Has ``listener`` called with every failure from now on; the same exception may come more than once."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def forget(self, listener: Callable[[Failure], None]) -> None:
        """Calls ``listener`` no more."""
        with self._lock:
            self._listeners = tuple(each for each in self._listeners if each != listener)

    def tell(self, during: str, error: BaseException) -> bool:
        """Tells of a failure and returns whether anybody listened."""
        listeners = self._listeners
        for listener in listeners:
            listener(Failure(during, error))
        return bool(listeners)


def failed(environ: MutableMapping[str, Any], error: BaseException) -> None:
    """Tells of an exception in the request at hand, where somebody wants to know."""
    tell = environ.get(FAILURE_KEY)
    if tell is not None:
        tell(error)
