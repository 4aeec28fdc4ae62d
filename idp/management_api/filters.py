"""The ``filter`` and ``search`` expressions of the management API, a subset of SCIM's.

    profile.login eq "ada@example.com" and (status eq "ACTIVE" or not (profile.lastName sw "L"))

Operators: eq, ne, gt, ge, lt, le, sw, ew, co, pr; and, or, not, parentheses.

Spec: developer.okta.com, "Filter"; RFC 7644 §3.4.2.2
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from idp.refusals import bad_search

_MAX_CHARACTERS = 2000
_MAX_DEPTH = 20
_TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>[()])|(?P<word>[^\s()"]+))')
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
    "sw": lambda value, wanted: value.startswith(wanted),
    "ew": lambda value, wanted: value.endswith(wanted),
    "co": lambda value, wanted: wanted in value,
}
OPERATORS = frozenset({*_COMPARE, "pr"})
Predicate = Callable[[Mapping[str, Any]], bool]


def compile_filter(text: str) -> Predicate:
    """Returns a function that says whether an object's JSON data matches.

    Text is compared case-insensitively, as in Okta.

    Raises:
        ApiRefusal: E0000031 (400).

    Spec: developer.okta.com, "Filter"
    Evidence: documented
    """
    if len(text) > _MAX_CHARACTERS:
        raise bad_search(text[:100] + "…")
    try:
        reader = _Reader(text)
        predicate = reader.any_of(0)
        reader.end()
    except (ValueError, LookupError):
        raise bad_search(text) from None
    return predicate


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None:
                raise ValueError("no token")
            self._tokens.append(match[0].strip())
            position = match.end()
        self._next = 0

    def end(self) -> None:
        if self._next != len(self._tokens):
            raise ValueError("more than one expression")

    def any_of(self, depth: int) -> Predicate:
        parts = [self._all_of(depth)]
        while self._is("or"):
            parts.append(self._all_of(depth))
        return lambda data: any(part(data) for part in parts)

    def _all_of(self, depth: int) -> Predicate:
        parts = [self._one(depth)]
        while self._is("and"):
            parts.append(self._one(depth))
        return lambda data: all(part(data) for part in parts)

    def _one(self, depth: int) -> Predicate:
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        if self._is("not"):
            inner = self._one(depth + 1)
            return lambda data: not inner(data)
        if self._is("("):
            inner = self.any_of(depth + 1)
            if not self._is(")"):
                raise ValueError("an open parenthesis")
            return inner
        path, name = self._take(), self._take().lower()
        if name == "pr":
            return lambda data: _value(data, path) not in (None, "", [])
        compare, wanted = _COMPARE[name], _literal(self._take())
        return lambda data: _holds(compare, _value(data, path), wanted)

    def _is(self, word: str) -> bool:
        if self._next < len(self._tokens) and self._tokens[self._next].lower() == word:
            self._next += 1
            return True
        return False

    def _take(self) -> str:
        token = self._tokens[self._next]
        self._next += 1
        return token


def _literal(token: str) -> Any:
    value = json.loads(token)
    if isinstance(value, dict | list) or value is None:
        raise LookupError("no value to compare with")
    return value.lower() if isinstance(value, str) else value


def _value(data: Any, path: str) -> Any:
    """Returns the value at a path; in a list of objects, the value of each."""
    name, _, rest = path.partition(".")
    if isinstance(data, list):
        return [value for each in data for value in [_value(each, path)] if value is not None]
    value = data.get(name) if isinstance(data, Mapping) else None
    return _value(value, rest) if rest else value


def _holds(compare: Callable[[Any, Any], bool], value: Any, wanted: Any) -> bool:
    if isinstance(value, list):
        return any(_holds(compare, each, wanted) for each in value)
    if isinstance(value, str) and isinstance(wanted, str):
        return compare(value.lower(), wanted)
    if isinstance(value, str) or isinstance(wanted, str) or value is None:
        return compare is operator.ne
    return compare(value, wanted)
