"""What people read about an inspection: the login's requests, the service's answer, what failed, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from emulator.inspection.login_inspection import EventsInspection, LoginInspection, event_outcome
from emulator.inspection.verdicts import Finding, Inspection, Outcome
from emulator.kernel.clock import instant
from emulator.recordings.hops import Hop
from emulator.recordings.logins import RecordedLogin
from emulator.recordings.recorded_events import RecordedEvent
from emulator.recordings.recorded_refusals import OKTA, RecordedRefusal
from emulator.reports.refusal_text import plain_refusal_block, rows_block

if TYPE_CHECKING:
    from emulator.inspection.message_difference import Difference

_MOST_HOPS, _MOST_LISTED, _MOST_VALUES = 60, 30, 12
_PATH, _VALUE, _MOST_CHECKS = 70, 300, 3
_MARKS = {Outcome.ACCEPTED: "ok  ", Outcome.REFUSED: "FAIL", Outcome.UNDECIDED: "?   "}


def listed_logins(inspected: LoginInspection) -> Iterator[str]:
    """Yields the logins of a recording with several, the examined one marked."""
    if len(inspected.logins) < 2:
        return
    yield f"{len(inspected.logins)} logins; using number {inspected.number}, --login chooses another:"
    first = _first_listed(inspected.number, len(inspected.logins))
    shown = inspected.logins[first : first + _MOST_LISTED]
    if first:
        yield f"      {first} earlier"
    for number, login in enumerate(shown, first + 1):
        mark = ">" if number == inspected.number else " "
        said = login.refusal
        told = f"{said.service}: {said.message}" if said is not None else "taken" if login.was_taken else ""
        yield f" {mark}{number:>3}  {_at(login)}  {_short(told, limit=_VALUE)}".rstrip()
    if len(inspected.logins) > first + len(shown):
        yield f"      {len(inspected.logins) - first - len(shown)} later"


def _first_listed(number: int, count: int) -> int:
    """Returns the index at which a list of many begins, so that the examined one is in it."""
    return max(0, min(number - _MOST_LISTED // 2, count - _MOST_LISTED))


def hop_lines(hops: Sequence[Hop]) -> Iterator[str]:
    """Yields the requests of a login: number, time, host, request, status."""
    shown = hops if len(hops) <= _MOST_HOPS else [*hops[: _MOST_HOPS // 2], *hops[-_MOST_HOPS // 2 :]]
    widest = max((len(hop.host) for hop in shown), default=0)
    for place, hop in enumerate(shown):
        if len(hops) > _MOST_HOPS and place == _MOST_HOPS // 2:
            yield f"     … {len(hops) - _MOST_HOPS} more …"
        time = instant(hop.at)[11:23] if hop.at is not None else "            "
        yield f"{hop.number:>4}  {time}  {hop.host:<{widest}}  {hop.method} {_short(hop.path)}  -> {hop.status or '?'}"


def said_block(said: RecordedRefusal, *, comparison: str) -> str:
    """Returns the block of a recorded refusal.

    Args:
        said: The refusal.
        comparison: How it agrees with the checks here.
    """
    code = " ".join(filter(None, (said.code, f"({said.status})" if said.status else "")))
    head = f"{said.service} refused at the time{f': {code}' if code else ''}"
    checks = " or ".join(said.checks[:_MOST_CHECKS]) + (" or another" if len(said.checks) > _MOST_CHECKS else "")
    rows = (
        (
            "said",
            _short(said.message, limit=_VALUE) + ("   (the emulator's wording)" if said.evidence == "assumed" else ""),
        ),
        ("where", f"request {said.hop}" if said.hop else ""),
        ("asks", f"the check {checks}; fedemu explain {said.checks[0]} has its causes" if said.checks else ""),
        ("here", comparison),
    )
    return rows_block([head], rows)


def fact_lines(inspection: Inspection) -> Iterator[str]:
    """Yields what the message says: a name and a value each, further values below."""
    for name, value in inspection.facts.items():
        first, *more = value.splitlines() or [""]
        yield f"{name:<16} {_short(first, limit=_VALUE)}"
        for line in more[:_MOST_VALUES]:
            yield f"{'':<16} {_short(line, limit=_VALUE)}"
        if len(more) > _MOST_VALUES:
            yield f"{'':<16} and {len(more) - _MOST_VALUES} more"


def finding_block(finding: Finding) -> str:
    """Returns the block of a check that failed."""
    if finding.diagnosis is not None:
        from emulator.reports.text import diagnosis_block  # only a world has one, and has imported it all

        return diagnosis_block(finding.diagnosis)
    if finding.refusal is None:
        return ""
    return plain_refusal_block(finding.refusal, place=finding.place)


def remark_lines(inspected: LoginInspection) -> Iterator[str]:
    """Yields remarks outside the checks: where the RelayState leads, then remarks on the message."""
    state = inspected.relay_state
    if state is not None:
        yield f"{'!   ' if state.wrong else '-   '} RelayState {_short(state.value, limit=_VALUE) or '(none)'}"
        yield f"     leads to {_short(state.leads_to, limit=_VALUE)}{f': {state.wrong}' if state.wrong else ''}"
        if state.fix:
            yield f"     fix: {state.fix}"
    if inspected.inspection is not None:
        yield from (f"!    {remark}" for remark in inspected.inspection.remarks)
    if inspected.said is None and inspected.comparison:
        yield f"!    {inspected.comparison}"


def judged_by_line(inspection: Inspection, name: str) -> str:
    """Returns the line that says by what and for which instant it was judged."""
    role = f" for {inspection.role_arn}" if inspection.role_arn else ""
    at = f", at {instant(inspection.judged_at)} ({inspection.at_because})" if inspection.at_because else ""
    return f"     judged by {name}{role}{at}"


def first_check(inspected: LoginInspection) -> str:
    """Returns the check that a refused login is about, or the refusal's words where no check is known."""
    if inspected.said is not None and inspected.said.checks:
        failed = {finding.check for finding in inspected.inspection.failed} if inspected.inspection else set()
        return next((check for check in inspected.said.checks if check in failed), inspected.said.checks[0])
    if inspected.inspection is not None and inspected.inspection.failed:
        return inspected.inspection.failed[0].check
    return inspected.said.message if inspected.said is not None else ""


