"""A line that every imitated page shows on top for a while: what a person has to know before they believe the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.kernel.services import services_of


class PageNotice:
    """What pages show on top; empty shows nothing."""

    def __init__(self) -> None:
        self.text = ""


def page_notice(environ: Mapping[str, Any]) -> str:
    """Returns what the page that answers a request shows on top."""
    return services_of(environ).get(PageNotice).text
