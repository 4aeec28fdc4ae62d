"""What the files of checks say for a cause, and what holds where they say nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.diagnosis.check_texts import CauseText, read_check_texts
from emulator.kernel.errors import FileError

FILE = """\
groups:
  - about: A group
    side: AWS account
    checks:
      plain:
        asks: Is it?
        causes:
          - {cause: First., fix: Do., scenarios: [A-01]}
          - {cause: Second., fix: Do., side: browser}
          - {cause: Third., fix: Do., weight: 1, says: [Words]}
      sided:
        asks: Is it?
        side: you
        words: [what people call it]
        not_emulated: Nobody has seen it.
        causes:
          - {cause: First., fix: Do.}
"""


def test_a_cause_has_the_side_of_its_check_or_group(tmp_path: Path) -> None:
    """A weight by its place holds where it has neither a weight nor a scenario."""
    (tmp_path / "checks.yaml").write_text(FILE, encoding="utf-8")
    texts = read_check_texts(tmp_path)
    assert texts["plain"].causes == (
        CauseText("First.", "Do.", "AWS account", None, ("A-01",)),
        CauseText("Second.", "Do.", "browser", 15),
        CauseText("Third.", "Do.", "AWS account", 1, says=("Words",)),
    )
    assert texts["sided"].causes == (CauseText("First.", "Do.", "you", 20),)
    assert texts["sided"].words == ("what people call it",)
    assert texts["sided"].not_emulated == "Nobody has seen it."


def test_a_side_is_one_of_four(tmp_path: Path) -> None:
    """A misspelt one is reported with its line."""
    (tmp_path / "checks.yaml").write_text(FILE.replace("side: you", "side: me"), encoding="utf-8")
    with pytest.raises(FileError) as caught:
        read_check_texts(tmp_path)
    (problem,) = caught.value.problems
    assert problem.location.key == "groups[0].checks.sided.side"
    assert problem.expected == "'you', 'identity provider', 'AWS account' or 'browser'"
