"""Removes and reports references to policies, groups, people and profiles that do not exist."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from typing import Any

from emulator.seeds.contents import SeedNote
from emulator.seeds.layers import FilledPlace, SeedLayer
from emulator.seeds.policy_documents import NOT_KNOWN, denies_everything
from emulator.seeds.settling.things import NOUNS, identities, mapping, texts
from emulator.worldfile.schema.connect_schema import ROUTING_PROFILE, SECURITY_PROFILES
from emulator.worldfile.text.yaml_data import Key


def leave_out_unknown_names(company: str, name: str, seeds: Sequence[SeedLayer], own: Mapping[str, Any]) -> None:
    """Removes references to names that neither a seed nor the world file has.

    If something unknown may deny a role or user anything, the role or user is removed as well.

    Args:
        company: ``okta`` or ``aws``.
        name: The name of the org, or the id of the account.
        seeds: What each seed contributes.
        own: The world file's own settings of the org or account.
    """
    layers = [*(seed.part.data for seed in seeds), own]
    if company == "aws":
        _leave_out_unbounded(seeds, layers)
        for seed in seeds:
            _leave_out_in_account(name, seed, layers)
    else:
        users, groups = _names_in_org(layers)
        for seed in seeds:
            _leave_out_in_org(seed, users, groups)


def _leave_out_unbounded(seeds: Sequence[SeedLayer], layers: Sequence[Mapping[str, Any]]) -> None:
    """Removes roles and users with an unknown permissions boundary, unless the world file sets another.

    What a boundary forbids, nothing else can allow.
    """
    policies = {each for layer in layers for each in mapping(layer, "policies")}
    for seed in seeds:
        for kind, name, identity in list(identities(seed.part.data)):
            boundary = identity.get("permissions_boundary")
            is_replaced = "permissions_boundary" in mapping(layers[-1], kind, name)
            if not isinstance(boundary, str) or _is_known(boundary, policies) or is_replaced:
                continue
            key: Key = (kind, name)
            reason = f"its permissions boundary {boundary} is in none of the seeds, so its limits are unknown"
            at = (*key, "permissions_boundary")
            seed.leave_out(key, f"{NOUNS['aws', kind]} {name}", reason, _policy_fix(boundary), at=at)
            for each in seeds:
                if each.part.has(*key):
                    each.part.remove(key)


def _leave_out_in_account(account_id: str, seed: SeedLayer, layers: Sequence[Mapping[str, Any]]) -> None:
    policies = {each for layer in layers for each in mapping(layer, "policies")}
    users = {each for layer in layers for each in mapping(layer, "users")}
    for kind, name, identity in identities(seed.part.data):
        noun = NOUNS["aws", kind]
        key: Key = (kind, name)
        for index, policy in texts(identity, "policies"):
            if not _is_known(policy, policies):
                what = f"policy {policy.rsplit('/', 1)[-1]} of {noun} {name}"
                at = (*key, "policies", index)
                policy_name = policy.rsplit("/", 1)[-1]
                reason = "none of the seeds contains its document"
                place = seed.part.place(at)
                seed.part.remove_item((*key, "policies"), index)
                if is_own_arn(account_id, policy) and _is_allowed_something(kind, name, layers):
                    reason += f", and it may deny something, so no policy of {noun} {name} allows anything here"
                    seed.part.put((*key, "inline_policies", NOT_KNOWN), denies_everything(), place)
                seed.contents.left_out.append(SeedNote(what, reason, place, _policy_fix(policy), (policy_name,)))
        for index, user in texts(identity, "users") if kind == "groups" else ():
            if user not in users:
                seed.leave_out(
                    (*key, "users", index),
                    f"member {user} of {noun} {name}",
                    "none of the seeds contains this IAM user",
                )
                seed.part.remove_item((*key, "users"), index)
    for instance_id in mapping(seed.part.data, "connect"):
        _leave_out_in_instance(("connect", instance_id), seed, layers)


def _is_allowed_something(kind: str, name: str, layers: Sequence[Mapping[str, Any]]) -> bool:
    """Returns whether an identity has any known policies, which an unknown one may restrict."""
    if kind == "groups":
        return True  # a group's denials apply to its members
    found = [mapping(layer, kind, name) for layer in layers]
    if kind == "users":
        groups = [each for layer in layers for each in mapping(layer, "groups").values()]
        found += [group for group in groups if name in [user for _, user in texts(group, "users")]]
    return any(mapping(each, "inline_policies") or texts(each, "policies") for each in found)


def _is_known(policy: str, names: set[str]) -> bool:
    """Returns whether a policy is the account's or an AWS managed one."""
    return policy in names or (policy.startswith("arn:") and ":iam::aws:policy/" in policy)


def _policy_fix(policy: str) -> str:
    name = policy.rsplit("/", 1)[-1]
    return (
        "Add the output of aws iam get-account-authorization-details to the seeds, or that of "
        f"get-policy-version as {name}.json."
    )


