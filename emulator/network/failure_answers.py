"""What a client is answered where the emulator itself has a mistake, and what of its request no log may have.

A site words its own internal errors. Where no site can, since the gateway failed or the site failed twice, the answer
is a plain one. Each carries the request id under which the log has the traceback.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl

from emulator.kernel.failures import RAISE_KEY, REQUEST_ID_KEY
from emulator.network.forms import form_of
from emulator.network.trace import SECRET_FIELDS, SECRET_HEADERS
from emulator.network.wsgi import Answer, Environ, WsgiApp, call, plain_answer

SITE_KEY = "fedemu.site"
"""Where the gateway leaves the site that a request was routed to."""
# Shorter values are found in words that have nothing to do with them.
_SHORTEST_SECRET = 4
_MOST_SECRETS = 100
_NEVER_LOGGED = SECRET_FIELDS | {"samlresponse", "samlassertion", "code", "assertion", "client_secret"}


def failure_answer(environ: Environ, error: BaseException) -> Answer:
    """Returns the answer to a request that failed outside of its site, in the site's own words if it still has any.

    Args:
        environ: The request's environment.
        error: What happened.
    """
    site: WsgiApp | None = environ.pop(SITE_KEY, None)
    if site is not None:
        try:
            return call(site, {**environ, RAISE_KEY: error})
        except Exception:  # noqa: BLE001  the site has failed again; the first error is in the log
            return _plain_failure(environ)
    return _plain_failure(environ)


def _plain_failure(environ: Environ) -> Answer:
    request_id = str(environ.get(REQUEST_ID_KEY, ""))
    text = f"Something went wrong in fedemu. Request ID: {request_id}. The log has its traceback under this ID."
    headers = {"X-Request-Id": request_id, "Cache-Control": "no-store"}
    if "text/html" not in environ.get("HTTP_ACCEPT", ""):
        return plain_answer("500 Internal Server Error", f"{text}\n", headers=headers)
    page = f"<!doctype html><title>Internal Server Error</title><h1>Internal Server Error</h1><p>{escape(text)}</p>\n"
    headers["Content-Type"] = "text/html; charset=utf-8"
    return plain_answer("500 Internal Server Error", page, headers=headers)


def secrets_of(environ: Environ) -> tuple[str, ...]:
    """Returns what of a request must not get into a log, should an exception quote it."""
    found = dict.fromkeys(value for value in _secrets(environ) if len(value) >= _SHORTEST_SECRET)
    return tuple(found)[:_MOST_SECRETS]


def _secrets(environ: Environ) -> Iterator[str]:
    for name in SECRET_HEADERS:
        value = environ.get(f"HTTP_{name.upper().replace('-', '_')}", "")
        yield value
        yield value.rpartition(" ")[2]
    with contextlib.suppress(CookieError):
        yield from (morsel.value for morsel in SimpleCookie(environ.get("HTTP_COOKIE", "")).values())
    body = environ["wsgi.input"].getvalue() if hasattr(environ.get("wsgi.input"), "getvalue") else b""
    for name, value in [*parse_qsl(environ.get("QUERY_STRING", "")), *form_of(environ, body)]:
        if name.lower() in _NEVER_LOGGED:
            yield value
    if body.lstrip()[:1] == b"{":
        with contextlib.suppress(ValueError, RecursionError):
            yield from _secrets_in(json.loads(body))


def _secrets_in(data: Any) -> Iterator[str]:
    if isinstance(data, Mapping):
        for name, value in data.items():
            if isinstance(value, str) and name.lower() in _NEVER_LOGGED:
                yield value
            else:
                yield from _secrets_in(value)
    elif isinstance(data, list):
        for each in data:
            yield from _secrets_in(each)
