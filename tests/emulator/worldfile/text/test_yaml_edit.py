"""Values changed in the text of a file: the rest stays to the letter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator.world import DEFAULT_WORLD
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_edit import CannotWrite, edited
from emulator.worldfile.text.yaml_file import read_yaml

TEXT = """\
# at the top
a: one   # behind one
b:
  - x      # behind x
  - {k: v, n: [1, 2]}   # in braces

  # above c
c:
  d: "in quotes"
  e: 'single'
  f: {}
  lists: {one: "sts:AssumeRole", some: ['sts:AssumeRole']}
  g:
    - name: first
      size: 1
    - name: second
"""

CHANGES: list[tuple[str, Key, Any, str, str]] = [
    ("a plain scalar", ("a",), "two", "a: one   # behind one", "a: two   # behind one"),
    ("one that needs quotes", ("a",), "two: #3", "a: one ", 'a: "two: #3" '),
    ("a text that looks like a number", ("a",), "12", "a: one ", 'a: "12" '),
    ("double quotes", ("c", "d"), "new", '"in quotes"', '"new"'),
    ("single quotes", ("c", "e"), "it's", "'single'", "'it''s'"),
    ("inside braces", ("b", 1, "k"), "a,b", "{k: v,", '{k: "a,b",'),
    ("appended in brackets", ("b", 1, "n", "-"), 3, "[1, 2]", "[1, 2, 3]"),
    ("added in braces", ("b", 1, "z"), True, "[1, 2]}", "[1, 2], z: true}"),
    ("taken out of braces", ("b", 1, "k"), None, "{k: v, n", "{n"),
    ("the last taken out of braces", ("b", 1, "n"), None, "{k: v, n: [1, 2]}", "{k: v}"),
    ("appended to lines", ("b", "-"), "y", "# in braces\n", "# in braces\n  - y\n"),
    ("a line taken out", ("b", 0), None, "  - x      # behind x\n", ""),
    ("into an empty mapping", ("c", "f"), {"h": "i"}, "f: {}", "f: {h: i}"),
    ("a new key", ("c", "new"), "value", "    - name: second\n", "    - name: second\n  new: value\n"),
    ("quotes in a list for one text", ("c", "lists", "one"), ["a:b", "c"], '"sts:AssumeRole"', '["a:b", "c"]'),
    ("quotes as before it", ("c", "lists", "some", "-"), "sts:TagSession", "Role']", "Role', 'sts:TagSession']"),
    ("a key of a mapping in a list", ("c", "g", 0, "name"), None, "- name: first\n      size: 1", "- size: 1"),
    (
        "a mapping appended like the others",
        ("c", "g", "-"),
        {"name": "third", "size": 3},
        "second\n",
        "second\n    - name: third\n      size: 3\n",
    ),
    ("the only item left", ("c", "g", 1, "name"), None, "    - name: second", "    - {}"),
    ("a list in the place of a scalar", ("a",), ["p", "q"], "a: one ", "a:\n  - p\n  - q "),
    ("parents that are not there", ("c", "x", "y"), 1, "second\n", "second\n  x:\n    y: 1\n"),
]


@pytest.mark.parametrize(("key", "value", "old", "new"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_a_value_is_changed_where_it_is(key: Key, value: Any, old: str, new: str) -> None:
    """Comments, quotes and layout of everything else stay."""
    assert TEXT.count(old) == 1
    assert edited(TEXT, [(key, value)]) == TEXT.replace(old, new)


def test_what_is_shared_is_written_out_for_those_that_keep_it() -> None:
    """An alias of what is changed becomes a copy of what it was."""
    text = "one: &shared\n  a: 1\n  b: [2]\ntwo: *shared\n"
    assert edited(text, [(("one", "a"), 3)]) == "one: &shared\n  a: 3\n  b: [2]\ntwo:\n  a: 1\n  b: [2]\n"


def test_an_alias_on_the_way_is_written_out() -> None:
    """What has the anchor keeps its value."""
    text = "one: &shared {a: 1}\ntwo: *shared\n"
    assert edited(text, [(("two", "a"), 3)]) == "one: &shared {a: 1}\ntwo: {a: 3}\n"


def test_several_changes_are_made_one_after_the_other() -> None:
    """Each finds the file as the one before left it."""
    assert edited("a: [1, 2, 3]\n", [(("a", 0), None), (("a", 0), None), (("a", "-"), 4)]) == "a: [3, 4]\n"


def test_json_stays_json_in_its_own_layout() -> None:
    """Strings are in double quotes, and an item on a line of its own is followed by another."""
    text = '{\n  "Statement": [\n    {"Effect": "Allow"}\n  ],\n  "Id": "x"\n}\n'
    made = edited(text, [(("Id",), "y"), (("Version",), "2012-10-17"), (("Statement", 0, "Sid"), "S")], is_json=True)
    assert made == (
        '{\n  "Statement": [\n    {"Effect": "Allow", "Sid": "S"}\n  ],\n  "Id": "y",\n  "Version": "2012-10-17"\n}\n'
    )


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("a: [1]\n", ("a", 3), "the list has no item 3"),
        ("a: one\n", ("a", "b"), "b leads through a value that holds no keys"),
        ("base: &base {a: {b: 1}}\nc:\n  <<: *base\n", ("base", "a", "b"), "*base is merged into another mapping"),
    ],
)
def test_what_cannot_be_changed_alone_is_not_changed(text: str, key: Key, message: str) -> None:
    """The reason is said."""
    with pytest.raises(CannotWrite) as caught:
        edited(text, [(key, 2)])
    assert caught.value.message == message


def _keys(data: Any, here: Key = ()) -> list[Key]:
    inside = enumerate(data) if isinstance(data, list) else data.items() if isinstance(data, dict) else ()
    return [here, *(key for part, value in inside for key in _keys(value, (*here, part)))]


@pytest.mark.parametrize(
    "value", ["a: text", ["x"], {"a": "b", "c": [1]}, None], ids=["text", "list", "mapping", "nothing"]
)
def test_every_value_of_the_built_in_world_can_be_changed_alone(value: Any) -> None:
    """What is read afterwards differs at this key only; the function itself reads it again and compares."""
    text = Path(DEFAULT_WORLD).read_text(encoding="utf-8")
    ((data, _),) = read_yaml(text)
    for key in _keys(data)[1:]:
        assert edited(text, [(key, value)]) != text, key


@pytest.mark.parametrize("is_first", [True, False], ids=["put in first", "taken out first"])
def test_a_key_that_is_renamed_stays_where_it_is(is_first: bool) -> None:
    """What is put in beside a key that is taken out, with the same value, is its new name."""
    changes: list[tuple[Key, Any]] = [(("c", "h"), "in quotes"), (("c", "d"), None)]
    made = edited(TEXT, changes if is_first else reversed(changes))
    assert made == TEXT.replace('d: "in quotes"', 'h: "in quotes"')
