"""A recorded login, judged: what the service said at the time, next to what every check says here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.inspection.verdicts import FORMAT, Inspection, Outcome, Verdict
from emulator.kernel.clock import instant
from emulator.kernel.records import dataclass
from emulator.recordings.logins import RecordedLogin
from emulator.recordings.recorded_events import CLOUDTRAIL, RecordedEvent
from emulator.recordings.recorded_refusals import RecordedRefusal

if TYPE_CHECKING:
    from emulator.inspection.relay_states import RelayStateFinding


@dataclass(frozen=True, slots=True)
class LoginInspection:
    """One login of a recording.

    Args:
        number: Number of the login, from 1.
        logins: All logins of the recording.
        inspection: Results of the checks; None where the identity provider issued no message.
        relay_state: Finding about the RelayState; None where it is unknown.
    """

    number: int
    logins: tuple[RecordedLogin, ...]
    inspection: Inspection | None
    relay_state: RelayStateFinding | None = None

    @property
    def login(self) -> RecordedLogin:
        """The login."""
        return self.logins[self.number - 1]

    @property
    def said(self) -> RecordedRefusal | None:
        """The refusal by a service at the time, or None."""
        return self.login.refusal

    @property
    def outcome(self) -> Outcome:
        """Refused if a service refused it or a check fails; otherwise the outcome of the checks."""
        if self.said is not None:
            return Outcome.REFUSED
        return self.inspection.outcome if self.inspection is not None else Outcome.UNDECIDED

    @property
    def comparison(self) -> str:
        """How the service's answer agrees with the checks here; empty where there is nothing to compare."""
        said, inspection = self.said, self.inspection
        if inspection is None or (said is None and not self.login.was_taken):
            return ""
        if said is None:
            if inspection.failed:
                return (
                    f"AWS took it at the time, and here the check {inspection.failed[0].check} fails: the world, the "
                    "files or the instant given are not those of that login, or AWS is more lenient."
                )
            return "AWS took it at the time."
        verdicts = {finding.check: finding.verdict for finding in inspection.findings}
        asked = [check for check in said.checks if check in verdicts]
        failed = [check for check in asked if verdicts[check] is Verdict.FAILED]
        if failed:
            return f"the check {failed[0]} fails, too"
        if not asked:
            return "" if inspection.failed else "no check of the message is about that"
        if all(verdicts[check] is Verdict.PASSED for check in asked):
            which = f"the check {asked[0]} passes" if len(asked) == 1 else f"all of {', '.join(asked)} pass"
            return f"{which}: what AWS has set up is not what was given here, or has changed since"
        return f"not asked: {', '.join(c for c in asked if verdicts[c] is Verdict.NOT_ASKED)}"

    def as_json(self) -> dict[str, Any]:
        """The login as JSON data of format 2."""
        empty: dict[str, Any] = {"format": FORMAT, "facts": {}, "checks": [], "remarks": []}
        data = self.inspection.as_json() if self.inspection is not None else empty
        data |= {"verdict": self.outcome.value, "accepted": self.outcome is Outcome.ACCEPTED}
        if self.relay_state is not None:
            data["relay_state"] = self.relay_state.as_json()
        data |= self.login.as_json() if self.relay_state is None else _without(self.login.as_json(), "relay_state")
        if self.comparison:
            data["comparison"] = self.comparison
        if len(self.logins) > 1:
            data["login"] = self.number
            data["logins"] = [_listed(number, login) for number, login in enumerate(self.logins, 1)]
        return data


@dataclass(frozen=True, slots=True)
class EventsInspection:
    """Events of logins, one of which is examined.

    Args:
        number: Number of the examined event, from 1.
        events: All events, the oldest first.
    """

    number: int
    events: tuple[RecordedEvent, ...]

    @property
    def event(self) -> RecordedEvent:
        """The examined event."""
        return self.events[self.number - 1]

    @property
    def outcome(self) -> Outcome:
        """The outcome in the event."""
        return event_outcome(self.event)

    def as_json(self) -> dict[str, Any]:
        """The events as JSON data of format 2."""
        return {
            "format": FORMAT,
            "verdict": self.outcome.value,
            "accepted": self.outcome is Outcome.ACCEPTED,
            "login": self.number,
            **self.event.as_json(),
            "events": [{"verdict": event_outcome(event).value, **event.as_json()} for event in self.events],
        }


def event_outcome(event: RecordedEvent) -> Outcome:
    """Returns the outcome of a login at AWS in an event; Okta's events come before AWS has judged."""
    if event.refusal is not None:
        return Outcome.REFUSED
    return Outcome.ACCEPTED if event.kept_by == CLOUDTRAIL else Outcome.UNDECIDED


def _listed(number: int, login: RecordedLogin) -> dict[str, Any]:
    data = {
        "number": number,
        "posted_at": instant(login.posted_at) if login.posted_at is not None else "",
        "posted_to": login.posted_to,
        "said": login.refusal.as_json() if login.refusal is not None else None,
    }
    return {name: value for name, value in data.items() if value}


def _without(data: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != name}
