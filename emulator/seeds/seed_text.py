"""A seed's file, read as data before anybody asks what kind of file it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from emulator.seeds.contents import SeedError
from emulator.worldfile.json_lines import JsonLines, JsonPages, read_pages
from emulator.worldfile.text_encoding import UnreadableText, text_of
from emulator.worldfile.yaml_data import NOT_YAML, Lines, UnreadableYaml
from emulator.worldfile.yaml_file import read_yaml

MAX_SEED_BYTES = 100_000_000
"""The largest seed that is read: a plan of thousands of resources is tens of megabytes."""
_WRITTEN_BY_HAND = 2_000_000


@dataclass(frozen=True, slots=True)
class SeedSettings:
    """What a world says of a seed beside its file, and where it is listed.

    Args:
        file: The file, as the world names it.
        account_id: The account that it is listed under; empty under an org.
        partition: The account's partition.
        org: The org that it is listed under; empty under an account.
        region: The region that a template is for.
        stack_name: The name of a template's stack.
        parameters: The values of a template's parameters.
        imports: The values of ``Fn::ImportValue`` that no other seed exports.
        values: What a template's resources of other makers have, by logical id or by ``LogicalId.Attribute``.
        moment: Whether a Terraform plan stands for what is (``before``) or for what is planned (``after``).
    """

    file: str
    account_id: str = ""
    partition: str = "aws"
    org: str = ""
    region: str = "us-east-1"
    stack_name: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    moment: str = "after"

    @property
    def stem(self) -> str:
        """The file's name without folder and ending, which names what its content leaves unnamed."""
        return PurePath(self.file).stem


# Two texts are one only where they are the same object: what a reader works out for one it may keep beside it.
@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class SeedText:
    """A seed's text and, where it is JSON or YAML, its data with lines.

    In a template short forms such as ``!Sub`` have become long ones. Where the text is neither JSON nor YAML, as XML
    and the AWS CLI's text output are not, ``data`` is None and ``complaint`` says why.
    """

    name: str
    text: str
    data: Any = None
    lines: Lines | JsonLines | JsonPages = field(default_factory=Lines)
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed: its text, and the settings it is read with."""

    text: SeedText
    settings: SeedSettings


def read_seed_text(path: Path, *, name: str) -> SeedText:
    """Reads a file.

    Args:
        path: The file.
        name: What messages call it.

    Raises:
        SeedError: there is no such file, it is too large, or it is not text.
    """
    try:
        if path.is_dir():
            raise SeedError("this is a folder", expected="a file")
        if path.stat().st_size > MAX_SEED_BYTES:
            raise SeedError(f"the file is larger than {MAX_SEED_BYTES} bytes", expected="a smaller file")
        return parse_seed_text(text_of(path.read_bytes(), limit=MAX_SEED_BYTES), name=name)
    except OSError as error:
        raise SeedError(error.strerror or str(error), expected=f"a file, relative to {path.parent}") from None
    except UnreadableText as error:
        raise SeedError(f"the file is {error}", expected="a text file") from None


def parse_seed_text(text: str, *, name: str) -> SeedText:
    """Reads a text as data."""
    if text[:1] == "<":
        return SeedText(name, text, complaint="it is XML")
    if text[:1] in {"{", "["}:
        try:
            # What a program prints gives no key twice; what a person writes is small.
            hook = _each_key_once if len(text) < _WRITTEN_BY_HAND else None
            return SeedText(name, text, json.loads(text, object_pairs_hook=hook), JsonLines(text))
        except _KeyTwice as error:
            return SeedText(name, text, complaint=f"the key {error} is given twice")
        except (ValueError, RecursionError):
            pages = _pages(text)
            if pages is not None:
                return SeedText(name, text, *pages)
            # a flow mapping of YAML begins so too
    try:
        documents = read_yaml(text, short_forms=_long_form)
    except UnreadableYaml as error:
        place = f" (line {error.line})" if error.line else ""
        return SeedText(name, text, complaint=f"{error.message.removeprefix(NOT_YAML)}{place}")
    if len(documents) > 1:
        return SeedText(name, text, complaint="expected a single document, but found another document")
    return SeedText(name, text, *documents[0]) if documents else SeedText(name, text)


def _pages(text: str) -> tuple[list[Any], JsonPages] | None:
    """Returns several JSON texts as one list: pages of an answer, or one object a line."""
    try:
        return read_pages(text)
    except RecursionError:
        return None


class _KeyTwice(Exception):
    """A JSON text gives a key twice."""


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        raise _KeyTwice(next(name for name in names if names.count(name) > 1))
    return data


def _long_form(tag: str, value: Any) -> dict[str, Any]:
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in {"Ref", "Condition"} else f"Fn::{tag}": value}
