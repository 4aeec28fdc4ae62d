"""The event history of all accounts."""

from __future__ import annotations

from typing import Any

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.store import Store
from sp_mock.cloudtrail.events import TrailEvent, record_of


class EventHistory:
    """Keeps events for 90 days.

    Args:
        clock: AWS's clock.
    """

    def __init__(self, store: Store, *, clock: Clock, ids: Ids) -> None:
        self.clock = clock
        self.ids = ids
        self._events = store.table("cloudtrail-events", TrailEvent, is_history=True)

    def add(self, event: TrailEvent) -> None:
        """Adds an event to the history."""
        self._events.put(event.event_id, event)

    def events(self, *, account_id: str | None = None, region: str | None = None) -> list[TrailEvent]:
        """Returns the events, the newest first.

        Args:
            account_id: The account in whose history the events are; every account by default.
            region: Region of the events; every region by default.
        """
        found = [
            event
            for event in reversed(list(self._events.running().values()))
            if account_id in {None, event.account_id} and region in {None, event.region}
        ]
        return sorted(found, key=lambda event: event.time, reverse=True)

    def records(self, *, account_id: str | None = None) -> list[dict[str, Any]]:
        """Returns the records as a log file contains them, the newest first."""
        return [record_of(event) for event in self.events(account_id=account_id)]
