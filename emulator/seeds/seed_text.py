"""Reads a seed's file as data, before its kind is determined."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path, PurePath
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.aws_text.text_output import TextOutput, is_text_output, parse_text_output
from emulator.seeds.contents import SeedError
from emulator.seeds.other_files.binary_files import binary_kind, unread_bytes
from emulator.worldfile.text.json_lines import JsonLines
from emulator.worldfile.text.json_text import UnreadableJson, half_of_a_pair, line_of_repeated, refuse_too_many_values
from emulator.worldfile.text.read_files import A_READABLE_FILE, UnreadableFile, bytes_of
from emulator.worldfile.text.text_encoding import UnreadableText, text_of
from emulator.worldfile.text.yaml_data import MAX_DOCUMENTS, NOT_YAML, Key, Lines, UnreadableYaml
from emulator.worldfile.text.yaml_file import MAX_FILE_BYTES, read_yaml

MAX_SEED_BYTES = 40_000_000
"""The maximum size of a seed: a plan of ten thousand resources is half as large."""
_WRITTEN_BY_HAND = 2_000_000
_BLANKS = re.compile(r"\s*")
# Error messages may quote a value of the file, which may be a secret.
_QUOTED_VALUE = re.compile(r"(undefined alias|cannot be given to|the number) .*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SeedSettings:
    """A seed's settings in the world file, and where it is listed.

    Args:
        file: The file, as the world file names it.
        account_id: The account that it is listed under; empty if listed under an org.
        partition: The account's partition.
        org: The org that it is listed under; empty if listed under an account.
        region: The region of a template's stack.
        stack_name: The name of a template's stack.
        parameters: The values of a template's parameters.
        imports: The values of ``Fn::ImportValue`` that no other seed exports.
        values: Values that only a template's deployed resources have, by logical id or by ``LogicalId.Attribute``.
        moment: Whether to read the current (``before``) or the planned (``after``) state of a Terraform plan.
        own: The world file's own settings of the account or org, as they are written.
    """

    file: str
    account_id: str = ""
    partition: str = "aws"
    org: str = ""
    region: str = "us-east-1"
    stack_name: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    imports: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    moment: str = "after"
    own: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def stem(self) -> str:
        """The file's name without folder and extension; it names what the content leaves unnamed."""
        return PurePath(self.file).stem


@dataclass(frozen=True, slots=True)
class DocumentLines:
    """The lines of a list of documents: each document's own lines, and the number of lines before it."""

    documents: Sequence[tuple[Lines | JsonLines, int]]

    def nearest(self, key: Key) -> int:
        """Returns the line of ``key``, or of its nearest parent in the text; 0 if there is none."""
        if not key or not isinstance(key[0], int) or key[0] >= len(self.documents):
            return 0
        lines, before = self.documents[key[0]]
        return before + (lines.nearest(key[1:]) or 1)

    def __contains__(self, key: Key) -> bool:
        return (
            bool(key)
            and isinstance(key[0], int)
            and key[0] < len(self.documents)
            and key[1:] in self.documents[key[0]][0]
        )


