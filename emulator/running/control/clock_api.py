"""The time of every service.

GET /fedemu/clock       what time it is
PUT /fedemu/clock       moves the time: a length such as 13h, to see what ends; what has ended stays ended
"""

from __future__ import annotations

from emulator.kernel.clock import YEARS, instant, parse_span
from emulator.kernel.errors import FederationError
from emulator.kernel.trace_notes import TraceNote, record
from emulator.running.control.control_api import ApiAnswer, Call, ControlApi, as_json, plain


def _tell(call: Call) -> ApiAnswer:
    return as_json({"now": instant(call.federation.clock.now())})


def _move(call: Call) -> ApiAnswer:
    clock = call.federation.clock
    text = call.environ["wsgi.input"].read(100).decode("utf-8", "replace").strip()
    try:
        clock.advance(parse_span(text))
    except ValueError as error:
        return plain(str(error), status="400 Bad Request")
    except FederationError:
        return plain(f"the clock goes from {YEARS[0]} to {YEARS[-1]}", status="400 Bad Request")
    record(call.environ, TraceNote("fedemu", f"the clock was moved by {text}"))
    return _tell(call)


CLOCK = ControlApi("the clock", {"GET": _tell, "PUT": _move})
