"""Finds what has to be set up in a world: each app for AWS, and each SAML provider whose app is elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from emulator.access.decision import Decision
from emulator.access.table import Access
from emulator.federation import Federation
from emulator.kernel.partitions import PARTITIONS
from emulator.network.hosts import Site
from emulator.setup_steps.subject import InstanceHere, RoleHere, Subject
from emulator.world import World
from emulator.worldfile.schema.okta_app_schema import OktaApp
from emulator.worldfile.schema.schema_check import suggestion

_PROVIDER_ARN = re.compile(r"arn:aws[a-z-]*:iam::(?:\d{12}|\$\{accountid\}):saml-provider/[\w.-]{1,128}", re.ASCII)
_ROLE = "SAML/Attributes/Role"
_FEDERATION = re.compile(r"connect:(?:GetFederationToken|\*)", re.IGNORECASE)
_CONNECT_PATH = "/connect/"


def subjects_of(federation: Federation, access: Access) -> tuple[Subject, ...]:
    """Returns everything that has to be set up: apps in the order of the world, then what has no app here."""
    settings = federation.world.settings
    found = [
        _of_app(federation, org_name, app_name, app, access)
        for org_name, org in settings.okta.items()
        for app_name, app in org.apps.items()
        if is_for_aws(federation, org_name, app_name, app)
    ]
    taken = {arn for each in found for arn in (each.provider_arn, *each.providers)}
    named = {instance.instance_id for each in found for instance in each.instances}
    for account_id, account in settings.aws.items():
        own = [f"arn:{account.partition}:iam::{account_id}:saml-provider/{name}" for name in account.saml_providers]
        others = [arn for arn in own if arn not in taken]
        found += [_without_app(federation, account_id, arn, access) for arn in others]
        trust = " ".join(str(role.trust) for role in account.roles.values())
        trusted = list(dict.fromkeys(_PROVIDER_ARN.findall(trust)))
        is_left = not any(account_id in each.accounts for each in found) and not own
        if is_left and (trusted or any(instance_id not in named for instance_id in account.connect)):
            found.append(_without_app(federation, account_id, next(iter(trusted), ""), access))
    return tuple(found)


def is_for_aws(federation: Federation, org_name: str, app_name: str, settings: OktaApp) -> bool:
    """Returns whether an app is for AWS: the catalogue's, or one that posts to AWS sign-in or sends AWS's roles."""
    if settings.catalog == "amazon_aws" or any(_ROLE in each.name for each in settings.saml.attributes):
        return True
    app = federation.identity_providers[org_name].org.apps[app_name]
    try:
        host = urlsplit(app.acs_url).hostname or ""
    except ValueError:
        return False
    return federation.hosts.site(host.lower()) is Site.SIGN_IN


def _of_app(federation: Federation, org_name: str, app_name: str, settings: OktaApp, access: Access) -> Subject:
    world = federation.world
    decisions = tuple(d for d in access.decisions if (d.who.org, d.who.app) == (org_name, app_name))
    named = list(dict.fromkeys(_named_providers(settings)))
    providers = list(_with_metadata_of(federation, org_name, app_name))
    existing = [arn for arn in named if federation.aws.saml_provider(arn) is not None]
    main = next((arn for arn in named if arn in providers), "")
    main = main or suggestion(next(iter(named), ""), providers) or next(iter((*providers, *existing, *named)), "")
    of_roles = [_account_of(each.role) for each in decisions if each.role]
    known = [each for each in (*map(_account_of, providers), *of_roles) if each in world.settings.aws]
    accounts = tuple(dict.fromkeys(filter(None, (_account_of(main), *known)))) or tuple(world.settings.aws)[:1]
    roles = tuple(_roles(world, accounts, settings, decisions, tuple(dict.fromkeys((main, *providers)))))
    instances = tuple(_instances(federation, accounts, settings, roles, access, (org_name, app_name)))
    return Subject(
        federation, org_name, app_name, settings, main, accounts, tuple(providers), roles, instances, decisions
    )


def _without_app(federation: Federation, account_id: str, provider_arn: str, access: Access) -> Subject:
    world = federation.world
    roles = tuple(_trusting(world, (account_id,), (provider_arn,)))
    led_to = {each.instance_id for each in access.decisions}
    instances = tuple(
        each
        for each in _all_instances(world)
        if each.account_id == account_id
        and each.settings.identity_management == "SAML"
        and each.instance_id not in led_to
    )
    providers = (provider_arn,) if federation.aws.saml_provider(provider_arn) is not None else ()
    return Subject(federation, "", "", None, provider_arn, (account_id,), providers, roles, instances, ())


def _named_providers(settings: OktaApp) -> Iterator[str]:
    """Yields the providers that an app's assertions name; of group mapping in no account, since any may be meant."""
    if settings.identity_provider_arn is not None:
        yield settings.identity_provider_arn
    for attribute in settings.saml.attributes:
        for value in attribute.values:
            yield from _PROVIDER_ARN.findall(value)


