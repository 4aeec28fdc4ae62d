"""AWS sign-in: what becomes of a posted SAMLResponse."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.differences import difference, nearest
from emulator.kernel.errors import AwsRefusal, InvalidSamlResponse, ProviderNotFound
from emulator.kernel.explanations import Cause, Sent, message_digest
from emulator.kernel.partitions import AWS, PARTITIONS
from emulator.kernel.store import Store
from sp_mock.accounts.model import Aws, Instance
from sp_mock.assertion.checks import check_assertion, check_message
from sp_mock.assertion.login_request import EntryPoint, LoginRequest, RolePair, resolve_request, role_pairs
from sp_mock.assertion.received import ReceivedMessage, ReceivedResponse, receive
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import ROLE, attribute_path
from sp_mock.assertion.wording import INVALID_SAML_RESPONSE, sign_in_url_of
from sp_mock.cloudtrail.history import EventHistory
from sp_mock.endpoints import Endpoint, is_aws_site, is_sign_in_host, why_not_followed
from sp_mock.principals.credentials import FederatedSession
from sp_mock.signin.console_sessions import NEW_BROWSER, BrowserContext, ConsoleSession, ConsoleSessions
from sp_mock.signin.relay_state import Landing, explained, landing
from sp_mock.signin.sign_in_events import record_console_login, record_refusal, record_role
from sp_mock.sts.assume_role_with_saml import assume_role_with_saml


class RoleChooser(StrEnum):
    """Which role chooser is shown.

    AWS had one until August 2023 and has had another since. ``COMBINED`` is both on one page, which every program that
    reads either understands.

    Spec: AWS sign-in page
    Evidence: observed (both pages), assumed (the combination is the emulator's own)
    """

    COMBINED = "combined"
    LEGACY = "legacy"
    SINCE_2023 = "2023"


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """How sign-in behaves. With ``multi_session`` every browser may have several sessions without opting in."""

    role_chooser: RoleChooser = RoleChooser.COMBINED
    multi_session: bool = False


DEFAULT_SETTINGS = SignInSettings()


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Sign-in succeeded: the session's cookie value, the session, and where to go.

    ``replaced`` is another person's session that the browser had until then; None where there was none. ``shortened``
    says why the session is shorter than asked for, with its causes. ``dropped`` are the pairs that cannot be used, with
    AWS's reason, where the role that was taken was the only one left.
    """

    cookie: str
    session: ConsoleSession
    landing: Landing
    replaced: ConsoleSession | None = None
    shortened: str = ""
    shortened_by: tuple[Cause, ...] = ()
    dropped: tuple[tuple[RolePair, AwsRefusal], ...] = ()


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """Several roles are possible: a person has to choose.

    Args:
        accounts: For each account its id, its label and its roles, in the assertion's order.
        dropped: Pairs that cannot be used, with AWS's reason.
    """

    accounts: tuple[tuple[str, str, tuple[RolePair, ...]], ...]
    dropped: tuple[tuple[RolePair, AwsRefusal], ...]


@dataclass(frozen=True, slots=True)
class _VerifiedLogin:
    """An assertion, the request it was verified for, and the pairs beside it that cannot be used."""

    assertion: VerifiedAssertion
    request: LoginRequest
    dropped: tuple[tuple[RolePair, AwsRefusal], ...] = ()


class SignIn:
    """The sign-in service: holds the console sessions."""

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

        The role chooser holds no state: the browser posts the assertion again together with the role, so the choice is
        bound by the assertion's five minutes.

        Args:
            saml_response: The form field as posted.
            relay_state: The form field; empty when there is none.
            role_index: The ARN of the chosen role, or None.
            browser: The browser, and where it came in.

        Raises:
            AwsRefusal: the failing check's, or the sessions' when the browser may not have another one.

        Spec: AWS IAM UG "id_roles_providers_enable-console-saml"
        Evidence: documented (the flow), observed (one role skips the chooser), assumed (which pairs are dropped)
        """
        acs_provider = self._aws.saml_provider(browser.acs_provider_arn) if browser.acs_provider_arn else None
        message = receive(saml_response, addressed_to=acs_provider)
        try:
            if role_index is None:
                login = self._only_login(message, browser)
                if isinstance(login, RoleChoice):
                    return login
            else:
                login = self._verify(message, browser, role_arn=role_index)
            assumed = assume_role_with_saml(login.assertion, login.request, ids=self._ids, console=True)
        except AwsRefusal as refusal:
            record_refusal(
                self._history, refusal, message, self._request(message, browser, role_arn=role_index), browser
            )
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

        A URL of the sign-in site itself has to be on the host that logs out. Without a safe ``redirect_uri`` the
        landing's URL is empty.

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
            InvalidSamlResponse: there is none.

        Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
        Evidence: assumed (the words)
        """
        provider = self._aws.saml_provider_with_id(provider_id)
        if provider is None:
            known = [p for account in self._aws.accounts.values() for p in account.saml_providers.values()]
            near = nearest(provider_id, [each.provider_id for each in known])
            likely = [each for each in known if near in {None, each.provider_id}]
            raise InvalidSamlResponse(
                INVALID_SAML_RESPONSE,
                service=EntryPoint.SIGN_IN,
                check="provider",
                evidence="assumed",
                explanation=f"No SAML provider has the unique id {provider_id}."
                + (f" The nearest is that of {likely[0].arn}: {difference(near, provider_id)}." if near else ""),
                where="the URL, after /saml/acs/",
                expected=" or ".join(each.provider_id for each in likely) or "the id of an existing SAML provider",
                received=provider_id,
                fix="Copy the sign-in URL from the provider's page or from iam:GetSAMLProvider (SAMLProviderUUID).",
                spec='AWS IAM UG "id_roles_providers_create_saml_assertions"',
                causes=(Sent("/Response/@Destination", wanted=tuple(sign_in_url_of(each) for each in likely)),),
            )
        return str(provider.arn)

    def _request(
        self,
        message: ReceivedMessage,
        browser: BrowserContext,
        *,
        role_arn: str | None = None,
        provider_arn: str | None = None,
    ) -> LoginRequest:
        return resolve_request(
            message,
            aws=self._aws,
            entry_point=EntryPoint.SIGN_IN,
            now=self._clock.now(),
            role_arn=role_arn,
            provider_arn=provider_arn,
            acs_provider_arn=browser.acs_provider_arn,
            client=browser.client,
            region=browser.endpoint.region_name,
        )

    def _verify(
        self,
        message: ReceivedMessage,
        browser: BrowserContext,
        *,
        role_arn: str | None = None,
        provider_arn: str | None = None,
    ) -> _VerifiedLogin:
        """Verifies a message for the provider of a role, the assertion's first one when none is given."""
        request = self._request(message, browser, role_arn=role_arn, provider_arn=provider_arn)
        _require_partition(request, browser.endpoint)
        return _VerifiedLogin(check_message(message, request), request)

    def _only_login(self, message: ReceivedMessage, browser: BrowserContext) -> _VerifiedLogin | RoleChoice:
        """Returns the login with the only usable role, or the choice between several.

        Everything that does not depend on the role is asked once for each provider in the assertion.
        """
        pairs = role_pairs(message.unverified) if isinstance(message, ReceivedResponse) else ()
        if len(pairs) < 2:
            return self._verify(message, browser)
        logins: dict[str, _VerifiedLogin] = {}
        refusals: dict[str, AwsRefusal] = {}
        for pair in pairs:
            if pair.provider_arn in logins or pair.provider_arn in refusals:
                continue
            try:
                login = self._verify(message, browser, role_arn=pair.role_arn, provider_arn=pair.provider_arn)
                check_assertion(login.assertion, login.request)
                logins[pair.provider_arn] = login
            except AwsRefusal as refusal:
                refusals[pair.provider_arn] = refusal
        usable = [pair for pair in pairs if pair.provider_arn in logins]
        if not usable:
            raise next(iter(refusals.values()))
        dropped = tuple((pair, refusals[pair.provider_arn]) for pair in pairs if pair.provider_arn in refusals)
        if len(usable) == 1:
            return replace(logins[usable[0].provider_arn], dropped=dropped)
        return RoleChoice(self._by_account(usable), dropped)

    def _by_account(self, pairs: Iterable[RolePair]) -> tuple[tuple[str, str, tuple[RolePair, ...]], ...]:
        accounts: dict[str, list[RolePair]] = {}
        for pair in pairs:
            accounts.setdefault(pair.account_id, []).append(pair)
        return tuple((account, self._aws.account_label(account), tuple(group)) for account, group in accounts.items())


def _require_partition(request: LoginRequest, endpoint: Endpoint) -> None:
    """A partition's sign-in knows the SAML providers of its own accounts only.

    Spec: AWS General Reference "Amazon Resource Names (ARNs)", partitions
    Evidence: assumed
    """
    pair, partition = request.pair, endpoint.partition
    if pair is None or pair.partition == partition.name:
        return
    account = request.accounts.get(pair.account_id)
    wanted = f"{Endpoint(PARTITIONS.get(pair.partition, AWS)).sign_in_url}/saml"
    destination = Sent("/Response/@Destination", wanted=(wanted,))
    told = f"{endpoint.sign_in_url}/saml signs in to the partition {partition.name}; the role is in another."
    fix, causes = f"Set the app's ACS URL to the sign-in URL of the role's partition, {wanted}.", (destination,)
    if account is not None and account.partition == partition.name:
        right = [f"arn:{partition.name}:{arn.split(':', 2)[2]}" for arn in (pair.provider_arn, pair.role_arn)]
        told += f" Account {pair.account_id} is in {partition.name}, so that the ARNs are wrong."
        fix, causes = (
            f"Write arn:{partition.name}: in both ARNs of the Role value.",
            (Sent(attribute_path(ROLE), wanted=(",".join(right),)),),
        )
    raise ProviderNotFound(
        "Specified provider doesn't exist",
        service=EntryPoint.SIGN_IN,
        check="partition",
        evidence="assumed",
        explanation=told,
        where=attribute_path(ROLE),
        expected=f"arn:{partition.name}:iam::…",
        received=pair.provider_arn,
        fix=fix,
        spec='AWS General Reference "Amazon Resource Names (ARNs)"',
        causes=causes,
    )
