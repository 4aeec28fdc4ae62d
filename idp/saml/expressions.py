"""A subset of the Okta Expression Language, for attribute statements and application user names.

    user.firstName + " " + user.lastName
    String.substringBefore(user.email, "@")
    user.department == "Sales" ? "agent" : "guest"
    isMemberOfGroupName("Agents") AND !Arrays.isEmpty(user.skills)

Literals: texts in double or single quotes, whole numbers, true, false, null. Operators: ``+ == != < <= > >= AND OR NOT
&& || ! ? :``. Names: ``user.x``, ``appuser.x``, ``org.name``, ``app.x``.

Spec: developer.okta.com, "Okta Expression Language in Identity Engine" and "... overview guide"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from typing import Any

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass

Value = Any
_MAX_CHARACTERS = 2000
_MOST_DIGITS = 18
_MAX_DEPTH = 40
_MAX_RESULT = 10_000
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>\d+)|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"""
    r"""|(?P<mark>==|!=|<=|>=|&&|\|\||[-+!<>?:(),{}]))"""
)
_WORDS = {"and": "&&", "or": "||", "not": "!"}


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may use: the person, the app's data about them, their groups."""

    user: Mapping[str, Value]
    appuser: Mapping[str, Value] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    org: Mapping[str, Value] = field(default_factory=dict)
    app: Mapping[str, Value] = field(default_factory=dict)


Node = Callable[[Scope], Value]


class ExpressionError(FederationError):
    """An expression that cannot be parsed, or that gives no value that can be sent."""


@lru_cache(maxsize=512)
def compile_expression(text: str) -> Node:
    """Returns a function from a scope to the expression's value.

    Raises:
        ExpressionError: it cannot be parsed; the message says where.

    Spec: developer.okta.com, "Okta Expression Language overview guide"
    Evidence: documented
    """
    if len(text) > _MAX_CHARACTERS:
        raise ExpressionError(f"an expression has at most {_MAX_CHARACTERS} characters", received=text[:60] + "…")
    reader = _Reader(text)
    node = reader.conditional(0)
    reader.end()
    return node


def values_of(text: str, scope: Scope) -> tuple[str, ...]:
    """Returns an expression's value as the texts of an attribute: none for null, several for an array.

    Raises:
        ExpressionError: the expression cannot be evaluated for this person.
    """
    value = compile_expression(text)(scope)
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(_text(each) for each in values if each is not None)


