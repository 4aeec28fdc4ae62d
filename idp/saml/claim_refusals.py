"""Refusals to issue an assertion: the app is not assigned to the person, or a setting gives no value for them."""

from __future__ import annotations

from emulator.kernel.errors import FederationError, OktaRefusal
from emulator.kernel.explanations import Setting
from idp.model import App, Assignment, Org, User
from idp.saml.usernames import field_path, field_value, variables_of
from idp.saml.wording import CONSOLE, change, difference, nearest, one_of, visible

_NOT_ASSIGNED = "support.okta.com, 403 App Not Assigned"


def not_assigned(org: Org, app: App, user: User) -> OktaRefusal:
    """Returns the refusal of an app that is not assigned to the person.

    Spec: support.okta.com, 403 App Not Assigned
    Evidence: documented
    """
    explanation, causes, expected, fix = _why_not(org, app, user)
    return OktaRefusal(
        f"Sorry, you cannot access {app.label} because you are not assigned this app in Okta. If you're wondering why "
        "this is happening, please contact your administrator.",
        code="App Not Assigned",
        status=403,
        check="app-assignment",
        explanation=explanation,
        where=f"the assignments of {app.label}",
        expected=expected,
        received=f"{user.login}, in {', '.join(user.groups) or 'no group'}",
        fix=fix,
        spec=_NOT_ASSIGNED,
        causes=causes,
    )


def _why_not(org: Org, app: App, user: User) -> tuple[str, tuple[Setting, ...], str, str]:
    """Returns why the app is not assigned to a person, the settings behind it, what would be right, and the fix."""

    def setting(*path: str | int) -> Setting:
        return Setting(org, ("apps", app.name, *path))

    login, holders = user.login, one_of(map(_holder, app.assignments)) or "an assignment"
    if app.status != "ACTIVE":
        return (
            f"The app {app.label} is {app.status}; an app that is not active is nobody's.",
            (setting("status"),),
            "the status ACTIVE",
            f"Activate the app {app.name} (Applications > {app.label} > Active).",
        )
    misspelt = _misspelt_user(org, app, user)
    if misspelt is not None:
        index, written = misspelt
        marked = difference(login, written)
        why = f"The app {app.label} is assigned to {written}, whom the org does not have, and not to {login}"
        return (
            f"{why}: {marked}." if marked else f"{why}.",
            (setting("assignments", index, "user"),),
            login,
            change("assignments", login, key=f"assignments[{index}].user"),
        )
    plain = f"The app {app.label} is assigned neither to {login} nor to a group of theirs."
    group = _misspelt_group(app, user)
    if group is not None:
        return _nearly_a_group(org, app, user, *group)
    by_group = [each.group for each in app.assignments if each.group is not None]
    if by_group:
        console = "Directory > Groups > group > Assign people"
        fix = f"Add {login} to the group {by_group[0]} (users.{login}.groups; {console})."
        return plain, (Setting(org, ("users", login, "groups")), setting("assignments")), holders, fix
    return plain, (setting("assignments"),), holders, _assign(app, user)


def _holder(assignment: Assignment) -> str:
    return f"user {assignment.user}" if assignment.user else f"group {assignment.group}"


def _assign(app: App, user: User) -> str:
    """Returns the change that assigns the app with the roles that others have, so that the person gets a role."""
    roles = next((each.roles for each in app.assignments if each.roles), ())
    with_roles = f", saml_user_roles: [{', '.join(roles)}]" if roles and not app.use_group_mapping else ""
    return (
        f"Add {{user: {user.login}{with_roles}}} to the assignments of the app {app.name} (app > Assignments > Assign "
        "to People)."
    )


def _misspelt_user(org: Org, app: App, user: User) -> tuple[int, str] | None:
    """Returns the assignment to a user whom the org does not have, and whose login is almost the person's."""
    for index, assignment in enumerate(app.assignments):
        written = assignment.user
        if written is not None and written not in org.users and nearest(written, [user.login], cutoff=0.85):
            return index, written
    return None


def _misspelt_group(app: App, user: User) -> tuple[int, int] | None:
    """Returns the assignment to a group whose name is almost one of the person's, and the place of the person's."""
    for index, assignment in enumerate(app.assignments):
        if assignment.group is not None:
            mine = nearest(assignment.group, user.groups, cutoff=0.8)
            if mine:
                return index, user.groups.index(mine)
    return None