def _with_metadata_of(federation: Federation, org_name: str, app_name: str) -> Iterator[str]:
    """Yields the providers that were made from an app's metadata."""
    app = federation.identity_providers[org_name].org.apps[app_name]
    for account_id, account in federation.world.settings.aws.items():
        for name, provider in account.saml_providers.items():
            arn = f"arn:{account.partition}:iam::{account_id}:saml-provider/{name}"
            source, built = provider.metadata.okta_app, federation.aws.saml_provider(arn)
            if source == f"{org_name}/{app_name}" or (
                source is None and built is not None and built.metadata.entity_id == app.issuer
            ):
                yield arn


def _account_of(arn: str) -> str:
    return [*arn.split(":"), "", "", "", "", ""][4]


def _roles(
    world: World, accounts: Sequence[str], settings: OktaApp, decisions: Iterable[Decision], providers: Sequence[str]
) -> Iterator[RoleHere]:
    """Yields the roles that an app gives; of group mapping, and where it gives none, those that trust its providers."""
    known = list(_all_roles(world, accounts))
    taken = {each.role for each in decisions}
    if settings.use_group_mapping:
        trusting = {each.arn for each in _trusting(world, accounts, providers)}
        yield from (each for each in known if each.arn in taken | trusting)
        return
    named = {
        name.rpartition("/")[2]
        for each in settings.assignments
        for name in (*each.saml_user_roles, *([each.role] if each.role else ()))
    }
    own = [each for each in known if each.arn in taken or (each.account_id == accounts[0] and each.name in named)]
    yield from own or _trusting(world, accounts, providers)


def _all_roles(world: World, accounts: Sequence[str]) -> Iterator[RoleHere]:
    for account_id in accounts:
        account = world.settings.aws.get(account_id)
        if account is not None:
            for name, role in account.roles.items():
                yield RoleHere(account_id, name, role, account.partition)


def _trusting(world: World, accounts: Sequence[str], providers: Sequence[str]) -> Iterator[RoleHere]:
    for role in _all_roles(world, accounts):
        if any(arn and f"{arn}'" in str(role.settings.trust) for arn in providers):
            yield role


def _all_instances(world: World) -> Iterator[InstanceHere]:
    for account_id, account in world.settings.aws.items():
        for instance_id, instance in account.connect.items():
            yield InstanceHere(account_id, instance_id, instance, PARTITIONS[account.partition])


def _instances(
    federation: Federation,
    accounts: Sequence[str],
    settings: OktaApp,
    roles: Sequence[RoleHere],
    access: Access,
    app: tuple[str, str],
) -> Iterator[InstanceHere]:
    """Yields the instances that an app leads to: by its logins, its relay state, its roles' policies; else those of its
    accounts that nobody else leads to and whose users people of a directory here are."""
    known = list(_all_instances(federation.world))
    came = {d.instance_id for d in access.decisions if d.instance_id and (d.who.org, d.who.app) == app}
    relay = settings.default_relay_state
    meant = [each for each in known if each.instance_id in came or each.instance_id in relay]
    if meant:
        yield from meant
        return
    here = [each for each in known if each.account_id in accounts]
    policies = " ".join(map(str, policies_of(federation.world, roles)))
    if _CONNECT_PATH in relay or "connect" in (relay.partition("://")[2].partition("/")[0]):
        near = suggestion(relay.rpartition("/")[2], [each.instance_id for each in here])
        named = [each for each in here if each.instance_id in (near or policies)]
        yield from named or here
    elif _FEDERATION.search(policies):
        yield from [each for each in here if each.instance_id in policies] or here
    else:
        led_to = {d.instance_id for d in access.decisions}
        people = {name for org in federation.world.settings.okta.values() for name in org.users}
        yield from (e for e in here if e.instance_id not in led_to and people & set(e.settings.users))


def policies_of(world: World, roles: Iterable[RoleHere]) -> Iterator[Any]:
    """Yields the policy documents of roles, as the world says them."""
    for role in roles:
        account = world.settings.aws[role.account_id]
        yield from role.settings.inline_policies.values()
        for name in role.settings.policies:
            yield account.policies.get(name, name)
