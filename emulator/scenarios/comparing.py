"""What was expected, beside what was received."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from emulator.diagnosis.login_result import LoginResult
from emulator.network.trace import redact_body
from emulator.scenarios.results import Compared
from emulator.scenarios.scenario_schema import Expectation


def compare(expect: Expectation, result: LoginResult | None, stopped: str) -> Iterator[Compared]:
    """Yields each expectation with what was received.

    Args:
        expect: What was expected.
        result: What the login or the visit came to; None where it did not come to anything.
        stopped: Why the browser could not go on; empty where it could.
    """
    received, login = _received(result, stopped), result.login if result is not None else None
    if expect.setting is not None:
        found = result.diagnosis.origins if result is not None and result.diagnosis is not None else ()
        settings = [each.location.key for each in found if each.location is not None]
        yield compared("setting", expect.setting, ", ".join(settings), is_met=expect.setting in settings)
    special = {"oracle", "page", "note", "setting"}
    for name, wanted in expect.model_dump(exclude=special, exclude_none=True).items():
        got = received.get(name, "")
        yield compared(name, str(wanted), got, is_met=str(wanted) == got)
    if expect.page is not None:
        text = login.page.visible_text if login else ""
        # An answer of STS holds credentials, which nobody is to read in a report.
        shown = replace(login.page, text=redact_body(login.page.text)).visible_text[:200] if login else ""
        told = f"page: expected to read {expect.page!r}, the page says {shown!r}"
        is_met = login is not None and expect.page in text
        yield Compared("page", expect.page, expect.page if is_met else shown, "" if is_met else told)
    if expect.note is not None:
        notes = login.notes if login is not None else ()
        yield compared("note", expect.note, ", ".join(notes), is_met=expect.note in notes)


def compared(name: str, want: str, got: str, *, is_met: bool) -> Compared:
    """Returns an expectation with what was received, in the words that a mismatch has."""
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
