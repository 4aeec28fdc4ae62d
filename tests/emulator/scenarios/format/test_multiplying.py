"""A scenario that a matrix or rows would multiply without end is refused before anything is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.kernel.errors import ScenarioError
from emulator.scenarios.scenario_file import read_scenarios
from emulator.world import DEFAULT_WORLD

_LOGIN = "login: {user: hanako@example.com, app: amazon-connect}\nexpect: {outcome: refused}\n"


def _many(number: int, text: str = "") -> str:
    return "[" + ", ".join(f"'{each}{text}'" for each in range(number)) + "]"


@pytest.mark.parametrize(
    ("head", "line", "message", "expected"),
    [
        (
            f"scenario: s {{a}} {{b}} {{c}}\nmatrix: {{a: {_many(300)}, b: {_many(300)}, c: {_many(300)}}}\n",
            2,
            "27,000,000 scenarios would be made of this one",
            "at most 10,000",
        ),
        (
            f"scenario: s {{a}}\nmatrix: {{a: {_many(5000)}}}\nfaults: [{'no-audience, ' * 500}]\n",
            2,
            "5,000 scenarios of 517 values would be made of this one",
            "at most 1,000,000 values in all of them",
        ),
        (
            f"scenario: '{'{a}' * 40_000}'\nmatrix: {{a: ['{'x' * 100_000}']}}\n",
            2,
            "the texts of this scenario would become 4,000,000,000 characters",
            "at most 100,000,000",
        ),
        (
            f"scenario: s {{a}} {{b}}\nrows: rows.csv\nmatrix: {{b: {_many(5001)}}}\n",
            2,
            "10,002 scenarios would be made of this one",
            "at most 10,000",
        ),
    ],
    ids=["scenarios", "values", "characters", "rows and matrix"],
)
def test_what_would_be_too_much_is_refused(tmp_path: Path, head: str, line: int, message: str, expected: str) -> None:
    """The numbers are multiplied, and nothing else is."""
    (tmp_path / "rows.csv").write_text("a\n1\n2\n", encoding="utf-8")
    (tmp_path / "a.yaml").write_text(head + _LOGIN, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        list(read_scenarios(tmp_path / "a.yaml"))
    (problem,) = caught.value.problems
    assert (problem.location.line, problem.message, problem.expected) == (line, message, expected)


def test_the_scenarios_of_a_file_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several of them may each make many."""
    monkeypatch.setattr("emulator.scenarios.scenario_file.MOST_SCENARIOS", 4)
    (tmp_path / "world.yaml").write_text(DEFAULT_WORLD.read_text(encoding="utf-8"), encoding="utf-8")
    text = "".join(f"---\nscenario: {name} {{a}}\nmatrix: {{a: {_many(2)}}}\n{_LOGIN}" for name in "xy")
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    assert len(list(read_scenarios(tmp_path / "a.yaml"))) == 4
    (tmp_path / "a.yaml").write_text(f"{text}---\nscenario: z\n{_LOGIN}", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        list(read_scenarios(tmp_path / "a.yaml"))
    assert caught.value.problems[0].message == "the file makes more than 4 scenarios"
