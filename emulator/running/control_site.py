"""The emulator's own pages on the bare address.

GET /                   where to begin, who can sign in, what happened last
GET /fedemu/state       the state of everything, as JSON
PUT /fedemu/state       puts a state in the place of the present one
GET /fedemu/people      everybody who has an app, with passwords and roles, as JSON
GET /fedemu/outbox      the SMS that the Okta orgs sent, as JSON
GET /fedemu/cloudtrail  what happened in the AWS accounts, as a log file of CloudTrail; ?account=123456789012
GET /fedemu/refusals    the last refusals, each explained, as JSON; ?after=NUMBER leaves out those up to that one,
                        ?fixes=wait answers when what would let them arrive has been tried
GET /fedemu/clock       what time it is for every service
PUT /fedemu/clock       moves the time: a length such as 13h, to see what ends
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from emulator.federation import Federation
from emulator.kernel.clock import instant, parse_span
from emulator.kernel.errors import StateError
from emulator.kernel.trace_notes import TraceNote, record
from emulator.network.gateway import (
    CLOCK_PATH,
    CLOUDTRAIL_PATH,
    NO_SERVICE,
    OUTBOX_PATH,
    PEOPLE_PATH,
    REFUSALS_PATH,
    STATE_PATH,
)
from emulator.network.wsgi import Environ, StartResponse, WsgiApp
from emulator.running.state import dump_state, load_state

if TYPE_CHECKING:
    import jinja2

    from emulator.diagnosis.diagnosis import Diagnosis
    from emulator.fixes.live import LiveFixes
    from emulator.network.trace import Exchange

_YEARS = range(2000, 2100)
_SHOWN_EXCHANGES = 30
_LONGEST_NUMBER = 18


@cache
def _templates() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("emulator.workbench"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


def control_site(federation: Federation, fixes: Callable[[], LiveFixes] | None = None) -> WsgiApp:
    """Builds the emulator's own pages for a federation.

    Args:
        federation: Whose.
        fixes: What gives the fixes that are shown with refusals; none are shown unless given.
    """

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO") or "/"
        if path == REFUSALS_PATH:
            return _refusals(federation, environ, start_response, fixes)
        if path in _APIS:
            return _APIS[path](federation, environ, start_response)
        if path != "/" or environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
            text = f"{NO_SERVICE}; GET / is the control page.\n"
            return _answer(start_response, "404 Not Found", text, kind="text/plain")
        return _control_page(federation, start_response)

    return app


def _control_page(federation: Federation, start_response: StartResponse) -> Iterable[bytes]:
    providers = federation.identity_providers.values()
    page = (
        _templates()
        .get_template("control.html")
        .render(
            providers=providers,
            messages=[message for provider in providers for message in provider.authentication.outbox],
            instances=federation.aws.instances,
            exchanges=list(reversed(federation.gateway.exchanges))[:_SHOWN_EXCHANGES],
            world=federation.world.document.file,
        )
    )
    return _answer(start_response, "200 OK", page)


def _is_for_another_page(environ: Environ) -> bool:
    """Returns whether a browser asks for a page's script, or for a page of another site."""
    return bool(environ.get("HTTP_ORIGIN")) or environ.get("HTTP_SEC_FETCH_SITE", "none") not in {"none", "same-origin"}


