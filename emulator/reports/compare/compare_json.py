"""The results of ``fedemu compare`` as JSON of format 2; docs/compare.md describes it."""

from __future__ import annotations

from typing import Any

from emulator.access.decision import Decision
from emulator.comparing.comparison import ChangedGroup, ComparedWorld, Comparison, Kind
from emulator.diagnosis.login_result import FORMAT
from emulator.network.trace import as_text
from emulator.reports.compare.compare_text import headline, why_text
from emulator.reports.problem_json import problem_json


def compare_json(found: Comparison) -> str:
    """Returns the results as JSON."""
    data = {
        "format": FORMAT,
        "verdict": found.verdict,
        "before": _world(found.before),
        "after": _world(found.after),
        "at": found.at.isoformat().replace("+00:00", "Z"),
        "counts": {
            **{kind.value: found.logins(kind) for kind in Kind},
            "kept": found.kept,
            "still_failing": found.still_failing,
        },
        **{kind.value: [_group(each) for each in found.of(kind)] for kind in Kind},
        "remarks": [{"rule": each.rule, **problem_json(each.problem)} for each in found.remarks],
        "left_out": [problem_json(each) for each in found.left_out],
    }
    return as_text(_shown(data, found))


def _world(world: ComparedWorld) -> dict[str, Any]:
    return {"name": world.name, "file": world.file, "logins": world.logins, "arrive": world.arriving}


def _group(group: ChangedGroup) -> dict[str, Any]:
    data: dict[str, Any] = {
        "text": headline(group),
        "why": why_text(group),
        "people": list(group.people),
        "logins": [
            {
                "org": each.first.who.org,
                "app": each.first.who.app,
                "user": each.first.who.person,
                "role": each.first.role,
                "before": _decision(each.before),
                "after": _decision(each.after),
            }
            for each in group.logins
        ],
        "changes": [each.as_json() for each in group.changes],
        "more_changes": group.more_changes,
    }
    if group.proof is not None:
        result = group.proof.result
        data |= {"proof": result.as_json()} if result is not None else {"problem": group.proof.problem}
    return data


def _decision(decision: Decision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    data = {
        "app": decision.who.app,
        "role": decision.role,
        "outcome": decision.outcome.value,
        "lands_on": decision.place,
        "check": decision.check,
        "connect_user": decision.connect_user,
    }
    return {name: value for name, value in data.items() if value or name in {"role", "lands_on"}}


def _shown(value: Any, found: Comparison) -> Any:
    """Returns data with the files of revisions named as the person knows them."""
    if isinstance(value, str):
        return found.shown(value)
    if isinstance(value, dict):
        return {key: _shown(each, found) for key, each in value.items()}
    return [_shown(each, found) for each in value] if isinstance(value, list | tuple) else value
