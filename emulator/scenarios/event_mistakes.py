"""Fields of events that no event has: with ``absent`` a misspelt one would be met whatever happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from emulator.building.event_types import EVENT_TYPES
from emulator.kernel.errors import Problem
from emulator.scenarios.event_values import value_mistakes
from emulator.scenarios.format.placeholders import names_in
from emulator.scenarios.format.step_schema import StepSettings
from emulator.world import World
from emulator.worldfile.schema.schema_check import suggestion
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import YamlDocument

_Fields = Mapping[str, Any]
# Below these anything may be: what a call was given and answered.
_OPEN: Final[_Fields] = {}
_IDENTITY: Final[_Fields] = dict.fromkeys(("type", "principalId", "arn", "accountId", "userName"), None)
_TRAIL: Final[_Fields] = {
    **dict.fromkeys(
        ("eventVersion", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent")
    ),
    **dict.fromkeys(("errorCode", "errorMessage", "requestID", "eventID", "readOnly", "eventType", "managementEvent")),
    **dict.fromkeys(("recipientAccountId", "sharedEventID", "eventCategory", "apiVersion", "vpcEndpointId")),
    "userIdentity": {
        **_IDENTITY,
        **dict.fromkeys(("accessKeyId", "identityProvider", "invokedBy")),
        "sessionContext": {
            "sessionIssuer": _IDENTITY,
            "attributes": dict.fromkeys(("creationDate", "mfaAuthenticated")),
            **dict.fromkeys(("sourceIdentity", "webIdFederationData")),
        },
    },
    **dict.fromkeys(("requestParameters", "responseElements", "additionalEventData", "resources", "tlsDetails"), _OPEN),
}
_ACTOR: Final[_Fields] = dict.fromkeys(("id", "type", "alternateId", "displayName", "detailEntry"))
_LOG: Final[_Fields] = {
    **dict.fromkeys(
        ("uuid", "published", "eventType", "version", "displayMessage", "severity", "legacyEventType", "device")
    ),
    "actor": _ACTOR,
    "outcome": dict.fromkeys(("result", "reason")),
    "client": {
        **dict.fromkeys(("zone", "device", "id", "ipAddress")),
        "userAgent": dict.fromkeys(("rawUserAgent", "os", "browser")),
        "geographicalContext": _OPEN,
    },
    "target": _ACTOR,
    "transaction": {**dict.fromkeys(("type", "id")), "detail": _OPEN},
    "debugContext": _OPEN,
    "authenticationContext": _OPEN,
    "securityContext": _OPEN,
    "request": {"ipChain": _OPEN},
}
_KNOWN: Final[Mapping[str, tuple[str, _Fields]]] = {
    "cloudtrail": ("CloudTrail record", _TRAIL),
    "system_log": ("event of the System Log", _LOG),
    "event_hook": ("event of the System Log", {"hook": None, **_LOG}),
}


def event_mistakes(step: StepSettings, key: Key, world: World, document: YamlDocument) -> Iterator[Problem]:
    """Yields what no event can have: a field, a type, a hook that the world does not know.

    Args:
        step: A step that looks for events.
        key: The step's key.
        world: The scenario's world.
        document: The scenario.
    """
    what, known = _KNOWN[step.deed]
    wanted: dict[str, Any] = getattr(step, step.deed)
    here = (*key, step.deed)
    yield from _unknown_fields(wanted, known, here, f"a {what}" if what[0] != "e" else f"an {what}", document)
    yield from value_mistakes(wanted, here, what, document)
    kind = wanted.get("eventType")
    if step.deed != "cloudtrail" and isinstance(kind, str) and kind not in EVENT_TYPES and not names_in(kind):
        near = suggestion(kind, EVENT_TYPES)
        message = f"nothing that happens here is of the type {kind}"
        yield Problem(document.location((*here, "eventType")), message, "an event type of Okta's System Log", near)
    hook = wanted.get("hook") if step.deed == "event_hook" else None
    hooks = [name for org in world.settings.okta.values() for name in org.event_hooks]
    if isinstance(hook, str) and hook not in hooks and not names_in(hook) and not _makes_hooks(document):
        message = f"there is no event hook {hook}"
        expected = " or ".join(hooks) or "the name of one of the org's event_hooks"
        yield Problem(document.location((*here, "hook")), message, expected, suggestion(hook, hooks))


def _unknown_fields(wanted: Any, known: _Fields, key: Key, what: str, document: YamlDocument) -> Iterator[Problem]:
    if isinstance(wanted, list):
        for index, each in enumerate(wanted):
            yield from _unknown_fields(each, known, (*key, index), what, document)
    if not isinstance(wanted, dict):
        return
    for name, value in wanted.items():
        if name not in known:
            message = f"{what} has no field {name}"
            yield Problem(document.location((*key, name)), message, ", ".join(known), suggestion(name, list(known)))
        elif known[name]:
            yield from _unknown_fields(value, known[name], (*key, name), f"{name} of {what}", document)


def _makes_hooks(document: YamlDocument) -> bool:
    """Returns whether the scenario asks Okta's management API for something: it may make an event hook."""
    steps = document.data.get("steps") or ()
    return any(isinstance(step.get("okta"), dict) and "request" in step["okta"] for step in steps)
