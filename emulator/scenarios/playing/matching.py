"""What is to be in an answer or an event, beside what is in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from emulator.worldfile.yaml_data import Key

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Leaf:
    """A wanted value beside what there is.

    Args:
        key: The keys that lead to it.
        want: The wanted value, as text.
        got: What there is, as text; empty where there is nothing.
        is_met: Whether it is the same.
    """

    key: Key
    want: str
    got: str
    is_met: bool


def has(found: Any, wanted: Any) -> bool:
    """Returns whether a value holds what is wanted: of objects the wanted keys, of lists the wanted items."""
    return all(leaf.is_met for leaf in leaves(found, wanted))


def leaves(found: Any, wanted: Any, key: Key = ()) -> Iterator[Leaf]:
    """Yields each wanted value beside what there is; of a list each wanted item, as a whole.

    Args:
        found: The answer or event, as JSON has it.
        wanted: What is to be in it; null for a key that is not to be there.
        key: The keys that lead to it.
    """
    if isinstance(wanted, dict):
        if not isinstance(found, dict):
            yield Leaf(key, value_text(wanted), value_text(found), is_met=False)
            return
        for name, value in wanted.items():
            yield from leaves(found.get(name), value, (*key, name))
        if not wanted:
            yield Leaf(key, "{}", value_text(found), is_met=True)
    elif isinstance(wanted, list):
        items = found if isinstance(found, list) else None
        for index, value in enumerate(wanted):
            item = next((each for each in items or () if has(each, value)), None)
            got = value_text(item) if item is not None else value_text(found)
            yield Leaf((*key, index), value_text(value), got, is_met=item is not None)
        if not wanted:
            yield Leaf(key, "[]", value_text(found), is_met=found == [])
    else:
        yield Leaf(key, value_text(wanted), value_text(found), is_met=type(found) is type(wanted) and found == wanted)


def value_text(value: Any) -> str:
    """Returns a value for a person: a text that could be a number in quotes, everything else as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return json.dumps(value) if _is_ambiguous(value) else value
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _is_ambiguous(text: str) -> bool:
    """Returns whether a text would be something else in YAML if it stood without quotes."""
    return not text or text in {"true", "false", "null"} or text.lstrip("+-").replace(".", "", 1).isdigit()
