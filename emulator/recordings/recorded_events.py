"""Logins in the event logs of AWS and Okta: CloudTrail records and System Log entries, as people export them.

Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents"; developer.okta.com, System Log API, "LogEvent
object"
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from emulator.kernel.clock import instant
from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.recordings.hops import moment
from emulator.recordings.recorded_refusals import CONNECT, OKTA, SIGN_IN, STS, RecordedRefusal, refusal_in

CLOUDTRAIL, SYSTEM_LOG = "CloudTrail", "Okta System Log"
_MAX_DEPTH = 8
_SERVICES = {"sts.amazonaws.com": STS, "signin.amazonaws.com": SIGN_IN, "connect.amazonaws.com": CONNECT}
_OF_LOGINS = frozenset(
    {
        "AssumeRoleWithSAML",
        "ConsoleLogin",
        "GetSigninToken",
        "SwitchRole",
        "GetFederationToken",
        "GetFederationTokens",
        "AdminGetEmergencyAccessToken",
    }
)
# What a failed event may have been about, by the prefix of its type.
OKTA_CHECKS = {
    "app.generic.unauth_app_access_attempt": ("app-assignment",),
    "user.session.start": ("okta-sign-in",),
    "user.authentication.auth_via_mfa": ("okta-factor",),
    "user.mfa.okta_verify.deny_push": ("okta-factor",),
    "user.account.lock": ("okta-sign-in",),
    "policy.evaluate_sign_on": ("okta-sign-in",),
    "user.authentication.sso": ("okta-claims", "app-assignment"),
    "app.saml.": ("okta-claims",),
}
_OKTA_OF_LOGINS = ("user.session.", "user.authentication.", "user.mfa.", "policy.evaluate_sign_on", "user.account.lock")
_OKTA_APPS = ("app.generic.", "app.saml", "app.auth", "app.oauth2.")
# Used when an entry gives no reason of its own.
CODE_CHECKS = {
    "UserNotFoundException": ("connect-user",),
    "DuplicateResourceException": ("role-binding",),
    "AccessDeniedException": ("get-federation-token",),
    "ResourceNotFoundException": ("instance",),
    "ExpiredTokenException": ("redeemed-in-time", "time-window", "session-end"),
    "RegionDisabledException": ("sts-region",),
    "PackedPolicyTooLarge": ("packed-size",),
    "AccessDenied": ("trust-policy", "name-id"),
}


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event from a log.

    Args:
        kept_by: The log: ``CloudTrail`` or ``Okta System Log``.
        name: The event's name or type.
        at: When it happened; None if it does not say.
        who: The person, as the event identifies them.
        refusal: The service's refusal; None if nothing was refused.
        facts: Further details of the event, by name.
    """

    kept_by: str
    name: str
    at: datetime | None
    who: str
    refusal: RecordedRefusal | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The event as JSON data, without its empty fields."""
        data = {
            "kept_by": self.kept_by,
            "name": self.name,
            "at": instant(self.at) if self.at is not None else "",
            "who": self.who,
            "said": self.refusal.as_json() if self.refusal is not None else None,
            "facts": dict(self.facts),
        }
        return {name: value for name, value in data.items() if value}


def events_in(data: Any) -> tuple[RecordedEvent, ...]:
    """Returns the login events in JSON data, oldest first; other events are left out.

    Args:
        data: One event, a list of them, a CloudTrail log file (``Records``), the output of LookupEvents (``Events``),
            an EventBridge event (``detail``), or the request of an Okta event hook (``data.events``).

    Raises:
        FederationError: an event in it cannot be read.
    """
    found = [each for each in _read(data) if each is not None]
    if found and _seconds(found[0]) > _seconds(found[-1]):
        # Logs list the newest event first; for events in the same second, their order is all there is to go by.
        found.reverse()
    return tuple(sorted(found, key=_seconds))


def _seconds(event: RecordedEvent) -> float:
    return event.at.timestamp() if event.at is not None else 0.0


def holds_events(data: Any) -> bool:
    """Returns whether JSON data contains events, whether of logins or of other things."""
    return next(_nodes(data, 0), None) is not None


def _read(data: Any) -> Iterator[RecordedEvent | None]:
    for node in _nodes(data, 0):
        yield _of_cloudtrail(node) if _is_cloudtrails(node) else _of_okta(node)


def _nodes(data: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """Yields whatever looks like an event, at any of the places where such files keep them."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(data, list):
        for each in data:
            yield from _nodes(each, depth + 1)
    elif isinstance(data, dict):
        if isinstance(data.get("CloudTrailEvent"), str):
            yield from _nodes(_recorded(data), depth + 1)
        elif _is_cloudtrails(data) or _is_oktas(data):
            yield data
        else:
            for name in ("Records", "Events", "events", "detail", "data", "message", "CloudTrailEvent", "records"):
                yield from _nodes(data.get(name), depth + 1)


