"""Programmed faults of people's next logins, and the clock.

GET  /workbench/faults             what is programmed, a form for more, and the clock
POST /workbench/faults             programs a login
POST /workbench/faults/forget      takes back what is programmed
POST /workbench/faults/clock       moves, freezes or resets the clock
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from emulator.building.faults import faults_as_data
from emulator.kernel.clock import YEARS, instant, parse_span
from emulator.kernel.errors import FederationError
from emulator.workbench.pages import workbench

SPANS = ("5m", "1h", "13h")
# A list to choose from: each kind of fault once, with a value that is wrong, and the key of its words.
FAULTS = {
    "{attribute: RoleSessionName, set: hanako sato}": "fault_session_name_set",
    "{attribute: RoleSessionName, remove: true}": "fault_session_name_gone",
    "{attribute: Role, remove: true}": "fault_role_gone",
    "{attribute: Role, set: not-a-role}": "fault_role_set",
    "{attribute: SessionDuration, set: '10'}": "fault_duration",
    "{element: Assertion/Conditions/AudienceRestriction/Audience, set: 'urn:example:app'}": "fault_audience",
    "{element: Assertion/Subject/NameID, set: somebody@example.com}": "fault_name_id",
    "{signature: none}": "fault_unsigned",
    "{signature: foreign-key}": "fault_foreign_key",
    "{signature: sha1}": "fault_sha1",
    "{issue: -6m}": "fault_late",
    "{issue: +10m}": "fault_early",
    "{tamper: Assertion/Subject/NameID, set: somebody@example.com}": "fault_tampered",
    "{payload: truncated}": "fault_truncated",
    "{payload: not-base64}": "fault_not_base64",
}
REFUSALS = {"mfa": "refused_mfa", "sign-on-policy": "refused_sign_on_policy", "locked-out": "refused_locked_out"}

faults = Blueprint("faults", __name__)


@faults.get("/workbench/faults")
def show(problem: str = "") -> str:
    """Shows what is programmed, and the clock."""
    federation = workbench().federation
    return render_template(
        "faults.html",
        problem=problem,
        programmed=[each for each in federation.next_logins.all if each.left],
        people=[login for provider in federation.identity_providers.values() for login in provider.org.users],
        faults=FAULTS,
        refusals=REFUSALS,
        now=instant(federation.clock.now()),
        is_frozen=federation.clock.is_frozen,
        is_true=federation.clock.is_true,
        spans=SPANS,
        given=request.form,
    )


@faults.post("/workbench/faults")
def program() -> Response | tuple[str, int]:
    """Programs a person's next login."""
    form = request.form
    what: dict[str, Any] = {}
    try:
        kind = form.get("what", "")
        if kind in REFUSALS:
            what["refused_by"] = kind
        elif kind == "late":
            what["delay"] = form.get("text", "") or "5s"
        elif kind == "asks-for-mfa":
            what["asks_for_mfa"] = True
        else:
            what["faults"] = faults_as_data(form.get("text", "").strip() or kind, name="the fault")
        workbench().federation.program_next_login(form.get("user", ""), by="the workbench", **what)
    except FederationError as error:
        return show(f"{error.message}{f': {error.expected}' if error.expected else ''}"), 400
    return redirect("/workbench/faults", 303)


@faults.post("/workbench/faults/forget")
def forget() -> Response:
    """Removes everything that is programmed."""
    workbench().federation.next_logins.clear()
    return redirect("/workbench/faults", 303)


@faults.post("/workbench/faults/clock")
def clock() -> Response | tuple[str, int]:
    """Moves the clock, stops it, or resets it to the initial time."""
    now, what = workbench().federation.clock, request.form.get("to", "")
    if what == "freeze":
        now.freeze()
    elif what == "reset":
        now.reset()
    else:
        try:
            now.advance(parse_span(what))
        except ValueError as error:
            return show(str(error)), 400
        except FederationError:
            return show(f"the clock goes from {YEARS[0]} to {YEARS[-1]}"), 400
    return redirect("/workbench/faults", 303)
