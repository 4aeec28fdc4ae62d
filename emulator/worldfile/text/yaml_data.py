"""Plain data from a YAML parser's events, with the line of every key and list item.

In addition to YAML 1.2's core schema, a mapping may merge another's keys with ``<<``. What a person cannot have meant
is refused: a key that is given twice or is not text, an unknown tag, endless aliases of aliases.

Spec: YAML 1.2.2 §10.3 "Core Schema"; "Merge Key Language-Independent Type for YAML"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Any

from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_scalars import CORE_TAGS, TYPES_OF_TAGS, plain_scalar

NOT_YAML = "this is not YAML: "
MAX_DEPTH = 200
# A world of ten thousand people has half as many.
MAX_VALUES = 200_000
MAX_DOCUMENTS = 5_000

_HALF_OF_A_PAIR = re.compile("[\ud800-\udfff]")
_ACCOUNT_ID_WITH_ZERO = re.compile(r"0\d{11}", re.ASCII)
Key = tuple[str | int, ...]
ShortForms = Callable[[str, Any], Any]


def value_at(data: Any, key: Key) -> tuple[Any, int]:
    """Returns the value at a key or at its nearest parent, and how many parts of the key lead to it."""
    for depth, part in enumerate(key):
        in_mapping = isinstance(data, dict) and part in data
        if not in_mapping and not (isinstance(data, list) and isinstance(part, int) and part < len(data)):
            return data, depth
        data = data[part]
    return data, len(key)


class UnreadableYaml(FederationError):
    """A text is not YAML, or uses YAML in an unsupported way.

    ``line`` counts from 1; 0 means the text as a whole.
    """

    def __init__(self, message: str, *, line: int = 0, key: Key = (), expected: str = "a YAML document") -> None:
        super().__init__(message, expected=expected)
        self.line = line
        self.key = key


@dataclass(slots=True)
class Lines:
    """The lines of a mapping's keys or of a list's items, and the lines inside them."""

    own: dict[str | int, int] = field(default_factory=dict)
    inside: dict[str | int, Lines] = field(default_factory=dict)

    def nearest(self, key: Key) -> int:
        """Returns the line of ``key``, or of its nearest parent that is in the text; 0 where there is none."""
        lines = list(self._along(key))
        return lines[-1] if lines else 0

    def __contains__(self, key: Key) -> bool:
        return len(list(self._along(key))) == len(key)

    def _along(self, key: Key) -> Iterator[int]:
        """Yields the line of each part of ``key``, as far as it exists."""
        here: Lines | None = self
        for part in key:
            if here is None or part not in here.own:
                return
            yield here.own[part]
            here = here.inside.get(part)


_NO_KEY = object()
_MERGE = object()


@dataclass(slots=True)
class _Open:
    """An unfinished list or mapping; for a mapping also the key whose value comes next."""

    data: Any
    line: int
    anchor: str | None = None
    tag: str | None = None
    lines: Lines = field(default_factory=Lines)
    key: Any = _NO_KEY
    key_line: int = 0
    merged: list[tuple[Any, Lines]] | None = None


class DataBuilder:
    """Makes the data of a text's documents from the parser's events.

    Syntax errors take precedence: an error in a document's content is raised at its end, and a key that is not text at
    the end of the last document.

    Args:
        short_forms: As in ``read_yaml``.
        zeros_of_ids: As in ``read_yaml``.
    """

    def __init__(self, short_forms: ShortForms | None = None, *, zeros_of_ids: bool = False) -> None:
        self._short_forms = short_forms
        self._zeros_of_ids = zeros_of_ids
        self._documents: list[tuple[Any, Lines]] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, Lines | None, int] | None] = {}
        self._values = 0
        self._mistake: UnreadableYaml | None = None
        self._mistaken_key: UnreadableYaml | None = None

    def take(self, event: Any) -> None:
        """Takes the next event.

        Raises:
            UnreadableYaml: the text cannot be read.
        """
        kind = type(event)
        if kind is ScalarEvent:
            self._scalar(event)
        elif kind is MappingStartEvent:
            self._begin({}, event)
        elif kind is SequenceStartEvent:
            self._begin([], event)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            self._end()
        elif kind is AliasEvent:
            self._alias(event)
        elif kind is DocumentStartEvent:
            self._begin_document(event)
        elif kind is DocumentEndEvent:
            self._end_document()

    def documents(self) -> list[tuple[Any, Lines]]:
        """Returns the documents, after the last event.

        Raises:
            UnreadableYaml: a key is not text.
        """
        if self._mistaken_key is not None:
            raise self._mistaken_key
        return self._documents

    def _begin_document(self, event: Any) -> None:
        if len(self._documents) == MAX_DOCUMENTS:
            message = f"it holds more than {MAX_DOCUMENTS:,} documents"
            raise UnreadableYaml(message, line=event.start_mark.line + 1, expected="a smaller file")
        if event.version not in {None, (1, 2)}:
            version = ".".join(map(str, event.version))
            message = f"the text says that it is YAML {version}"
            raise UnreadableYaml(message, line=event.start_mark.line + 1, expected="YAML 1.2")
        self._anchors = {}
        self._open = [_Open([], 1)]

    def _end_document(self) -> None:
        if self._mistake is not None:
            raise self._mistake
        (root,) = self._open
        self._documents.append((root.data[0], root.lines.inside.get(0) or Lines()))

    def _scalar(self, event: Any) -> None:
        line = event.start_mark.line + 1
        around = self._open[-1]
        is_key = around.key is _NO_KEY and type(around.data) is dict
        value, tag = event.value, event.tag
        if not value.isascii() and _HALF_OF_A_PAIR.search(value):
            self._note("half of a surrogate pair is not a character", line, "the whole character, or its \\U form")
        if tag is not None and tag != "!":
            value = self._tagged(tag, value, line)
        elif event.implicit[0]:
            if is_key and value == "<<":
                value = _MERGE
            elif not is_key or self._short_forms is None:
                value = self._plain(value, line)
        if event.anchor is not None:
            self._anchors[event.anchor] = (event.value if value is _MERGE else value, None, line)
        self._place(value, None, line)

    def _plain(self, text: str, line: int) -> Any:
        # YAML 1.1, by which AWS reads templates, sees no octal number where there is an 8 or 9, as in an account id.
        if self._zeros_of_ids and _ACCOUNT_ID_WITH_ZERO.fullmatch(text):
            return text
        try:
            return plain_scalar(text)
        except ValueError:
            self._note(f"the number {text[:20]}… has {len(text)} digits", line, "a shorter number, or text in quotes")

    def _tagged(self, tag: str, given: Any, line: int) -> Any:
        """Returns the value of a tag: one of the core schema's types, or a short form."""
        wanted = TYPES_OF_TAGS.get(tag)
        if wanted is None and self._short_forms is not None and tag.startswith("!"):
            return self._short_forms(tag[1:], given)
        value = self._plain(given, line) if isinstance(given, str) and wanted is not str else given
        if wanted is float and type(value) is int:
            value = float(value)
        if type(value) is not wanted:
            shown = f"!!{tag.removeprefix(CORE_TAGS)}" if tag.startswith(CORE_TAGS) else tag
            what = "a mapping" if type(given) is dict else "a list" if type(given) is list else repr(given)[:60]
            self._note(f"the tag {shown[:60]} cannot be given to {what}", line, "a value without a tag")
        return value

    def _begin(self, data: Any, event: Any) -> None:
        line = event.start_mark.line + 1
        if len(self._open) > MAX_DEPTH:
            raise _too_deep(line)
        if event.anchor is not None:
            self._anchors[event.anchor] = None  # nothing can refer to it before its end
        self._open.append(_Open(data, line, event.anchor, event.tag))

    def _end(self) -> None:
        done = self._open.pop()
        value, lines = done.data, done.lines
        for data, data_lines in done.merged or ():
            for key in (key for key in data if key not in value):
                value[key] = data[key]
                lines.own[key] = data_lines.own.get(key, done.line)
                if key in data_lines.inside:
                    lines.inside[key] = data_lines.inside[key]
        if done.tag is not None and done.tag != "!":
            inside, value = value, self._tagged(done.tag, value, done.line)
            if type(value) is dict and len(value) == 1 and value is not inside:  # a short form became a long one
                lines = Lines(dict.fromkeys(value, done.line), dict.fromkeys(value, lines))
        if done.anchor is not None:
            self._anchors[done.anchor] = (value, lines, done.line)
        self._place(value, lines, done.line)

    def _alias(self, event: Any) -> None:
        name, line = event.anchor, event.start_mark.line + 1
        if name not in self._anchors:
            raise UnreadableYaml(f"{NOT_YAML}found undefined alias {name!r}", line=line)
        anchored = self._anchors[name]
        if anchored is None:
            message = f"the alias *{name} is inside what it refers to"
            raise UnreadableYaml(message, line=line, expected="an alias of something that ends before it")
        value, lines, line_of_anchor = anchored
        self._place(self._copy(value, len(self._open), line), lines, line_of_anchor)

    def _copy(self, value: Any, depth: int, line: int) -> Any:
        """Copies what an alias refers to, so that changing one place does not change the other."""
        if type(value) is not dict and type(value) is not list:
            return value
        self._values += 1 + len(value)
        if self._values > MAX_VALUES:
            message = f"with what its aliases refer to it holds more than {MAX_VALUES:,} values"
            raise UnreadableYaml(message, line=line, expected="fewer aliases of aliases")
        if depth > MAX_DEPTH:
            raise _too_deep(line)
        if type(value) is dict:
            return {key: self._copy(item, depth + 1, line) for key, item in value.items()}
        return [self._copy(item, depth + 1, line) for item in value]

    def _place(self, value: Any, lines: Lines | None, line: int) -> None:
        """Puts a complete value into the list or mapping around it: as an item, as a key, or as the value of its
        key."""
        self._values += 1
        if self._values > MAX_VALUES:
            message = f"it holds more than {MAX_VALUES:,} keys and values"
            raise UnreadableYaml(message, line=line, expected="a smaller file")
        around = self._open[-1]
        data = around.data
        if type(data) is list:
            key: Any = len(data)
            around.lines.own[key] = line
            data.append(value)
        elif around.key is _NO_KEY:
            around.key, around.key_line = (value if type(value) is str else self._key(value, line)), line
            return
        else:
            key, around.key = around.key, _NO_KEY
            if key is _MERGE:
                self._merge(around, value, lines or Lines(), line)
                return
            if key in data:
                self._note(f'found duplicate key "{key}": the first value would be lost', around.key_line, _ONCE)
            around.lines.own[key] = around.key_line
            data[key] = value
        if lines is not None:
            around.lines.inside[key] = lines

    def _key(self, value: Any, line: int) -> Any:
        if value is _MERGE:
            return value
        shown = str(value)[:180]
        if self._mistaken_key is None:
            path = [len(each.data) if type(each.data) is list else each.key for each in self._open[1:-1]]
            parents = ("<<" if part is _MERGE else part for part in path if part is not _NO_KEY)
            expected = "text in quotes: YAML numbers lose their leading zeros"
            message = f"the key {shown} is not text"
            self._mistaken_key = UnreadableYaml(message, line=line, key=(*parents, shown), expected=expected)
        return shown if isinstance(value, (dict, list)) else value

    def _merge(self, around: _Open, value: Any, lines: Lines, line: int) -> None:
        if around.merged is not None:
            self._note('found duplicate merge key "<<": the first value would be lost', around.key_line, _ONCE)
        around.merged = []
        several = isinstance(value, list)
        for index, each in enumerate(value if several else [value]):
            if isinstance(each, dict):
                around.merged.append((each, lines.inside.get(index, Lines()) if several else lines))
                continue
            wanted = "a mapping" if several else "a mapping or list of mappings"
            found = "sequence" if isinstance(each, list) else "scalar"
            place = lines.own[index] if several else line
            self._note(f"{NOT_YAML}expected {wanted} for merging, but found {found}", place, "a YAML document")

    def _note(self, message: str, line: int, expected: str) -> None:
        self._mistake = self._mistake or UnreadableYaml(message, line=line, expected=expected)


_ONCE = "each key once"


def _too_deep(line: int) -> UnreadableYaml:
    message = f"there are more than {MAX_DEPTH} lists and mappings inside one another"
    return UnreadableYaml(message, line=line, expected="fewer levels")
