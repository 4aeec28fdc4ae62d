"""The org's management: changes to it, the System Log that records them, and the event hooks that hear of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.outbound import Send
from emulator.kernel.store import Store, Table
from idp.directory import Directory
from idp.management.events import LogEvent, OrgEvent, log_event, membership_changes
from idp.management.hook_delivery import HookDelivery
from idp.model import Org

_LOG_LIFETIME = timedelta(days=90)
Changed = TypeVar("Changed")


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An entry of the System Log, which keeps it for 90 days."""

    event: LogEvent
    expires_at: datetime


class Management:
    """Changes an org and logs what happened.

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
        self.system_log: Table[LoggedEvent] = store.table(
            f"okta-system-log/{directory.org.name}", LoggedEvent, clock=clock
        )

    def change(self, make: Callable[[Org], tuple[Org, Changed]], *events: OrgEvent) -> Changed:
        """Changes the org and logs what happened, with who gained or lost an app by it.

        Args:
            make: As in ``Directory.change``.
            events: What has happened when the change succeeds.
        """
        before: list[Org] = []

        def remember(org: Org) -> tuple[Org, Changed]:
            before.append(org)
            return make(org)

        answer = self.directory.change(remember)
        self.log(*events, *membership_changes(before[-1], self.directory.org))
        return answer

    def log(self, *events: OrgEvent) -> None:
        """Puts events into the System Log and hands them to the hooks."""
        now = self.clock.now()
        entries = [log_event(event, actor="API token", now=now, ids=self.ids) for event in events]
        for entry in entries:
            self.system_log.put(entry["uuid"], LoggedEvent(entry, now + _LOG_LIFETIME))
        self.hooks.publish(entries)
