"""Names in braces, held against where their values come from: names without a value, and values that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from emulator.kernel.errors import Problem
from emulator.scenarios.format.placeholders import names_in, texts_in
from emulator.scenarios.format.rows import Row
from emulator.worldfile.schema.schema_check import suggestion
from emulator.worldfile.text.yaml_file import YamlDocument

_SOURCES: Final = frozenset({"matrix", "rows"})


def unknown_names(document: YamlDocument, row: Row) -> Iterator[Problem]:
    """Yields the names in braces that are neither columns of the rows nor captured by a step.

    Args:
        document: The scenario with the row's values.
        row: The row.
    """
    steps = document.data.get("steps")
    captured = _captured(steps)
    for name in captured:
        if name in row.values:
            index = next(n for n, step in enumerate(steps or ()) if name in step.get("capture", ()))
            place = document.location(("steps", index, "capture", name))
            yield Problem(place, f"{name} is a column of {row.location.file}, too", "another name")
    from_rows = [str(value) for value in row.values.values()]
    for key, text in texts_in({name: value for name, value in document.data.items() if name not in _SOURCES}):
        for name in names_in(text):
            if name not in captured and not any("{" + name + "}" in value for value in from_rows):
                message = f"{row.location.file} has no column {name}"
                known = [*row.values, *captured]
                yield Problem(document.location(key), message, ", ".join(known), suggestion(name, known))


def matrix_mistakes(document: YamlDocument) -> Iterator[Problem]:
    """Yields the names in braces that nothing gives a value, and the names of the matrix that nothing uses.

    Args:
        document: A scenario that has a matrix, as it is written.
    """
    data = document.data
    matrix: dict[str, list[Any]] = data["matrix"]
    captured = _captured(data.get("steps"))
    of_values = {name for values in matrix.values() for value in values for name in names_in(str(value))}
    used: set[str] = set(of_values)
    for key, text in texts_in({name: value for name, value in data.items() if name not in _SOURCES}):
        for name in names_in(text):
            used.add(name)
            if name not in matrix and name not in captured and name not in of_values and "rows" not in data:
                known = [*matrix, *captured]
                message = f"the matrix has no {name}"
                yield Problem(document.location(key), message, ", ".join(known), suggestion(name, known))
    for name, values in matrix.items():
        if values and name not in used:
            message = f"nothing uses {name}: each of its values would run the same scenario again"
            yield Problem(document.location(("matrix", name)), message, f"{{{name}}} in a text")


def unused_captures(document: YamlDocument) -> Iterator[Problem]:
    """Yields what a step captures and no later step uses: what was meant to be compared was not."""
    steps = document.data["steps"]
    for index, step in enumerate(steps):
        for name in step.get("capture", {}):
            later = [*steps[index + 1 :], {"expect": document.data.get("expect")}]
            texts = [text for each in later for _, text in texts_in(each)]
            signs = any(isinstance(each.get("call"), dict) and each["call"].get("as") == name for each in later)
            if not signs and not any(name in names_in(text) for text in texts):
                place = document.location(("steps", index, "capture", name))
                yield Problem(place, f"no later step uses {name}", f"{{{name}}} in a later step")


def _captured(steps: Any) -> list[str]:
    """Returns the names that steps capture, as they are written."""
    return [
        name
        for step in (steps if isinstance(steps, list) else ())
        if isinstance(step, dict) and isinstance(step.get("capture"), dict)
        for name in step["capture"]
    ]
