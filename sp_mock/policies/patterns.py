"""Texts in policies: ``*`` and ``?`` as wildcards, ``${…}`` as variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

Context = Mapping[str, tuple[str, ...]]

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DEFAULTED = re.compile(r"\s*([^,]+?)\s*,\s*'([^']*)'\s*")
_LITERALS = frozenset({"*", "?", "$"})


class Template:
    """A text of a policy, compiled when it holds no variable.

    Args:
        text: Text as written in the policy.
        variables: Whether ``${…}`` is a variable, as it is except in documents of version 2008-10-17.
    """

    __slots__ = ("_parts", "_pattern", "text")

    def __init__(self, text: str, *, variables: bool) -> None:
        self.text = text
        self._parts = _VARIABLE.split(text) if variables and "${" in text else None
        self._pattern = _compile(text) if self._parts is None else None

    def matches(self, value: str, context: Context) -> bool:
        """Returns whether ``value`` matches, with ``*`` and ``?`` as wildcards; never when a variable has no value."""
        if self._pattern is not None:
            return self._pattern.fullmatch(value) is not None
        segments = self._resolved(context)
        if segments is not None and "?" not in self.text:
            return _fits(segments, value)
        pattern = self._resolved_pattern(context) if segments is not None else None
        return pattern is not None and pattern.fullmatch(value) is not None

    def may_match(self, value: str, context: Context) -> bool:
        """Returns whether ``value`` matches, or could if the variables without a value had the right one."""
        if self._parts is None or self.plain(context) is not None:
            return self.matches(value, context)
        return Template(_VARIABLE.sub("*", self.text), variables=False).matches(value, context)

    def plain(self, context: Context) -> str | None:
        """Returns the text with its variables filled in, or None when one has no value."""
        if self._parts is None:
            return self.text
        values = [part if index % 2 == 0 else _value(part, context) for index, part in enumerate(self._parts)]
        return None if None in values else "".join(value or "" for value in values)

    def _resolved(self, context: Context) -> list[str] | None:
        """Returns the texts between the stars, variables filled in, or None when a variable has no value.

        Values change with each request, and compiling a pattern would take longer than the rest of a policy's
        evaluation.
        """
        segments = [""]
        for index, part in enumerate(self._parts or ()):
            value = part if index % 2 == 0 else _value(part, context)
            if value is None:
                return None
            first, *others = value.split("*") if index % 2 == 0 else (value,)
            segments[-1] += first
            segments += others
        return segments

    def _resolved_pattern(self, context: Context) -> re.Pattern[str] | None:
        tokens: list[str] = []
        for index, part in enumerate(self._parts or ()):
            if index % 2 == 0:
                tokens += _tokens(part)
                continue
            value = _value(part, context)
            if value is None:
                return None
            tokens.append(re.escape(value))  # a wildcard in a variable's value is an ordinary character
        return re.compile(_expression(tokens), re.DOTALL)

    def __repr__(self) -> str:
        return f"Template({self.text!r})"


def _fits(segments: list[str], value: str) -> bool:
    """Returns whether a value consists of these texts with anything between them."""
    head, *middle = segments
    if not middle:
        return value == head
    tail = middle.pop()
    end = len(value) - len(tail)
    if len(head) > end or not value.startswith(head) or not value.endswith(tail):
        return False
    position = len(head)
    for segment in middle:
        position = value.find(segment, position, end)
        if position < 0:
            return False
        position += len(segment)
    return True


def _value(variable: str, context: Context) -> str | None:
    if variable in _LITERALS:
        return variable
    defaulted = _DEFAULTED.fullmatch(variable)
    name, default = (defaulted[1], defaulted[2]) if defaulted else (variable.strip(), None)
    values = context.get(name.lower())
    return values[0] if values is not None and len(values) == 1 else default


@lru_cache(maxsize=1024)
def _compile(text: str) -> re.Pattern[str]:
    return re.compile(_expression(_tokens(text)), re.DOTALL)


def _tokens(text: str) -> list[str]:
    """Translates the characters of a text; a star stays ``*``, which no translated character is."""
    return [c if c == "*" else "." if c == "?" else re.escape(c) for c in text]


def _expression(tokens: list[str]) -> str:
    """Joins tokens, each star with the text after it; the first match is kept, so that matching never backtracks."""
    segments = [""]
    for piece in tokens:
        if piece == "*":
            segments.append("")
        else:
            segments[-1] += piece
    head, *middle = segments
    if not middle:
        return head
    tail = middle.pop()
    return head + "".join(f"(?>.*?{segment})" for segment in middle if segment) + f".*{tail}"
