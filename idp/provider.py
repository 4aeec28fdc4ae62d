"""The identity provider in one object: an org, its services, the faults of its assertions, and its site."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial

from lxml import etree

from emulator.kernel.client_connection import NO_KNOWN_ADDRESSES, KnownAddresses
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.differences import nearest_login
from emulator.kernel.errors import FederationError
from emulator.kernel.failures import Failures
from emulator.kernel.limits import ReachedLimits
from emulator.kernel.outbound import Send, send_nowhere
from emulator.kernel.page_notice import PageNotice
from emulator.kernel.services import Services, WsgiApp
from emulator.kernel.store import Store
from emulator.kernel.why_box import WhyBox
from idp.directory import Directory
from idp.management.rate_limits import RateLimits
from idp.management.service import Management
from idp.model import App, KeyPair, Org, User
from idp.oauth.authorization_code import AuthorizationCodes
from idp.oauth.device_flow import DeviceFlow
from idp.oauth.refresh_tokens import RefreshTokens
from idp.oauth.tokens import Tokens
from idp.saml.draft import Fault
from idp.saml.faults import InjectedFaults
from idp.saml.issue import Issued, issue
from idp.saml.keys import make_key_pair
from idp.saml.metadata import idp_metadata
from idp.saml.roles import role_values
from idp.saml.signing_again import sign_again
from idp.signon.authn import Authentication
from idp.signon.next_logins import NextLogins
from idp.signon.session import Sessions
from idp.sso.pending_requests import PendingRequests
from idp.system_log.service import SystemLog

_FEW = 5


class IdentityProvider:
    """A mock Okta org.

    Args:
        org: The org's initial state.
        store: Store of its sessions; by default its own.
        ids: Source of identifiers and secrets.
        send: Sends the requests that the org makes itself; by default nothing is sent.
        token_key: Returns the key that signs tokens, when one is needed; by default a new one.
        known_addresses: The addresses that users send their requests from, for requests that carry none themselves.
        next_logins: What is programmed for people's next logins, in this org and others; nothing by default.
        page_notice: HTML that pages show at the top; nothing by default.
        failures: Called with unexpected exceptions during the delivery of events; ignored by default.
        limits: Limits that were reached; by default its own.
    """

    def __init__(
        self,
        org: Org,
        store: Store | None = None,
        *,
        clock: Clock,
        ids: Ids,
        send: Send = send_nowhere,
        token_key: Callable[[], KeyPair] | None = None,
        known_addresses: KnownAddresses = NO_KNOWN_ADDRESSES,
        next_logins: NextLogins | None = None,
        page_notice: PageNotice | None = None,
        failures: Failures | None = None,
        limits: ReachedLimits | None = None,
    ) -> None:
        # Every service creates its tables here, not on first use, because a saved state is loaded into existing tables.
        store = store or Store(clock=clock)
        self.directory = Directory(org)
        requests = PendingRequests(self.directory, store, clock=clock, ids=ids)
        self.system_log = SystemLog(self.directory, store, clock=clock, ids=ids)
        self.sessions = Sessions(self.directory, self.system_log, store, clock=clock, ids=ids)
        next_logins = next_logins or NextLogins()
        self.authentication = Authentication(
            self.directory, self.sessions, self.system_log, store, clock=clock, ids=ids, next_logins=next_logins
        )
        token_key = token_key or partial(make_key_pair, common_name=org.name, clock=clock, ids=ids)
        tokens = Tokens(self.directory, token_key, store, clock=clock, ids=ids)
        codes = AuthorizationCodes(self.directory, store, clock=clock, ids=ids)
        refresh_tokens = RefreshTokens(self.directory, tokens, store, clock=clock, ids=ids)
        flow = DeviceFlow(self.directory, self.sessions, tokens, store, clock=clock, ids=ids)
        self.management = Management(
            self.directory, self.system_log, send, clock=clock, ids=ids, failures=failures or Failures(), limits=limits
        )
        self.faults = InjectedFaults()
        self._clock = clock
        self._ids = ids
        self.why_box = WhyBox()
        self.services = Services()
        self.services.provide(WhyBox, self.why_box)
        self.services.provide(PageNotice, page_notice or PageNotice())
        self.services.provide(Clock, clock)
        self.services.provide(Ids, ids)
        self.services.provide(KnownAddresses, known_addresses)
        self.services.provide(Directory, self.directory)
        self.services.provide(SystemLog, self.system_log)
        self.services.provide(Sessions, self.sessions)
        self.services.provide(Authentication, self.authentication)
        self.services.provide(Tokens, tokens)
        self.services.provide(AuthorizationCodes, codes)
        self.services.provide(RefreshTokens, refresh_tokens)
        self.services.provide(DeviceFlow, flow)
        self.services.provide(PendingRequests, requests)
        self.services.provide(Management, self.management)
        self.services.provide(RateLimits, RateLimits(self.directory, self.system_log, clock=clock))
        self.services.provide(InjectedFaults, self.faults)
        self.services.provide(NextLogins, next_logins)

    @property
    def org(self) -> Org:
        """The org in its current state."""
        return self.directory.org

    @cached_property
    def wsgi(self) -> WsgiApp:
        """The org's site: the one site of this process, answering with this org's services."""
        from idp.app import org_site

        return self.services.bind(org_site)

    def metadata(self, app_name: str) -> bytes:
        """Returns the public metadata of an app.

        Raises:
            FederationError: the app does not exist.
        """
        return idp_metadata(self.org, self._app(app_name))

    def mint(self, login: str, app_name: str, *, faults: Sequence[Fault] = ()) -> Issued:
        """Issues a Response without a browser, as if the person had just signed in.

        Raises:
            FederationError: the user or the app does not exist.
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

    def sign_again(self, root: etree._Element, issuer: str) -> bool:
        """Signs a changed Response again, in place, with the key of the app that its Issuer names.

        Args:
            issuer: EntityID of an app, as in the Response.

        Returns:
            Whether the org has this app.

        Raises:
            FederationError: it cannot be signed; for example, it is not a Response.
        """
        app = next((app for app in self.org.apps.values() if app.issuer == issuer), None)
        if app is not None:
            sign_again(root, app)
        return app is not None

    def require_change(self, login: str, app_name: str, faults: Sequence[Fault]) -> None:
        """Requires that faults change what an app says about a person; nothing is issued, and no identifier is used up.

        Raises:
            FederationError: the user or the app does not exist, or the faults would change nothing.
            OktaRefusal: the app is not assigned to the user.
        """
        clock = Clock(frozen_at=self._clock.now())
        user, app, now = self._user(login), self._app(app_name), clock.now()
        honest, faulty = (
            issue(self.org, app, user, authenticated_at=now, clock=clock, ids=Ids(seed=0), faults=each)
            for each in ((), faults)
        )
        if faults and honest.saml_response == faulty.saml_response:
            raise FederationError(
                f"{', '.join(map(str, faults))} changes nothing in what {app_name} says about {login}",
                fix="Choose what is not so already.",
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
            near = nearest_login(login, self.org.users)
            raise FederationError(
                f"The org {self.org.name} has no user {login}" + (f"; did you mean {near}?" if near else ""),
                expected=near or " or ".join(list(self.org.users)[:_FEW]),
                received=login,
            )
        return user
