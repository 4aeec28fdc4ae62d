"""The address by which a client reaches the org; links in answers use the same one."""

from __future__ import annotations

from emulator.kernel.trace_notes import ASKED_HOST_KEY, ASKED_SCHEME_KEY
from idp.request_context import flask_request


def asked_base() -> str:
    """Returns the scheme and authority that the client used: the org's real name, its alias, or the bare address."""
    request = flask_request()
    scheme = request.environ.get(ASKED_SCHEME_KEY, "https")
    asked = request.environ.get(ASKED_HOST_KEY) or request.host
    return f"{scheme}://{asked.removesuffix(':443') if scheme == 'https' else asked}"


def comes_from_another_site() -> bool:
    """Whether a form was posted from a page of another site, as far as the browser's headers say."""
    request = flask_request()
    origin = request.headers.get("Origin")
    asked = request.environ.get(ASKED_HOST_KEY, request.host)
    return origin is not None and origin.partition("://")[2] not in {request.host, asked}
