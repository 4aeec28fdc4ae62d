"""AWS sign-in: what becomes of a posted SAMLResponse, and where RelayState leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from emulator.clock import Clock, Ids
from emulator.errors import AwsRefusal
from sp_mock.checks import examine
from sp_mock.credentials import Credentials, ExpiringStore, RoleSession
from sp_mock.model import Aws
from sp_mock.presentation import Front, Presentation, RolePair
from sp_mock.sts import assume_role_with_saml

CONSOLE_HOME = "https://console.aws.amazon.com/console/home"
_AWS_SITES = ("aws.amazon.com", "console.amazonaws-us-gov.com", "console.amazonaws.cn")


@dataclass(frozen=True, slots=True)
class ConsoleSession:
    """A browser's session with the AWS console, found again by its cookie."""

    role_session: RoleSession
    credentials: Credentials
    issuer: str
    expires_at: datetime


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

    def __init__(self, aws: Aws, *, clock: Clock, ids: Ids) -> None:
        self._aws = aws
        self._clock = clock
        self._ids = ids
        self.sessions: ExpiringStore[ConsoleSession] = ExpiringStore(clock=clock)

    def submit(self, saml_response: str, *, relay_state: str, role_index: str | None) -> SignedIn | RoleChoice:
        """Answers a posted form: signs in with the only or the chosen role, or asks for a choice.

        The role chooser holds no state: the browser posts the assertion again together with the role, so the choice is
        bound by the assertion's five minutes.

        Args:
            saml_response: The form field as posted.
            relay_state: The form field; empty when there is none.
            role_index: The ARN of the chosen role, or None.

        Raises:
            AwsRefusal: the failing check's.

        Spec: AWS IAM UG "id_roles_providers_enable-console-saml"
        Evidence: documented (the flow), observed (one role skips the chooser), assumed (which pairs are dropped)
        """
        if role_index is None:
            choice = self._usable_roles(saml_response)
            if isinstance(choice, RoleChoice):
                return choice
            role_index = choice.role_arn
        presented = self._present(saml_response, role_arn=role_index)
        assumed = assume_role_with_saml(presented, ids=self._ids, console=True)
        session = ConsoleSession(assumed.session, assumed.credentials, assumed.issuer, assumed.session.expires_at)
        cookie = self._ids.token(48)
        self.sessions.put(cookie, session)
        return SignedIn(cookie, session, landing(relay_state))

    def _present(self, saml_response: str, *, role_arn: str | None = None) -> Presentation:
        return Presentation(saml_response, front=Front.SIGN_IN, aws=self._aws, now=self._clock.now(), role_arn=role_arn)

    def _usable_roles(self, saml_response: str) -> RolePair | RoleChoice:
        first = self._present(saml_response)
        if len(first.role_pairs) == 1:
            return first.role_pairs[0]
        refusals = self._refusals_by_provider(saml_response, first)
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

    def _refusals_by_provider(self, saml_response: str, first: Presentation) -> dict[str, AwsRefusal | None]:
        """Asks, once for each provider in the assertion, everything that does not depend on the role."""
        if not first.role_pairs:
            examine(first, of_role=False)
        refusals: dict[str, AwsRefusal | None] = {}
        for pair in first.role_pairs:
            if pair.provider_arn not in refusals:
                try:
                    examine(self._present(saml_response, role_arn=pair.role_arn), of_role=False)
                    refusals[pair.provider_arn] = None
                except AwsRefusal as refusal:
                    refusals[pair.provider_arn] = refusal
        return refusals


def landing(relay_state: str) -> Landing:
    """Decides where RelayState leads: AWS's own https sites are followed, anything else is not.

    Spec: SAML Bindings §3.5.3; Amazon Connect Administrator Guide "configure-saml"
    Evidence: documented (console URLs are followed), assumed (others end at the console home)
    """
    if not relay_state:
        return Landing(CONSOLE_HOME, "there is no RelayState")
    try:
        parts = urlsplit(relay_state)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return Landing(CONSOLE_HOME, "RelayState is not a URL; it was not followed")
    if any(ord(character) <= 0x20 or character == "\\" for character in relay_state):
        return Landing(
            CONSOLE_HOME, "RelayState contains spaces, control characters or backslashes; it was not followed"
        )
    if parts.scheme != "https" or not host:
        return Landing(CONSOLE_HOME, "RelayState is not an https URL; it was not followed")
    if port not in {None, 443} or "@" in parts.netloc or not _is_aws_site(host):
        return Landing(CONSOLE_HOME, f"RelayState leads to {host}, which is not an AWS site; it was not followed")
    return Landing(relay_state)


def _is_aws_site(host: str) -> bool:
    return any(host == site or host.endswith(f".{site}") for site in _AWS_SITES)
