"""Progress is one line of a terminal, which is rewritten and taken away."""

from __future__ import annotations

import pytest

from emulator.scenarios.execution.progress import Progress, fitted, shows_progress
from emulator.scenarios.results import Mismatch, Result
from emulator.scenarios.scenario_file import BUILT_IN, find_scenarios


@pytest.mark.parametrize(
    ("environment", "is_terminal", "shows"),
    [
        ({}, True, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, True),
        ({}, False, False),
        ({"TERM": "dumb"}, True, False),
        ({"CI": "true"}, True, False),
    ],
)
def test_progress_is_for_terminals(environment: dict[str, str], is_terminal: bool, shows: bool) -> None:
    """Not for pipes, for terminals that cannot rewrite a line, and in CI; it has no colours to be left out."""
    assert shows_progress(environment, is_terminal=is_terminal) is shows


def test_the_line_says_how_many_are_done_failed_and_running(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line begins where the last one did; it is cut at the terminal's width and taken away once."""
    monkeypatch.setenv("COLUMNS", "30")
    first, second = find_scenarios([BUILT_IN])[:2]
    written: list[str] = []
    progress = Progress(2, written.append)
    progress.clear()
    progress.began(first)
    progress.began(second)
    progress.ended(Result(first, (Mismatch(first.document.location(()), "x"),), 0.0))
    progress.ended(Result(second, (), 0.0))
    progress.clear()
    progress.clear()
    both = f"0/2, running {first.id}, {second.id}"
    assert written == [
        f"\r\x1b[K0/2, running {first.id}",
        f"\r\x1b[K{both[:29]}",
        f"\r\x1b[K1/2, 1 failed, running {second.id}"[:33],
        "\r\x1b[K2/2, 1 failed",
        "\r\x1b[K",
    ]


@pytest.mark.parametrize(
    ("text", "columns", "told"),
    [
        ("abc", 2, "ab"),
        ("日本語", 5, "日本"),
        ("e\u0301e\u0301e", 2, "e\u0301e\u0301"),
        ("a\x1b[31m\r\n\u202eb", 20, "a\ufffd[31m\ufffd\ufffd\ufffdb"),
        ("abc", 0, ""),
    ],
)
def test_a_text_is_fitted_as_a_terminal_shows_it(text: str, columns: int, told: str) -> None:
    """Wide characters take two columns, combining ones none, and nothing is acted on."""
    assert fitted(text, columns) == told
