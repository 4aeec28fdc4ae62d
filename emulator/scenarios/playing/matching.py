"""Wanted and actual values of an answer or an event."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Leaf:
    """A wanted value with the actual one.

    Args:
        key: Keys that lead to it.
        want: Wanted value, as text.
        got: Actual value, as text; empty where there is none.
        is_met: Whether they are equal.
    """

    key: Key
    want: str
    got: str
    is_met: bool


def has(found: Any, wanted: Any) -> bool:
    """Returns whether a value contains what is wanted: for objects the wanted keys, for lists the wanted items."""
    return all(leaf.is_met for leaf in leaves(found, wanted))


def leaves(found: Any, wanted: Any, key: Key = ()) -> Iterator[Leaf]:
    """Yields each wanted value with the actual one; for a list each wanted item, as a whole.

    Args:
        found: Answer or event, as JSON data.
        wanted: Wanted content; null for a key that must be absent.
        key: Keys that lead to it.
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
    """Returns a value for a person: a text that looks like a number in quotes, everything else as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return json.dumps(value) if _is_ambiguous(value) else value
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _is_ambiguous(text: str) -> bool:
    """Returns whether a text without quotes would mean something else in YAML."""
    return not text or text in {"true", "false", "null"} or text.lstrip("+-").replace(".", "", 1).isdigit()
