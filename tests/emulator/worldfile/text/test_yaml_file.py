"""The YAML reader: as ruamel.yaml read before, with libyaml and without it, and within bounds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from emulator.kernel.errors import WorldError
from emulator.worldfile.text.yaml_data import MAX_DEPTH, MAX_DOCUMENTS, MAX_VALUES, NOT_YAML, Key, Lines, UnreadableYaml
from emulator.worldfile.text.yaml_file import MAX_LINES_AND_COMMAS, parse_documents, read_yaml
from tests.emulator.worldfile import ruamel_reader

ROOT = Path(__file__).parents[4]

Outcome = list[tuple[str, dict[Key, int]]] | tuple[int, str]


def _now(text: str) -> Outcome:
    """Returns what the reader makes of a text: data as JSON and lines, or the line and the words of a refusal."""
    try:
        return [(json.dumps(data), dict(_flat(data, lines))) for data, lines in read_yaml(text)]
    except UnreadableYaml as refused:
        return refused.line, refused.message


def _before(text: str) -> Outcome:
    try:
        return [(json.dumps(data), lines) for data, lines in ruamel_reader.read(text)]
    except ruamel_reader.Refused as refused:
        line, words = refused.args
        # Older releases of ruamel.yaml have one sentence for both.
        return line, words.replace('duplicate key "<<"', 'duplicate merge key "<<"')


def _flat(data: Any, lines: Lines, key: Key = ()) -> Iterator[tuple[Key, int]]:
    for part, line in lines.own.items():
        yield (*key, part), line
        if part in lines.inside:
            yield from _flat(data[part], lines.inside[part], (*key, part))


def _with_unknown_lines_filled(before: Outcome, now: Outcome) -> Outcome:
    """ruamel.yaml has no lines for keys that come from a merge; these are taken from the reader of today."""
    if isinstance(before, tuple) or isinstance(now, tuple):
        return before
    return [
        (data, {key: line or now_lines.get(key, 0) for key, line in lines.items()})
        for (data, lines), (_, now_lines) in zip(before, now, strict=True)
    ]


@pytest.fixture(params=["libyaml", "pure Python"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads with libyaml, and then as if PyYAML had been built without it."""
    if request.param == "pure Python":
        monkeypatch.delattr(yaml, "CSafeLoader")
    else:
        assert hasattr(yaml, "CSafeLoader"), "this PyYAML is built without libyaml"


def _texts_of_the_project() -> Iterator[tuple[str, str]]:
    # Templates have tags that no world has.
    hidden = {"node_modules", "build", "cloudformation"}
    for path in sorted(ROOT.rglob("*.y*ml")):
        name = path.relative_to(ROOT)
        if path.suffix in {".yaml", ".yml"} and not any(part[0] == "." or part in hidden for part in name.parts):
            yield str(name), path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)):
            yield f"{path.name} {number}", block


PROJECT = dict(_texts_of_the_project())


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("name", PROJECT)
def test_every_yaml_of_the_project_is_read_as_before(name: str) -> None:
    """Data and lines are the same, in every file and in every example of the documentation."""
    now = _now(PROJECT[name])
    assert now == _with_unknown_lines_filled(_before(PROJECT[name]), now)
    assert isinstance(now, list)


