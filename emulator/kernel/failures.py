"""Unexpected exceptions while a request is answered or an event delivered.

A client sees an internal error with a request id. The program that runs the emulator, such as a test, can be notified,
with the traceback; if nobody listens, each failure is logged once, with the id. A refusal does not count as a failure:
it is an answer.

This module is part of the kernel: standard library only, importable by every package.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, MutableMapping
from traceback import format_exception
from typing import Any

from emulator.kernel.records import dataclass

FAILURE_KEY = "fedemu.failure"
"""Key in a request's WSGI environment of a function that takes the environment in which a site failed, and why."""
REQUEST_ID_KEY = "fedemu.request-id"
"""Where a service leaves the id that its answer carries; otherwise a failure's id is put there."""
RAISE_KEY = "fedemu.raise"
"""Where the code that routed a request leaves an exception, for the site to word the answer."""

_LOG = logging.getLogger("fedemu")
_MOST_CHARACTERS = 50_000
_ACTED_ON = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_HIDDEN = "(redacted)"


@dataclass(frozen=True, slots=True)
class Failure:
    """An unexpected exception.

    Args:
        during: What was being done, such as ``answering POST https://signin.aws.amazon.com/saml``.
        error: The exception with its traceback.
        request_id: The id in the answer that the client got; empty where there was no request.
        secrets: Secrets of the request that must not be written anywhere: passwords, tokens, cookies.
    """

    during: str
    error: BaseException
    request_id: str = ""
    secrets: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What happened and the traceback, for a log: without secrets, and without what a terminal would act on."""
        answered = f" (request id {self.request_id})" if self.request_id else ""
        trace = "".join(format_exception(self.error)).rstrip()
        if len(trace) > _MOST_CHARACTERS:
            half = _MOST_CHARACTERS // 2
            trace = f"{trace[:half]}\n… {len(trace) - 2 * half} characters …\n{trace[-half:]}"
        said = f"fedemu: an unexpected error while {self.during}{answered}\n{trace}"
        return _ACTED_ON.sub("\N{REPLACEMENT CHARACTER}", without_secrets(said, self.secrets))


def without_secrets(text: str, secrets: tuple[str, ...]) -> str:
    """Returns a text without the secrets in it, the longest first: one may be part of another."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return text


class Failures:
    """Notifies listeners of the failures of one federation, and logs a failure if nobody listens."""

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

    def tell(self, during: str, error: BaseException, *, request_id: str = "", secrets: tuple[str, ...] = ()) -> None:
        """Reports a failure."""
        failure = Failure(during, error, request_id, secrets)
        listeners = self._listeners
        for listener in listeners:
            try:
                listener(failure)
            except Exception as broken:  # noqa: BLE001  whoever cannot hear of one failure must not cause another
                _LOG.error("%s", Failure("telling a listener of a failure", broken).text)
                _LOG.error("%s", failure.text)
        if not listeners:
            _LOG.error("%s", failure.text)


def failed(environ: MutableMapping[str, Any], error: BaseException) -> None:
    """Reports an exception in the current request, if anybody listens."""
    tell = environ.get(FAILURE_KEY)
    if tell is not None:
        tell(environ, error)


def raise_left_error(environ: MutableMapping[str, Any]) -> None:
    """Raises the exception that was left in the current request, which then becomes the site's internal error."""
    error: BaseException | None = environ.pop(RAISE_KEY, None)
    if error is not None:
        raise error
