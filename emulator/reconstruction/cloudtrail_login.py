"""A login as CloudTrail kept it: what AssumeRoleWithSAML was called with and answered, and what came after it.

Spec: AWS CloudTrail UG "cloudtrail-event-reference-user-identity"; AWS STS API AssumeRoleWithSAML
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from emulator.kernel.errors import FederationError
from emulator.kernel.partitions import partition_of_arn
from emulator.reconstruction.journey import Instance, Journey
from emulator.reconstruction.message_facts import (
    AWS_ATTRIBUTES,
    BEARER,
    Confirmation,
    MessageFacts,
    RecordedAttribute,
)
from emulator.reconstruction.recorded import Recorded
from emulator.reconstruction.setup import sign_in_url
from emulator.recordings.recorded_events import CLOUDTRAIL, RecordedEvent

_ASSUME = "AssumeRoleWithSAML"
_FEDERATION = frozenset({"GetFederationToken", "GetFederationTokens"})
_INSTANCE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def logins_of_events(events: Sequence[RecordedEvent]) -> tuple[RecordedEvent, ...]:
    """Returns the events that are logins: the calls of AssumeRoleWithSAML that say which role was asked for.

    Raises:
        FederationError: there is none.
    """
    found = tuple(each for each in events if each.name == _ASSUME and _role_of(each))
    if found:
        return found
    of_okta = all(each.kept_by != CLOUDTRAIL for each in events)
    what = "Okta's System Log does not say which roles an assertion had" if of_okta else "these events name no role"
    raise FederationError(
        f"A world cannot be made of this: {what}",
        expected="a HAR of the login, a SAMLResponse, or CloudTrail's event AssumeRoleWithSAML",
        fix="Record the login with the browser's developer tools, with 'Preserve log' on, and save the HAR.",
    )


def recorded_event(login: RecordedEvent, events: Sequence[RecordedEvent]) -> Recorded:
    """Returns what CloudTrail says of a login.

    Args:
        login: The call of AssumeRoleWithSAML.
        events: All events, the oldest first.
    """
    session = login.facts.get("RoleSessionName") or login.facts.get("Session", "").rpartition("/")[2] or login.who
    later = [each for each in events[list(events).index(login) + 1 :] if _is_of(each, session)]
    role_arn, provider_arn = _role_of(login), login.facts.get("SAML provider", "")
    federation = next((each for each in later if each.name in _FEDERATION), None)
    at_console = any(each.name == "ConsoleLogin" for each in later)
    refusal = login.refusal or next((each.refusal for each in later if each.refusal is not None), None)
    return Recorded(
        _message(login, session, role_arn, provider_arn),
        Journey(
            instance=_instance(federation),
            is_entered=federation is not None and federation.refusal is None,
            has_answers=False,
        ),
        "refused" if refusal is not None else "accepted",
        refusal=refusal,
        relay_state=_federate_url(federation),
        posted_at=login.at,
        role_arn=role_arn,
        provider_arn=provider_arn,
        at_sts=not at_console and federation is None and login.refusal is None,
        source="CloudTrail's events",
    )


def _role_of(event: RecordedEvent) -> str:
    return event.facts.get("Role", "")


def _is_of(event: RecordedEvent, session: str) -> bool:
    return event.kept_by == CLOUDTRAIL and session in {event.who, event.facts.get("Session", "").rpartition("/")[2]}


def _message(event: RecordedEvent, session: str, role_arn: str, provider_arn: str) -> MessageFacts:
    """Returns what the answer of STS says of the message: it repeats Issuer, Recipient and NameID."""
    facts = event.facts
    pairs = (f"{provider_arn},{role_arn}",) if provider_arn else ()
    attributes = (
        RecordedAttribute(f"{AWS_ATTRIBUTES}Role", "", pairs),
        RecordedAttribute(f"{AWS_ATTRIBUTES}RoleSessionName", "", (session,) if session else ()),
    )
    recipient = facts.get("Audience") or sign_in_url(partition_of_arn(role_arn).name)
    return MessageFacts(
        assertions=1,
        issuer=facts.get("Issuer", ""),
        name_id=facts.get("NameID") or session or None,
        attributes=attributes,
        audiences=("urn:amazon:webservices",),
        confirmations=(Confirmation(BEARER, recipient, ""),),
        issued_at=event.at,
        signed=("Response", "Assertion"),
    )


def _instance(event: RecordedEvent | None) -> Instance | None:
    if event is None:
        return None
    found = _INSTANCE_ID.search(event.facts.get("Instance", ""))
    return Instance(found[0] if found is not None else "", event.facts.get("Region", ""))


def _federate_url(event: RecordedEvent | None) -> str:
    instance = _instance(event)
    if instance is None or not instance.instance_id or not instance.region:
        return ""
    return f"https://{instance.region}.console.aws.amazon.com/connect/federate/{instance.instance_id}"
