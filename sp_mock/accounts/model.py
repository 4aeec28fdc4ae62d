"""What AWS holds: accounts with their SAML providers, policies, roles, users and Amazon Connect instances."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from typing import TypeVar

from emulator.kernel.partitions import AWS, OLD_CONNECT_DOMAIN, PARTITIONS
from emulator.kernel.records import dataclass
from sp_mock.accounts.aws_managed_policies import AwsManagedPolicy, aws_managed_policy
from sp_mock.accounts.connect_resources import (
    BASIC_HOURS,
    BASIC_QUEUE,
    BASIC_ROUTING_PROFILE,
    AuthenticationProfile,
    ConnectUser,
    HierarchyGroup,
    HierarchyLevel,
    HoursOfOperation,
    InstanceTiming,
    Queue,
    RoutingProfile,
    SecurityProfile,
)
from sp_mock.accounts.iam_resources import Group, InstanceProfile, OidcProvider
from sp_mock.accounts.managed_policies import BEGINNING, ManagedPolicy, Tags
from sp_mock.accounts.organization import Organization
from sp_mock.accounts.provider_metadata import ProviderMetadata
from sp_mock.arn import Arn
from sp_mock.policies.documents import PolicyDocument

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
        metadata: The metadata document of the identity provider.
        provider_id: Unique id (``SAMLSP…``), part of the provider's own sign-in URL ``/saml/acs/SAMLSP…``.
        encryption_mode: ``Allowed`` or ``Required``; None when assertions need not be encrypted and no key is set.
        private_keys: At most two, the older first.
        updated_at: When the metadata or the keys were last updated; None when they never were.
        accept_sha1: Whether signatures with SHA-1 are accepted. AWS has no such setting; it is the emulator's.
    """

    arn: Arn
    metadata: ProviderMetadata
    provider_id: str = ""
    encryption_mode: str | None = None
    private_keys: tuple[DecryptionKey, ...] = ()
    created_at: datetime = BEGINNING
    tags: Tags = ()
    updated_at: datetime | None = None
    accept_sha1: bool = False


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
        """The unique id, under the attribute name that users and groups share."""
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
        """The unique id, under the attribute name that roles and groups share."""
        return self.user_id


_SECURITY_PROFILES = tuple(map(SecurityProfile, ("Admin", "Agent", "CallCenterManager", "QualityAnalyst")))


