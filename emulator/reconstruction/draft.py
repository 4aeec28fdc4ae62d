"""A file that is being written: its data, the comments at its lines, and its header."""

from __future__ import annotations

from typing import Any

from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.world_text import Comments, world_text


class Draft:
    """Takes values by their keys, each with the comments for its line."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self._above: dict[Key, str] = {}
        self._beside: dict[Key, str] = {}

    def put(self, key: Key, value: Any, *, above: str = "", beside: str = "") -> None:
        """Sets a value; missing mappings on the way to it are created.

        Args:
            key: Its key.
            value: Plain data.
            above: A comment on lines of its own.
            beside: A few words at the end of its line.
        """
        *path, last = key
        node: dict[Any, Any] = self.data
        for part in path:
            node = node.setdefault(part, {})
        node[last] = value
        self.say(key, above=above, beside=beside)

    def say(self, key: Key, *, above: str = "", beside: str = "") -> None:
        """Adds a comment above a key that is there, or will be."""
        if above:
            self._above[key] = above
        if beside:
            self._beside[key] = beside

    def text(self, header: str) -> str:
        """Returns the file as YAML.

        Args:
            header: The comment at the top of the file.
        """
        return world_text(self.data, Comments(header, self._above, self._beside))