# What both readers make the same of, word for word.
CORPUS: dict[str, str] = {
    "booleans": "a: [true, True, TRUE, false, False, FALSE]\n",
    "words that YAML 1.1 took for booleans": "a: [yes, Yes, no, NO, on, On, off, OFF, y, n, tRUE]\n",
    "nulls": "a: [~, null, Null, NULL, '', nULL]\nb:\nc: ''\n",
    "whole numbers": "a: [0, 12, +12, -12, 0x1F, -0x1f, 0o17, 089, 0777, 000123456789]\n",
    "numbers beyond the core schema": "a: [1_000, 0b101, 0xf_f, 1_000.5, -0b11]\n",
    "numbers with a point": "a: [1., .5, -1.5, 1e3, 1.5E-3, 6.02e+23, 1e400]\n",
    "no numbers": "a: [.inf, -.INF, +.Inf, .nan, .NaN, 1e, 0x, 0b, -, +, ., .., 1.2.3, 12-3, 0o8]\n",
    "what YAML 1.1 took for numbers of base 60": "a: [12:30, 190:20:30, 1:0.5]\n",
    "dates": "a: 2012-10-17\nb: '2012-10-17'\nc: 2012-10-17 \n",
    "quoted scalars": "a: 'it''s'\nb: \"\\u263a \\x41 \\/ \\t \\\\ \\\"\"\nc: '1'\nd: \"true\"\n",
    "scalars on several lines": "a: x\n  y\n\n  z\nb: 'x\n  y'\nc: \"x \\\n   y\"\nd: 1\n",
    "block scalars": "a: |\n  x\n   y\n\nb: >-\n  p\n  q\n\n  r\nc: |+\n  z\n\nd: |2\n   two\n",
    "block scalars of nothing": "a: >+\n\nb: |-\n  # text\nc: |\nd: 1\n",
    "comments": "# first\na: x # c\n# d\n\nb:\n\n  - 1\n\n  # e\n  - 2 #f\nc: 1# none\n",
    "flow style": "{a: [1, {b: c}, [d, ]], 'e': \"f\", g: }\n",
    "flow style on several lines": "a: {b: 1,\n  c: [2,\n    3]}\nd: 4\n",
    "pairs in a flow list": "a: [b: c, d]\n",
    "JSON": '{"a": {"b": [1, 2.5, true, null, "\\u00e9"]},"c":"d"}',
    "JSON with tabs": '{\n\t"a": 1,\n\t"b": [\n\t\t2\n\t]\n}\n',
    "colons in flow scalars": "{a: b:c, d: http://x.y/z?a=b#c, e: 'f'}\n",
    "a question mark in flow scalars": "a: [x?, ?x, x? y, https://x.y/?destination=/ccp-v2]\n",
    "no space after a colon": "{a:1}\n",
    "lists of mappings": "a:\n- b\n- c:\n  d: e\n-\n  f: g\n-\n- - h\n  - i\n",
    "mappings of lists": "a:\n  b:\n    - c: 1\n      d: 2\n    - e: {f: 3}\n  g: []\n",
    "keys with question marks": "? a\n? b\n: c\nd: e\n",
    "quoted keys": "\"a\": 1\n'b c': 2\n\"d: e\": 3\n'123456789012': 4\n",
    "anchors and aliases": "a: &x [1, {q: 2}]\nb: *x\nc: [*x, *x, 3]\nd: &y text\ne: *y\n",
    "an anchor on the next line": "a: &x\n  b: c\nd: *x\n",
    "an anchor given again": "a: &x 1\nb: &x 2\nc: *x\n",
    "a merged mapping": "a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3, e: 4}\nf:\n  g: 5\n  <<: *x\n",
    "merged mappings": "a: &x {b: 1}\ny: &y {b: 2, z: {q: 3}}\nd:\n  e: 4\n  <<: [*x, *y]\n  f: 5\n",
    "a merged mapping with a merge": "a: &x {b: 1}\nc: &y {<<: *x, d: 2}\ne: {<<: *y, f: 3}\n",
    "a merge written out": "a: {<<: {b: 1}, c: 2}\n",
    "a merge key in quotes": "a: &x {b: 1}\nc: {'<<': *x}\n",
    "several documents": "a: b\n---\nc: d\n...\n---\ne\n--- |\n f\n",
    "no document": "",
    "an empty document": "---\n",
    "a comment alone": "# nothing\n",
    "a directive": "%YAML 1.2\n---\na: on\n",
    "an unknown directive": "%FOO bar\n---\na: on\n",
    "tags of the core schema": "a: !!int '3'\nb: !!float 1\nc: !!bool 'true'\nd: !!null ''\n",
    "tags of collections": "a: !!map {b: 1}\nc: !!seq [1]\n",
    "Unicode": '名前: 佐藤\né: "ü"\nemoji: 😀\nspace: a\u3000b\n',
    "a byte order mark": "\ufeffa: 1\nb: 2\n",
    "a byte order mark inside": "a: \ufeffb\nc: 'x\ufeff'\n",
    "lines that end in CRLF": "a: 1\r\nb:\r\n  - 2\r\n  - 3\r\nc: |\r\n  x\r\n  y\r\n",
    "lines that end in CR": "a: 1\rb: 2\r",
    "characters that ended lines in YAML 1.1": "a: x\u2028y\nb: 'x\u2029y'\nd: 1\n",
    "no line end at the end": "a: 1\nb: x",
    "a key given twice": "a: 1\na: 2\n",
    "a key given twice, once in quotes": "a: 1\nb: {c: 1, 'c': 2}\n",
    "a key given twice, in the second document": "a: 1\n---\nb: 1\n\nb: 2\n",
    "a number given twice as a key": "1: a\n1: b\n",
    "a merge given twice": "a: &x {b: 1}\nd:\n  <<: *x\n  <<: *x\n",
    "a key given twice, and no YAML below": "a: 1\na: 2\nb: [\n",
    "a key given twice inside a key that is not text": "5: {a: 1, a: 2}\n",
    "a key that is not text, and one given twice in the next document": "5: 1\n---\na: 1\na: 2\n",
    "an account id without quotes": "aws:\n  123456789012: {}\n",
    "an account id with a zero at its start": "aws:\n  012345678901: {}\n",
    "keys that are not text": "a:\n  - true: x\n    5: y\n",
    "a null as a key": "a: {~: x}\n",
    "a merge of text": "d: {<<: x, e: 2}\n",
    "a merge of a list of numbers": "d: {<<: [1], e: 2}\n",
    "an alias of nothing": "a: 1\nb: *x\n",
    "two values for a key": "a: b: c\n",
    "a value in the wrong column": "a: b\n  c: d\n",
    "an item in the wrong column": "a:\n  - b\n - c\n",
    "an item behind a key": "a: - b\n",
    "a flow list without an end": "a: [1, 2\n",
    "a flow list with a mapping in it": "a: [1, 2\nb: 3\n",
    "a flow mapping without an end": "a: {b: c\n",
    "a bracket too many": "a: ]\n",
    "a tab as indentation": "a:\n\tb: 1\n",
    "quotes without an end": 'a: 1\nb: "x\n',
    "text behind quotes": 'a: "b" c\n',
    "an unknown escape": 'a: "\\q"\n',
    "characters that begin nothing": "a: `x\n",
    "an at sign": "a: @x\n",
    "a percent sign": "a: %x\n",
    "an anchor without a name": "a: &\n",
    "a key without a colon": "a\nb: c\n",
    "a block scalar that is not indented": "a: >\nx\n",
}


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("name", CORPUS)
def test_data_lines_and_refusals_are_those_of_before(name: str) -> None:
    """Also keys given twice, account ids without quotes, and the places of mistakes."""
    now = _now(CORPUS[name])
    assert now == _with_unknown_lines_filled(_before(CORPUS[name]), now)


