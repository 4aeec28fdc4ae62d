"""What the identity provider says about a person to one app: the NameID and the attributes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from emulator.errors import OktaRefusal
from idp.model import App, Org, User
from idp.roles import role_values

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

    Spec: help.okta.com "aws-configure-aws-app"
    Evidence: observed (names, NameFormats and order in a Response of 2018)
    """
    if not org.assigned(app, user):
        raise _not_assigned(app, user)
    username = _application_username(app, user)
    return Claims(
        name_id=username,
        attributes=tuple(
            attribute
            for attribute in (
                Attribute(f"{AWS_ATTRIBUTES}Role", URI_NAME_FORMAT, role_values(org, app, user)),
                Attribute(f"{AWS_ATTRIBUTES}RoleSessionName", BASIC_NAME_FORMAT, (username,)),
                Attribute(f"{AWS_ATTRIBUTES}SessionDuration", BASIC_NAME_FORMAT, (str(app.session_duration_seconds),)),
            )
            if attribute.values
        ),
    )


def _application_username(app: App, user: User) -> str:
    if app.username_format == "email":
        return user.email
    return user.email.partition("@")[0] if app.username_format == "email_prefix" else user.login


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
