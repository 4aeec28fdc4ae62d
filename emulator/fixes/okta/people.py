"""Changes of people: their status, their groups and fields, and who has an app with which roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emulator.fixes.candidate import REMOVED, Candidate, Edit
from emulator.fixes.okta.known import roles
from emulator.fixes.okta.subject import Subject, by_likeness
from emulator.worldfile.yaml_data import Key

_ALIKE = 0.7
_ACTIONS = {"SUSPENDED": "Unsuspend", "LOCKED_OUT": "Unlock", "PASSWORD_EXPIRED": "Reset the password of"}
_ON_PURPOSE = {"SUSPENDED": "suspended", "DEPROVISIONED": "deactivated"}


def active_status(subject: Subject) -> Iterator[Candidate]:
    """Yields that the person becomes active."""
    login = subject.person[-1]
    done = _ON_PURPOSE.get(subject.text)
    warning = f"An administrator has {done} {login}: only where that was a mistake." if done else ""
    yield from subject.put("ACTIVE", title=f"{_ACTIONS.get(subject.text, 'Activate')} {login}", warning=warning)


def second_factor(subject: Subject) -> Iterator[Candidate]:
    """Yields a factor for the person, and only then that none is asked for."""
    login = subject.person[-1]
    if not subject.at((*subject.person, "factors")):
        edit = Edit((*subject.person, "factors"), [{"type": "push"}])
        yield subject.candidate(edit, title=f"Let {login} enroll a second factor")
    if subject.key[-1] == "mfa":
        yield from subject.put(REMOVED, warning="Nobody is asked for a second factor there any more.")
        yield from subject.put("off", warning="Nobody is asked for a second factor there any more.")


def groups_of_person(subject: Subject) -> Iterator[Candidate]:
    """Yields other groups for the person: a misspelt one put right, then those that have the app."""
    key: Key = (*subject.person, "groups")
    present = [each for each in subject.at(key) or [] if isinstance(each, str)]
    known = _groups(subject)
    login = subject.person[-1]
    for index, name in enumerate(present):
        for other in by_likeness(name, known, at_least=_ALIKE)[:2]:
            if other not in present:
                yield from subject.put_at((*key, index), other, title=f"Put {login} into {other} in place of {name}")
    for name in known:
        if name not in present:
            title = f"Put {login} into the group {name}"
            yield from subject.append(key, name, title=title)


def _groups(subject: Subject) -> tuple[str, ...]:
    """Returns the groups there are: those that the app is assigned to, then those of others who have it."""
    assigned = [each["group"] for each in _assignments(subject) if "group" in each]
    org = subject.at(subject.org) or {}
    people = {login: user for login, user in (org.get("users") or {}).items() if isinstance(user, dict)}
    others = [
        name for login, user in people.items() if login != subject.person[-1] for name in user.get("groups") or []
    ]
    return tuple(dict.fromkeys((*assigned, *others, *(org.get("groups") or []))))


def _assignments(subject: Subject) -> list[dict[str, Any]]:
    return [each for each in subject.of_app("assignments") or [] if isinstance(each, dict)]


def names_in_assignments(subject: Subject) -> Iterator[Candidate]:
    """Yields whom a misspelt assignment means, and which role."""
    login = str(subject.person[-1])
    own = [each for each in subject.at((*subject.person, "groups")) or [] if isinstance(each, str)]
    people = (subject.at(subject.org) or {}).get("users") or {}
    for index, assignment in enumerate(_assignments(subject)):
        key: Key = (*subject.app, "assignments", index)
        if not _is_inside(subject.key, key):
            continue
        user, group = assignment.get("user"), assignment.get("group")
        if isinstance(user, str) and user not in people and login in by_likeness(user, [login], at_least=_ALIKE):
            yield from subject.put_at((*key, "user"), login, title=f"Assign the app to {login}")
        if isinstance(group, str):
            for name in by_likeness(group, own, at_least=_ALIKE):
                yield from subject.put_at((*key, "group"), name, title=f"Assign the app to the group {name}")


def _is_inside(blamed: Key, key: Key) -> bool:
    """Whether a setting is an assignment or in it; all of them are where the list is blamed."""
    shorter = min(len(blamed), len(key))
    return blamed[:shorter] == key[:shorter]


def roles_in_assignments(subject: Subject) -> Iterator[Candidate]:
    """Yields the roles that the names in an assignment may mean, then those that it could have."""
    known = tuple(dict.fromkeys(each.name for each in roles(subject.finding.world)))
    for index, assignment in enumerate(_assignments(subject)):
        key: Key = (*subject.app, "assignments", index)
        if not _is_inside(subject.key, key):
            continue
        for path, name in _role_names(assignment):
            stripped = name.strip().rpartition("/")[2]
            likely = by_likeness(stripped, known, at_least=_ALIKE)
            for other in (*((stripped,) if stripped in known else ()), *likely[:2]):
                yield from subject.put_at((*key, *path), other, title=f"Assign the role {other}")
    for index, assignment in enumerate(_assignments(subject)):
        key = (*subject.app, "assignments", index, "saml_user_roles")
        given = [name for _, name in _role_names(assignment)]
        if _is_inside(subject.key, key[:-1]):
            for name in _likely_roles(subject):
                if name not in given:
                    yield from subject.put_at(key, [*given, name], title=f"Assign the role {name}")
                    yield from subject.put_at(key, [name], title=f"Assign the role {name}")


def _role_names(assignment: dict[str, Any]) -> Iterator[tuple[Key, str]]:
    given = assignment.get("saml_user_roles") or []
    yield from ((("saml_user_roles", index), name) for index, name in enumerate(given) if isinstance(name, str))
    if not given and isinstance(assignment.get("role"), str):
        yield ("role",), assignment["role"]


def _likely_roles(subject: Subject) -> tuple[str, ...]:
    """Returns names of roles: the one that was asked for, those of others, those that trust the app's provider."""
    finding, assigned = subject.finding, [name for each in _assignments(subject) for _, name in _role_names(each)]
    provider = str(subject.of_app("identity_provider_arn") or "")
    known = list(roles(finding.world))
    asked = [each.name for each in known if finding.role in {each.name, each.arn}]
    wanted = [each.name for each in known if any(each.arn in text for text in subject.wanted)]
    trusting = [each.name for each in known if each.provider == provider]
    names = {each.name for each in known}
    return tuple(dict.fromkeys((*asked, *wanted, *(each for each in assigned if each in names), *trusting)))


