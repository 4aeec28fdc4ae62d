"""What AWS holds: accounts with their SAML providers, roles and Amazon Connect instances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sp_mock.arn import Arn
from sp_mock.policy_document import PolicyDocument
from sp_mock.provider_metadata import ProviderMetadata

SAML_IDENTITY_MANAGEMENT = "SAML"


@dataclass(frozen=True, slots=True)
class SamlProvider:
    """An IAM SAML provider: an ARN and the metadata document it was made from."""

    arn: Arn
    metadata: ProviderMetadata


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy with the name a person gave it."""

    name: str
    document: PolicyDocument


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role. ``role_id`` is its unique id (``AROA…``); durations are seconds."""

    arn: Arn
    role_id: str
    trust: PolicyDocument
    policies: tuple[NamedPolicy, ...] = ()
    max_session_duration_seconds: int = 3600

    @property
    def name(self) -> str:
        """The role's name without its path."""
        return self.arn.name


@dataclass(frozen=True, slots=True)
class ConnectUser:
    """A user of an Amazon Connect instance; ``login`` is matched exactly, case included."""

    login: str
    user_id: str
    first_name: str = ""
    last_name: str = ""
    security_profiles: tuple[str, ...] = ("Agent",)


@dataclass(frozen=True, slots=True)
class Instance:
    """An Amazon Connect instance.

    ``identity_management`` is SAML, CONNECT_MANAGED or EXISTING_DIRECTORY. ``binds_roles`` ties each user to the first
    role they came with.
    """

    arn: Arn
    alias: str
    identity_management: str = SAML_IDENTITY_MANAGEMENT
    users: Mapping[str, ConnectUser] = field(default_factory=dict)
    approved_origins: tuple[str, ...] = ()
    binds_roles: bool = False

    @property
    def instance_id(self) -> str:
        """The part of the ARN after ``instance/``."""
        return self.arn.name

    @property
    def host(self) -> str:
        """The host name of the instance's pages."""
        return f"{self.alias}.my.connect.aws"

    @property
    def access_url(self) -> str:
        """The instance's base URL, without a trailing slash."""
        return f"https://{self.host}"


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account. Mappings are keyed by ARN text, instances by instance id."""

    account_id: str
    alias: str | None = None
    saml_providers: Mapping[str, SamlProvider] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    instances: Mapping[str, Instance] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The account as the role chooser names it: ``alias (123456789012)`` or the id alone."""
        return f"{self.alias} ({self.account_id})" if self.alias else self.account_id

    @property
    def sign_on_hosts(self) -> tuple[str, ...]:
        """The hosts at which the identity providers of this account sign people on."""
        return tuple(host for provider in self.saml_providers.values() for host in provider.metadata.sign_on_hosts)


class Aws:
    """Every account of a world, with look-ups by ARN. ARNs are case-sensitive."""

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self.accounts = {account.account_id: account for account in accounts}

    def saml_provider(self, arn: str) -> SamlProvider | None:
        """Returns the SAML provider with this ARN."""
        return next((a.saml_providers[arn] for a in self.accounts.values() if arn in a.saml_providers), None)

    def role(self, arn: str) -> Role | None:
        """Returns the role with this ARN."""
        return next((a.roles[arn] for a in self.accounts.values() if arn in a.roles), None)

    def instance(self, instance_id: str) -> Instance | None:
        """Returns the Amazon Connect instance with this id."""
        return next((a.instances[instance_id] for a in self.accounts.values() if instance_id in a.instances), None)

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Every Amazon Connect instance."""
        return tuple(instance for account in self.accounts.values() for instance in account.instances.values())

    def account_label(self, account_id: str) -> str:
        """Returns how the role chooser names an account, known here or not."""
        account = self.accounts.get(account_id)
        return account.label if account else account_id
