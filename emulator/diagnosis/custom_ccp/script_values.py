"""What can be read from a script: plain values, objects with their settings, calls; all else is ``UNKNOWN``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from emulator.kernel.records import dataclass


class _Unknown:
    """A value that cannot be read."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


@dataclass(frozen=True, slots=True)
class Given:
    """A setting of an object: its value, and the line on which it is given."""

    value: Any
    line: int


@dataclass(frozen=True, slots=True)
class Settings:
    """An object's settings; ``complete`` if it cannot have any others."""

    given: Mapping[str, Given] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """A call: the line of its name, and the settings passed to it."""

    line: int
    settings: Settings


Names = dict[str, Any]
