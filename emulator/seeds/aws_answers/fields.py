"""Reads the fields of objects in command output and checks their types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.contents import SeedError
from emulator.seeds.policy_documents import policy_document
from emulator.worldfile.text.yaml_data import Key

_LONGEST_NAME = 128


class Malformed(Exception):
    """An object in the output cannot be used; the message says why, and ``fix`` what to do."""

    def __init__(self, reason: str, *, fix: str = "", place: Key = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fix = fix
        self.place = place


@dataclass(frozen=True, slots=True)
class Fields:
    """An object in the output and the keys that lead to it in the file."""

    data: Mapping[str, Any]
    place: Key = ()

    def called(self, noun: str, *names: str) -> str:
        """Returns what to call the object in messages, using the first of several fields that is a string."""
        name = next((self.data[each] for each in names if isinstance(self.data.get(each), str) and self.data[each]), "")
        return f"{noun} {name[:_LONGEST_NAME]}" if name else f"{noun} without a name"

    def has(self, name: str) -> bool:
        """Returns whether a field is present and not null."""
        return self.data.get(name) is not None

    def optional_text(self, name: str) -> str:
        """Returns a string; empty if the field is missing."""
        value = self.data.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Malformed(f"{name} is not a string", place=(*self.place, name))
        return value

    def text(self, name: str) -> str:
        """Returns a string that must be present."""
        value = self.optional_text(name)
        if not value:
            raise Malformed(f"{name} is missing" if not self.has(name) else f"{name} is empty", place=self.place)
        return value

    def number(self, name: str) -> int | None:
        """Returns an integer; None if the field is missing."""
        value = self.data.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise Malformed(f"{name} is not a whole number", place=(*self.place, name))
        return value

    def inside(self, name: str) -> Fields | None:
        """Returns a nested object; None if the field is missing."""
        value = self.data.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise Malformed(f"{name} is not a mapping", place=(*self.place, name))
        return Fields(value, (*self.place, name))

    def listed(self, name: str) -> Sequence[Any]:
        """Returns a list; empty if the field is missing."""
        value = self.data.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise Malformed(f"{name} is not a list", place=(*self.place, name))
        return value

    def objects(self, name: str) -> Iterator[Fields]:
        """Yields the items of a list, all of which must be objects."""
        for index, value in enumerate(self.listed(name)):
            if not isinstance(value, dict):
                raise Malformed(f"{name} must contain only mappings", place=(*self.place, name, index))
            yield Fields(value, (*self.place, name, index))

    def texts(self, name: str) -> Iterator[tuple[str, Key]]:
        """Yields the items of a list, all of which must be strings, with their places."""
        for index, value in enumerate(self.listed(name)):
            if not isinstance(value, str):
                raise Malformed(f"{name} must contain only strings", place=(*self.place, name, index))
            yield value, (*self.place, name, index)

    def document(self, name: str) -> dict[str, Any]:
        """Returns a policy document."""
        if not self.has(name):
            raise Malformed(f"{name} is missing", place=self.place)
        try:
            return policy_document(self.data[name])
        except SeedError:
            raise Malformed(f"{name} is not a policy document", place=(*self.place, name)) from None
