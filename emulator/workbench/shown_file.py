"""A file of the user's on a page: without keys and tokens, and for a long file only the relevant parts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from emulator.diagnosis.fix import HIDDEN, is_secret_name
from emulator.kernel.records import dataclass

_WHOLE = 1500
_BEGINNING = 200
_AROUND = 5
_LONGEST_LINE = 500
_KEY = re.compile(r"""(?P<quote>["']?)(?P<name>[\w-]+)(?P=quote)\s*:(?=\s|$|["'\[{])""")
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_KEY_ENDS = re.compile(r"-----END [A-Z ]*PRIVATE KEY-----")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'""")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file.

    Args:
        number: Number of the line, from 1.
        text: Text of the line.
        skipped: Number of lines left out before it.
    """

    number: int
    text: str
    skipped: int = 0


def shown_lines(lines: Sequence[str], marked: Collection[int]) -> Iterator[Line]:
    """Yields the lines of a file to show: all of them, or for a long file its beginning and the marked lines.

    Args:
        marked: Numbers of lines with remarks.
    """
    numbers: Iterable[int] = range(1, len(lines) + 1)
    if len(lines) > _WHOLE:
        around = {near for each in marked for near in range(each - _AROUND, each + _AROUND + 1)}
        numbers = sorted({*range(1, _BEGINNING + 1), *(each for each in around if 1 <= each <= len(lines))})
    for before, number in pairwise((0, *numbers)):
        text = lines[number - 1]
        yield Line(number, text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}…", number - before - 1)


@lru_cache(maxsize=1)  # a page that follows is asked for again and again, and a world of 10,000 people takes a second
def without_keys(text: str) -> tuple[str, ...]:
    """Returns the lines of a YAML text without its private keys, secret keys and tokens; people's passwords stay.

    It works line by line, so that it also works on invalid YAML; in doubt it hides too much.
    """
    hidden: list[str] = []
    inside_of = -1  # indentation of the secret key whose value continues
    in_private_key = False
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip(" "))
        if in_private_key or _KEY_BEGINS.search(line):
            in_private_key = not _KEY_ENDS.search(line)
            hidden.append(f"{line[:indent]}{HIDDEN}")
            continue
        is_item = indent == inside_of and line.lstrip().startswith("- ")
        if inside_of >= 0 and (not line.strip() or indent > inside_of or is_item):
            hidden.append(f"{line[:indent]}{HIDDEN}" if line.strip() else line)
            continue
        shown, inside_of = _line_without(line)
        hidden.append(shown)
    return tuple(hidden)


def _line_without(line: str) -> tuple[str, int]:
    """Returns a line without the values of secret names, and the indentation of a secret name that ends it, or -1."""
    for found in _KEY.finditer(line):
        value = line[found.end() :].strip()
        if not _is_hidden(found["name"], value):
            continue
        if not value:
            return line, found.start()
        if not _in_braces(line[: found.start()]):
            return f"{line[: found.end()]} {HIDDEN}", found.start()
        ends = _value_ends(line, found.end())
        after, goes_on = _line_without(line[ends:])
        return f"{line[: found.end()]} {HIDDEN}{after}", goes_on
    return line, -1


def _is_hidden(name: str, value: str) -> bool:
    """Whether a setting is hidden, in any spelling, including mistyped ones.

    The page of people shows their passwords anyway, and the value of a private key may be a file name.
    """
    plain = name.lower().replace("-", "_")
    if plain.startswith("private_key"):
        return value.startswith(("|", ">"))
    return plain != "password" and (is_secret_name(plain) or "secret" in plain or "token" in plain)


def _in_braces(text: str) -> bool:
    plain = _QUOTED.sub("", text)
    return plain.count("{") > plain.count("}")


def _value_ends(line: str, start: int) -> int:
    """Returns where a value inside braces ends: at the comma or the brace after it."""
    depth, at = 0, start
    while at < len(line):
        quoted = _QUOTED.match(line, at)
        if quoted:
            at = quoted.end()
            continue
        if line[at] in "{[":
            depth += 1
        elif line[at] in "}]":
            depth -= 1
        if depth < 0 or (depth == 0 and line[at] == ","):
            return at
        at += 1
    return at
