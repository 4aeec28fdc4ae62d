"""What the pages of the workbench work with: one federation that is served, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emulator.federation import Federation
from emulator.network.event_stream import EventStream
from emulator.network.trace import Exchange

if TYPE_CHECKING:
    from emulator.fixes.live import LiveFixes


@dataclass(frozen=True, slots=True)
class Workbench:
    """A federation at work.

    Args:
        federation: The federation.
        fixes: What gives the fixes that are shown with refusals; None where none are tried.
        events: Tells the pages what happens.
    """

    federation: Federation
    fixes: Callable[[], LiveFixes] | None = None
    events: EventStream = field(default_factory=EventStream)

    def tell(self, exchange: Exchange) -> None:
        """Tells the pages that something was asked and answered."""
        if self.events.has_listeners:
            self.events.publish("exchange", {"method": exchange.method, "url": exchange.url, "status": exchange.status})
