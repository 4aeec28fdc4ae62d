"""What the identity provider says about a person to one app: the NameID and the attributes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from emulator.kernel.errors import OktaRefusal
from idp.model import App, AttributeStatement, Org, User
from idp.saml.expressions import Scope, values_of
from idp.saml.roles import role_values
from idp.saml.usernames import application_username, username_scope

AWS_ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
URI_NAME_FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
BASIC_NAME_FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute with its values, in the order in which they are sent."""

    name: str
    name_format: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claims:
    """Everything said about a person."""

    name_id: str
    attributes: tuple[Attribute, ...]

    def values(self, short_name: str) -> tuple[str, ...]:
        """Returns the values of AWS's attribute ``short_name``."""
        wanted = AWS_ATTRIBUTES + short_name
        return next((attribute.values for attribute in self.attributes if attribute.name == wanted), ())


def claims_for(org: Org, app: App, user: User) -> Claims:
    """Returns what the org says about a user to the app.

    Without a role value there is no Role attribute at all.

    Raises:
        OktaRefusal: 403, the app is not assigned to the user.
        FederationError: an expression comes to nothing that can be sent.

    Spec: help.okta.com "aws-configure-aws-app"
    Evidence: observed (names, NameFormats and order in a Response of 2018)
    """
    if not org.assigned(app, user):
        raise _not_assigned(app, user)
    username = application_username(org, app, user)
    scope = username_scope(org, app, user, username=username)
    statements = (*(_aws_attributes(org, app, user, username) if app.is_aws else ()), *_custom_attributes(app, scope))
    name_id = "".join(values_of(app.style.name_id, scope)) if app.style.name_id else username
    return Claims(name_id, tuple(attribute for attribute in statements if attribute.values))


def _aws_attributes(org: Org, app: App, user: User, username: str) -> Iterator[Attribute]:
    role, session_name, duration = app.style.attribute_formats
    yield Attribute(f"{AWS_ATTRIBUTES}Role", role, role_values(org, app, user))
    yield Attribute(f"{AWS_ATTRIBUTES}RoleSessionName", session_name, (username,))
    yield Attribute(f"{AWS_ATTRIBUTES}SessionDuration", duration, (str(app.session_duration_seconds),))


def _custom_attributes(app: App, scope: Scope) -> Iterator[Attribute]:
    """Works the app's attribute statements out; one without a value is left out.

    Spec: help.okta.com, "Define attribute statements", "Define group attribute statements"
    Evidence: documented
    """
    for statement in app.attributes:
        if statement.group_filter:
            values = tuple(group for group in scope.groups if _fits(group, statement))
        else:
            values = tuple(value for each in statement.expressions for value in values_of(each, scope))
        yield Attribute(statement.name, statement.name_format, values)


def _fits(group: str, statement: AttributeStatement) -> bool:
    text = statement.group_text
    return {
        "starts_with": group.startswith(text),
        "equals": group == text,
        "contains": text in group,
        "regex": statement.group_filter == "regex" and re.fullmatch(text, group) is not None,
    }[statement.group_filter]


def _not_assigned(app: App, user: User) -> OktaRefusal:
    return OktaRefusal(
        f"Sorry, you cannot access {app.label} because you are not assigned this app in Okta. If you're wondering why "
        "this is happening, please contact your administrator.",
        code="App Not Assigned",
        status=403,
        check="app-assignment",
        explanation=f"The app {app.label} is assigned neither to {user.login} nor to a group of theirs.",
        where=f"the assignments of {app.label}",
        expected=" or ".join(_holders(app)) or "an assignment",
        received=", ".join((user.login, *user.groups)),
        fix=f"Assign the app to {user.login} or to one of their groups.",
        spec="support.okta.com, 403 App Not Assigned",
    )


def _holders(app: App) -> Iterable[str]:
    return (f"user {a.user}" if a.user else f"group {a.group}" for a in app.assignments)
