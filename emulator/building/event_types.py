"""What the Okta orgs of a federation write into their System Log, by the names of the event types."""

from __future__ import annotations

from typing import Final

from idp.system_log.events import DISPLAY_MESSAGES

EVENT_TYPES: Final = tuple(DISPLAY_MESSAGES)
