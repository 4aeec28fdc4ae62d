"""Expressions that choose scenarios."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.kernel.errors import FederationError
from emulator.scenarios.keywords import chooser
from emulator.scenarios.scenario_file import read_scenarios
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        ("", True),
        ("  ", True),
        ("space", True),
        ("LOGIN-02", True),
        ("login-03", False),
        ("Nightly", True),
        ("not nightly", False),
        ("not not nightly", True),
        ("space and missing", False),
        ("space or missing", True),
        ("missing and missing or space", True),
        ("missing and (missing or space)", False),
        ("not(missing)and space", True),
        ("'space in'", True),
        ('"space  in"', False),
        ("'and'", False),
        ("__import__", False),
        ("AND or space", True),
    ],
)
def test_words_are_found_in_id_title_and_tags(tmp_path: Path, expression: str, chosen: bool) -> None:
    """Not binds more than and, and more than or; text in quotes may have spaces or be an operator."""
    file = tmp_path / "one.yaml"
    file.write_text(
        f"scenario: A space in RoleSessionName\nid: LOGIN-02\ntags: [nightly]\nworld: {DEFAULT_WORLD}\n"
        f"login: {{user: {USER}, app: {APP}}}\nexpect: {{outcome: accepted, oracle: assumed}}\n",
        encoding="utf-8",
    )
    [scenario] = read_scenarios(file)
    assert chooser(expression)(scenario) is chosen


@pytest.mark.parametrize(
    ("expression", "message", "column"),
    [
        ("a b", "expected and, or, or the end, found b", 3),
        ("a and", "expected not, ( or a word, found the end", 6),
        ("and a", "expected not, ( or a word, found and", 1),
        ("(a or b", "expected and, or, or ), found the end", 8),
        ("a)", "expected and, or, or the end, found )", 2),
        ("()", "expected not, ( or a word, found )", 2),
        ("a or 'b", "this quotation mark is not closed", 6),
        ("(" * 51 + "a" + ")" * 51, "parentheses are more than 50 deep", 51),
    ],
)
def test_a_wrong_expression_is_told_with_its_place(expression: str, message: str, column: int) -> None:
    """What was expected, what is there, and in which column."""
    with pytest.raises(FederationError) as caught:
        chooser(expression)
    assert caught.value.message == f"-k {expression}: {message}"
    assert caught.value.where == f"column {column}"
