"""A mistake in the AWS part of a file that cannot be read as a world, and how to correct it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emulator.fixes.bad_files.mistake import Mistake
from emulator.fixes.candidate import REMOVED, Candidate, Edit

_SECTIONS = {
    "saml_providers": "IAM console > Identity providers",
    "roles": "IAM console > Roles",
    "policies": "IAM console > Policies",
    "users": "IAM console > Users",
    "groups": "IAM console > User groups",
    "organization": "AWS Organizations console > Policies",
    "connect": "Amazon Connect console > Instances",
}


class AwsMistake(Mistake):
    """A problem at its place in the part of a file for AWS, or for pages."""

    __slots__ = ()

    def put(self, title: str, *edits: Edit) -> Candidate:
        """Returns edits as a candidate, with where a person makes the change."""
        section = _SECTIONS.get(str(self.key[2]), "") if len(self.key) > 2 else ""
        name = str(self.key[3]) if len(self.key) > 3 and self.key[2] != "organization" else ""
        return Candidate(title, edits, " > ".join(filter(None, (section, name))))

    def write(self, value: object) -> Candidate:
        """Returns a candidate that writes another value there."""
        return self.put(f"Write {value} in place of {self.text or 'nothing'}", Edit(self.key, value))

    def rename(self, right: str) -> Candidate:
        """Returns a candidate that renames the key."""
        edits = (Edit((*self.key[:-1], right), self.value), Edit(self.key, REMOVED))
        return self.put(f"Write {right} in place of {self.last}", *edits)


def texts_in(data: Any) -> Iterator[str]:
    """Yields every text in some data."""
    if isinstance(data, str):
        yield data
    for each in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from texts_in(each)
