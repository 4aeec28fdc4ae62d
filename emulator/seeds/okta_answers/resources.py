"""The objects in responses of Okta's management API, each recognised by its shape: apps, people, groups, assignments.

A file may contain one object, a list, several pages of a list, or lists inside another object, as tools and PowerShell
write them: ``{"value": […]}``, ``{"users": […], "groups": […]}``.

Spec: developer.okta.com, Okta management API; recordings of 2022 to 2025 in terraform-provider-okta
Evidence: observed (apps, people, groups, assignments), documented (the rest)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key

_MAX_DEPTH = 4
_LOOKED_AT = 20
_CUT_BY_POWERSHELL = "@{"
_POLICY_TYPES = frozenset(
    {
        "ACCESS_POLICY",
        "OKTA_SIGN_ON",
        "PASSWORD",
        "MFA_ENROLL",
        "IDP_DISCOVERY",
        "PROFILE_ENROLLMENT",
        "OAUTH_AUTHORIZATION_POLICY",
        "SIGN_ON",
        "POST_AUTH_SESSION",
        "ENTITY_RISK",
    }
)
_GROUP_TYPES = frozenset({"OKTA_GROUP", "APP_GROUP", "BUILT_IN"})


class Kind(StrEnum):
    """The kinds of objects, as plural nouns for messages."""

    APP = "apps"
    USER = "people"
    GROUP = "groups"
    APP_USER = "people's assignments"
    APP_GROUP = "groups' assignments"
    GROUP_RULE = "group rules"
    APP_LINK = "app links"
    POLICY = "policies"
    FACTOR = "factors"
    FEATURE = "provisioning features"
    CONNECTION = "provisioning connections"
    SCHEMA = "profile schemas"
    IDENTITY_PROVIDER = "identity providers"
    LOG_EVENT = "System Log events"
    ERROR = "an error"
    CUT = "objects that PowerShell cut off"


@dataclass(frozen=True, slots=True)
class Resource:
    """One object in a response, and the keys that lead to it in the file.

    Args:
        kind: The object's kind.
        data: The object itself.
        place: The keys that lead to it in the file.
        owner: The id of the object it is embedded in: the app for an assignment, the person for a group.
    """

    kind: Kind
    data: Mapping[str, Any] = field(repr=False)  # may contain client secrets
    place: Key
    owner: str = ""

    @property
    def id(self) -> str:
        """The object's id; empty if it has none."""
        return text(self.data, "id")

    def at(self, *path: str | int) -> Any:
        """Returns a value in the object; None if it is missing."""
        node: Any = self.data
        for part in path:
            node = node.get(part) if isinstance(node, Mapping) else None
        return node

    def text(self, *path: str) -> str:
        """Returns a string in the object; empty if it is missing."""
        value = self.at(*path)
        return value if isinstance(value, str) else ""

    def linked_id(self, name: str) -> str:
        """Returns the id at the end of a link: for ``app``, the ``0oa…`` of ``…/api/v1/apps/0oa…``."""
        return self.text("_links", name, "href").partition("?")[0].rstrip("/").rpartition("/")[2]


def text(data: Mapping[str, Any], name: str) -> str:
    """Returns a string in an object; empty if it is missing."""
    value = data.get(name)
    return value if isinstance(value, str) else ""


def holds_resources(data: Any) -> bool:
    """Returns whether data looks like a response of Okta's API, judging by its first objects."""
    return any(True for _ in _found(data, (), 0, first=_LOOKED_AT))


def resources_in(data: Any) -> Iterator[Resource]:
    """Yields the objects in a response, and the objects embedded in them."""
    for resource in _found(data, (), 0):
        yield resource
        yield from _embedded(resource)


def unknown_in(data: Any) -> int:
    """Returns how many objects in a response's list are of an unknown kind."""
    lists = [data] if isinstance(data, list) else [each for each in data.values() if isinstance(each, list)]
    return sum(1 for each in lists for item in each if not isinstance(item, list) and kind_of(item) is None)


