"""Event hooks, as the management API creates, changes and deletes them.

Spec: developer.okta.com, Event Hooks API
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from emulator.kernel.clock import Ids
from idp.management.timestamps import whole_second
from idp.model import EventHook, Org, stable_id
from idp.refusals import invalid, missing, not_found, require_url
from idp.system_log.events import DISPLAY_MESSAGES

MAX_HOOKS = 25
_MAX_TEXT = 2000


def find(org: Org, hook_id: str) -> EventHook:
    """Returns an event hook by its ``who…`` id.

    Raises:
        ApiRefusal: E0000007 (404).
    """
    hook = org.event_hooks.get(hook_id)
    if hook is None:
        raise not_found(hook_id, "EventHook")
    return hook


def as_json(org: Org, hook: EventHook) -> dict[str, Any]:
    """Returns an event hook as the API shows it; its secret is never shown.

    Spec: developer.okta.com, Event Hooks API
    Evidence: documented
    """
    here = f"{org.base_url}/api/v1/eventHooks/{hook.hook_id}"
    return {
        "id": hook.hook_id,
        "status": hook.status,
        "verificationStatus": "VERIFIED" if hook.verified else "UNVERIFIED",
        "name": hook.name,
        "description": None,
        "created": whole_second(hook.created_at),
        "createdBy": "00u" + "0" * 17,
        "lastUpdated": whole_second(hook.changed_at),
        "events": {"type": "EVENT_TYPE", "items": list(hook.events), "filter": None},
        "channel": {
            "type": "HTTP",
            "version": "1.0.0",
            "config": {
                "uri": hook.url,
                "headers": [{"key": name, "value": value} for name, value in hook.headers.items()],
                "method": "POST",
                "authScheme": {"type": "HEADER", "key": hook.authorization_header},
            },
        },
        "_links": {"self": {"href": here}, "verify": {"href": f"{here}/lifecycle/verify"}},
    }


def create(org: Org, given: Mapping[str, Any], *, now: datetime, ids: Ids) -> tuple[Org, EventHook]:
    """Registers an event hook; it receives no events until it is verified.

    Raises:
        ApiRefusal: E0000001 (400).

    Spec: developer.okta.com, Event Hooks API, "Create event hook"
    Evidence: documented
    """
    if len(org.event_hooks) >= MAX_HOOKS:
        raise invalid("name", f"name: An org has {MAX_HOOKS} event hooks at most")
    blank = EventHook(stable_id("who", ids.token()), "", "", (), created_at=now, changed_at=now)
    return put(org, _read(blank, given))


def update(org: Org, hook: EventHook, given: Mapping[str, Any], *, now: datetime) -> tuple[Org, EventHook]:
    """Replaces an event hook's settings; after a change of its URL it has to be verified again.

    Raises:
        ApiRefusal: E0000001 (400).

    Spec: developer.okta.com, Event Hooks API, "Replace event hook"
    Evidence: documented
    """
    changed = _read(hook, given)
    return put(org, replace(changed, verified=hook.verified and changed.url == hook.url, changed_at=now))


def put(org: Org, hook: EventHook) -> tuple[Org, EventHook]:
    """Returns the org with an event hook added or replaced."""
    return replace(org, event_hooks={**org.event_hooks, hook.hook_id: hook}), hook


def change_status(org: Org, hook: EventHook, operation: str) -> tuple[Org, EventHook]:
    """Activates or deactivates an event hook."""
    return put(org, replace(hook, status="ACTIVE" if operation == "activate" else "INACTIVE"))


def delete(org: Org, hook: EventHook) -> tuple[Org, None]:
    """Deletes an event hook."""
    hooks = {hook_id: each for hook_id, each in org.event_hooks.items() if hook_id != hook.hook_id}
    return replace(org, event_hooks=hooks), None


def _read(hook: EventHook, given: Mapping[str, Any]) -> EventHook:
    name = given.get("name")
    if not isinstance(name, str) or not name.strip():
        raise missing("name")
    events = _inner(given, "events").get("items")
    if not isinstance(events, list) or not events:
        raise missing("events.items")
    for event in events:
        if event not in DISPLAY_MESSAGES:
            raise invalid("events.items", f"events.items: {event} is not an event type that the emulator logs")
    config = _inner(given, "channel", "config")
    url = config.get("uri")
    url = url if isinstance(url, str) and len(url) <= _MAX_TEXT else ""
    require_url("channel.config.uri", url)
    scheme = _inner(given, "channel", "config", "authScheme")
    headers = config.get("headers") or []
    if not isinstance(headers, list) or not all(_is_header(each) for each in headers):
        raise invalid("channel.config.headers", "channel.config.headers: The field must be a list of key and value")
    return replace(
        hook,
        name=name,
        url=url,
        events=tuple(events),
        authorization=str(scheme.get("value") or hook.authorization),
        authorization_header=str(scheme.get("key") or "Authorization"),
        headers={each["key"]: each["value"] for each in headers},
    )


def _is_header(given: Any) -> bool:
    return (
        isinstance(given, Mapping)
        and all(isinstance(given.get(name), str) and len(given[name]) < _MAX_TEXT for name in ("key", "value"))
        and not any(mark in given["key"] + given["value"] for mark in "\r\n\0")
    )


def _inner(given: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    inner: Any = given
    for name in path:
        inner = inner.get(name) if isinstance(inner, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}