class _Reader:
    """A recursive-descent parser; each method handles one level of precedence."""

    def __init__(self, text: str) -> None:
        self._source = text
        self._tokens: list[tuple[str, str, int]] = []
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None:
                raise self._wrong(f"{text[position:].strip()[0]!r} is not understood", position)
            kind = match.lastgroup or ""
            token = match[kind]
            if kind == "name" and token.lower() in _WORDS:
                kind, token = "mark", _WORDS[token.lower()]
            self._tokens.append((kind, token, match.start(kind)))
            position = match.end()
        self._tokens.append(("end", "", len(text)))
        self._next = 0

    def end(self) -> None:
        kind, token, position = self._tokens[self._next]
        if kind != "end":
            raise self._wrong(f"{token!r} is one too many", position)

    def conditional(self, depth: int) -> Node:
        if depth > _MAX_DEPTH:
            raise self._wrong("it is nested too deeply", 0)
        condition = self._any(depth)
        if not self._take("?"):
            return condition
        yes = self.conditional(depth + 1)
        self._need(":")
        no = self.conditional(depth + 1)
        return lambda scope: yes(scope) if _truth(condition(scope)) else no(scope)

    def _any(self, depth: int) -> Node:
        parts = [self._all(depth)]
        while self._take("||"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else lambda scope: any(_truth(part(scope)) for part in parts)

    def _all(self, depth: int) -> Node:
        parts = [self._comparison(depth)]
        while self._take("&&"):
            parts.append(self._comparison(depth))
        return parts[0] if len(parts) == 1 else lambda scope: all(_truth(part(scope)) for part in parts)

    def _comparison(self, depth: int) -> Node:
        left = self._sum(depth)
        for mark, compare in _COMPARISONS.items():
            if self._take(mark):
                right = self._sum(depth)
                return lambda scope, compare=compare: compare(left(scope), right(scope))  # type: ignore[misc]
        return left

    def _sum(self, depth: int) -> Node:
        node = self._unary(depth)
        while self._take("+"):
            node = _plus(node, self._unary(depth))
        return node

    def _unary(self, depth: int) -> Node:
        if depth > _MAX_DEPTH:
            raise self._wrong("it is nested too deeply", 0)
        if self._take("!"):
            inner = self._unary(depth + 1)
            return lambda scope: not _truth(inner(scope))
        if self._take("-"):
            number = self._unary(depth + 1)
            return lambda scope: -_number(number(scope))
        return self._primary(depth)

    def _primary(self, depth: int) -> Node:
        kind, token, position = self._tokens[self._next]
        self._next += 1
        if kind == "text":
            text = re.sub(r"\\(.)", r"\1", token[1:-1])
            return lambda _: text
        if kind == "number":
            if len(token) > _MOST_DIGITS:
                raise self._wrong(f"the number {token[:_MOST_DIGITS]}… has more than {_MOST_DIGITS} digits", position)
            return lambda _: int(token)
        if (kind, token) == ("mark", "("):
            inner = self.conditional(depth + 1)
            self._need(")")
            return inner
        if (kind, token) == ("mark", "{"):
            items = self._list("}", depth)
            return lambda scope: [item(scope) for item in items]
        if kind == "name":
            return self._named(token, position, depth)
        raise self._wrong("it ends too early" if kind == "end" else f"{token!r} is not possible here", position)

    def _named(self, name: str, position: int, depth: int) -> Node:
        if name in _CONSTANTS:
            return lambda _: _CONSTANTS[name]
        if self._take("("):
            arguments = self._list(")", depth)
            return self._call(name, arguments, position)
        root, _, path = name.partition(".")
        if root not in {"user", "appuser", "source", "org", "app"} or not path:
            raise self._wrong(f"{name} is neither a function nor one of user.…, appuser.…, org.…, app.…", position)
        return lambda scope: _lookup(getattr(scope, "user" if root == "source" else root), path)

    def _call(self, name: str, arguments: list[Node], position: int) -> Node:
        function = FUNCTIONS.get(name)
        if function is not None:
            if not function.least <= len(arguments) <= function.most:
                raise self._wrong(f"{name} takes {function.least} arguments, not {len(arguments)}", position)
            call = function.call
            return lambda scope: call(*(argument(scope) for argument in arguments))
        about_groups = GROUP_FUNCTIONS.get(name)
        if about_groups is None:
            raise self._wrong(f"there is no function {name}", position)
        if not arguments:
            raise self._wrong(f"{name} takes at least one argument", position)
        return lambda scope: about_groups(scope.groups, *(argument(scope) for argument in arguments))

    def _list(self, closing: str, depth: int) -> list[Node]:
        items: list[Node] = []
        if self._take(closing):
            return items
        while True:
            items.append(self.conditional(depth + 1))
            if self._take(closing):
                return items
            self._need(",")

    def _take(self, mark: str) -> bool:
        kind, token, _ = self._tokens[self._next]
        if kind == "mark" and token == mark:
            self._next += 1
            return True
        return False

    def _need(self, mark: str) -> None:
        if not self._take(mark):
            _, token, position = self._tokens[self._next]
            raise self._wrong(f"{mark!r} is missing" + (f" before {token!r}" if token else " at the end"), position)

    def _wrong(self, message: str, position: int) -> ExpressionError:
        return ExpressionError(
            f"the expression cannot be read: {message}, at character {position + 1}",
            expected='for example user.firstName + " " + user.lastName',
            received=self._source[:200],
        )


_CONSTANTS: Mapping[str, Value] = {"true": True, "false": False, "null": None}


def _lookup(found: Value, path: str) -> Value:
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return list(found) if isinstance(found, tuple) else found


def _truth(value: Value) -> bool:
    if not isinstance(value, bool):
        raise ExpressionError(f"the expression has {_shown(value)} where true or false belongs")
    return value


def _number(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ExpressionError(f"the expression has {_shown(value)} where a number belongs")
    return value


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        raise ExpressionError("the expression has an array where a text belongs")
    text = str(value)
    if len(text) > _MAX_RESULT:
        raise ExpressionError(f"an expression comes to at most {_MAX_RESULT} characters")
    return text


def _array(value: Value) -> list[Value]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _shown(value: Value) -> str:
    return "null" if value is None else repr(value)


def _plus(left: Node, right: Node) -> Node:
    def add(scope: Scope) -> Value:
        one, other = left(scope), right(scope)
        if all(isinstance(each, int) and not isinstance(each, bool) for each in (one, other)):
            return one + other
        return _text(_text(one) + _text(other))

    return add


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Value, Value], bool]:
    def call(one: Value, other: Value) -> bool:
        if isinstance(one, str) and isinstance(other, str):
            return compare(one, other)
        return compare(_number(one), _number(other))

    return call


_COMPARISONS: Mapping[str, Callable[[Value, Value], bool]] = {
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    "<=": _ordered(lambda one, other: one <= other),
    ">=": _ordered(lambda one, other: one >= other),
    "<": _ordered(lambda one, other: one < other),
    ">": _ordered(lambda one, other: one > other),
}


@dataclass(frozen=True, slots=True)
class _Function:
    call: Callable[..., Value]
    least: int
    most: int


def _before(text: Value, mark: Value) -> str:
    head, found, _ = _text(text).partition(_text(mark) or "\0")
    return head if found else ""


def _after(text: Value, mark: Value) -> str:
    return _text(text).partition(_text(mark) or "\0")[2]


