"""What seeds say of an account or an org, made such that it alone never makes the world unusable.

A name that nothing has, and a value that the schema does not take, are taken out of the seed that says them and told
as left out. What the world file says itself is never touched: its mistakes stay its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.seeds.contents import SeedPart
from emulator.seeds.seed_share import NOUNS, SeedShare, holders, mapping, name_of, texts
from emulator.seeds.unfit_values import leave_out_unfit
from emulator.seeds.unknown_names import (
    is_own_arn,
    leave_out_providers_without_app,
    leave_out_repeated_instances,
    leave_out_unknown_names,
)
from emulator.worldfile.yaml_data import Key
from emulator.worldfile.yaml_file import key_text

# Leaving something out may uncover what it hid, not without end.
_MOST_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Filled:
    """An org or an account that seeds fill.

    Args:
        company: ``okta`` or ``aws``.
        name: The org's subdomain, or the account's id.
        shares: What each seed gives it.
        own: What the world says itself of it.
    """

    company: str
    name: str
    shares: Sequence[SeedShare]
    own: dict[str, Any]


def settle(places: Sequence[Filled], others: Mapping[str, Any]) -> None:
    """Takes out of seeds what would make the world unusable.

    Args:
        places: The orgs and accounts that seeds fill.
        others: What the world says of those that none fills, as a world says it.
    """
    orgs = [each for each in places if each.company == "okta"]
    accounts = [each for each in places if each.company == "aws"]
    for org in orgs:
        _settle(org)
    apps = {f"{name}/{app}" for name, org in mapping(others, "okta").items() for app in mapping(org, "apps")}
    for org in orgs:
        layers = [*(share.part.data for share in org.shares), org.own]
        apps |= {f"{org.name}/{app}" for layer in layers for app in mapping(layer, "apps")}
    for account in accounts:
        leave_out_providers_without_app(account.shares, apps)
        _settle(account)
    unseeded = {name: ((), mapping(account)) for name, account in mapping(others, "aws").items()}
    leave_out_repeated_instances({**unseeded, **{each.name: (each.shares, each.own) for each in accounts}})


def _settle(place: Filled) -> None:
    shares, own = place.shares, place.own
    for share in shares:
        _leave_out_odd_parts(place.company, share)
    if place.company == "aws":
        _name_own_policies(place.name, shares, own)
    else:
        _name_groups_alike([*(share.part for share in shares), SeedPart(own)])
    for _ in range(_MOST_ROUNDS):
        leave_out_unknown_names(place.company, shares, own)
        if not leave_out_unfit(place.company, shares, own):
            return


def _name_groups_alike(parts: Sequence[SeedPart]) -> None:
    """Makes a mapping of every list of an org's groups where another file has them as a mapping."""
    if any(isinstance(part.data.get("groups"), dict) for part in parts):
        for part in parts:
            names = part.data.get("groups")
            if isinstance(names, list) and all(isinstance(each, str) for each in names):
                places = {each: part.place(("groups", index)) for index, each in enumerate(names)}
                part.remove(("groups",))
                for each, place in places.items():
                    part.put(("groups", each), {}, place)


def _leave_out_odd_parts(company: str, share: SeedShare) -> None:
    """Takes out what is no mapping though it holds things by name: nothing could be merged with it."""
    fields = {kind for of, kind in NOUNS if of == company} - ({"groups"} if company == "okta" else set())
    for kind in fields & share.part.data.keys():
        if not isinstance(share.part.data[kind], dict):
            share.leave_out((kind,), kind, "this is not a mapping of names")
            share.part.remove((kind,))
    if company == "aws":
        _leave_out_policies_in_files(share)


def _leave_out_policies_in_files(share: SeedShare) -> None:
    """Takes out policies that are texts: a world would take them for names of files beside it."""
    for name, document in list(mapping(share.part.data, "policies").items()):
        if isinstance(document, str):
            share.leave_out(("policies", name), f"policy {name}", "its document is text and no mapping")
            share.part.remove(("policies", name))
    for kind, name, holder in holders(share.part.data):
        inline = [each for each, document in mapping(holder, "inline_policies").items() if isinstance(document, str)]
        documents: list[Key] = [("inline_policies", each) for each in inline]
        documents += [("trust",)] if isinstance(holder.get("trust"), str) else []
        if documents:
            key: Key = (kind, name)
            reason = f"its {key_text(documents[-1])} is text and no mapping"
            share.leave_out(key, name_of("aws", key), reason, at=(*key, *documents[-1]))
            share.part.remove(key)


def _name_own_policies(account_id: str, shares: Sequence[SeedShare], own: dict[str, Any]) -> None:
    """Names the account's own policies by name; AWS's keep their ARNs."""
    parts = [*(share.part for share in shares), SeedPart(own)]
    names = frozenset(name for part in parts for name in mapping(part.data, "policies"))
    for part in parts:
        for kind, name, holder in holders(part.data):
            for index, policy in texts(holder, "policies"):
                holder["policies"][index] = _own_name(account_id, policy, names)
            for index, policy in texts(holder, "policies"):
                if policy in holder["policies"][:index]:
                    part.remove_item((kind, name, "policies"), index)
            boundary = holder.get("permissions_boundary")
            if isinstance(boundary, str):
                holder["permissions_boundary"] = _own_name(account_id, boundary, names)


def _own_name(account_id: str, policy: Any, own: frozenset[str]) -> Any:
    if not is_own_arn(account_id, policy):
        return policy
    name = policy.rsplit("/", 1)[-1]
    return name if name in own else policy