_TAGGED = "a value without a tag"

# (text, data as JSON or a refusal now, data or refusal before)
DIFFERENT: dict[str, tuple[str, str | tuple[int, str], str | tuple[int, str]]] = {
    "a time keeps its zone": (
        "a: 2026-01-15T09:00:00Z",
        '{"a": "2026-01-15T09:00:00Z"}',
        '{"a": "2026-01-15T09:00:00+00:00"}',
    ),
    "a time keeps its form": ("a: 2026-01-15 09:00:00", '{"a": "2026-01-15 09:00:00"}', '{"a": "2026-01-15T09:00:00"}'),
    "what only looks like a date is text": (
        "a: 2026-13-45",
        '{"a": "2026-13-45"}',
        (0, "this is not YAML: month must be in 1..12"),
    ),
    "a date is text, also as a key": ("2012-10-17: x", '{"2012-10-17": "x"}', (1, "the key 2012-10-17 is not text")),
    "a fraction without a sign in its exponent": ("a: .5e3", '{"a": 500.0}', '{"a": ".5e3"}'),
    "tabs between tokens and words": (
        "a:\tb\tc",
        '{"a": "b\\tc"}',
        (1, "this is not YAML: found character '\\t' that cannot start any token"),
    ),
    "a list as a key": ("? [a, b]\n: c", (1, "the key ['a', 'b'] is not text"), (1, "the key ('a', 'b') is not text")),
    "a number that Python does not read": (
        "a: 1\nb: " + "9" * 5000,
        (2, "the number 99999999999999999999… has 5000 digits"),
        (
            0,
            "this is not YAML: Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits; "
            "use sys.set_int_max_str_digits() to increase the limit",
        ),
    ),
    "a control character has a line": (
        "a: 1\nb: \x01",
        (2, "this is not YAML: unacceptable character #x0001: special characters are not allowed"),
        (
            0,
            "this is not YAML: unacceptable character #x0001: special characters are not allowed\n"
            '  in "<unicode string>", position 8',
        ),
    ),
    "an alias of what it is in": (
        "a: &a\n  b: [*a]",
        (2, "the alias *a is inside what it refers to"),
        '{"a": {"b": [null]}}',
    ),
    "a tag of one's own": ("a: !x {b: 1}", (1, "the tag !x cannot be given to a mapping"), '{"a": {"b": 1}}'),
    "a tag of Python's": (
        "a: !!python/tuple [1]",
        (1, "the tag !!python/tuple cannot be given to a list"),
        '{"a": [1]}',
    ),
    "a tag that does not fit": (
        "a: !!int x",
        (1, "the tag !!int cannot be given to 'x'"),
        (0, "this is not YAML: invalid literal for int() with base 10: 'x'"),
    ),
    "a boolean of YAML 1.1 with a tag": (
        "a: !!bool yes",
        (1, "the tag !!bool cannot be given to 'yes'"),
        '{"a": true}',
    ),
    "a text that is YAML 1.1": (
        "%YAML 1.1\n---\na: on",
        (1, "the text says that it is YAML 1.1"),
        '{"a": true}',
    ),
    "a block scalar with a character that ended lines in YAML 1.1": (
        "a: |\n  x\u2028y\nb: 1",
        '{"a": "x\\u2028y\\n", "b": 1}',
        (2, "this is not YAML: expected <block end>, but found '<scalar>'"),
    ),
    "a block scalar as a whole document, without indentation": (
        "|\nx",
        (2, "this is not YAML: expected '<document start>', but found '<scalar>'"),
        '"x"',
    ),
    "a character that was folded like a line end": ("a: 'x\x85y'", '{"a": "x\\u0085y"}', '{"a": "x y"}'),
    "words without ruamel.yaml's brackets": (
        " a: 1\nb: 2",
        (2, "this is not YAML: expected '<document start>', but found '<block mapping start>'"),
        (2, "this is not YAML: expected '<document start>', but found ('<block mapping start>',)"),
    ),
}


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("name", DIFFERENT)
def test_what_is_read_otherwise_than_before(name: str) -> None:
    """Each difference is one on purpose: YAML 1.2's core schema, a refusal, or a line that was not known."""
    text, expected_now, expected_before = DIFFERENT[name]
    now, before = _now(text), _before(text)
    assert (now if isinstance(now, tuple) else now[0][0]) == expected_now
    assert (before if isinstance(before, tuple) else before[0][0]) == expected_before


