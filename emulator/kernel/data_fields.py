"""Fields of JSON data from outside: each of the expected type, or an error that names the expected type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.kernel.errors import FederationError


def text_in(data: Mapping[Any, Any], key: str) -> str:
    """Returns a text field; empty where the field is missing.

    Raises:
        FederationError: the value is not a text.
    """
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FederationError(f"{key} is a text", received=repr(value))
    return value


def flag_in(data: Mapping[Any, Any], key: str) -> bool:
    """Returns a boolean field; false where the field is missing.

    Raises:
        FederationError: the value is neither true nor false.
    """
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise FederationError(f"{key} is true or false", received=repr(value))
    return value


def number_in(data: Mapping[Any, Any], key: str, *, least: int, most: int) -> int | None:
    """Returns a whole number field; None where the field is missing.

    Raises:
        FederationError: the value is not a whole number, or out of bounds.
    """
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise FederationError(f"{key} is a number from {least} to {most}", received=repr(value))
    return value
