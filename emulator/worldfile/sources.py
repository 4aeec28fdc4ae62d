"""Which file each value of a world comes from, if not the world's own: a seed, or a scenario's changes.

Places are computed on demand: a document keeps its seeds and its changes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import field, replace
from typing import Any

from emulator.kernel.errors import Location
from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key, value_at
from emulator.worldfile.text.yaml_file import Said, SaidBy, YamlDocument, key_text


@dataclass(frozen=True, slots=True)
class Layer:
    """The data of an account or an org from one file, with the place of each key."""

    data: Any
    said: Callable[[Key], Said]


@dataclass(frozen=True, slots=True)
class Seeded:
    """An account or an org that several files fill, one merged over the other.

    Args:
        key: Key in the world.
        layers: Layers, the lowest first; the world's own data comes last.
    """

    key: Key
    layers: tuple[Layer, ...]
    _lists: dict[Key, list[_Node]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def said(self, key: Key) -> Said | None:
        """Returns where a key is stated: in the last of the files that state it, or else at its nearest parent."""
        if key[: len(self.key)] != self.key:
            return None
        nodes, is_whole = _along(self.layers, key[len(self.key) :], self._lists)
        return _said(nodes) if is_whole else replace(_said(nodes), is_whole=False)


def said_in(layers: Sequence[Layer], key: Key) -> list[tuple[int, Key]]:
    """Returns the numbers of the layers that state a key of the merged data, and the key in each of them.

    Args:
        layers: Layers, the lowest first.
        key: Key in the merged data.
    """
    nodes, is_whole = _along(layers, key, {})
    return [(next(i for i, each in enumerate(layers) if each is node.layer), node.key) for node in nodes if is_whole]


def _along(layers: Sequence[Layer], key: Key, lists: dict[Key, list[_Node]]) -> tuple[Sequence[_Node], bool]:
    """Returns the layers' values at a key or its nearest parent, and whether the key itself was found.

    Args:
        layers: Layers, the lowest first.
        key: Key in the merged data.
        lists: Items of lists by their keys, as far as they have been found.
    """
    begin, nodes = _begin(key, lists)
    nodes = nodes or [_Node(layer, layer.data, ()) for layer in layers]
    for depth, part in enumerate(key[begin:], begin):
        if isinstance(part, int) and isinstance(nodes[-1].value, list):
            here = key[:depth]
            if here not in lists:
                lists[here] = _items(_alike(nodes))
            inside = lists[here][part : part + 1]
        else:
            inside = _inside(nodes, part)
        if not inside:
            return nodes, False
        nodes = inside
    return nodes, True


def _begin(key: Key, lists: dict[Key, list[_Node]]) -> tuple[int, Sequence[_Node]]:
    """Returns the known item on the way to a key, and how many parts of the key lead to it."""
    for depth in range(len(key) - 1, -1, -1):
        part = key[depth]
        if isinstance(part, int) and len(lists.get(key[:depth], ())) > part >= 0:
            return depth + 1, lists[key[:depth]][part : part + 1]
    return 0, ()


@dataclass(frozen=True, slots=True)
class _Node:
    """A layer's value at a key of its own data."""

    layer: Layer
    value: Any
    key: Key


def _said(nodes: Sequence[_Node]) -> Said:
    return nodes[-1].layer.said(nodes[-1].key)


def _inside(nodes: Sequence[_Node], part: str | int) -> list[_Node]:
    """Returns the layers' values under a name, in the order in which ``merged`` combines them."""
    alike = [node for node in _alike(nodes) if isinstance(node.value, dict)]
    return [_Node(n.layer, n.value[part], (*n.key, part)) for n in alike if part in n.value]


def _alike(nodes: Sequence[_Node]) -> Sequence[_Node]:
    """Returns the layers that are merged: a value of another kind replaces the lower ones."""
    kind = type(nodes[-1].value)
    begin = len(nodes) - 1
    while begin and type(nodes[begin - 1].value) is kind and not _is_one_thing(nodes[begin - 1].key):
        begin -= 1
    return nodes[begin:]


def _items(nodes: Sequence[_Node]) -> list[_Node]:
    """Returns the items of merged lists, each from the first layer that has it."""
    items: list[_Node] = []
    before: set[Hashable] = set()
    for node in (node for node in nodes if isinstance(node.value, list)):
        new = [(index, value, _frozen(value)) for index, value in enumerate(node.value)]
        new = [each for each in new if each[2] not in before]
        items += [_Node(node.layer, value, (*node.key, index)) for index, value, _ in new]
        before.update(frozen for _, _, frozen in new)
    return items


def _frozen(value: Any) -> Hashable:
    """Returns a hashable value that is equal for equal values."""
    if isinstance(value, dict):
        return frozenset((name, _frozen(each)) for name, each in value.items())
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def merged(base: Any, over: Any, *, key: Key = ()) -> Any:
    """Merges two layers: mappings are united, lists appended to, and other values replaced.

    Args:
        base: Lower layer.
        over: Upper layer.
        key: Key of both in the account or the org: a document is replaced as a whole.
    """
    if isinstance(base, dict) and isinstance(over, dict) and not _is_one_thing(key):
        both = {name: merged(base[name], value, key=(*key, name)) for name, value in over.items() if name in base}
        return {**base, **over, **both}
    if isinstance(base, list) and isinstance(over, list):
        return [*base, *_not_in(base, over)]
    return over


def _not_in(base: list[Any], over: list[Any]) -> Iterator[Any]:
    known = {_frozen(each) for each in base}
    return (each for each in over if _frozen(each) not in known)


def _is_one_thing(key: Key) -> bool:
    """Returns whether the value at a key of an account is a document, which is never combined from two."""
    match key:
        case ("policies", _) | ("saml_providers", _, "metadata") | (_, _, "trust") | (_, _, "inline_policies", _):
            return True
    return False


@dataclass(frozen=True, slots=True)
class ScenarioChange:
    """A scenario's change of a world.

    Args:
        key: World key that the pointer leads to.
        pointer: Key under ``changes``.
        value: New value; None removes the key.
    """

    key: Key
    pointer: str
    value: Any
    scenario: YamlDocument

    def said(self, key: Key) -> Said | None:
        """Returns the line of the pointer, or of a place inside its value."""
        if key[: len(self.key)] != self.key:
            return None
        rest = key[len(self.key) :]
        line = self.scenario.location(("changes", self.pointer, *rest)).line
        is_whole = self.value is None or value_at(self.value, rest)[1] == len(rest)
        location = Location(self.scenario.file, line, key_text(key))
        return Said(location, SaidBy.CHANGED, "changed by the scenario", is_whole)