def test_what_ruamel_could_not_make_plain() -> None:
    """An equals sign, two angle brackets and a tag for text gave values of ruamel.yaml's own; they are text."""
    assert [data for data, _ in read_yaml("[=, <<, !!str 12]")] == [["=", "<<", "12"]]


def test_a_merged_key_has_the_line_that_it_was_written_in() -> None:
    """A mistake in a merged value is shown where it can be corrected."""
    ((_, lines),) = read_yaml("base: &base\n  colour: red\nrole:\n  <<: *base\n  size: 1\n")
    assert lines.nearest(("role", "colour")) == 2
    assert lines.nearest(("role", "colour", "deeper")) == 2
    assert (("role", "colour") in lines, ("role", "shape") in lines) == (True, False)
    assert lines.nearest(("other",)) == 0


def test_short_forms_stand_for_values_of_any_kind() -> None:
    """Also as what is merged, where they have no lines of their own."""

    def long_form(tag: str, value: Any) -> Any:
        return {tag: value}

    text = "a: !Sub x\nb: !If [c, !Ref d]\ne: {<<: !Ref f, g: 1}\nh: {<<: [!Ref i]}\n0123: !X {no: 1}\n"
    ((data, lines),) = read_yaml(text, short_forms=long_form)
    assert data == {
        "a": {"Sub": "x"},
        "b": {"If": ["c", {"Ref": "d"}]},
        "e": {"g": 1, "Ref": "f"},
        "h": {"Ref": "i"},
        "0123": {"X": {"no": 1}},
    }
    assert lines.nearest(("h", "Ref")) == 4


def test_an_anchor_of_a_merge_key_is_an_anchor_of_its_text() -> None:
    """Nothing of the reader's own gets into the data."""
    assert read_yaml("&x <<: {a: 1}\nb: *x\n")[0][0] == {"b": "<<", "a": 1}


def test_a_place_that_an_alias_refers_to_can_be_changed_alone() -> None:
    """Every alias represents data of its own."""
    (((first, second), _),) = read_yaml("[&x {a: [1]}, *x]")
    second["a"].append(2)
    assert first == {"a": [1]}


TOKENS = [
    *("a", "b", "k: ", "x: 1", "- ", "-", "? ", "?", ": ", ":", "[", "]", "{", "}", ", ", "#", " # c", "&a ", "*a "),
    *("!t ", "!!str ", "|\n", ">-\n", "'", '"', "'q'", '"d"', "\n", "\n  ", "\n    ", "\n- ", "\nk2: ", " ", "\t"),
    *("---\n", "...\n", "~", "<<: ", "http://x.y/z?a=b", "a:b", "%", "@", "\\", "\\\n", "é", "\u2028", "\x01"),
]


