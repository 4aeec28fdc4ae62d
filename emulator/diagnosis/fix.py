"""A change that lets a login arrive, ready to show: tried on a copy, or one that cannot be tried here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import field, replace
from typing import Any, Final

from emulator.kernel.errors import Location, Problem
from emulator.kernel.records import dataclass
from emulator.worldfile.schema.settings import is_private_key
from emulator.worldfile.text.yaml_data import Key

WORLD: Final = "world"
API: Final = "api"
HIDDEN: Final = "(secret)"
NOTHING_THERE: Final = "(none)"
_LONGEST_VALUE = 160
_SECRET_KEYS: Final = ("password", "secret", "secret_key", "authorization", "token", "api_tokens")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def is_secret_name(name: object) -> bool:
    """Returns whether the value of a name in a file is a secret, in any spelling of the name."""
    return str(name).lower().replace("-", "_").endswith(_SECRET_KEYS)


def without_secrets(value: Any) -> Any:
    """Returns plain data with every secret inside replaced."""
    if isinstance(value, dict):
        return {key: HIDDEN if is_secret_name(key) and each else without_secrets(each) for key, each in value.items()}
    if is_private_key(value):
        return HIDDEN
    return [without_secrets(each) for each in value] if isinstance(value, list | tuple) else value


def key_without_secrets(key: Key) -> Key:
    """Returns a key up to a secret name, because what follows may be a secret itself, as a token is."""
    at = next((at for at, part in enumerate(key) if is_secret_name(part)), len(key))
    return key[: at + 1]


def problem_without_secrets(problem: Problem) -> Problem:
    """Returns a problem without the value it quotes and without the rest of its key, where these are secret."""
    parts = problem.location.key.split(".")
    secret = next((at for at, part in enumerate(parts) if is_secret_name(part.partition("[")[0])), None)
    if secret is None:
        return problem
    inside = [re.sub(r"\[\d+\]$", "", part) for part in parts[secret + 1 :]]
    message = _QUOTED.sub(HIDDEN, problem.message)
    for name in filter(None, (".".join(inside), *inside)):
        message = message.replace(name, HIDDEN)
    location = replace(problem.location, key=".".join(parts[: secret + 1]))
    return replace(problem, location=location, message=message)


@dataclass(frozen=True, slots=True)
class FixedValue:
    """One value that a fix changes.

    Args:
        key: Keys in its file; the last is ``-`` where the value is appended to a list.
        value: New value as plain data; None removes it.
        old: Existing value as plain data; None where there is none.
        location: File, line and setting; the line of what is around it where the setting is not there yet.
        is_secret: Whether neither value may be shown.
        source: Where to change it instead, where a program generates the file: ``aws_iam_role.agent in the Terraform
            source (.tf)``.
    """

    key: Key
    value: Any
    old: Any = None
    location: Location | None = None
    is_secret: bool = False
    source: str = ""

    @property
    def pointer(self) -> str:
        """The JSON pointer of RFC 6901."""
        return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in self.key)

    def __str__(self) -> str:
        change = f"another {HIDDEN}" if self.is_secret else f"{_shown(self.old)} -> {_shown(self.value)}"
        return f"{self.location or self.pointer}: {change}"


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that lets a login arrive.

    Args:
        title: The change in a few words.
        place: ``world``, ``seed:FILE`` or ``api``; empty for something that is not a setting here.
        changes: Values, in the order in which they are changed.
        call: Calls that make the change, one per line, where a call had set the wrong value.
        tried: Whether the login was made with it, and arrived.
        lands_on: Where it arrived.
        warning: What is given up; empty where nothing is.
        console: Where a person makes the change, in the console's words; one per line.
    """

    title: str
    place: str = ""
    changes: tuple[FixedValue, ...] = ()
    call: str = ""
    tried: bool = False
    lands_on: str = ""
    warning: str = ""
    console: str = field(default="", compare=False)

    @property
    def is_written(self) -> bool:
        """Whether ``fedemu fix`` would write it: a tried change of files that gives nothing up."""
        is_for_files = bool(self.changes) and not any(each.source for each in self.changes)
        return self.tried and is_for_files and not self.call and not self.warning

    @property
    def rows(self) -> Iterator[tuple[str, str]]:
        """The rows that describe it: names and texts, in display order."""
        told = [*map(str, self.changes), *self.call.splitlines()] or [self.title]
        for index, each in enumerate(told):
            yield ("and" if index else "fix (tried)" if self.tried else "fix (not tried)"), each
        for source in dict.fromkeys(each.source for each in self.changes if each.source):
            yield "set in", source
        for each in dict.fromkeys(self.console.splitlines()):
            yield "set in", each
        if self.warning:
            yield "warning", self.warning

    def as_json(self) -> dict[str, Any]:
        """The fix as JSON data; empty parts are left out."""
        data = {
            "title": self.title,
            "in": self.place,
            "changes": {
                each.pointer: HIDDEN if each.is_secret else without_secrets(each.value) for each in self.changes
            },
            "call": self.call,
            "lands_on": self.lands_on,
            "warning": self.warning,
        }
        shown = {name: value for name, value in data.items() if value}
        return {**shown, "tried": self.tried}


def _shown(value: Any) -> str:
    if value is None:
        return NOTHING_THERE
    value = without_secrets(value)
    # Quotes show a blank before or after a text, which may be the whole mistake.
    is_plain = isinstance(value, str) and bool(value) and value == value.strip()
    text = value if is_plain else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
