"""What AWS holds: accounts with their SAML providers, policies, roles, users and Amazon Connect instances."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sp_mock.arn import Arn
from sp_mock.managed_policies import AWS_MANAGED_POLICIES, BEGINNING, ManagedPolicy, Tags
from sp_mock.policy_document import PolicyDocument
from sp_mock.provider_metadata import ProviderMetadata

SAML_IDENTITY_MANAGEMENT = "SAML"


@dataclass(frozen=True, slots=True)
class DecryptionKey:
    """A private key in PEM with which a SAML provider opens encrypted assertions."""

    key_id: str
    added_at: datetime
    private_key_pem: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SamlProvider:
    """An IAM SAML provider: an ARN and the metadata document it was made from.

    Args:
        arn: Names it.
        metadata: The identity provider's.
        provider_id: Its unique id (``SAMLSP…``), part of its own sign-in URL ``/saml/acs/SAMLSP…``.
        encryption_mode: ``Allowed`` or ``Required``; None when assertions come as they are.
        private_keys: At most two, the older first.
        created_at: When it was made.
        tags: Its tags.
    """

    arn: Arn
    metadata: ProviderMetadata
    provider_id: str = ""
    encryption_mode: str | None = None
    private_keys: tuple[DecryptionKey, ...] = ()
    created_at: datetime = BEGINNING
    tags: Tags = ()


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role. ``role_id`` is its unique id (``AROA…``); ``attached_policies`` are ARNs of managed policies."""

    arn: Arn
    role_id: str
    trust: PolicyDocument
    inline_policies: Mapping[str, PolicyDocument] = field(default_factory=dict)
    attached_policies: tuple[str, ...] = ()
    permissions_boundary: str | None = None
    max_session_duration_seconds: int = 3600
    description: str = ""
    created_at: datetime = BEGINNING
    tags: Tags = ()

    @property
    def name(self) -> str:
        """The role's name without its path."""
        return self.arn.name

    @property
    def entity_id(self) -> str:
        """The unique id, under the name that users have it under."""
        return self.role_id


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A user's long-term access key."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    active: bool = True
    created_at: datetime = BEGINNING


@dataclass(frozen=True, slots=True)
class User:
    """An IAM user. ``user_id`` is its unique id (``AIDA…``)."""

    arn: Arn
    user_id: str
    inline_policies: Mapping[str, PolicyDocument] = field(default_factory=dict)
    attached_policies: tuple[str, ...] = ()
    permissions_boundary: str | None = None
    access_keys: tuple[AccessKey, ...] = ()
    created_at: datetime = BEGINNING
    tags: Tags = ()

    @property
    def name(self) -> str:
        """The user's name without its path."""
        return self.arn.name

    @property
    def entity_id(self) -> str:
        """The unique id, under the name that roles have it under."""
        return self.user_id


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
    """An AWS account. Mappings are keyed by ARN text, instances by instance id.

    ``disabled_sts_regions`` are those in which the account's administrator switched STS off.
    """

    account_id: str
    partition: str = "aws"
    alias: str | None = None
    saml_providers: Mapping[str, SamlProvider] = field(default_factory=dict)
    policies: Mapping[str, ManagedPolicy] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    users: Mapping[str, User] = field(default_factory=dict)
    instances: Mapping[str, Instance] = field(default_factory=dict)
    disabled_sts_regions: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """The account as the role chooser names it: ``alias (123456789012)`` or the id alone."""
        return f"{self.alias} ({self.account_id})" if self.alias else self.account_id

    def policy(self, arn: str) -> ManagedPolicy | None:
        """Returns the account's or AWS's managed policy with this ARN."""
        return self.policies.get(arn) or AWS_MANAGED_POLICIES.get(arn)

    def identity_policies(self, entity: Role | User) -> tuple[NamedDocument, ...]:
        """Returns a role's or user's attached and inline policies, each with the name that explanations use."""
        attached = ((arn, self.policy(arn)) for arn in entity.attached_policies)
        return (
            *((f"policy {policy.name}", policy.document) for _, policy in attached if policy is not None),
            *((f"inline policy {name}", document) for name, document in entity.inline_policies.items()),
        )

    def boundary(self, entity: Role | User) -> tuple[NamedDocument, ...] | None:
        """Returns a role's or user's permissions boundary, or None when it has none."""
        if entity.permissions_boundary is None:
            return None
        policy = self.policy(entity.permissions_boundary)
        return ((f"permissions boundary {policy.name}", policy.document),) if policy else ()

    @property
    def sign_on_hosts(self) -> tuple[str, ...]:
        """The hosts at which the identity providers of this account sign people on."""
        return tuple(host for provider in self.saml_providers.values() for host in provider.metadata.sign_on_hosts)


