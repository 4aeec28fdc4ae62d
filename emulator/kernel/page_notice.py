"""A line at the top of every imitated page, shown temporarily: what a person must know before they trust the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.kernel.services import services_of


class PageNotice:
    """The text that pages show at the top; an empty text shows nothing."""

    def __init__(self) -> None:
        self.text = ""


def page_notice(environ: Mapping[str, Any]) -> str:
    """Returns the text at the top of the page that answers a request."""
    return services_of(environ).get(PageNotice).text
