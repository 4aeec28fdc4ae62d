"""Whether an org or account still has what was built at a place, even if its lists have since been rearranged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from emulator.kernel.explanations import Setting
from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key, value_at
from idp.model import Assignment
from sp_mock.accounts.managed_policies import ManagedPolicy, PolicyVersion
from sp_mock.accounts.provider_metadata import ProviderMetadata
from sp_mock.policies.documents import PolicyDocument

NOTHING = object()
# Attributes that identify an element of a list, or something that has been renamed.
_NAMES = ("factor_id", "access_key_id", "key_id", "version_id", "name")
_UNIQUE_IDS = ("user_id", "group_id", "app_id")


@dataclass(frozen=True, slots=True)
class Match:
    """How a setting compares with what was built.

    Args:
        path: Path of the setting in what was built.
        is_same: Whether both have the same value there, or both none.
        is_there: Whether the setting's owner has it.
    """

    path: tuple[str | int, ...]
    is_same: bool
    is_there: bool


def compared(setting: Setting, built: object) -> Match:
    """Compares a setting with what was built.

    Args:
        built: The org or account as it was built.
    """
    here: Any = setting.owner
    there: Any = built
    path: list[str | int] = []
    for part in setting.path:
        own = _at(here, part)
        key = _place_in(there, here, part, own)
        path.append(key)
        here, there = own, _at(there, key)
    same = _is_same_inside(here, there, setting.inside) if setting.inside else is_same(here, there)
    return Match(tuple(path), same, is_there=here is not NOTHING)


def value_of(setting: Setting) -> Any:
    """Returns what a setting's owner has at its path; ``NOTHING`` where it has nothing."""
    here: Any = setting.owner
    for part in setting.path:
        here = _at(here, part)
    return here


def lacks_element(setting: Setting) -> bool:
    """Returns whether a path leads to or through an element that its mapping or list does not have."""
    here: Any = setting.owner
    for part in setting.path:
        is_container = isinstance(here, Mapping | tuple)
        here = _at(here, part)
        if here is NOTHING:
            return is_container
    return False


def reached(document: Any, inside: Sequence[str | int]) -> tuple[Key, Key]:
    """Follows keys into a policy document as far as they exist.

    A single statement or action may be written without a list; keys of conditions are case-insensitive.

    Returns:
        The keys as written, and those that do not exist.
    """
    keys: list[str | int] = []
    for index, part in enumerate(inside):
        here = value_at(document, tuple(keys))[0]
        if isinstance(part, int) and not isinstance(here, list):
            if part == 0:
                continue
            return tuple(keys), tuple(inside[index:])
        found = _written(here, part)
        if found is None:
            return tuple(keys), tuple(inside[index:])
        keys.append(found)
    return tuple(keys), ()


def _written(here: Any, part: str | int) -> str | int | None:
    if isinstance(here, list):
        return part if isinstance(part, int) and part < len(here) else None
    if not isinstance(here, dict):
        return None
    if part in here:
        return part
    return next((key for key in here if str(key).lower() == str(part).lower()), None)


def _at(value: Any, part: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(part, NOTHING)
    if isinstance(value, tuple) and isinstance(part, int):
        return value[part] if part < len(value) else NOTHING
    found = getattr(value, str(part), NOTHING)
    return NOTHING if found is None else found


def _place_in(there: Any, here: Any, part: str | int, own: Any) -> str | int:
    """Returns where an element is in what was built; it may have moved in its list or been renamed."""
    if own is NOTHING:
        return part
    if isinstance(there, tuple) and isinstance(here, tuple) and isinstance(part, int):
        order = [part, *range(len(there))]
        alike = (index for index in order if index < len(there) and is_same(own, there[index]))
        named = (index for index in order if index < len(there) and _is_named_alike(own, there[index]))
        found = next(alike, next(named, None))
        return len(there) if found is None else found
    if isinstance(there, Mapping) and part not in there:
        unique = {name: getattr(own, name) for name in _UNIQUE_IDS if hasattr(own, name)}
        others = there.items() if unique else ()
        return next((key for key, each in others if all(getattr(each, n, "") == v for n, v in unique.items())), part)
    return part


def _is_named_alike(one: Any, other: Any) -> bool:
    if isinstance(one, Assignment) and isinstance(other, Assignment):
        return (one.user, one.group) == (other.user, other.group)
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple):
        return bool(one[:1] == other[:1])
    return any(getattr(one, name) == getattr(other, name) for name in _NAMES if hasattr(one, name))


def identity_of(element: Any) -> object:
    """Returns what identifies an element of a list: the same element has the same identity in two lists."""
    if isinstance(element, Assignment):
        return element.user, element.group
    if isinstance(element, tuple):
        return element[:1]
    names = (getattr(element, name) for name in _NAMES if hasattr(element, name))
    return next(names, element if isinstance(element, str) else repr(element))


def is_same(one: Any, other: Any) -> bool:
    """Compares values, ignoring when they were set."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, PolicyDocument):
        return one.text == other.text or bool(json.loads(one.text) == json.loads(other.text))
    if isinstance(one, ProviderMetadata):
        return bool(one.document == other.document)
    if is_dataclass(one):
        return all(
            is_same(getattr(one, each.name), getattr(other, each.name))
            for each in fields(one)
            if not each.name.endswith("_at")
        )
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(is_same(value, other[key]) for key, value in one.items())
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other)


def _is_same_inside(one: Any, other: Any, inside: Key) -> bool:
    """Returns whether two documents agree in a part, or both lack it."""
    document, another = _document(one), _document(other)
    if document is None or another is None:
        return is_same(one, other)
    keys, missing = reached(document, inside)
    return (keys, missing) == reached(another, inside) and bool(
        value_at(document, keys)[0] == value_at(another, keys)[0]
    )


def _document(value: Any) -> Any:
    if isinstance(value, ManagedPolicy | PolicyVersion):
        value = value.document
    return json.loads(value.text) if isinstance(value, PolicyDocument) else None
