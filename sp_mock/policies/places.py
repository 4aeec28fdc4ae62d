"""Places in a policy's JSON: the keys and indexes that lead to something, as the policy writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sp_mock.policies.documents import PolicyDocument, Statement

Place = tuple[str | int, ...]


def place_of(document: PolicyDocument, statement: Statement, element: str, *inside: str) -> Place:
    """Returns the place of an element of one of a policy's statements.

    Args:
        document: The policy.
        statement: One of its statements.
        element: Such as ``Action``.
        inside: For ``Condition`` the operator and the key, in any case.
    """
    statements = document.data["Statement"]
    index = next(number for number, each in enumerate(document.statements) if each is statement)
    place: Place = ("Statement", index) if isinstance(statements, list) else ("Statement",)
    here = statements[index] if isinstance(statements, list) else statements
    for part in (element, *inside):
        found = part if part in here else next((key for key in here if key.lower() == part.lower()), None)
        if found is None:
            break
        place, here = (*place, found), here[found]
    return place


def place_of_value(document: PolicyDocument, place: Place, value: str) -> Place:
    """Returns the place of one of the values at a place: its index in a list, below the kind for a principal."""
    here = value_at(document, place)
    if isinstance(here, Mapping):
        found = next((kind for kind, given in here.items() if value in _as_list(given)), None)
        return place if found is None else place_of_value(document, (*place, found), value)
    if isinstance(here, list):
        return (*place, here.index(value)) if value in here else place
    return place


def value_at(document: PolicyDocument, place: Place) -> Any:
    """Returns what a policy has at a place."""
    here: Any = document.data
    for part in place:
        here = here[part]
    return here


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
