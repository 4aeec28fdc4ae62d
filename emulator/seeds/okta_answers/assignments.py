"""Reads app assignments from ``/api/v1/apps/{id}/users`` and ``/groups``.

A person who has an app through a group gets it through that group here too, if the files say which group it is.
Otherwise the app is assigned to them directly, with the roles that Okta has computed for them.

Spec: developer.okta.com, Application Users API, Application Groups API; help.okta.com "Assign apps to groups"
Evidence: documented (scope, priority), observed (``role`` and ``samlRoles`` of ``amazon_aws``)
"""

from __future__ import annotations

import math
from dataclasses import field
from pathlib import PurePath
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.contents import SeedContents, SeedNote, SeedPart
from emulator.seeds.okta_answers.org import KnownApp, OktaOrg, app_id_of, group_id_of
from emulator.seeds.okta_answers.people import EVERYONE, shortened
from emulator.seeds.okta_answers.resources import Resource
from emulator.seeds.seed_text import Seed
from emulator.worldfile.text.yaml_data import Key

# App users with these statuses have lost the app, or do not have it yet.
_NOT_ASSIGNED = frozenset({"INACTIVE", "REVOKED", "UNASSIGNED", "DEPROVISIONED", "SUSPENDED", "DELETED", "PENDING"})
_BY_FORMAT = {
    "okta_username": lambda user: user.text("profile", "login"),
    "okta_username_prefix": lambda user: user.text("profile", "login").partition("@")[0],
    "email": lambda user: user.text("profile", "email"),
    "email_prefix": lambda user: user.text("profile", "email").partition("@")[0],
}


@dataclass(slots=True)
class _Gaps:
    """What could not be resolved in a file of assignments, by kind, so that each kind is reported once."""

    other_apps: dict[str, Key] = field(default_factory=dict)
    unknown_apps: dict[str, Key] = field(default_factory=dict)
    unknown_people: dict[str, Key] = field(default_factory=dict)
    unknown_groups: dict[str, Key] = field(default_factory=dict)
    by_username: dict[str, Key] = field(default_factory=dict)
    by_group: dict[str, Key] = field(default_factory=dict)
    inactive: dict[str, Key] = field(default_factory=dict)
    other_usernames: dict[str, Key] = field(default_factory=dict)
    odd_roles: dict[str, Key] = field(default_factory=dict)
    guessed_apps: dict[str, Key] = field(default_factory=dict)
    groups_without_members: dict[str, Key] = field(default_factory=dict)


def take_assignments(
    part: SeedPart, contents: SeedContents, seed: Seed, org: OktaOrg, *, people: list[Resource], groups: list[Resource]
) -> None:
    """Adds assignments to an org's apps: people first, then groups in order of priority."""
    gaps = _Gaps()
    for group in sorted(groups, key=_priority):
        app = _app_of(group, seed, org, gaps)
        if app is not None:
            _take_group(part, group, app, org, gaps)
    for person in people:
        app = _app_of(person, seed, org, gaps)
        if app is not None:
            _take_person(part, person, app, org, gaps)
    _report_gaps(contents, gaps, seed)


def _priority(group: Resource) -> float:
    priority = group.at("priority")
    return priority if isinstance(priority, (int, float)) else math.inf


def _app_of(assignment: Resource, seed: Seed, org: OktaOrg, gaps: _Gaps) -> KnownApp | None:
    app_id = app_id_of(assignment, seed, org)
    app = org.apps.get(app_id)
    if app is None:
        gaps.unknown_apps.setdefault(
            app_id or "an app that neither a link nor the file's name identifies", assignment.place
        )
        return None
    if app.reading is None:
        gaps.other_apps.setdefault(app.resource.text("label") or app_id, assignment.place)
        return None
    if not assignment.linked_id("app") and not assignment.owner and app_id not in seed.settings.file:
        gaps.guessed_apps.setdefault(app.key, assignment.place)
    return app


def _take_group(part: SeedPart, group: Resource, app: KnownApp, org: OktaOrg, gaps: _Gaps) -> None:
    group_id = group_id_of(group)
    name = org.group_name(group_id)
    if not name:
        gaps.unknown_groups.setdefault(group_id, group.place)
        return
    if group_id not in org.listed_groups and name != EVERYONE:
        gaps.groups_without_members.setdefault(name, group.place)
    part.append(("apps", app.key, "assignments"), {"group": name, **_roles(group, name, gaps)}, group.place)


def _take_person(part: SeedPart, person: Resource, app: KnownApp, org: OktaOrg, gaps: _Gaps) -> None:
    login = org.logins.get(person.id) or person.text("_embedded", "user", "profile", "login")
    if not login:
        login = _login_by_username(part, person, org)
        if not login:
            gaps.unknown_people.setdefault(person.text("credentials", "userName") or person.id, person.place)
            return
        gaps.by_username.setdefault(login, person.place)
    if person.text("status") in _NOT_ASSIGNED:
        gaps.inactive.setdefault(login, person.place)
        return
    _compare_username(person, app, org, gaps)
    if person.text("scope") == "GROUP":
        if _has_it_by_a_group(part, person, app, org, login):
            return
        gaps.by_group.setdefault(login, person.place)
    assignment = {"user": login, **_roles(person, login, gaps)}
    part.append(("apps", app.key, "assignments"), assignment, person.place)


