"""Fields of JSON data that somebody gives: each of the right kind, or an error that says which kind that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.kernel.errors import FederationError


def text_in(data: Mapping[Any, Any], key: str) -> str:
    """Returns a text; empty where there is none.

    Raises:
        FederationError: it is no text.
    """
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FederationError(f"{key} is a text", received=repr(value))
    return value


def flag_in(data: Mapping[Any, Any], key: str) -> bool:
    """Returns whether something is so; false where it is not said.

    Raises:
        FederationError: it is neither true nor false.
    """
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise FederationError(f"{key} is true or false", received=repr(value))
    return value


def number_in(data: Mapping[Any, Any], key: str, *, least: int, most: int) -> int | None:
    """Returns a whole number; None where there is none.

    Raises:
        FederationError: it is none, or out of bounds.
    """
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise FederationError(f"{key} is a number from {least} to {most}", received=repr(value))
    return value
