"""The destination of a browser's requests: the gateway in this process, or one in another process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from emulator.network.hosts import Hosts
from emulator.network.wsgi import Environ, StartResponse


class Internet(Protocol):
    """The emulated part of the internet, as a WSGI application in front of every host.

    An exchange is passed to the function under ``RECORDER_KEY`` in the request's environment.
    """

    @property
    def hosts(self) -> Hosts:
        """The emulated hosts."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answers a request."""

    def wait_for_answer(self, environ: Environ) -> None:
        """Waits for as long as the answer to a request is delayed, unless that has happened already."""
