"""Who has an app, and with which roles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from emulator.federation import Federation
from emulator.kernel.errors import FederationError
from idp.model import App, Org, User


def assigned_people(org: Org, app: App) -> Iterator[tuple[User, App]]:
    """Yields each person who is assigned to an app, in the org's order.

    Returns:
        The person, and the app reduced to their assignments, so that looking these up is fast.
    """
    people: dict[str, list[int]] = {}
    groups: dict[str, list[int]] = {}
    apps: dict[tuple[int, ...], App] = {}
    for index, each in enumerate(app.assignments):
        if each.user is not None:
            people.setdefault(each.user, []).append(index)
        if each.group is not None:
            groups.setdefault(each.group, []).append(index)
    for user in org.users.values():
        indexes = {*people.get(user.login, ()), *(index for group in user.groups for index in groups.get(group, ()))}
        key = tuple(sorted(indexes))
        if key and key not in apps:
            apps[key] = replace(app, assignments=tuple(app.assignments[index] for index in key))
        if key:
            yield user, apps[key]


def roles_of_people(federation: Federation, org: Org, app: App) -> dict[str, tuple[str, ...]]:
    """Returns the Role values of each assigned person; none where Okta cannot determine them."""
    provider = federation.identity_providers[org.name]
    found = {}
    for user, theirs in assigned_people(org, app):
        try:
            found[user.login] = provider.role_values(theirs, user.login)
        except FederationError:
            found[user.login] = ()
    return found