def _join(separator: Value, *values: Value) -> str:
    return _text(_text(separator).join(_text(value) for value in values))


def _replace_first(text: Value, old: Value, new: Value) -> str:
    return _text(_text(text).replace(_text(old), _text(new), 1) if _text(old) else _text(text))


def _replace(text: Value, old: Value, new: Value) -> str:
    return _text(_text(text).replace(_text(old), _text(new)) if _text(old) else _text(text))


def _substring(text: Value, start: Value, end: Value) -> str:
    return _text(text)[max(0, _number(start)) : max(0, _number(end))]


def _switch(text: Value, default: Value, *pairs: Value) -> Value:
    for wanted, result in zip(pairs[::2], pairs[1::2], strict=False):
        if _text(wanted) in _text(text):
            return result
    return default


def _get(values: Value, index: Value) -> Value:
    items, position = _array(values), _number(index)
    return items[position] if 0 <= position < len(items) else None


def _flatten(*values: Value) -> list[Value]:
    flat: list[Value] = []
    for value in values:
        flat += _flatten(*value) if isinstance(value, list | tuple) else [value]
    return flat


def _to_int(value: Value) -> int | None:
    text = _text(value).strip()
    return int(text) if re.fullmatch(r"-?\d{1,18}", text) else None


FUNCTIONS: Mapping[str, _Function] = {
    "String.append": _Function(lambda one, other: _text(_text(one) + _text(other)), 2, 2),
    "String.join": _Function(_join, 1, 50),
    "String.len": _Function(lambda text: len(_text(text)), 1, 1),
    "String.removeSpaces": _Function(lambda text: _text(text).replace(" ", ""), 1, 1),
    "String.replace": _Function(_replace, 3, 3),
    "String.replaceFirst": _Function(_replace_first, 3, 3),
    "String.startsWith": _Function(lambda text, start: _text(text).startswith(_text(start)), 2, 2),
    "String.stringContains": _Function(lambda text, part: _text(part) in _text(text), 2, 2),
    "String.stringSwitch": _Function(_switch, 4, 50),
    "String.substring": _Function(_substring, 3, 3),
    "String.substringAfter": _Function(_after, 2, 2),
    "String.substringBefore": _Function(_before, 2, 2),
    "String.toLowerCase": _Function(lambda text: _text(text).lower(), 1, 1),
    "String.toUpperCase": _Function(lambda text: _text(text).upper(), 1, 1),
    "Arrays.add": _Function(lambda values, value: [*_array(values), value], 2, 2),
    "Arrays.remove": _Function(lambda values, value: [each for each in _array(values) if each != value], 2, 2),
    "Arrays.clear": _Function(lambda _: [], 1, 1),
    "Arrays.contains": _Function(lambda values, value: value in _array(values), 2, 2),
    "Arrays.flatten": _Function(_flatten, 1, 50),
    "Arrays.get": _Function(_get, 2, 2),
    "Arrays.isEmpty": _Function(lambda values: not _array(values), 1, 1),
    "Arrays.size": _Function(lambda values: len(_array(values)), 1, 1),
    "Arrays.toCsvString": _Function(lambda values: _text(",".join(map(_text, _array(values)))), 1, 1),
    "Convert.toInt": _Function(_to_int, 1, 1),
    "Convert.toNum": _Function(_to_int, 1, 1),
}


def _matching(groups: Sequence[str], pattern: Value) -> list[str]:
    try:
        compiled = re.compile(_text(pattern))
    except (re.error, OverflowError, RecursionError) as error:
        raise ExpressionError(f"a regular expression does not compile: {error}", received=_text(pattern)) from None
    return [group for group in groups if compiled.search(group)]


def _of_kind(groups: Sequence[str], kind: str, text: Value, limit: Value = 100) -> list[str]:
    tests: Mapping[str, Callable[[str], bool]] = {
        "startsWith": lambda group: group.startswith(_text(text)),
        "endsWith": lambda group: group.endswith(_text(text)),
        "contains": lambda group: _text(text) in group,
    }
    return [group for group in groups if tests[kind](group)][: _number(limit)]


GROUP_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "isMemberOfGroupName": lambda groups, name: _text(name) in groups,
    "isMemberOfAnyGroupName": lambda groups, *names: any(_text(name) in groups for name in names),
    "isMemberOfGroupNameStartsWith": lambda groups, text: bool(_of_kind(groups, "startsWith", text)),
    "isMemberOfGroupNameContains": lambda groups, text: bool(_of_kind(groups, "contains", text)),
    "isMemberOfGroupNameRegex": lambda groups, pattern: bool(_matching(groups, pattern)),
    "Groups.startsWith": lambda groups, _source, text, limit=100: _of_kind(groups, "startsWith", text, limit),
    "Groups.endsWith": lambda groups, _source, text, limit=100: _of_kind(groups, "endsWith", text, limit),
    "Groups.contains": lambda groups, _source, text, limit=100: _of_kind(groups, "contains", text, limit),
}
