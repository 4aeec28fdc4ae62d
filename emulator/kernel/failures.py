"""Unexpected exceptions while a request is answered or an event delivered.

The client only sees a 500, or nothing. The program that runs the emulator, such as a test, can be notified, with the
traceback. A refusal does not count as a failure: it is an answer.

This module is part of the kernel: standard library only, importable by every package.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

FAILURE_KEY = "fedemu.failure"
"""Key in a request's WSGI environment of a function that takes an exception."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An unexpected exception.

    Args:
        during: What was being done, such as ``answering POST https://signin.aws.amazon.com/saml``.
        error: The exception with its traceback.
    """

    during: str
    error: BaseException


class Failures:
    """Notifies listeners of the failures of one federation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Callable[[Failure], None], ...] = ()

    def listen(self, listener: Callable[[Failure], None]) -> None:
        """Has ``listener`` called with every failure from now on; the same exception may be reported more than once."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def forget(self, listener: Callable[[Failure], None]) -> None:
        """Stops calling ``listener``."""
        with self._lock:
            self._listeners = tuple(each for each in self._listeners if each != listener)

    def tell(self, during: str, error: BaseException) -> bool:
        """Reports a failure and returns whether anybody listened."""
        listeners = self._listeners
        for listener in listeners:
            listener(Failure(during, error))
        return bool(listeners)


def failed(environ: MutableMapping[str, Any], error: BaseException) -> None:
    """Reports an exception in the current request, if anybody listens."""
    tell = environ.get(FAILURE_KEY)
    if tell is not None:
        tell(error)
