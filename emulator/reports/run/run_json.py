"""Results of scenarios as JSON of format 2."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from emulator.diagnosis.login_result import FORMAT, LoginResult
from emulator.inspection.verdicts import Inspection
from emulator.kernel.clock import instant
from emulator.kernel.errors import FileError
from emulator.kernel.version import version
from emulator.network.trace import as_text
from emulator.reports.problem_json import problem_json
from emulator.scenarios.results import Result


def results_json(results: Iterable[Result], errors: Iterable[FileError] = ()) -> str:
    """Returns the results: ``{"format": 2, "version": …, "scenarios": [{…}]}``, each with its logins.

    Args:
        results: Results of the scenarios.
        errors: Mistakes in the files that could not be used: ``errors`` if there are any.
    """
    data: dict[str, Any] = {
        "format": FORMAT,
        "version": version(),
        "scenarios": [_result(each) for each in results],
    }
    told = [
        {"message": each.message, "problems": [problem_json(problem) for problem in each.problems]} for each in errors
    ]
    return as_text(data | ({"errors": told} if told else {}))


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
        "seed": result.seed,
        "mismatches": [
            {"line": each.location.line, "key": each.location.key, "message": each.text} for each in result.mismatches
        ],
    }
    if result.compared:
        data["expectations"] = [
            {"name": each.name, "want": each.want, "got": each.got, "met": not each.mismatch}
            for each in result.compared
        ]
    if result.reason:
        data["reason"] = result.reason
    if result.played_in:
        data["played_in"] = result.played_in
    if result.stopped:
        data["stopped"] = result.stopped
    if result.logins:
        *earlier, data["login"] = map(_login, result.logins, result.judged or (None,) * len(result.logins))
        if earlier:
            data["earlier"] = earlier
    return data


def _login(result: LoginResult, judged: Inspection | None) -> dict[str, Any]:
    """Returns a login with the results of all checks on the message that it posted, where requested."""
    if judged is None:
        return result.as_json()
    checks = {
        "judged_at": instant(judged.judged_at),
        "judged_role": judged.role_arn,
        "checks": [finding.as_json() for finding in judged.findings],
    }
    return result.as_json() | {name: value for name, value in checks.items() if value}
