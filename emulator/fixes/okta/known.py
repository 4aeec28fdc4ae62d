"""What exists in the world's AWS accounts, in the form in which an identity provider names it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from emulator.kernel.partitions import PARTITIONS, partition_of_region
from emulator.kernel.records import dataclass
from emulator.world import World


@dataclass(frozen=True, slots=True)
class KnownRole:
    """A role of the world.

    Args:
        arn: ARN of the role.
        provider: ARN of a SAML provider in its trust policy; if it names none, of the account's only one.
        app: The app with the provider's metadata, as ``org/app``; empty where the metadata is from a file.
    """

    arn: str
    name: str
    provider: str
    app: str

    @property
    def values(self) -> tuple[str, str]:
        """The value of the Role attribute, in either order of the two ARNs."""
        return f"{self.arn},{self.provider}", f"{self.provider},{self.arn}"


@dataclass(frozen=True, slots=True)
class KnownInstance:
    """An Amazon Connect instance of the world."""

    account: str
    instance_id: str
    alias: str
    region: str
    host: str

    @property
    def federate_url(self) -> str:
        """The URL that leads a login to the instance."""
        return f"https://{console_host(self.region)}/connect/federate/{self.instance_id}"

    def federate_url_like(self, written: str) -> str:
        """Returns that URL with a region in the host where the written one has one of the same partition."""
        partition, host = partition_of_region(self.region), written.partition("://")[2].partition("/")[0]
        if re.fullmatch(rf"{partition.regions}\.console\.{re.escape(partition.site_domain)}", host):
            return f"https://{self.region}.console.{partition.site_domain}/connect/federate/{self.instance_id}"
        return self.federate_url


def console_host(region: str) -> str:
    """Returns the console host of a region."""
    site = partition_of_region(region).site_domain
    return f"{region}.console.{site}" if site == "aws.amazon.com" else f"console.{site}"


def providers(world: World, *, app: tuple[str, str] | None = None) -> tuple[str, ...]:
    """Returns the ARNs of the SAML providers, those with an app's metadata first.

    Args:
        app: Names of org and app.
    """
    found = list(_providers(world))
    known = "/".join(app) if app is not None else ""
    return tuple(arn for arn, _ in sorted(found, key=lambda each: each[1] != known))


def _providers(world: World) -> Iterator[tuple[str, str]]:
    for account_id, account in world.settings.aws.items():
        for name, provider in account.saml_providers.items():
            yield f"arn:{account.partition}:iam::{account_id}:saml-provider/{name}", provider.metadata.okta_app or ""


def roles(world: World) -> Iterator[KnownRole]:
    """Yields the roles, each with every provider that it trusts."""
    for account_id, account in world.settings.aws.items():
        own = {
            f"arn:{account.partition}:iam::{account_id}:saml-provider/{name}": provider.metadata.okta_app or ""
            for name, provider in account.saml_providers.items()
        }
        for name, role in account.roles.items():
            trusted = [arn for arn in own if f"{arn}'" in str(role.trust)]
            arn = f"arn:{account.partition}:iam::{account_id}:role{role.path}{name}"
            yield from (KnownRole(arn, name, provider, own[provider]) for provider in trusted or own)


def instances(world: World) -> Iterator[KnownInstance]:
    """Yields the Amazon Connect instances."""
    for account_id, account in world.settings.aws.items():
        for instance_id, instance in account.connect.items():
            host = f"{instance.alias}.{instance.domain}"
            yield KnownInstance(account_id, instance_id, instance.alias, instance.region, host)


def sign_in_urls(world: World) -> tuple[str, ...]:
    """Returns the sign-in URLs: of each partition in the world, and of the instances' regions."""
    used = [PARTITIONS[account.partition] for account in world.settings.aws.values()] or list(PARTITIONS.values())
    own = [f"https://signin.{partition.site_domain}/saml" for partition in used]
    regions = [(each.region, partition_of_region(each.region)) for each in instances(world)]
    regional = [f"https://{region}.signin.{partition.site_domain}/saml" for region, partition in regions]
    return tuple(dict.fromkeys((*own, *regional)))


def audiences(world: World) -> tuple[str, ...]:
    """Returns the audiences that the world's accounts accept."""
    used = [PARTITIONS[account.partition] for account in world.settings.aws.values()] or list(PARTITIONS.values())
    return tuple(dict.fromkeys(each for partition in used for each in partition.audiences))
