"""The org's System Log: events in the order in which they happened, for 90 days.

Spec: developer.okta.com, System Log API
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.records import dataclass
from emulator.kernel.store import Store
from idp.directory import Directory
from idp.system_log.client_request import current_request
from idp.system_log.events import EventRecord, LogEvent, OrgEvent, record_event

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


class UnreadEvent(LoggedEvent):
    """An entry that is written when somebody reads it. Most are forgotten unread, and a record is a fifth as large."""

    __slots__ = ("_entry", "_record")
    _record: EventRecord
    _entry: LogEvent | None

    def __init__(self, record: EventRecord, expires_at: datetime) -> None:
        object.__setattr__(self, "_record", record)
        object.__setattr__(self, "_entry", None)
        object.__setattr__(self, "expires_at", expires_at)

    @property
    def event(self) -> LogEvent:
        """The entry."""
        entry = self._entry
        if entry is None:
            entry = self._record.entry
            object.__setattr__(self, "_entry", entry)
        return entry

    def __reduce__(self) -> tuple[type[LoggedEvent], tuple[LogEvent, datetime]]:
        return LoggedEvent, (self.event, self.expires_at)


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
        self._listeners: list[Callable[[Sequence[LoggedEvent]], None]] = []
        self._entries = store.table(f"okta-system-log/{directory.org.name}", LoggedEvent, clock=clock, is_history=True)

    @property
    def events(self) -> tuple[LogEvent, ...]:
        """The events that are still kept, the oldest first."""
        return tuple(entry.event for entry in self._entries.running().values())

    def listen(self, listener: Callable[[Sequence[LoggedEvent]], None]) -> None:
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
        end, entries = now + _LIFETIME, []
        for event in events:
            record = record_event(event, request, published=now, ids=self._ids)
            entry = UnreadEvent(record, end)
            entries.append(entry)
            self._entries.put(record.uuid, entry)
        for listener in self._listeners:
            listener(entries)
