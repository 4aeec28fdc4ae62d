"""Everything that a recording says of one login, from wherever it was recorded."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import datetime
from typing import Literal

from emulator.flow import RolePair, role_pairs
from emulator.inspection.redaction import without_secrets
from emulator.kernel.records import dataclass
from emulator.reconstruction.journey import Journey, journey_of
from emulator.reconstruction.message_facts import MessageFacts, read_message
from emulator.recordings.logins import RecordedLogin
from emulator.recordings.recorded_refusals import SIGN_IN, STS, RecordedRefusal

End = Literal["accepted", "refused", "stopped", "unknown"]
_FIRST_ERROR = 400


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is known of a login.

    Args:
        message: What its message says; of events what they say of it.
        journey: Where it went.
        end: How it ended: ``stopped`` where the role chooser was left, ``unknown`` where the recording does not say.
        refusal: What it was refused with; None where it was not.
        relay_state: The field beside the message.
        posted_to: Where the message was posted; empty where that is not known.
        posted_at: When it was posted.
        role_arn: The role that was chosen or asked for; empty for none.
        provider_arn: The SAML provider that STS was asked with.
        duration_seconds: The length that STS was asked for.
        at_sts: Whether it was sent to STS.
        source: What it was read from, as a phrase.
        has_message: Whether the identity provider issued a message.
    """

    message: MessageFacts
    journey: Journey
    end: End
    refusal: RecordedRefusal | None = None
    relay_state: str = ""
    posted_to: str = ""
    posted_at: datetime | None = None
    role_arn: str = ""
    provider_arn: str = ""
    duration_seconds: int | None = None
    at_sts: bool = False
    source: str = "a recording"
    has_message: bool = field(default=True)

    @property
    def pairs(self) -> tuple[RolePair, ...]:
        """The roles of the message with their SAML providers, and where it cannot be read those known otherwise."""
        found = role_pairs(self.message.values("Role"))
        if not found and self.role_arn and self.provider_arn:
            return (RolePair(self.role_arn, self.provider_arn),)
        return tuple(dict.fromkeys(found))

    @property
    def pair(self) -> RolePair | None:
        """The role that was taken: the chosen one, or else the first."""
        chosen = next((each for each in self.pairs if each.role_arn == self.role_arn), None)
        return chosen or (self.pairs[0] if self.pairs and not self.role_arn else None)

    @property
    def session_name(self) -> str:
        """The first RoleSessionName; empty for none."""
        return next(iter(self.message.values("RoleSessionName")), "")


def recorded(login: RecordedLogin) -> Recorded:
    """Returns what a recording says about a login."""
    journey, refusal = journey_of(login), login.refusal
    is_empty = login.refusal is not None and login.refusal.service in {SIGN_IN, STS}
    nothing = MessageFacts(payload="empty" if is_empty else "")
    return Recorded(
        read_message(login.saml_response) if login.saml_response else nothing,
        journey,
        _end_of(login, journey),
        refusal=refusal and replace(refusal, message=without_secrets(refusal.message)),
        relay_state=without_secrets(login.relay_state or ""),
        posted_to=login.posted_to,
        posted_at=login.posted_at,
        role_arn=login.role_arn,
        provider_arn=login.provider_arn,
        duration_seconds=login.duration_seconds,
        at_sts=login.at_sts,
        has_message=bool(login.saml_response),
    )


def _end_of(login: RecordedLogin, journey: Journey) -> End:
    if login.refusal is not None:
        return "refused"
    answered = [hop for hop in login.hops if hop.posted and hop.status]
    if login.was_taken or journey.is_entered:
        return "accepted"
    if login.at_sts and answered and answered[-1].status < _FIRST_ERROR:
        return "accepted"
    # The page that asks for a role was shown, and nobody chose one.
    return "stopped" if journey.offered and answered and not login.role_arn else "unknown"