def not_asked_lines(inspection: Inspection) -> Iterator[str]:
    """Yields one line for all checks that did not run, and one for what is known about a signature anyway."""
    by_reason: dict[str, list[str]] = {}
    for finding in inspection.not_asked:
        by_reason.setdefault(finding.text, []).append(finding.check)
    parts = [f"{', '.join(checks)} ({reason})" for reason, checks in by_reason.items()]
    if parts:
        yield f"-    not asked: {'; '.join(parts)}"


def verdict_line(inspected: LoginInspection) -> str:
    """Returns the final line about a login."""
    inspection, outcome = inspected.inspection, inspected.outcome
    if inspection is None:
        said = inspected.said
        if said is None:
            return "undecided: no SAMLResponse was posted."
        before = "before it issued a SAMLResponse" if said.service == OKTA else "and no SAMLResponse was posted"
        return f"refused by {said.service}, {before}."
    asked = len(inspection.passed) + len(inspection.failed)
    count = f"{asked} of {len(inspection.findings)} checks asked: {outcome.value}"
    if inspection.failed:
        return f"{count}. AWS would refuse it in the words of the first FAIL."
    if inspected.said is not None:
        return f"{count}, by {inspected.said.service} at the time."
    if outcome is Outcome.UNDECIDED:
        return f"{count}. What was asked passed; what was not may still refuse it."
    return f"{count}."


def event_lines(inspected: EventsInspection) -> Iterator[str]:
    """Yields the events of a file, the examined one marked."""
    first = _first_listed(inspected.number, len(inspected.events))
    shown = inspected.events[first : first + _MOST_LISTED]
    widest = max(len(event.name) for event in shown)
    if first:
        yield f"      {first} earlier"
    for number, event in enumerate(shown, first + 1):
        mark = ">" if number == inspected.number and len(inspected.events) > 1 else " "
        yield f"{mark}{number:>4}  {_short(_event(event, widest), limit=_VALUE)}".rstrip()
    if len(inspected.events) > first + len(shown):
        yield f"      {len(inspected.events) - first - len(shown)} later"


def event_facts(event: RecordedEvent) -> Iterator[str]:
    """Yields what an event says."""
    for name, value in {"Event": f"{event.name} ({event.kept_by})", "Who": event.who, **event.facts}.items():
        if value:
            yield f"{name:<16} {_short(value, limit=_VALUE)}"


def event_verdict(inspected: EventsInspection) -> str:
    """Returns the final line about an event."""
    event, outcome = inspected.event, inspected.outcome
    if outcome is Outcome.REFUSED:
        return f"refused, as {event.kept_by} has it."
    if outcome is Outcome.ACCEPTED:
        return f"accepted: AWS recorded {event.name} without an error."
    return "undecided: Okta refused nothing, and its log does not know what AWS said."


def difference_lines(found: Sequence[Difference]) -> Iterator[str]:
    """Yields the differences of two messages: the place, what the first has, what the second has."""
    for each in found:
        yield each.place
        yield from (f"  - {_short(value, limit=_VALUE)}" for value in _only_in(each.good, each.bad))
        yield from (f"  + {_short(value, limit=_VALUE)}" for value in _only_in(each.bad, each.good))


def _only_in(values: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    left = list(others)
    for value in values:
        if value in left:
            left.remove(value)
        else:
            yield value or "(empty)"


def _at(login: RecordedLogin) -> str:
    return instant(login.posted_at) if login.posted_at is not None else "time not recorded"


def _event(event: RecordedEvent, widest: int) -> str:
    at = instant(event.at) if event.at is not None else "time not recorded"
    said = event.refusal.message if event.refusal is not None else ""
    return f"{_MARKS[event_outcome(event)]} {at}  {event.name:<{widest}}  {event.who}  {said}"


def _short(text: str, *, limit: int = _PATH) -> str:
    # Control characters are shown, not executed.
    text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"
