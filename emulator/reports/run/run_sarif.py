"""Scenarios that are not as expected, as SARIF 2.1.0: the rules are the checks that decided.

Spec: OASIS SARIF 2.1.0
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.kernel.errors import FileError, Problem
from emulator.reports.sarif_log import SarifResult, sarif_lines, sarif_log
from emulator.scenarios.results import Result
from emulator.scenarios.runs import Run

_RULES = {
    "expectation": "A login did not end as its scenario says.",
    "scenario-file": "A file cannot be used.",
}


def run_sarif(run: Run) -> str:
    """Returns an error for each scenario that is not as expected, and for each mistake in a file."""
    results = [*map(_of_result, run.failed), *(each for error in run.all_errors for each in _of_file(error))]
    return sarif_log(results, texts=_RULES)


def _of_result(result: Result) -> SarifResult:
    """Returns a failure at the first expectation that was not met, related to the places behind the outcome."""
    told = result.login.diagnosis if result.login is not None else None
    lines = [f"{result.scenario.id} {result.scenario.title}", *(each.text for each in result.mismatches)]
    lines += sarif_lines(told) if told is not None else ()
    if result.stopped:
        lines.append(f"The browser stopped: {result.stopped}")
    places = [each.location for each in result.mismatches]
    origins = [each.location for each in told.origins if each.location is not None] if told is not None else []
    named = tuple(place for place in (*places, *origins) if place.file)
    return SarifResult(told.check if told is not None and told.check else "expectation", "error", _text(lines), named)


def _of_file(error: FileError) -> Iterator[SarifResult]:
    for problem in error.problems:
        yield SarifResult("scenario-file", "error", _text(_problem_lines(problem)), (problem.location,))


def _problem_lines(problem: Problem) -> list[str]:
    wanted = f"Expected: {problem.expected}" if problem.expected else ""
    meant = f"Did you mean: {problem.did_you_mean}" if problem.did_you_mean else ""
    return [problem.message, wanted, meant, f"Fix: {problem.fix}" if problem.fix else ""]


def _text(lines: list[str]) -> str:
    return "\n".join(filter(None, lines))
