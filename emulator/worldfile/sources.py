"""Which file each value of a world comes from, where it is not the world's own: a seed, or a scenario's changes.

Nothing is worked out before somebody asks: a document keeps what its seeds and its changes were.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from emulator.kernel.errors import Location
from emulator.worldfile.yaml_data import Key, value_at
from emulator.worldfile.yaml_file import Said, SaidBy, YamlDocument, key_text


@dataclass(frozen=True, slots=True)
class Layer:
    """The data of an account or an org from one file, and where that file says each key of it."""

    data: Any
    said: Callable[[Key], Said]


@dataclass(frozen=True, slots=True)
class Seeded:
    """An account or an org that several files fill, one laid over the other.

    Args:
        key: Its key in the world.
        layers: What is filled in first comes first; last what the world says itself.
    """

    key: Key
    layers: tuple[Layer, ...]

    def said(self, key: Key) -> Said | None:
        """Returns where a key is said: by the last of the files that say it, or else its nearest parent."""
        if key[: len(self.key)] != self.key:
            return None
        nodes, is_whole = _along(self.layers, key[len(self.key) :])
        return _said(nodes) if is_whole else replace(_said(nodes), is_whole=False)


def said_in(layers: Sequence[Layer], key: Key) -> list[tuple[int, Key]]:
    """Returns which layers say a key of what they are together, by their numbers, and the key that it has in each.

    Args:
        layers: The layers, the lowest first.
        key: The key.
    """
    nodes, is_whole = _along(layers, key)
    return [(next(i for i, each in enumerate(layers) if each is node.layer), node.key) for node in nodes if is_whole]


def _along(layers: Sequence[Layer], key: Key) -> tuple[Sequence[_Node], bool]:
    """Returns what the layers have at a key or its nearest parent, and whether it is at the key itself."""
    nodes: Sequence[_Node] = [_Node(layer, layer.data, ()) for layer in layers]
    for part in key:
        inside = _inside(nodes, part)
        if not inside:
            return nodes, False
        nodes = inside
    return nodes, True


@dataclass(frozen=True, slots=True)
class _Node:
    """What a layer has at a key of its own data."""

    layer: Layer
    value: Any
    key: Key


def _said(nodes: Sequence[_Node]) -> Said:
    return nodes[-1].layer.said(nodes[-1].key)


def _inside(nodes: Sequence[_Node], part: str | int) -> list[_Node]:
    """Returns what the layers have one key deeper, in the order in which ``merged`` lays them over each other."""
    kind = type(nodes[-1].value)
    alike: list[_Node] = []
    for node in reversed(nodes):
        if type(node.value) is not kind or (alike and _is_one_thing(node.key)):
            break  # a value of another kind replaces what lies under it
        alike.insert(0, node)
    if kind is dict:
        return [_Node(n.layer, n.value[part], (*n.key, part)) for n in alike if part in n.value]
    if kind is not list or not isinstance(part, int):
        return []
    items: list[_Node] = []
    for node in alike:
        before = [item.value for item in items]
        items += [
            _Node(node.layer, value, (*node.key, index))
            for index, value in enumerate(node.value)
            if value not in before
        ]
    return items[part : part + 1]


def merged(base: Any, over: Any, *, key: Key = ()) -> Any:
    """Returns two layers as one: mappings are united, lists appended to, and other values replaced.

    Args:
        base: What lies below.
        over: What lies over it.
        key: Where in the account or the org both are: a document there is replaced as a whole.
    """
    if isinstance(base, dict) and isinstance(over, dict) and not _is_one_thing(key):
        both = {name: merged(base[name], value, key=(*key, name)) for name, value in over.items() if name in base}
        return {**base, **over, **both}
    if isinstance(base, list) and isinstance(over, list):
        return [*base, *(each for each in over if each not in base)]
    return over


def _is_one_thing(key: Key) -> bool:
    """Returns whether what is at a key of an account is a document: half of one and half of another is none."""
    match key:
        case ("policies", _) | ("saml_providers", _, "metadata") | (_, _, "trust") | (_, _, "inline_policies", _):
            return True
    return False


@dataclass(frozen=True, slots=True)
class ScenarioChange:
    """A change that a scenario makes to a world.

    Args:
        key: The world's key that the pointer leads to.
        pointer: The key under ``changes``.
        value: The new value; None takes the key out.
        scenario: The scenario.
    """

    key: Key
    pointer: str
    value: Any
    scenario: YamlDocument

    def said(self, key: Key) -> Said | None:
        """Returns the pointer's line, or that of what is inside its value."""
        if key[: len(self.key)] != self.key:
            return None
        rest = key[len(self.key) :]
        line = self.scenario.location(("changes", self.pointer, *rest)).line
        is_whole = self.value is None or value_at(self.value, rest)[1] == len(rest)
        location = Location(self.scenario.file, line, key_text(key))
        return Said(location, SaidBy.CHANGED, "changed by the scenario", is_whole)
