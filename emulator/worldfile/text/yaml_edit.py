"""Changes single values in the text of a YAML or JSON file: comments, quotes and layout stay as they are.

The text is changed only where the value is. It is read again before it is returned, to make sure that exactly the
intended data changed. A value that is shared by an alias is written out at the places that keep it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from emulator.kernel.errors import FederationError
from emulator.worldfile.text.yaml_data import Key, UnreadableYaml, value_at
from emulator.worldfile.text.yaml_file import APPENDED, key_text
from emulator.worldfile.text.yaml_nodes import Node, read_nodes
from emulator.worldfile.text.yaml_text import block, data_in, flow


class CannotWrite(FederationError):
    """A change cannot be written without affecting the rest of the text."""


def edited(text: str, changes: Iterable[tuple[Key, Any]], *, is_json: bool = False) -> str:
    """Returns a text with changed values.

    Args:
        text: YAML file of one document, or JSON file.
        changes: Keys with their new values; ``-`` as the last part of a key appends to a list, and None removes the
            key.
        is_json: Whether it has to stay JSON.

    Raises:
        CannotWrite: a change's key cannot be followed, or the change would affect more.
    """
    left = list(changes)
    while left:
        key, value = left.pop(0)
        other = _other_half(data_in(text), key, value, left)
        if other is None:
            text = _edited(text, key, value, is_json=is_json)
        else:
            left.remove(other)
            old, new = (key, other[0]) if value is None else (other[0], key)
            text = _renamed(text, old, new, is_json=is_json)
    return text


def _other_half(data: Any, key: Key, value: Any, others: list[tuple[Key, Any]]) -> tuple[Key, Any] | None:
    """Returns the other half of a renamed key: one change removes what the other adds next to it."""
    for other in others:
        if other[0][:-1] != key[:-1] or (other[1] is None) == (value is None):
            continue
        old, new, held = (key, *other) if value is None else (other[0], key, value)
        around, depth = value_at(data, old[:-1])
        is_there = depth == len(old) - 1 and isinstance(around, dict) and old[-1] in around and new[-1] not in around
        if is_there and around[old[-1]] == held:
            return other
    return None


def _renamed(text: str, old: Key, new: Key, *, is_json: bool) -> str:
    data = data_in(text)
    wanted = _changed(_changed(data, new, value_at(data, old)[0]), old, None)
    text = _without_sharing(text, old)
    root = read_nodes(text)
    key_node = _find(root, old)[0] if root is not None else None
    if key_node is None:
        raise CannotWrite(f"there is no {key_text(old)}")
    name = json.dumps(new[-1], ensure_ascii=False) if is_json else flow(new[-1], in_flow=True)
    made = text[: key_node.start] + name + text[key_node.end :]
    if data_in(made) != wanted:
        raise CannotWrite(f"{key_text(old)} cannot be renamed without changing more of the file")
    return made


def _edited(text: str, key: Key, value: Any, *, is_json: bool) -> str:
    wanted = _changed(data_in(text), key, value)
    text = _without_sharing(text, key)
    root = read_nodes(text)
    if root is None:
        raise CannotWrite("the file is empty")
    made = _Writer(text, is_json=is_json).put(root, key, value, wanted)
    try:
        found = data_in(made)
    except UnreadableYaml:
        found = None
    if found != wanted:
        raise CannotWrite(f"{key_text(key)} cannot be changed without changing more of the file")
    return made


def _changed(data: Any, key: Key, value: Any) -> Any:
    """Returns data with one value changed, sharing the rest."""
    if not key:
        return value
    part, rest = key[0], key[1:]
    if isinstance(data, list):
        if part == APPENDED:
            return [*data, _changed(None, rest, value)]
        if not isinstance(part, int) or part >= len(data):
            raise CannotWrite(f"the list has no item {part}")
        if not rest and value is None:
            return [*data[:part], *data[part + 1 :]]
        return [*data[:part], _changed(data[part], rest, value), *data[part + 1 :]]
    if part == APPENDED and data is None:
        return [_changed(None, rest, value)]
    if data is not None and not isinstance(data, dict):
        raise CannotWrite(f"{key_text(key)} leads through a value that holds no keys")
    there = data or {}
    if not rest and value is None:
        return {name: each for name, each in there.items() if name != part}
    return {**there, part: _changed(there.get(part), rest, value)}


def _without_sharing(text: str, key: Key) -> str:
    """Writes out what aliases share on the way to a key, at the places that keep it."""
    for _ in range(100):
        root = read_nodes(text)
        found = _shared(root, key) if root is not None else None
        if found is None:
            return text
        text = _written_out(text, *found)
    raise CannotWrite("the file has too many aliases")


def _shared(root: Node, key: Key) -> tuple[Key, Node] | None:
    """Returns an alias on the way to a key, or one that refers to something on the way, with its place."""
    nodes = dict(root.by_key())
    on_the_way = [nodes[key[:depth]] for depth in range(len(key) + 1) if key[:depth] in nodes]
    changed = list(nodes[key].all()) if key in nodes else []
    names = {each.anchor for each in (*on_the_way, *changed) if each.anchor}
    inside = {id(each) for each in changed[1:]}
    aliases = ((where, each) for where, each in nodes.items() if each.kind == "alias" and each.anchor in names)
    return next(((where, each) for where, each in aliases if id(each) not in inside), None)


def _is_written_in_braces(text: str, anchor: str) -> bool:
    root = read_nodes(text)
    return any(each.is_flow for each in (root.all() if root is not None else ()) if each.anchor == anchor)


def _written_out(text: str, key: Key, alias: Node) -> str:
    """Returns a text with an alias replaced by a copy of its value."""
    if key[-1] == "<<":
        raise CannotWrite(f"*{alias.anchor} is merged into another mapping")
    data = value_at(data_in(text), key)[0]
    line = text[: alias.start].rpartition("\n")[2]
    in_flow = any(bracket in line for bracket in "{[") or _is_written_in_braces(text, alias.anchor)
    indent = len(line) - len(line.lstrip(" ")) + 2
    written = flow(data) if in_flow or not isinstance(data, dict | list) else block(data, indent)
    return (
        text[: alias.start].rstrip(" ") + (written if written.startswith("\n") else f" {written}") + text[alias.end :]
    )


class _Writer:
    """Writes one change into a text."""

    def __init__(self, text: str, *, is_json: bool) -> None:
        self._text = text
        self._is_json = is_json

    def put(self, root: Node, key: Key, value: Any, wanted: Any) -> str:
        """Returns the text with a value changed.

        Args:
            root: Nodes of the text.
            value: New value; None removes it.
            wanted: Whole data afterwards.
        """
        here = root
        for depth, part in enumerate(key):
            place = here.item(part)
            if place is None:
                if here.kind not in {"mapping", "sequence"}:
                    return self._replace(root, key[:depth], value_at(wanted, key[:depth])[0])
                if value is None:
                    raise CannotWrite(f"there is no {key_text(key)}")
                new = value if part == APPENDED else value_at(wanted, key[: depth + 1])[0]
                return self._add(root, key[:depth], here, part, new)
            if depth == len(key) - 1:
                if value is not None:
                    return self._replace(root, key, value)
                if len(here.items) == 1 and not here.is_flow:
                    return self._replace(root, key[:depth], [] if here.kind == "sequence" else {})
                return self._remove(here, place)
            here = here.items[place][1]
        raise CannotWrite("the whole file is not replaced")

    def _replace(self, root: Node, key: Key, value: Any) -> str:
        key_node, node, around = _find(root, key)
        text = self._text
        in_flow = around.is_flow or self._is_json
        if isinstance(value, dict | list) and value and not in_flow and not node.is_flow:
            if node.kind == "scalar" or node.anchor:
                start = key_node.end + 1 if key_node is not None else node.start
                indent = (key_node.column + 2) if key_node is not None else node.column
                return text[:start] + block(value, indent) + text[node.end :]
            return text[: node.start] + block(value, node.column).lstrip() + text[node.end :]
        written = self._flow(value, in_flow=in_flow or node.is_flow, like=node)
        if node.kind in {"mapping", "sequence"} and not node.is_flow and key_node is not None:
            return f"{text[: key_node.end]}: {written}{text[node.end :]}"
        space = " " if node.start == node.end and not text[: node.start].endswith((" ", "\n")) else ""
        return text[: node.start] + space + written + text[node.end :]

    def _flow(self, value: Any, *, in_flow: bool, like: Node | None = None) -> str:
        if self._is_json:
            return json.dumps(value, ensure_ascii=False)
        quotes = like.style if like is not None and like.style in {"'", '"'} else ""
        if quotes and isinstance(value, str) and "\n" not in value:
            return json.dumps(value, ensure_ascii=False) if quotes == '"' else "'" + value.replace("'", "''") + "'"
        if quotes and isinstance(value, list) and value and all(isinstance(each, str) for each in value):
            return f"[{', '.join(self._flow(each, in_flow=True, like=like) for each in value)}]"
        return flow(value, in_flow=in_flow)

    def _add(self, root: Node, key: Key, node: Node, part: str | int, value: Any) -> str:
        if node.kind == "mapping" and not isinstance(part, str):
            raise CannotWrite(f"{part} is not a key of a mapping")
        name = "" if node.kind == "sequence" else f"{self._flow(part, in_flow=node.is_flow)}: "
        if not node.items and not (node.is_flow and self._is_json):
            # An empty value is in braces or brackets: what is put into it follows the style of the file.
            return self._replace(root, key, [value] if node.kind == "sequence" else {part: value})
        if node.is_flow:
            return self._add_to_flow(node, name, value)
        last = node.items[-1][1]
        end = self._end_of_line(last.end)
        if node.kind == "sequence":
            shown = self._like(last, value, node.column + 2)
            return f"{self._text[:end]}\n{' ' * node.column}- {shown}{self._text[end:]}"
        indent = node.items[0][0].column if node.items[0][0] is not None else node.column
        is_block = isinstance(value, dict | list) and bool(value) and not last.is_flow
        shown = block(value, indent + 2) if is_block else flow(value)
        space = "" if shown.startswith("\n") else " "
        return f"{self._text[:end]}\n{' ' * indent}{name.rstrip()}{space}{shown}{self._text[end:]}"

    def _add_to_flow(self, node: Node, name: str, value: Any) -> str:
        sibling = node.items[-1][1] if node.items and node.kind == "sequence" else None
        written = name + self._flow(value, in_flow=True, like=sibling)
        if not node.items:
            at = node.end - 1
            return self._text[:at] + written + self._text[at:]
        key, last = node.items[-1]
        start, at = (key or last).start, last.end
        before = self._text[:start].rpartition("\n")
        is_own_line = bool(before[1]) and not before[2].strip()
        comma = f",\n{before[2]}" if is_own_line else ", "
        return self._text[:at] + comma + written + self._text[at:]

    def _like(self, sibling: Node, value: Any, indent: int) -> str:
        """Returns an item of a list in the style of the previous one."""
        if isinstance(value, dict) and value and not sibling.is_flow and sibling.kind == "mapping":
            return block(value, indent).lstrip()
        return self._flow(value, in_flow=False, like=sibling if sibling.kind == "scalar" else None)

    def _remove(self, node: Node, place: int) -> str:
        key, value = node.items[place]
        start = (key or value).start
        text = self._text
        if node.is_flow:
            if place + 1 < len(node.items):
                after_key, after = node.items[place + 1]
                return text[:start] + text[(after_key or after).start :]
            before = node.items[place - 1][1].end if place else node.start + 1
            return text[:before] + text[value.end :]
        line = text.rfind("\n", 0, start) + 1
        prefix = text[line:start].strip()
        if prefix in {"", "-"} and (prefix == "" or node.kind == "sequence"):
            end = self._end_of_line(value.end)
            return text[:line] + text[end + 1 :]
        after_key, after = node.items[place + 1] if place + 1 < len(node.items) else (None, value)
        return text[:start] + text[(after_key or after).start :]

    def _end_of_line(self, index: int) -> int:
        found = self._text.find("\n", index)
        return len(self._text) if found < 0 else found


def _find(root: Node, key: Key) -> tuple[Node | None, Node, Node]:
    """Returns the node of a key in its mapping, the value's node, and the node around it."""
    key_node: Node | None = None
    around = here = root
    for part in key:
        place = here.item(part)
        if place is None:
            raise CannotWrite(f"there is no {key_text(key)}")
        around = here
        key_node, here = here.items[place]
    return key_node, here, around
