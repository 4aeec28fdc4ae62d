"""Which pages were themselves loaded in a frame, which only the server of those pages can see.

Amazon Connect learns from the Referer which page frames it. Only that page's own server can see whether the page is
itself in a frame.

This module is part of the kernel: standard library only, importable by every package.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from urllib.parse import urlsplit

_CAPACITY = 1000
_DEEPEST = 8


class FramedPages:
    """Remembers in which page each browser last framed an origin's pages."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._around: OrderedDict[tuple[str, str], str] = OrderedDict()

    def shown(self, origin: str, *, browser: str, around: str) -> None:
        """Remembers that a page was requested.

        Args:
            origin: Origin of the page.
            browser: User-Agent of the browser.
            around: Origin of the page around it; empty for one that is not framed.
        """
        key = (browser, origin)
        with self._lock:
            self._around.pop(key, None)
            if around and around != origin:
                self._around[key] = around
            while len(self._around) > _CAPACITY:
                self._around.popitem(last=False)

    def around(self, origin: str, *, browser: str) -> tuple[str, ...]:
        """Returns the origins of the pages around an origin's page in this browser, the innermost first."""
        found: list[str] = []
        with self._lock:
            while len(found) < _DEEPEST and (outer := self._around.get((browser, origin))) and outer not in found:
                found.append(outer)
                origin = outer
        return tuple(found)


def origin_of(url: str) -> str:
    """Returns the origin of a URL in lower case; empty for a text without one."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""
