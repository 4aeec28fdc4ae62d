"""A mistake in a file as JSON data, as every verb prints it."""

from __future__ import annotations

from typing import Any

from emulator.kernel.errors import Problem


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
