"""Exceptions inside Flask sites, which Flask turns into a page, reported through the request's environment."""

from __future__ import annotations

from functools import cache
from typing import Any

from emulator.kernel.failures import failed


@cache
def watch_sites() -> None:
    """Has every Flask site of this process report unexpected exceptions, through the environment of the request."""
    from flask.signals import got_request_exception  # a process with a site has imported Flask

    # Not weakly: blinker would clean up when Python has already taken its modules away, and print a mistake.
    got_request_exception.connect(_caught, weak=False)


def _caught(_site: Any, *, exception: BaseException, **_: Any) -> None:
    from flask import request

    failed(request.environ, exception)
