"""Reads people and groups from Okta's responses: profiles, statuses, memberships.

Spec: developer.okta.com, Users API, "User object", "User status"; Groups API, "Group object"
Evidence: documented
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from emulator.seeds.contents import SeedContents, SeedNote, SeedPart
from emulator.seeds.okta_answers.org import OktaOrg, group_of_file, person_of_file
from emulator.seeds.okta_answers.resources import Resource
from emulator.seeds.seed_text import Seed
from emulator.worldfile.text.yaml_data import Key

_OWN_FIELDS = {"firstName": "first_name", "lastName": "last_name", "email": "email"}
# Only ACTIVE people can sign in; the other statuses decide which page Okta shows them.
_STATUS = {
    "ACTIVE": "ACTIVE",
    "STAGED": "STAGED",
    "PROVISIONED": "STAGED",
    "SUSPENDED": "SUSPENDED",
    "LOCKED_OUT": "LOCKED_OUT",
    "PASSWORD_EXPIRED": "PASSWORD_EXPIRED",
    "RECOVERY": "PASSWORD_EXPIRED",
    "PASSWORD_RESET": "PASSWORD_EXPIRED",
    "DEPROVISIONED": "DEPROVISIONED",
}
EVERYONE = "Everyone"
_ACTIVE_DIRECTORY = "windows_security_principal"


def take_user(part: SeedPart, contents: SeedContents, user: Resource) -> None:
    """Adds a person to an org."""
    login = user.text("profile", "login")
    if not login.strip():
        contents.left_out.append(SeedNote("a person", "the login is empty", user.place))
        return
    key: Key = ("users", login)
    if not part.has(*key):
        part.put(key, {}, user.place)
    profile = user.at("profile")
    for name, value in profile.items():
        place: Key = (*user.place, "profile", name)
        if name in _OWN_FIELDS:
            if isinstance(value, str) and value:
                part.put((*key, _OWN_FIELDS[name]), value, place)
        elif name != "login" and _is_profile_value(value):
            part.put((*key, "profile", name), value, place)
    status = user.text("status")
    if status in _STATUS:
        part.put((*key, "status"), _STATUS[status], (*user.place, "status"))
    elif status:
        part.put((*key, "status"), "SUSPENDED", (*user.place, "status"))
        contents.notes.append(SeedNote(login, f"the status {status[:40]} is unknown; here it is SUSPENDED", user.place))


def _is_profile_value(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return isinstance(value, (str, bool, int, float))


def leave_out_unread_attributes(contents: SeedContents, users: list[Resource]) -> None:
    """Reports in one note the profile attributes with values that a world cannot have."""
    names = Counter(
        name
        for user in users
        for name, value in user.at("profile").items()
        if value is not None and name not in {*_OWN_FIELDS, "login"} and not _is_profile_value(value)
    )
    if names:
        reason = "not a string, a number, true or false, or a list of strings"
        contents.left_out.append(SeedNote(f"profile attributes {shortened(names)}", reason, users[0].place))


def take_group(part: SeedPart, contents: SeedContents, group: Resource, org: OktaOrg) -> None:
    """Adds a group to an org."""
    name = group.text("profile", "name")
    if group.id in org.doubled_groups:
        reason = f"another group has the same name; this one, from {source_of(group, org)}, is left out"
        contents.left_out.append(SeedNote(f"the group {name}", reason, group.place))
        return
    key: Key = ("groups", name)
    part.put(key, {}, group.place)
    if group.text("type") == "BUILT_IN" and name == EVERYONE:
        contents.everyone_groups[name] = group.place
    if group.text("profile", "description"):
        part.put((*key, "description"), group.text("profile", "description"), (*group.place, "profile", "description"))
    source = source_of(group, org)
    if source != "okta":
        part.put((*key, "source"), source, (*group.place, "objectClass"))


def source_of(group: Resource, org: OktaOrg) -> str:
    """Returns the source of a group, by the name that an app's App Filter uses for it.

    Spec: developer.okta.com, Groups API, "Group object"
    Evidence: documented (object classes), assumed (that App Filter takes the source app's name)
    """
    if group.text("type") in {"OKTA_GROUP", "BUILT_IN"}:
        return "okta"
    classes = group.at("objectClass")
    first = classes[0] if isinstance(classes, list) and classes and isinstance(classes[0], str) else ""
    if first.endswith(_ACTIVE_DIRECTORY):
        return "active_directory"
    if not group.text("type") and first == "okta:user_group":
        return "okta"
    source = org.apps.get(group.text("source", "id") or group.linked_id("source"))
    if source is not None and source.resource.text("name"):
        return source.resource.text("name")
    prefix = first.partition(":")[0]
    return prefix if prefix and prefix != "okta" else "app_group"


def take_memberships(part: SeedPart, contents: SeedContents, seed: Seed, org: OktaOrg, users: list[Resource]) -> None:
    """Adds memberships: of the people in a group's file, and of people with embedded groups."""
    embedded = [user for user in users if user.owner in org.groups]
    for user in embedded:
        _join(part, org, user.text("profile", "login"), user.owner, user.place)
    listed = [user for user in users if not user.owner]
    group_id = group_of_file(seed, org) if listed else ""
    if not group_id:
        words = seed.settings.stem.lower()
        if listed and ("member" in words or "group" in words):
            contents.left_out.append(
                SeedNote(
                    f"memberships ({len(listed)})",
                    "neither the response nor the file's name says which group they are members of",
                    fix="Name the file after the group's id, such as members-00g….json, and add the response of "
                    "GET /api/v1/groups to the seeds.",
                )
            )
        return
    if not org.group_name(group_id):
        if group_id not in org.doubled_groups:
            reason = f"none of the seeds contains the name of the group {group_id}"
            fix = "Add the response of GET /api/v1/groups to the seeds."
            contents.left_out.append(SeedNote(f"memberships ({len(listed)})", reason, fix=fix))
        return
    for user in listed:
        _join(part, org, user.text("profile", "login"), group_id, user.place)
    if group_id not in seed.settings.file:
        reason = "the people in the file are taken as its members, because the file is named after it"
        contents.notes.append(SeedNote(f"the group {org.group_name(group_id)}", reason, listed[0].place))


def take_groups_of_person(part: SeedPart, seed: Seed, org: OktaOrg, groups: list[Resource]) -> None:
    """Adds a person to the groups that a file lists for them, or that are embedded in them."""
    person = person_of_file(seed, org) if groups else ""
    for group in groups:
        login = org.logins.get(group.owner or person, "")
        if login:
            _join(part, org, login, group.id, group.place)


def _join(part: SeedPart, org: OktaOrg, login: str, group_id: str, place: Key) -> None:
    name = org.group_name(group_id)
    if name and login.strip():
        part.append(("users", login, "groups"), name, place)


def shortened(names: Mapping[str, Any] | list[str]) -> str:
    """Returns names for a message: the first five, and how many more there are."""
    listed = [each if len(each) <= 60 else f"{each[:59]}…" for each in dict.fromkeys(names)]
    more = len(listed) - 5
    return ", ".join(listed[:5]) + (f" and {more} more" if more > 0 else "")