def _found(data: Any, place: Key, depth: int, *, first: int | None = None) -> Iterator[Resource]:
    kind = kind_of(data)
    if kind is not None:
        yield Resource(kind, data, place)
    elif depth < _MAX_DEPTH and isinstance(data, list):
        for index, each in enumerate(data[:first]):
            yield from _found(each, (*place, index), depth + 1, first=first)
    elif depth < _MAX_DEPTH and isinstance(data, Mapping):
        for name, each in data.items():
            if isinstance(name, str) and isinstance(each, (list, dict)):
                yield from _found(each, (*place, name), depth + 1, first=first)


def _embedded(resource: Resource) -> Iterator[Resource]:
    inside = resource.at("_embedded")
    for name, each in inside.items() if isinstance(inside, Mapping) else ():
        several = isinstance(each, list)
        for index, item in enumerate(each if several else [each]):
            kind = kind_of(item)
            if kind is not None:
                place = (*resource.place, "_embedded", name, *((index,) if several else ()))
                yield Resource(kind, item, place, owner=resource.id)


def kind_of(item: Any) -> Kind | None:
    """Returns an object's kind; None if it is not a known one."""
    if not isinstance(item, Mapping):
        return None
    return next((kind for kind, fits in _SHAPES.items() if fits(item)), None)


def _is_cut(item: Mapping[str, Any]) -> bool:
    texts = [item.get(name) for name in ("profile", "settings", "credentials", "_links")]
    return any(isinstance(each, str) and each.startswith(_CUT_BY_POWERSHELL) for each in texts)


def _is_app_user(item: Mapping[str, Any]) -> bool:
    marks = {"syncState", "credentials", "externalId", "passwordChanged", "profile"}
    return text(item, "scope") in {"USER", "GROUP"} and bool(marks & item.keys()) and isinstance(item.get("id"), str)


def _is_group(item: Mapping[str, Any]) -> bool:
    profile = item.get("profile")
    if not isinstance(profile, Mapping) or not isinstance(profile.get("name"), str):
        return False
    return text(item, "type") in _GROUP_TYPES or isinstance(item.get("objectClass"), list)


def _is_app(item: Mapping[str, Any]) -> bool:
    if "signOnMode" in item:
        return isinstance(item.get("label"), str) or isinstance(item.get("name"), str)
    return text(item, "id").startswith("0oa") and isinstance(item.get("settings"), Mapping)


def _is_app_group(item: Mapping[str, Any]) -> bool:
    links = item.get("_links")
    linked = isinstance(links, Mapping) and bool({"app", "group"} & links.keys())
    known = linked or text(item, "id").startswith("00g")
    return known and "type" not in item and ("priority" in item or (linked and "profile" in item))


def _is_user(item: Mapping[str, Any]) -> bool:
    profile = item.get("profile")
    return isinstance(profile, Mapping) and isinstance(profile.get("login"), str)


_SHAPES: Mapping[Kind, Callable[[Mapping[str, Any]], bool]] = {
    Kind.ERROR: lambda item: "errorCode" in item and "errorSummary" in item,
    Kind.LOG_EVENT: lambda item: "eventType" in item and bool({"uuid", "published"} & item.keys()),
    Kind.CUT: _is_cut,
    Kind.APP_USER: _is_app_user,
    Kind.USER: _is_user,
    Kind.GROUP_RULE: lambda item: item.get("type") == "group_rule",
    Kind.GROUP: _is_group,
    Kind.APP: _is_app,
    Kind.APP_LINK: lambda item: "appInstanceId" in item and bool({"linkUrl", "appName"} & item.keys()),
    Kind.FEATURE: lambda item: text(item, "name").endswith("_PROVISIONING") and "capabilities" in item,
    Kind.CONNECTION: lambda item: "authScheme" in item and "status" in item,
    Kind.SCHEMA: lambda item: "$schema" in item and isinstance(item.get("definitions"), Mapping) and "name" in item,
    Kind.IDENTITY_PROVIDER: lambda item: text(item, "id").startswith("0oa") and "protocol" in item and "policy" in item,
    Kind.FACTOR: lambda item: "factorType" in item and "provider" in item,
    Kind.POLICY: lambda item: (
        text(item, "type") in _POLICY_TYPES and bool({"conditions", "priority", "_links"} & item.keys())
    ),
    Kind.APP_GROUP: _is_app_group,
}
