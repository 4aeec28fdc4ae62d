"""How large the scenarios are together that a matrix or a table of rows makes: bounded before any of them is made."""

from __future__ import annotations

from typing import Any, Final

from emulator.kernel.errors import Problem, ScenarioError
from emulator.worldfile.text.yaml_file import YamlDocument

MOST_SCENARIOS: Final = 10_000
"""The most scenarios that one scenario of a file may become."""
_MOST_VALUES: Final = 1_000_000
_MOST_CHARACTERS: Final = 100_000_000


def refuse_too_many(document: YamlDocument, name: str, *, times: int, characters: int) -> None:
    """Refuses to multiply a scenario by its matrix or rows where this makes too much.

    Args:
        document: The scenario.
        name: ``matrix`` or ``rows``.
        times: How many scenarios it becomes.
        characters: How long the longest values are together, of all these scenarios.

    Raises:
        ScenarioError: there would be too many scenarios, or too many values or characters in all of them.
    """
    if times > MOST_SCENARIOS:
        raise _too_much(document, name, f"{times:,} scenarios would be made of this one", f"at most {MOST_SCENARIOS:,}")
    values, places = _size({key: value for key, value in document.data.items() if key not in {"matrix", "rows"}})
    if times * values > _MOST_VALUES:
        message = f"{times:,} scenarios of {values:,} values would be made of this one"
        raise _too_much(document, name, message, f"at most {_MOST_VALUES:,} values in all of them")
    if places * characters > _MOST_CHARACTERS:
        message = f"the texts of this scenario would become {places * characters:,} characters"
        raise _too_much(document, name, message, f"at most {_MOST_CHARACTERS:,}")


def _too_much(document: YamlDocument, name: str, message: str, expected: str) -> ScenarioError:
    return ScenarioError([Problem(document.location((name,)), message, expected)])


def _size(data: Any) -> tuple[int, int]:
    """Returns how many values data has, and at how many places of its texts a value may be put in."""
    if isinstance(data, str):
        return 1, data.count("{")
    inside = [*data, *data.values()] if isinstance(data, dict) else data if isinstance(data, list) else []
    sizes = list(map(_size, inside))
    return 1 + sum(values for values, _ in sizes), sum(places for _, places in sizes)
