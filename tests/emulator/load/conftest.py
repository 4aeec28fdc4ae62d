"""Locust as a process of its own: it patches the standard library, and must never be imported here."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.requirements import package

ROOT = Path(__file__).parents[3]
LOCUSTFILE = ROOT / "emulator" / "load" / "locustfile.py"
PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Ended:
    """A load that was run to its end.

    Args:
        code: The exit code.
        out: What it printed.
        log: What it logged.
        requests: How often each request was made and how often it failed, by method and name.
        failures: How often each failure was, by method, name and words.
    """

    code: int
    out: str
    log: str
    requests: Mapping[tuple[str, str], tuple[int, int]]
    failures: Mapping[tuple[str, str, str], int]


Load = Callable[..., Ended]


def command(*arguments: str) -> list[str]:
    """Returns the command line of a load."""
    return [sys.executable, "-P", "-m", "emulator", "load", *arguments]


@pytest.fixture
def environment(data_home: Path) -> dict[str, str]:
    """Returns the environment of a load: this check-out's code, the tests' data folder."""
    package("locust", extra="load")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOCUST_", "PYTEST_"))}
    return {**kept, "FEDEMU_HOME": str(data_home), "PYTHONPATH": str(ROOT)}


@pytest.fixture
def load(environment: dict[str, str], tmp_path: Path) -> Load:
    """Returns a function that runs ``fedemu load --headless`` with options to its end."""

    def run(*options: str) -> Ended:
        written = ("--headless", "--csv", "stats", "--json-file", "stats", "--only-summary")
        done = subprocess.run(  # noqa: S603
            command(*written, *options),
            capture_output=True,
            text=True,
            env=environment,
            cwd=tmp_path,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr, _requests(tmp_path), _failures(tmp_path))

    return run


def _requests(folder: Path) -> dict[tuple[str, str], tuple[int, int]]:
    """Reads Locust's JSON, and that its CSV says the same."""
    if not (folder / "stats.json").exists():
        return {}
    read = json.loads((folder / "stats.json").read_text(encoding="utf-8"))
    requests = {(each["method"], each["name"]): (each["num_requests"], each["num_failures"]) for each in read}
    with (folder / "stats_stats.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["Name"] != "Aggregated"]
    in_csv = {(row["Type"], row["Name"]): (int(row["Request Count"]), int(row["Failure Count"])) for row in rows}
    assert in_csv == requests
    return requests


def _failures(folder: Path) -> dict[tuple[str, str, str], int]:
    path = folder / "stats_failures.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["Method"], row["Name"], row["Error"]): int(row["Occurrences"]) for row in csv.DictReader(file)}
