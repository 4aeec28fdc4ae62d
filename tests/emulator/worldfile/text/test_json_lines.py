"""The lines of a JSON text's keys are found without reading a long text once for each of them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from emulator.worldfile.text import json_lines
from emulator.worldfile.text.json_lines import JsonLines


@pytest.mark.parametrize(
    ("text", "lines"), [('{"a": {"b": 1}, "c": [2]}', [1, 1, 1]), ('{"a": {\n"b": 1},\n"c": [2]}', [1, 2, 3])]
)
def test_line_breaks_are_looked_for_once(monkeypatch: pytest.MonkeyPatch, text: str, lines: list[int]) -> None:
    """Also in a text without any, as programs print it."""
    searches: list[str] = []

    class Counting:
        """Counts the searches of the module."""

        def finditer(self, pattern: str, text: str) -> Any:
            """Counts one."""
            searches.append(pattern)
            return re.finditer(pattern, text)

    monkeypatch.setattr(json_lines, "re", Counting())
    found = JsonLines(text)
    assert [found.nearest(key) for key in (("a",), ("a", "b"), ("c", 0))] == lines
    assert searches == ["\n"]