@given(st.lists(st.sampled_from(TOKENS), max_size=12).map("".join))
def test_without_libyaml_the_same_is_read_and_refused(text: str) -> None:
    """Whatever the text, data, lines, and the line and words of a refusal are the same."""
    with_libyaml = _now(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(yaml, "CSafeLoader")
        assert _now(text) == with_libyaml


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=9), inside, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=9), _VALUES, max_size=4), st.booleans())
def test_json_is_read_as_what_it_is(data: dict[str, Any], indented: bool) -> None:
    """Every JSON text is YAML."""
    text = json.dumps(data, ensure_ascii=False, indent="\t" if indented else None)
    printable = not re.search(r"[\x7f\x80-\x84\x86-\x9f\ufffe\uffff\ufdd0-\ufdd2]", text)
    if printable:
        assert read_yaml(text)[0][0] == data


def _bomb() -> str:
    lines = [f"a0: &a0 [{', '.join(['x'] * 10)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(lines)


_DEEP = f"there are more than {MAX_DEPTH} lists and mappings inside one another"
_LONG = f"it holds more than {MAX_LINES_AND_COMMAS:,} lines and commas"
_COPIES = f"with what its aliases refer to it holds more than {MAX_VALUES:,} values"
BOUNDS = {
    "aliases of aliases": (_bomb(), 6, _COPIES),
    "many merges": (
        f"a: &a {{{', '.join(f'k{n}: 1' for n in range(1000))}}}\nb:\n" + "  - {<<: *a}\n" * 2000,
        200,
        _COPIES,
    ),
    "brackets without end": ("a: " + "[" * 1_000_000, 1, _DEEP),
    "braces without end": ("{a: " * 500_000, 1, _DEEP),
    "indentation without end": ("".join(" " * level + "a:\n" for level in range(2000)), MAX_DEPTH + 1, _DEEP),
    "items without end": ("- " * 500_000 + "x", 1, _DEEP),
    "keys without end": ("? " * 500_000 + "x", 1, _DEEP),
    "keys without number": ("".join(f"k{n}: 1\n" for n in range(300_000)), 0, _LONG),
    "items without number": (f"a: [{'x,' * 120_001}]", 0, _LONG),
    "digits without end": (f"a: 1\nb: 0x{'f' * 100_000}", 2, "the number 0xffffffffffffffffff… has 100002 digits"),
    "half a character": ('a: 1\nb: "\\ud83d"', 2, "half of a surrogate pair is not a character"),
    "a chain of aliases": ("a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 2000)), 200, _DEEP),
}


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("name", BOUNDS)
def test_a_text_that_would_take_all_memory_is_refused(name: str) -> None:
    """Exponential aliases and endless nesting end in a message with its line."""
    text, line, message = BOUNDS[name]
    with pytest.raises(WorldError) as caught:
        parse_documents(text, file="world.yaml", error=WorldError)
    assert (caught.value.location.line, caught.value.message[: len(message)]) == (line, message)


_MANY = {
    "keys": ("u:\n" + "".join(f"  k{n}: {{a: 1}}\n" for n in range(51_000)), 50_001),
    "items in brackets": ("a: [" + "[[[x]]],\n" * 60_000 + "]", 50_000),
}


@pytest.mark.parametrize("name", _MANY)
def test_the_values_of_a_text_are_counted_while_it_is_read(name: str) -> None:
    """The reader ends at the line of the first value that is too many."""
    text, line = _MANY[name]
    with pytest.raises(UnreadableYaml) as caught:
        read_yaml(text)
    assert (caught.value.line, caught.value.message) == (line, "it holds more than 200,000 keys and values")
    assert caught.value.expected == "a smaller file"


@pytest.mark.parametrize(("document", "line"), [("---\na: 1\n", 10_001), ("--- {}\n", 5_001)])
def test_the_documents_of_a_text_are_counted_while_it_is_read(document: str, line: int) -> None:
    """The reader ends at the first document that is too many; as many as are allowed are read."""
    assert len(read_yaml(document * MAX_DOCUMENTS)) == MAX_DOCUMENTS == 5_000
    with pytest.raises(UnreadableYaml) as caught:
        read_yaml(document * (MAX_DOCUMENTS + 1))
    assert (caught.value.line, caught.value.message) == (line, "it holds more than 5,000 documents")


def test_a_large_text_is_read_once() -> None:
    """What libyaml finds wrong with it is not left to the parser that would take a minute for it."""
    with pytest.raises(UnreadableYaml) as caught:
        read_yaml("k: value\n" * 50_000 + "c: @\n")
    assert caught.value.line == 50_001
    assert caught.value.message.startswith(f"{NOT_YAML}found character that cannot start any token")


def test_two_hundred_levels_are_read() -> None:
    """The bound is far beyond what a world needs."""
    assert read_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH)
