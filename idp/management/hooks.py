"""Event hooks: who is told about what happens in the org, and the telling.

Spec: developer.okta.com, "Event hooks", Event Hooks API
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from emulator.kernel.clock import Clock, Ids, instant
from emulator.kernel.outbound import OutboundRequest, Send, Unreachable
from idp.directory import Directory
from idp.management.events import MESSAGES, LogEvent, hook_request
from idp.model import EventHook, Org, stable_id
from idp.refusals import ApiRefusal, invalid, missing, not_found, require_url

MAX_HOOKS = 25
_ATTEMPTS = 2
_TIMEOUT_SECONDS = 3.0
_MAX_TEXT = 2000
_WAITING = 1000


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
    """Returns an event hook as the API shows it; its secret is never told.

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
        "created": instant(hook.created_at),
        "createdBy": "00u" + "0" * 17,
        "lastUpdated": instant(hook.changed_at),
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
    """Registers an event hook; it hears nothing before it is verified.

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
    """Replaces an event hook's settings; with another address it has to be verified again.

    Raises:
        ApiRefusal: E0000001 (400).

    Spec: developer.okta.com, Event Hooks API, "Replace event hook"
    Evidence: documented
    """
    changed = _read(hook, given)
    return put(org, replace(changed, verified=hook.verified and changed.url == hook.url, changed_at=now))


def put(org: Org, hook: EventHook) -> tuple[Org, EventHook]:
    """Keeps an event hook."""
    return replace(org, event_hooks={**org.event_hooks, hook.hook_id: hook}), hook


def change_status(org: Org, hook: EventHook, operation: str) -> tuple[Org, EventHook]:
    """Activates or deactivates an event hook."""
    return put(org, replace(hook, status="ACTIVE" if operation == "activate" else "INACTIVE"))


def delete(org: Org, hook: EventHook) -> tuple[Org, None]:
    """Forgets an event hook."""
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
        if event not in MESSAGES:
            raise invalid("events.items", f"events.items: {event} is not an event that the emulator tells")
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


@dataclass(frozen=True, slots=True)
class _Delivery:
    hook_id: str
    event: LogEvent


class HookDelivery:
    """Carries events to event hooks, one after the other, behind the back of whoever caused them.

    Args:
        directory: The org with its hooks.
        send: Carries the requests.
        clock: Dates them.
        ids: Makes challenges and identifiers.
    """

    def __init__(self, directory: Directory, send: Send, *, clock: Clock, ids: Ids) -> None:
        self._directory = directory
        self._send = send
        self._clock = clock
        self._ids = ids
        self._waiting: queue.Queue[_Delivery] = queue.Queue(maxsize=_WAITING)
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    def publish(self, events: Iterable[LogEvent]) -> None:
        """Has every active hook told about the events that it asked for."""
        for event in events:
            for hook in self._directory.org.event_hooks.values():
                if hook.status == "ACTIVE" and event["eventType"] in hook.events:
                    self._start()
                    self._waiting.put(_Delivery(hook.hook_id, event))

    def wait(self) -> None:
        """Waits until everything that was published is delivered or given up."""
        self._waiting.join()

    def verify(self, hook: EventHook) -> EventHook:
        """Asks a hook once whether it is there: what the challenge header says has to come back.

        Raises:
            ApiRefusal: 400, no answer with the challenge in two attempts.

        Spec: developer.okta.com, "Event hooks", one-time verification request; Event Hooks API, "Verify event hook"
        Evidence: documented (challenge, time-out and retry), assumed (code and words)
        """
        challenge = self._ids.token(32)
        headers = {**_headers(hook), "X-Okta-Verification-Challenge": challenge}
        request = OutboundRequest("GET", hook.url, headers, reason=f"verifies the event hook {hook.name}")
        problem = ""
        for _ in range(_ATTEMPTS):
            problem = self._try(replace(request, timeout_seconds=_TIMEOUT_SECONDS), challenge)
            if not problem:
                return self._keep(replace(hook, verified=True, changed_at=self._clock.now()))
        raise ApiRefusal(
            "Event hook verification failed",
            code="E0000163",
            status=400,
            check="event-hook",
            evidence="assumed",
            causes=(problem,),
            explanation=problem,
            where=hook.url,
            expected='{"verification": "<the value of the header X-Okta-Verification-Challenge>"}',
            fix="Answer the GET request with the challenge, as JSON, within three seconds.",
            spec="developer.okta.com, Event hooks",
        )

    def _keep(self, hook: EventHook) -> EventHook:
        return self._directory.change(lambda org: put(org, hook))

    def _try(self, request: OutboundRequest, challenge: str) -> str:
        try:
            answer = self._send(request)
        except Unreachable as error:
            return str(error)
        try:
            returned = json.loads(answer.body).get("verification")
        except (ValueError, AttributeError, RecursionError):
            returned = None
        if answer.status >= 300:
            return f"The hook answered {answer.status}."
        return "" if returned == challenge else "The hook's answer does not carry the challenge as verification."

    def _start(self) -> None:
        with self._lock:
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="event-hooks", daemon=True)
                self._worker.start()

    def _work(self) -> None:
        while True:
            delivery = self._waiting.get()
            try:
                self._deliver(delivery)
            finally:
                self._waiting.task_done()

    def _deliver(self, delivery: _Delivery) -> None:
        """Posts an event, and once more when that fails.

        A hook of the world file is verified before the first event.

        Spec: developer.okta.com, "Event hooks", time-out and retry
        Evidence: documented
        """
        org = self._directory.org
        hook = org.event_hooks.get(delivery.hook_id)
        if hook is None:
            return
        if not hook.verified:
            try:
                hook = self.verify(hook)
            except ApiRefusal:
                return
        now = self._clock.now()
        body = json.dumps(hook_request(org, hook.hook_id, delivery.event, now=now, ids=self._ids)).encode()
        for attempt in range(1, _ATTEMPTS + 1):
            request = OutboundRequest(
                "POST",
                hook.url,
                _headers(hook),
                body,
                reason=f"tells the event hook {hook.name} of {delivery.event['eventType']}, attempt {attempt}",
                timeout_seconds=_TIMEOUT_SECONDS,
            )
            try:
                if self._send(request).status < 300:
                    return
            except Unreachable:
                continue


def _headers(hook: EventHook) -> dict[str, str]:
    headers = {"Accept": "application/json", "Content-Type": "application/json", **hook.headers}
    return headers | ({hook.authorization_header: hook.authorization} if hook.authorization else {})
