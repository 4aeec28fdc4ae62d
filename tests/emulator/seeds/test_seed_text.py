"""A seed's file as text and data: encodings, several documents with their lines, what is not a file."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from emulator.kernel.errors import WorldError
from emulator.seeds.contents import SeedError
from emulator.seeds.seed_text import parse_seed_text, read_seed_text
from tests.emulator.seeds.aws_answers.accounts import account_of, filled, role

A_SEED = "a file, or {file: …, parameters: {…}}"


@pytest.mark.parametrize("separator", ["\n", "", "\n\n\n", "\r\n"])
def test_json_documents_one_after_the_other_are_a_list(separator: str) -> None:
    """As the answers of several calls are that somebody appended to one file; each has its lines."""
    found = parse_seed_text(f'{{"a": {{\n"b": 1}}}}{separator}[\n{{"c": 2}}]', name="x")
    assert (found.data, found.documents) == ([{"a": {"b": 1}}, [{"c": 2}]], 2)
    lines = 2 + separator.count("\n")
    assert [found.lines.nearest(key) for key in ((0, "a", "b"), (1, 0, "c"), (1, "x"))] == [2, lines + 1, lines]
    assert (1, 0, "c") in found.lines
    assert (2,) not in found.lines


def test_yaml_documents_are_a_list_too() -> None:
    """One that is empty is none."""
    found = parse_seed_text("---\na: 1\n---\n---\nb:\n  c: 2\n", name="x")
    assert (found.data, found.documents) == ([{"a": 1}, {"b": {"c": 2}}], 2)
    assert found.lines.nearest((1, "b", "c")) == 6


def test_one_document_is_what_it_is() -> None:
    """A list of one document is not made of it."""
    found = parse_seed_text("---\na: 1\n", name="x")
    assert (found.data, found.documents) == ({"a": 1}, 1)


def test_a_pipe_a_folder_and_a_socket_are_no_files(tmp_path: Path) -> None:
    """Nobody waits for what is written into them."""
    os.mkfifo(tmp_path / "pipe")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket"))
    for name, what in (
        (".", "this is a folder"),
        ("pipe", "this is a pipe, a socket or a device"),
        ("socket", "this is a pipe, a socket or a device"),
    ):
        with pytest.raises(SeedError) as caught:
            read_seed_text(tmp_path / name, name=name)
        assert caught.value.message == what
    listener.close()
    with pytest.raises(SeedError, match="a pipe, a socket or a device"):
        read_seed_text(Path(os.devnull), name="null")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing.json", "No such file or directory"),
        ("a\0b", "this is not the name of a file"),
        ("x" * 300, "File name too long"),
    ],
)
def test_a_file_that_is_not_there(tmp_path: Path, name: str, message: str) -> None:
    """The system's own words where it has some."""
    with pytest.raises(SeedError) as caught:
        read_seed_text(tmp_path / name, name=name)
    assert caught.value.message == message


def test_one_file_may_stand_without_a_list(tmp_path: Path) -> None:
    """``seed: roles.json`` is a list of one, and so is one with settings."""
    (tmp_path / "roles.json").write_text(json.dumps({"Role": role()}))
    for seed in ("roles.json", {"file": "roles.json"}):
        world = filled(tmp_path, {}, own={"seed": seed})
        assert list(account_of(world).roles) == ["Agent"]


@pytest.mark.parametrize(
    ("seed", "message", "expected"),
    [
        (7, "this is not a seed", A_SEED),
        (None, "this is not a seed", A_SEED),
        ([["x"]], "this is not a seed", A_SEED),
        ({"file": None}, "a seed must name its file", A_SEED),
        ({"file": ["x"]}, "a seed must name its file", A_SEED),
        (
            {"file": "x", "colour": "red"},
            "a seed has no setting colour",
            "one of file, imports, moment, parameters, region, stack_name, values",
        ),
        ({"file": "x", "parameters": "a"}, "parameters of a seed is not a mapping", "parameters: {NAME: VALUE}"),
        (
            {"file": "x", "moment": "later"},
            "moment of a seed is neither before nor after",
            "moment: before, or moment: after",
        ),
        (
            {"file": "x", "moment": ["before"]},
            "moment of a seed is neither before nor after",
            "moment: before, or moment: after",
        ),
    ],
)
def test_a_seed_that_is_listed_wrongly(tmp_path: Path, seed: object, message: str, expected: str) -> None:
    """The setting is named, and nothing of Python's is shown."""
    with pytest.raises(WorldError) as caught:
        filled(tmp_path, {}, own={"seed": [seed]})
    assert [(each.message, each.expected) for each in caught.value.problems] == [(message, expected)]


def test_a_key_given_twice_in_a_large_object_is_found_at_once() -> None:
    """Every name is looked at once, and a long one is cut."""
    pairs = ", ".join(f'"k{number}": 1' for number in range(100_000))
    found = parse_seed_text(f'{{{pairs}, "{"z" * 500}": 1, "{"z" * 500}": 2}}', name="x")
    assert found.complaint == f"the key {'z' * 100} is given twice (line 1)"


@pytest.mark.parametrize("encoding", ["undefined", "idna", "punycode", "unicode-escape", "raw_unicode_escape", "rot13"])
def test_a_codec_that_is_no_encoding_of_files(tmp_path: Path, encoding: str) -> None:
    """Python has more codecs than XML has encodings: a file that names one is not text."""
    (tmp_path / "x.xml").write_text(f'<?xml version="1.0" encoding="{encoding}"?><a b="\\q"/>', encoding="utf-8")
    with pytest.raises(SeedError) as caught:
        read_seed_text(tmp_path / "x.xml", name="x.xml")
    assert caught.value.message == "this is not text in UTF-8 or UTF-16"


def test_the_names_in_a_long_list_are_not_what_one_thing_is_called(tmp_path: Path) -> None:
    """What is missing is looked for near what was left out, and not among all resources of a template."""
    roles = "".join(
        f"  R{number}:\n    Type: AWS::IAM::Role\n    Properties: {{RoleName: role{number}}}\n" for number in range(150)
    )
    roles = roles.replace("{RoleName: role0}", "{Path: /}")
    (tmp_path / "t.yaml").write_text(f"AWSTemplateFormatVersion: '2010-09-09'\nResources:\n{roles}", encoding="utf-8")
    (report,) = filled(tmp_path, {}, own={"seed": ["t.yaml"]}).seeds
    assert {"role7", "role149"} <= report.missing.keys()
    assert report.missing["role7"].location.line == 5 + 3 * 7  # and not that of the role without a name
