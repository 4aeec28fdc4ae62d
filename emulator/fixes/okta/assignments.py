"""Changes of who has an app, and with which roles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from emulator.fixes.candidate import Candidate
from emulator.fixes.okta.known import roles
from emulator.fixes.okta.people import ALIKE, own_groups
from emulator.fixes.okta.subject import Subject, by_likeness
from emulator.worldfile.text.yaml_data import Key


def misspelt_holder(subject: Subject) -> Iterator[Candidate]:
    """Yields the person or group that a misspelt assignment means."""
    login = str(subject.person[-1])
    people = subject.at((*subject.org, "users")) or {}
    for key, assignment in _blamed(subject):
        user, group = assignment.get("user"), assignment.get("group")
        if isinstance(user, str) and user not in people and login in by_likeness(user, [login], at_least=ALIKE):
            yield from subject.put_at((*key, "user"), login, title=f"Assign the app to {login}")
        if isinstance(group, str):
            for name in by_likeness(group, own_groups(subject), at_least=ALIKE):
                yield from subject.put_at((*key, "group"), name, title=f"Assign the app to the group {name}")


def own_group(subject: Subject) -> Iterator[Candidate]:
    """Yields an assignment to a group of the person's instead of one to a group that has another assignment."""
    apps = subject.at((*subject.org, "apps")) or {}
    having: dict[str, set[str]] = {}
    for name in apps:
        for each in subject.at((*subject.org, "apps", name, "assignments")) or []:
            having.setdefault(str(each.get("group")), set()).add(str(name))
    idle = [name for name in own_groups(subject) if name not in having]
    for key, assignment in _blamed(subject):
        if idle and len(having.get(str(assignment.get("group")), ())) > 1:
            for name in idle:
                yield from subject.put_at((*key, "group"), name, title=f"Assign the app to the group {name}")


def _assignments(subject: Subject) -> list[tuple[Key, dict[str, Any]]]:
    key: Key = (*subject.app, "assignments")
    present = subject.at(key) or []
    return [((*key, index), each) for index, each in enumerate(present) if isinstance(each, dict)]


def _blamed(subject: Subject) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Yields the assignment that is blamed or contains the blamed setting; all of them where the list is blamed."""
    for key, assignment in _assignments(subject):
        shorter = min(len(subject.key), len(key))
        if subject.key[:shorter] == key[:shorter]:
            yield key, assignment


def misspelt_role(subject: Subject) -> Iterator[Candidate]:
    """Yields the roles that a name in an assignment may mean: without blanks or ARN, then the nearest."""
    known = tuple(dict.fromkeys(each.name for each in roles(subject.finding.world)))
    for key, assignment in _blamed(subject):
        for path, name in _role_names(assignment):
            stripped = name.strip().rpartition("/")[2]
            likely = by_likeness(stripped, known, at_least=ALIKE)
            for other in (*((stripped,) if stripped in known else ()), *likely[:2]):
                yield from subject.put_at((*key, *path), other, title=f"Assign the role {other}")


def more_roles(subject: Subject) -> Iterator[Candidate]:
    """Yields a role for an assignment without one, or else the requested one; any other would be more than they had."""
    for key, assignment in _blamed(subject):
        given = [name for _, name in _role_names(assignment)]
        for name in (*_asked_roles(subject), *(() if given else _role_of_holder(subject, assignment))):
            title = f"Assign the role {name}"
            if name not in given:
                for candidate in subject.put_at((*key, "saml_user_roles"), [*given, name], title=title):
                    # An assignment without any role concerns everybody who has it.
                    yield candidate if given else replace(candidate, grants=_arns(subject, name))


def _role_of_holder(subject: Subject, assignment: dict[str, Any]) -> tuple[str, ...]:
    """Returns the role whose name is most similar to that of the assigned group or person."""
    holder = str(assignment.get("group") or assignment.get("user"))
    return by_likeness(holder, _likely_roles(subject))[:1]


def _arns(subject: Subject, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.arn for each in roles(subject.finding.world) if each.name == name))


def _role_names(assignment: dict[str, Any]) -> Iterator[tuple[Key, str]]:
    given = assignment.get("saml_user_roles") or []
    yield from ((("saml_user_roles", index), name) for index, name in enumerate(given) if isinstance(name, str))
    if not given and isinstance(assignment.get("role"), str):
        yield ("role",), assignment["role"]


def _likely_roles(subject: Subject) -> tuple[str, ...]:
    """Returns names of roles: the requested one, those of others, those that trust the app's provider."""
    assigned = [name for _, each in _assignments(subject) for _, name in _role_names(each)]
    provider = str(subject.of_app("identity_provider_arn") or "")
    known = list(roles(subject.finding.world))
    trusting = [each.name for each in known if each.provider == provider]
    names = {each.name for each in known}
    return tuple(dict.fromkeys((*_asked_roles(subject), *(each for each in assigned if each in names), *trusting)))


def _asked_roles(subject: Subject) -> tuple[str, ...]:
    """Returns the names of the requested roles."""
    role = subject.finding.role
    return tuple(dict.fromkeys(each.name for each in roles(subject.finding.world) if role in {each.name, each.arn}))


def assigned_app(subject: Subject) -> Iterator[Candidate]:
    """Yields an assignment of the app to a person without one, with the requested role or the one that others have."""
    login, key = str(subject.person[-1]), (*subject.app, "assignments")
    title = f"Assign the app to {login}"
    groups = own_groups(subject)
    if any(each.get("user") == login or each.get("group") in groups for _, each in _assignments(subject)):
        return
    if not subject.is_custom and not subject.of_app("use_group_mapping"):
        for name in _likely_roles(subject):
            yield from subject.append(key, {"user": login, "saml_user_roles": [name]}, title=f"{title}, as {name}")
    yield from subject.append(key, {"user": login}, title=title)
