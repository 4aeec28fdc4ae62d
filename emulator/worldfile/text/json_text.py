"""JSON text from people, read as data.

Python's extensions of JSON are errors here, and so is what JSON leaves undefined: a key that is given twice, a number
that is too large, half of a surrogate pair.

Spec: RFC 8259 §4 "Objects", §6 "Numbers", §8.2 "Unicode Characters"
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

MOST_VALUES: Final = 1_000_000
"""The maximum number of values in a text, because each takes many times the memory of its text."""
# The escapes of a text: a pair of surrogates, half of one, anything else.
_ESCAPES = re.compile(r"\\(?:(u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w)|(u[dD][89a-fA-F]\w\w)|.)", re.DOTALL | re.ASCII)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
# A key with its colon, another string, or the beginning or end of an object.
_KEYS_AND_BRACES = re.compile(r'("(?:[^"\\]|\\.)*+")\s*+:|"(?:[^"\\]|\\.)*+"|[{}]', re.DOTALL)
_NO_NUMBER = re.compile(r"\b(?:NaN|Infinity)\b")
_HUGE_NUMBER = re.compile(r"\d{4301,}|\d[\d.]*[eE]\+?\d{3,}")
_TOO_DEEP: Final = 200


class UnreadableJson(Exception):
    """A text is not JSON, or its meaning is unclear; ``line`` counts from 1, 0 means the text as a whole."""

    def __init__(self, message: str, *, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def json_of(text: str | bytes) -> Any:
    """Returns the data in a JSON text, with or without a byte order mark.

    Raises:
        UnreadableJson: it is not JSON, gives a key twice, or has too many values.
    """
    if isinstance(text, bytes):
        text = _decoded(text)
    text = text.removeprefix("\ufeff")
    refuse_too_many_values(text)
    try:
        data = json.loads(text, object_pairs_hook=_each_key_once, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise UnreadableJson(f"this is not JSON: {error.msg}", line=error.lineno) from None
    except RecursionError:
        message = "this is nested too deeply to be read"
        raise UnreadableJson(message, line=line_of_depth(text)) from None
    except _KeyTwice as error:
        raise UnreadableJson(
            f"the key {error!s:.100} is given twice", line=line_of_repeated(text, str(error))
        ) from None
    except _ConstantFound as error:
        raise UnreadableJson(f"{error} is not a number in JSON", line=_line_of(_NO_NUMBER, text)) from None
    except ValueError:
        raise UnreadableJson("a number has too many digits", line=_line_of(_HUGE_NUMBER, text)) from None
    at = half_of_a_pair(text)
    if at is not None:
        message = f"{text[at : at + 6]} is half of a surrogate pair, and not a character"
        raise UnreadableJson(message, line=text.count("\n", 0, at) + 1)
    return data


def refuse_too_many_values(text: str, *, most: int = MOST_VALUES) -> None:
    """Refuses a text with too many values: its commas and opening brackets are counted before anything is made of it.

    Args:
        most: Maximum number of values.

    Raises:
        UnreadableJson: there are too many.
    """
    # Those within strings count only until the limit is reached, because leaving them out takes longer.
    if len(text) > most and _values(text) > most and _values(_STRING.sub("", text)) > most:
        raise UnreadableJson(f"this holds more than {most:,} values")


def _values(text: str) -> int:
    return text.count(",") + text.count("{") + text.count("[")


def half_of_a_pair(text: str) -> int | None:
    """Returns where a JSON text escapes half of a surrogate pair; None where it does not."""
    if "\\ud" not in text and "\\uD" not in text:
        return None
    return next((match.start() for match in _ESCAPES.finditer(text) if match[2]), None)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableJson("this is not UTF-8 text", line=data.count(b"\n", 0, error.start) + 1) from None


class _KeyTwice(ValueError):
    """A JSON object gives a key twice."""


class _ConstantFound(ValueError):
    """A JSON text has NaN or an infinity, which Python's parser accepts."""


def _refuse_constant(name: str) -> NoReturn:
    raise _ConstantFound(name)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        seen: set[str] = set()
        raise _KeyTwice(next(name for name, _ in pairs if name in seen or seen.add(name)))  # type: ignore[func-returns-value] # add returns None
    return data


def _without_strings(text: str) -> str:
    """Returns a text with blanks instead of its strings, with the same lines."""
    return _STRING.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def _line_of(wanted: re.Pattern[str], text: str) -> int:
    found = wanted.search(_without_strings(text))
    return text.count("\n", 0, found.start()) + 1 if found is not None else 0


def line_of_depth(text: str) -> int:
    """Returns the line in which a JSON text is nested too deep for what reads it; 0 where it is not."""
    depth = 0
    for bracket in re.finditer(r"[\[{\]}]", _without_strings(text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > _TOO_DEEP:
            return text.count("\n", 0, bracket.start()) + 1
    return 0


def line_of_repeated(text: str, key: str) -> int:
    """Returns the line in which an object repeats a key, the first one in the text."""
    has_key: list[bool] = []
    for token in _KEYS_AND_BRACES.finditer(text):
        if token[0] == "{":
            has_key.append(False)
        elif token[0] == "}":
            has_key.pop()
        elif token[1] == f'"{key}"' or (token[1] and "\\" in token[1] and json.loads(token[1]) == key):
            if has_key[-1]:
                return text.count("\n", 0, token.start()) + 1
            has_key[-1] = True
    return 0
