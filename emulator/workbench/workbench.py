"""What the pages of the workbench work with: one federation that is served, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.federation import Federation
from emulator.kernel.errors import Problem
from emulator.network.event_stream import EventStream
from emulator.network.trace import Exchange

if TYPE_CHECKING:
    from emulator.fixes.live import LiveFixes
    from emulator.workbench.world_findings import WorldFindings


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


@dataclass(slots=True, eq=False)
class Workbench:
    """A federation at work.

    Args:
        federation: The federation.
        fixes: What gives the fixes that are shown with refusals; None where none are tried.
        events: Tells the pages what happens.
        saved: What came of the world when it was saved last; None where nobody has saved it, or nobody watches it.
        findings: What is found in the world; None until somebody looks.
    """

    federation: Federation
    fixes: Callable[[], LiveFixes] | None = None
    events: EventStream = field(default_factory=EventStream)
    saved: SavedWorld | None = None
    findings: WorldFindings | None = None

    def tell(self, exchange: Exchange) -> None:
        """Tells the pages that something was asked and answered."""
        if self.events.has_listeners:
            self.events.publish("exchange", {"method": exchange.method, "url": exchange.url, "status": exchange.status})

    def tell_saved(self, saved: SavedWorld) -> None:
        """Tells the pages that the world was saved, and what came of it."""
        self.saved = saved
        self.events.publish(
            "world",
            {"usable": not saved.problems, "changed": saved.changed, "conflicts": list(saved.conflicts)},
        )
