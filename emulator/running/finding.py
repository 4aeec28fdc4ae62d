"""One thing that ``fedemu doctor`` looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. A note stops nothing."""

    subject: str
    verdict: Verdict
    text: str
