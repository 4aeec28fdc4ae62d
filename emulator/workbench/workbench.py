"""What the pages of the workbench work with: one federation that is served, and what is known of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.federation import Federation
from emulator.kernel.clock import instant
from emulator.kernel.errors import Problem
from emulator.network.event_stream import EventStream
from emulator.network.trace import Exchange
from emulator.workbench.exchange_event import exchange_event
from emulator.worldfile.read_files import UnreadableFile, bytes_of
from emulator.worldfile.yaml_file import MAX_FILE_BYTES

if TYPE_CHECKING:
    from emulator.fixes.live import LiveFixes
    from emulator.workbench.checked_world import CheckedWorld


@dataclass(frozen=True, slots=True)
class SavedWorld:
    """What came of the world when it was saved last.

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
    """A federation at work.

    Args:
        federation: The federation.
        fixes: What gives the fixes that are shown with refusals; None where none are tried.
        events: Tells the pages what happens.
        saved: What came of the world when it was saved last; None where nobody has saved it, or nobody watches it.
        as_read: The world file as it was read at the start; None where it is read again when it is saved.
        kept_state: Returns what is known of the state file; None where there is none.
    """

    federation: Federation
    fixes: Callable[[], LiveFixes] | None = None
    events: EventStream = field(default_factory=EventStream)
    saved: SavedWorld | None = None
    as_read: str | None = None
    kept_state: Callable[[], KeptState | None] = _no_state
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
            self.events.publish("exchange", exchange_event(exchange, self.federation))

    def tell_saved(self, saved: SavedWorld) -> None:
        """Tells the pages that the world was saved, and what came of it."""
        self.saved, self.as_read = saved, None
        self.events.publish(
            "world",
            {"usable": not saved.problems, "changed": saved.changed, "conflicts": list(saved.conflicts)},
        )

    def tell_state(self, kept: KeptState) -> None:
        """Tells the pages that the state cannot be saved, or is saved again."""
        self.events.publish("state", kept.as_json())


def text_of(file: str) -> str:
    """Returns a file as YAML reads it, with or without a byte order mark; nothing where it cannot be read."""
    try:
        return bytes_of(Path(file), limit=MAX_FILE_BYTES).decode("utf-8-sig")
    except (UnreadableFile, UnicodeDecodeError):
        return ""