NamedDocument = tuple[str, PolicyDocument]
Changed = TypeVar("Changed")


class Aws:
    """Every account of a world: the one place where AWS's set-up is kept, and changed.

    Accounts are values. A change makes a new account and puts it in the old one's place, one change at a time, so that
    a reader needs no lock and a refused change leaves nothing behind. ARNs are case-sensitive.
    """

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self._lock = threading.RLock()
        self._accounts: Mapping[str, Account] = {account.account_id: account for account in accounts}

    @property
    def accounts(self) -> Mapping[str, Account]:
        """The accounts as they are now, by account id."""
        return self._accounts

    def change(self, account_id: str, make: Callable[[Account], tuple[Account, Changed]]) -> Changed:
        """Puts a new account in the place of the one with this id.

        Args:
            account_id: Whose account.
            make: Takes the account as it is and returns the new one, with an answer that is handed on. What it raises
                leaves everything as it was.
        """
        with self._lock:
            account, answer = make(self._accounts[account_id])
            self._accounts = {**self._accounts, account_id: account}
            return answer

    def replace(self, accounts: Iterable[Account]) -> None:
        """Forgets every account and takes these."""
        with self._lock:
            self._accounts = {account.account_id: account for account in accounts}

    def account_of(self, arn: str) -> Account | None:
        """Returns the account that an ARN belongs to."""
        parts = arn.split(":", 5)
        return self._accounts.get(parts[4]) if len(parts) > 5 else None

    def saml_provider(self, arn: str) -> SamlProvider | None:
        """Returns the SAML provider with this ARN."""
        account = self.account_of(arn)
        return account.saml_providers.get(arn) if account else None

    def saml_provider_with_id(self, provider_id: str) -> SamlProvider | None:
        """Returns the SAML provider whose unique id this is."""
        providers = (provider for account in self._accounts.values() for provider in account.saml_providers.values())
        return next((each for each in providers if each.provider_id == provider_id), None)

    def role(self, arn: str) -> Role | None:
        """Returns the role with this ARN."""
        account = self.account_of(arn)
        return account.roles.get(arn) if account else None

    def user(self, arn: str) -> User | None:
        """Returns the IAM user with this ARN."""
        account = self.account_of(arn)
        return account.users.get(arn) if account else None

    def access_key(self, access_key_id: str) -> tuple[User, AccessKey] | None:
        """Returns the long-term access key with this id, and whose it is."""
        for account in self._accounts.values():
            for user in account.users.values():
                for key in user.access_keys:
                    if key.access_key_id == access_key_id:
                        return user, key
        return None

    def instance(self, instance_id: str) -> Instance | None:
        """Returns the Amazon Connect instance with this id."""
        accounts = self._accounts.values()
        return next((a.instances[instance_id] for a in accounts if instance_id in a.instances), None)

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Every Amazon Connect instance."""
        return tuple(instance for account in self._accounts.values() for instance in account.instances.values())

    def account_label(self, account_id: str) -> str:
        """Returns how the role chooser names an account, known here or not."""
        account = self._accounts.get(account_id)
        return account.label if account else account_id
