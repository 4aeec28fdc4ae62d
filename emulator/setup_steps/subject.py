"""The subject of one set-up: an app, its accounts and SAML providers, the roles that it grants, and the instances."""

from __future__ import annotations

import re

from emulator.access.decision import Decision
from emulator.federation import Federation
from emulator.kernel.partitions import PARTITIONS, Partition, partition_of_arn
from emulator.kernel.records import dataclass
from emulator.world import World
from emulator.worldfile.schema.aws_schema import Role
from emulator.worldfile.schema.connect_schema import ConnectInstance
from emulator.worldfile.schema.okta_app_schema import OktaApp
from emulator.worldfile.text.yaml_data import Key

_OKTA_ISSUER = re.compile(r"https?://www\.okta\.com/(exk\w+)")
_RELAY_STATE = re.compile(r"//([a-z0-9-]+)\.console\.[^/]+/connect/federate/([^/?#]+)")


@dataclass(frozen=True, slots=True)
class RoleHere:
    """A role of the world."""

    account_id: str
    name: str
    settings: Role
    partition: str

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:{self.partition}:iam::{self.account_id}:role{self.settings.path}{self.name}"

    @property
    def key(self) -> Key:
        """The world's key of it."""
        return ("aws", self.account_id, "roles", self.name)


@dataclass(frozen=True, slots=True)
class InstanceHere:
    """An Amazon Connect instance of the world."""

    account_id: str
    instance_id: str
    settings: ConnectInstance
    partition: Partition

    @property
    def arn(self) -> str:
        """Its ARN."""
        region = self.settings.region
        return f"arn:{self.partition.name}:connect:{region}:{self.account_id}:instance/{self.instance_id}"

    @property
    def key(self) -> Key:
        """The world's key of it."""
        return ("aws", self.account_id, "connect", self.instance_id)

    @property
    def federate_url(self) -> str:
        """The relay state that leads to it.

        Spec: Amazon Connect Administrator Guide "configure-saml"
        Evidence: documented (commercial and GovCloud), assumed (China)
        """
        site = self.partition.site_domain
        host = f"{self.settings.region}.console.{site}" if self.partition.name == "aws" else f"console.{site}"
        return f"https://{host}/connect/federate/{self.instance_id}"

    @property
    def access_url(self) -> str:
        """Where its pages are."""
        if self.settings.domain == "awsapps.com":
            return f"https://{self.settings.alias.lower()}.awsapps.com/connect"
        return f"https://{self.settings.alias.lower()}.{self.partition.connect_domain}"


@dataclass(frozen=True, slots=True)
class Subject:
    """What one set-up is about.

    Args:
        federation: The world made real.
        org_name: The Okta org; empty where the identity provider is not in the world.
        app_name: The app in it.
        settings: The app as the world says it.
        provider_arn: The SAML provider that the app belongs to; empty where none is known.
        accounts: The ids of its accounts, that of the provider first; some may not be in the world.
        providers: The ARNs of the SAML providers that have the app's metadata.
        roles: The roles that it gives.
        instances: The Amazon Connect instances that it leads to, or that it ought to.
        decisions: Every login with the app.
    """

    federation: Federation
    org_name: str
    app_name: str
    settings: OktaApp | None
    provider_arn: str
    accounts: tuple[str, ...]
    providers: tuple[str, ...]
    roles: tuple[RoleHere, ...]
    instances: tuple[InstanceHere, ...]
    decisions: tuple[Decision, ...]

    @property
    def world(self) -> World:
        """The world."""
        return self.federation.world

    @property
    def name(self) -> str:
        """The app as ``org/app``; empty where there is none."""
        return f"{self.org_name}/{self.app_name}" if self.app_name else ""

    @property
    def app_key(self) -> Key:
        """The world's key of the app."""
        return ("okta", self.org_name, "apps", self.app_name)

    @property
    def dashboard_url(self) -> str:
        """Where people find the tile; empty where the identity provider is not in the world."""
        return self.federation.identity_providers[self.org_name].org.base_url if self.app_name else ""

    @property
    def metadata_url(self) -> str:
        """Where the app's metadata is; empty where the identity provider is not in the world."""
        if not self.app_name:
            return ""
        org = self.federation.identity_providers[self.org_name].org
        own = _OKTA_ISSUER.fullmatch(self.issuer)
        address = f"{org.base_url}/app/{own[1]}/sso/saml" if own is not None else org.sso_url(org.apps[self.app_name])
        return f"{address}/metadata"

    @property
    def issuer(self) -> str:
        """The entity ID of the app as identity provider, or that of the provider's metadata."""
        if self.app_name:
            return self.federation.identity_providers[self.org_name].org.apps[self.app_name].issuer
        provider = self.federation.aws.saml_provider(self.provider_arn)
        return provider.metadata.entity_id if provider is not None else ""

    @property
    def account_id(self) -> str:
        """The first account's id; empty where none is known."""
        return self.accounts[0] if self.accounts else ""

    @property
    def partition(self) -> Partition:
        """The part of AWS that it is for."""
        account = self.world.settings.aws.get(self.account_id)
        return PARTITIONS[account.partition] if account is not None else partition_of_arn(self.provider_arn)

    @property
    def has_provider(self) -> bool:
        """Whether the SAML provider that the app belongs to is in the world."""
        return self.federation.aws.saml_provider(self.provider_arn) is not None

    @property
    def own_sign_in_url(self) -> str:
        """The SAML provider's own sign-in URL; empty where it is not in the world."""
        provider = self.federation.aws.saml_provider(self.provider_arn)
        if provider is None:
            return ""
        return f"https://signin.{self.partition.site_domain}/saml/acs/{provider.provider_id}"

    @property
    def provider_name(self) -> str:
        """The SAML provider's name; ``okta`` where none is known."""
        return self.provider_arn.rpartition("/")[2] or "okta"

    @property
    def sign_in_url(self) -> str:
        """The URL that assertions are posted to: the app's, or that of the part of AWS."""
        if self.app_name:
            return self.federation.identity_providers[self.org_name].org.apps[self.app_name].acs_url
        return f"https://signin.{self.partition.site_domain}/saml"

    @property
    def is_custom(self) -> bool:
        """Whether every attribute that AWS asks for has to be configured in the app."""
        return self.settings is not None and self.settings.catalog == "custom_saml"

    @property
    def style(self) -> str:
        """Whose identity provider it is: ``okta``, ``entra``, …"""
        return self.settings.style if self.settings is not None else "okta"

    @property
    def leads_to_connect(self) -> bool:
        """Whether Amazon Connect is part of it."""
        return bool(self.instances) or "/connect/" in self.relay_state

    @property
    def instance_arns(self) -> tuple[str, ...]:
        """The ARNs of its instances; for one that is not in the world, what the relay state says about it."""
        if self.instances:
            return tuple(instance.arn for instance in self.instances)
        found = _RELAY_STATE.search(self.relay_state)
        region, instance_id = (found[1], found[2]) if found is not None else ("REGION", "INSTANCE-ID")
        account = self.account_id or "ACCOUNT-ID"
        return (f"arn:{self.partition.name}:connect:{region}:{account}:instance/{instance_id}",)

    @property
    def relay_state(self) -> str:
        """The relay state that the app sends."""
        return self.settings.default_relay_state if self.settings is not None else ""

    @property
    def arrives(self) -> bool:
        """Whether there are logins, and all of them arrive."""
        return bool(self.decisions) and all(each.arrives for each in self.decisions)
