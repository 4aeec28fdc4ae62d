"""JSON text as people give it: what is a mistake in it, and in which line."""

from __future__ import annotations

import pytest

from emulator.worldfile.text.json_text import UnreadableJson, json_of, refuse_too_many_values


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('{\n"a": 1,\n"a": 2}', 3, "the key a is given twice"),
        ('{"a": {"b": 1,\n"c": "b"},\n"b": [{"b": 2}, {"b": 3,\n"\\u0062": 4}]}', 4, "the key b is given twice"),
        (
            "{" + ",\n".join(f'"k{n}": "{{"' for n in range(130_000)) + ',\n"k7": 2}',
            130_001,
            "the key k7 is given twice",
        ),
        ('{"b": "NaN",\n"a": NaN}', 2, "NaN is not a number in JSON"),
        ("[\n\n-Infinity]", 3, "-Infinity is not a number in JSON"),
        (f'{{"Sid": "1",\n"Version": {"9" * 5000}}}', 2, "a number has too many digits"),
        ('{"a": "\\\\ud800",\n"b": "\\ud83d\\ude00",\n"c": "\\ud83d!"}', 3, "\\ud83d is half of a surrogate pair"),
        ("[\n" * 100_000, 201, "this is nested too deeply to be read"),
        ('{"a": [\n1, 2', 2, "this is not JSON: Expecting ',' delimiter"),
        ('{"a": "\n"}', 1, "this is not JSON: Invalid control character at"),
        (b'{\n"a": "\xe9"}', 2, "this is not UTF-8 text"),
        (b"\x1f\x8b\x08\x00", 1, "this is not UTF-8 text"),
        ("", 1, "this is not JSON: Expecting value"),
    ],
)
def test_a_mistake_has_its_line(text: str | bytes, line: int, message: str) -> None:
    """Also where Python's reader would take it, or names no place."""
    with pytest.raises(UnreadableJson) as caught:
        json_of(text)
    assert (caught.value.line, caught.value.message[: len(message)]) == (line, message)


def test_what_json_allows_is_read() -> None:
    """With a byte order mark, and with every character."""
    assert json_of(b'\xef\xbb\xbf{"a": "\\ud83d\\ude00\\u0000", "b": [1e5, null]}') == {
        "a": "\N{GRINNING FACE}\0",
        "b": [1e5, None],
    }


def test_a_text_of_too_many_values_is_refused_before_it_is_read() -> None:
    """Each would take thirty times as much memory as its text."""
    with pytest.raises(UnreadableJson, match="this holds more than 1,000,000 values"):
        refuse_too_many_values("[]," * 500_001)
    refuse_too_many_values(f'["{"[]," * 500_001}"]')  # a text with commas in it is one value
    with pytest.raises(UnreadableJson, match="this holds more than 3 values"):
        refuse_too_many_values('["a", {}, 1]', most=3)