def _leave_out_in_instance(key: Key, seed: SeedLayer, layers: Sequence[Mapping[str, Any]]) -> None:
    _, instance_id = key
    instance = mapping(seed.part.data, "connect", str(instance_id))
    everywhere = [mapping(layer, "connect", str(instance_id)) for layer in layers]
    security = set(SECURITY_PROFILES)
    security |= {each for layer in everywhere for each in mapping(layer, "security_profiles")}
    routing = {ROUTING_PROFILE, *(each for layer in everywhere for _, each in texts(layer, "routing_profiles"))}
    for login, user in list(mapping(instance, "users").items()):
        at = (*key, "users", login)
        for index, profile in texts(user, "security_profiles"):
            if profile not in security:
                what = f"security profile {profile} of Connect user {login}"
                seed.leave_out((*at, "security_profiles", index), what, "none of the seeds says what it allows")
                seed.part.remove_item((*at, "security_profiles"), index)
                if not user["security_profiles"]:
                    seed.leave_out(
                        at, f"Connect user {login}", "none of the seeds says what its security profiles allow"
                    )
                    seed.part.remove(at)
        queue_profile = mapping(instance, "users", login).get("routing_profile")
        if isinstance(queue_profile, str) and queue_profile not in routing:
            what = f"routing profile {queue_profile} of Connect user {login}"
            seed.leave_out(
                (*at, "routing_profile"), what, "none of the seeds contains it; the user has Basic Routing Profile here"
            )
            seed.part.remove((*at, "routing_profile"))


def _names_in_org(layers: Sequence[Mapping[str, Any]]) -> tuple[Set[str], Set[str]]:
    """Returns the names of an org's people and groups, from the world file and all seeds."""
    users = {each for layer in layers for each in mapping(layer, "users")}
    groups = {each for layer in layers for each in _group_names(layer)}
    return users, groups or {
        each for layer in layers for user in mapping(layer, "users").values() for _, each in texts(user, "groups")
    }


def _leave_out_in_org(seed: SeedLayer, users: Set[str], listed: Set[str]) -> None:
    for login, user in list(mapping(seed.part.data, "users").items()):
        for index, group in texts(user, "groups"):
            if group not in listed:
                at: Key = ("users", login, "groups", index)
                seed.leave_out(at, f"group {group} of {login}", "none of the seeds contains this group")
                seed.part.remove_item(at[:-1], index)
    for app, settings in mapping(seed.part.data, "apps").items():
        items = settings.get("assignments") if isinstance(settings, dict) else None
        for index, assignment in list(enumerate(items if isinstance(items, list) else ()))[::-1]:
            who = assignment if isinstance(assignment, dict) else {}
            unknown = [("person", who["user"])] if isinstance(who.get("user"), str) and who["user"] not in users else []
            if isinstance(who.get("group"), str) and who["group"] not in listed:
                unknown.append(("group", who["group"]))
            for noun, name in unknown[:1]:
                at = ("apps", app, "assignments", index)
                seed.leave_out(
                    at, f"assignment of {app} to {noun} {name}", f"none of the seeds contains this {noun}", name=name
                )
                seed.part.remove_item(at[:-1], index)
    for client in mapping(seed.part.data, "oidc_clients"):
        here = ("oidc_clients", client)
        for field, known in (("users", users), ("groups", listed)):
            for index, each in texts(mapping(seed.part.data, *here), field):
                if each not in known:
                    noun = "person" if field == "users" else "group"
                    what = f"{noun} {each} of OIDC client {client}"
                    seed.leave_out((*here, field, index), what, f"none of the seeds contains this {noun}")
                    seed.part.remove_item((*here, field), index)


def _group_names(org: Mapping[str, Any]) -> Iterator[str]:
    groups = org.get("groups")
    if isinstance(groups, dict | list):
        yield from (each for each in groups if isinstance(each, str))


def is_own_arn(account_id: str, policy: Any) -> bool:
    """Returns whether a policy is the ARN of an IAM resource in the account itself."""
    return isinstance(policy, str) and policy.startswith("arn:") and f":iam::{account_id}:" in policy


def leave_out_repeated_instances(accounts: Mapping[str, FilledPlace]) -> None:
    """Removes Amazon Connect instances from seeds if another instance has the same id or alias.

    Args:
        accounts: The accounts of the world by id.
    """
    seen = {
        word: f"account {account_id}"
        for account_id, account in accounts.items()
        for instance_id, instance in mapping(account.own, "connect").items()
        for word in _words_of(instance_id, instance)
    }
    for account_id, account in accounts.items():
        here: dict[str, str] = {}
        own = mapping(account.own, "connect")
        for seed in account.seeds:
            for instance_id, instance in list(mapping(seed.part.data, "connect").items()):
                words = _words_of(instance_id, instance)
                other = next((seen[word] for word in words if word in seen), "")
                other = other or next((here[word] for word in words if here.get(word, instance_id) != instance_id), "")
                if other and instance_id not in own:
                    what = f"Connect instance {instance_id}"
                    seed.leave_out(("connect", instance_id), what, f"{other} already uses its id or alias")
                    seed.part.remove(("connect", instance_id))
                else:
                    here.update(dict.fromkeys(words, instance_id))
        seen.update(dict.fromkeys(here, f"account {account_id}"))


def _words_of(instance_id: str, instance: Any) -> list[str]:
    alias = mapping(instance).get("alias")
    return [instance_id, *([alias.lower()] if isinstance(alias, str) else [])]


def leave_out_providers_without_app(account: FilledPlace, apps: Collection[str]) -> None:
    """Removes from seeds the SAML providers with the metadata of an app that does not exist.

    Providers to which the world file gives other metadata are kept.

    Args:
        account: The account with its seeds.
        apps: The names of the world's apps, each as ``org/app``.
    """
    for seed in account.seeds:
        for name, provider in list(mapping(seed.part.data, "saml_providers").items()):
            key: Key = ("saml_providers", name)
            app = mapping(provider, "metadata").get("okta_app")
            is_replaced = "metadata" in mapping(account.own, "saml_providers", name)
            if isinstance(app, str) and app not in apps and not is_replaced:
                reason = f"its metadata is that of the app {app}, which none of the seeds contains"
                seed.leave_out(key, f"SAML provider {name}", reason, at=(*key, "metadata"))
                seed.part.remove(key)
