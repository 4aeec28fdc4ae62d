"""The state of everything.

GET /fedemu/state       as JSON
PUT /fedemu/state       puts a state in the place of the present one
"""

from __future__ import annotations

from emulator.kernel.errors import StateError
from emulator.kernel.trace_notes import TraceNote, record
from emulator.network.gateway import STATE_PATH
from emulator.running.control.control_api import ApiAnswer, Call, ControlApi, plain
from emulator.running.state.reading import load_state
from emulator.running.state.writing import dump_state


def _give(call: Call) -> ApiAnswer:
    try:
        return ApiAnswer(dump_state(call.federation))
    except StateError as error:
        return plain(error.message, status="507 Insufficient Storage")


def _take(call: Call) -> ApiAnswer:
    try:
        text = call.environ["wsgi.input"].read()
        load_state(call.federation, text, source="the request's body", name_of_state=f"PUT {STATE_PATH}")
    except StateError as error:
        return plain(error.message, status="400 Bad Request")
    record(call.environ, TraceNote("fedemu", "the state was replaced"))
    return _give(call)


STATE = ControlApi("the state", {"GET": _give, "PUT": _take})
