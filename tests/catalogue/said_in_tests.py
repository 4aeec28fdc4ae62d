"""Which tests assert a service's words, read from their source.

What administrators and programs call is in tests that call it, where no scenario can: those are the evidence then.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import cache

from emulator.explaining.plain_words import plain
from emulator.explaining.sentences import Sentence
from tests.refusal_checks import ROOT

# Where tests call the services; the other folders hold words that are given to explain, or written for the workbench.
_FOLDERS = ("browser", "clients", "idp", "sp_mock")
_AT_LEAST = 6


@cache
def _texts() -> Mapping[str, tuple[str, ...]]:
    """Returns the texts of every test file, in plain words."""
    found = {}
    for folder in _FOLDERS:
        for path in sorted((ROOT / "tests" / folder).rglob("test_*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
            texts = {plain(value) for value in constants if isinstance(value, str)}
            found[path.relative_to(ROOT).as_posix()] = tuple(sorted(texts))
    return found


def is_in(sentence: Sentence, text: str) -> bool:
    """Returns whether a text in plain words has all of the words of one of the sentence's wordings."""
    wordings = zip(sentence.longest_parts, sentence.patterns, strict=True)
    return any(part in text and pattern.search(text) for part, pattern in wordings)


def tests_that_say(sentences: Sequence[Sentence]) -> tuple[str, ...]:
    """Returns the test files that have a text with one of the sentences."""
    return tuple(
        file
        for file, texts in _texts().items()
        if any(is_in(each, text) for each in sentences for text in texts if len(text) >= _AT_LEAST)
    )
