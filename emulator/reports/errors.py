"""An error that ends a command, for people and as JSON."""

from __future__ import annotations

from typing import Any

from emulator.diagnosis.login_result import FORMAT
from emulator.kernel.errors import EnvironmentProblem, FederationError, FileError, Refusal, StateError, StateNotSaved
from emulator.network.trace import as_text, refusal_as_json
from emulator.reports.problem_json import problem_json
from emulator.reports.text import refusal_block


def error_text(error: FederationError) -> str:
    """Returns any error of fedemu's for people."""
    if isinstance(error, FileError):
        return str(error)
    if isinstance(error, Refusal):
        return refusal_block(error)
    rows = [
        ("why", error.explanation),
        ("want", error.expected),
        ("got", error.received),
        ("where", error.where),
        ("fix", error.fix),
    ]
    return "\n".join([error.message, *(f"  {name:<6} {value}" for name, value in rows if value)])


def error_json(error: FederationError) -> str:
    """Returns any error of fedemu's as JSON of format 2: ``{"format": 2, "error": {…}}``; empty parts are left out."""
    if isinstance(error, FileError):
        data: dict[str, Any] = {
            "message": error.message,
            "problems": [problem_json(problem) for problem in error.problems],
        }
    elif isinstance(error, Refusal):
        data = refusal_as_json(error)
    else:
        data = {
            "message": error.message,
            "why": error.explanation,
            "want": error.expected,
            "got": error.received,
            "where": error.where,
            "fix": error.fix,
        }
    return as_text({"format": FORMAT, "error": {name: value for name, value in data.items() if value}})


def exit_code_of(error: FederationError) -> int:
    """Returns the exit code of a command that ends with an error of fedemu's."""
    if isinstance(error, (EnvironmentProblem, StateNotSaved)):
        return 3
    return 2 if isinstance(error, (FileError, StateError)) or type(error) is FederationError else 1


def usage_json(message: str) -> str:
    """Returns a usage error as JSON of format 2."""
    return as_text({"format": FORMAT, "error": {"message": message}})
