"""Who has which app: assignments to users and groups, as the management API makes and withdraws them.

Spec: developer.okta.com, Applications API, "Application Users", "Application Groups"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.kernel.clock import instant
from idp.management import apps
from idp.model import App, Assignment, Group, Org, User
from idp.refusals import ApiRefusal, invalid, not_found

Assignee = User | Group


def assign(org: Org, app: App, assignee: Assignee, given: Mapping[str, Any]) -> tuple[Org, Assignment]:
    """Gives an app to a user or a group, or changes what they have.

    Args:
        org: Where.
        app: Which app.
        assignee: To whom.
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
    """Takes an app from a user or a group.

    Raises:
        ApiRefusal: E0000007 (404): it was not theirs.
    """
    present = assignment_of(app, assignee)
    if present is None:
        raise not_assigned(assignee)
    others = tuple(each for each in app.assignments if each is not present)
    return apps.put(org, replace(app, assignments=others))[0], present


def assignment_of(app: App, assignee: Assignee) -> Assignment | None:
    """Returns the assignment that is made to exactly this user or group."""
    if isinstance(assignee, User):
        return next((each for each in app.assignments if each.user == assignee.login), None)
    return next((each for each in app.assignments if each.group == assignee.name), None)


def not_assigned(assignee: Assignee) -> ApiRefusal:
    """The app is not assigned to them."""
    if isinstance(assignee, User):
        return not_found(assignee.user_id, "AppUser")
    return not_found(assignee.group_id, "ApplicationGroupAssignment")


def as_json(app: App, assignee: Assignee, assignment: Assignment) -> dict[str, Any]:
    """Returns an assignment as the API shows it.

    Spec: developer.okta.com, Applications API, "Application User object", "Application Group object"
    Evidence: documented (the shape), observed (the profile)
    """
    profile = {"role": assignment.role, "samlRoles": list(assignment.saml_user_roles)}
    changed = instant(app.changed_at)
    if isinstance(assignee, Group):
        return {"id": assignee.group_id, "priority": 0, "lastUpdated": changed, "profile": profile}
    return {
        "id": assignee.user_id,
        "scope": "USER",
        "status": "ACTIVE",
        "created": changed,
        "lastUpdated": changed,
        "credentials": {"userName": assignee.login},
        "profile": {"email": assignee.email, **profile},
    }
