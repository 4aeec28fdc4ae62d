"""What a seed says of an account, and where in the seed each part of it is said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from emulator.worldfile.yaml_data import Key


def _empty_account() -> dict[str, Any]:
    return {"saml_providers": {}, "policies": {}, "roles": {}, "users": {}}


@dataclass(frozen=True, slots=True)
class SeedAccount:
    """An account's data as a world would have it.

    Args:
        data: The data.
        places: By keys of the data, the keys in the seed that they come from. What lies deeper is at the same keys
            below.
    """

    data: dict[str, Any] = field(default_factory=_empty_account)
    places: dict[Key, Key] = field(default_factory=dict)

    def put(self, key: Key, value: Any, place: Key) -> None:
        """Adds a value; mappings on the way to it are made."""
        *parents, last = key
        node: Any = self.data
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = value
        self.places[key] = place

    def append(self, key: Key, value: Any, place: Key) -> None:
        """Adds a value to a list, unless it is in it."""
        *parents, last = key
        node: Any = self.data
        for part in parents:
            node = node.setdefault(part, {})
        values = node.setdefault(last, [])
        if value not in values:
            self.places[(*key, len(values))] = place
            values.append(value)

    def place(self, key: Key) -> Key:
        """Returns where a key comes from, or its nearest parent of which that is known."""
        for length in range(len(key), -1, -1):
            if key[:length] in self.places:
                return (*self.places[key[:length]], *key[length:])
        return ()
