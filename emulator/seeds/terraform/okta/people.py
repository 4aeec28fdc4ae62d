"""People, groups and memberships of an Okta org in Terraform.

Spec: registry.terraform.io/providers/okta/okta, resources okta_user, okta_group, okta_group_memberships,
    okta_user_group_memberships, okta_group_rule
Evidence: documented
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.terraform.references import Unknown
from emulator.seeds.terraform.resources import Resource
from emulator.seeds.terraform.taking import AFTER_APPLY, Taking
from emulator.worldfile.text.yaml_data import Key

PEOPLE_TYPES = frozenset(
    {
        "okta_user",
        "okta_users",
        "okta_group",
        "okta_groups",
        "okta_everyone_group",
        "okta_group_memberships",
        "okta_group_membership",
        "okta_user_group_memberships",
        "okta_group_rule",
    }
)
EVERYONE = "Everyone"

_PROFILE = (
    *("city", "cost_center", "country_code", "department", "display_name", "division", "employee_number"),
    *("honorific_prefix", "honorific_suffix", "locale", "manager", "manager_id", "middle_name", "mobile_phone"),
    *("nick_name", "organization", "postal_address", "preferred_language", "primary_phone", "profile_url"),
    *("second_email", "state", "street_address", "timezone", "title", "user_type", "zip_code"),
)
# Okta's names for statuses in which a person cannot sign in yet, or not without a new password.
_STATUS = {"PROVISIONED": "STAGED", "RECOVERY": "PASSWORD_EXPIRED"}
_STATUSES = frozenset({"ACTIVE", "STAGED", "SUSPENDED", "LOCKED_OUT", "PASSWORD_EXPIRED", "DEPROVISIONED"})


@dataclass(frozen=True, slots=True)
class NamedObject:
    """A person, group or app with a name that comes from another seed.

    Args:
        kind: ``user``, ``group`` or ``app``.
        object_id: The id that Okta gave it.
        name: The person's login, the group's name, or the app's key in the world.
        org: The app's org in the world; empty if it is the org that the seed is listed under.
        username_format: The format of user names in the app, if it is known.
    """

    kind: str
    object_id: str
    name: str
    org: str = ""
    username_format: str = ""


@dataclass(slots=True)
class Directory:
    """The names of people and groups by id, from this file and the world's other seeds.

    Args:
        taking: The Terraform file.
        elsewhere: The names in the other seeds.
    """

    taking: Taking
    elsewhere: Sequence[NamedObject] = ()
    logins: dict[Any, str] = field(default_factory=dict)
    groups: dict[Any, str] = field(default_factory=dict)

    def login(self, value: Any) -> str:
        """Returns a person's login, given their id; empty if it is not known."""
        return self._name(self.logins, value)

    def group(self, value: Any) -> str:
        """Returns a group's name, given its id; empty if it is not known."""
        return self._name(self.groups, value)

    def _name(self, names: Mapping[Any, str], value: Any) -> str:
        return names.get(value, "") if isinstance(value, str | Unknown) else ""

    def fill(self) -> None:
        """Collects the names in this file, and then those in other seeds."""
        for resource in self.taking.file.resources:
            self._from(resource)
        for each in self.elsewhere:
            if each.kind != "app" and each.object_id and each.name:
                (self.logins if each.kind == "user" else self.groups).setdefault(each.object_id, each.name)

    def _from(self, resource: Resource) -> None:
        references = self.taking.references
        if resource.kind in {"okta_user", "okta_group"}:
            is_user = resource.kind == "okta_user"
            name = references.text(resource, "login" if is_user else "name")
            for attribute in ("id", "user_id"):
                value = references.value(resource, attribute)
                if name and isinstance(value, str | Unknown):
                    (self.logins if is_user else self.groups).setdefault(value, name)
        elif resource.kind == "okta_everyone_group":
            value = references.value(resource, "id")
            if isinstance(value, str | Unknown):
                self.groups.setdefault(value, EVERYONE)
        elif resource.kind in {"okta_users", "okta_groups"}:
            is_user = resource.kind == "okta_users"
            for _, block in resource.blocks("users" if is_user else "groups"):
                object_id, called = block.get("id"), block.get("login" if is_user else "name")
                if isinstance(object_id, str) and isinstance(called, str):
                    (self.logins if is_user else self.groups).setdefault(object_id, called)


def read_people(taking: Taking, directory: Directory) -> None:
    """Adds the people, groups and group memberships of a file."""
    for resource in taking.both("okta_group"):
        name = taking.references.text(resource, "name")
        if not name:
            taking.leave_out(resource, taking.why_absent(resource, "name", "its name"))
            continue
        _put_group(taking, resource, name)
        _members_of(taking, directory, resource, name, "users")
    for resource in taking.both("okta_user"):
        _person(taking, directory, resource)
    _memberships(taking, directory)
    for resource in taking.managed("okta_group_rule"):
        if resource.text("status") != "INACTIVE":
            reason = "group rules are not evaluated; the group has the members that the seeds name"
            taking.leave_out(resource, reason, "Set groups of its members in the world file.")


