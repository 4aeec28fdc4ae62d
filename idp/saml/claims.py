"""What the identity provider says about a person to one app: the NameID and the attributes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from idp.model import App, AttributeStatement, Org, User
from idp.saml.claim_refusals import no_name_id, no_roles, no_statement, no_username, not_assigned
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
    """Everything that is said about a person."""

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
        OktaRefusal: 403, the app is not assigned to the user; 400, a setting gives no value that can be sent.

    Spec: help.okta.com "aws-configure-aws-app"
    Evidence: observed (names, NameFormats and order in a Response of 2018)
    """
    if not org.assigned(app, user):
        raise not_assigned(org, app, user)
    username = _username(org, app, user)
    scope = username_scope(org, app, user, username=username)
    statements = (
        *(_aws_attributes(org, app, user, username) if app.is_aws else ()),
        *_custom_attributes(org, app, user, scope),
    )
    name_id = _name_id(org, app, user, scope) if app.style.name_id else username
    return Claims(name_id, tuple(attribute for attribute in statements if attribute.values))


def _username(org: Org, app: App, user: User) -> str:
    try:
        return application_username(org, app, user)
    except FederationError as error:
        raise no_username(error, org, app, user) from None


def _name_id(org: Org, app: App, user: User, scope: Scope) -> str:
    try:
        return "".join(values_of(app.style.name_id, scope))
    except FederationError as error:
        raise no_name_id(error, org, app, user) from None


def _aws_attributes(org: Org, app: App, user: User, username: str) -> Iterator[Attribute]:
    role, session_name, duration = app.style.attribute_formats
    try:
        roles = role_values(org, app, user)
    except FederationError as error:
        raise no_roles(error, org, app, user) from None
    yield Attribute(f"{AWS_ATTRIBUTES}Role", role, roles)
    yield Attribute(f"{AWS_ATTRIBUTES}RoleSessionName", session_name, (username,))
    yield Attribute(f"{AWS_ATTRIBUTES}SessionDuration", duration, (str(app.session_duration_seconds),))


def _custom_attributes(org: Org, app: App, user: User, scope: Scope) -> Iterator[Attribute]:
    """Evaluates the app's attribute statements; a statement without a value is left out.

    Spec: help.okta.com, "Define attribute statements", "Define group attribute statements"
    Evidence: documented
    """
    for index, statement in enumerate(app.attributes):
        try:
            values = statement_values(statement, scope)
        except FederationError as error:
            raise no_statement(error, org, app, user, index=index) from None
        yield Attribute(statement.name, statement.name_format, values)


def statement_values(statement: AttributeStatement, scope: Scope) -> tuple[str, ...]:
    """Returns the values of one attribute statement for a person."""
    if statement.group_filter:
        return tuple(group for group in scope.groups if _fits(group, statement))
    return tuple(value for each in statement.expressions for value in values_of(each, scope))


def _fits(group: str, statement: AttributeStatement) -> bool:
    text = statement.group_text
    return {
        "starts_with": group.startswith(text),
        "equals": group == text,
        "contains": text in group,
        "regex": statement.group_filter == "regex" and re.fullmatch(text, group) is not None,
    }[statement.group_filter]
