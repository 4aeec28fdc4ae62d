"""A whole world or scenario written as YAML for people: data, with comments at their lines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_text import flow, printable

_WIDTH = 120
_SHORT = 60
_MOST_ON_A_LINE = 8
_DEEPEST_ON_A_LINE = 2
_LONGEST_KEY = 1000


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments on the data.

    Args:
        header: Lines before everything else.
        above: Comments on their own lines, right above a key or an item of a list, by key.
        beside: A few words at the end of a key's or an item's line; if they are too long, they go above it.
    """

    header: str = ""
    above: Mapping[Key, str] = field(default_factory=dict)
    beside: Mapping[Key, str] = field(default_factory=dict)

    def inside(self, key: Key) -> bool:
        """Returns whether there is a comment on something inside a key."""
        depth = len(key)
        return any(len(each) > depth and each[:depth] == key for words in (self.above, self.beside) for each in words)


def world_text(data: Mapping[str, Any], comments: Comments | None = None) -> str:
    """Returns data as YAML that is read back as the same data, whatever its texts contain.

    Short values without comments inside are written on one line; account ids and other texts that YAML would read as
    something else are quoted. The parts of a file, such as ``okta`` and ``aws``, are preceded by an empty line.

    Args:
        data: A world, or a scenario: mappings, lists, texts, numbers, booleans.
        comments: Comments on it.
    """
    said = comments or Comments()
    parts = ["\n".join(_comment(said.header, 0))] if said.header else []
    flat: list[str] = []
    for name, value in data.items():
        lines = list(_entry((name,), flow(name) + ":", value, 0, said))
        if len(lines) == 1 or not isinstance(value, dict):
            flat += lines
            continue
        if flat:
            parts.append("\n".join(flat))
            flat = []
        parts.append("\n".join(lines))
    if flat:
        parts.append("\n".join(flat))
    # Comments at the beginning belong to the header.
    text = "\n\n".join(parts)
    return (text.replace("\n\n", "\n", 1) if said.header and len(parts) > 1 else text) + "\n"


def documents_text(documents: Sequence[str]) -> str:
    """Returns several documents, as ``world_text`` writes them, as one file of scenarios."""
    return "---\n".join(documents)


def _entry(key: Key, start: str, value: Any, indent: int, said: Comments) -> Iterator[str]:
    """Yields the lines of a key or an item: the comments above it, and its value."""
    if key in said.above:
        yield from _comment(said.above[key], indent)
    space, beside = " " * indent, " ".join(printable(said.beside.get(key, "")).split())
    on_a_line = _on_a_line(key, value, said)
    line = f"{space}{start} {on_a_line}" if on_a_line else space + start
    if beside and len(line) + len(beside) + 5 > _WIDTH:
        yield from _comment(beside, indent)
    elif beside:
        line += f"   # {beside}"
    if on_a_line:
        yield line
        return
    nested = list(_nested(key, value, indent + 2, said))
    if start == "-" and not beside and not nested[0].lstrip().startswith("#"):
        # The first key of an item is on the line of its dash.
        yield f"{space}- {nested[0].lstrip()}"
        yield from nested[1:]
        return
    yield line
    yield from nested


def _nested(key: Key, value: Any, indent: int, said: Comments) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _entry((*key, name), _key(name, indent), each, indent, said)
    else:
        for number, each in enumerate(value):
            yield from _entry((*key, number), "-", each, indent, said)


def _key(name: str, indent: int) -> str:
    """Returns a key with its colon; a key that is too long for YAML's simple form is marked as a key.

    Spec: YAML 1.2.2 §7.4.2 (1024 characters)
    """
    text = flow(name)
    return f"{text}:" if len(text) <= _LONGEST_KEY else f"? {text}\n{' ' * indent}:"


def _on_a_line(key: Key, value: Any, said: Comments) -> str:
    """Returns a value on one line; empty where it takes several."""
    if not isinstance(value, dict | list) or not value:
        return flow(value)
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return ""
    if _size(value) > _MOST_ON_A_LINE or _depth(value) > _DEEPEST_ON_A_LINE or said.inside(key):
        return ""
    text = flow(value)
    return text if len(text) <= _SHORT else ""


def _size(value: Any) -> int:
    """Returns the number of texts and numbers in a value, counted no further than necessary."""
    if not isinstance(value, dict | list):
        return 1
    count = 0
    for each in value.values() if isinstance(value, dict) else value:
        count += _size(each)
        if count > _MOST_ON_A_LINE:
            break
    return count


def _depth(value: Any) -> int:
    """Returns the nesting depth of mappings and lists in a value that is known to be small."""
    if not isinstance(value, dict | list):
        return 0
    # An empty value is there for its name, and gets its own line.
    inside = value.values() if isinstance(value, dict) else value
    return 1 + max(map(_depth, inside), default=_DEEPEST_ON_A_LINE)


def _comment(text: str, indent: int) -> Iterator[str]:
    space = " " * indent
    for line in text.splitlines():
        wrapped = textwrap.wrap(
            printable(line), _WIDTH - indent - 2, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
        )
        yield from (f"{space}# {each}" for each in wrapped or [""])
