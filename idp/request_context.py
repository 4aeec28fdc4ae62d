"""The current request, for what every request reads of it: the environment that the org's services are bound to."""

from __future__ import annotations

from flask import Request, request


def flask_request() -> Request:
    """Returns the current request itself: Flask's ``request`` looks for it again whenever an attribute is read."""
    # Documented in Flask's "Notes on Proxies"; to type checkers the proxy is a request.
    current: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    return current
