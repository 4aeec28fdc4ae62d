"""What has to agree in a state before it can run: keys with the things they are for, and the state with its world.

A text that was written by a federation always does; one that somebody has edited, or that is of another world, may not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from emulator.federation import Federation
from emulator.kernel.errors import StateError

if TYPE_CHECKING:
    from idp.model import Org
    from sp_mock.accounts.model import Account, Instance, Role, User

_BY_ARN = ("saml_providers", "policies", "roles", "users", "groups", "instance_profiles", "oidc_providers")
_LISTED = 3
_DAY_MINUTES = 1440


def require_consistency(accounts: Iterable[Account], orgs: Mapping[str, Org], source: str) -> None:
    """Refuses a state whose keys are not those that its things are found by.

    Args:
        accounts: Its accounts.
        orgs: Its orgs by name.
        source: What the state is called in messages.

    Raises:
        StateError: one of them is not.
    """
    known: set[str] = set()
    for account in accounts:
        if account.account_id in known:
            raise StateError(f"{source}, accounts cannot be used: there are two accounts {account.account_id:.40}")
        known.add(account.account_id)
        for mistake in _of_account(account):
            raise StateError(f"{source}, account {account.account_id:.40} cannot be used: {mistake}")
    for name, org in orgs.items():
        for mistake in _of_org(name, org):
            raise StateError(f"{source}, org {name:.60} cannot be used: {mistake}")


def _of_account(account: Account) -> Iterator[str]:
    for kind in _BY_ARN:
        things: Mapping[str, Any] = getattr(account, kind)
        for key, thing in things.items():
            if key != str(thing.arn):
                yield f"in {kind}, {thing.arn} is kept as {key:.200}"
            if thing.arn.account_id != account.account_id:
                yield f"in {kind}, {key:.200} is of another account"
    entities: list[Role | User] = [*account.roles.values(), *account.users.values()]
    for entity in entities:
        if entity.permissions_boundary is not None and not entity.permissions_boundary.startswith("arn:"):
            yield f"the permissions boundary of {entity.arn} is not an ARN"
    for policy in account.policies.values():
        if policy.default_version_id not in {version.version_id for version in policy.versions}:
            yield f"{policy.arn} has no version {policy.default_version_id:.40}, which is its default"
    for key, instance in account.instances.items():
        yield from _of_instance(key, instance)


def _of_instance(key: str, instance: Instance) -> Iterator[str]:
    if key != instance.instance_id:
        yield f"in instances, {instance.instance_id} is kept as {key:.200}"
    profile, timing = instance.authentication_profile, instance.timing
    minutes = (profile.max_session_minutes, profile.periodic_session_minutes, profile.inactivity_minutes)
    if not all(0 <= each <= _DAY_MINUTES for each in (*minutes, timing.origin_propagation_seconds / 60)):
        yield f"instance {key:.60} has a session or a delay of more than a day"
    for login, user in instance.users.items():
        if login != user.login:
            yield f"in instance {key}, the user {user.login:.100} is kept as {login:.100}"


def _of_org(name: str, org: Org) -> Iterator[str]:
    named = (
        ("orgs", {name: org.name}),
        ("users", {key: user.login for key, user in org.users.items()}),
        ("groups", {key: group.name for key, group in org.groups.items()}),
        ("apps", {key: app.name for key, app in org.apps.items()}),
        ("event_hooks", {key: hook.hook_id for key, hook in org.event_hooks.items()}),
        ("oidc_clients", {key: client.client_id for key, client in org.oidc_clients.items()}),
    )
    for kind, names in named:
        for key, own in names.items():
            if key != own:
                yield f"in {kind}, {own:.100} is kept as {key:.100}"


def require_readable_events(tables: Mapping[str, Mapping[str, Any]], source: str) -> None:
    """Refuses a state with an event of which CloudTrail could make no record: nobody could read its history.

    Args:
        tables: The entries of each table.
        source: What the state is called in messages.

    Raises:
        StateError: there is one.
    """
    from sp_mock.cloudtrail.events import record_of

    for key, event in tables.get("cloudtrail-events", {}).items():
        try:
            record_of(event)
        except (LookupError, ValueError, TypeError) as error:
            reason = f"no record can be made of {key:.60} ({error!s:.100})"
            raise StateError(f"{source}, tables.cloudtrail-events cannot be used: {reason}") from None


def require_same_world(
    federation: Federation, accounts: Iterable[Account], orgs: Mapping[str, Org], source: str
) -> None:
    """Refuses a state that has no org, or no account, of the ones that the world has, or an org at another address.

    Args:
        federation: What the state is for.
        accounts: The state's accounts.
        orgs: The state's orgs by name.
        source: What the state is called in messages.

    Raises:
        StateError: it is of another world.
    """
    providers = federation.identity_providers
    own = {name: provider.org.host for name, provider in providers.items()}
    sides = (
        ("accounts", [each.account_id for each in accounts], list(federation.aws.accounts)),
        ("Okta orgs", list(orgs), list(providers)),
        ("Okta orgs", [org.host for name, org in orgs.items() if name in own], list(own.values())),
    )
    for kind, of_state, of_world in sides:
        if of_state and of_world and not set(of_state) & set(of_world):
            raise StateError(
                f"{source} is the state of another world: its {kind} are {_listed(of_state)}",
                explanation=f"{federation.world.document.file} has the {kind} {_listed(of_world)}.",
                expected=_listed(of_world),
                received=_listed(of_state),
                fix="Give the world that it belongs to, or begin with a new file.",
            )
    for name, org in orgs.items():
        if org.host != own.get(name, org.host):
            raise StateError(
                f"{source} cannot be used: its org {name:.60} is at {org.host:.100}, and that of the world is not",
                expected=own[name],
                received=f"{org.host:.100}",
            )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(f"{name:.60}" for name in names[:_LISTED]) + more