# Compared by identity, so that a reader can cache its results per text.
@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class SeedText:
    """A seed's text and, if it is JSON or YAML, its data with line numbers.

    A template's short forms such as ``!Sub`` are expanded, and the keys of the AWS CLI's text output are restored. For
    any other text, such as XML, ``data`` is None and ``complaint`` says why.

    Args:
        name: The text's name in messages.
        text: The text itself.
        data: The parsed data; for several documents, such as the output of several commands, a list of them.
        lines: The line number of each key of the data.
        complaint: Why there is no data.
        documents: How many documents the data is a list of; 1 if the data is the only document.
        text_output: The parsed text output of the AWS CLI, if that is what it is.
    """

    name: str
    text: str = field(repr=False)
    data: Any = field(default=None, repr=False)
    lines: Lines | JsonLines | DocumentLines = field(default_factory=Lines, repr=False)
    complaint: str = ""
    documents: int = 1
    text_output: TextOutput | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed: its text and the settings it is read with.

    Args:
        text: The text of its file.
        settings: Its settings in the world file.
        shared: Results that readers cache for all seeds of a world, under keys of their own; all seeds have the same.
    """

    text: SeedText
    settings: SeedSettings
    shared: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)


def read_seed_text(path: Path, *, name: str) -> SeedText:
    """Reads a seed's file.

    Args:
        path: Where the file is.
        name: The file's name in messages.

    Raises:
        SeedError: the file does not exist, is too large, or is not text.
    """
    data = b""
    try:
        data = bytes_of(path, limit=MAX_SEED_BYTES)
        kind = binary_kind(data)
        if kind is not None:
            raise kind.refusal()
        text = text_of(data, limit=MAX_SEED_BYTES)
        if not text and data.strip():
            raise unread_bytes(data).refusal()
        return parse_seed_text(text, name=name)
    except UnreadableFile as error:
        is_there = error.expected != A_READABLE_FILE
        expected = error.expected if is_there else f"a file, relative to {path.parent}"
        raise SeedError(error.message, expected=expected, fix=error.fix) from None
    except UnreadableText as error:
        if "larger" in str(error):
            raise SeedError(f"the file is {error}", expected="a smaller file") from None
        raise unread_bytes(data).refusal() from None


def parse_seed_text(text: str, *, name: str) -> SeedText:
    """Parses a text as data."""
    mistake = ""
    if text[:1] == "<":
        return SeedText(name, text, complaint="it is XML")
    if text[:1] in {"{", "["}:
        try:
            refuse_too_many_values(text)
            half = half_of_a_pair(text)
            if half is not None:
                place = f" (line {text.count(chr(10), 0, half) + 1})"
                return SeedText(
                    name, text, complaint=f"it contains half of a surrogate pair, which is not a character{place}"
                )
            # Programs do not repeat keys, and files written by hand are small.
            hook = _each_key_once if len(text) < _WRITTEN_BY_HAND else None
            return _together(name, text, list(_json_documents(text, hook)))
        except UnreadableJson as error:
            return SeedText(name, text, complaint=error.message)
        except _KeyTwice as error:
            line = line_of_repeated(text, str(error))
            return SeedText(name, text, complaint=f"the key {error!s:.100} is given twice (line {line})")
        except json.JSONDecodeError as error:
            mistake = _where_json_ends(error)  # flow mappings in YAML also begin like JSON
        except (ValueError, RecursionError):
            pass
    elif is_text_output(text):
        output = parse_text_output(text)
        return SeedText(name, text, output.data, output.lines, text_output=output)
    if len(text) > MAX_FILE_BYTES:
        complaint = mistake or f"it is not JSON, and too large for YAML (more than {MAX_FILE_BYTES} bytes)"
        return SeedText(name, text, complaint=complaint)
    try:
        read = read_yaml(text, short_forms=_long_form, zeros_of_ids=True)
        documents = [(data, lines, 0) for data, lines in read if data is not None]
    except UnreadableYaml as error:
        place = f" (line {error.line})" if error.line else ""
        said = _QUOTED_VALUE.sub(r"\1", error.message.removeprefix(NOT_YAML))
        return SeedText(name, text, complaint=mistake or f"{said}{place}")
    return _together(name, text, documents)


def _together(name: str, text: str, documents: Sequence[tuple[Any, Lines | JsonLines, int]]) -> SeedText:
    """Returns a single document as it is, and several as a list."""
    if len(documents) < 2:
        return SeedText(name, text, *documents[0][:2]) if documents else SeedText(name, text)
    lines = DocumentLines([(lines, before) for _, lines, before in documents])
    return SeedText(name, text, [data for data, _, _ in documents], lines, documents=len(documents))


def _json_documents(text: str, hook: Any) -> Iterator[tuple[Any, JsonLines, int]]:
    """Yields each JSON document in a text: its data, its lines, and the number of lines before it.

    Saving the output of several commands in one file puts several documents after one another.
    """
    decoder = json.JSONDecoder(object_pairs_hook=hook)
    data, end = decoder.raw_decode(text)
    if not text[end:].strip():
        yield data, JsonLines(text), 0
        return
    begin = lines = 0
    documents = 1
    while True:
        yield data, JsonLines(text[begin:end]), lines
        before, blanks = begin, _BLANKS.match(text, end)
        begin = blanks.end() if blanks is not None else end
        lines += text.count("\n", before, begin)
        if begin == len(text):
            return
        documents += 1
        if documents > MAX_DOCUMENTS:
            raise UnreadableJson(f"it contains more than {MAX_DOCUMENTS:,} documents (line {lines + 1})")
        if text[begin] not in "{[":
            raise json.JSONDecodeError("Extra data", text, begin)
        data, end = decoder.raw_decode(text, begin)


def _where_json_ends(error: json.JSONDecodeError) -> str:
    place = f"line {error.lineno}, column {error.colno}"
    if error.pos >= len(error.doc) or error.msg.startswith("Unterminated string"):
        return f"the JSON ends too early ({place})"
    return f"the JSON is not valid ({place})"


class _KeyTwice(Exception):
    """A JSON text repeats a key."""


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, value in pairs:
        if name in data:
            raise _KeyTwice(name)
        data[name] = value
    return data


def _long_form(tag: str, value: Any) -> dict[str, Any]:
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in {"Ref", "Condition"} else f"Fn::{tag}": value}
