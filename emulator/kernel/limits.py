"""Limits that were reached: each is logged once, however often it is reached.

A client that is refused at a limit reads that in the answer. Values that are dropped at a limit would go unnoticed
without the log.

This module is part of the kernel: standard library only, importable by every package.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping

_LOG = logging.getLogger("fedemu")


class ReachedLimits:
    """The limits of one federation that were reached."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sentences: dict[str, str] = {}

    def reached(self, limit: str, sentence: str) -> None:
        """Records that a limit was reached, and logs it the first time.

        Args:
            limit: Name of the limit, such as ``connections``.
            sentence: What the limit is, what happens from now on, and what to do.
        """
        with self._lock:
            if limit in self._sentences:
                return
            self._sentences[limit] = sentence
        _LOG.warning("fedemu: limit reached: %s", sentence)

    @property
    def sentences(self) -> Mapping[str, str]:
        """What was logged, by limit."""
        with self._lock:
            return dict(self._sentences)
