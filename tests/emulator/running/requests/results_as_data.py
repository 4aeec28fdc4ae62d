"""Results as they come to another process: as data, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from emulator.kernel.errors import Refusal
from emulator.running.requests.result_codec import login_as_data, login_from_data, result_as_data, result_from_data
from emulator.scenarios.results import Result


def require_to_come_back(result: Result) -> Result:
    """Requires that a result comes back from JSON as it was, to each fact, origin, fix and word of a refusal.

    Returns:
        What came back.
    """
    back = result_from_data(json.loads(json.dumps(result_as_data(result))), result.scenario)
    assert _differences(result, back) == []
    assert back.login is None or back.login.as_json() == result.login.as_json()  # type: ignore[union-attr]
    for login in result.logins:
        assert _differences(login, login_from_data(json.loads(json.dumps(login_as_data(login))))) == []
    return back


def _differences(one: Any, other: Any, place: str = "") -> Sequence[str]:
    """Returns where two values differ, in type or in value; a text may have been a member of an enumeration."""
    if isinstance(one, Refusal):
        return [] if type(one) is type(other) and str(one) == str(other) and vars(one) == vars(other) else [place]
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        inside = [each for key in one for each in _differences(one[key], other.get(key), f"{place}.{key}")]
        return [place] * (list(one) != list(other)) or inside
    if not isinstance(one, str) and type(one) is not type(other):
        return [f"{place}: {type(one).__name__}"]
    if is_dataclass(one):
        names = [each.name for each in fields(one)]
        return [d for n in names for d in _differences(getattr(one, n), getattr(other, n), f"{place}.{n}")]
    if isinstance(one, list | tuple):
        pairs = enumerate(zip(one, other, strict=False))
        inside = [each for i, (a, b) in pairs for each in _differences(a, b, f"{place}[{i}]")]
        return [place] * (len(one) != len(other)) or inside
    return [] if one == other else [f"{place}: {one!r} {other!r}"]
