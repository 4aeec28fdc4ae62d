"""Reads responses of Okta's management API into an org of a world.

GET /api/v1/apps, /api/v1/apps/{id}                         apps for AWS; others are counted
GET /api/v1/users, /api/v1/users/{id}                       people
GET /api/v1/groups, /api/v1/groups/{id}                     groups
GET /api/v1/groups/{id}/users                               who is in a group, by the file's name
GET /api/v1/users/{id}/groups                               which groups a person is in, by the file's name
GET /api/v1/apps/{id}/users, /api/v1/apps/{id}/groups       who has an app, and with which roles

Responses never contain passwords, recovery questions or keys, and they would not be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.seeds.contents import HERE, SeedContents, SeedError, SeedNote, SeedPart
from emulator.seeds.okta_answers.apps import label_of
from emulator.seeds.okta_answers.assignments import take_assignments
from emulator.seeds.okta_answers.org import (
    KnownApp,
    OktaAnswer,
    OktaOrg,
    answer_in,
    group_of_file,
    org_of,
    subdomain_of,
)
from emulator.seeds.okta_answers.people import (
    leave_out_unread_attributes,
    shortened,
    take_group,
    take_groups_of_person,
    take_memberships,
    take_user,
)
from emulator.seeds.okta_answers.resources import Kind, Resource, holds_resources, text, unknown_in
from emulator.seeds.seed_text import Seed, SeedText
from emulator.worldfile.text.yaml_data import Key

WHAT_IS_READ = (
    "responses of Okta's API: GET /api/v1/apps, /api/v1/users, /api/v1/groups, /api/v1/groups/{id}/users, "
    "/api/v1/apps/{id}/users and /api/v1/apps/{id}/groups"
)
# Kinds of objects that logins do not depend on, and why they are not read.
_NOT_READ = {
    Kind.GROUP_RULE: "memberships come from the groups' members; export GET /api/v1/groups/{id}/users",
    Kind.APP_LINK: "they list the apps that one person sees, without roles; export GET /api/v1/apps/{id}/users",
    Kind.POLICY: "they are not read; set mfa of the org or of an app instead",
    Kind.FEATURE: "logins do not depend on them",
    Kind.CONNECTION: "the API integration is off unless the app has provisioning in the world file",
    Kind.SCHEMA: "people's attributes come from GET /api/v1/users",
    Kind.IDENTITY_PROVIDER: "here people sign in with their passwords",
    Kind.FACTOR: "Okta never returns the secret of a factor; set factors of the person in the world file",
}


def is_okta_answer(given: SeedText) -> bool:
    """Returns whether a text is a response of Okta's management API."""
    return given.data == [] or (isinstance(given.data, (dict, list)) and holds_resources(given.data))


def read_okta_answer(seed: Seed, others: Sequence[Seed]) -> SeedContents:
    """Reads a response of Okta's management API.

    Raises:
        SeedError: it is an error response, the System Log, or cut off.
    """
    answer = answer_in(seed.text)
    _refuse(answer)
    if not answer.resources and not seed.settings.org:
        raise SeedError("this is an empty list", expected=WHAT_IS_READ)
    org = org_of(seed, others)
    kinds = ", ".join(kind.value for kind in answer.resources)
    contents = SeedContents(
        f"response of Okta's API ({kinds or 'an empty list'})", text=_Names(answer).of, is_written_by_a_program=True
    )
    part = contents.org(_part_name(contents, answer, seed))
    part.places[()] = ()
    _take_apps(part, contents, answer.of(Kind.APP), org)
    users = list(answer.of(Kind.USER))
    for user in users:
        take_user(part, contents, user)
    leave_out_unread_attributes(contents, [] if group_of_file(seed, org) else users)
    for group in answer.of(Kind.GROUP):
        take_group(part, contents, group, org)
    take_memberships(part, contents, seed, org, users)
    take_groups_of_person(part, seed, org, list(answer.of(Kind.GROUP)))
    people, groups = list(answer.of(Kind.APP_USER)), list(answer.of(Kind.APP_GROUP))
    take_assignments(part, contents, seed, org, people=people, groups=groups)
    for kind, reason in _NOT_READ.items():
        if answer.of(kind):
            what = f"{kind.value} ({len(answer.of(kind))})"
            contents.left_out.append(SeedNote(what, reason, answer.of(kind)[0].place))
    unknown = unknown_in(seed.text.data)
    if unknown:
        contents.left_out.append(SeedNote(f"other objects ({unknown})", "they are not like any object of Okta's API"))
    return contents


