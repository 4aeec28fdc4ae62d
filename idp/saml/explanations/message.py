"""What an assertion was issued from: the settings, the person and the request that each explanation looks at."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from emulator.kernel.errors import FederationError
from emulator.kernel.explanations import Setting
from emulator.kernel.records import dataclass
from idp.model import BEGINNING, App, Org, User
from idp.saml.issue import AuthnRequest
from idp.saml.roles import role_values


@dataclass(frozen=True)
class IssuedMessage:
    """What an assertion was issued from.

    Args:
        org: The org at that instant.
        app: The app that it was sent to.
        user: The person it is about.
        saml_response: The form field as it was sent.
        relay_state: The relay state sent with it.
        relay_state_was_asked_for: Whether the request asked for the relay state; otherwise it is the app's default.
        planted: The faults that were put into it, as they were written.
        planted_by: Who programmed them for this login; empty where nobody did.
        request: The AuthnRequest that it answers; None when the login began at Okta.
        issued_at: When it was issued; ``BEGINNING`` for a message that only seems to come from this org.
    """

    org: Org
    app: App
    user: User
    saml_response: str
    relay_state: str = ""
    relay_state_was_asked_for: bool = False
    planted: tuple[str, ...] = ()
    request: AuthnRequest | None = None
    issued_at: datetime = BEGINNING
    planted_by: str = ""

    @property
    def person(self) -> str:
        """The login of the person it is about."""
        return self.user.login

    @property
    def sent_by(self) -> str:
        """The app that sent it, as ``org/app``."""
        return f"{self.org.name}/{self.app.name}"

    @property
    def asked_relay_state(self) -> str | None:
        """The relay state that the request asked for, or None where it is the app's own."""
        return self.relay_state if self.relay_state_was_asked_for else None

    @property
    def is_of_this_org(self) -> bool:
        """Whether this org is known to have issued it, by its own clock."""
        return self.issued_at != BEGINNING

    def setting(self, *path: str | int) -> Setting:
        """Returns a setting of the app."""
        return Setting(self.org, ("apps", self.app.name, *path))

    def of_user(self, *path: str | int) -> Setting:
        """Returns a setting of the person."""
        return Setting(self.org, ("users", self.user.login, *path))

    def roles_of(self, app: App, *, groups: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Returns the Role values that the person would have; none where the settings do not give any.

        Args:
            app: The app with other settings.
            groups: Groups that the person would be in; by default their own.
        """
        try:
            return role_values(self.org, app, self.user if groups is None else replace(self.user, groups=groups))
        except FederationError:
            return ()
