"""Digests of a client's cookies, by which its requests are found and which nobody can use as cookies."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.kernel.trace_notes import handle_of
from emulator.network.wsgi import Headers

_MAX_COOKIES = 50
_SHORTEST_SECRET = 16


def cookies_in(header: str) -> tuple[str, ...]:
    """Returns the digests of the cookie values that a browser sent."""
    if not header:
        return ()
    values = (pair.partition("=")[2].strip().strip('"') for pair in header.split(";")[:_MAX_COOKIES])
    return tuple(handle_of(value) for value in values if len(value) >= _SHORTEST_SECRET)


def cookies_set(headers: Headers) -> Iterator[str]:
    """Yields the digests of cookies that are set as HttpOnly: these are sessions, and so belong to one browser."""
    for name, header in headers:
        if name.lower() != "set-cookie":
            continue
        cookie, _, attributes = header.partition(";")
        if "httponly" in attributes.lower():
            value = cookie.partition("=")[2].strip().strip('"')
            if len(value) >= _SHORTEST_SECRET:
                yield handle_of(value)
