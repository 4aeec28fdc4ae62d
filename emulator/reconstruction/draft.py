"""A file that is being made: its data, what is said at its lines, and what is told of it as a whole."""

from __future__ import annotations

from typing import Any

from emulator.worldfile.world_text import Comments, world_text
from emulator.worldfile.yaml_data import Key


class Draft:
    """Takes values by their keys, each with what is to be said at its line."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self._above: dict[Key, str] = {}
        self._beside: dict[Key, str] = {}

    def put(self, key: Key, value: Any, *, above: str = "", beside: str = "") -> None:
        """Sets a value; the mappings on the way to it are made.

        Args:
            key: Its key.
            value: Plain data.
            above: What is said on lines of its own.
            beside: A few words at the end of its line.
        """
        *path, last = key
        node: dict[Any, Any] = self.data
        for part in path:
            node = node.setdefault(part, {})
        node[last] = value
        self.say(key, above=above, beside=beside)

    def say(self, key: Key, *, above: str = "", beside: str = "") -> None:
        """Says something at a key that is there, or will be."""
        if above:
            self._above[key] = above
        if beside:
            self._beside[key] = beside

    def text(self, header: str) -> str:
        """Returns the file as YAML.

        Args:
            header: What is said before everything.
        """
        return world_text(self.data, Comments(header, self._above, self._beside))