def _nearly_a_group(
    org: Org, app: App, user: User, index: int, position: int
) -> tuple[str, tuple[Setting, ...], str, str]:
    written, mine = app.assignments[index].group or "", user.groups[position]
    marked = difference(written, mine)
    assigned = Setting(org, ("apps", app.name, "assignments", index, "group"))
    theirs = Setting(org, ("users", user.login, "groups", position))
    why = f"The app {app.label} is assigned to the group {visible(written)}, and {user.login} is in {visible(mine)}"
    why = f"{why}: {marked}." if marked else f"{why}."
    others = (each for each in org.users.values() if each.login != user.login)
    if any(written in each.groups for each in others):
        fix = f"Write {written} in place of {visible(mine)} in the groups of {user.login} (users.{user.login}.groups)."
        return why, (theirs, assigned), written, fix
    fix = change("assignments", mine, key=f"assignments[{index}].group")
    return why, (assigned, theirs), mine, fix


def no_username(error: FederationError, org: Org, app: App, user: User) -> OktaRefusal:
    """Returns the refusal when the application username format fails for a person, or gives an empty name."""
    return _comes_to_nothing(
        error,
        app,
        user,
        what=("The application username format", app.username_format),
        causes=(Setting(org, ("apps", app.name, "username_format")), *_fields(org, user, app.username_format)),
        fix=f"Set username_format: okta_username ({CONSOLE['username_format']}: Okta username).",
    )


def no_name_id(error: FederationError, org: Org, app: App, user: User) -> OktaRefusal:
    """Returns the refusal when the expression of NameID fails for a person."""
    return _comes_to_nothing(
        error,
        app,
        user,
        what=("The expression of NameID", app.style.name_id),
        causes=(Setting(org, ("apps", app.name, "style", "name_id")), *_fields(org, user, app.style.name_id)),
        fix=change("saml.name_id", "user.email"),
    )


def no_statement(error: FederationError, org: Org, app: App, user: User, *, index: int) -> OktaRefusal:
    """Returns the refusal when an attribute statement fails for a person."""
    statement = app.attributes[index]
    fields = (each for text in statement.expressions for each in _fields(org, user, text))
    return _comes_to_nothing(
        error,
        app,
        user,
        what=(f"The attribute statement {statement.name}", ", ".join(statement.expressions)),
        causes=(Setting(org, ("apps", app.name, "attributes", index, "expressions")), *fields)[:2],
        fix=f"Let saml.attributes[{index}].values come to a text for {user.login} ({CONSOLE['saml.attributes']}).",
    )


def no_roles(error: FederationError, org: Org, app: App, user: User) -> OktaRefusal:
    """Returns the refusal when no Role values can be made: the Identity Provider ARN or the group filter is invalid."""
    name = "group_filter" if app.use_group_mapping else "identity_provider_arn"
    example = error.expected.removeprefix("a regular expression such as ")
    return _comes_to_nothing(
        error,
        app,
        user,
        what=("The group filter" if app.use_group_mapping else "The Identity Provider ARN", getattr(app, name)),
        causes=(Setting(org, ("apps", app.name, name)),),
        fix=change(name, example),
    )


def _fields(org: Org, user: User, expression: str) -> tuple[Setting, ...]:
    """Returns the field that an expression uses and the person does not have; at most one."""
    lacking = (each for each in variables_of(expression) if not field_value(user, each))
    return tuple(Setting(org, ("users", user.login, *field_path(each))) for each in lacking)[:1]


def _comes_to_nothing(
    error: FederationError, app: App, user: User, *, what: tuple[str, str], causes: tuple[Setting, ...], fix: str
) -> OktaRefusal:
    """Returns the refusal of a setting that fails for this person: an expression that fails, or a name that is empty.

    Args:
        what: The setting in the console's words, with its value.
        causes: The setting, and the person's fields that it uses.
        fix: What to change.

    Spec: help.okta.com, "Define attribute statements", "Application username formats"
    Evidence: assumed (the words, and that nothing is issued then)
    """
    name, text = what
    return OktaRefusal(
        f"{error.message[:1].upper()}{error.message[1:]}.",
        code="400 Bad Request",
        status=400,
        check="okta-claims",
        evidence="assumed",
        explanation=f"{name} of {app.label} cannot be worked out for {user.login}, so nothing is issued: it is {text}.",
        where=f"the sign-on settings of {app.label}",
        expected=error.expected or "an expression that comes to a text",
        received=text,
        fix=fix,
        spec='help.okta.com, "Define attribute statements", "Application username formats"',
        causes=causes,
    )
