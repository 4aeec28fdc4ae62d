"""The cookies of the current request's browser: read, and set for HTTPS alone."""

from __future__ import annotations

import string
import time
from typing import Literal
from wsgiref.handlers import format_date_time

from werkzeug.wrappers import Response

from sp_mock.pages import flask_request

SameSite = Literal["None", "Lax", "Strict"]
_BLANKS = " \t"
_PLAIN = f"{string.ascii_letters}{string.digits}_%./-".encode()
# Far from the size about which Werkzeug warns.
_MAX_PLAIN = 2000


def cookie(name: str) -> str | None:
    """Returns a cookie that the browser sent, or None."""
    request = flask_request()
    header: str = request.environ.get("HTTP_COOKIE", "")
    if '"' in header or not header.isascii():
        return request.cookies.get(name)
    # Werkzeug would read every value character by character, and finds nothing else in a header without quotes.
    for each in header.split(";"):
        key, _, value = each.partition("=")
        value = value.strip(_BLANKS)
        if key.strip(_BLANKS) == name and not any(blank in value for blank in _BLANKS):
            return value
    return None


def set_cookie(
    response: Response,
    name: str,
    value: str,
    *,
    same_site: SameSite,
    domain: str | None = None,
    path: str = "/",
    max_age: int | None = None,
    http_only: bool = True,
) -> None:
    """Has the browser keep a cookie; the header is the one that Werkzeug writes, which takes five times as long.

    Args:
        domain: A host name in ASCII; None for the host that was asked.
        path: A path in which nothing has to be encoded.
        max_age: Seconds; None until the browser is closed.
        http_only: Whether scripts cannot read it.
    """
    if not value.isascii() or len(value) > _MAX_PLAIN or value.encode().translate(None, _PLAIN):
        response.set_cookie(
            name,
            value,
            domain=domain,
            path=path,
            max_age=max_age,
            secure=True,
            httponly=http_only,
            samesite=same_site,
        )
        return
    of_domain = f"; Domain={domain}" if domain else ""
    kept = ""
    if max_age is not None:
        end = time.time() + max_age  # noqa: TID251  # the browser compares it with its own clock
        kept = f"; Expires={format_date_time(end)}; Max-Age={max_age}"
    hidden = "; HttpOnly" if http_only else ""
    header = f"{name}={value}{of_domain}{kept}; Secure{hidden}; Path={path}; SameSite={same_site}"
    response.headers.add("Set-Cookie", header)
