"""``cloudtrail:LookupEvents``: the event history, as alerting tools and people query it.

Spec: AWS CloudTrail API "LookupEvents"
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from emulator.kernel.errors import AwsRefusal
from sp_mock.apis.json_protocol import json_refusal
from sp_mock.apis.operations import Result, SignedCall
from sp_mock.apis.service_model import Parameters, ResponseElements
from sp_mock.cloudtrail.events import TrailEvent, record_of
from sp_mock.cloudtrail.history import EventHistory
from sp_mock.cloudtrail_api.resources import Resources, resources_of

CLOUDTRAIL = "AWS CloudTrail"
_PAGE = 50

_ATTRIBUTES: Mapping[str, Callable[[TrailEvent, str], bool]] = {
    "EventId": lambda event, value: event.event_id == value,
    "EventName": lambda event, value: event.name == value,
    "ReadOnly": lambda event, value: _read_only(event) == value,
    "Username": lambda event, value: event.identity.shown_name == value,
    "ResourceType": lambda event, value: any(kind == value for kind, _ in resources_of(event)),
    "ResourceName": lambda event, value: any(name == value for _, name in resources_of(event)),
    "EventSource": lambda event, value: event.source == value,
    "AccessKeyId": lambda event, value: event.identity.access_key_id == value,
}


def lookup_events(call: SignedCall) -> Result:
    """Returns a page of the event history of the caller's account in the endpoint's region, the newest event first.

    A query for Insights events finds none, because only trails record them and no trail is emulated.

    Raises:
        AwsRefusal: InvalidLookupAttributesException, InvalidTimeRangeException or InvalidNextTokenException.
        AccessDenied: the caller's policies do not allow it.

    Spec: AWS CloudTrail API "LookupEvents"
    Evidence: documented (the rules and the exceptions' names), assumed (their words; that values have to be equal)
    """
    call.authorize("*")
    parameters = call.parameters
    start, end = _instant(parameters.get("StartTime")), _instant(parameters.get("EndTime"))
    if start is not None and end is not None and start > end:
        raise _refused(
            "InvalidTimeRangeException",
            "The specified time range is not valid: the start time is after the end time.",
            check="time-range",
            where="parameters StartTime and EndTime",
            received=f"{start.isoformat()} to {end.isoformat()}",
        )
    is_wanted = _filter(parameters)
    history = call.services.get(EventHistory)
    events = [
        event
        for event in history.events(account_id=call.caller.account_id, region=call.endpoint.region_name)
        if is_wanted(event) and (start is None or event.time >= start) and (end is None or event.time <= end)
    ]
    if parameters.get("EventCategory"):
        events = []
    first = _position(parameters, events)
    page = events[first : first + (parameters.get("MaxResults") or _PAGE)]
    elements: dict[str, Any] = {"Events": [_described(event) for event in page]}
    if first + len(page) < len(events):
        elements["NextToken"] = _token(parameters, page[-1])
    return Result(elements)


def _filter(parameters: Parameters) -> Callable[[TrailEvent], bool]:
    attributes = parameters.get("LookupAttributes") or ()
    if len(attributes) > 1:
        raise _refused(
            "InvalidLookupAttributesException",
            "Only one lookup attribute can be specified.",
            check="lookup-attributes",
            where="parameter LookupAttributes",
            received=", ".join(each["AttributeKey"] for each in attributes),
        )
    if not attributes:
        return lambda _event: True
    attribute = attributes[0]
    matches, value = _ATTRIBUTES[attribute["AttributeKey"]], attribute["AttributeValue"]
    return lambda event: matches(event, value)


def _described(event: TrailEvent) -> ResponseElements:
    """Returns an event in the form of LookupEvents.

    Spec: AWS CloudTrail API "Event"
    Evidence: documented
    """
    return {
        "EventId": event.event_id,
        "EventName": event.name,
        "ReadOnly": _read_only(event),
        "AccessKeyId": event.identity.access_key_id or None,
        "EventTime": event.time.replace(microsecond=0),
        "EventSource": event.source,
        "Username": event.identity.shown_name or None,
        "Resources": _described_resources(resources_of(event)),
        "CloudTrailEvent": json.dumps(record_of(event), separators=(",", ":")),
    }


def _described_resources(resources: Resources) -> list[ResponseElements]:
    return [{"ResourceType": kind, "ResourceName": name} for kind, name in resources]


def _read_only(event: TrailEvent) -> str:
    return "true" if event.read_only else "false"


def _instant(value: Any) -> datetime | None:
    """Reads an instant: seconds since 1970, or text.

    Raises:
        AwsRefusal: InvalidTimeRangeException, it is neither.
    """
    if value is None:
        return None
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise _refused(
            "InvalidTimeRangeException",
            "The specified time range is not valid.",
            check="time-range",
            where="parameters StartTime and EndTime",
            received=str(value)[:64],
        ) from None


def _token(parameters: Parameters, last: TrailEvent) -> str:
    """Returns the token for the page after an event, valid only for the same query.

    Spec: AWS CloudTrail API "LookupEvents", NextToken
    Evidence: documented (the same parameters), assumed (the form)
    """
    return base64.urlsafe_b64encode(f"{last.event_id} {_question(parameters)}".encode()).decode()


def _position(parameters: Parameters, events: list[TrailEvent]) -> int:
    """Returns where the page that a call asks for begins.

    Raises:
        AwsRefusal: InvalidNextTokenException, the token was not given out for this query.
    """
    token = parameters.get("NextToken")
    if not token:
        return 0
    try:
        event_id, _, question = base64.urlsafe_b64decode(token).decode("ascii").partition(" ")
    except (binascii.Error, ValueError):
        event_id = question = ""
    found = next((index for index, event in enumerate(events) if event.event_id == event_id), None)
    if found is None or question != _question(parameters):
        raise _refused(
            "InvalidNextTokenException",
            "Invalid token.",
            check="next-token",
            where="parameter NextToken",
            received=token[:64],
        )
    return found + 1


def _question(parameters: Parameters) -> str:
    asked = {name: value for name, value in parameters.items() if name not in {"NextToken", "MaxResults"}}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def _refused(code: str, words: str, *, check: str, where: str, received: str) -> AwsRefusal:
    return json_refusal(
        code,
        words,
        service=CLOUDTRAIL,
        check=check,
        explanation="LookupEvents cannot be answered as it is asked.",
        where=where,
        received=received,
    )
