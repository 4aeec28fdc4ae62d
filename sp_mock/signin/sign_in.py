"""AWS sign-in: what becomes of a posted SAMLResponse, and where RelayState leads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import AwsRefusal, InvalidSamlResponse, ProviderNotFound
from emulator.kernel.store import Store
from sp_mock.accounts.model import Aws
from sp_mock.assertion.checks import examine
from sp_mock.assertion.login_request import INVALID_SAML_RESPONSE, EntryPoint, Presentation, RolePair
from sp_mock.assertion.received import ROLE, attribute_path
from sp_mock.endpoints import GLOBAL, Endpoint, is_aws_site, is_sign_in_host, why_not_followed
from sp_mock.signin.console_sessions import NEW_BROWSER, BrowserContext, ConsoleSession, ConsoleSessions
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
class Landing:
    """Where the browser goes after sign-in; ``note`` says why it is not where RelayState points."""

    url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Sign-in succeeded: the session's cookie value, the session, and where to go."""

    cookie: str
    session: ConsoleSession
    landing: Landing


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """Several roles are possible: a person has to choose.

    Args:
        accounts: For each account its id, its label and its roles, in the assertion's order.
        dropped: Pairs that cannot be used, with AWS's reason.
    """

    accounts: tuple[tuple[str, str, tuple[RolePair, ...]], ...]
    dropped: tuple[tuple[RolePair, AwsRefusal], ...]


class SignIn:
    """The sign-in service: holds the console sessions."""

    def __init__(
        self, aws: Aws, store: Store, *, clock: Clock, ids: Ids, settings: SignInSettings = DEFAULT_SETTINGS
    ) -> None:
        self.settings = settings
        self.sessions = ConsoleSessions(store, clock=clock, ids=ids)
        self._aws = aws
        self._clock = clock
        self._ids = ids

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
        if role_index is None:
            choice = self._usable_roles(saml_response, browser)
            if isinstance(choice, RoleChoice):
                return choice
            role_index = choice.role_arn
        presented = self._present(saml_response, browser, role_arn=role_index)
        _require_partition(presented, browser.endpoint)
        assumed = assume_role_with_saml(presented, ids=self._ids, console=True)
        session = ConsoleSession(assumed.session, assumed.credentials, assumed.issuer, assumed.session.expires_at)
        cookie = self.sessions.open(session, browser)
        return SignedIn(cookie, session, landing(relay_state, endpoint=browser.endpoint))

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
            raise InvalidSamlResponse(
                INVALID_SAML_RESPONSE,
                service=EntryPoint.SIGN_IN,
                check="provider",
                evidence="assumed",
                explanation=f"No SAML provider has the unique id {provider_id}.",
                where="the URL, after /saml/acs/",
                expected=" or ".join(each.provider_id for each in known) or "the id of an existing SAML provider",
                received=provider_id,
                fix="Copy the sign-in URL from the provider's page or from iam:GetSAMLProvider (SAMLProviderUUID).",
                spec='AWS IAM UG "id_roles_providers_create_saml_assertions"',
            )
        return str(provider.arn)

    def _present(self, saml_response: str, browser: BrowserContext, *, role_arn: str | None = None) -> Presentation:
        return Presentation(
            saml_response,
            entry_point=EntryPoint.SIGN_IN,
            aws=self._aws,
            now=self._clock.now(),
            role_arn=role_arn,
            acs_provider_arn=browser.acs_provider_arn,
        )

    def _usable_roles(self, saml_response: str, browser: BrowserContext) -> RolePair | RoleChoice:
        first = self._present(saml_response, browser)
        if len(first.role_pairs) == 1:
            return first.role_pairs[0]
        refusals = self._refusals_by_provider(saml_response, first, browser)
        usable = [pair for pair in first.role_pairs if refusals[pair.provider_arn] is None]
        if not usable:
            raise next(refusal for refusal in refusals.values() if refusal is not None)
        if len(usable) == 1:
            return usable[0]
        dropped = [(pair, refusals[pair.provider_arn]) for pair in first.role_pairs]
        by_account: dict[str, list[RolePair]] = {}
        for pair in usable:
            by_account.setdefault(pair.account_id, []).append(pair)
        return RoleChoice(
            tuple((account, self._aws.account_label(account), tuple(pairs)) for account, pairs in by_account.items()),
            tuple((pair, refusal) for pair, refusal in dropped if refusal is not None),
        )

    def _refusals_by_provider(
        self, saml_response: str, first: Presentation, browser: BrowserContext
    ) -> dict[str, AwsRefusal | None]:
        """Asks, once for each provider in the assertion, everything that does not depend on the role."""
        if not first.role_pairs:
            examine(first, of_role=False)
        refusals: dict[str, AwsRefusal | None] = {}
        for pair in first.role_pairs:
            if pair.provider_arn not in refusals:
                presented = self._present(saml_response, browser, role_arn=pair.role_arn)
                try:
                    _require_partition(presented, browser.endpoint)
                    examine(presented, of_role=False)
                    refusals[pair.provider_arn] = None
                except AwsRefusal as refusal:
                    refusals[pair.provider_arn] = refusal
        return refusals


def landing(relay_state: str, *, endpoint: Endpoint = GLOBAL) -> Landing:
    """Decides where RelayState leads: AWS's own https sites are followed, anything else is not.

    Spec: SAML Bindings §3.5.3; Amazon Connect Administrator Guide "configure-saml"
    Evidence: documented (console URLs are followed), assumed (others end at the console home of the same region)
    """
    if not relay_state:
        return Landing(endpoint.console_home, "there is no RelayState")
    why = why_not_followed(relay_state, allowed=is_aws_site, kind="an AWS site")
    if why:
        return Landing(endpoint.console_home, f"RelayState {why}; it was not followed")
    return Landing(relay_state)


def _require_partition(presented: Presentation, endpoint: Endpoint) -> None:
    """A partition's sign-in knows the SAML providers of its own accounts only.

    Spec: AWS General Reference "Amazon Resource Names (ARNs)", partitions
    Evidence: assumed
    """
    pair, partition = presented.pair, endpoint.partition
    if pair is None or pair.provider_arn.split(":")[1] == partition.name:
        return
    raise ProviderNotFound(
        "Specified provider doesn't exist",
        service=EntryPoint.SIGN_IN,
        check="partition",
        evidence="assumed",
        explanation=f"{endpoint.sign_in_url}/saml signs in to the partition {partition.name}; the role is in another.",
        where=attribute_path(ROLE),
        expected=f"arn:{partition.name}:iam::…",
        received=pair.provider_arn,
        fix="Set the app's ACS URL to the sign-in URL of the role's partition.",
        spec='AWS General Reference "Amazon Resource Names (ARNs)"',
    )
