"""The time of every service.

GET /fedemu/clock       what time it is
PUT /fedemu/clock       moves the time: a length such as 13h, to see what ends; what has ended stays ended
"""

from __future__ import annotations

from emulator.kernel.clock import instant, parse_span
from emulator.kernel.trace_notes import TraceNote, record
from emulator.running.control.control_api import ApiAnswer, Call, ControlApi, as_json, plain

_YEARS = range(2000, 2100)


def _tell(call: Call) -> ApiAnswer:
    return as_json({"now": instant(call.federation.clock.now())})


def _move(call: Call) -> ApiAnswer:
    clock = call.federation.clock
    text = call.environ["wsgi.input"].read(100).decode("utf-8", "replace").strip()
    try:
        delta = parse_span(text)
        year = (clock.now() + delta).year
    except (ValueError, OverflowError) as error:
        return plain(str(error), status="400 Bad Request")
    if year not in _YEARS:
        return plain(f"the clock goes from {_YEARS[0]} to {_YEARS[-1]}", status="400 Bad Request")
    clock.advance(delta)
    record(call.environ, TraceNote("fedemu", f"the clock was moved by {text}"))
    return _tell(call)


CLOCK = ControlApi("the clock", {"GET": _tell, "PUT": _move})
