"""The tokens of a script: names, texts, numbers and punctuation, each with its line; comments are left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from emulator.kernel.records import dataclass

_TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/|<!--[^\n]*)
      | (?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
      | (?P<template>`(?:\\.|[^`\\])*`)
      | (?P<number>\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<name>[A-Za-z_$][\w$]*)
      | (?P<sign>=>|\.\.\.|===|!==|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\+=|[{}()\[\];,.:?=+\-*/%<>!&|^~@\#\\])
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_PATTERN = re.compile(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*")


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a script: its kind, text and line."""

    kind: str
    text: str
    line: int


def read_tokens(script: str, first_line: int) -> list[Token]:
    """Returns the tokens of a script that begins on this line of its file."""
    tokens: list[Token] = []
    at, line = 0, first_line
    while at < len(script):
        pattern = _PATTERN.match(script, at) if _may_be_pattern(script, at, tokens) else None
        match = pattern or _TOKEN.match(script, at)
        if match is None:
            break
        kind = match.lastgroup or "other"
        if kind != "blank":
            tokens.append(Token(kind, match[0], line))
        line += match[0].count("\n")
        at = match.end()
    return tokens


def _may_be_pattern(script: str, at: int, tokens: Sequence[Token]) -> bool:
    """Returns whether a slash begins a regular expression rather than a division."""
    if script[at] != "/":
        return False
    last = tokens[-1] if tokens else None
    return last is None or (last.kind == "sign" and last.text not in {")", "]", "}"})
