"""What the pages of the workbench work with: one federation that is served, and what is known of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.federation import Federation
from emulator.kernel.errors import Problem
from emulator.network.event_stream import EventStream
from emulator.network.trace import Exchange

if TYPE_CHECKING:
    from emulator.fixes.live import LiveFixes
    from emulator.workbench.checked_world import CheckedWorld


@dataclass(frozen=True, slots=True)
class SavedWorld:
    """What came of the world when it was saved last.

    Args:
        changed: How many settings it says otherwise.
        conflicts: The keys of settings that calls have changed too, and that stay as they run.
        problems: Why the file cannot be used, so that the world before it is served; none where it can.
    """

    changed: int = 0
    conflicts: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True, eq=False)
class Workbench:
    """A federation at work.

    Args:
        federation: The federation.
        fixes: What gives the fixes that are shown with refusals; None where none are tried.
        events: Tells the pages what happens.
        saved: What came of the world when it was saved last; None where nobody has saved it, or nobody watches it.
        as_read: The world file as it was read at the start; None where it is read again when it is saved.
    """

    federation: Federation
    fixes: Callable[[], LiveFixes] | None = None
    events: EventStream = field(default_factory=EventStream)
    saved: SavedWorld | None = None
    as_read: str | None = None
    _checked: CheckedWorld | None = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def checked(self) -> CheckedWorld:
        """What is found in the world that is served, for every page that shows some of it."""
        with self._lock:
            if self._checked is None:
                from emulator.workbench.checked_world import CheckedWorld  # the check waits for somebody who looks

                self._checked = CheckedWorld(self.federation)
            return self._checked

    def tell(self, exchange: Exchange) -> None:
        """Tells the pages that something was asked and answered."""
        if self.events.has_listeners:
            self.events.publish("exchange", {"method": exchange.method, "url": exchange.url, "status": exchange.status})

    def tell_saved(self, saved: SavedWorld) -> None:
        """Tells the pages that the world was saved, and what came of it."""
        self.saved, self.as_read = saved, None
        self.events.publish(
            "world",
            {"usable": not saved.problems, "changed": saved.changed, "conflicts": list(saved.conflicts)},
        )


def text_of(file: str) -> str:
    """Returns a file as YAML reads it, with or without a byte order mark; nothing where it cannot be read."""
    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""
