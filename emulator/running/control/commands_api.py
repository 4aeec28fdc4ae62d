"""What commands and other programs can have the running emulator do; the results include sessions and credentials.

GET  /fedemu/emulator    which world is served, whether its file has been saved since, and how the state file fares
POST /fedemu/logins      makes a login of a person's and answers what it came to
POST /fedemu/assertions  issues an assertion about a person and answers it
POST /fedemu/scenarios   plays a scenario of the world that is served and answers with its result
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from emulator.kernel.clock import instant
from emulator.kernel.trace_notes import TraceNote, record
from emulator.running.control.control_api import ApiAnswer, Call, ControlApi, as_json
from emulator.running.control.json_requests import FORMAT, RefusedRequest, answer_program
from emulator.running.control.seen_logins_api import list_logins
from emulator.running.requests.login_requests import (
    AssertionRequest,
    LoginRequest,
    is_built_in,
    issue_as_asked,
    log_in_as_asked,
)
from emulator.running.served_world import ServedWorld

_NO_ASSERTIONS = {"aws": "issues no assertions", "idp": "its assertions are real credentials, for no program that asks"}


def _emulator(call: Call) -> ApiAnswer:
    clock = call.federation.clock
    moved = clock.moved.total_seconds()
    kept = call.kept_state
    data = {"format": FORMAT, **_served(call), "now": instant(clock.now()), "moved_seconds": moved}
    limits = list(call.federation.limits.sentences.values())
    return as_json({**data, "state": kept.as_json() if kept is not None else None, "limits_reached": limits})


def _log_in(call: Call) -> ApiAnswer:
    def log_in(request: LoginRequest) -> Mapping[str, Any]:
        _require_world(call.served, request.world, cannot="a login needs both")
        _require_address(request.source_ip)
        told = log_in_as_asked(request, call.federation)
        outcome = told["login"]["outcome"]
        record(call.environ, TraceNote("fedemu", f"made a login of {request.user} to {request.app}: {outcome}"))
        return told

    return answer_program(call, LoginRequest, log_in, served=lambda: _served(call))


def _issue(call: Call) -> ApiAnswer:
    def issue(request: AssertionRequest) -> Mapping[str, Any]:
        _require_world(call.served, request.world, cannot=_NO_ASSERTIONS.get(call.federation.only or "", ""))
        record(call.environ, TraceNote("fedemu", f"issued an assertion about {request.user} to {request.app}"))
        return issue_as_asked(request, call.federation)

    return answer_program(call, AssertionRequest, issue, served=lambda: _served(call))


def _play(call: Call) -> ApiAnswer:
    from emulator.running.requests.scenario_requests import ScenarioRequest, play_as_asked

    def play(request: ScenarioRequest) -> Mapping[str, Any]:
        _require_world(call.served, request.world, cannot="a scenario needs both")
        record(call.environ, TraceNote("fedemu", f"played the scenario {request.data.get('id', '')}"))
        with call.served.playing:
            return play_as_asked(request, call.federation)

    return answer_program(call, ScenarioRequest, play, served=lambda: _served(call))


def _require_world(world: ServedWorld, wanted: str, *, cannot: str = "") -> None:
    """Refuses a request that this emulator would answer differently from what the caller expects.

    Args:
        world: The served world.
        wanted: Full path of the world file that has to be served; empty for any.
        cannot: Why the emulated side alone cannot do it; empty where it can.

    Raises:
        RefusedRequest: another world is served, or the file has been saved since, or one side is not enough.
    """
    reason = ""
    if world.only and cannot:
        reason = f"it emulates the {world.only} side only, and {cannot}"
    elif wanted and not world.is_of(wanted):
        reason = f"it serves {world.file}"
    elif wanted and (changed := world.changed_files()):
        reason = f"it serves the world as it was before {changed[0]} was changed"
    if reason:
        raise RefusedRequest("409 Conflict", f"The running emulator does not do this: {reason}.", reason=reason)


def _require_address(source_ip: str | None) -> None:
    """Refuses an invalid source address for a login.

    Raises:
        RefusedRequest: it is not an IP address.
    """
    try:
        ipaddress.ip_address(source_ip or "127.0.0.1")
    except ValueError:
        message = f"{source_ip} is not an IP address such as 203.0.113.10"
        raise RefusedRequest("400 Bad Request", message, exit_code=2) from None


def _served(call: Call) -> dict[str, Any]:
    return {
        "world": str(call.served.file),
        "built_in": is_built_in(call.federation),
        "changed": [str(file) for file in call.served.changed_files()],
        "only": call.federation.only,
    }


EMULATOR = ControlApi("the emulator", {"GET": _emulator})
LOGINS = ControlApi("the logins", {"GET": list_logins, "POST": _log_in}, is_plural=True)
ASSERTIONS = ControlApi("the assertions", {"POST": _issue}, is_plural=True)
SCENARIOS = ControlApi("the scenarios", {"POST": _play}, is_plural=True)
