"""Results of scenarios and findings of a world as JSON of format 2."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from emulator.diagnosis.login_result import FORMAT
from emulator.kernel.errors import FileError, Problem
from emulator.network.trace import as_text
from emulator.scenarios.results import Result


def results_json(results: Iterable[Result], errors: Iterable[FileError] = ()) -> str:
    """Returns what came of scenarios: ``{"format": 2, "scenarios": [{…}]}``, each with its login.

    Args:
        results: What came of each.
        errors: What is wrong with the files that could not be used: ``errors`` where there is anything.
    """
    data: dict[str, Any] = {"format": FORMAT, "scenarios": [_result(each) for each in results]}
    told = [
        {"message": each.message, "problems": [problem_json(problem) for problem in each.problems]} for each in errors
    ]
    return as_text(data | ({"errors": told} if told else {}))


def findings_json(file: str, findings: Iterable[Problem]) -> str:
    """Returns what is wrong with a world: ``{"format": 2, "file": …, "findings": [{…}]}``."""
    return as_text({"format": FORMAT, "file": file, "findings": [problem_json(each) for each in findings]})


def problem_json(problem: Problem) -> dict[str, Any]:
    """Returns a mistake in a file; empty parts are left out."""
    data = {
        "file": problem.location.file,
        "line": problem.location.line,
        "key": problem.location.key,
        "message": problem.message,
        "want": problem.expected,
        "did_you_mean": problem.did_you_mean,
        "fix": problem.fix,
    }
    return {name: value for name, value in data.items() if value}


def _result(result: Result) -> dict[str, Any]:
    scenario = result.scenario
    location = scenario.document.location(("scenario",))
    data: dict[str, Any] = {
        "id": scenario.id,
        "scenario": scenario.title,
        "file": location.file,
        "line": location.line,
        "passed": result.passed,
        "state": result.state.value,
        "seconds": round(result.seconds, 3),
        "mismatches": [
            {"line": each.location.line, "key": each.location.key, "message": each.text} for each in result.mismatches
        ],
    }
    if result.reason:
        data["reason"] = result.reason
    if result.stopped:
        data["stopped"] = result.stopped
    if result.login is not None:
        data["login"] = result.login.as_json()
    return data
