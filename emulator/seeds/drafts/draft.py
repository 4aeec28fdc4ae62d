"""A draft of a world file: its data with TODOs, a placeholder for each, and comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Any

from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.todos import TODO
from emulator.worldfile.world_text import Comments, world_text

_HEADER = """\
yaml-language-server: $schema=schemas/world.schema.json
Started by fedemu init --from. The files under seed fill this world; fedemu check lists what was left out of them.
Only what they lack is written here. Everybody's password is fedemu, unless password: sets another."""


class Todo(str):
    """The string ``TODO``, with a placeholder that is used until somebody fills it in."""

    __slots__ = ("placeholder",)
    placeholder: str

    def __new__(cls, placeholder: str) -> Todo:
        """Creates the string ``TODO`` with its placeholder."""
        made = super().__new__(cls, TODO)
        made.placeholder = placeholder
        return made


class MadeFile(str):
    """The name of a file that is written next to the world file, together with its text."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, name: str, text: str) -> MadeFile:
        """Creates the name together with the file's text."""
        made = super().__new__(cls, name)
        made.text = text
        return made


@dataclass(slots=True)
class WorldDraft:
    """A world file that is being written.

    Args:
        data: The world file's data, with TODOs.
        above: Comments on their own lines above a key.
        trailing: Comments at the end of a key's line.
        made: Descriptions of what was made up because no file contains it.
    """

    data: dict[str, Any]
    above: dict[Key, str] = field(default_factory=dict)
    trailing: dict[Key, str] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)

    def put(self, key: Sequence[str], value: Any, trailing: str = "") -> None:
        """Sets a value unless there already is one, creating the mappings that lead to it."""
        node = self.data
        for part in key[:-1]:
            node = node.setdefault(part, {})
        node.setdefault(key[-1], value)
        if trailing:
            self.trailing.setdefault(tuple(key), trailing)

    @property
    def text(self) -> str:
        """The draft as YAML with comments."""
        return world_text(self.data, Comments(_HEADER, self.above, self.trailing))

    @property
    def data_with_placeholders(self) -> dict[str, Any]:
        """The draft's data with the placeholder in place of each TODO."""
        data: dict[str, Any] = with_placeholders(self.data)
        return data

    @property
    def todos(self) -> tuple[Todo, ...]:
        """The TODOs that somebody has to fill in."""
        return tuple(each for each in _todos_and_files(self.data) if isinstance(each, Todo))

    @property
    def files(self) -> tuple[MadeFile, ...]:
        """The files that are written next to the world file."""
        return tuple(each for each in _todos_and_files(self.data) if isinstance(each, MadeFile))


def with_placeholders(data: Any) -> Any:
    """Returns data with the placeholder in place of each TODO, and the text in place of each file that is written."""
    if isinstance(data, dict):
        return {with_placeholders(name): with_placeholders(value) for name, value in data.items()}
    if isinstance(data, list):
        return [with_placeholders(each) for each in data]
    if isinstance(data, Todo):
        return data.placeholder
    return data.text if isinstance(data, MadeFile) else data


def _todos_and_files(data: Any) -> Iterator[Todo | MadeFile]:
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _todos_and_files(name)
            yield from _todos_and_files(value)
    elif isinstance(data, list):
        for each in data:
            yield from _todos_and_files(each)
    elif isinstance(data, Todo | MadeFile):
        yield data