def _login_by_username(part: SeedPart, person: Resource, org: OktaOrg) -> str:
    """Returns the login of a person who is in no file of people: usually the same as the app's user name."""
    if org.has_list_of_users:
        return ""  # the list does not have them: they are gone, or on a page that was not saved
    email = person.text("profile", "email")
    name = person.text("credentials", "userName")
    login = name if "@" in name or not email else email
    if login and not part.has("users", login):
        part.put(("users", login), {}, person.place)
        for theirs, ours in (("firstName", "first_name"), ("lastName", "last_name"), ("email", "email")):
            value = person.text("profile", theirs)
            if value:
                part.put(("users", login, ours), value, (*person.place, "profile", theirs))
    return login


def _has_it_by_a_group(part: SeedPart, person: Resource, app: KnownApp, org: OktaOrg, login: str) -> bool:
    """Returns whether a person has the app through a group in this world, of which they are a known member."""
    groups = org.groups_of_apps.get(app.resource.id, set())
    linked = person.linked_id("group")
    if linked in groups and org.group_name(linked):
        part.append(("users", login, "groups"), org.group_name(linked), person.place)
        return True
    if any(org.group_name(group_id) for group_id in groups & org.memberships.get(person.id, set())):
        return True
    everyone = (group_id for group_id, group in org.groups.items() if group.text("profile", "name") == EVERYONE)
    return any(group_id in groups for group_id in everyone)


def _roles(assignment: Resource, name: str, gaps: _Gaps) -> dict[str, Any]:
    roles: dict[str, Any] = {}
    role, several = assignment.at("profile", "role"), assignment.at("profile", "samlRoles")
    if isinstance(role, str) and role:
        roles["role"] = role
    elif role is not None and role != "":
        gaps.odd_roles.setdefault(name, assignment.place)
    if isinstance(several, list) and all(isinstance(each, str) for each in several):
        if several:
            roles["saml_user_roles"] = list(dict.fromkeys(several))
    elif several is not None and several != "":
        gaps.odd_roles.setdefault(name, assignment.place)
    return roles


def _compare_username(person: Resource, app: KnownApp, org: OktaOrg, gaps: _Gaps) -> None:
    """Notes a person with a user name in the app that differs from what the app's format produces."""
    user = org.users.get(person.id)
    values = {key: value for key, value, _ in app.reading.values} if app.reading else {}
    made_by = _BY_FORMAT.get(values.get(("username_format",), "okta_username"))
    given = person.text("credentials", "userName")
    if user is None or made_by is None or not given:
        return
    made = made_by(user)
    if made and made != given:
        gaps.other_usernames.setdefault(given, person.place)


def _report_gaps(contents: SeedContents, gaps: _Gaps, seed: Seed) -> None:
    file = PurePath(seed.settings.file).name
    for what, found, reason, fix in (
        (
            "assignments of other apps",
            gaps.other_apps,
            f"{shortened(gaps.other_apps)}: left out, like the app itself",
            "",
        ),
        (
            "assignments of apps that are in none of the seeds",
            gaps.unknown_apps,
            shortened(gaps.unknown_apps),
            "Add the response of GET /api/v1/apps to the seeds.",
        ),
        (
            f"{_people(len(gaps.unknown_people))} in {file}, but not in the users export",
            gaps.unknown_people,
            shortened(gaps.unknown_people),
            "Add all pages of GET /api/v1/users to the seeds.",
        ),
        (
            f"{_counted(len(gaps.unknown_groups), 'group')} in {file}, but not in a groups export",
            gaps.unknown_groups,
            shortened(gaps.unknown_groups),
            "Add the response of GET /api/v1/groups to the seeds.",
        ),
        (
            f"{_people(len(gaps.inactive))} whose assignment is not active",
            gaps.inactive,
            f"{shortened(gaps.inactive)}: they do not have the app",
            "",
        ),
        (
            "members of groups that have an app",
            gaps.groups_without_members,
            f"{shortened(gaps.groups_without_members)}: none of the seeds says who is in them",
            (
                "Add the response of GET /api/v1/groups/{id}/users, in a file named after the group's id: "
                "members-00g….json."
            ),
        ),
        (
            "roles of assignments",
            gaps.odd_roles,
            f"{shortened(gaps.odd_roles)}: role is not a string, or samlRoles is not a list of strings",
            "",
        ),
    ):
        if found:
            contents.left_out.append(SeedNote(what, reason, next(iter(found.values())), fix))
    for what, found, reason, fix in (
        (
            f"{_people(len(gaps.by_username))} in {file}, without a users export",
            gaps.by_username,
            f"{shortened(gaps.by_username)}: the app's username is taken as the login, and ACTIVE as the status",
            "Add the response of GET /api/v1/users to the seeds.",
        ),
        (
            f"{_people(len(gaps.by_group))} with the app through a group",
            gaps.by_group,
            f"{shortened(gaps.by_group)}: assigned directly here, with the roles that Okta computed",
            "Add the responses of GET /api/v1/apps/{id}/groups, GET /api/v1/groups and GET /api/v1/groups/{id}/users.",
        ),
        (
            f"{_people(len(gaps.other_usernames))} with a different username in the app",
            gaps.other_usernames,
            f"{shortened(gaps.other_usernames)}: here the app's username format decides",
            "",
        ),
        (
            f"assignments in {file}",
            gaps.guessed_apps,
            f"taken as those of {shortened(gaps.guessed_apps)}, because they have no link to their app",
            "",
        ),
    ):
        if found:
            contents.notes.append(SeedNote(what, reason, next(iter(found.values())), fix))


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _counted(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"
