"""A request to be judged: who asks for which role, with which SAML provider, where and when.

It is resolved once, from the call or the form and from the Role values of the received message, and never changes.
It does not hold the message, so that nobody reads an unverified value through it. A check takes what it judges as a
separate argument: the message before its signature is verified, the verified assertion afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from emulator.kernel.client_connection import UNKNOWN_CLIENT, ClientConnection
from emulator.kernel.partitions import AWS
from emulator.kernel.records import dataclass
from sp_mock.accounts.model import Account, Aws, Role, SamlProvider
from sp_mock.arn import Arn
from sp_mock.assertion.received import ReceivedMessage, ReceivedResponse
from sp_mock.assertion.values import ROLE, AssertionValues


class EntryPoint(StrEnum):
    """Where an assertion is sent; some refusals are worded differently at sign-in and at STS."""

    SIGN_IN = "AWS sign-in"
    STS = "AWS STS"


@dataclass(frozen=True, slots=True)
class RolePair:
    """One well-formed value of the Role attribute."""

    role_arn: str
    provider_arn: str

    @property
    def account_id(self) -> str:
        """The account of the role."""
        return self.role_arn.split(":")[4]

    @property
    def partition(self) -> str:
        """The partition of the SAML provider."""
        return self.provider_arn.split(":")[1]


@lru_cache(maxsize=1024)
def role_pair(value: str) -> RolePair | None:
    """Returns the pair of ARNs in a Role value, in either order, or None when it is not a pair.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented (role first), observed (provider first, as Okta sends it; space after the comma)
    """
    parts = value.split(",")
    if len(parts) != 2:
        return None
    first, second = Arn.parse(parts[0].strip()), Arn.parse(parts[1].strip())
    if first is None or second is None:
        return None
    if first.is_role and second.is_saml_provider:
        return RolePair(str(first), str(second))
    if first.is_saml_provider and second.is_role:
        return RolePair(str(second), str(first))
    return None


def role_pairs(values: AssertionValues) -> tuple[RolePair, ...]:
    """Returns the usable values of the Role attribute, without repetitions, in document order."""
    attribute = values.attribute(ROLE)
    return _pairs_in(attribute.values) if attribute else ()


@lru_cache(maxsize=1024)
def _pairs_in(role_values: tuple[str, ...]) -> tuple[RolePair, ...]:
    return tuple(dict.fromkeys(pair for pair in map(role_pair, role_values) if pair is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRequest:
    """What is asked of AWS, with the accounts, role and provider that it concerns.

    Args:
        entry_point: Where the assertion was sent.
        now: The instant of the request.
        pair: The ARNs of role and provider; None when the message names none.
        role: That role, if it exists.
        provider: That provider, if it exists.
        accounts: The accounts at that instant, by account id.
        requested_role_arn: The role asked for, by a parameter of the API call or on the role chooser.
        requested_provider_arn: The SAML provider asked for.
        duration_seconds: The session length asked for; only the API has this parameter.
        acs_provider_arn: The SAML provider to whose own sign-in URL the assertion was posted.
        region: The endpoint's region; for a global endpoint, its partition's first.
        client: How the request reached AWS.
    """

    entry_point: EntryPoint
    now: datetime
    pair: RolePair | None
    role: Role | None
    provider: SamlProvider | None
    accounts: Mapping[str, Account]
    requested_role_arn: str | None
    requested_provider_arn: str | None
    duration_seconds: int | None
    acs_provider_arn: str | None
    region: str
    client: ClientConnection


def resolve_request(
    message: ReceivedMessage,
    *,
    aws: Aws,
    entry_point: EntryPoint,
    now: datetime,
    role_arn: str | None = None,
    provider_arn: str | None = None,
    duration_seconds: int | None = None,
    acs_provider_arn: str | None = None,
    region: str = AWS.default_region,
    client: ClientConnection = UNKNOWN_CLIENT,
) -> LoginRequest:
    """Resolves which role and which provider a request is about, and looks both up.

    Args:
        message: The message as received; its Role values are read before anything is verified, to find the provider
            whose certificates verify it.
        entry_point: Where the assertion was sent.
        duration_seconds: The session length asked for.
        acs_provider_arn: The SAML provider to whose own sign-in URL the assertion was posted.
        region: The endpoint's region.
        client: How the request reached AWS.
    """
    pair = _pair_in_question(message, role_arn=role_arn, provider_arn=provider_arn)
    return LoginRequest(
        entry_point=entry_point,
        now=now,
        pair=pair,
        role=aws.role(pair.role_arn) if pair else None,
        provider=aws.saml_provider(pair.provider_arn) if pair else None,
        accounts=aws.accounts,
        requested_role_arn=role_arn,
        requested_provider_arn=provider_arn,
        duration_seconds=duration_seconds,
        acs_provider_arn=acs_provider_arn,
        region=region,
        client=client,
    )


def _pair_in_question(message: ReceivedMessage, *, role_arn: str | None, provider_arn: str | None) -> RolePair | None:
    """Returns the role and provider asked for; without a choice, the first pair of the assertion."""
    if role_arn is not None and provider_arn is not None:
        return RolePair(role_arn, provider_arn)
    pairs = role_pairs(message.unverified) if isinstance(message, ReceivedResponse) else ()
    return next((pair for pair in pairs if role_arn in {None, pair.role_arn}), None)