def _state(federation: Federation, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Gives the state, or takes another one. A page of another site that a browser shows gets neither."""
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
        text = environ["wsgi.input"].read()
        load_state(federation, text, source="the request's body", name_of_state=f"PUT {STATE_PATH}")
    except StateError as error:
        return _answer(start_response, "400 Bad Request", f"fedemu: {error.message}\n", kind="text/plain")
    record(environ, TraceNote("fedemu", "the state was replaced"))
    return _answer(start_response, "200 OK", dump_state(federation), kind="application/json")


def _outbox(federation: Federation, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Lists the messages whose codes are still good. A page of another site that a browser shows gets none."""
    if _is_for_another_page(environ):
        return _answer(start_response, "403 Forbidden", "fedemu: the outbox is not for web pages.\n", kind="text/plain")
    sent = [
        {"org": name, "to": each.phone, "text": each.text, "at": instant(each.sent_at)}
        for name, provider in federation.identity_providers.items()
        for each in provider.authentication.outbox
    ]
    return _answer(start_response, "200 OK", json.dumps(sent, indent=1) + "\n", kind="application/json")


def _people(federation: Federation, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Lists who can log in. A page of another site that a browser shows gets nobody."""
    from emulator.running.people import people_of

    if _is_for_another_page(environ):
        words = "fedemu: the people are not for web pages.\n"
        return _answer(start_response, "403 Forbidden", words, kind="text/plain")
    if environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
        words = "fedemu: the people answer GET.\n"
        return _answer(start_response, "405 Method Not Allowed", words, kind="text/plain")
    return _answer(start_response, "200 OK", json.dumps(people_of(federation)) + "\n", kind="application/json")


def _cloudtrail(federation: Federation, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Lists the events of the AWS accounts, the newest first. A page of another site that a browser shows gets none."""
    if _is_for_another_page(environ):
        words = "fedemu: the events are not for web pages.\n"
        return _answer(start_response, "403 Forbidden", words, kind="text/plain")
    if environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
        words = "fedemu: the events answer GET.\n"
        return _answer(start_response, "405 Method Not Allowed", words, kind="text/plain")
    query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    records = federation.aws_services.history.records(account_id=query.get("account"))
    return _answer(start_response, "200 OK", json.dumps({"Records": records}, indent=1) + "\n", kind="application/json")


def _refusals(
    federation: Federation, environ: Environ, start_response: StartResponse, fixes: Callable[[], LiveFixes] | None
) -> Iterable[bytes]:
    """Explains the last refusals, the oldest first. A page of another site that a browser shows gets none.

    With ``fixes=wait`` in the query the answer waits for what would let them arrive to be tried.
    """
    from emulator.diagnosis.login_result import FORMAT
    from emulator.reports.text import diagnosis_block

    if _is_for_another_page(environ):
        words = "fedemu: the refusals are not for web pages.\n"
        return _answer(start_response, "403 Forbidden", words, kind="text/plain")
    asked = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    after, waits = asked.get("after", ""), asked.get("fixes") == "wait"
    since = int(after) if after.isascii() and after.isdigit() and len(after) < _LONGEST_NUMBER else 0
    last, exchanges = federation.gateway.numbered_exchanges(after=since)
    explained = ((number, _explained(each, federation, fixes, waits=waits)) for number, each in exchanges)
    data = {
        "format": FORMAT,
        "last": last,
        "refusals": [
            {"number": number, **found.as_json(), "block": diagnosis_block(found)}
            for number, found in explained
            if found
        ],
    }
    return _answer(start_response, "200 OK", json.dumps(data, indent=1) + "\n", kind="application/json")


def _explained(
    exchange: Exchange, federation: Federation, fixes: Callable[[], LiveFixes] | None, *, waits: bool
) -> Diagnosis | None:
    """Explains what was refused in an exchange, with the fixes that are known by now, or all of them."""
    from emulator.diagnosis.live import diagnosis_of_exchange

    diagnosis = diagnosis_of_exchange(exchange, federation)
    if diagnosis is None or fixes is None:
        return diagnosis
    from emulator.fixes.live import Seen

    seen = Seen.of_exchange(exchange, federation)
    return fixes().found(diagnosis, seen) if waits else fixes().added(diagnosis, seen)


def _clock(federation: Federation, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Gives the time, or moves it for every service; what has ended stays ended. Not for pages of another site."""
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


_APIS = {
    STATE_PATH: _state,
    CLOCK_PATH: _clock,
    PEOPLE_PATH: _people,
    OUTBOX_PATH: _outbox,
    CLOUDTRAIL_PATH: _cloudtrail,
}


def _answer(start_response: StartResponse, status: str, text: str, *, kind: str = "text/html") -> Iterable[bytes]:
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
