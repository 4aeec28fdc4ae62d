"""The org's management: changes to it, with what they are told to, the System Log and the event hooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.outbound import Send
from emulator.kernel.store import Store, Table
from idp.directory import Directory
from idp.management.events import LogEvent, log_event, membership_changes
from idp.management.hooks import HookDelivery
from idp.model import Org

_LOG_LIFETIME = timedelta(days=90)
Changed = TypeVar("Changed")
# An event's type, and what it happened to.
Told = tuple[str, tuple[dict[str, Any], ...]]


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An entry of the System Log, which keeps it for 90 days."""

    event: LogEvent
    expires_at: datetime


class Management:
    """Changes an org, and tells what happened.

    Args:
        directory: The org.
        store: Keeps the System Log.
        send: Carries requests to event hooks.
        clock: Dates what happens.
        ids: Makes identifiers.
    """

    def __init__(self, directory: Directory, store: Store, send: Send, *, clock: Clock, ids: Ids) -> None:
        self.directory = directory
        self.send = send
        self.clock = clock
        self.ids = ids
        self.hooks = HookDelivery(directory, send, clock=clock, ids=ids)
        self.log: Table[LoggedEvent] = store.table(f"okta-system-log/{directory.org.name}", LoggedEvent, clock=clock)

    def change(self, make: Callable[[Org], tuple[Org, Changed]], *told: Told) -> Changed:
        """Changes the org, and tells the log and the hooks what happened, who gained or lost an app included.

        Args:
            make: As in ``Directory.change``.
            told: Events to tell when it worked.
        """
        before: list[Org] = []

        def remember(org: Org) -> tuple[Org, Changed]:
            before.append(org)
            return make(org)

        answer = self.directory.change(remember)
        self.record([*told, *membership_changes(before[-1], self.directory.org)])
        return answer

    def record(self, told: Iterable[Told]) -> None:
        """Puts events into the System Log and hands them to the hooks."""
        now = self.clock.now()
        events = [log_event(kind, *targets, actor="API token", now=now, ids=self.ids) for kind, targets in told]
        for event in events:
            self.log.put(event["uuid"], LoggedEvent(event, now + _LOG_LIFETIME))
        self.hooks.publish(events)
