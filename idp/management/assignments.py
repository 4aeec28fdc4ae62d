"""Who has which app: assignments to users and groups, as the management API makes and removes them.

Spec: developer.okta.com, Applications API, "Application Users", "Application Groups"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.kernel.errors import FederationError
from idp.management import apps
from idp.management.timestamps import whole_second
from idp.model import App, Assignment, Group, Org, User
from idp.refusals import ApiRefusal, invalid, not_found
from idp.saml.usernames import application_username

Assignee = User | Group


def assign(org: Org, app: App, assignee: Assignee, given: Mapping[str, Any]) -> tuple[Org, Assignment]:
    """Assigns an app to a user or a group, or changes their assignment.

    Args:
        assignee: User or group to assign the app to.
        given: ``profile`` with ``role`` and ``samlRoles``.

    Raises:
        ApiRefusal: E0000001 (400): a role that the API integration did not find.

    Spec: developer.okta.com, Applications API, "Assign user to application", "Assign group to application"
    Evidence: documented (the calls), observed (the profile), assumed (that unknown roles are refused)
    """
    present = assignment_of(app, assignee)
    role, saml_roles = _roles(app, given, present)
    made = Assignment(
        user=assignee.login if isinstance(assignee, User) else None,
        group=assignee.name if isinstance(assignee, Group) else None,
        role=role,
        saml_user_roles=saml_roles,
    )
    others = tuple(each for each in app.assignments if each is not present)
    return apps.put(org, replace(app, assignments=(*others, made)))[0], made


def _roles(app: App, given: Mapping[str, Any], present: Assignment | None) -> tuple[str | None, tuple[str, ...]]:
    profile = given.get("profile")
    profile = profile if isinstance(profile, Mapping) else {}
    role = profile.get("role", present.role if present else None)
    saml_roles = profile.get("samlRoles", list(present.saml_user_roles) if present else [])
    if role is not None and not isinstance(role, str):
        raise invalid("role", "role: The field must be a text")
    if saml_roles is None:
        saml_roles = []
    if not isinstance(saml_roles, list) or not all(isinstance(each, str) for each in saml_roles):
        raise invalid("samlRoles", "samlRoles: The field must be a list of texts")
    known = app.provisioning.roles if app.provisioning else ()
    for name in (*([role] if role else []), *saml_roles):
        if known and name not in known:
            raise invalid("role", f"role: {name} is not one of the roles that were found")
    return role or None, tuple(saml_roles)


def withdraw(org: Org, app: App, assignee: Assignee) -> tuple[Org, Assignment]:
    """Removes the assignment of an app to a user or a group.

    Raises:
        ApiRefusal: E0000007 (404): it was not assigned to them.
    """
    present = assignment_of(app, assignee)
    if present is None:
        raise not_assigned(assignee)
    others = tuple(each for each in app.assignments if each is not present)
    return apps.put(org, replace(app, assignments=others))[0], present


def assignment_of(app: App, assignee: Assignee) -> Assignment | None:
    """Returns the assignment to exactly this user or group."""
    if isinstance(assignee, User):
        return next((each for each in app.assignments if each.user == assignee.login), None)
    return next((each for each in app.assignments if each.group == assignee.name), None)


def not_assigned(assignee: Assignee) -> ApiRefusal:
    """Returns the refusal of an app that is not assigned to the user or group."""
    if isinstance(assignee, User):
        return not_found(assignee.user_id, "AppUser")
    return not_found(assignee.group_id, "ApplicationGroupAssignment")


def as_json(org: Org, app: App, assignee: Assignee, assignment: Assignment) -> dict[str, Any]:
    """Returns an assignment as the API shows it.

    Spec: developer.okta.com, Applications API, "Application User object", "Application Group object"; recordings of
        2023
    Evidence: documented (an app's user), observed (an app's group, the profile), assumed (priorities from 1 on)
    """
    profile = {"role": assignment.role, "samlRoles": list(assignment.saml_user_roles)}
    changed, apps_url = whole_second(app.changed_at), f"{org.base_url}/api/v1/apps/{app.app_id}"
    links: dict[str, Any] = {"app": {"href": apps_url}}
    if isinstance(assignee, Group):
        links |= {
            "self": {"href": f"{apps_url}/groups/{assignee.group_id}"},
            "group": {"href": f"{org.base_url}/api/v1/groups/{assignee.group_id}"},
        }
        groups = [each.group for each in app.assignments if each.group is not None]
        priority = groups.index(assignee.name) + 1 if assignee.name in groups else 1
        return {
            "id": assignee.group_id,
            "lastUpdated": changed,
            "priority": priority,
            "profile": profile,
            "_links": links,
        }
    return {
        "id": assignee.user_id,
        "externalId": None,
        "created": changed,
        "lastUpdated": changed,
        "scope": "USER",
        "status": "ACTIVE",
        "statusChanged": changed,
        "passwordChanged": None,
        "syncState": "DISABLED",
        "credentials": {"userName": _username(org, app, assignee)},
        "profile": {"email": assignee.email, **profile},
        "_links": links | {"user": {"href": f"{org.base_url}/api/v1/users/{assignee.user_id}"}},
    }


def _username(org: Org, app: App, user: User) -> str:
    try:
        return application_username(org, app, user)
    except FederationError:
        return user.login
