"""Worlds written as YAML for people: read back as they were, with what is said beside them."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.worldfile.text.yaml_text import data_in
from emulator.worldfile.world_text import Comments, documents_text, world_text

WORLD = {
    "version": 1,
    "okta": {"acme": {"users": {"hanako@example.com": {}}}},
    "aws": {
        "012345678901": {
            "roles": {
                "Agent": {
                    "trust": {
                        "Version": "2012-10-17",
                        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML"}],
                    },
                    "tags": {},
                }
            }
        }
    },
}


def test_a_world_is_written_with_its_comments() -> None:
    """A header comes first, comments are above or beside their lines, and what is short is on one line."""
    comments = Comments(
        "A world.\nWritten by hand.",
        above={("aws", "012345678901", "roles", "Agent", "trust"): "It was not in the file."},
        beside={("okta", "acme"): "https://acme.okta.com"},
    )
    assert (
        world_text(WORLD, comments)
        == """\
# A world.
# Written by hand.
version: 1

okta:
  acme:   # https://acme.okta.com
    users:
      hanako@example.com: {}

aws:
  "012345678901":
    roles:
      Agent:
        # It was not in the file.
        trust:
          Version: "2012-10-17"
          Statement:
            - {Effect: Allow, Action: sts:AssumeRoleWithSAML}
        tags: {}
"""
    )


def test_what_is_said_within_a_value_keeps_it_off_one_line() -> None:
    """A short mapping takes several lines where something is said of a key in it; so does an item of a list."""
    data = {"a": {"b": "c"}, "list": [{"x": "1", "y": 2}, "z"]}
    comments = Comments(above={("list", 0): "The first."}, beside={("a", "b"): "TODO", ("list", 0, "x"): "TODO"})
    assert (
        world_text(data, comments)
        == """\
a:
  b: c   # TODO

list:
  # The first.
  - x: "1"   # TODO
    y: 2
  - z
"""
    )


def test_what_is_too_long_for_its_line_is_above_it() -> None:
    """Words for which a line has no room go above it, in lines of 120 characters."""
    comments = Comments(beside={("login",): "word " * 40})
    written = world_text({"login": "x"}, comments).splitlines()
    assert written == ["# " + " ".join(["word"] * 23), "# " + " ".join(["word"] * 17), "login: x"]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a: b", "#x", "- x", "'", '"', "a\nb", "\r\n", "a\tb", "yes", "null", "~", "1", "0123", "1e3",
        "2026-11-23", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ufeff", "\ufffe", "é", "日本", "😀",
        "{a}", "[", "&a", "*a", "!x", "%", "@", "`", "|", ">", "? x", "a #b", "a:", "---", "...", "\\n", "C:\\x",
    ],
)  # fmt: skip
def test_every_text_is_read_back_as_it_is(text: str) -> None:
    """Whatever a text holds, as a key, a value, an item and in a comment, the data is the same when it is read."""
    data: dict[str, Any] = {"k": {text: text, "list": [text, {text: [text]}]}, "long": [text * 30] * 3}
    assert data_in(world_text(data, Comments(text, {("k",): text}, {("long", 1): text}))) == data


def test_a_key_may_be_of_any_length() -> None:
    """YAML looks for a colon within 1024 characters unless a key is marked as one."""
    data = {"users": {"x" * 3000: {}, "é: " * 900: {"a": [{"y" * 2000: "b"}]}}}
    assert data_in(world_text(data)) == data


def test_half_a_character_is_replaced() -> None:
    """A surrogate that is alone is not a text: it is replaced, and the rest stays."""
    assert data_in(world_text({"a": "x\ud800y"})) == {"a": "x\N{REPLACEMENT CHARACTER}y"}


def test_documents_are_divided() -> None:
    """Several documents of one file have a line between them."""
    assert documents_text([world_text({"a": 1}), world_text({"b": 2})]) == "a: 1\n---\nb: 2\n"
