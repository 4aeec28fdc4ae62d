"""What is wrong with a file that cannot be read as a world, and what stands there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.fixes.candidate import REMOVED, Candidate, Edit
from emulator.kernel.errors import Problem
from emulator.worldfile.yaml_data import Key, value_at

_SECTIONS = {
    "saml_providers": "IAM console > Identity providers",
    "roles": "IAM console > Roles",
    "policies": "IAM console > Policies",
    "users": "IAM console > Users",
    "groups": "IAM console > User groups",
    "organization": "AWS Organizations console > Policies",
    "connect": "Amazon Connect console > Instances",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """A problem with what stands at its place.

    Args:
        problem: The problem.
        key: Where it is.
        data: The file's data.
        folder: What files are relative to.
    """

    problem: Problem
    key: Key
    data: Any
    folder: Path

    def at(self, *key: str | int) -> Any:
        """Returns what the file says at a key; None where it says nothing."""
        value, depth = value_at(self.data, key)
        return value if depth == len(key) else None

    @property
    def value(self) -> Any:
        """What the file says there."""
        return self.at(*self.key)

    @property
    def text(self) -> str:
        """What the file says there, as text."""
        return "" if self.value is None else str(self.value)

    @property
    def last(self) -> str:
        """The last part of the key."""
        return str(self.key[-1]) if self.key else ""

    def put(self, title: str, *edits: Edit) -> Candidate:
        """Returns edits as a candidate, with where a person sets it."""
        section = _SECTIONS.get(str(self.key[2]), "") if len(self.key) > 2 else ""
        name = str(self.key[3]) if len(self.key) > 3 and self.key[2] != "organization" else ""
        return Candidate(title, edits, " > ".join(filter(None, (section, name))))

    def write(self, value: object) -> Candidate:
        """Returns a candidate in which something else stands there."""
        return self.put(f"Write {value} in place of {self.text or 'nothing'}", Edit(self.key, value))

    def rename(self, right: str) -> Candidate:
        """Returns a candidate in which the key is called otherwise."""
        edits = (Edit((*self.key[:-1], right), self.value), Edit(self.key, REMOVED))
        return self.put(f"Write {right} in place of {self.last}", *edits)


def texts_in(data: Any) -> Iterator[str]:
    """Yields every text in some data."""
    if isinstance(data, str):
        yield data
    for each in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from texts_in(each)
