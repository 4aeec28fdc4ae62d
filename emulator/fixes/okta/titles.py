"""Titles for changes of an identity provider's settings, in a few words."""

from __future__ import annotations

from typing import Any

from emulator.fixes.candidate import REMOVED, Edit
from emulator.fixes.okta.console import name_in_console
from emulator.worldfile.text.yaml_data import Key, value_at

_AWS = "https://aws.amazon.com/SAML/Attributes/"
_NAMES: dict[Key, str] = {
    ("catalog",): "the kind of the app",
    ("saml", "name_id"): "the expression of NameID",
    ("style",): "the style",
}


def title_of(edit: Edit, data: Any) -> str:
    """Returns the title of a change.

    Args:
        edit: The change; the first one of several.
        data: Data of the world before it.
    """
    key, value = edit.key, edit.value
    kind, inside = key[2:3], key[4:]
    if value is REMOVED:
        return f"Take out {_named(key, data)}"
    if isinstance(value, bool):
        return f"Turn {'on' if value else 'off'} {_named(key, data).removeprefix('the ')}"
    if kind == ("apps",) and inside[:1] == ("assignments",):
        return _of_assignment(inside, value)
    if kind == ("apps",) and inside[:2] == ("saml", "attributes"):
        return _of_attribute(key, value, data)
    if kind == ("users",) and inside[:1] == ("groups",):
        return _of_membership(key, value, data)
    return f"Set {_named(key, data)}"


def _named(key: Key, data: Any) -> str:
    """Returns the name of a setting: as in the console, or else as in the world."""
    inside = key[4:]
    if key[2:3] == ("apps",) and inside in _NAMES:
        return _NAMES[inside]
    if inside[:2] == ("saml", "attributes"):
        return f"the attribute {_attribute(key, data)}"
    if key[2:3] == ("users",) and len(key) > 5:
        return f"{key[5]} of {key[3]}"
    name = name_in_console(key, data) if key[:1] == ("okta",) else ""
    own = next((str(part) for part in reversed(key) if isinstance(part, str)), "")
    return f"the {name}" if name and len(key) > 4 else own


def _of_assignment(inside: Key, value: object) -> str:
    what = inside[2:3]
    if what in {("group",), ("user",)}:
        return f"Assign the app to {'the group ' if what == ('group',) else ''}{value}"
    if what in {("saml_user_roles",), ("role",)}:
        roles = value if isinstance(value, list) else [value]
        return f"Assign the {'roles' if len(roles) > 1 else 'role'} {', '.join(map(str, roles))}"
    who = value.get("user") or value.get("group") if isinstance(value, dict) else None
    return f"Assign the app to {who}" if who else "Change the assignments of the app"


def _of_attribute(key: Key, value: object, data: Any) -> str:
    if key[7:8] == ("name",):
        return f"Rename the attribute {_attribute(key, data).strip()} to {str(value).removeprefix(_AWS)}"
    return f"Set the value of {_attribute(key, data)}"


def _attribute(key: Key, data: Any) -> str:
    statement, depth = value_at(data, key[:7])
    name = statement.get("name", "") if depth == len(key[:7]) == 7 and isinstance(statement, dict) else ""
    return str(name).removeprefix(_AWS)


def _of_membership(key: Key, value: object, data: Any) -> str:
    login = key[3]
    if isinstance(value, list):
        present, depth = value_at(data, key)
        more = [each for each in value if depth != len(key) or each not in present]
        return f"Put {login} into the group {', '.join(map(str, more))}"
    present, depth = value_at(data, key)
    return f"Put {login} into {value}" + (f" in place of {present}" if depth == len(key) else "")