def assigned_app(subject: Subject) -> Iterator[Candidate]:
    """Yields that the app is assigned to the person, with the role that they asked for or others have."""
    login, key = str(subject.person[-1]), (*subject.app, "assignments")
    title = f"Assign the app to {login}"
    if login in {each.get("user") for each in _assignments(subject)}:
        return
    if not subject.is_custom and not subject.of_app("use_group_mapping"):
        for name in _likely_roles(subject):
            yield from subject.append(key, {"user": login, "saml_user_roles": [name]}, title=f"{title}, as {name}")
    yield from subject.append(key, {"user": login}, title=title)


def field_of_person(subject: Subject) -> Iterator[Candidate]:
    """Yields what a person's own field has to be: a name that is known where the login led, or as others have it."""
    present, last = subject.text, subject.key[-1]
    for want in by_likeness(present, (each for each in subject.wanted if _is_plain(each))):
        yield from subject.put(want)
    profile = subject.at((*subject.person, "profile"))
    if isinstance(profile, dict) and present == "":
        folded = {str(name).casefold(): name for name in profile}
        near = folded.get(str(last).casefold())
        if near is not None and near != last:
            edits = (Edit((*subject.person, "profile", last), profile[near]),)
            taken_out = Edit((*subject.person, "profile", near), REMOVED)
            yield subject.candidate(*edits, taken_out, title=f"Rename {near} to {last}")
    cleaned = "".join(each for each in present if each.isalnum() or each in "_+=,.@-")
    if cleaned and last != "groups":
        yield from subject.put(cleaned)


def _is_plain(text: str) -> bool:
    return not set(text) & set(" []{}*?|")
