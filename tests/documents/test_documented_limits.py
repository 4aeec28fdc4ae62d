"""The table of limits in docs/running.md: as the code has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.journeys.journeys import MOST_WAITING
from emulator.kernel.clock import YEARS, Clock
from emulator.kernel.store import Store, Table
from emulator.network.forms import MAX_FIELDS
from emulator.network.gateway import MAX_PASTED_BYTES, MAX_QUERY_BYTES, MAX_REQUEST_BYTES, MAX_STATE_BYTES
from emulator.network.listener.connection import DEFAULT_TIMEOUTS, MAX_HEAD_BYTES
from emulator.network.listener.server import MOST_ANSWERED_AT_ONCE
from emulator.network.refused_connections import MAX_CONNECTIONS

_PAGE = Path(__file__).parents[2] / "docs" / "running.md"


def rows() -> dict[str, str]:
    """Returns what a limit is by its name."""
    section = _PAGE.read_text(encoding="utf-8").partition("## Limits\n")[2].partition("\n## ")[0]
    cells = [line.split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return {name.removeprefix("| "): limit for name, limit, *_ in cells}


def _capacity(*, is_history: bool = False) -> int:
    table: Table[str] = Store(clock=Clock()).table("things", str, is_history=is_history)  # type: ignore[type-var]  # empty
    return table.capacity


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("open connections", f"{MAX_CONNECTIONS:,}"),
        ("requests that are answered at the same time", f"{MOST_ANSWERED_AT_ONCE}"),
        ("head of a request: its URL, headers and cookies", f"{MAX_HEAD_BYTES:,} bytes"),
        ("body of a request", f"{MAX_REQUEST_BYTES:,} bytes"),
        ("the same, `POST /` (STS, IAM: metadata is large)", f"{MAX_QUERY_BYTES:,} bytes"),
        ("the same, `PUT /fedemu/state`", f"{MAX_STATE_BYTES:,} bytes"),
        ("the same, what is given to the workbench's assertion bench", f"{MAX_PASTED_BYTES:,} bytes"),
        ("fields of a form", f"{MAX_FIELDS:,}; 1,000 parts of a multipart form"),
        ("head of a request, from its first byte", f"{DEFAULT_TIMEOUTS.request_seconds} seconds"),
        (
            "time for a body",
            f"{DEFAULT_TIMEOUTS.request_seconds} seconds without a byte, {DEFAULT_TIMEOUTS.body_seconds:g} in all",
        ),
        ("a connection on which nothing is asked", f"{DEFAULT_TIMEOUTS.idle_seconds} seconds"),
        ("`GET /fedemu/logins?wait=…` at a time", f"{MOST_WAITING}"),
        ("sessions, tokens, credentials, requests under way", f"{_capacity():,} of each kind"),
        ("events of the System Log and of CloudTrail", f"{_capacity(is_history=True):,} of each"),
        ("the clock (`--clock`, `PUT /fedemu/clock`, steps of scenarios)", f"the years {YEARS[0]} to {YEARS[-1]}"),
    ],
)
def test_a_limit_is_what_the_page_says(name: str, limit: str) -> None:
    """A reader plans with it."""
    assert rows()[name] == limit
