"""Assignments of SAML apps, with their roles, in Terraform.

Spec: registry.terraform.io/providers/okta/okta, resources okta_app_user, okta_app_group_assignment,
    okta_app_group_assignments
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.kernel.records import dataclass
from emulator.seeds.terraform.okta.people import EVERYONE, Directory, json_object
from emulator.seeds.terraform.references import Unknown, Value
from emulator.seeds.terraform.resources import Resource
from emulator.seeds.terraform.taking import AFTER_APPLY, Taking
from emulator.worldfile.text.yaml_data import Key


@dataclass(frozen=True, slots=True)
class AppPlace:
    """An app's place in a world.

    Args:
        owner: The app's org, as ``Owners`` returns it.
        key: The app's key in the org.
        username_format: The format of user names in the app; empty if it is not known.
    """

    owner: str | None
    key: Key
    username_format: str


def read_assignments(taking: Taking, directory: Directory, apps: Mapping[Any, AppPlace]) -> None:
    """Adds the assignments of a file's apps: people first, then groups in order of priority.

    Args:
        taking: The Terraform file.
        directory: The names of people and groups by id.
        apps: The apps by id.
    """
    _Assignments(taking, directory, apps).read()


@dataclass(frozen=True, slots=True)
class _Given:
    """An assignment: the resource that makes it, the app, the id of the person or group, and the profile."""

    resource: Resource
    app: AppPlace | None
    to: Value
    profile: Value
    place: Key
    priority: float = float("inf")


@dataclass(slots=True)
class _Assignments:
    taking: Taking
    directory: Directory
    apps: Mapping[Any, AppPlace]

    def read(self) -> None:
        self._people()
        for each in sorted(self._groups(), key=lambda each: each.priority):
            self._group(each)

    def _people(self) -> None:
        references = self.taking.references
        for resource in self.taking.both("okta_app_saml"):
            app = self._by_id(references.value(resource, "id"))
            for number, block in resource.blocks("users") if app else ():
                place = resource.at("users", number)
                self._person(_Given(resource, app, block.get("id"), None, place), block.get("username"))
        for resource in self.taking.managed("okta_app_user"):
            app = self._app_of(resource)
            if app:
                user, profile = references.value(resource, "user_id"), references.value(resource, "profile")
                given = _Given(resource, app, user, profile, resource.at("user_id"))
                self._person(given, references.value(resource, "username"))

    def _groups(self) -> Iterator[_Given]:
        references = self.taking.references
        for resource in self.taking.managed("okta_app_group_assignment"):
            app = self._app_of(resource)
            if app:
                group, profile = references.value(resource, "group_id"), references.value(resource, "profile")
                rank = _priority(resource.values.get("priority"))
                yield _Given(resource, app, group, profile, resource.at("group_id"), rank)
        for resource in self.taking.managed("okta_app_group_assignments"):
            app = self._app_of(resource)
            for number, block in resource.blocks("group") if app else ():
                group, profile = (self._inside(resource, block, number, name) for name in ("id", "profile"))
                rank = _priority(block.get("priority"))
                yield _Given(resource, app, group, profile, resource.at("group", number, "id"), rank)
        for resource in self.taking.both("okta_app_saml"):
            app = self._by_id(references.value(resource, "id"))
            for number, group in enumerate(references.values(resource, "groups") if app else ()):
                yield _Given(resource, app, group, None, resource.at("groups", number))

    def _by_id(self, value: Value) -> AppPlace | None:
        return self.apps.get(value) if isinstance(value, str | Unknown) else None

    def _app_of(self, resource: Resource) -> AppPlace | None:
        value = self.taking.references.value(resource, "app_id")
        found = self._by_id(value)
        if found is None:
            known = [each for each in self.taking.everywhere("okta_app_saml") if self._is_id(each, value)]
            reason = (
                f"{known[0].address} is left out" if known else "none of the seeds contains a SAML app with its app_id"
            )
            self.taking.leave_out(resource, reason, "", "app_id")
        return found

    def _is_id(self, app: Resource, value: Value) -> bool:
        return bool(value not in (None, "") and self.taking.references.value(app, "id") == value)

    def _inside(self, resource: Resource, block: Mapping[str, Any], number: int, name: str) -> Value:
        value = block.get(name)
        if value is not None:
            return value
        found = self.taking.references.inside(resource, ("group", number, name))
        return found[0] if len(found) == 1 else None

    def _person(self, given: _Given, username: Value) -> None:
        login = self.directory.login(given.to)
        if not login or given.app is None:
            self._unknown(given, "person")
        elif isinstance(username, str) and username and not self._is_named_so(given.app, login, username):
            reason = (
                "its username differs from what the app's username format produces, and only the format is "
                "supported here"
            )
            self.taking.leave_out(given.resource, reason, "", "username")
        else:
            self._assign(given, given.app, {"user": login})

    def _is_named_so(self, app: AppPlace, login: str, name: str) -> bool:
        """Returns whether an app's format produces a person's user name; True if that cannot be evaluated here."""
        part = self.taking.part(app.owner)
        person = part.data.get("users", {}).get(login, {})
        email = person.get("email", login)
        names = {
            "okta_username": login,
            "email": email,
            "okta_username_prefix": login.partition("@")[0],
            "email_prefix": email.partition("@")[0],
        }
        return bool(names.get(app.username_format, name) == name)

    def _group(self, given: _Given) -> None:
        name = self.directory.group(given.to)
        if not name or given.app is None:
            self._unknown(given, "group")
            return
        part = self.taking.part(given.app.owner)
        if not part.has("groups", name):
            part.put(("groups", name), {}, given.place)
        if name == EVERYONE:
            self.taking.contents.everyone_groups[EVERYONE] = given.place
        self._assign(given, given.app, {"group": name})

    def _assign(self, given: _Given, app: AppPlace, who: dict[str, Any]) -> None:
        if isinstance(given.profile, Unknown):
            self.taking.leave_out(given.resource, f"its roles (profile) are {AFTER_APPLY}", "", "profile")
            return
        roles = json_object(given.profile) or {}
        if isinstance(roles.get("role"), str) and roles["role"]:
            who["role"] = roles["role"]
        chosen = roles.get("samlRoles")
        if isinstance(chosen, list):
            who["saml_user_roles"] = [each for each in chosen if isinstance(each, str)]
        part = self.taking.part(app.owner)
        part.append((*app.key, "assignments"), who, given.place)

    def _unknown(self, given: _Given, what: str) -> None:
        if isinstance(given.to, Unknown):
            self.taking.leave_out(given.resource, f"the {what} that it is for is {AFTER_APPLY}")
        else:
            fix = f"Add the response of GET /api/v1/{'users' if what == 'person' else 'groups'} to the seeds."
            self.taking.leave_out(given.resource, f"none of the seeds contains the {what} that it is for", fix)


def _priority(value: Any) -> float:
    """Returns an assignment's priority; an assignment without one comes last."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else float("inf")
