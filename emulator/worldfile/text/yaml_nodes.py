"""Where each value of a YAML text begins and ends, for changes that leave the rest untouched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_parser import PurePythonLoader


@dataclass(slots=True)
class Node:
    """A value in a text.

    Args:
        kind: ``scalar``, ``mapping``, ``sequence`` or ``alias``.
        start: Index of its first character, or of its anchor's.
        end: Index after its last character; for a block, after its last value.
        column: Column in which it begins.
        is_flow: Whether it is written in braces or brackets.
        anchor: Name of its anchor, or of the anchor that an alias refers to; empty for none.
        style: Quotes of a scalar, or ``|`` or ``>``; empty for a plain one.
        items: Contents; for a mapping keys and values.
    """

    kind: str
    start: int
    end: int
    column: int
    is_flow: bool = False
    anchor: str = ""
    style: str = ""
    text: str = ""
    items: list[tuple[Node | None, Node]] = field(default_factory=list)

    def item(self, part: str | int) -> int | None:
        """Returns the position of a key or of an index among the items, or None."""
        if self.kind == "sequence":
            return part if isinstance(part, int) and part < len(self.items) else None
        return next((i for i, (key, _) in enumerate(self.items) if key is not None and key.text == part), None)

    def all(self) -> Iterator[Node]:
        """Yields this value and everything inside."""
        yield self
        for _, value in self.items:
            yield from value.all()

    def by_key(self, here: Key = ()) -> Iterator[tuple[Key, Node]]:
        """Yields this value and everything inside, each with its key."""
        yield here, self
        for index, (key, value) in enumerate(self.items):
            yield from value.by_key((*here, index if key is None else key.text))


def read_nodes(text: str) -> Node | None:
    """Returns the node of a text's only document, or None where it has none."""
    stack: list[tuple[Node, Node | None]] = []
    root: Node | None = None
    key: Node | None = None
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", PurePythonLoader)):
        if isinstance(event, MappingEndEvent | SequenceEndEvent):
            node, key = stack.pop()
            closing: Any = event.end_mark
            node.end = closing.index if node.is_flow else max(value.end for _, value in node.items)
        elif isinstance(event, ScalarEvent | AliasEvent | MappingStartEvent | SequenceStartEvent):
            node = _node(event, text)
        else:
            continue
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            stack.append((node, key))
            key = None
        elif not stack:
            root = root or node
        elif stack[-1][0].kind == "mapping" and key is None:
            key = node
        else:
            stack[-1][0].items.append((key, node))
            key = None
    return root


def _node(event: Any, text: str) -> Node:
    start, end = event.start_mark.index, event.end_mark.index
    anchor, column = event.anchor or "", event.start_mark.column
    if isinstance(event, ScalarEvent):
        if event.style in {"|", ">"}:
            end = start + len(text[start:end].rstrip())
        return Node("scalar", start, end, column, anchor=anchor, style=event.style or "", text=event.value)
    if isinstance(event, AliasEvent):
        return Node("alias", start, end, column, anchor=anchor)
    kind = "mapping" if isinstance(event, MappingStartEvent) else "sequence"
    return Node(kind, start, end, column, is_flow=bool(event.flow_style), anchor=anchor)
