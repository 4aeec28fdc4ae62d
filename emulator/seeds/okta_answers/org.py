"""Combines all responses of one org: resolves ids to names, and determines what each file is about.

A response refers to people, groups and apps by ids, and their names are in other responses. If no link says what a
response is about, the file's name may: ``groups/00g1abc…/users.json``, ``members-connect-agents.json``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary, ref

from emulator.kernel.records import dataclass
from emulator.seeds.okta_answers.apps import app_key, is_for_aws, label_of, read_app
from emulator.seeds.okta_answers.reading import AppReading, CannotBeTaken
from emulator.seeds.okta_answers.resources import Kind, Resource, resources_in
from emulator.seeds.seed_text import Seed, SeedText

_OKTA_HOST = re.compile(
    r"([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\.(okta|oktapreview|okta-emea|okta-gov|trexcloud|oktademo)\.(?:com|mil)",
    re.IGNORECASE,
)
_API_HOST = re.compile(r"https?://([A-Za-z0-9.-]+)(?::\d+)?/api/v1/")
_ID = re.compile(r"(?:0oa|00g|00u)[0-9A-Za-z]{17}")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_NOISE = frozenset(
    {
        "okta",
        "group",
        "groups",
        "user",
        "users",
        "member",
        "members",
        "of",
        "the",
        "in",
        "list",
        "export",
        "app",
        "apps",
    }
    | {"assignment", "assignments", "assigned", "people", "api", "v1", "json", "page", "response", "application"}
    | {"applications", "membership", "memberships", "appusers", "appgroups"}
)


@dataclass(frozen=True, slots=True)
class OktaAnswer:
    """The objects in one file, by kind."""

    resources: Mapping[Kind, Sequence[Resource]]
    hosts: tuple[str, ...] = ()

    def of(self, kind: Kind) -> Sequence[Resource]:
        """Returns the objects of a kind, in the file's order."""
        return self.resources.get(kind, ())


_ANSWERS: WeakKeyDictionary[SeedText, OktaAnswer] = WeakKeyDictionary()


def answer_in(text: SeedText) -> OktaAnswer:
    """Returns the objects in a text, cached per text."""
    known = _ANSWERS.get(text)
    if known is None:
        resources: dict[Kind, list[Resource]] = {}
        hosts: dict[str, None] = {}
        for resource in resources_in(text.data):
            resources.setdefault(resource.kind, []).append(resource)
            hosts.update(dict.fromkeys(_hosts(resource.at("_links"))))
        known = _ANSWERS[text] = OktaAnswer(resources, tuple(hosts))
    return known


def _hosts(links: Any) -> Iterator[str]:
    for each in links.values() if isinstance(links, Mapping) else ():
        href = each.get("href") if isinstance(each, Mapping) else None
        found = _API_HOST.match(href) if isinstance(href, str) else None
        if found is not None:
            yield found[1].lower()


def subdomain_of(host: str) -> tuple[str, str]:
    """Returns the subdomain and domain of an Okta host; two empty strings for a custom domain."""
    found = _OKTA_HOST.fullmatch(host)
    return (found[1].lower().removesuffix("-admin"), found[2].lower()) if found else ("", "")


@dataclass(frozen=True, slots=True)
class KnownApp:
    """An app that is in one of the org's files.

    Args:
        resource: The app, as Okta's API returns it.
        key: The app's name in the world.
        reading: The app's settings for the world; None if it is left out.
        reason: Why the app is left out; None if it is not.
        is_for_aws: Whether its logins go to AWS.
    """

    resource: Resource
    key: str = ""
    reading: AppReading | None = None
    reason: CannotBeTaken | None = None
    is_for_aws: bool = False


@dataclass(slots=True)
class OktaOrg:
    """The combined responses of one org."""

    logins: dict[str, str] = field(default_factory=dict)
    users: dict[str, Resource] = field(default_factory=dict)
    groups: dict[str, Resource] = field(default_factory=dict)
    doubled_groups: set[str] = field(default_factory=set)
    apps: dict[str, KnownApp] = field(default_factory=dict)
    groups_of_apps: dict[str, set[str]] = field(default_factory=dict)
    memberships: dict[str, set[str]] = field(default_factory=dict)
    listed_groups: set[str] = field(default_factory=set)
    has_list_of_users: bool = False

    def group_name(self, group_id: str) -> str:
        """Returns a group's name; empty if no file has it, or if it is left out because its name is taken."""
        group = self.groups.get(group_id)
        return "" if group is None or group_id in self.doubled_groups else group.text("profile", "name")


_ORGS: WeakKeyDictionary[SeedText, tuple[tuple[ref[SeedText], ...], OktaOrg]] = WeakKeyDictionary()


def org_of(seed: Seed, others: Iterable[Seed]) -> OktaOrg:
    """Returns the combined responses of a seed's org, cached for all of its seeds."""
    listed = [seed, *(other for other in others if other.settings.org == seed.settings.org)]
    seeds = sorted(_each_once(listed), key=lambda each: id(each.text))
    references, org = _ORGS.get(seeds[0].text, ((), None))
    if org is None or [each() for each in references] != [each.text for each in seeds]:
        org = _read_org(sorted(seeds, key=lambda each: each.settings.file))
        _ORGS[seeds[0].text] = (tuple(ref(each.text) for each in seeds), org)
    return org


