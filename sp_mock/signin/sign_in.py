"""AWS sign-in: how a posted SAMLResponse is answered."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import AwsRefusal
from emulator.kernel.explanations import Cause, message_digest
from emulator.kernel.records import dataclass
from emulator.kernel.store import Store
from sp_mock.accounts.model import Aws, Instance
from sp_mock.assertion.login_request import RolePair
from sp_mock.assertion.received import receive
from sp_mock.cloudtrail.history import EventHistory
from sp_mock.endpoints import Endpoint, is_aws_site, is_sign_in_host, why_not_followed
from sp_mock.principals.credentials import FederatedSession
from sp_mock.signin.acs_urls import provider_with_id
from sp_mock.signin.console_sessions import NEW_BROWSER, BrowserContext, ConsoleSession, ConsoleSessions
from sp_mock.signin.posted_login import PostedLogin, RoleChoice
from sp_mock.signin.relay_state import Landing, explained, landing
from sp_mock.signin.sign_in_events import record_console_login, record_refusal, record_role
from sp_mock.sts.assume_role_with_saml import assume_role_with_saml


class RoleChooser(StrEnum):
    """Which role chooser is shown.

    AWS replaced its role chooser in August 2023. ``COMBINED`` is both versions on one page, which programs written for
    either one can parse.

    Spec: AWS sign-in page
    Evidence: observed (both pages), assumed (the combination is the emulator's own)
    """

    COMBINED = "combined"
    LEGACY = "legacy"
    SINCE_2023 = "2023"


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """Settings of sign-in. With ``multi_session`` every browser may have several sessions without opting in."""

    role_chooser: RoleChooser = RoleChooser.COMBINED
    multi_session: bool = False


DEFAULT_SETTINGS = SignInSettings()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A successful sign-in: the session's cookie value, the session, and where the browser goes.

    ``replaced`` is another person's session that the browser had until then, or None. ``shortened`` says why the
    session is shorter than asked for, with its causes. ``dropped`` are the pairs that cannot be used, with AWS's
    reason, where the role was taken because it was the only one left.
    """

    cookie: str
    session: ConsoleSession
    landing: Landing
    replaced: ConsoleSession | None = None
    shortened: str = ""
    shortened_by: tuple[Cause, ...] = ()
    dropped: tuple[tuple[RolePair, AwsRefusal], ...] = ()


class SignIn:
    """The sign-in service, which holds the console sessions."""

    def __init__(
        self,
        aws: Aws,
        store: Store,
        *,
        clock: Clock,
        ids: Ids,
        history: EventHistory,
        settings: SignInSettings = DEFAULT_SETTINGS,
        instances_open_to: Callable[[FederatedSession], tuple[Instance, ...]] = lambda _: (),
    ) -> None:
        self.settings = settings
        self.sessions = ConsoleSessions(store, clock=clock, ids=ids)
        self._aws = aws
        self._clock = clock
        self._ids = ids
        self._history = history
        self._instances_open_to = instances_open_to

    def submit(
        self, saml_response: str, *, relay_state: str, role_index: str | None, browser: BrowserContext = NEW_BROWSER
    ) -> SignedIn | RoleChoice:
        """Answers a posted form: signs in with the only or the chosen role, or asks for a choice.

        The role chooser keeps no state on the server: the browser posts the assertion again together with the role, so
        the choice is bound by the assertion's five minutes.

        Args:
            saml_response: The form field as it was posted.
            relay_state: The form field; empty when there is none.
            role_index: ARN of the chosen role, or None.
            browser: The browser, with the endpoint it used.

        Raises:
            AwsRefusal: the failing check's, or the sessions' when the browser may not have another one.

        Spec: AWS IAM UG "id_roles_providers_enable-console-saml"
        Evidence: documented (the flow), observed (one role skips the chooser), assumed (which pairs are dropped)
        """
        acs_provider = self._aws.saml_provider(browser.acs_provider_arn) if browser.acs_provider_arn else None
        message = receive(saml_response, addressed_to=acs_provider)
        posted = PostedLogin(message, self._aws, self._clock.now(), browser)
        try:
            login = posted.login(role_index)
            if isinstance(login, RoleChoice):
                return login
            assumed = assume_role_with_saml(login.assertion, login.request, ids=self._ids, console=True)
        except AwsRefusal as refusal:
            record_refusal(self._history, refusal, message, posted.request(role_arn=role_index), browser)
            raise
        goes_to = explained(
            landing(relay_state, endpoint=browser.endpoint),
            relay_state,
            instances=self._aws.instances,
            open_to=lambda: self._instances_open_to(assumed.session),
        )
        record_role(self._history, assumed, login.assertion, browser)
        session = ConsoleSession(
            assumed.session,
            assumed.credentials,
            assumed.issuer,
            assumed.session.expires_at,
            message_digest=message_digest(saml_response),
        )
        before = self.sessions.get(browser.cookie) if not browser.multi_session else None
        is_another = before is not None and before.session.session_name != assumed.session.session_name
        cookie = self.sessions.open(session, browser)
        record_console_login(self._history, assumed.session, browser, login_to=goes_to.url)
        return SignedIn(
            cookie,
            session,
            goes_to,
            replaced=before if is_another else None,
            shortened=assumed.shortened,
            shortened_by=assumed.shortened_by,
            dropped=login.dropped,
        )

    def after_logout(self, redirect_uri: str, *, endpoint: Endpoint) -> Landing:
        """Decides where a logout leads: AWS's sites and the known identity providers' hosts are followed.

        A URL of the sign-in site itself has to be on the host that was asked to log out. Without a safe
        ``redirect_uri`` the landing's URL is empty.

        Spec: AWS sign-in, oauth?Action=logout
        Evidence: observed (AWS sites and login URLs, on the same regional host), assumed (others are ignored)
        """
        if not redirect_uri:
            return Landing("")
        sign_in_host = endpoint.sign_in_url.removeprefix("https://")
        identity_providers = {host for account in self._aws.accounts.values() for host in account.sign_on_hosts}

        def allowed(host: str) -> bool:
            if is_sign_in_host(host):
                return host == sign_in_host
            return is_aws_site(host) or host in identity_providers

        kind = f"{sign_in_host}, another AWS site or an identity provider of these accounts"
        why = why_not_followed(redirect_uri, allowed=allowed, kind=kind)
        return Landing("", f"redirect_uri {why}; it was not followed") if why else Landing(redirect_uri)

    def provider_with_id(self, provider_id: str) -> str:
        """Returns the ARN of the SAML provider whose own sign-in URL ends in this id.

        Raises:
            InvalidSamlResponse: no provider has this id.
        """
        return provider_with_id(provider_id, self._aws)
