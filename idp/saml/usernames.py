"""The application user name: a person's name in an app, by one of Okta's formats or by an expression.

    okta_username, okta_username_prefix, email, email_prefix
    String.substringBefore(user.email, "@") + ".aws"          the format "Custom"
    ${fn:substringBefore(source.email, "@")}                  the same in the spelling of the management API

Spec: help.okta.com, "Application username formats"; developer.okta.com, Applications API, "Username template object"
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from idp.model import App, Org, User
from idp.saml.expressions import ExpressionError, Scope, compile_expression, values_of

TEMPLATES: Mapping[str, str] = {
    "okta_username": "${source.login}",
    "okta_username_prefix": '${fn:substringBefore(source.login, "@")}',
    "email": "${source.email}",
    "email_prefix": '${fn:substringBefore(source.email, "@")}',
}
_TEMPLATE = re.compile(r"\$\{(.*)\}", re.DOTALL)
_VARIABLE = re.compile(r"\b(?:user|source)\.(\w+)")
# Names of a person's fields in expressions.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "login": (),
    "email": ("email",),
    "firstName": ("first_name",),
    "lastName": ("last_name",),
}
_FUNCTION = re.compile(r"\bfn:(?=[A-Za-z])")


def application_username(org: Org, app: App, user: User) -> str:
    """Returns a user's name in an app.

    Raises:
        ExpressionError: the app's expression gives no name for this person.

    Spec: help.okta.com, "Application username formats"
    Evidence: documented (the formats), assumed (that there is no login without a name)
    """
    if app.username_format == "okta_username":
        return user.login
    name = "".join(values_of(username_expression(app.username_format), username_scope(org, app, user)))
    if not name:
        raise ExpressionError(
            f"the application username format of {app.label} comes to no name for {user.login}",
            expected="an expression of values that the person has",
            received=app.username_format,
        )
    return name


def username_expression(username_format: str) -> str:
    """Returns a format as an expression: one of Okta's names, an expression, or a template of the management API.

    Spec: developer.okta.com, Applications API, "Username template object"
    Evidence: documented
    """
    text = TEMPLATES.get(username_format, username_format)
    template = _TEMPLATE.fullmatch(text.strip())
    return _FUNCTION.sub("String.", template[1]) if template else text


def variables_of(text: str) -> tuple[str, ...]:
    """Returns the person's fields that a format or an expression uses, by their names in expressions."""
    return tuple(dict.fromkeys(_VARIABLE.findall(username_expression(text))))


def field_path(variable: str) -> tuple[str, ...]:
    """Returns the path of a person's field, from the person on; empty for the login, which is the person's key."""
    return _FIELDS.get(variable, ("profile", variable))


def field_value(user: User, variable: str) -> object:
    """Returns a person's field, or None where they have none."""
    if variable == "login":
        return user.login
    kind, *rest = field_path(variable)
    return user.profile.get(rest[0]) if rest else getattr(user, kind)


def field_names(user: User) -> tuple[str, ...]:
    """Returns the names that expressions can use for a person's fields."""
    return (*_FIELDS, *user.profile)


def require_username_format(username_format: str) -> None:
    """Requires that a format can be parsed.

    Raises:
        ExpressionError: it is not one of Okta's, and does not compile as an expression.
    """
    compile_expression(username_expression(username_format))


def username_scope(org: Org, app: App, user: User, *, username: str = "") -> Scope:
    """Returns what the app's expressions may use; ``appuser`` has a name once that is known."""
    person = {
        "login": user.login,
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        **user.profile,
    }
    return Scope(
        user=person,
        appuser={"userName": username, "email": user.email},
        groups=user.groups,
        org={"name": org.name, "subDomain": org.name},
        app={"name": app.catalog, "label": app.label, "id": app.app_id},
    )
