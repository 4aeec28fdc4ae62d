"""The org's System Log: events in the order in which they happened, for 90 days.

Spec: developer.okta.com, System Log API
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from emulator.kernel.clock import Clock, Ids, instant
from emulator.kernel.records import dataclass
from emulator.kernel.store import Store
from idp.directory import Directory
from idp.system_log.client_request import current_request
from idp.system_log.events import LogEvent, OrgEvent, log_event

_LIFETIME = timedelta(days=90)
_REQUEST_ID_CHARACTERS = 27


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An entry of the System Log, kept for 90 days.

    Spec: developer.okta.com, System Log API, "Data retention"
    Evidence: documented
    """

    event: LogEvent
    expires_at: datetime


class SystemLog:
    """The log of one org.

    Args:
        store: Store of the events.
        clock: Source of the events' dates.
    """

    def __init__(self, directory: Directory, store: Store, *, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._request_ids = ids.beside("Okta's request ids")
        self._listeners: list[Callable[[Sequence[LogEvent]], None]] = []
        self._entries = store.table(f"okta-system-log/{directory.org.name}", LoggedEvent, clock=clock, is_history=True)

    @property
    def events(self) -> tuple[LogEvent, ...]:
        """The events that are still kept, the oldest first."""
        return tuple(entry.event for entry in self._entries.running().values())

    def listen(self, listener: Callable[[Sequence[LogEvent]], None]) -> None:
        """Passes new events to a listener, too."""
        self._listeners.append(listener)

    def new_request_id(self) -> str:
        """Returns what names a request in the log, and in the header of its answer."""
        return self._request_ids.token(_REQUEST_ID_CHARACTERS)

    def log(self, *events: OrgEvent) -> None:
        """Adds events to the log, with what is known about the request during which they happened."""
        if not events:
            return
        now, request = self._clock.now(), current_request()
        request.request_id = request.request_id or self.new_request_id()
        published, end = instant(now), now + _LIFETIME
        entries = [log_event(event, request, published=published, ids=self._ids) for event in events]
        for entry in entries:
            self._entries.put(entry["uuid"], LoggedEvent(entry, end))
        for listener in self._listeners:
            listener(entries)
