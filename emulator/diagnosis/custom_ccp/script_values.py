"""What can be read of a script: plain values, objects with their settings, calls; all else is ``UNKNOWN``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
    """An object's settings; ``complete`` where nothing else can be in it."""

    given: Mapping[str, Given] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """A call, by the line of its name and the settings it is given."""

    line: int
    settings: Settings


Names = dict[str, Any]
