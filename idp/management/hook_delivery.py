"""The way of events to event hooks: the one-time verification, delivery, and the second attempt.

Spec: developer.okta.com, "Event hooks", Event Hooks API
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterable
from dataclasses import replace

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.failures import Failures
from emulator.kernel.limits import ReachedLimits
from emulator.kernel.outbound import OutboundRequest, Send, Unreachable
from emulator.kernel.records import dataclass
from idp.directory import Directory
from idp.management.events import hook_request
from idp.management.hooks import put
from idp.model import EventHook
from idp.refusals import ApiRefusal
from idp.system_log.events import LogEvent
from idp.system_log.service import LoggedEvent

_ATTEMPTS = 2
_TIMEOUT_SECONDS = 3.0
_MAX_WAITING = 1000


@dataclass(frozen=True, slots=True)
class _Delivery:
    hook_id: str
    event: LogEvent


class HookDelivery:
    """Delivers events to event hooks one after the other, in its own thread.

    Args:
        directory: The org with its hooks.
        send: Sends the requests.
        clock: Source of the events' dates.
        ids: Source of challenges and identifiers.
        failures: Called with unexpected exceptions.
        limits: Limits that were reached; notified of too many waiting events.
    """

    def __init__(
        self,
        directory: Directory,
        send: Send,
        *,
        clock: Clock,
        ids: Ids,
        failures: Failures,
        limits: ReachedLimits | None = None,
    ) -> None:
        self._failures = failures
        self._limits = limits or ReachedLimits()
        self._directory = directory
        self._send = send
        self._clock = clock
        self._ids = ids
        self._waiting: queue.Queue[_Delivery] = queue.Queue(maxsize=_MAX_WAITING)
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    def publish(self, entries: Iterable[LoggedEvent]) -> None:
        """Queues each event for every active hook that is subscribed to it."""
        hooks = self._directory.org.event_hooks
        for event in (entry.event for entry in entries) if hooks else ():
            for hook in hooks.values():
                if hook.status == "ACTIVE" and event["eventType"] in hook.events:
                    self._start_worker()
                    self._queue(_Delivery(hook.hook_id, event))

    def wait(self) -> None:
        """Waits until every published event is delivered or given up."""
        self._waiting.join()

    def verify(self, hook: EventHook) -> EventHook:
        """Asks a hook once whether it is there: its answer has to repeat the challenge from the header.

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
            error_causes=(problem,),
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

    def _queue(self, delivery: _Delivery) -> None:
        """Queues a delivery, or drops it: whoever signs in must not wait for a hook that is slow to answer."""
        try:
            self._waiting.put_nowait(delivery)
        except queue.Full:
            self._limits.reached(
                "event hook deliveries",
                f"{_MAX_WAITING:,} events wait for event hooks, and further ones are not delivered until some have "
                "been. Have the hooks answer faster, or subscribe them to fewer events",
            )

    def _start_worker(self) -> None:
        with self._lock:
            if self._worker is None:
                self._worker = threading.Thread(target=self._deliver_all, name="event-hooks", daemon=True)
                self._worker.start()

    def _deliver_all(self) -> None:
        while True:
            delivery = self._waiting.get()
            try:
                self._deliver(delivery)
            except Exception as error:  # noqa: BLE001 - the events behind it are delivered all the same
                kind = delivery.event["eventType"]
                self._failures.tell(f"delivering {kind} to an event hook", error)
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
