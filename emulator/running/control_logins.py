"""Logins and assertions that programs have the running emulator make: its sessions and credentials are those of it.

GET  /fedemu/emulator    which world is served, from which file, and whether that has changed since
POST /fedemu/logins      makes a login of a person's and answers what it came to
POST /fedemu/assertions  issues an assertion about a person and answers it
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.federation import Federation
from emulator.kernel.clock import instant
from emulator.kernel.trace_notes import TraceNote, record
from emulator.network.gateway import ASSERTIONS_PATH, EMULATOR_PATH, LOGINS_PATH
from emulator.network.wsgi import Environ, StartResponse, WsgiApp
from emulator.running.control_requests import RefusedRequest, answer_program, read_only
from emulator.running.login_requests import (
    AssertionRequest,
    LoginRequest,
    is_built_in,
    issue_as_asked,
    log_in_as_asked,
)
from emulator.running.served_world import ServedWorld


def login_apis(federation: Federation) -> Mapping[str, WsgiApp]:
    """Returns the applications at the paths of this module, for a federation."""
    world = ServedWorld(federation)

    def emulator(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return read_only(
            environ, start_response, {**_served(world, federation), "now": instant(federation.clock.now())}
        )

    def logins(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        def log_in(request: LoginRequest) -> Mapping[str, Any]:
            require_world(world, request.world, cannot="a login needs both")
            _require_address(request.source_ip)
            record(environ, TraceNote("fedemu", f"logged {request.user} in to {request.app}"))
            return {**_served(world, federation), **log_in_as_asked(request, federation)}

        return answer_program(environ, start_response, LoginRequest, log_in)

    def assertions(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        def issue(request: AssertionRequest) -> Mapping[str, Any]:
            why = {
                "aws": "issues no assertions",
                "idp": "its assertions are real credentials, for no program that asks",
            }
            require_world(world, request.world, cannot=why.get(federation.only or "", ""))
            record(environ, TraceNote("fedemu", f"issued an assertion about {request.user} to {request.app}"))
            return {**_served(world, federation), **issue_as_asked(request, federation)}

        return answer_program(environ, start_response, AssertionRequest, issue)

    return {EMULATOR_PATH: emulator, LOGINS_PATH: logins, ASSERTIONS_PATH: assertions}


def require_world(world: ServedWorld, wanted: str, *, cannot: str = "") -> None:
    """Refuses a request that this emulator would answer otherwise than whoever asks expects.

    Args:
        world: What is served.
        wanted: The world file that has to be served, with its whole path; empty for any.
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
    """Refuses an address that a login is to come from and that is none.

    Raises:
        RefusedRequest: it is none.
    """
    try:
        ipaddress.ip_address(source_ip or "127.0.0.1")
    except ValueError:
        message = f"{source_ip} is not an IP address such as 203.0.113.10"
        raise RefusedRequest("400 Bad Request", message, exit_code=2) from None


def _served(world: ServedWorld, federation: Federation) -> dict[str, Any]:
    return {
        "world": str(world.file),
        "built_in": is_built_in(federation),
        "changed": [str(file) for file in world.changed_files()],
        "only": federation.only,
    }
