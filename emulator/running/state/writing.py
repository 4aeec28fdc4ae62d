"""A federation's state as JSON: AWS's accounts and Okta orgs as calls have left them, and everybody's sessions.

    {"version": 1, "accounts": [...], "orgs": {...}, "tables": {"credentials": {...}, "console-sessions": {...}, ...}}

What is written can be read again: a text that would be too large leaves out the oldest, of histories first. The text
holds secret keys and session tokens, as the federation does.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from emulator.federation import Federation
from emulator.kernel.errors import StateError
from emulator.kernel.records import dataclass
from emulator.network.gateway import MAX_STATE_BYTES
from emulator.running.state.codec import VERSION, state_converter

# What surrounds the lines of an object of the text at most, and each of them.
_FRAME, _LINE_FRAME = 16, 5


@dataclass(frozen=True, slots=True)
class WrittenState:
    """A state as text.

    Args:
        text: The JSON text, which is ASCII.
        left_out: How many of the oldest entries of a table are not in it, by the table's name; no table of which all
            are.
    """

    text: str
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class StateMark:
    """What a state is recognised by: two marks of a federation are alike where nothing has changed in between."""

    changes: int
    models: tuple[object, ...]

    @classmethod
    def of(cls, federation: Federation) -> StateMark:
        """Returns the mark of a federation as it is now."""
        providers = federation.identity_providers.values()
        return cls(federation.store.changes, (federation.aws.accounts, *(provider.org for provider in providers)))

    def is_like(self, other: StateMark | None) -> bool:
        """Returns whether another mark is of the same state: accounts and orgs are values, which a change replaces."""
        if other is None or self.changes != other.changes or len(self.models) != len(other.models):
            return False
        return all(mine is theirs for mine, theirs in zip(self.models, other.models, strict=True))


class StateWriter:
    """Writes the state of one federation time and again, and works out anew only what has changed since.

    Args:
        federation: Whose state.
    """

    def __init__(self, federation: Federation) -> None:
        self._federation = federation
        self._texts: dict[tuple[str, str], tuple[object, str]] = {}
        self._lines: dict[str, dict[str, tuple[object, str]]] = {}

    def write(self, *, limit: int = MAX_STATE_BYTES) -> WrittenState:
        """Returns the state as JSON text, each thing on a line of its own. The same state gives the same text.

        Args:
            limit: How many bytes it may have; what is oldest is left out to keep to it, of histories first.

        Raises:
            StateError: accounts and orgs, of which nothing can be left out, are larger by themselves.
        """
        all_tables = self._federation.tables
        with self._federation.store.lock:
            accounts = dict(self._federation.aws.accounts)
            orgs = {name: provider.org for name, provider in self._federation.identity_providers.items()}
            tables = {name: table.running() for name, table in all_tables.items()}
        of_accounts = self._written("accounts", accounts)
        of_orgs = [f"{json.dumps(name)}: {text}" for name, text in zip(orgs, self._written("orgs", orgs), strict=True)]
        head = (
            f'{{\n "version": {VERSION},\n "accounts": [{_indented(of_accounts, 2)}],\n'
            f' "orgs": {{{_indented(of_orgs, 2)}}},\n "tables": {{\n'
        )
        frame = sum(len(name) + _FRAME for name in tables) + _FRAME
        if len(head) + frame > limit:
            raise StateError(
                f"The state is too large: its accounts and orgs have {len(head):,} bytes, and a state has at most "
                f"{limit:,}"
            )
        entries = {name: deque(self._lines_of(name, values)) for name, values in tables.items()}
        histories = {name for name, table in all_tables.items() if table.is_history}
        left_out = _leave_out_oldest(entries, histories, limit=limit - len(head) - frame)
        written = ",\n".join(f"  {json.dumps(name)}: {{{_indented(lines, 3)}}}" for name, lines in entries.items())
        return WrittenState(f"{head}{written}\n }}\n}}\n", left_out)

    def _written(self, kind: str, values: Mapping[str, object]) -> list[str]:
        """Returns accounts or orgs as JSON."""
        known, self._texts = self._texts, {key: each for key, each in self._texts.items() if key[0] != kind}
        texts = []
        for name, value in values.items():
            before = known.get((kind, name))
            text = before[1] if before is not None and before[0] is value else _json_of(value)
            self._texts[kind, name] = (value, text)
            texts.append(text)
        return texts

    def _lines_of(self, table: str, values: Mapping[str, object]) -> list[str]:
        """Returns the entries of a table, each as a line."""
        known = self._lines.get(table, {})
        lines: dict[str, tuple[object, str]] = {}
        for key, value in values.items():
            before = known.get(key)
            if before is None or before[0] is not value:
                before = (value, f"{json.dumps(key)}: {_json_of(value)}")
            lines[key] = before
        self._lines[table] = lines
        return [line for _, line in lines.values()]


def dump_state(federation: Federation, *, limit: int = MAX_STATE_BYTES) -> str:
    """Returns the state of a federation as JSON text.

    Args:
        federation: Whose state.
        limit: As ``StateWriter.write`` has it.

    Raises:
        StateError: as there.
    """
    return StateWriter(federation).write(limit=limit).text


def _json_of(value: Any) -> str:
    return json.dumps(state_converter().unstructure(value))


def _indented(entries: Iterable[str], spaces: int) -> str:
    margin = " " * spaces
    lines = f",\n{margin}".join(entries)
    return f"\n{margin}{lines}\n{margin[1:]}" if lines else ""


def _leave_out_oldest(
    entries: Mapping[str, deque[str]], histories: Collection[str], *, limit: int
) -> Mapping[str, int]:
    """Takes the oldest entries out until the others keep to a limit: of histories first, and of the largest table.

    Returns:
        How many were taken out of which table.
    """
    sizes = {name: sum(len(entry) + _LINE_FRAME for entry in table) for name, table in entries.items()}
    excess = sum(sizes.values()) - limit
    left_out: dict[str, int] = {}
    while excess > 0 and any(sizes.values()):
        name = max(sizes, key=lambda each: (bool(sizes[each]) and each in histories, sizes[each]))
        size = len(entries[name].popleft()) + _LINE_FRAME
        sizes[name] -= size
        excess -= size
        left_out[name] = left_out.get(name, 0) + 1
    return left_out
