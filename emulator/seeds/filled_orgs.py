"""Completes an org that several files fill, where one file refers to another or to the world file itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.seeds.arns import arn_of
from emulator.seeds.contents import SeedNote, SeedPart
from emulator.seeds.layers import FilledPlace, SeedLayer
from emulator.worldfile.sources import merged
from emulator.worldfile.text.yaml_data import Key

_IN_ACCOUNT = re.compile(r"\[(?P<alias>[^\]]+)\] -- (?P<role>.+)")
_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_DEFAULT_PATTERN = "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}"


def complete_org(place: FilledPlace, accounts: Mapping[str, FilledPlace]) -> None:
    """Completes an org that seeds fill, and notes in the seeds what was done for that.

    Args:
        place: The org with its seeds.
        accounts: The accounts of the world by id.
    """
    if not place.seeds:
        return
    _unite_apps(place)
    _unite_groups(place)
    _fill_everyone(place)
    _note_default_passwords(place)
    for name in place.names("apps"):
        if place.value("apps", name, "catalog") in (None, "amazon_aws"):
            _need_provider(place, name, accounts)
    aliases = {alias: id_ for id_, each in accounts.items() if isinstance(alias := each.value("alias"), str)}
    for layer in place.seeds:
        _name_accounts(layer, aliases)


def _unite_apps(place: FilledPlace) -> None:
    """Merges an app that two kinds of files name differently: Terraform by its resource, Okta by its label.

    Labels are unique within an Okta org.
    """
    known: dict[str, tuple[str, str]] = {}
    for name in place.names("apps"):
        layer, label = place.describing_seed(name), place.value("apps", name, "label")
        if layer is None or not isinstance(label, str) or place.own_value("apps", name) is not None:
            continue
        kind = layer.contents.kind.partition(" ")[0]
        first, kind_of_first = known.setdefault(label, (name, kind))
        if kind_of_first != kind:
            for each in place.seeds:
                _rename(each.part, ("apps", name), ("apps", first))
            reason = f"it is the same app as {first}, since both have the label {label}"
            layer.contents.notes.append(SeedNote(f"the app {name}", reason, layer.part.place(("apps", first))))


def _rename(part: SeedPart, old: Key, new: Key) -> None:
    things = part.data.get(str(old[0]))
    if not isinstance(things, dict) or old[1] not in things:
        return
    moved, places = things.pop(old[1]), dict(part.places)
    for key in [key for key in places if key[:2] == old]:
        del part.places[key]
    things[new[1]] = merged(moved, things[new[1]]) if new[1] in things else moved
    part.places.update({(*new, *key[2:]): place for key, place in places.items() if key[:2] == old})


def _unite_groups(place: FilledPlace) -> None:
    """Puts the world file's groups on top of the seeds' where it lists only their names, or none."""
    if not isinstance(place.own, dict) or not place.names("groups"):
        return
    own = place.own.get("groups")
    if isinstance(own, list) and all(isinstance(each, str) for each in own):
        place.own["groups"] = {name: {} for name in own}
    if place.own.get("groups"):
        return
    layer = place.lowest_seed("groups")
    users = place.own.get("users")
    for user in users.values() if layer is not None and isinstance(users, dict) else ():
        groups = user.get("groups") if isinstance(user, dict) else None
        for name in groups if isinstance(groups, list) else ():
            if layer is not None and isinstance(name, str) and name not in place.names("groups"):
                layer.part.put(("groups", name), {}, ())


def _fill_everyone(place: FilledPlace) -> None:
    """Adds everybody to the groups that include everybody, such as Okta's Everyone."""
    for layer in place.seeds:
        for name, at in layer.contents.everyone_groups.items():
            for login in place.names("users"):
                layer.part.append(("users", login, "groups"), name, at)


def _note_default_passwords(place: FilledPlace) -> None:
    """Notes how many people have the world's default password, because exports do not contain passwords."""
    seeded = {login for layer in place.seeds for login, _ in _people(layer.part.data)}
    everywhere = (place.own, *(layer.part.data for layer in place.seeds))
    having = {login for data in everywhere for login, user in _people(data) if user.get("password") is not None}
    without = seeded - having
    people = [login for login in place.names("users") if login in without]
    if people:
        first: Key = ("users", people[0])
        layer = next((each for each in place.seeds if first in each.part.places), place.seeds[0])
        what = "1 person" if len(people) == 1 else f"{len(people)} people"
        reason = "no file contains passwords; theirs is fedemu unless the world file sets another"
        layer.contents.notes.append(SeedNote(what, reason, layer.part.place(first)))


