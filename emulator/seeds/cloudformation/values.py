"""What a template's value may be other than plain data: absent, or known only in AWS."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from emulator.seeds.arns import arn_of
from emulator.seeds.contents import SeedError
from emulator.worldfile.text.yaml_data import Key

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*", re.ASCII)
_LISTED = 5
LONGEST_TEXT: Final = 1_000_000
"""The maximum length of a text that functions generate; a template itself cannot be longer."""


class _NoValue:
    """The value of ``AWS::NoValue``: the property, or the item of a list, is absent."""

    def __repr__(self) -> str:
        return "AWS::NoValue"


NO_VALUE: Final = _NoValue()


class Unresolved(SeedError):
    """A value is not in the template and cannot be derived from it.

    Args:
        reason: Why, in words that can follow a name; never contains a secret.
        fix: How to provide the value.
        inside: The keys of the value in the resource's properties.
    """

    def __init__(self, reason: str, *, fix: str = "", inside: Key = ()) -> None:
        super().__init__(reason, expected=fix)
        self.reason = reason
        self.fix = fix
        self.inside = inside


@contextmanager
def within(*key: str | int) -> Iterator[None]:
    """Adds the key of a property to every ``Unresolved`` raised inside."""
    try:
        yield
    except Unresolved as error:
        raise Unresolved(error.reason, fix=error.fix, inside=(*key, *error.inside)) from None


def given_by(setting: str, name: str) -> str:
    """Returns how to provide a value in a seed's setting: ``give it by parameters: {Stage: …}``."""
    key = name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
    return f"Set {setting}: {{{key}: …}} of the seed."


def text_of(value: Any) -> str:
    """Returns a value as the string that CloudFormation turns it into.

    Raises:
        Unresolved: it is a list or a mapping.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise Unresolved(f"{kind_of(value)} is used where a string is expected")


def kind_of(value: Any) -> str:
    """Returns a description of a value's type for messages."""
    if value is None:
        return "null"
    if value is NO_VALUE:
        return "AWS::NoValue"
    for kind, word in ((dict, "a mapping"), (list, "a list"), (str, "a string"), (bool, "true or false")):
        if isinstance(value, kind):
            return word
    return "a number"


def listed(names: Iterable[str]) -> str:
    """Returns the first five names, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def named_by(text: str) -> str:
    """Returns the name of an IAM resource that a template refers to by name or by ARN."""
    arn = arn_of(text)
    return arn.name if arn is not None else text
