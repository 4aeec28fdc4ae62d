"""The identity provider in one object: an org, its services, the faults of its assertions, and its site."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial

from lxml import etree

from emulator.kernel.client_connection import NO_KNOWN_ADDRESSES, KnownAddresses
from emulator.kernel.clock import Clock, Ids
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


class IdentityProvider:
    """A mock Okta org.

    Args:
        org: What it holds in the beginning.
        store: Where its sessions are kept; a store of its own by default.
        clock: Its time.
        ids: Its identifiers and secrets.
        send: Carries the requests that it makes itself; nowhere by default.
        token_key: Returns the key that signs tokens, when one is needed; a new one by default.
        known_addresses: Where people send their requests from, unless a request says so itself.
        next_logins: What is programmed for people's next logins, of this org and others; nothing by default.
        page_notice: What pages show on top; nothing by default.
        failures: Hears of exceptions that nobody expected while events are delivered; nobody by default.
        limits: Notes those that are reached; of its own by default.
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
        # Every service makes its tables here, not on first use: a saved state is loaded into the tables that exist.
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
        """The org as it is now."""
        return self.directory.org

    @cached_property
    def wsgi(self) -> WsgiApp:
        """The org's site: the one of this process, answering from this org's services."""
        from idp.app import org_site

        return self.services.bind(org_site())

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

    def sign_again(self, root: etree._Element, issuer: str) -> bool:
        """Signs a Response that somebody changed, in place, with the key of the app that its Issuer names.

        Args:
            root: The Response.
            issuer: An app's entityID, as the Response has it.

        Returns:
            Whether there is such an app in this org.

        Raises:
            FederationError: it cannot be signed; it is no Response, for example.
        """
        app = next((app for app in self.org.apps.values() if app.issuer == issuer), None)
        if app is not None:
            sign_again(root, app)
        return app is not None

    def require_change(self, login: str, app_name: str, faults: Sequence[Fault]) -> None:
        """Requires that faults change what an app says about a person; nothing is issued, and no identifier used up.

        Raises:
            FederationError: there is no such user or app, or the faults would change nothing.
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
            raise FederationError(
                f"The org {self.org.name} has no user {login}", expected=" or ".join(self.org.users), received=login
            )
        return user
