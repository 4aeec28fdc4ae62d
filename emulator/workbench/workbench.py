"""The state behind the workbench's pages: one served federation, and what is known about it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.federation import Federation
from emulator.kernel.clock import instant
from emulator.kernel.errors import Problem
from emulator.kernel.records import dataclass
from emulator.network.event_stream import EventStream
from emulator.network.trace import Exchange
from emulator.workbench.exchange_event import exchange_event
from emulator.workbench.refusal_links import RefusalLinks
from emulator.worldfile.text.read_files import UnreadableFile, bytes_of
from emulator.worldfile.text.yaml_file import MAX_FILE_BYTES

if TYPE_CHECKING:
    from emulator.fixes.live import LiveFixes
    from emulator.workbench.checked_world import CheckedWorld


@dataclass(frozen=True, slots=True)
class SavedWorld:
    """The result of the last time the world was saved.

    Args:
        changed: How many settings it says otherwise.
        conflicts: The keys of settings that calls have changed too, and that stay as they run.
        problems: Why the file cannot be used, so that the previous world is still served; empty if it can.
    """

    changed: int = 0
    conflicts: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptState:
    """What is known of the file that the state is kept in.

    Args:
        file: The file, as it was given.
        saved_at: When it was written last, by this machine's clock; None before the first time.
        problem: Why the state cannot be saved; empty where it can.
        fix: What to do about that, where it is known.
        failing_since: When the problem began; None where there is none.
        left_out: How many of the oldest entries are not in the file because it would be too large with them.
        note: What happened to the file beside that, in news of it.
    """

    file: str
    saved_at: datetime | None = None
    problem: str = ""
    fix: str = ""
    failing_since: datetime | None = None
    left_out: int = 0
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Returns it as the control API answers it."""
        return {
            "file": self.file,
            "saved_at": instant(self.saved_at) if self.saved_at else None,
            "problem": self.problem or None,
            "fix": self.fix or None,
            "failing_since": instant(self.failing_since) if self.failing_since else None,
            "left_out": self.left_out,
        }


def _no_state() -> KeptState | None:
    return None


@dataclass(slots=True, eq=False)
class Workbench:
    """A served federation.

    Args:
        fixes: Source of the fixes that are shown with refusals; None where none are tried.
        events: Stream of events for the pages.
        saved: Result of the last save of the world; None where nobody has saved it, or it is not watched.
        as_read: World file as it was read at the start; None where it is read again when it is saved.
        kept_state: Returns what is known of the state file; None where there is none.
        refusals: Refusals that pages have shown, for the links from those pages.
    """

    federation: Federation
    fixes: Callable[[], LiveFixes] | None = None
    events: EventStream = field(default_factory=EventStream)
    saved: SavedWorld | None = None
    as_read: str | None = None
    kept_state: Callable[[], KeptState | None] = _no_state
    refusals: RefusalLinks = field(default_factory=RefusalLinks)
    _checked: CheckedWorld | None = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def checked(self) -> CheckedWorld:
        """The findings in the served world, for all pages that show parts of them."""
        with self._lock:
            if self._checked is None:
                from emulator.workbench.checked_world import CheckedWorld  # the check starts when somebody looks

                self._checked = CheckedWorld(self.federation)
            return self._checked

    def tell(self, exchange: Exchange) -> None:
        """Notifies the pages of an exchange."""
        if self.events.has_listeners:
            self.events.publish("exchange", exchange_event(exchange, self.federation))

    def tell_saved(self, saved: SavedWorld) -> None:
        """Notifies the pages that the world was saved, and of the result."""
        self.saved, self.as_read = saved, None
        self.events.publish(
            "world",
            {"usable": not saved.problems, "changed": saved.changed, "conflicts": list(saved.conflicts)},
        )

    def tell_state(self, kept: KeptState) -> None:
        """Notifies the pages that the state cannot be saved, or is saved again."""
        self.events.publish("state", kept.as_json())


def text_of(file: str) -> str:
    """Returns the text of a file, without a byte order mark; empty where it cannot be read."""
    try:
        return bytes_of(Path(file), limit=MAX_FILE_BYTES).decode("utf-8-sig")
    except (UnreadableFile, UnicodeDecodeError):
        return ""
