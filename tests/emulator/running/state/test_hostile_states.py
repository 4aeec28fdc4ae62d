"""States that somebody has tampered with: taken or refused as a whole, and never a traceback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.errors import StateError
from emulator.running.state.reading import load_state
from emulator.running.state.writing import dump_state
from tests.conftest import APP, USER

Path = tuple[str | int, ...]

VALUES: list[Any] = [
    None,
    0,
    -1,
    2**63,
    10**400,
    1.5,
    True,
    "",
    "x",
    "\ud800",
    "\x00",
    "a" * 3000,
    [],
    {},
    [[]],
    {"a": 1},
    "2026-01-01T00:00:00",
    "0001-01-01T00:00:00+00:00",
    "9999-12-31T23:59:59+00:00",
    "arn:aws:iam::999999999999:role/Other",
    "v9",
]


def _paths(data: Any, path: Path = ()) -> Iterator[Path]:
    """Yields where there is something, once for each form of a place: of a list's entries the first."""
    if path:
        yield path
    if isinstance(data, dict):
        for key in data:
            yield from _paths(data[key], (*path, key))
    elif isinstance(data, list) and data:
        yield from _paths(data[0], (*path, 0))


def _mutated(data: Any, path: Path, way: str, value: Any) -> Any:
    """Returns a copy of data in which one place is gone, has another value, or is called otherwise."""
    key, rest = path[0], path[1:]
    copy: Any = dict(data) if isinstance(data, dict) else list(data)
    if rest:
        copy[key] = _mutated(data[key], rest, way, value)
    elif way == "gone":
        del copy[key]
    elif way == "renamed" and isinstance(copy, dict):
        copy[f"{key}x"] = copy.pop(key)
    else:
        copy[key] = value
    return copy


def _refusal(federation: Federation, text: str) -> str | None:
    try:
        load_state(federation, text)
    except StateError as error:
        return error.message
    return None


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(choices=st.data())
def test_a_state_that_was_tampered_with(federation: Federation, choices: st.DataObject) -> None:
    """It is refused in words and changes nothing, or is as good as one of its own: written, and read again."""
    if not federation.store.changes:
        log_in(federation, user=USER, app=APP)
    before = dump_state(federation)
    state = json.loads(before)
    path = choices.draw(st.sampled_from(list(_paths(state))))
    way = choices.draw(st.sampled_from(["gone", "renamed", "changed", "changed"]))
    text = json.dumps(_mutated(state, path, way, choices.draw(st.sampled_from(VALUES))))
    refusal = _refusal(federation, text)
    if refusal is not None:
        assert len(refusal.encode()) < 1_000
        assert dump_state(federation) == before
        return
    taken = dump_state(federation)
    load_state(federation, taken)
    assert dump_state(federation) == taken
    load_state(federation, before)
