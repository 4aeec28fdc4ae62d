"""The identity provider in one object: an org, its sessions, the faults of its assertions, and its site."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError
from emulator.kernel.store import Store
from idp.directory import Directory
from idp.management.outbound import Send, nobody
from idp.management.service import Management
from idp.model import App, Org, User
from idp.saml.draft import Fault
from idp.saml.faults import InjectedFaults
from idp.saml.issue import Issued, issue
from idp.saml.metadata import idp_metadata
from idp.saml.roles import role_values
from idp.signon.authn import Authentication
from idp.signon.device_flow import DeviceFlow
from idp.signon.session import Sessions
from idp.sso.sp_requests import SamlRequest

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class IdentityProvider:
    """A mock Okta org.

    Args:
        org: What it holds in the beginning.
        store: Where its sessions are kept; a store of its own by default.
        clock: Its time.
        ids: Its identifiers and secrets.
        send: Carries the requests that it makes itself; nowhere by default.
    """

    def __init__(self, org: Org, store: Store | None = None, *, clock: Clock, ids: Ids, send: Send = nobody) -> None:
        store = store or Store(clock=clock)
        self._requests = store.table(f"okta-saml-requests/{org.name}", SamlRequest, clock=clock)
        self.directory = Directory(org)
        self.sessions = Sessions(self.directory, store, clock=clock, ids=ids)
        self.authentication = Authentication(self.directory, self.sessions, store, clock=clock, ids=ids)
        self.flow = DeviceFlow(self.directory, self.sessions, store, clock=clock, ids=ids)
        self.management = Management(self.directory, store, send, clock=clock, ids=ids)
        self.send = send
        self.faults = InjectedFaults()
        self._clock = clock
        self._ids = ids

    @property
    def org(self) -> Org:
        """The org as it is now."""
        return self.directory.org

    @cached_property
    def wsgi(self) -> WsgiApp:
        """The org's site."""
        from idp.app import org_site

        return org_site(
            self.directory,
            sessions=self.sessions,
            management=self.management,
            authentication=self.authentication,
            flow=self.flow,
            requests=self._requests,
            faults=self.faults,
            clock=self._clock,
            ids=self._ids,
        )

    def metadata(self, app_name: str) -> bytes:
        """Returns the public metadata of an app.

        Raises:
            FederationError: there is no such app.
        """
        return idp_metadata(self.org, self._app(app_name))

    def mint(self, login: str, app_name: str, *, faults: Sequence[Fault] = ()) -> Issued:
        """Issues a Response without a browser, as if the person had just signed in.

        Raises:
            FederationError: there is no such user or app.
            OktaRefusal: the app is not assigned to the user.
        """
        now = self._clock.now()
        return issue(
            self.org,
            self._app(app_name),
            self._user(login),
            authenticated_at=now,
            clock=self._clock,
            ids=self._ids,
            faults=faults,
        )

    def role_values(self, app: App, login: str) -> tuple[str, ...]:
        """Returns the Role values a user gets."""
        user = self.org.users.get(login)
        return role_values(self.org, app, user) if user else ()

    def _app(self, name: str) -> App:
        app = self.org.apps.get(name)
        if app is None:
            raise FederationError(
                f"The org {self.org.name} has no app {name}", expected=" or ".join(self.org.apps), received=name
            )
        return app

    def _user(self, login: str) -> User:
        user = self.org.users.get(login)
        if user is None:
            raise FederationError(
                f"The org {self.org.name} has no user {login}", expected=" or ".join(self.org.users), received=login
            )
        return user
