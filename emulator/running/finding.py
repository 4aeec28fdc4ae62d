"""The result of one examination of ``fedemu doctor``."""

from __future__ import annotations

from typing import Literal

from emulator.kernel.records import dataclass

Verdict = Literal["ok", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one examination. A note does not stop anything."""

    subject: str
    verdict: Verdict
    text: str
