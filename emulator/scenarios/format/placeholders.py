"""Names in braces: columns of a table, values of a matrix, and values that earlier steps captured."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from emulator.worldfile.text.yaml_data import Key, Lines

# Policies contain ${aws:userid}, and patterns {2,64}: neither is a placeholder.
_NAMED: Final = re.compile(r"(?<!\$)\{([A-Za-z_][A-Za-z0-9_]*)\}", re.ASCII)


def names_in(text: str) -> list[str]:
    """Returns the names in braces in a text."""
    return _NAMED.findall(text)


def is_filled_later(text: str) -> bool:
    """Returns whether a text is nothing but a name in braces, whose value is only known when the scenario runs."""
    return _NAMED.fullmatch(text) is not None


def texts_in(node: Any, key: Key = ()) -> Iterator[tuple[Key, str]]:
    """Yields every text in some data with its key, including keys of mappings.

    Args:
        key: Key that leads to the data.
    """
    if isinstance(node, dict):
        for name, value in node.items():
            yield (*key, name), name
            yield from texts_in(value, (*key, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from texts_in(value, (*key, index))
    elif isinstance(node, str):
        yield key, node


def filled(node: Any, values: Mapping[str, Any]) -> Any:
    """Returns data with the names in its texts replaced; unknown names stay.

    Args:
        values: Values by name. A text that is nothing but a name becomes the value itself, of any type.
    """
    if isinstance(node, dict):
        return {as_text(filled(key, values)): filled(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [filled(value, values) for value in node]
    if not isinstance(node, str):
        return node
    for name, value in values.items():
        if node == "{" + name + "}":
            return value
        if not isinstance(value, str) and "{" + name + "}" not in node:
            continue
        node = node.replace("{" + name + "}", as_text(value))
    return node


def filled_lines(lines: Lines, values: Mapping[str, Any]) -> Lines:
    """Returns lines for the keys that ``filled`` gives the data."""
    return Lines(
        {_key(key, values): line for key, line in lines.own.items()},
        {_key(key, values): filled_lines(inside, values) for key, inside in lines.inside.items()},
    )


def _key(key: str | int, values: Mapping[str, Any]) -> str | int:
    return key if isinstance(key, int) else as_text(filled(key, values))


def as_text(value: Any) -> str:
    """Returns a value as it appears in a longer text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
