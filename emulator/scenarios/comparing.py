"""Expected and received values, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from emulator.access.remarks import counted
from emulator.diagnosis.login_result import LoginResult
from emulator.network.trace import redact_body
from emulator.scenarios.format.expectation_schema import Expectation
from emulator.scenarios.playing.matching import has, leaves, value_text
from emulator.scenarios.results import Compared
from emulator.worldfile.text.yaml_file import key_text

_SPECIAL = frozenset({"oracle", "page", "note", "setting", "answer", "count"})


def compare(
    expect: Expectation, result: LoginResult | None, stopped: str, *, of_program: Mapping[str, str] | None = None
) -> Iterator[Compared]:
    """Yields each expectation with what was received.

    Args:
        expect: The expectation.
        result: Result of the login or the visit; None where there is none.
        stopped: Why the browser could not continue; empty where it could.
        of_program: What a program receives from a refused call, by the names of expectations.
    """
    received, login = _received(result, stopped), result.login if result is not None else None
    received |= of_program or {}
    if expect.setting is not None:
        found = result.diagnosis.origins if result is not None and result.diagnosis is not None else ()
        settings = [each.location.key for each in found if each.location is not None]
        yield compared("setting", expect.setting, ", ".join(settings), is_met=expect.setting in settings)
    for name, wanted in expect.model_dump(exclude={*_SPECIAL}, exclude_none=True).items():
        got = received.get(name, "")
        yield compared(name, str(wanted), got, is_met=str(wanted) == got)
    if expect.page is not None:
        text = login.page.visible_text if login else ""
        # An answer of STS contains credentials, which must not be in a report.
        shown = replace(login.page, text=redact_body(login.page.text)).visible_text[:200] if login else ""
        told = f"page: expected to read {expect.page!r}, the page says {shown!r}"
        is_met = login is not None and expect.page in text
        yield Compared("page", expect.page, expect.page if is_met else shown, "" if is_met else told)
    if expect.note is not None:
        notes = login.notes if login is not None else ()
        yield compared("note", expect.note, ", ".join(notes), is_met=expect.note in notes)


def compare_answer(wanted: Any, answer: Any) -> Iterator[Compared]:
    """Yields each expected value of an answer with the received one."""
    for leaf in leaves(answer, wanted, ("answer",)):
        found = compared(key_text(leaf.key), leaf.want or "nothing", leaf.got, is_met=leaf.is_met)
        is_number = found.mismatch and found.got == f'"{found.want}"'
        hint = f"; to mean the text, write {found.got}" if is_number else ""
        yield replace(found, mismatch=found.mismatch + hint)


def compare_events(
    kind: str, wanted: Mapping[str, Any], events: Sequence[Mapping[str, Any]], expect: Expectation
) -> Compared:
    """Returns the number of matching events, next to the expected number.

    Args:
        kind: Kind of events: ``cloudtrail``, ``system_log`` or ``event_hook``.
        wanted: Fields that an event must have.
        events: All events.
        expect: Whether there must be one, or how many.
    """
    found = [event for event in events if has(event, wanted)]
    fields = value_text(dict(wanted))
    if expect.count is not None:
        told = (
            f"{kind}: expected {expect.count} of {counted(len(events), 'event')} with {fields}, received {len(found)}"
        )
        is_met = len(found) == expect.count
        return Compared("expect.count", str(expect.count), str(len(found)), "" if is_met else told)
    if expect.outcome == "absent":
        told = f"{kind}: expected no event with {fields}, received {len(found)}"
        return Compared(kind, "absent", counted(len(found), "event") if found else "absent", told if found else "")
    told = f"{kind}: expected an event with {fields}, received none among {counted(len(events), 'event')}"
    if not found and events:
        told += f"; the nearest: {_nearest(wanted, events)}"
    return Compared(kind, fields, fields if found else "", "" if found else told)


def _nearest(wanted: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> str:
    """Returns the differences of the event that matches best, the newest of several."""
    missed = [[leaf for leaf in leaves(event, dict(wanted)) if not leaf.is_met] for event in reversed(events)]
    nearest = min(missed, key=len)
    return ", ".join(f"{key_text(leaf.key)} is {leaf.got or 'not there'}" for leaf in nearest)


def compared(name: str, want: str, got: str, *, is_met: bool) -> Compared:
    """Returns an expectation with what was received, worded as in a mismatch."""
    return Compared(name, want, got, "" if is_met else f"{name}: expected {want}, received {got or 'nothing'}")


def _received(result: LoginResult | None, stopped: str) -> dict[str, str]:
    login = result.login if result is not None else None
    received = {"outcome": "stopped" if stopped or login is None else login.outcome.value}
    if stopped:
        received["message"] = stopped
    if result is None or login is None:
        return received
    received |= {"lands_on": login.lands_on, "role": login.role, "session_name": login.session_name}
    diagnosis = result.diagnosis
    if diagnosis is None or stopped:
        return received
    received |= {"check": diagnosis.check, "why": diagnosis.why}
    if diagnosis.refusal is not None:
        refusal = diagnosis.refusal
        received |= {
            "service": refusal.service,
            "code": refusal.code,
            "status": str(refusal.status),
            "message": refusal.message,
        }
    return received
