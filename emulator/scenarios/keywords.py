"""Expressions that choose scenarios, as pytest's ``-k``: words with ``and``, ``or``, ``not`` and parentheses.

    expression = all ("or" all)*
    all        = negated ("and" negated)*
    negated    = "not" negated | "(" expression ")" | WORD | "text in quotes"

A word is found in a scenario's id, title or tags, in whatever case. Nothing is evaluated as Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.scenarios.scenario_file import Scenario

Chooses = Callable[[tuple[str, ...]], bool]
_TOKEN = re.compile(
    r"""\s*(?:(?P<sign>[()])|"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<word>[^\s()"']+)|(?P<bad>\S))"""
)
_DEEPEST = 50
_OPERATORS = frozenset({"and", "or", "not"})


@dataclass(frozen=True, slots=True)
class _Token:
    """A sign, an operator or a text to look for, and where it begins, counted from 1."""

    kind: str
    text: str
    column: int


def chooser(expression: str) -> Callable[[Scenario], bool]:
    """Returns a function that says whether a scenario matches an expression; an empty one matches all.

    Raises:
        FederationError: the expression is invalid; ``where`` is the column.
    """
    tokens = _tokens(expression)
    if len(tokens) == 1:
        return lambda _scenario: True
    reader = _Reader(expression, tokens)
    chooses = reader.expression(0)
    reader.require("end")

    def chosen(scenario: Scenario) -> bool:
        names = (scenario.id, scenario.title, *scenario.settings.tags)
        return chooses(tuple(name.casefold() for name in names))

    return chosen


def _tokens(expression: str) -> list[_Token]:
    tokens, at = [], 0
    while found := _TOKEN.match(expression, at):
        at, kind = found.end(), found.lastgroup or ""
        text, column = found[kind], found.start(kind) + 1
        if kind == "bad":
            raise _wrong(expression, column, "this quotation mark is not closed")
        if kind in {"double", "single"}:
            tokens.append(_Token("text", text, column - 1))
        elif kind == "sign" or text in _OPERATORS:
            tokens.append(_Token(text, text, column))
        else:
            tokens.append(_Token("text", text, column))
    return [*tokens, _Token("end", "the end", len(expression) + 1)]


class _Reader:
    """Parses the tokens of an expression."""

    def __init__(self, expression: str, tokens: list[_Token]) -> None:
        self._expression = expression
        self._tokens = tokens
        self._at = 0

    def expression(self, depth: int) -> Chooses:
        """Parses alternatives."""
        found = [self._all(depth)]
        while self._takes("or"):
            found.append(self._all(depth))
        return found[0] if len(found) == 1 else lambda names: any(each(names) for each in found)

    def require(self, kind: str) -> None:
        """Consumes a token.

        Raises:
            FederationError: the next token is another one.
        """
        if not self._takes(kind):
            wanted = "and, or, or the end" if kind == "end" else "and, or, or )"
            raise self._unexpected(wanted)

    def _all(self, depth: int) -> Chooses:
        found = [self._negated(depth)]
        while self._takes("and"):
            found.append(self._negated(depth))
        return found[0] if len(found) == 1 else lambda names: all(each(names) for each in found)

    def _negated(self, depth: int) -> Chooses:
        negated = False
        while self._takes("not"):
            negated = not negated
        inner = self._one(depth)
        return (lambda names: not inner(names)) if negated else inner

    def _one(self, depth: int) -> Chooses:
        token = self._tokens[self._at]
        if self._takes("("):
            if depth == _DEEPEST:
                raise _wrong(self._expression, token.column, f"parentheses are more than {_DEEPEST} deep")
            inner = self.expression(depth + 1)
            self.require(")")
            return inner
        if not self._takes("text"):
            raise self._unexpected("not, ( or a word")
        text = token.text.casefold()
        return lambda names: any(text in name for name in names)

    def _takes(self, kind: str) -> bool:
        taken = self._tokens[self._at].kind == kind
        self._at += taken
        return taken

    def _unexpected(self, wanted: str) -> FederationError:
        token = self._tokens[self._at]
        return _wrong(self._expression, token.column, f"expected {wanted}, found {token.text}")


def _wrong(expression: str, column: int, message: str) -> FederationError:
    return FederationError(
        f"-k {expression}: {message}",
        where=f"column {column}",
        fix="words with and, or, not and parentheses; a text with spaces in quotes: -k \"connect and not 'a space'\"",
    )
