"""Groups, as the management API creates, changes and deletes them.

Spec: developer.okta.com, Groups API
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from emulator.kernel.clock import Ids
from idp.management.links import group_links
from idp.management.timestamps import whole_second
from idp.model import Group, Org, stable_id
from idp.refusals import exists_already, invalid, missing, not_found

_MAX_NAME = 255
_MAX_DESCRIPTION = 1024


def find(org: Org, group_id: str) -> Group:
    """Returns a group by its id.

    Raises:
        ApiRefusal: E0000007 (404).
    """
    group = org.group_by_id(group_id)
    if group is None:
        raise not_found(group_id, "UserGroup")
    return group


def as_json(org: Org, group: Group) -> dict[str, Any]:
    """Returns a group as the API shows it.

    Spec: developer.okta.com, Groups API, "Group object"; recordings of 2023
    Evidence: observed
    """
    changed = whole_second(group.changed_at)
    return {
        "id": group.group_id,
        "created": whole_second(group.created_at),
        "lastUpdated": changed,
        "lastMembershipUpdated": changed,
        "objectClass": ["okta:user_group" if group.source == "okta" else "okta:windows_security_principal"],
        "type": "OKTA_GROUP" if group.source == "okta" else "APP_GROUP",
        "profile": {"name": group.name, "description": group.description or None},
        "_links": group_links(org, group),
    }


def create(org: Org, given: Mapping[str, Any], *, now: datetime, ids: Ids) -> tuple[Org, Group]:
    """Creates a group.

    Raises:
        ApiRefusal: E0000001 (400): no name, or a name that is already used.

    Spec: developer.okta.com, Groups API, "Add Group"
    Evidence: documented
    """
    name, description = _read(given)
    if name in org.groups:
        raise exists_already("name")
    group = Group(stable_id("00g", ids.token()), name, description, created_at=now, changed_at=now)
    return replace(org, groups={**org.groups, name: group}), group


def update(org: Org, group: Group, given: Mapping[str, Any], *, now: datetime) -> tuple[Org, Group]:
    """Changes a group's name and description; its members and assignments stay.

    Raises:
        ApiRefusal: E0000001 (400).

    Spec: developer.okta.com, Groups API, "Update Group"
    Evidence: documented
    """
    name, description = _read(given)
    if name != group.name and name in org.groups:
        raise exists_already("name")
    changed = replace(group, name=name, description=description, changed_at=now)

    def renamed(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name if each == group.name else each for each in names)

    apps = {
        key: replace(
            app,
            assignments=tuple(replace(a, group=name) if a.group == group.name else a for a in app.assignments),
        )
        for key, app in org.apps.items()
    }
    users = {login: replace(user, groups=renamed(user.groups)) for login, user in org.users.items()}
    groups = {(name if key == group.name else key): each for key, each in org.groups.items()}
    return replace(org, users=users, apps=apps, groups={**groups, name: changed}), changed


def delete(org: Org, group: Group) -> tuple[Org, None]:
    """Deletes a group, with its memberships and assignments.

    Spec: developer.okta.com, Groups API, "Remove Group"
    Evidence: documented
    """
    users = {
        login: replace(user, groups=tuple(each for each in user.groups if each != group.name))
        for login, user in org.users.items()
    }
    apps = {
        name: replace(app, assignments=tuple(a for a in app.assignments if a.group != group.name))
        for name, app in org.apps.items()
    }
    groups = {name: each for name, each in org.groups.items() if name != group.name}
    return replace(org, users=users, apps=apps, groups=groups), None


def _read(given: Mapping[str, Any]) -> tuple[str, str]:
    profile = given.get("profile")
    if not isinstance(profile, Mapping):
        raise missing("profile")
    name, description = profile.get("name"), profile.get("description") or ""
    if not isinstance(name, str) or not name.strip():
        raise missing("name")
    if len(name) > _MAX_NAME:
        raise invalid("name", f"name: The field is too long; it may have {_MAX_NAME} characters")
    if not isinstance(description, str) or len(description) > _MAX_DESCRIPTION:
        raise invalid("description", f"description: The field is too long; it may have {_MAX_DESCRIPTION} characters")
    return name, description