def _people(data: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    users = data.get("users") if isinstance(data, dict) else None
    for login, user in users.items() if isinstance(users, dict) else ():
        if isinstance(login, str) and isinstance(user, dict):
            yield login, user


def _need_provider(place: FilledPlace, name: str, accounts: Mapping[str, FilledPlace]) -> None:
    """Gives an app without a provider ARN the provider that its group mapping names, or removes the app."""
    layer = place.describing_seed(name)
    if layer is None or place.value("apps", name, "identity_provider_arn") is not None:
        return
    at = layer.part.place(("apps", name))
    if place.value("apps", name, "use_group_mapping") is True:
        pattern = place.value("apps", name, "role_value_pattern") or _DEFAULT_PATTERN
        arn = _mapped_provider(str(pattern), accounts)
        if arn:
            layer.part.put(("apps", name, "identity_provider_arn"), arn, at)
            reason = f"its Identity Provider ARN is empty, as group mapping allows; {arn} is used here"
            layer.contents.notes.append(SeedNote(f"apps.{name}", reason, at))
            return
    for each in place.seeds:
        each.part.remove(("apps", name))
    layer.contents.left_out.append(
        SeedNote(
            f"the app {name}",
            "its Identity Provider ARN is empty, so it sends no roles",
            at,
            fix=f"Set identity_provider_arn of the app {name} in the world file.",
        )
    )


def _mapped_provider(pattern: str, accounts: Mapping[str, FilledPlace]) -> str:
    """Returns the ARN of the provider in a group mapping, from the first account that has it, or else from any."""
    having = sorted(accounts, key=lambda id_: not _has_one(pattern, id_, accounts[id_]))
    for account_id in having:
        for arn in _arns(pattern, account_id):
            return arn
    return ""


def _has_one(pattern: str, account_id: str, account: FilledPlace) -> bool:
    providers = account.names("saml_providers")
    return any(arn.rpartition("/")[2] in providers for arn in _arns(pattern, account_id))


def _arns(pattern: str, account_id: str) -> Iterator[str]:
    for each in pattern.replace("${accountid}", account_id).split(","):
        arn = arn_of(each.strip())
        if arn is not None and arn.resource.startswith("saml-provider/") and "$" not in each:
            yield each.strip()


def _name_accounts(layer: SeedLayer, aliases: Mapping[str, str]) -> None:
    """Replaces the alias in ``[alias] -- role`` by the account's id.

    The aliases come from the app's API integration, which exports do not contain.
    """
    apps = layer.part.data.get("apps")
    for name, app in apps.items() if isinstance(apps, dict) else ():
        assignments = app.get("assignments") if isinstance(app, dict) else None
        unknown_aliases: dict[str, Key] = {}
        for index, each in enumerate(assignments if isinstance(assignments, list) else ()):
            if isinstance(each, dict):
                for alias in _renamed(each, aliases):
                    unknown_aliases.setdefault(alias, layer.part.place(("apps", name, "assignments", index)))
        for alias, at in unknown_aliases.items():
            known = aliases.get(alias)
            reason = (
                f"[{alias}] in its roles stands for the account {known}"
                if known
                else f"[{alias}] in its roles is not the alias of any account in this world"
            )
            layer.contents.notes.append(SeedNote(f"apps.{name}", reason, at))


def _renamed(assignment: dict[str, Any], aliases: Mapping[str, str]) -> Iterator[str]:
    """Replaces the aliases in an assignment's roles, and yields them."""
    roles = assignment.get("saml_user_roles")
    places: list[tuple[Any, Any]] = [(assignment, "role")] if "role" in assignment else []
    places += [(roles, index) for index in range(len(roles))] if isinstance(roles, list) else []
    for container, key in places:
        found = _IN_ACCOUNT.fullmatch(container[key]) if isinstance(container[key], str) else None
        if found is None or _ACCOUNT_ID.fullmatch(found["alias"]):
            continue
        if found["alias"] in aliases:
            container[key] = f"[{aliases[found['alias']]}] -- {found['role']}"
        yield found["alias"]
