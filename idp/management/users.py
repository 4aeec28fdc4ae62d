"""Users, as the management API creates, changes and deletes them.

Spec: developer.okta.com, Users API
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from emulator.kernel.clock import Ids
from idp.management.links import user_links, user_type_id
from idp.management.timestamps import whole_second
from idp.model import Org, ProfileValue, User, stable_id
from idp.refusals import exists_already, invalid, missing, not_found, wrong_status

_MAX_LOGIN = 100
_MAX_PROFILE_FIELDS = 100
_MAX_VALUE_CHARACTERS = 2000
_LOGIN = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_OWN_FIELDS = {"login": "login", "firstName": "first_name", "lastName": "last_name", "email": "email"}
# Life-cycle operations: from which status to which, and Okta's message otherwise.
_LIFECYCLE: Mapping[str, tuple[frozenset[str], str]] = {
    "activate": (frozenset({"STAGED", "DEPROVISIONED"}), "ACTIVE"),
    "reactivate": (frozenset({"PROVISIONED"}), "PROVISIONED"),
    "deactivate": (
        frozenset({"STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "LOCKED_OUT", "PASSWORD_EXPIRED", "SUSPENDED"}),
        "DEPROVISIONED",
    ),
    "suspend": (frozenset({"ACTIVE"}), "SUSPENDED"),
    "unsuspend": (frozenset({"SUSPENDED"}), "ACTIVE"),
    "unlock": (frozenset({"LOCKED_OUT"}), "ACTIVE"),
    "expire_password": (frozenset({"ACTIVE", "PASSWORD_EXPIRED"}), "PASSWORD_EXPIRED"),
}
LIFECYCLE_OPERATIONS = tuple(_LIFECYCLE)
# Okta's answer to an operation that is not possible in the current status: words, code, HTTP status.
_NOT_ALLOWED = ("This operation is not allowed in the user's current status.", "E0000038", 403)
_WRONG_STATUS: Mapping[str, tuple[str, str, int]] = {
    "activate": ("Activation failed because the user is already active", "E0000016", 403),
    "suspend": ("Api validation failed: Cannot suspend a user that is not active", "E0000001", 400),
    "unsuspend": ("Api validation failed: Cannot unsuspend a user that is not suspended", "E0000001", 400),
    "unlock": ("Unlock is not allowed for this user.", "E0000032", 403),
}


def find(org: Org, given: str) -> User:
    """Returns a user by id, login, or the part of the login before the @ where it is unique.

    Raises:
        ApiRefusal: E0000007 (404).

    Spec: developer.okta.com, Users API, "Get User"
    Evidence: documented
    """
    user = org.user_by_id(given) or org.users.get(given)
    if user is None:
        named = [user for login, user in org.users.items() if given.lower() in {login.lower(), _short(login)}]
        user = named[0] if len(named) == 1 else None
    if user is None:
        raise not_found(given, "User")
    return user


def _short(login: str) -> str:
    return login.partition("@")[0].lower()


def as_json(org: Org, user: User, *, in_list: bool = False) -> dict[str, Any]:
    """Returns a user as the API shows them; in a list with a link to the user alone.

    Spec: developer.okta.com, Users API, "User object"; recordings of 2023 to 2025
    Evidence: observed
    """
    changed = whole_second(user.changed_at)
    links = user_links(org, user)
    profile = {
        "firstName": user.first_name,
        "lastName": user.last_name,
        "mobilePhone": None,
        "secondEmail": None,
        "login": user.login,
        "email": user.email,
        **{name: list(value) if isinstance(value, tuple) else value for name, value in user.profile.items()},
    }
    return {
        "id": user.user_id,
        "status": user.status,
        "created": whole_second(user.created_at),
        "activated": None if user.status == "STAGED" else whole_second(user.created_at),
        "statusChanged": changed,
        "lastLogin": None,
        "lastUpdated": changed,
        "passwordChanged": whole_second(user.created_at) if user.password else None,
        "realmId": stable_id("guo", org.name),
        "type": {"id": user_type_id(org)},
        "profile": profile,
        "credentials": {
            **({"password": {}} if user.password else {}),
            "provider": {"type": "OKTA", "name": "OKTA"},
        },
        "_links": {"self": links["self"]} if in_list else links,
    }


def create(org: Org, given: Mapping[str, Any], *, activate: bool, now: datetime, ids: Ids) -> tuple[Org, User]:
    """Creates a user.

    Args:
        given: ``profile``, ``credentials`` and ``groupIds`` of the request's body.
        activate: Whether to activate the user: with a password they become ACTIVE, without one PROVISIONED; otherwise
            STAGED.

    Raises:
        ApiRefusal: E0000001 (400): a field is missing or malformed, or the login is already used.

    Spec: developer.okta.com, Users API, "Create User"
    Evidence: documented (the rules), observed (the words)
    """
    profile = _profile(given)
    for name in ("login", "email", "firstName", "lastName"):
        if not profile.get(name):
            raise missing(name)
    password = _password(given)
    groups = tuple(_group_name(org, each) for each in _texts(given.get("groupIds"), "groupIds"))
    status = ("ACTIVE" if password else "PROVISIONED") if activate else "STAGED"
    user = User(
        user_id=stable_id("00u", ids.token()),
        login="",
        password=password or "",
        groups=groups,
        status=status,
        created_at=now,
        changed_at=now,
    )
    return _put(org, _with_profile(org, user, profile, whole=True))


def update(org: Org, user: User, given: Mapping[str, Any], *, whole: bool, now: datetime) -> tuple[Org, User]:
    """Changes a user's profile and password.

    Args:
        given: Body of the request.
        whole: Whether the profile replaces the current one (PUT) or is merged into it (POST).

    Raises:
        ApiRefusal: E0000001 (400).

    Spec: developer.okta.com, Users API, "Update User"
    Evidence: documented
    """
    profile = _profile(given)
    if whole:
        for name in ("login", "email", "firstName", "lastName"):
            if not profile.get(name):
                raise missing(name)
    password = _password(given)
    changed = _with_profile(org, user, profile, whole=whole)
    if password is not None:
        changed = replace(changed, password=password)
    return _put(_without(org, user), replace(changed, changed_at=now))


def change_status(org: Org, user: User, operation: str, *, now: datetime) -> tuple[Org, User]:
    """Performs a life-cycle operation.

    Raises:
        ApiRefusal: the operation is not possible in the current status.

    Spec: developer.okta.com, Users API, "User Lifecycle Operations"; error codes E0000001, E0000016, E0000032, E0000038
    Evidence: documented (from where to where, codes, other words), assumed (the words of E0000001)
    """
    before, after = _LIFECYCLE[operation]
    if user.status not in before:
        explanation = f"{user.login} is {user.status}; {operation} takes {', '.join(sorted(before))}."
        summary, code, status = _WRONG_STATUS.get(operation, _NOT_ALLOWED)
        evidence = "assumed" if code == "E0000001" else "documented"
        raise wrong_status(summary, explanation, code=code, status=status, evidence=evidence)
    return _put(org, replace(user, status=after, changed_at=now))


def delete(org: Org, user: User, *, now: datetime) -> tuple[Org, User | None]:
    """Deactivates a user; a deactivated user is deleted, with every assignment.

    Spec: developer.okta.com, Users API, "Delete User"
    Evidence: documented
    """
    if user.status != "DEPROVISIONED":
        return _put(org, replace(user, status="DEPROVISIONED", changed_at=now))
    apps = {
        name: replace(app, assignments=tuple(a for a in app.assignments if a.user != user.login))
        for name, app in org.apps.items()
    }
    return replace(_without(org, user), apps=apps), None


def put_in_group(org: Org, user: User, group: str, *, member: bool) -> tuple[Org, bool]:
    """Adds a user to a group or removes them; returns whether that changed anything."""
    if (group in user.groups) == member:
        return org, False
    groups = (*user.groups, group) if member else tuple(each for each in user.groups if each != group)
    return _put(org, replace(user, groups=groups))[0], True


def _put(org: Org, user: User) -> tuple[Org, User]:
    return replace(org, users={**org.users, user.login: user}), user


def _without(org: Org, user: User) -> Org:
    return replace(org, users={login: each for login, each in org.users.items() if login != user.login})


def _with_profile(org: Org, user: User, profile: Mapping[str, ProfileValue], *, whole: bool) -> User:
    login = str(profile.get("login", user.login))
    if not 5 <= len(login) <= _MAX_LOGIN or not _LOGIN.fullmatch(login):
        raise invalid("login", "login: Username must be in the form of an email address", evidence="observed")
    taken = next((each for each in org.users.values() if each.login.lower() == login.lower()), None)
    if taken is not None and taken.user_id != user.user_id:
        raise exists_already("login")
    email = str(profile.get("email", user.email))
    if not _LOGIN.fullmatch(email):
        raise invalid("email", "email: Does not match required pattern", evidence="observed")
    own = {field: str(profile[name]) for name, field in _OWN_FIELDS.items() if name in profile}
    others = {name: value for name, value in profile.items() if name not in _OWN_FIELDS}
    return replace(user, **own, profile=others if whole else {**user.profile, **others})  # type: ignore[arg-type]


def _profile(given: Mapping[str, Any]) -> dict[str, ProfileValue]:
    profile = given.get("profile", {})
    if not isinstance(profile, Mapping) or len(profile) > _MAX_PROFILE_FIELDS:
        raise invalid("profile", "profile: The field must be an object")
    read: dict[str, ProfileValue] = {}
    for name, value in profile.items():
        if value is None:
            continue
        if isinstance(value, list):
            read[name] = tuple(_texts(value, name))
        elif isinstance(value, str | bool | int | float) and len(str(value)) <= _MAX_VALUE_CHARACTERS:
            read[name] = value
        else:
            raise invalid(name, f"{name}: The value cannot be used")
    return read


def _password(given: Mapping[str, Any]) -> str | None:
    credentials = given.get("credentials") or {}
    password = credentials.get("password") if isinstance(credentials, Mapping) else None
    if password is None:
        return None
    value = password.get("value") if isinstance(password, Mapping) else password
    if not isinstance(value, str) or not 8 <= len(value) <= 72:
        raise invalid(
            "password", "password: Password requirements were not met. Password requirements: at least 8 characters."
        )
    return value


def _group_name(org: Org, group_id: str) -> str:
    group = org.group_by_id(group_id)
    if group is None:
        raise not_found(group_id, "UserGroup")
    return group.name


def _texts(given: Any, name: str) -> list[str]:
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > 1000 or not all(isinstance(each, str) for each in given):
        raise invalid(name, f"{name}: The field must be a list of texts")
    return given
