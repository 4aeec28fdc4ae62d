"""A remark on a world besides its logins: a rule's name, and the place it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from emulator.kernel.errors import Problem
from emulator.kernel.records import dataclass

FEW: Final = 5  # names that are shown of many


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that is wrong, or merely worth knowing.

    Args:
        rule: Name in reports: ``unused-role``.
        problem: What it is, and where.
    """

    rule: str
    problem: Problem


def few(names: Sequence[str]) -> str:
    """Returns the first five of some names, and how many more there are."""
    more = len(names) - FEW
    return ", ".join(names[:FEW]) + (f" and {more:,} more" if more > 0 else "")


def counted(number: int, what: str, plural: str = "") -> str:
    """Returns a number with its noun: ``1 login``, ``2,000 people``."""
    return f"{number:,} {what if number == 1 else plural or what + 's'}"
