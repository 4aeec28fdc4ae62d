"""The other evaluator: `@cloud-copilot/iam-simulate`, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.requirements import installed, program

CLIENTS = Path(os.environ.get("FEDEMU_CLIENTS", Path(__file__).parent.parent.parent / ".venv" / "clients"))
Judge = Callable[[Sequence[dict[str, Any]]], list[str]]


@pytest.fixture(scope="session")
def judge() -> Judge:
    """Returns a function that has simulations judged, all in one go: Allowed, ImplicitlyDenied, ExplicitlyDenied."""
    package = installed(CLIENTS / "node_modules" / "@cloud-copilot" / "iam-simulate" / "package.json")
    command = [program("node"), str(Path(__file__).parent / "simulate.mjs"), str(package.parents[2])]

    def ask(simulations: Sequence[dict[str, Any]]) -> list[str]:
        done = subprocess.run(  # noqa: S603
            command, input=json.dumps(list(simulations)), capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stderr
        answers = json.loads(done.stdout)
        assert [each for each in answers if each["errors"] or each["ignored"]] == []
        return [each["verdict"] for each in answers]

    return ask
