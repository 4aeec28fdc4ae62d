"""The rows of a CSV or JSON file, each of which is a scenario: values by column, and the line of each row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from emulator.access.remarks import counted
from emulator.kernel.errors import Location, Problem, ScenarioError
from emulator.kernel.records import dataclass
from emulator.worldfile.text.json_lines import JsonLines
from emulator.worldfile.text.json_text import UnreadableJson, json_of
from emulator.worldfile.text.read_files import UnreadableFile, bytes_of
from emulator.worldfile.text.yaml_file import MAX_FILE_BYTES, shown_path

MOST_ROWS: Final = 10_000
_LONGEST_NAME: Final = 60
_MOST_COLUMNS_OF_NAME: Final = 20
_NOT_IN_NAMES: Final = re.compile(r"[^\w.@+-]+")
_COLUMN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_DELIMITERS: Final = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Args:
        values: Values by column.
        location: Line of the row.
        name: What distinguishes it from the others, for ids.
    """

    values: Mapping[str, Any]
    location: Location
    name: str


def read_rows(path: Path) -> list[Row]:
    """Reads a table: CSV with the columns' names in its first line, or JSON with a list of objects.

    In CSV all values are texts, separated by commas, semicolons or tabs, whichever the first line uses.

    Raises:
        ScenarioError: it cannot be read, has no rows or too many, or a row with other columns.
    """
    name = shown_path(path)
    if path.suffix.lower() not in {".csv", ".json"}:
        raise _wrong(name, 0, f"{path.name} is neither CSV nor JSON by its name", "a file such as people.csv")
    text = _text(path, name)
    if not text.strip():
        raise _wrong(name, 0, "the file is empty", "a line with the names of the columns, and a line for each row")
    found = _from_json(text, name) if path.suffix.lower() == ".json" else _from_csv(text, name)
    rows = list(islice(found, MOST_ROWS + 1))
    if not rows:
        raise _wrong(name, 1, "the file has no rows", "a line for each row below the names of the columns")
    if len(rows) > MOST_ROWS:
        message = f"the file has more than {MOST_ROWS:,} rows"
        raise ScenarioError([Problem(rows[MOST_ROWS].location, message, "fewer rows, or several files")])
    return _named(rows)


def slug(text: str) -> str:
    """Returns a text as part of an id: words with hyphens between them, shortened at a word if it is long."""
    words = _NOT_IN_NAMES.sub("-", re.sub("['\N{RIGHT SINGLE QUOTATION MARK}]", "", text.casefold())).strip("-.")
    return words if len(words) <= _LONGEST_NAME else words[:_LONGEST_NAME].rpartition("-")[0] or words[:_LONGEST_NAME]


def _text(path: Path, name: str) -> str:
    try:
        content = bytes_of(path, limit=MAX_FILE_BYTES)
    except UnreadableFile as error:
        raise ScenarioError([Problem(Location(name), error.message, error.expected, fix=error.fix)]) from None
    try:
        return content.decode("utf-8-sig")  # Excel writes a byte order mark
    except UnicodeDecodeError:
        fix = "In Excel, save it as CSV UTF-8."
        raise ScenarioError([Problem(Location(name), "the file is not UTF-8 text", "UTF-8", fix=fix)]) from None


def _from_csv(text: str, name: str) -> Iterator[Row]:
    header_line = next(line for line in text.splitlines() if line.strip())
    delimiter = max(_DELIMITERS, key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    after = 0
    try:
        for cells in reader:
            line, after = after + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns([cell.strip() for cell in cells], name, line)
            elif len(cells) != len(columns):
                message = f"this row has {counted(len(cells), 'value')} for {counted(len(columns), 'column')}"
                raise _wrong(name, line, message, ", ".join(columns))
            else:
                yield Row(dict(zip(columns, cells, strict=True)), Location(name, line), "")
    except csv.Error as error:
        raise _wrong(name, after + 1, f"this is not CSV: {error}", "a quotation mark at both ends, or none") from None


def _columns(names: Sequence[str], file: str, line: int) -> list[str]:
    seen: set[str] = set()
    for number, column in enumerate(names, 1):
        if not column:
            raise _wrong(file, line, f"column {number} has no name", "a name for each column")
        if not _COLUMN.fullmatch(column):
            expected = "letters, digits and underscores, so that {name} stands for it"
            raise _wrong(file, line, f"{column[:60]!r} is not a column's name", expected)
        if column in seen:
            raise _wrong(file, line, f"two columns are called {column}", "a name of its own for each")
        seen.add(column)
    return list(names)


def _from_json(text: str, name: str) -> Iterator[Row]:
    try:
        data = json_of(text)
    except UnreadableJson as error:
        raise _wrong(name, error.line, error.message, "a list of objects") from None
    if not isinstance(data, list):
        raise _wrong(name, 1, "this is not a list", 'a list of objects, such as [{"user": "hanako@example.com"}]')
    lines = JsonLines(text)
    columns: list[str] = []
    for index, each in enumerate(data):
        line = lines.nearest((index,))
        if not isinstance(each, dict):
            raise _wrong(name, line, "this row is not an object", 'an object, such as {"user": "hanako@example.com"}')
        columns = columns or _columns(list(each), name, line)
        if set(each) != set(columns):
            other = sorted(set(each) ^ set(columns))
            message = f"this row does not have the columns of the first: {', '.join(other)}"
            raise _wrong(name, line, message, ", ".join(columns))
        yield Row(each, Location(name, line), "")


def _named(rows: Sequence[Row]) -> list[Row]:
    """Returns rows with their names: the column ``id``, or as many of the first columns as distinguish them."""
    columns = list(rows[0].values)
    by = ["id"] if "id" in columns else columns
    names: list[str] = []
    for count in range(1, min(len(by), _MOST_COLUMNS_OF_NAME) + 1):
        names = [slug("-".join(str(row.values[column]) for column in by[:count])) for row in rows]
        if len(set(names)) == len(rows) and all(names):
            return [Row(row.values, row.location, name) for row, name in zip(rows, names, strict=True)]
    first: dict[str, Row] = {}
    for row, name in zip(rows, names, strict=True):
        if not name:
            raise ScenarioError([Problem(row.location, "this row has nothing that it could be called by", by[0])])
        if name in first:
            told = f"this row is called {name}, as that of line {first[name].location.line} is"
            expected = "another id" if by == ["id"] else "another value, or a column id"
            raise ScenarioError([Problem(row.location, told, expected)])
        first[name] = row
    raise AssertionError(names)  # some name is missing or given twice


def _wrong(file: str, line: int, message: str, expected: str = "") -> ScenarioError:
    return ScenarioError([Problem(Location(file, line), message, expected)])
