"""A mistake in a file that cannot be read as a world, with what the proposals of both sides share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Self

from emulator.kernel.errors import Problem
from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key, value_at
from emulator.worldfile.text.yaml_file import YamlDocument


@dataclass(frozen=True, slots=True)
class Mistake:
    """A problem with the value at its place.

    Args:
        key: Keys that lead to the place.
        data: Data of the file.
        folder: Folder that file names are relative to.
    """

    problem: Problem
    key: Key
    data: Any
    folder: Path

    @classmethod
    def of(cls, problem: Problem, document: YamlDocument) -> Self:
        """Finds the place of a problem in its file."""
        key = key_in(document.data, problem.location.key)
        return cls(problem, key, document.data, Path(document.file).parent)

    def at(self, *key: str | int) -> Any:
        """Returns the file's data at a key, or None."""
        value, depth = value_at(self.data, key)
        return value if depth == len(key) else None

    @property
    def value(self) -> Any:
        """The value at the place."""
        return self.at(*self.key)

    @property
    def text(self) -> str:
        """The value at the place, as text."""
        return "" if self.value is None else str(self.value)

    @property
    def last(self) -> str:
        """The last part of the key."""
        return str(self.key[-1]) if self.key else ""


def key_in(data: Any, text: str) -> Key:
    """Returns the key for a text such as ``okta.acme.apps[0]`` in some data, where names may contain dots."""
    key: list[str | int] = []
    node = data
    while text:
        index = re.match(r"\[(\d+)\]\.?", text)
        if index is not None and isinstance(node, list):
            at = int(index[1])
            part: str | int = at
            text = text[index.end() :]
            node = node[at] if at < len(node) else None
        else:
            names = [str(name) for name in node] if isinstance(node, dict) else []
            fitting = [name for name in names if text == name or text.startswith((f"{name}.", f"{name}["))]
            part = max(fitting, key=len, default=text)
            text = text[len(part) :].removeprefix(".")
            node = node.get(part) if isinstance(node, dict) else None
        key.append(part)
    return tuple(key)
