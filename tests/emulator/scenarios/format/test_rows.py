"""Scenarios that are multiplied by the rows of a CSV or JSON file."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.scenarios.format.rows import MOST_ROWS
from emulator.scenarios.scenario_file import Scenario, read_scenarios
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP
from tests.emulator.scenarios.files import problems_of, write

TEXT = f"""\
scenario: The login of {{user}}
id: PEOPLE
world: {DEFAULT_WORLD}
rows: people.csv
login: {{user: "{{user}}", app: {APP}, role: "{{role}}"}}
expect: {{role: "arn:aws:iam::123456789012:role/{{role}}"}}
"""
CSV = "user,role\nhanako@example.com,ConnectAgent\ntaro@example.com,ConnectSupervisor\n"


def _read(folder: Path, rows: str | bytes, *, text: str = TEXT, name: str = "people.csv") -> list[Scenario]:
    (folder / name).write_bytes(rows if isinstance(rows, bytes) else rows.encode())
    return list(read_scenarios(write(folder, text.replace("people.csv", name))))


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("people.csv", CSV),
        ("people.csv", b"\xef\xbb\xbf" + CSV.replace("\n", "\r\n").encode()),
        ("people.csv", CSV.replace(",", ";")),
        ("people.csv", CSV.replace(",", "\t")),
        ("people.csv", '"user", "role"\n\n'.replace(", ", ",") + CSV.partition("\n")[2] + ",\n"),
        (
            "people.json",
            '[{"user": "hanako@example.com", "role": "ConnectAgent"},\n'
            ' {"role": "ConnectSupervisor", "user": "taro@example.com"}]',
        ),
    ],
    ids=["commas", "Excel", "semicolons", "tabs", "quotes and blank lines", "JSON"],
)
def test_each_row_is_a_scenario(tmp_path: Path, name: str, rows: str | bytes) -> None:
    """Columns stand in texts, and the id has what tells the row from the others."""
    scenarios = _read(tmp_path, rows, name=name)
    assert [(each.id, each.title) for each in scenarios] == [
        ("PEOPLE-hanako@example.com", "The login of hanako@example.com"),
        ("PEOPLE-taro@example.com", "The login of taro@example.com"),
    ]
    assert [each.settings.expect.role for each in scenarios] == [
        "arn:aws:iam::123456789012:role/ConnectAgent",
        "arn:aws:iam::123456789012:role/ConnectSupervisor",
    ]


@pytest.mark.parametrize(
    ("rows", "ids"),
    [
        ("user,role\na@x,One\na@x,Two\n", ["PEOPLE-a@x-one", "PEOPLE-a@x-two"]),
        ("user,role,id\na@x,One,first\na@x,One,second\n", ["PEOPLE-first", "PEOPLE-second"]),
        ("user,role\n佐藤 花子,One\n", ["PEOPLE-佐藤-花子"]),
    ],
)
def test_ids_of_rows_are_readable(tmp_path: Path, rows: str, ids: list[str]) -> None:
    """The column ``id`` where there is one, else as many columns as tell the rows apart."""
    assert [each.id for each in _read(tmp_path, rows)] == ids


def test_an_id_with_a_column_is_taken_as_it_is(tmp_path: Path) -> None:
    """And a matrix numbers what it makes of each row."""
    own = _read(tmp_path, CSV, text=TEXT.replace("id: PEOPLE", 'id: "LOGIN-{role}"'))
    assert [each.id for each in own] == ["LOGIN-ConnectAgent", "LOGIN-ConnectSupervisor"]
    both = _read(tmp_path, CSV, text=TEXT + "matrix: {pause: [1m, 2m]}\ntags: ['{pause}']\n")
    assert [each.id for each in both] == [
        "PEOPLE-hanako@example.com-1",
        "PEOPLE-hanako@example.com-2",
        "PEOPLE-taro@example.com-1",
        "PEOPLE-taro@example.com-2",
    ]


def test_values_of_json_keep_their_types(tmp_path: Path) -> None:
    """A text that is nothing but the column becomes the value; of CSV digits are taken for a number where one is."""
    text = TEXT.replace('role: "{role}"', 'via: sts, duration_seconds: "{seconds}"') + "tags: ['for {seconds} s']\n"
    rows = '[{"user": "hanako@example.com", "role": "ConnectAgent", "seconds": 900}]'
    (scenario,) = _read(tmp_path, rows, text=text, name="people.json")
    assert scenario.settings.login is not None
    assert (scenario.settings.login.duration_seconds, scenario.settings.tags) == (900, ["for 900 s"])
    (of_csv,) = _read(tmp_path, "user,role,seconds\nhanako@example.com,ConnectAgent,0900\n", text=text)
    assert of_csv.settings.login is not None
    assert of_csv.settings.login.duration_seconds == 900


# (what, the file's name, its content, line, message, expected)
MISTAKES: list[tuple[str, str, str | bytes, int, str, str]] = [
    ("an empty file", "people.csv", "", 0, "the file is empty", "a line with the names of the columns, and a line for "
     "each row"),
    ("no rows", "people.csv", "user,role\n", 1, "the file has no rows", "a line for each row below the names of the "
     "columns"),
    ("an empty list", "people.json", "[]", 1, "the file has no rows", "a line for each row below the names of the "
     "columns"),
    ("a short row", "people.csv", "user,role\na,b\nc\n", 3, "this row has 1 value for 2 columns",
     "user, role"),
    ("a column twice", "people.csv", "user,role,user\na,b,c\n", 1, "two columns are called user",
     "a name of its own for each"),
    ("a column without a name", "people.csv", "user,,role\na,b,c\n", 1, "column 2 has no name",
     "a name for each column"),
    ("a name with a blank", "people.csv", "user name,role\na,b\n", 1, "'user name' is not a column's name",
     "letters, digits and underscores, so that {name} stands for it"),
    ("two rows alike", "people.csv", "user,role\na,b\na,b\n", 3, "this row is called a-b, as that of line 2 is",
     "another value, or a column id"),
    ("two ids alike", "people.csv", "id,user,role\n1,a,b\n1,c,d\n", 3, "this row is called 1, as that of line 2 is",
     "another id"),
    ("an open quotation mark", "people.csv", 'user,role\n"a,b\n', 2, "this is not CSV: unexpected end of data",
     "a quotation mark at both ends, or none"),
    ("Shift JIS", "people.csv", "user,role\n佐藤,b\n".encode("cp932"), 0, "the file is not UTF-8 text", "UTF-8"),
    ("another kind", "people.xlsx", "PK", 0, "people.xlsx is neither CSV nor JSON by its name",
     "a file such as people.csv"),
    ("no JSON", "people.json", '[{"user": 1, 2}]', 1, "this is not JSON: Expecting property name enclosed in double "
     "quotes", "a list of objects"),
    ("no list", "people.json", '{"user": "a"}', 1, "this is not a list",
     'a list of objects, such as [{"user": "hanako@example.com"}]'),
    ("no objects", "people.json", '[\n"a"\n]', 2, "this row is not an object",
     'an object, such as {"user": "hanako@example.com"}'),
    ("other columns", "people.json", '[{"user": "a", "role": "b"},\n{"user": "c", "rol": "d"}]', 2,
     "this row does not have the columns of the first: rol, role", "user, role"),
    ("a key twice", "people.json", '[{"user": "a", "user": "b"}]', 1, "the key user is given twice",
     "a list of objects"),
    ("too many rows", "people.csv", "user,role\n" + "".join(f"{n},x\n" for n in range(MOST_ROWS + 1)), MOST_ROWS + 2,
     "the file has more than 10,000 rows", "fewer rows, or several files"),
    ("what is wrong after too many rows", "people.csv", "user\n" + "a\n" * (MOST_ROWS + 1) + "b,c\n", MOST_ROWS + 2,
     "the file has more than 10,000 rows", "fewer rows, or several files"),
    ("rows that only their last column distinguishes", "people.csv",
     ",".join(f"c{n}" for n in range(21)) + "\n" + ("a," * 20 + "b\n") + ("a," * 20 + "c\n"), 3,
     "this row is called a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a-a, as that of line 2 is",
     "another value, or a column id"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "rows", "line", "message", "expected"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES]
)
def test_a_mistake_in_a_table_has_its_line(
    tmp_path: Path, name: str, rows: str | bytes, line: int, message: str, expected: str
) -> None:
    """In the table's own file."""
    (tmp_path / name).write_bytes(rows if isinstance(rows, bytes) else rows.encode())
    (problem,) = problems_of(write(tmp_path, TEXT.replace("people.csv", name)))
    assert (problem.location.file, problem.location.line) == (str(tmp_path / name), line)
    assert (problem.message, problem.expected) == (message, expected)


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The problem is placed in the table, and not in the scenario."""
    (problem,) = problems_of(write(tmp_path, TEXT))
    assert (problem.location.file, problem.message) == (str(tmp_path / "people.csv"), "No such file or directory")


def test_a_column_that_is_not_there_is_told_at_its_line(tmp_path: Path) -> None:
    """In the scenario's file, with the nearest column."""
    (tmp_path / "people.csv").write_text(CSV, encoding="utf-8")
    (problem,) = problems_of(write(tmp_path, TEXT.replace('role: "{role}"', 'role: "{rol}"')))
    assert (problem.location.line, problem.location.key) == (5, "login.role")
    assert problem.message == f"{tmp_path / 'people.csv'} has no column rol"
    assert (problem.expected, problem.did_you_mean) == ("user, role", "role")
