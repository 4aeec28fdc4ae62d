"""The outcome of a posted SAMLResponse: one login, a choice between roles, or a refusal. Nothing is stored here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from emulator.kernel.errors import AwsRefusal, ProviderNotFound
from emulator.kernel.explanations import Cause, Sent
from emulator.kernel.partitions import AWS, PARTITIONS
from emulator.kernel.records import dataclass
from emulator.kernel.trace_notes import Facts, TraceNote
from sp_mock.accounts.model import Aws
from sp_mock.assertion.checks import Verify, check_assertion, check_message
from sp_mock.assertion.login_request import EntryPoint, LoginRequest, RolePair, resolve_request, role_pairs
from sp_mock.assertion.message_checks import signature
from sp_mock.assertion.received import ReceivedMessage, ReceivedResponse
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import ROLE, attribute_path
from sp_mock.endpoints import Endpoint
from sp_mock.principals.credentials import FederatedSession
from sp_mock.signin.console_sessions import BrowserContext
from sp_mock.signin.relay_state import Landing

Dropped = tuple[tuple[RolePair, AwsRefusal], ...]


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """Several roles are possible: the person has to choose one.

    Args:
        accounts: For each account its id, its label and its roles, in the assertion's order.
        dropped: Pairs that cannot be used, with AWS's reason.
    """

    accounts: tuple[tuple[str, str, tuple[RolePair, ...]], ...]
    dropped: Dropped

    @property
    def note(self) -> TraceNote:
        """The trace note of the page that asks."""
        count = sum(len(pairs) for *_, pairs in self.accounts)
        facts = Facts(
            offered_roles={label: tuple(pair.role_arn for pair in pairs) for _, label, pairs in self.accounts},
            dropped_roles={pair.role_arn: refusal.message for pair, refusal in self.dropped},
        )
        dropped = {pair.role_arn: refusal for pair, refusal in self.dropped}
        return TraceNote(EntryPoint.SIGN_IN.value, f"asks which of {count} roles to take", facts, dropped=dropped)


@dataclass(frozen=True, slots=True)
class VerifiedLogin:
    """A verified assertion, its request, and the other pairs, which cannot be used."""

    assertion: VerifiedAssertion
    request: LoginRequest
    dropped: Dropped = ()


@dataclass(frozen=True, slots=True)
class PostedLogin:
    """A SAMLResponse as it was posted, with everything that is needed to judge it.

    Args:
        message: The posted message.
        browser: The browser, with the endpoint it used.
        verify: Verifies the signature.
    """

    message: ReceivedMessage
    aws: Aws
    now: datetime
    browser: BrowserContext
    verify: Verify = signature

    def request(self, *, role_arn: str | None = None, provider_arn: str | None = None) -> LoginRequest:
        """Returns the request for a role, by default the assertion's first one."""
        return resolve_request(
            self.message,
            aws=self.aws,
            entry_point=EntryPoint.SIGN_IN,
            now=self.now,
            role_arn=role_arn,
            provider_arn=provider_arn,
            acs_provider_arn=self.browser.acs_provider_arn,
            client=self.browser.client,
            region=self.browser.endpoint.region_name,
        )

    def login(self, role_index: str | None) -> VerifiedLogin | RoleChoice:
        """Returns the login with the only or the chosen role, or the choice between several.

        Args:
            role_index: ARN of the chosen role, or None.

        Raises:
            AwsRefusal: the failing check's.
        """
        return self._only_login() if role_index is None else self.verified(role_arn=role_index)

    def verified(self, *, role_arn: str | None = None, provider_arn: str | None = None) -> VerifiedLogin:
        """Verifies the message for the provider of a role, by default the assertion's first one.

        Raises:
            AwsRefusal: the failing check's.
        """
        request = self.request(role_arn=role_arn, provider_arn=provider_arn)
        _require_partition(request, self.browser.endpoint)
        return VerifiedLogin(check_message(self.message, request, verify=self.verify), request)

    def _only_login(self) -> VerifiedLogin | RoleChoice:
        """Returns the login with the only usable role, or the choice between several.

        The checks that do not depend on the role run once for each provider in the assertion.
        """
        pairs = role_pairs(self.message.unverified) if isinstance(self.message, ReceivedResponse) else ()
        if len(pairs) < 2:
            return self.verified()
        logins: dict[str, VerifiedLogin] = {}
        refusals: dict[str, AwsRefusal] = {}
        for pair in pairs:
            if pair.provider_arn in logins or pair.provider_arn in refusals:
                continue
            try:
                login = self.verified(role_arn=pair.role_arn, provider_arn=pair.provider_arn)
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
        return tuple((account, self.aws.account_label(account), tuple(group)) for account, group in accounts.items())


def signed_in_note(
    session: FederatedSession,
    landing: Landing,
    *,
    relay_state: str,
    dropped: Dropped,
    causes: tuple[Cause, ...] = (),
    replaced: str = "",
) -> TraceNote:
    """Returns the trace note of a successful sign-in.

    Args:
        session: The session that was opened.
        landing: Where the browser goes.
        relay_state: RelayState as it was posted.
        dropped: The pairs that could not be used.
        causes: What is behind other remarks in the note, besides the landing's own causes.
        replaced: What happened to another person's session in the same browser; empty where there was none.
    """
    facts = Facts(
        role=session.principal_arn,
        session=session.arn,
        session_ends=session.expires_at,
        relay_state=relay_state,
        goes_to=landing.url,
        note="; ".join(filter(None, (landing.note, replaced))) or None,
    )
    left_out = {pair.role_arn: refusal for pair, refusal in dropped}
    summary = f"signed in as {session.user_name}"
    return TraceNote(EntryPoint.SIGN_IN.value, summary, facts, causes=(*landing.causes, *causes), dropped=left_out)


def _require_partition(request: LoginRequest, endpoint: Endpoint) -> None:
    """Requires that the provider is in the endpoint's partition, because a partition knows only its own accounts.

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
