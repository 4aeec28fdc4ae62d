"""Finds the role, user or group for output that does not name it: in other seeds, the world, the file's name.

``list-attached-role-policies`` and ``list-role-policies`` print the policies but not the role, and the commands for
users and groups print the same fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.seeds.aws_answers.fields import Fields
from emulator.seeds.aws_answers.reading import Known, Reading, names_nothing, word_in

_KINDS = ("roles", "users", "groups")
_FIELDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "roles": ("RoleName", ("Role", "Roles", "RoleDetailList")),
    "users": ("UserName", ("User", "Users", "UserDetailList", "AccessKeyMetadata")),
    "groups": ("GroupName", ("Group", "Groups", "GroupDetailList")),
}
_INLINE = {"roles": "RolePolicyList", "users": "UserPolicyList", "groups": "GroupPolicyList"}


def identity_fields(kind: str) -> tuple[str, ...]:
    """Returns the fields in which output lists the identities of a kind."""
    return _FIELDS[kind][1]


def is_named(fields: Fields, name: str) -> bool:
    """Returns whether an object has a name that is a string."""
    return isinstance(fields.data.get(name), str) and bool(fields.data[name])


def identity_of(reading: Reading, known: Known) -> tuple[str, str] | None:
    """Returns the kind and name of the role, user or group that output is about; None if that is not known."""
    return reading.once(("identity", known.settings.stem), lambda: _identity_of(reading, known))


def _identity_of(reading: Reading, known: Known) -> tuple[str, str] | None:
    stem = known.settings.stem
    kinds = [kind for kind in _KINDS if kind.removesuffix("s") in stem.lower()] or list(_KINDS)
    names = {kind: _names(reading, kind) for kind in _KINDS}
    for among in (kinds, _KINDS):
        for kind in among:
            if stem in names[kind]:
                return kind, stem
        found = [(kind, word_in(stem, names[kind])) for kind in among if word_in(stem, names[kind])]
        longest = [each for each in found if len(each[1]) == max(len(name) for _, name in found)]
        if longest:
            return longest[0] if len(longest) == 1 else None
    if not names_nothing(stem):
        return kinds[0], stem
    candidates = [(kind, name) for kind in kinds for name in names[kind]]
    roles = [each for each in candidates if each[0] == "roles"]
    return candidates[0] if len(candidates) == 1 else roles[0] if len(roles) == 1 else None


def _names(reading: Reading, kind: str) -> list[str]:
    """Returns the names of all roles, users or groups in the seeds and the world."""
    return reading.once(("names", kind), lambda: _names_anew(reading, kind))


def _names_anew(reading: Reading, kind: str) -> list[str]:
    name, fields = _FIELDS[kind]
    found = [each.data[name] for each in reading.known_objects(*fields) if is_named(each, name)]
    inline = [
        known.answer.fields.data[name]
        for known in reading.known
        if "PolicyDocument" in known.answer.fields.data and is_named(known.answer.fields, name)
    ]
    return list(dict.fromkeys([*found, *inline, *reading.own_names(kind)]))


def inline_policies_without_document(reading: Reading, kind: str, name: str) -> list[str]:
    """Returns the names of an identity's inline policies of which neither a seed nor the world has the document."""
    listed = reading.once("listed policies", lambda: _listed_policies(reading)).get((kind, name), [])
    if not listed:
        return []
    documents = {*_documents(reading, kind, name), *reading.own_names(kind, name, "inline_policies")}
    return [each for each in dict.fromkeys(listed) if each not in documents]


def _listed_policies(reading: Reading) -> dict[tuple[str, str], list[str]]:
    """Returns the names of inline policies that the seeds list, by the kind and name of the identity."""
    found: dict[tuple[str, str], list[str]] = {}
    for known in reading.known:
        names = known.answer.fields.data.get("PolicyNames")
        if not isinstance(names, list) or not names:
            continue
        identity = identity_of(reading, known)
        if identity is not None:
            texts = (each if isinstance(each, str) else "without a name" for each in names)
            found.setdefault(identity, []).extend(texts)
    return found


def _documents(reading: Reading, kind: str, name: str) -> list[Any]:
    field, lists = _FIELDS[kind]
    found = [
        known.answer.fields.data["PolicyName"]
        for known in reading.known
        if "PolicyDocument" in known.answer.fields.data
        and known.answer.fields.data.get(field) == name
        and is_named(known.answer.fields, "PolicyName")
    ]
    for identity in reading.known_objects(lists[-1] if kind != "users" else "UserDetailList"):
        inline = identity.data.get(_INLINE[kind])
        if identity.data.get(field) == name and isinstance(inline, list):
            found += [
                each["PolicyName"] for each in inline if isinstance(each, dict) and is_named(Fields(each), "PolicyName")
            ]
    return found