def _recorded(data: Mapping[str, Any]) -> Any:
    """Returns the event that LookupEvents puts into its answer as text."""
    try:
        return json.loads(data["CloudTrailEvent"])
    except (ValueError, RecursionError) as error:
        name = " ".join(filter(None, (_text(data.get("EventName")), _text(data.get("EventId")))))
        raise FederationError(
            f"The event {name or 'without a name'} cannot be read: its CloudTrailEvent is not JSON: {error}",
            expected="the answer of LookupEvents as the AWS CLI printed it",
            fix="Save it again, whole, or remove this event.",
        ) from None


def _is_cloudtrails(data: Mapping[str, Any]) -> bool:
    return isinstance(data.get("eventName"), str) and isinstance(data.get("eventSource"), str)


def _is_oktas(data: Mapping[str, Any]) -> bool:
    return isinstance(data.get("eventType"), str) and isinstance(data.get("outcome"), dict)


def _of_cloudtrail(node: Mapping[str, Any]) -> RecordedEvent | None:
    name, source = str(node["eventName"]), str(node["eventSource"])
    if name not in _OF_LOGINS:
        return None
    identity, parameters = _mapping(node.get("userIdentity")), _mapping(node.get("requestParameters"))
    answer, more = _mapping(node.get("responseElements")), _mapping(node.get("additionalEventData"))
    code, words = _text(node.get("errorCode")), _text(node.get("errorMessage"))
    refusal = None
    if code or answer.get("ConsoleLogin") == "Failure" or words:
        refusal = _refused(_SERVICES.get(source, source), code, words or code or "ConsoleLogin: Failure")
    session = _mapping(answer.get("assumedRoleUser")).get("arn") or identity.get("arn")
    facts = {
        "Role": parameters.get("roleArn"),
        "SAML provider": parameters.get("principalArn") or more.get("SamlProviderArn"),
        "RoleSessionName": parameters.get("roleSessionName"),
        "Session": session,
        "NameID": answer.get("subject"),
        "Issuer": answer.get("issuer"),
        "Audience": answer.get("audience"),
        "Instance": parameters.get("InstanceId") or parameters.get("instanceId"),
        "LoginTo": more.get("LoginTo"),
        "Region": node.get("awsRegion"),
        "Account": node.get("recipientAccountId"),
        "Source IP": node.get("sourceIPAddress"),
        "Request ID": node.get("requestID"),
    }
    who = identity.get("userName") or parameters.get("roleSessionName") or str(session or "").rpartition("/")[2]
    return RecordedEvent(
        CLOUDTRAIL,
        name,
        moment(node.get("eventTime")),
        _text(who),
        refusal,
        {fact: value for fact, value in facts.items() if isinstance(value, str) and value},
    )


def _refused(service: str, code: str, words: str) -> RecordedRefusal:
    found = refusal_in(words, service=service) if words else None
    checks = found.checks if found is not None else CODE_CHECKS.get(code, ())
    message = words or code
    # The same code can belong to two services: both AWS STS and Amazon Connect's API return AccessDenied.
    return RecordedRefusal(service, " ".join(message.split())[:300], code, checks)


def _of_okta(node: Mapping[str, Any]) -> RecordedEvent | None:
    kind = str(node["eventType"])
    if not kind.startswith((*_OKTA_OF_LOGINS, *_OKTA_APPS)):
        return None
    outcome, actor = _mapping(node.get("outcome")), _mapping(node.get("actor"))
    result, reason = _text(outcome.get("result")), _text(outcome.get("reason"))
    targets = [each for each in node.get("target") or () if isinstance(each, dict)]
    refusal = None
    if result in {"FAILURE", "DENY", "ABANDONED", "UNANSWERED"}:
        checks = next((known for start, known in OKTA_CHECKS.items() if kind.startswith(start)), ())
        message = _text(node.get("displayMessage")) or kind
        refusal = RecordedRefusal(OKTA, f"{message}: {reason}" if reason else message, result, checks)
    app = next((_text(each.get("displayName")) for each in targets if each.get("type") == "AppInstance"), "")
    app_user = next((_text(each.get("alternateId")) for each in targets if each.get("type") == "AppUser"), "")
    facts = {
        "What": _text(node.get("displayMessage")),
        "Result": f"{result} ({reason})" if reason else result,
        "App": app,
        "Name in the app": app_user,
        "Source IP": _text(_mapping(node.get("client")).get("ipAddress")),
        "Request": _text(_mapping(node.get("transaction")).get("id")),
    }
    return RecordedEvent(
        SYSTEM_LOG,
        kind,
        moment(node.get("published")),
        _text(actor.get("alternateId")),
        refusal,
        {name: value for name, value in facts.items() if value},
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
