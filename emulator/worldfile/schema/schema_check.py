"""Checks a document against its schema: every mistake has its place, and the nearest known word."""

from __future__ import annotations

import difflib
import json
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Annotated, Any

from pydantic import BaseModel, ValidationError

from emulator.kernel.errors import FileError, Problem
from emulator.worldfile.name_lists import few
from emulator.worldfile.schema.settings import Settings, docstrings, is_private_key
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import YamlDocument, key_text

_WORDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "missing": "a value for this key",
}

_MOST_PROBLEMS = 100

Read = typing.TypeVar("Read", bound=Settings)


def read_settings(model: type[Read], document: YamlDocument, *, error: type[FileError]) -> Read:
    """Returns the document's data as ``model``.

    Raises:
        FileError: of the given class, with one problem for each mistake.
    """
    try:
        return model.model_validate(document.data)
    except ValidationError as problem:
        problems = list(islice(_problems(model, document, problem), _MOST_PROBLEMS))
        in_order = sorted(problems, key=lambda p: p.location.line)
        if len(problems) == _MOST_PROBLEMS and problem.error_count() > _MOST_PROBLEMS:
            last = in_order[-1].location
            in_order.append(Problem(last, f"there are about {problem.error_count() - _MOST_PROBLEMS:,} more mistakes"))
        raise error(in_order) from None


def _problems(model: type[BaseModel], document: YamlDocument, error: ValidationError) -> Iterator[Problem]:
    seen: set[Key] = set()
    for entry in error.errors(include_url=False):
        kind = entry["type"]
        key = _key_in_file(document, entry["loc"], missing=kind == "missing")
        if key in seen:
            continue  # another branch of the same union
        seen.add(key)
        location = document.location(key)
        if kind == "extra_forbidden":
            known = known_keys(model, key[:-1])
            near = suggestion(str(key[-1]), known)
            unknown = str(key[-1]).replace("\n", "\\n")
            yield Problem(location, f"unknown key {unknown}", few(known), near)
        elif kind == "missing":
            yield Problem(document.location(key[:-1]), f"the key {key_text(key)} is missing", _WORDS["missing"])
        else:
            words = (
                re.findall(r"'([^']+)'", entry.get("ctx", {}).get("expected", "")) if kind == "literal_error" else []
            )
            near = suggestion(str(entry["input"]), words)
            yield Problem(location, mistake_message(entry), mistake_expected(entry), near)


def mistake_message(entry: Mapping[str, Any]) -> str:
    """Returns what is wrong with a value, in pydantic's or a validator's finding."""
    if entry["type"] == "value_error":
        return str(entry["ctx"]["error"])
    return f"{_given(entry['input'])[:180]} does not fit"


def _given(value: Any) -> str:
    """Returns a value as it is written in a file; mappings and lists are only described."""
    if _has_private_key(value):
        return "(secret)"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return repr(value)


def _has_private_key(value: Any) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return is_private_key(value) or any(map(_has_private_key, inside))


def mistake_expected(entry: Mapping[str, Any]) -> str:
    """Returns what a value should have been, from a finding of pydantic's; empty where the message says it."""
    kind = entry["type"]
    if kind == "value_error":
        return ""
    words: str = _WORDS.get(kind) or entry["msg"].removeprefix("Input should be ")
    if kind == "string_type" and isinstance(entry["input"], (int, float)) and not isinstance(entry["input"], bool):
        words += f': write "{entry["input"]}" in quotes'
    return words


def _key_in_file(document: YamlDocument, loc: Sequence[str | int], *, missing: bool) -> Key:
    """Removes the parts of pydantic's location that name a branch of a union and not a key."""
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
    return sorted(name.rstrip("_") for name in found.model_fields) if found else []


@lru_cache(maxsize=512)
def description_at(model: type[BaseModel], key: Key) -> str:
    """Returns the schema's description of the setting at a key, or of the nearest one around it; empty without one.

    Args:
        model: Schema of the document.
        key: Key of the setting.
    """
    here: Any = model
    found = ""
    for part in key:
        owner = _model_in(here)
        if owner is not None and issubclass(owner, Settings):
            found = docstrings(owner).get(str(part), found)
        here = _inside(here, part)
    return found


def _bare(annotation: Any) -> Any:
    """Returns a type without its ``Annotated`` metadata."""
    return typing.get_args(annotation)[0] if typing.get_origin(annotation) is Annotated else annotation


def _inside(annotation: Any, part: str | int) -> Any:
    annotation = _bare(annotation)
    found = _model_in(annotation)
    if found is not None and isinstance(part, str) and part in found.model_fields:
        return found.model_fields[part].annotation
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return next((_inside(a, part) for a in arguments if typing.get_args(a) or _model_in(a)), None)
    return arguments[-1] if arguments else None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    annotation = _bare(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return next((found for a in typing.get_args(annotation) if (found := _model_in(a))), None)
    return None


def suggestion(text: str, known: Sequence[str]) -> str:
    """Returns the known word nearest to ``text``, or an empty text when none is near."""
    return _nearest(text, tuple(known))


@lru_cache(maxsize=256)
def _nearest(text: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(text, known, n=1, cutoff=0.6)
    return near[0] if near else ""
