"""How YAML was read before: by ruamel.yaml's round trip, in pure Python. The reader of today is held against it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import date
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError

from emulator.worldfile.text.yaml_data import Key


class Refused(Exception):
    """The text was refused, with this line and these words."""


def read(text: str) -> list[tuple[Any, dict[Key, int]]]:
    """Returns the data of every document, and the line of every key and item; 0 where ruamel.yaml knows none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            documents = list(YAML(typ="rt").load_all(text))
    except DuplicateKeyError as problem:
        words = (problem.problem or "").split("with value")[0].strip()
        raise Refused(_line_of(problem), f"{words}: the first value would be lost") from None
    except MarkedYAMLError as problem:
        raise Refused(_line_of(problem), f"this is not YAML: {problem.problem}") from None
    except (YAMLError, RecursionError, ValueError) as problem:
        raise Refused(0, f"this is not YAML: {problem}") from None
    found = []
    for document in documents:
        lines: dict[Key, int] = {}
        found.append((_plain(document, (), lines), lines))
    return found


def _line_of(problem: MarkedYAMLError) -> int:
    return int(problem.problem_mark.line) + 1 if problem.problem_mark else 0


def _plain(node: Any, key: Key, lines: dict[Key, int]) -> Any:
    if isinstance(node, Mapping):
        result = {}
        for name, value in node.items():
            line = _line(node, "key", name)
            if not isinstance(name, str):
                raise Refused(line, f"the key {name} is not text")
            lines[*key, name] = line
            result[str(name)] = _plain(value, (*key, name), lines)
        return result
    if isinstance(node, list):
        for index in range(len(node)):
            lines[*key, index] = _line(node, "item", index)
        return [_plain(value, (*key, index), lines) for index, value in enumerate(node)]
    if isinstance(node, date):
        return node.isoformat()
    return str(node) if isinstance(node, str) else node


def _line(node: Any, kind: str, name: Any) -> int:
    try:
        return int(getattr(node.lc, kind)(name)[0]) + 1
    except (AttributeError, KeyError, TypeError):
        return 0
