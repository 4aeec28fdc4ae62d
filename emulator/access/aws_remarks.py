"""Remarks on a world's AWS side: metadata that expires, roles and Connect users that no login reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from emulator.access.okta_remarks import SOON
from emulator.access.remarks import Remark, counted, few
from emulator.access.table import Access
from emulator.federation import Federation
from emulator.world import World
from emulator.worldfile.text.yaml_data import Key
from idp.model import User
from sp_mock.accounts.model import SAML_IDENTITY_MANAGEMENT, Account, Instance

_SAML_ACTION = "AssumeRoleWithSAML"


def aws_remarks(federation: Federation, access: Access, *, now: datetime) -> Iterator[Remark]:
    """Yields remarks; none of them stops a login.

    Args:
        now: Instant that metadata is compared with.
    """
    world = federation.world
    taken = {each.role for each in access.decisions}
    for account in federation.aws.accounts.values():
        yield from _metadata(world, account, now)
        unused = [each for arn, each in account.roles.items() if _SAML_ACTION in each.trust.text and arn not in taken]
        if unused:
            names = [each.name for each in unused]
            said = f"{counted(len(unused), 'role')} that SAML may open {'is' if len(unused) == 1 else 'are'} nobody's"
            key: Key = ("aws", account.account_id, "roles", names[0])
            yield Remark("unused-role", world.problem(key, f"{said}: {few(names)}"))
        for instance in account.instances.values():
            yield from _without_ccp(world, account, instance)


def _metadata(world: World, account: Account, now: datetime) -> Iterator[Remark]:
    for provider in account.saml_providers.values():
        end = provider.metadata.valid_until
        if end is not None and end - now <= SOON:
            is_over = end <= now
            said = f"the metadata of {provider.arn} {'was' if is_over else 'is'} valid until {end:%Y-%m-%d}"
            key: Key = ("aws", account.account_id, "saml_providers", provider.arn.name, "metadata")
            fix = "Upload the identity provider's present metadata."
            yield Remark("metadata-ends", world.problem(key, said, fix=fix))


def _without_ccp(world: World, account: Account, instance: Instance) -> Iterator[Remark]:
    users = [each.login for each in instance.users.values() if not instance.may_open_ccp(each)]
    if users:
        said = (
            f"{counted(len(users), 'user')} of the instance {instance.alias} may not open the Contact Control Panel, "
            f"by their security profiles: {few(users)}"
        )
        yield Remark("no-ccp", world.problem((*_users_key(account, instance), users[0], "security_profiles"), said))


def unreached_users(federation: Federation, access: Access) -> Iterator[tuple[Remark, bool]]:
    """Yields the users of instances that no login reaches, and whether somebody in an org here should.

    A failing login is reported as such; a user who may come from an identity provider elsewhere is only noted.
    """
    people = {name.casefold(): user for user in _people(federation) for name in (user.login, user.email) if name}
    failing = {each.who.person for each in access.failing}
    came = {(each.instance_id, each.connect_user) for each in access.decisions}
    for account in federation.aws.accounts.values():
        for instance in account.instances.values():
            if instance.identity_management != SAML_IDENTITY_MANAGEMENT:
                continue
            missed = [login for login in instance.users if (instance.instance_id, login) not in came]
            yield from _unreached(federation.world, account, instance, missed, people, failing)


def _people(federation: Federation) -> Iterator[User]:
    for provider in federation.identity_providers.values():
        yield from provider.org.users.values()


def _unreached(
    world: World,
    account: Account,
    instance: Instance,
    missed: list[str],
    people: Mapping[str, User],
    failing: set[str],
) -> Iterator[tuple[Remark, bool]]:
    key = _users_key(account, instance)
    known = {login: people[login.casefold()].login for login in missed if login.casefold() in people}
    unreached = [login for login, person in known.items() if person not in failing]
    if unreached:
        said = (
            f"{counted(len(unreached), 'user')} of the instance {instance.alias} "
            f"{'is a person' if len(unreached) == 1 else 'are people'} of an Okta org here, and no login of theirs "
            f"leads there: {few(unreached)}"
        )
        wanted = "an app of theirs with a relay state and a role that lead to the instance"
        fix = "Assign the app to them, or to a group of theirs; or take the user out of the instance."
        yield Remark("no-login", world.problem((*key, unreached[0]), said, wanted, fix=fix)), True
    strangers = [login for login in missed if login not in known]
    if strangers:
        said = f"no login here comes as {counted(len(strangers), 'user')} of the instance {instance.alias}"
        yield Remark("no-login", world.problem((*key, strangers[0]), f"{said}: {few(strangers)}")), False


def _users_key(account: Account, instance: Instance) -> Key:
    return ("aws", account.account_id, "connect", instance.instance_id, "users")
