"""Network faults: what goes wrong between clients and the emulated hosts, on purpose.

GET    /fedemu/network-faults   those that are planted, with how often each has acted
POST   /fedemu/network-faults   plants one, or a list, beside them
PUT    /fedemu/network-faults   plants one, or a list, in place of them
DELETE /fedemu/network-faults   takes them all away
"""

from __future__ import annotations

from emulator.kernel.trace_notes import TraceNote, record
from emulator.network.faults.network_fault_data import read_network_fault
from emulator.running.control.control_api import BY, ApiAnswer, Call, ControlApi, as_json


def _list(call: Call) -> ApiAnswer:
    return as_json({"network_faults": [each.as_json() for each in call.federation.gateway.network_faults.all]})


def _add(call: Call) -> ApiAnswer:
    return _plant(call, in_place_of_others=False)


def _replace(call: Call) -> ApiAnswer:
    return _plant(call, in_place_of_others=True)


def _plant(call: Call, *, in_place_of_others: bool) -> ApiAnswer:
    gateway, data = call.federation.gateway, call.json_body()
    given = data if isinstance(data, list) else [data]
    faults = [read_network_fault(each, hosts=gateway.hosts, by=BY) for each in given]
    for each in gateway.network_faults.plant(faults, in_place_of_others=in_place_of_others):
        record(call.environ, TraceNote("fedemu", f"planted a network fault: {each.what} for {each.where}"))
    return _list(call)


def _clear(call: Call) -> ApiAnswer:
    call.federation.gateway.network_faults.clear()
    record(call.environ, TraceNote("fedemu", "cleared the network faults"))
    return _list(call)


NETWORK_FAULTS = ControlApi(
    "the network faults", {"GET": _list, "POST": _add, "PUT": _replace, "DELETE": _clear}, is_plural=True
)
