"""Patterns: wildcards and variables match as IAM defines, and cheaply."""

from __future__ import annotations

from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st

from sp_mock.policies.patterns import Template


def _naive(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return _naive(pattern[1:], text) or (bool(text) and _naive(pattern, text[1:]))
    return bool(text) and pattern[0] in {"?", text[0]} and _naive(pattern[1:], text[1:])


@given(st.text("ab*?[\0", max_size=8), st.text("ab[\0", max_size=8))
def test_wildcards_match_as_defined(pattern: str, text: str) -> None:
    """The compiled matcher agrees with the definition."""
    assert Template(pattern, variables=False).matches(text, {}) is _naive(pattern, text)


_PIECES = st.text("ab*?", max_size=4)


@given(_PIECES, st.text("ab*?", min_size=1, max_size=3), _PIECES, st.text("ab*?", max_size=8))
def test_a_variables_value_is_literal_among_wildcards(before: str, value: str, after: str, text: str) -> None:
    """A wildcard inside a value is an ordinary character, wherever the stars around it reach."""
    literal = value.replace("*", "\1").replace("?", "\2")
    places = [at for at in range(len(text)) if text[at:].startswith(value)]
    expected = any(_naive(before + literal + after, text[:at] + literal + text[at + len(value) :]) for at in places)
    template = Template(f"{before}${{x:value}}{after}", variables=True)
    assert template.matches(text, {"x:value": (value,)}) is expected


def test_many_stars_are_cheap() -> None:
    """A pattern made to be slow is not."""
    began = perf_counter()
    assert not Template("*a" * 30 + "*b", variables=False).matches("a" * 2000, {})
    assert not Template("*" * 200 + "b", variables=False).matches("a" * 5000, {})
    assert perf_counter() - began < 1
