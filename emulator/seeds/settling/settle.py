"""Adjusts what seeds contribute to an account or org, so that a seed alone never makes the world unusable.

References to names that do not exist and values that violate the schema are removed from the seed and listed as left
out. The world file's own settings are never changed, so that its mistakes are reported as its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.seeds.contents import SeedPart
from emulator.seeds.layers import FilledPlace, SeedLayer
from emulator.seeds.settling.excluded import leave_out_excluded
from emulator.seeds.settling.things import NOUNS, identities, mapping, name_of, texts
from emulator.seeds.settling.unfit_values import leave_out_unfit
from emulator.seeds.settling.unknown_names import (
    is_own_arn,
    leave_out_providers_without_app,
    leave_out_repeated_instances,
    leave_out_unknown_names,
)
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import key_text

# Removing one thing may expose another, but only so many times.
_MOST_ROUNDS = 8


def settle(orgs: Mapping[str, FilledPlace], accounts: Mapping[str, FilledPlace]) -> None:
    """Removes from seeds what would make the world unusable.

    Args:
        orgs: The orgs of the world by name.
        accounts: The accounts of the world by id.
    """
    for name, org in orgs.items():
        _settle("okta", name, org)
    apps = {f"{name}/{app}" for name, org in orgs.items() for app in org.names("apps")}
    for account_id, account in accounts.items():
        leave_out_providers_without_app(account, apps)
        _settle("aws", account_id, account)
    leave_out_repeated_instances(accounts)


def _settle(company: str, name: str, place: FilledPlace) -> None:
    seeds, own = place.seeds, place.own
    if not seeds or not isinstance(own, dict):
        return
    for seed in seeds:
        _leave_out_odd_parts(company, seed)
    if company == "aws":
        leave_out_excluded(name, seeds, own)
        _name_own_policies(name, seeds, own)
    else:
        _name_groups_alike([*(seed.part for seed in seeds), SeedPart(own)])
    for _ in range(_MOST_ROUNDS):
        leave_out_unknown_names(company, name, seeds, own)
        if not leave_out_unfit(company, seeds, own):
            return


def _name_groups_alike(parts: Sequence[SeedPart]) -> None:
    """Turns every list of an org's groups into a mapping if another file has the groups as a mapping."""
    if any(isinstance(part.data.get("groups"), dict) for part in parts):
        for part in parts:
            names = part.data.get("groups")
            if isinstance(names, list) and all(isinstance(each, str) for each in names):
                places = {each: part.place(("groups", index)) for index, each in enumerate(names)}
                part.remove(("groups",))
                for each, place in places.items():
                    part.put(("groups", each), {}, place)


def _leave_out_odd_parts(company: str, seed: SeedLayer) -> None:
    """Removes collections of named things that are not mappings, because they could not be merged."""
    fields = {kind for of, kind in NOUNS if of == company} - ({"groups"} if company == "okta" else set())
    for kind in fields & seed.part.data.keys():
        if not isinstance(seed.part.data[kind], dict):
            seed.leave_out((kind,), kind, "this is not a mapping from names to settings")
            seed.part.remove((kind,))
    if company == "aws":
        _leave_out_policies_in_files(seed)


def _leave_out_policies_in_files(seed: SeedLayer) -> None:
    """Removes policies that are strings, because a world would take them for the names of files."""
    for name, document in list(mapping(seed.part.data, "policies").items()):
        if isinstance(document, str):
            seed.leave_out(("policies", name), f"policy {name}", "its document is a string, not a mapping")
            seed.part.remove(("policies", name))
    for kind, name, identity in identities(seed.part.data):
        inline = [each for each, document in mapping(identity, "inline_policies").items() if isinstance(document, str)]
        documents: list[Key] = [("inline_policies", each) for each in inline]
        documents += [("trust",)] if isinstance(identity.get("trust"), str) else []
        if documents:
            key: Key = (kind, name)
            reason = f"its {key_text(documents[-1])} is a string, not a mapping"
            seed.leave_out(key, name_of("aws", key), reason, at=(*key, *documents[-1]))
            seed.part.remove(key)


def _name_own_policies(account_id: str, seeds: Sequence[SeedLayer], own: dict[str, Any]) -> None:
    """Refers to the account's customer managed policies by name; AWS managed policies keep their ARNs."""
    parts = [*(seed.part for seed in seeds), SeedPart(own)]
    names = frozenset(name for part in parts for name in mapping(part.data, "policies"))
    for part in parts:
        for kind, name, identity in identities(part.data):
            for index, policy in texts(identity, "policies"):
                identity["policies"][index] = _own_name(account_id, policy, names)
            for index, policy in texts(identity, "policies"):
                if policy in identity["policies"][:index]:
                    part.remove_item((kind, name, "policies"), index)
            boundary = identity.get("permissions_boundary")
            if isinstance(boundary, str):
                identity["permissions_boundary"] = _own_name(account_id, boundary, names)


def _own_name(account_id: str, policy: Any, own: frozenset[str]) -> Any:
    if not is_own_arn(account_id, policy):
        return policy
    name = policy.rsplit("/", 1)[-1]
    return name if name in own else policy
