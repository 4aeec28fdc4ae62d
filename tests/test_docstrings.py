"""Docstrings and comments are plain English, as far as a rule can decide: those of the packages and of the tests.

This file is left out, and so is whatever is quoted. Assertions and names of tests are not read: assertions repeat words
that are decided elsewhere, often by Okta or AWS, and names are not sentences.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parent.parent
# This file holds the examples of bad English that its rules have to find.
UNREAD = {Path(__file__)}
# What a native engineer stumbles on, with what they would write.
UNNATURAL = {
    re.compile(pattern): better
    for pattern, better in {
        r"(?<!there )(?<!There )\b(?:is|was) no (?!longer\b|more\b|less\b|one\b|other\b)\w+": "is not a …",
        r"\b[Tt]ells (?!the |it |them )": "says, shows, reports, returns",
        r"\b(?:stands|stood)\b": "is, means, represents",
        r"\bin earnest\b": "really",
        r"\bones? whose\b": "the … with",
        r"\b(?:comes|came|becomes|became) of (?:it|them|that)\b": "the result of",
        r"\bno news\b": "not worth reporting",
        r"\bwhose it is\b": "who owns it",
        r"\b(?:is|are|was|were) told(?=[.,;:]| (?:at|by|in|once|twice|when|with)\b)": "is reported, is shown",
        r"\b(?:thereof|wherefrom|whereto|whither)\b": "of it, from which, to which",
    }.items()
}
_QUOTED = re.compile(r"``[^`]*``|\"[^\"\n]*\"")
_SOURCES = re.compile(r"\n\s*(?:Spec|Evidence):")
_COMMENT = re.compile(r"(?:^\s*|  )# .*")
_SECTION = re.compile(r"\s*(?:Args|Attributes):$")
_ENTRY = re.compile(r"\s+\*{0,2}\w+: (.+)$")
_FEWEST_WORDS = 4


def _docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Yields the line and the text of every docstring, those of attributes included, without the rule's sources."""
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        for each in ast.iter_child_nodes(waiting.pop()):
            if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant):
                yield each.lineno, _SOURCES.split(str(each.value.value))[0]
            elif isinstance(each, ast.stmt):
                waiting.append(each)


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """Yields the line and the text of every comment; it need not tell them from texts with a hash sign."""
    for number, line in enumerate(source.splitlines(), start=1):
        if comment := _COMMENT.search(line):
            yield number, comment[0]


def _fragments(text: str) -> Iterator[str]:
    """Yields the entries of Args that are one word, or that only name an owner: ``Where.``, ``The provider's.``."""
    in_args = False
    for line in text.splitlines():
        if _SECTION.match(line):
            in_args = True
        elif not line.strip():
            in_args = False
        elif in_args and (entry := _ENTRY.match(line)):
            words = _QUOTED.sub("some code", entry[1]).rstrip(".").split()
            owner_only = words[-1].endswith(("'s", "s'")) and len(words) < 3
            if entry[1].endswith(".") and (len(words) == 1 or owner_only):
                yield line.strip()


def mistakes_in(source: str) -> list[str]:
    """Returns what is wrong with the English of a module, each mistake with its line."""
    docstrings = list(_docstrings(source))
    return [
        f"line {line}: {match[0].strip()!r}: write {better!r}"
        for line, text in [*docstrings, *_comments(source)]
        for pattern, better in UNNATURAL.items()
        for match in pattern.finditer(" ".join(_QUOTED.sub("…", text).split()))
    ] + [
        f"line {line}: {entry!r} gives neither form nor unit nor meaning"
        for line, text in docstrings
        for entry in _fragments(text)
    ]


@pytest.mark.parametrize("package", ["emulator", "idp", "sp_mock", "tests"])
def test_the_english_of_a_package_is_plain(package: str) -> None:
    """What a rule can decide does not come back."""
    found = {
        str(path.relative_to(ROOT)): mistakes
        for path in sorted({*(ROOT / package).rglob("*.py")} - UNREAD)
        if (mistakes := mistakes_in(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def short_docstrings_in(source: str) -> list[str]:
    """Returns the tests whose docstrings are too short for a sentence: ``Exact words.`` only continues a name."""
    return [
        f"{test.name}: {text}"
        for test in ast.walk(ast.parse(source))
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_")
        if len((text := ast.get_docstring(test) or "").split()) < _FEWEST_WORDS
    ]


def test_the_docstring_of_a_test_is_a_sentence() -> None:
    """Each test has one, of four words or more, that can be read without the test's name."""
    found = {
        str(path.relative_to(ROOT)): short
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if (short := short_docstrings_in(path.read_text(encoding="utf-8")))
    }
    assert found == {}
    assert short_docstrings_in("def test_it() -> None:\n    '''Exact words.'''") == ["test_it: Exact words."]


def test_each_rule_finds_what_it_is_for() -> None:
    """The rules above are not empty by mistake."""
    source = dedent("""
        '''This is no module.

        Args:
            where: Where.
            clock: AWS's.
            name: ``Role``, as policies write it.
        '''
        # A mistake is told once; it tells a story, and "stands" in quotes is a word of somebody else's.
    """)
    assert mistakes_in(source) == [
        "line 2: 'is no module': write 'is not a …'",
        "line 9: 'tells': write 'says, shows, reports, returns'",
        "line 9: 'is told': write 'is reported, is shown'",
        "line 2: 'where: Where.' gives neither form nor unit nor meaning",
        'line 2: "clock: AWS\'s." gives neither form nor unit nor meaning',
    ]
