"""Logins that are programmed ahead.

GET    /fedemu/next-logins      those that wait for a login, and the last that are used up
POST   /fedemu/next-logins      programs one, or a list
DELETE /fedemu/next-logins      forgets them all
"""

from __future__ import annotations

from emulator.building.next_logins import read_next_login
from emulator.kernel.trace_notes import OWN_SERVICE, TraceNote, record
from emulator.running.control.control_api import BY, ApiAnswer, Call, ControlApi, as_json


def _list(call: Call) -> ApiAnswer:
    return as_json({"next_logins": [each.as_json() for each in call.federation.next_logins.all]})


def _program(call: Call) -> ApiAnswer:
    federation, data = call.federation, call.json_body()
    given = data if isinstance(data, list) else [data]
    read = [read_next_login(each, federation.identity_providers, by=BY) for each in given]
    programmed = federation.next_logins.program(*read)
    for each in programmed:
        record(call.environ, TraceNote(OWN_SERVICE, f"programmed the next login of {each.login}: {each.what}"))
    return as_json({"next_logins": [each.as_json() for each in programmed]})


def _forget(call: Call) -> ApiAnswer:
    call.federation.next_logins.clear()
    record(call.environ, TraceNote(OWN_SERVICE, "forgot the next logins"))
    return _list(call)


NEXT_LOGINS = ControlApi("the next logins", {"GET": _list, "POST": _program, "DELETE": _forget}, is_plural=True)
