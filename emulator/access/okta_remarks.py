"""Remarks on a world's Okta side: certificates that expire, apps that nobody has, roles that are not sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from emulator.access.remarks import Remark, counted, few
from emulator.federation import Federation
from emulator.world import World
from emulator.worldfile.text.yaml_data import Key
from idp.model import App, Org, User
from idp.saml.roles import compile_group_filter

SOON = timedelta(days=60)


def okta_remarks(federation: Federation, *, now: datetime) -> Iterator[Remark]:
    """Yields remarks; none of them stops a login.

    Args:
        now: Instant that certificates are compared with.
    """
    world = federation.world
    for provider in federation.identity_providers.values():
        org = provider.org
        yield from _without_app(world, org)
        for app in org.apps.values():
            yield from _certificate(world, org, app, now)
            yield from _assignments(world, org, app)
            yield from _left_out_groups(world, org, app)


def _certificate(world: World, org: Org, app: App, now: datetime) -> Iterator[Remark]:
    """AWS ignores the expiry date, but whoever renews the certificate has to upload new metadata."""
    end = app.key_pair.expires_at
    if end - now > SOON:
        return
    days = (end - now).days
    when = f"ends on {end:%Y-%m-%d}, in {counted(days, 'day')}" if days >= 0 else f"ended on {end:%Y-%m-%d}"
    yield Remark(
        "certificate-ends",
        world.problem(
            _key(org, app),
            f"the signing certificate of {app.label} {when}",
            fix="With a new certificate upload the app's new metadata to the IAM SAML provider; AWS takes signatures "
            "by any certificate in it, whatever its dates.",
        ),
    )


def _without_app(world: World, org: Org) -> Iterator[Remark]:
    assignments = [each for app in org.apps.values() for each in app.assignments]
    logins, groups = {each.user for each in assignments}, {each.group for each in assignments}
    people = [u.login for u in org.users.values() if u.login not in logins and groups.isdisjoint(u.groups)]
    if people and org.apps:
        said = f"{counted(len(people), 'person has', 'people have')} no app: {few(people)}"
        yield Remark("no-app", world.problem(("okta", org.name, "users", people[0]), said))


def _assignments(world: World, org: Org, app: App) -> Iterator[Remark]:
    key = _key(org, app)
    if not app.assignments:
        yield Remark("no-app", world.problem(key, f"nobody has the app {app.label}: it has no assignments"))
        return
    members = {group for user in org.users.values() for group in user.groups}
    empty = [a.group for a in app.assignments if a.group is not None and a.group not in members]
    if empty:
        index = next(i for i, a in enumerate(app.assignments) if a.group == empty[0])
        said = (
            f"{counted(len(empty), 'group')} with the app {app.label} {'has' if len(empty) == 1 else 'have'} no member"
        )
        yield Remark("no-app", world.problem((*key, "assignments", index), f"{said}: {few(empty)}"))
    if app.is_aws and not app.use_group_mapping:
        yield from _unused_roles_of_assignments(world, org, app)


def _unused_roles_of_assignments(world: World, org: Org, app: App) -> Iterator[Remark]:
    """SAML User Roles of an assignment override its Role, and only the first assignment counts without joined roles."""
    key = _key(org, app)
    for index, each in enumerate(app.assignments):
        if each.role and each.saml_user_roles and each.role not in each.saml_user_roles:
            said = f"the role {each.role} of this assignment is not sent: its SAML User Roles take the place of it"
            yield Remark("unused-assignment", world.problem((*key, "assignments", index), said))
    if app.join_all_roles:
        return
    people = [user.login for user in org.users.values() if _has_more(org, app, user)]
    if people:
        said = (
            f"{counted(len(people), 'person has', 'people have')} several assignments of {app.label}, and the roles "
            f"of the first alone, since join_all_roles is off: {few(people)}"
        )
        yield Remark("unused-assignment", world.problem((*key, "join_all_roles"), said))


def _has_more(org: Org, app: App, user: User) -> bool:
    """Whether a later assignment has a role that the first lacks."""
    first, *others = org.assigned(app, user) or (None,)
    return first is not None and any(set(each.roles) - set(first.roles) for each in others)


def _left_out_groups(world: World, org: Org, app: App) -> Iterator[Remark]:
    """A group whose name matches the group filter, and that App Filter excludes."""
    if not (app.is_aws and app.use_group_mapping):
        return
    sources = {source.strip() for source in app.app_filter.split(",")}
    pattern = compile_group_filter(app.group_filter)
    groups = dict.fromkeys(name for user in org.users.values() for name in user.groups)
    known = {name: org.groups[name].source if name in org.groups else "okta" for name in groups}
    left_out = [name for name, source in known.items() if source not in sources and pattern.search(name)]
    if left_out:
        said = (
            f"{counted(len(left_out), 'group fits', 'groups fit')} the group filter of {app.label} and "
            f"{'gives' if len(left_out) == 1 else 'give'} no role, since app_filter is {app.app_filter}: "
            f"{few(left_out)}"
        )
        yield Remark("unused-group", world.problem((*_key(org, app), "app_filter"), said))


def _key(org: Org, app: App) -> Key:
    return ("okta", org.name, "apps", app.name)