def _memberships(taking: Taking, directory: Directory) -> None:
    """Adds the group memberships that are separate resources."""
    for resource in taking.managed("okta_group_memberships"):
        group = _named_group(taking, directory, resource)
        if group:
            _members_of(taking, directory, resource, group, "users")
    for resource in taking.managed("okta_group_membership"):
        group = _named_group(taking, directory, resource)
        login = directory.login(taking.references.value(resource, "user_id"))
        if group and login:
            _join(taking, resource, login, group, resource.at("user_id"))
        elif group:
            _left_out(taking, resource, "user_id", "person")
    for resource in taking.managed("okta_user_group_memberships"):
        login = directory.login(taking.references.value(resource, "user_id"))
        if login:
            _groups_of(taking, directory, resource, login, "groups")
        else:
            _left_out(taking, resource, "user_id", "person")


def _put_group(taking: Taking, resource: Resource, name: str) -> None:
    part, key = taking.part(taking.owners.of(resource)), ("groups", name)
    if part.has(*key):
        return
    part.put(key, {}, resource.place)
    if resource.text("description"):
        part.put((*key, "description"), resource.text("description"), resource.at("description"))


def _person(taking: Taking, directory: Directory, resource: Resource) -> None:
    login = taking.references.text(resource, "login")
    if not login:
        taking.leave_out(resource, taking.why_absent(resource, "login", "the login"))
        return
    part, key = taking.part(taking.owners.of(resource)), ("users", login)
    if resource.mode == "data" and part.has(*key):
        return
    part.put(key, {}, resource.place)
    part.places[(*key,)] = resource.at("login")
    for attribute in ("first_name", "last_name", "email"):
        if resource.text(attribute):
            part.put((*key, attribute), resource.text(attribute), resource.at(attribute))
    _status(taking, resource, key)
    for attribute in _PROFILE:
        if resource.text(attribute):
            name = "".join(word.title() if n else word for n, word in enumerate(attribute.split("_")))
            part.put((*key, "profile", name), resource.text(attribute), resource.at(attribute))
    custom = json_object(taking.references.value(resource, "custom_profile_attributes"))
    for name, value in (custom or {}).items():
        if isinstance(value, str | bool | int | float) or _is_texts(value):
            part.put((*key, "profile", name), value, resource.at("custom_profile_attributes"))
    _groups_of(taking, directory, resource, login, "group_memberships")


def _status(taking: Taking, resource: Resource, key: Key) -> None:
    raw = resource.text("raw_status") or resource.text("status")
    attribute = "raw_status" if resource.text("raw_status") else "status"
    status = _STATUS.get(raw, raw)
    if status in _STATUSES:
        taking.part(taking.owners.of(resource)).put((*key, "status"), status, resource.at(attribute))
    elif raw:
        taking.part(taking.owners.of(resource)).put((*key, "status"), "SUSPENDED", resource.at(attribute))
        taking.add_note(resource, f"its status {raw[:40]} is unknown; here it cannot sign in")


def _members_of(taking: Taking, directory: Directory, resource: Resource, group: str, attribute: str) -> None:
    for number, value in enumerate(taking.references.values(resource, attribute)):
        login = directory.login(value)
        if login:
            _join(taking, resource, login, group, resource.at(attribute, number))
        else:
            _left_out(taking, resource, attribute, "person", value)


def _groups_of(taking: Taking, directory: Directory, resource: Resource, login: str, attribute: str) -> None:
    for number, value in enumerate(taking.references.values(resource, attribute)):
        group = directory.group(value)
        if group and group != EVERYONE:
            _join(taking, resource, login, group, resource.at(attribute, number))
        elif not group:
            _left_out(taking, resource, attribute, "group", value)


def _join(taking: Taking, resource: Resource, login: str, group: str, place: Key) -> None:
    part = taking.part(taking.owners.of(resource))
    part.append(("users", login, "groups"), group, place)
    if not part.has("groups", group):
        part.put(("groups", group), {}, place)


def _named_group(taking: Taking, directory: Directory, resource: Resource) -> str:
    group = directory.group(taking.references.value(resource, "group_id"))
    if not group:
        _left_out(taking, resource, "group_id", "group")
    return group


def _left_out(taking: Taking, resource: Resource, attribute: str, what: str, value: Any = None) -> None:
    if isinstance(value, Unknown) or resource.is_unknown(attribute):
        taking.leave_out(resource, f"the {what} ({attribute}) is {AFTER_APPLY}", "", attribute)
    else:
        fix = f"Add the response of GET /api/v1/{'users' if what == 'person' else 'groups'} to the seeds."
        taking.leave_out(resource, f"none of the seeds contains the {what} of an id in {attribute}", fix, attribute)


def json_object(value: Any) -> Mapping[str, Any] | None:
    """Returns an attribute that is a JSON object in a string; None if it is not one."""
    if not isinstance(value, str):
        return None
    try:
        data = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