@dataclass(frozen=True, slots=True)
class Instance:
    """An Amazon Connect instance.

    Args:
        alias: First label of its host names.
        identity_management: ``SAML``, ``CONNECT_MANAGED`` or ``EXISTING_DIRECTORY``.
        users: Users, keyed by login.
        approved_origins: Scheme, host and port of the pages that may embed the instance or be a login's destination.
        origins_approved_at: When each origin was approved; an origin that is missing here has been approved for long.
        binds_roles: Whether each user is tied to the role of their first login.
        domain: ``my.connect.aws``, or ``awsapps.com`` for an instance that can still be reached at the old domain too.
        security_profiles: Profiles that can be given to users.
        routing_profiles: Profiles that can be given to users.
        authentication_profile: How long logins last.
        cookie_same_site: SameSite attribute of the session cookies: ``None``, ``Lax`` or ``Strict``.
        timing: How slow the instance is.
        refuses_email: Whether a user's e-mail address is refused, as the API reference of UserIdentityInfo says.
        attributes: Attributes that differ from a new instance's, such as ``CONTACT_LENS``: ``true`` or ``false``.
        queues: Standard queues; each user has an agent queue besides.
        hours_of_operation: Hours that can be given to queues.
        hierarchy_levels: Levels of the agents' hierarchy, at most five, from the top.
        hierarchy_groups: Groups of all levels.
    """

    arn: Arn
    alias: str
    identity_management: str = SAML_IDENTITY_MANAGEMENT
    users: Mapping[str, ConnectUser] = field(default_factory=dict)
    approved_origins: tuple[str, ...] = ()
    origins_approved_at: Mapping[str, datetime] = field(default_factory=dict)
    binds_roles: bool = False
    domain: str = AWS.connect_domain
    security_profiles: tuple[SecurityProfile, ...] = _SECURITY_PROFILES
    routing_profiles: tuple[RoutingProfile, ...] = (RoutingProfile(BASIC_ROUTING_PROFILE),)
    authentication_profile: AuthenticationProfile = field(default_factory=AuthenticationProfile)
    cookie_same_site: str = "None"
    timing: InstanceTiming = field(default_factory=InstanceTiming)
    refuses_email: bool = True
    created_at: datetime = BEGINNING
    tags: Tags = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    queues: tuple[Queue, ...] = (Queue(BASIC_QUEUE),)
    hours_of_operation: tuple[HoursOfOperation, ...] = (HoursOfOperation(BASIC_HOURS),)
    hierarchy_levels: tuple[HierarchyLevel, ...] = ()
    hierarchy_groups: tuple[HierarchyGroup, ...] = ()

    @property
    def instance_id(self) -> str:
        """The part of the ARN after ``instance/``."""
        return self.arn.name

    @property
    def base_urls(self) -> tuple[str, ...]:
        """The base URLs of its pages, without a trailing slash. The first is the one that people are sent to.

        Spec: Amazon Connect Administrator Guide "update-your-connect-domain"
        Evidence: documented (the domains), observed (GovCloud's)
        """
        alias = self.alias.lower()
        new = f"https://{alias}.{PARTITIONS.get(self.arn.partition, AWS).connect_domain}"
        return (f"https://{self.old_domain_host}/connect", new) if self.domain == OLD_CONNECT_DOMAIN else (new,)

    @property
    def access_url(self) -> str:
        """The base URL that people are sent to, without a trailing slash."""
        return self.base_urls[0]

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of its own pages."""
        return tuple(url.removesuffix("/connect") for url in self.base_urls)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names of its pages, the old domain's last; without pages there, an instance says so at that host."""
        own = tuple(origin.removeprefix("https://") for origin in self.origins)
        # Amazon Connect has had an old domain in the commercial partition only.
        commercial = self.arn.partition == AWS.name
        return tuple(dict.fromkeys((*own, self.old_domain_host))) if commercial else own

    @property
    def old_domain_host(self) -> str:
        """Its host name at the old domain, whether or not it has pages there."""
        return f"{self.alias.lower()}.{OLD_CONNECT_DOMAIN}"

    def base_url_at(self, host: str) -> str | None:
        """Returns the base URL of the pages at a host, or None when the instance has no pages there."""
        return next((url for url in self.base_urls if url.removesuffix("/connect") == f"https://{host}"), None)

    def origins_in_force(self, now: datetime) -> tuple[str, ...]:
        """Returns the approved origins that are in effect by now, in lower case and without a trailing slash."""
        delay = timedelta(seconds=self.timing.origin_propagation_seconds)
        return tuple(
            origin.lower().rstrip("/")
            for origin in self.approved_origins
            if origin not in self.origins_approved_at or self.origins_approved_at[origin] + delay <= now
        )

    def may_open_ccp(self, user: ConnectUser) -> bool:
        """Returns whether one of a user's security profiles lets them open the CCP."""
        return any(profile.access_ccp for profile in self.security_profiles if profile.name in user.security_profiles)


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account. Mappings are keyed by ARN text, instances by instance id.

    ``disabled_sts_regions`` are the regions in which the account's administrator has deactivated STS.
    ``released_aliases`` are the aliases of deleted Amazon Connect instances, in lower case, each with the time of
    deletion. ``organization`` is None for an account that is not in an organization.
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
    groups: Mapping[str, Group] = field(default_factory=dict)
    instance_profiles: Mapping[str, InstanceProfile] = field(default_factory=dict)
    oidc_providers: Mapping[str, OidcProvider] = field(default_factory=dict)
    organization: Organization | None = None
    released_aliases: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The account as the role chooser names it: ``alias (123456789012)`` or the id alone."""
        return f"{self.alias} ({self.account_id})" if self.alias else self.account_id

    def policy(self, arn: str) -> ManagedPolicy | AwsManagedPolicy | None:
        """Returns the managed policy with this ARN, the account's own or AWS's."""
        return self.policies.get(arn) or aws_managed_policy(arn)

    def identity_policies(self, entity: Role | User) -> tuple[NamedDocument, ...]:
        """Returns a role's or user's policies, and those of the user's groups, each with a name for explanations."""
        groups = self.groups_of(entity) if isinstance(entity, User) else ()
        of_groups = (
            (f"{name} of group {group.name}", document) for group in groups for name, document in self._policies(group)
        )
        return (*self._policies(entity), *of_groups)

    def policies_that_count(self, entity: Role | User | Group) -> tuple[NamedDocument, ...]:
        """Returns the policies in effect for a role, a user or the members of a group."""
        return self._policies(entity) if isinstance(entity, Group) else self.identity_policies(entity)

    def _policies(self, entity: Role | User | Group) -> tuple[NamedDocument, ...]:
        attached = ((arn, self.policy(arn)) for arn in entity.attached_policies)
        return (
            *((f"policy {policy.name}", policy.document) for _, policy in attached if policy is not None),
            *((f"inline policy {name}", document) for name, document in entity.inline_policies.items()),
        )

    def groups_of(self, user: User) -> tuple[Group, ...]:
        """Returns the groups that a user is in."""
        return tuple(group for group in self.groups.values() if user.user_id in group.members)

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
    """Every account of a world: the only place where AWS's configuration is held and changed.

    Accounts are immutable values. A change makes a new account and swaps it for the old one, one change at a time, so
    that a reader needs no lock and a refused change leaves no trace. ARNs are case-sensitive.
    """

    def __init__(self, accounts: Iterable[Account] = ()) -> None:
        self._lock = threading.RLock()
        self._accounts: Mapping[str, Account] = {account.account_id: account for account in accounts}
        self._listed_hosts: tuple[Mapping[str, Account], tuple[str, ...]] = ({}, ())

    @property
    def accounts(self) -> Mapping[str, Account]:
        """The accounts as they are now, by account id."""
        return self._accounts

    def change(self, account_id: str, make: Callable[[Account], tuple[Account, Changed]]) -> Changed:
        """Replaces the account that has this id by a changed one.

        Args:
            make: Takes the current account and returns the changed one, with a result that is passed on to the caller.
                When it raises, the account stays as it was.
        """
        with self._lock:
            account, answer = make(self._accounts[account_id])
            self._accounts = {**self._accounts, account_id: account}
            return answer

    def replace(self, accounts: Iterable[Account]) -> None:
        """Discards every account and takes these instead."""
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
        """Returns the SAML provider with this unique id."""
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
        """Returns the long-term access key with this id, and the user it belongs to."""
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

    @property
    def instance_hosts(self) -> tuple[str, ...]:
        """The host names of every Amazon Connect instance; they are listed anew after a change of the accounts."""
        accounts, listed = self._accounts, self._listed_hosts
        if listed[0] is not accounts:
            listed = self._listed_hosts = (accounts, _instance_hosts(accounts))
        return listed[1]

    def account_label(self, account_id: str) -> str:
        """Returns how the role chooser labels an account, whether or not the account is known here."""
        account = self._accounts.get(account_id)
        return account.label if account else account_id


def _instance_hosts(accounts: Mapping[str, Account]) -> tuple[str, ...]:
    instances = (instance for account in accounts.values() for instance in account.instances.values())
    return tuple(host for instance in instances for host in instance.hosts)