def _refuse(answer: OktaAnswer) -> None:
    for resource in answer.of(Kind.ERROR):
        words = f"{text(resource.data, 'errorCode')} ({text(resource.data, 'errorSummary')})"
        raise SeedError(
            f"this is an error response of Okta's API: {words:.160}",
            expected=f"{WHAT_IS_READ}, with a token that may read them",
        )
    if answer.of(Kind.LOG_EVENT):
        raise SeedError("this is Okta's System Log, which contains events, not settings", expected=WHAT_IS_READ)
    if answer.of(Kind.CUT):
        raise SeedError(
            "PowerShell has cut off the content of nested objects",
            expected="the same export, saved with ConvertTo-Json -Depth 20",
        )


def _part_name(contents: SeedContents, answer: OktaAnswer, seed: Seed) -> str:
    """Returns the org that the response comes from, and reports it if the file is listed under another."""
    listed = seed.settings.org
    found = [(host, *subdomain_of(host)) for host in answer.hosts]
    subdomains = [subdomain for _, subdomain, _ in found if subdomain]
    for host, subdomain, domain in found[:1]:
        name = listed or subdomain
        if (subdomain and domain != "okta") or (not subdomain and name):
            reason = f"the org is at {host}; here it is {name}.okta.com"
            contents.notes.append(SeedNote("the org's host", reason))
        elif listed and listed not in subdomains:
            reason = f"the file is from {host}, but used for the org {listed}, under which it is listed"
            contents.notes.append(SeedNote("the org", reason))
    if not listed:
        return subdomains[0] if subdomains else HERE
    return listed if listed in subdomains else HERE


def _take_apps(part: SeedPart, contents: SeedContents, resources: Sequence[Resource], org: OktaOrg) -> None:
    others: dict[str, Key] = {}
    for resource in resources:
        known = org.apps.get(resource.id or label_of(resource))
        if known is None or not known.is_for_aws:
            others.setdefault(label_of(resource), resource.place)
        elif known.reason is not None:
            why = known.reason
            note = SeedNote(f"the app {label_of(resource)}", why.reason, (*resource.place, *why.place), why.fix)
            contents.left_out.append(note)
        else:
            _take_app(part, contents, resource, known)
    _note_authentication_policies(contents, [resource for resource in resources if _is_taken(org, resource)])
    if others:
        count = len(others)
        what = "1 other app" if count == 1 else f"{count} other apps"
        reason = f"{shortened(others)}: their logins do not go to AWS"
        contents.left_out.append(SeedNote(what, reason, next(iter(others.values()))))


def _is_taken(org: OktaOrg, resource: Resource) -> bool:
    known = org.apps.get(resource.id or label_of(resource))
    return known is not None and known.reading is not None


def _note_authentication_policies(contents: SeedContents, apps: Sequence[Resource]) -> None:
    """Reports that the apps' authentication policies are not known, if they have any."""
    having = {label_of(app): app.place for app in apps if app.text("_links", "accessPolicy", "href")}
    if having:
        what = f"the app {shortened(having)}" if len(having) == 1 else f"the apps {shortened(having)}"
        reason = (
            "the response does not contain its authentication policy; nobody is asked for a second factor "
            "unless mfa is set"
        )
        contents.notes.append(SeedNote(what, reason, (*next(iter(having.values())), "_links", "accessPolicy")))


def _take_app(part: SeedPart, contents: SeedContents, resource: Resource, known: KnownApp) -> None:
    if known.reading is None:
        return
    key: Key = ("apps", known.key)
    part.put(key, {}, resource.place)
    for inside, value, place in known.reading.values:
        if isinstance(inside[-1], int):
            part.append((*key, *inside[:-1]), value, (*resource.place, *place))
        else:
            part.put((*key, *inside), value, (*resource.place, *place))
    for into, given in ((contents.notes, known.reading.notes), (contents.left_out, known.reading.left_out)):
        for what, place in given:
            into.append(SeedNote(f"the app {label_of(resource)}", what, (*resource.place, *place)))


class _Names:
    """Describes places in a response in words."""

    def __init__(self, answer: OktaAnswer) -> None:
        self._names: Mapping[Key, str] = {
            resource.place: _name(resource) for each in answer.resources.values() for resource in each
        }

    def of(self, place: Key) -> str:
        """Returns the description of the object at or around a place."""
        for length in range(len(place), -1, -1):
            if place[:length] in self._names:
                return self._names[place[:length]]
        return "returned by Okta's API"


def _name(resource: Resource) -> str:
    match resource.kind:
        case Kind.APP:
            return f"Okta app {label_of(resource)}"
        case Kind.USER:
            return f"Okta user {resource.text('profile', 'login')}"
        case Kind.GROUP:
            return f"Okta group {resource.text('profile', 'name')}"
        case Kind.APP_USER:
            return f"Okta's assignment of {resource.text('credentials', 'userName') or resource.id}"
        case Kind.APP_GROUP:
            return f"Okta's assignment of the group {resource.id}"
    return f"Okta's {resource.kind.value}"
