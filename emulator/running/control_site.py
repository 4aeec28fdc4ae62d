"""The emulator's own pages on the bare address.

GET /               on the bare address: where to begin, who can sign in, what happened last
GET /fedemu/state   the state of everything, as JSON
PUT /fedemu/state   puts a state in the place of the present one
GET /fedemu/outbox  the SMS that the Okta orgs sent, as JSON
GET /fedemu/clock   what time it is for every service
PUT /fedemu/clock   moves the time: a length such as 13h, to see what ends
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from emulator.kernel.clock import instant, parse_span
from emulator.kernel.errors import StateError
from emulator.kernel.trace_notes import TraceNote, record
from emulator.network.gateway import CLOCK_PATH, OUTBOX_PATH, STATE_PATH
from emulator.network.wsgi import WsgiApp

if TYPE_CHECKING:
    import jinja2

    from emulator.federation import Federation

_YEARS = range(2000, 2100)


@cache
def _templates() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("emulator.workbench"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


def control_site(federation: Federation) -> WsgiApp:
    """Builds the control page of a federation."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == STATE_PATH:
            return _state(federation, environ, start_response)
        if environ.get("PATH_INFO") == CLOCK_PATH:
            return _clock(federation, environ, start_response)
        if environ.get("PATH_INFO") == OUTBOX_PATH:
            return _outbox(federation, environ, start_response)
        if environ.get("PATH_INFO", "/") not in {"", "/"} or environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
            text = (
                "fedemu: this request belongs to no emulated service. This address answers Okta paths (/app/, /home/,\n"
                "/login/), AWS sign-in (/saml), STS and IAM (Action=); GET / is the control page.\n"
            )
            return _answer(start_response, "404 Not Found", text, kind="text/plain")
        page = (
            _templates()
            .get_template("control.html")
            .render(
                providers=federation.identity_providers.values(),
                messages=[each for p in federation.identity_providers.values() for each in p.authentication.outbox],
                instances=federation.aws_services.aws.instances,
                exchanges=list(reversed(federation.gateway.exchanges))[:30],
                world=federation.world.document.file,
            )
        )
        return _answer(start_response, "200 OK", page)

    return app


def _is_for_another_page(environ: dict[str, Any]) -> bool:
    """Tells whether a browser asks for a page's script, or for a page of another site."""
    return bool(environ.get("HTTP_ORIGIN")) or environ.get("HTTP_SEC_FETCH_SITE", "none") not in {"none", "same-origin"}


def _state(federation: Federation, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Gives the state, or takes another one. A page of another site that a browser shows gets neither."""
    from emulator.running.state import dump_state, load_state

    method = environ.get("REQUEST_METHOD")
    if _is_for_another_page(environ):
        return _answer(start_response, "403 Forbidden", "fedemu: the state is not for web pages.\n", kind="text/plain")
    if method in {"GET", "HEAD"}:
        return _answer(start_response, "200 OK", dump_state(federation), kind="application/json")
    if method != "PUT":
        return _answer(
            start_response, "405 Method Not Allowed", "fedemu: the state answers GET and PUT.\n", kind="text/plain"
        )
    try:
        load_state(federation, environ["wsgi.input"].read(), source="the request's body")
    except StateError as error:
        return _answer(start_response, "400 Bad Request", f"fedemu: {error.message}\n", kind="text/plain")
    record(environ, TraceNote("fedemu", "the state was replaced"))
    return _answer(start_response, "200 OK", dump_state(federation), kind="application/json")


def _outbox(federation: Federation, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Lists the messages whose codes are still good. A page of another site that a browser shows gets none."""
    if _is_for_another_page(environ):
        return _answer(start_response, "403 Forbidden", "fedemu: the outbox is not for web pages.\n", kind="text/plain")
    sent = [
        {"org": name, "to": each.phone, "text": each.text, "at": instant(each.sent_at)}
        for name, provider in federation.identity_providers.items()
        for each in provider.authentication.outbox
    ]
    return _answer(start_response, "200 OK", json.dumps(sent, indent=1) + "\n", kind="application/json")


def _clock(federation: Federation, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Tells the time, or moves it for every service; what has ended stays ended. Not for pages of another site."""
    method = environ.get("REQUEST_METHOD")
    if _is_for_another_page(environ):
        return _answer(start_response, "403 Forbidden", "fedemu: the clock is not for web pages.\n", kind="text/plain")
    if method == "PUT":
        text = environ["wsgi.input"].read(100).decode("utf-8", "replace").strip()
        try:
            delta = parse_span(text)
            year = (federation.clock.now() + delta).year
        except (ValueError, OverflowError) as error:
            return _answer(start_response, "400 Bad Request", f"fedemu: {error}\n", kind="text/plain")
        if year not in _YEARS:
            words = f"fedemu: the clock goes from {_YEARS[0]} to {_YEARS[-1]}\n"
            return _answer(start_response, "400 Bad Request", words, kind="text/plain")
        federation.clock.advance(delta)
        record(environ, TraceNote("fedemu", f"the clock was moved by {text}"))
    elif method not in {"GET", "HEAD"}:
        words = "fedemu: the clock answers GET and PUT.\n"
        return _answer(start_response, "405 Method Not Allowed", words, kind="text/plain")
    now = json.dumps({"now": instant(federation.clock.now())})
    return _answer(start_response, "200 OK", now + "\n", kind="application/json")


def _answer(start_response: Callable[..., Any], status: str, text: str, *, kind: str = "text/html") -> Iterable[bytes]:
    data = text.encode()
    start_response(
        status,
        [
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(data))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )
    return [data]