def _read_org(seeds: Iterable[Seed]) -> OktaOrg:
    org = OktaOrg()
    answers = [(each, answer_in(each.text)) for each in seeds]
    for _, answer in answers:
        for resource in answer.of(Kind.USER):
            if resource.id:
                org.users.setdefault(resource.id, resource)
                org.logins.setdefault(resource.id, resource.text("profile", "login"))
        for resource in answer.of(Kind.GROUP):
            org.groups.setdefault(resource.id or resource.text("profile", "name"), resource)
    _find_doubled_groups(org)
    _name_apps(org, [resource for _, answer in answers for resource in answer.of(Kind.APP)])
    for each, answer in answers:
        for resource in answer.of(Kind.APP_GROUP):
            org.groups_of_apps.setdefault(app_id_of(resource, each, org), set()).add(group_id_of(resource))
        _note_members(org, each, answer)
    org.listed_groups.update(*org.memberships.values())
    return org


def _each_once(seeds: Iterable[Seed]) -> Iterator[Seed]:
    seen: set[SeedText] = set()
    for seed in seeds:
        if seed.text not in seen:
            seen.add(seed.text)
            yield seed


def _note_members(org: OktaOrg, seed: Seed, answer: OktaAnswer) -> None:
    """Notes the group memberships in a file."""
    listed = [user for user in answer.of(Kind.USER) if not user.owner]
    group = group_of_file(seed, org) if listed or not answer.resources else ""
    if group:
        org.listed_groups.add(group)
        _join(org, ((user.id, group) for user in listed))
    elif any(user.place and isinstance(user.place[-1], int) for user in listed):
        org.has_list_of_users = True
    _join(org, ((user.id, user.owner) for user in answer.of(Kind.USER) if user.owner in org.groups))
    groups = answer.of(Kind.GROUP)
    person = person_of_file(seed, org) if groups else ""
    _join(org, ((group.owner or person, group.id) for group in groups if group.owner or person))


def _join(org: OktaOrg, memberships: Iterable[tuple[str, str]]) -> None:
    for person, group in memberships:
        org.memberships.setdefault(person, set()).add(group)


def _find_doubled_groups(org: OktaOrg) -> None:
    by_name: dict[str, list[str]] = {}
    for group_id, group in org.groups.items():
        by_name.setdefault(group.text("profile", "name"), []).append(group_id)
    for ids in by_name.values():
        ids.sort(key=lambda each: (org.groups[each].text("type") == "APP_GROUP", each))
        org.doubled_groups.update(ids[1:])


def _name_apps(org: OktaOrg, resources: Iterable[Resource]) -> None:
    """Reads the apps and gives each a unique name that does not depend on the order of the files."""
    by_id = {resource.id or label_of(resource): resource for resource in resources}
    used: set[str] = set()
    for app_id, resource in sorted(by_id.items()):
        if not is_for_aws(resource):
            org.apps[app_id] = KnownApp(resource)
            continue
        try:
            reading = read_app(resource)
        except CannotBeTaken as reason:
            org.apps[app_id] = KnownApp(resource, reason=reason, is_for_aws=True)
            continue
        key = wanted = app_key(label_of(resource))
        number = 1
        while key in used:
            number += 1
            key = f"{wanted}-{number}"
        used.add(key)
        org.apps[app_id] = KnownApp(resource, key, reading, is_for_aws=True)


def app_id_of(assignment: Resource, seed: Seed, org: OktaOrg) -> str:
    """Returns the app id of an assignment: from its link, from the file's name, or that of the only app."""
    linked = assignment.linked_id("app") or assignment.owner
    if linked:
        return linked
    named = about(seed.settings.file, org.apps) or _unknown_id(seed.settings.file, "0oa")
    if named:
        return named
    by_name = _named(seed.settings.stem, {app_id: label_of(app.resource) for app_id, app in org.apps.items()})
    if by_name or len(org.apps) != 1 or _without_noise(seed.settings.stem):
        return by_name
    return next(iter(org.apps))


def group_id_of(assignment: Resource) -> str:
    """Returns the group id of an app assignment."""
    return assignment.linked_id("group") or assignment.id


def group_of_file(seed: Seed, org: OktaOrg) -> str:
    """Returns the id of the group with the members in a file; empty if the file is not about a group."""
    known = about(seed.settings.file, org.groups) or _unknown_id(seed.settings.file, "00g")
    names = {group_id: group.text("profile", "name") for group_id, group in org.groups.items()}
    return known or _named(seed.settings.stem, names)


def about(file: str, ids: Iterable[str]) -> str:
    """Returns the id that is part of a file's path; empty if there is none."""
    parts = set(re.split(r"[^0-9A-Za-z]+", file))
    known = ids if isinstance(ids, (dict, set)) else set(ids)
    return next((part for part in parts if part in known), "")


def _unknown_id(file: str, prefix: str) -> str:
    return next((found for found in _ID.findall(file) if found.startswith(prefix)), "")


def _named(stem: str, names: Mapping[str, str]) -> str:
    """Returns the id for the name in a file's name, ignoring words such as ``users`` and ``members``."""
    for words_of in (_words, _without_noise):
        wanted = words_of(stem)
        found = [id_ for id_, name in names.items() if _without_noise(name) and words_of(name) == wanted]
        if len(found) == 1:
            return found[0]
    return ""


@lru_cache(maxsize=65536)
def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in _BETWEEN_WORDS.split(text.lower()) if word)


@lru_cache(maxsize=65536)
def _without_noise(text: str) -> tuple[str, ...]:
    return tuple(word for word in _words(text) if word not in _NOISE)


def person_of_file(seed: Seed, org: OktaOrg) -> str:
    """Returns the id of the person with the groups in a file; empty if the file is not about a person."""
    known = about(seed.settings.file, org.logins)
    if known:
        return known
    # Only the whole login counts: acme-groups.json is not about acme@example.com.
    return _named(seed.settings.stem, org.logins)
