"""YAML files that a person wrote: read with line numbers, checked against a shape, every mistake with its place."""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic import ValidationError as ShapeError

from emulator.kernel.errors import FileError, Location, Problem

MAX_FILE_BYTES = 5_000_000
Key = tuple[str | int, ...]

_WORDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "missing": "a value for this key",
}


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document: plain data, and the line of every key.

    ``lines`` maps a key path such as ``("okta", "acme", "users")`` to its line, counted from 1.
    """

    file: str
    data: Any
    lines: Mapping[Key, int] = field(default_factory=dict)

    def location(self, key: Key) -> Location:
        """Returns the place of ``key``, or of the nearest parent that stands in the file."""
        for length in range(len(key), -1, -1):
            if key[:length] in self.lines:
                return Location(self.file, self.lines[key[:length]], key_text(key))
        return Location(self.file, 1 if self.data is not None else 0, key_text(key))


def key_text(key: Key) -> str:
    """Returns a key path as a person writes it: ``okta.acme.apps[0]``."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_documents(path: Path, *, error: type[FileError]) -> list[Document]:
    """Reads every YAML document in a file.

    Raises:
        FileError: of the given class: missing, too large, not text, not YAML, or a key given twice.
    """
    here = Path.cwd()
    name = str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else str(path)
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise error([Problem(Location(name), f"the file is larger than {MAX_FILE_BYTES} bytes")])
        text = path.read_text(encoding="utf-8")
    except OSError as problem:
        raise error([Problem(Location(name), problem.strerror or str(problem), "a readable file")]) from None
    except UnicodeDecodeError:
        raise error([Problem(Location(name), "the file is not UTF-8 text", "a YAML file")]) from None
    return parse_documents(text, file=name, error=error)


def parse_documents(text: str, *, file: str, error: type[FileError]) -> list[Document]:
    """Parses every YAML document in ``text``; ``file`` names it in messages."""
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        documents = list(YAML(typ="rt").load_all(text))
    except DuplicateKeyError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 0
        words = (problem.problem or "").split("with value")[0].strip() or "found a key twice"
        raise error(
            [Problem(Location(file, line), f"{words}: the first value would be lost", "each key once")]
        ) from None
    except MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 0
        raise error(
            [Problem(Location(file, line), f"this is not YAML: {problem.problem}", "a YAML document")]
        ) from None
    except (YAMLError, RecursionError, ValueError) as problem:
        raise error([Problem(Location(file), f"this is not YAML: {problem}", "a YAML document")]) from None
    parsed = []
    for document in documents:
        lines: dict[Key, int] = {}
        data = _plain(document, (), lines, file=file, error=error)
        parsed.append(Document(file, data, lines))
    return parsed


def _plain(node: Any, key: Key, lines: dict[Key, int], *, file: str, error: type[FileError]) -> Any:
    if isinstance(node, Mapping):
        result = {}
        for name, value in node.items():
            line = _line(node, "key", name)
            if not isinstance(name, str):
                message = f"the key {name} is not text"
                expected = "text in quotes: YAML numbers lose their leading zeros"
                raise error([Problem(Location(file, line, key_text((*key, str(name)))), message, expected)])
            lines[*key, name] = line
            result[str(name)] = _plain(value, (*key, name), lines, file=file, error=error)
        return result
    if isinstance(node, list):
        for index in range(len(node)):
            lines[*key, index] = _line(node, "item", index)
        return [_plain(value, (*key, i), lines, file=file, error=error) for i, value in enumerate(node)]
    if isinstance(node, date):
        return node.isoformat()
    return str(node) if isinstance(node, str) else node


def _line(node: Any, kind: str, name: Any) -> int:
    try:
        return int(getattr(node.lc, kind)(name)[0]) + 1
    except (AttributeError, KeyError, TypeError):
        return 0


Shape = typing.TypeVar("Shape", bound=BaseModel)


def check_shape(model: type[Shape], document: Document, *, error: type[FileError]) -> Shape:
    """Returns the document's data as ``model``.

    Raises:
        FileError: of the given class, with one problem for each mistake.
    """
    try:
        return model.model_validate(document.data)
    except ShapeError as problem:
        problems = list(_problems(model, document, problem))
        raise error(sorted(problems, key=lambda p: p.location.line)) from None


def _problems(model: type[BaseModel], document: Document, error: ShapeError) -> Iterator[Problem]:
    told: set[Key] = set()
    for entry in error.errors(include_url=False):
        kind = entry["type"]
        key = _key_in_file(document, entry["loc"], missing=kind == "missing")
        if key in told:
            continue  # another branch of the same union
        told.add(key)
        location = document.location(key)
        if kind == "extra_forbidden":
            known = known_keys(model, key[:-1])
            near = suggestion(str(key[-1]), known)
            yield Problem(location, f"unknown key {key[-1]}", ", ".join(known), near)
        elif kind == "missing":
            yield Problem(document.location(key[:-1]), f"the key {key_text(key)} is missing", _WORDS["missing"])
        else:
            words = (
                re.findall(r"'([^']+)'", entry.get("ctx", {}).get("expected", "")) if kind == "literal_error" else []
            )
            near = suggestion(str(entry["input"]), words)
            yield Problem(location, _said(entry, kind), _expected(entry, kind), near)


def _said(entry: Mapping[str, Any], kind: str) -> str:
    if kind == "value_error":
        return str(entry["ctx"]["error"])
    given = "null" if entry["input"] is None else repr(entry["input"])
    return f"{given[:180]} does not fit"


def _expected(entry: Mapping[str, Any], kind: str) -> str:
    if kind == "value_error":
        return ""
    words: str = _WORDS.get(kind) or entry["msg"].removeprefix("Input should be ")
    if kind == "string_type" and isinstance(entry["input"], (int, float)) and not isinstance(entry["input"], bool):
        words += f': write "{entry["input"]}" in quotes'
    return words


def _key_in_file(document: Document, loc: Sequence[str | int], *, missing: bool) -> Key:
    """Drops from pydantic's location the parts that name a branch of a union and not a key."""
    key: list[str | int] = []
    node = document.data
    for position, part in enumerate(loc):
        in_mapping = isinstance(node, Mapping) and part in node
        in_list = isinstance(node, list) and isinstance(part, int) and part < len(node)
        if in_mapping or in_list:
            node = node[part]
        elif not (missing and position == len(loc) - 1):
            continue
        key.append(part)
    return tuple(key)


def known_keys(model: type[BaseModel], key: Key) -> list[str]:
    """Returns the keys that ``model`` knows under ``key``."""
    here: Any = model
    for part in key:
        here = _inside(here, part)
    found = _model_in(here)
    return sorted(found.model_fields) if found else []


def _inside(annotation: Any, part: str | int) -> Any:
    found = _model_in(annotation)
    if found is not None and isinstance(part, str) and part in found.model_fields:
        return found.model_fields[part].annotation
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return next((_inside(a, part) for a in arguments if typing.get_args(a) or _model_in(a)), None)
    return arguments[-1] if arguments else None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return next((found for a in typing.get_args(annotation) if (found := _model_in(a))), None)
    return None


def suggestion(text: str, known: Sequence[str]) -> str:
    """Returns the known word nearest to ``text``, or nothing when none is near."""
    near = difflib.get_close_matches(text, known, n=1, cutoff=0.6)
    return near[0] if near else ""
