"""Edits of a world's data: applied to it, and located in the file that states what they change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from emulator.building.defaults import is_secret
from emulator.diagnosis.fix import WORLD, FixedValue
from emulator.fixes.candidate import REMOVED, Edit
from emulator.kernel.errors import FederationError, Location
from emulator.kernel.records import dataclass
from emulator.world import World, read_world
from emulator.worldfile.text.json_text import UnreadableJson, json_of
from emulator.worldfile.text.read_files import UnreadableFile, bytes_of
from emulator.worldfile.text.yaml_data import Key, UnreadableYaml, value_at
from emulator.worldfile.text.yaml_file import (
    APPENDED,
    MAX_FILE_BYTES,
    SaidBy,
    YamlDocument,
    key_text,
    read_yaml,
    without_appending,
)


class CannotApply(FederationError):
    """An edit's key leads through a value without keys, or to a list item that does not exist."""


def changed_world(world: World, edits: Iterable[Edit]) -> World:
    """Returns a world with edits applied; its lines are those of the unchanged file.

    Raises:
        CannotApply: an edit's key cannot be followed.
        WorldError: the changed world cannot be used.
    """
    data = world.document.data
    for edit in edits:
        for each in (edit, *_of_the_same_file(edit, world)):
            data = _changed(data, each.key, each.value, world)
    document = world.document
    return read_world(YamlDocument(document.file, data, document.lines, document.others))


def _of_the_same_file(edit: Edit, world: World) -> Iterator[Edit]:
    """Yields the same edit for every other place that names the same policy file, because the file is changed."""
    file = _policy_file_of(edit.key, world)
    if file is None:
        return
    name, _ = value_at(world.document.data, file)
    for key in _keys_with(world.document.data.get("aws"), name, ("aws",)):
        if key != file:
            yield Edit((*key, *edit.key[len(file) :]), edit.value)


def _keys_with(data: Any, value: str, here: Key) -> Iterator[Key]:
    if data == value:
        yield here
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for part, each in inside:
        yield from _keys_with(each, value, (*here, part))


def _changed(data: Any, key: Key, value: object, world: World) -> Any:
    """Returns data with one value changed, sharing everything else."""
    if not key:
        return value
    part, *rest = key
    if isinstance(data, str) and data:
        data = _policy_file(world, data)
    if data is None:
        data = {}
    if isinstance(data, dict):
        return _changed_mapping(data, part, tuple(rest), value, world)
    if isinstance(data, list):
        return _changed_list(data, part, tuple(rest), value, world)
    raise CannotApply(f"{key_text(key)} leads through {type(data).__name__}")


def _changed_mapping(data: dict[Any, Any], part: str | int, rest: Key, value: object, world: World) -> Any:
    if part == APPENDED or isinstance(part, int):
        # A single action, resource or statement may be written without a list.
        raise CannotApply(f"{part} is not a key of a mapping")
    if not rest and value is REMOVED:
        return {name: each for name, each in data.items() if name != part}
    return {**data, part: _changed(data.get(part), rest, value, world)}


def _changed_list(data: list[Any], part: str | int, rest: Key, value: object, world: World) -> Any:
    if part == APPENDED:
        return [*data, _changed(None, rest, value, world)]
    if not isinstance(part, int) or part >= len(data):
        raise CannotApply(f"the list has no item {part}")
    if not rest and value is REMOVED:
        return [*data[:part], *data[part + 1 :]]
    return [*data[:part], _changed(data[part], rest, value, world), *data[part + 1 :]]


def _policy_file(world: World, name: str) -> Any:
    """Returns the policy document in a file that a world names."""
    try:
        return json_of(bytes_of(world.folder / name, limit=MAX_FILE_BYTES))
    except (UnreadableFile, UnreadableJson):
        raise CannotApply(f"{name} is not a JSON file that holds keys") from None


@dataclass(frozen=True, slots=True)
class Said:
    """The place where an edit has to be made.

    Args:
        place: ``world``, or ``seed:FILE`` for another file that the world is made from.
        value: The change to make there.
    """

    place: str
    value: FixedValue


def said_edit(edit: Edit, world: World) -> Said:
    """Returns where an edit has to be made: in the world's file, or in another one that it names."""
    key = without_appending(edit.key)
    new = None if edit.value is REMOVED else edit.value
    secret = is_secret(world.settings, key)
    file = _policy_file_of(key, world)
    if file is not None:
        return _in_policy_file(edit, len(file), new, world)
    old, depth = value_at(world.document.data, key)
    is_there = depth == len(key) and edit.key == key
    around = depth
    while around and not world.document.said(key[:around]).is_whole:
        around -= 1
    said = world.document.said(key[:around])
    written = said.key if said.key is not None else key[:around]
    location = Location(said.location.file, said.location.line, key_text(key))
    value = FixedValue((*written, *edit.key[around:]), new, old if is_there else None, location, secret, said.source)
    return Said(f"seed:{said.location.file}" if said.by is SaidBy.SEED else WORLD, value)


def _policy_file_of(key: Key, world: World) -> Key | None:
    """Returns the key under which a world names the file that an edit leads into, or None."""
    for depth in range(1, len(key)):
        value, reached = value_at(world.document.data, key[:depth])
        if reached == depth and isinstance(value, str):
            return key[:depth]
    return None


def _in_policy_file(edit: Edit, depth: int, new: Any, world: World) -> Said:
    name = value_at(world.document.data, edit.key[:depth])[0]
    path = str(Path(world.document.file).parent / name)
    inside = edit.key[depth:]
    plain = without_appending(inside)
    try:
        ((data, lines),) = read_yaml(bytes_of(world.folder / name, limit=MAX_FILE_BYTES).decode("utf-8"))
    except (UnreadableFile, ValueError, UnreadableYaml):
        return Said(f"seed:{path}", FixedValue(inside, new, None, Location(path, 0, key_text(plain))))
    old, reached = value_at(data, plain)
    is_there = reached == len(inside)
    location = Location(path, lines.nearest(plain) or 1, key_text(plain))
    return Said(f"seed:{path}", FixedValue(inside, new, old if is_there else None, location))
