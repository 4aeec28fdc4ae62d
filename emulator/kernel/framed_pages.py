"""Which pages were themselves asked for in a frame: what a service behind them cannot see, and whoever serves them can.

Amazon Connect learns from the Referer which page frames it. Whether that page is in another page's frame again only
the page's own server is told.

This module is part of the kernel: standard library only, importable by every package.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from urllib.parse import urlsplit

_CAPACITY = 1000
_DEEPEST = 8


class FramedPages:
    """Remembers by which origin each browser last showed an origin's pages in a frame."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._around: OrderedDict[tuple[str, str], str] = OrderedDict()

    def shown(self, origin: str, *, browser: str, around: str) -> None:
        """Remembers that a page was asked for.

        Args:
            origin: The page's.
            browser: What the browser is called: its User-Agent.
            around: The origin of the page around it; empty for one in a window of its own.
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
    """Returns the origin of a URL in lower case; empty for a text that has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""
