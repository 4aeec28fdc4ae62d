"""What a recorded message has that no setting of an identity provider produces, as faults of the scenario."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from emulator.kernel.clock import instant
from emulator.kernel.records import dataclass
from emulator.reconstruction.message_facts import BEARER, MessageFacts
from emulator.reconstruction.recorded import Recorded
from emulator.recordings.hops import moment
from emulator.scenarios.runner import START

_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_CONFIRMATION = "Assertion/Subject/SubjectConfirmation"
_DATA = f"{_CONFIRMATION}/SubjectConfirmationData"
_OF_TIME = frozenset({"redeemed-in-time", "time-window", "session-end"})
_FIVE_MINUTES = timedelta(minutes=5)
_NO_TIME = timedelta()


@dataclass(frozen=True, slots=True)
class SaidFault:
    """A fault, as a scenario has it.

    Args:
        fault: The data.
        because: What was recorded, as a sentence.
    """

    fault: dict[str, Any]
    because: str


@dataclass(frozen=True, slots=True)
class Waits:
    """How long the person waits before the message is posted, and on the role chooser; in seconds."""

    before_posting: int = 0
    before_role: int = 0


def faults_of(recorded: Recorded, *, was_changed: bool) -> Iterator[SaidFault]:
    """Yields the faults that make the emulator's message like the recorded one, where settings cannot.

    Args:
        recorded: The login.
        was_changed: Whether the message was changed after it was signed.
    """
    message = recorded.message
    if message.payload:
        yield SaidFault({"payload": message.payload}, "The posted field was not a readable message.")
        return
    if not message.is_readable:
        return
    yield from _of_structure(message)
    yield from _of_confirmation(message)
    yield from _of_instants(recorded)
    if was_changed:
        yield SaidFault(
            {"tamper": "Assertion/Subject/NameID", "set": f"{message.name_id or ''}-changed"},
            "The message was changed after it was signed; the message itself does not show what was changed.",
        )


def waits_of(recorded: Recorded) -> Waits:
    """Returns how long a login waited, where that is why it was refused."""
    if not _is_refused_for(recorded, _OF_TIME) or recorded.message.issued_at is None:
        return Waits()
    if recorded.posted_at is None:
        # When it was posted is not known, only that it was too late.
        late = _is_refused_for(recorded, {"redeemed-in-time"})
        return Waits(before_posting=301) if late else Waits()
    age = recorded.posted_at - recorded.message.issued_at
    if age <= _NO_TIME:
        return Waits()
    at_chooser = min(recorded.journey.waited_for_role, age)
    before = age - at_chooser
    return Waits(_seconds(before), _seconds(at_chooser))


def is_early(recorded: Recorded) -> bool:
    """Returns whether a message was posted before its own time of issue."""
    issued, posted = recorded.message.issued_at, recorded.posted_at
    return issued is not None and posted is not None and posted < issued


def _of_structure(message: MessageFacts) -> Iterator[SaidFault]:
    if message.assertions > 1:
        yield SaidFault(
            {"element": "Assertion", "duplicate": True}, f"The message had {message.assertions} assertions."
        )
    for path, version in zip(("Response", "Assertion"), message.versions, strict=True):
        if version != "2.0":
            change = {"remove": True} if version is None else {"set": version}
            yield SaidFault(
                {"element": path, "attribute_name": "Version", **change},
                f"The {path}'s Version was {version or 'missing'}.",
            )
    if message.status is not None and message.status != _SUCCESS:
        yield SaidFault(
            {"element": "Status/StatusCode", "attribute_name": "Value", "set": message.status},
            "The identity provider reported that the login did not succeed.",
        )
    if message.response_issuer is not None and message.response_issuer != message.issuer:
        yield SaidFault(
            {"element": "Issuer", "set": message.response_issuer},
            "The Response named another issuer than its assertion.",
        )
    if message.audiences is None:
        yield SaidFault(
            {"element": "Assertion/Conditions/AudienceRestriction", "remove": True}, "There was no AudienceRestriction."
        )
    if message.name_id is None:
        yield SaidFault({"element": "Assertion/Subject/NameID", "remove": True}, "There was no NameID.")
    elif not message.name_id.strip():
        yield SaidFault({"element": "Assertion/Subject/NameID", "set": message.name_id}, "The NameID was empty.")


def _of_confirmation(message: MessageFacts) -> Iterator[SaidFault]:
    if not message.confirmations:
        yield SaidFault({"element": _CONFIRMATION, "remove": True}, "There was no SubjectConfirmation.")
        return
    bearers = [each for each in message.confirmations if each.method == BEARER]
    first = bearers[0] if bearers else message.confirmations[0]
    if not bearers:
        yield SaidFault(
            {"element": _CONFIRMATION, "attribute_name": "Method", "set": first.method},
            "The SubjectConfirmation was not of the bearer method.",
        )
    if first.recipient is None:
        yield SaidFault({"element": _DATA, "attribute_name": "Recipient", "remove": True}, "There was no Recipient.")
    elif not first.recipient:
        yield SaidFault({"element": _DATA, "attribute_name": "Recipient", "set": ""}, "The Recipient was empty.")
    if first.not_on_or_after is None:
        yield SaidFault(
            {"element": _DATA, "attribute_name": "NotOnOrAfter", "remove": True},
            "The SubjectConfirmationData had no NotOnOrAfter.",
        )
    if len(bearers) > 1:
        yield SaidFault(
            {"element": _CONFIRMATION, "duplicate": True}, f"There were {len(bearers)} bearer SubjectConfirmations."
        )


def _of_instants(recorded: Recorded) -> Iterator[SaidFault]:
    """Yields what the message says of time: what cannot be read, and the limits where the login was refused for them.

    The scenario begins at an instant of its own, so that a limit is as far from its issue as the recorded one was.
    """
    message = recorded.message
    issued = message.issued_at
    refused = _is_refused_for(recorded, {"time-window", "session-end"})
    if issued is None and not any(name == "IssueInstant" for _, name, _ in message.instants):
        yield SaidFault(
            {"element": "Assertion", "attribute_name": "IssueInstant", "remove": True}, "There was no IssueInstant."
        )
    for path, name, text in message.instants:
        at = moment(text)
        if at is None:
            yield SaidFault(
                {"element": path, "attribute_name": name, "set": text},
                f"The {name} was not an instant that can be read.",
            )
        elif refused and issued is not None and name in {"NotBefore", "NotOnOrAfter", "SessionNotOnOrAfter"}:
            yield SaidFault(
                {"element": path, "attribute_name": name, "set": instant(_shifted(at, issued, recorded))},
                f"As far from the time of issue as it was: {_span(at - issued)}.",
            )
    if _is_refused_for(recorded, {"time-window"}) and is_early(recorded) and issued is not None:
        ahead = _seconds(issued - (recorded.posted_at or issued))
        yield SaidFault({"issue": f"+{ahead}s"}, "The identity provider's clock was ahead of AWS's.")


def _shifted(at: datetime, issued: datetime, recorded: Recorded) -> datetime:
    """Returns a limit on the scenario's clock; of a message from the future the clock of who posts is what counts."""
    if is_early(recorded) and recorded.posted_at is not None:
        return START + (at - recorded.posted_at)
    return START + (at - issued)


def _is_refused_for(recorded: Recorded, checks: set[str] | frozenset[str]) -> bool:
    return recorded.refusal is not None and bool(checks & set(recorded.refusal.checks))


def _seconds(length: timedelta) -> int:
    """Returns a duration in whole seconds, rounded up."""
    whole = int(length.total_seconds())
    return whole + (length > timedelta(seconds=whole))


def _span(length: timedelta) -> str:
    seconds = length.total_seconds()
    return f"{abs(seconds):g} seconds {'before' if seconds < 0 else 'after'}"
