"""What people read: a refusal's block, a login's steps. Plain text; the command line adds the colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from emulator.flow import Outcome
from emulator.kernel.errors import Refusal
from emulator.kernel.trace_notes import TraceNote
from emulator.network.trace import Exchange
from emulator.reports.refusal_text import refusal_head, rows_block

if TYPE_CHECKING:
    from emulator.diagnosis.diagnosis import Diagnosis
    from emulator.diagnosis.login_result import LoginResult
    from emulator.scenarios.results import Result

_MARKS = {"passed": "ok  ", "failed": "FAIL", "skipped": "skip", "xfailed": "xfail"}
_SHOWN_FACTS = (
    "issuer",
    "name_id",
    "roles",
    "session_name",
    "acs_url",
    "role",
    "session",
    "session_ends",
    "user_id",
    "user",
    "relay_state",
    "destination",
    "goes_to",
    "note",
)


def refusal_block(refusal: Refusal, *, place: str = "") -> str:
    """Returns the block of a refusal about which nothing else is known.

    Args:
        place: Place, when it is more exact than ``refusal.where``: with a line number.
    """
    from emulator.diagnosis.diagnosis import Diagnosis  # an emulator whose logins arrive does without it

    return diagnosis_block(Diagnosis.of_refusal(refusal, where=place))


def diagnosis_block(diagnosis: Diagnosis) -> str:
    """Returns the block that explains: what was said, what caused it, in which setting, and the fix."""
    refusal = diagnosis.refusal
    head = refusal_head(refusal) if refusal is not None else [f"The login did not arrive, check {diagnosis.check}"]
    return rows_block(head, diagnosis.rows)


def result_lines(result: LoginResult) -> Iterator[str]:
    """Yields a login as numbered steps, where it ended, and what differs from what was asked for."""
    login = result.login
    for number, (name, exchange) in enumerate(result.steps, 1):
        yield from exchange_lines(exchange, name, number=number)
    verdicts = {
        Outcome.ACCEPTED: "Arrived at",
        Outcome.ELSEWHERE: "Ended elsewhere, at",
        Outcome.REFUSED: "Stopped at",
    }
    if _is_call(result):
        verdicts = {Outcome.ACCEPTED: "Answered by", Outcome.REFUSED: "Refused by"}
    yield f"{verdicts[login.outcome]} {login.lands_on}"
    for note in result.notes:
        yield from _note_lines(note)


def _is_call(result: LoginResult) -> bool:
    """Returns whether this is a program's call and not a login, reported by a scenario's step."""
    return result.step.endswith((".call", ".okta"))


def _note_lines(note: Diagnosis) -> Iterator[str]:
    yield f"Note: {note.why}"
    rows = [("cause", note.cause), *(("from", str(origin)) for origin in note.origins)]
    for name, value in rows:
        if value:
            yield f"  {name:<6} {value}"


def result_block(result: LoginResult) -> str:
    """Returns the block that explains why a login was refused or ended elsewhere; empty when it arrived."""
    return diagnosis_block(result.diagnosis) if result.diagnosis is not None else ""


def exchange_lines(exchange: Exchange, name: str, *, number: int) -> Iterator[str]:
    """Yields one exchange: its step in the journey, the request, and the decisions."""
    yield f"{number:>2}. {name:<22} {exchange.method} {_short(exchange.url)}  -> {exchange.status or 'no answer'}"
    for note in exchange.notes:
        yield f"      {note.service}: {note.summary}"
        yield from (f"        {fact:<13} {value}" for fact, value in fact_rows(note))


def fact_rows(note: TraceNote) -> Iterator[tuple[str, str]]:
    """Yields the facts of a decision, names and texts; the first of several values has the name."""
    facts = note.facts.as_json()
    for fact in (name for name in _SHOWN_FACTS if name in facts):
        values = facts[fact] if isinstance(facts[fact], list) else [facts[fact]]
        for line, value in enumerate(values or [""]):
            yield "" if line else fact, str(value or "(none)")


def _short(url: str, *, limit: int = 110) -> str:
    return url if len(url) <= limit else url[: limit - 1] + "…"


def scenario_lines(result: Result, *, verbose: bool) -> Iterator[str]:
    """Yields the result of a scenario: the comparison, and for a failure the hops, the reason and the comparison again.

    Args:
        result: The result.
        verbose: Whether to show the reason of an expected outcome, too.
    """
    named = f"{_MARKS[result.state.value]} {result.scenario.id:<16} {result.scenario.title}"
    yield named if result.skipped else f"{named}  ({result.seconds * 1000:.0f} ms)"
    yield from (f"       {line}" for line in result.reason.splitlines())
    if result.passed and not verbose:
        return
    for mismatch in result.mismatches:
        yield f"     {mismatch.location}"
        yield from (f"       {line}" for line in mismatch.text.splitlines())
    for number, login in enumerate(result.logins, 1):
        if login.step:
            yield f"     {login.step}: {'' if _is_call(login) else login.login.summary}".rstrip(": ")
        elif len(result.logins) > 1:
            yield f"     Login {number} of {len(result.logins)}: {login.login.summary}"
        yield from (f"     {line}" for line in result_lines(login))
        yield from (f"     {line}" for line in result_block(login).splitlines())
    if result.stopped:
        yield f"     The browser stopped: {result.stopped}"
    if not result.passed:
        from emulator.scenarios.reproducing import reproduction

        yield f"     reproduce with: {reproduction(result)}"
