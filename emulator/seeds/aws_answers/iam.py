"""What ``aws iam get-…`` and ``list-…`` print, as the account of a world.

get-saml-provider               the provider is named after the file: okta.json, since the answer does not say
get-role, list-roles
get-role-policy                 an inline policy of a role
list-attached-role-policies     the file is named after the role, since the answer does not say
get-policy-version              the policy is named after the file
get-user, list-users
get-account-authorization-details   users, roles and policies, all at once

Spec: AWS CLI Command Reference, iam
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from emulator.seeds.contents import HERE, SeedContents, SeedError, SeedPart
from emulator.seeds.policy_documents import policy_document
from emulator.seeds.seed_text import Seed, SeedText
from emulator.worldfile.yaml_data import Key

_KNOWN = (
    "a CloudFormation template, or what aws iam get-saml-provider, get-role, list-roles, get-role-policy, "
    "list-attached-role-policies, get-policy-version, get-user, list-users or get-account-authorization-details printed"
)


class ExportError(SeedError):
    """A file holds no answer of IAM's."""


def is_answer(text: SeedText) -> bool:
    """Returns whether a text is an answer of IAM's that is understood."""
    return bool(command_of(text.data))


def read_answer(seed: Seed, _others: Sequence[Seed]) -> SeedContents:
    """Returns what an answer says.

    Raises:
        SeedError: the answer lacks what its command prints.
    """
    command = f"aws iam {command_of(seed.text.data)}"
    contents = SeedContents(command, text=lambda _: f"printed by {command}", is_written_by_a_program=True)
    contents.accounts[HERE] = account_of_export(seed.text.data, file=seed.settings.file)
    return contents


def account_of_export(data: Any, *, file: str) -> SeedPart:
    """Returns what an answer says, as the data of a world's account.

    Args:
        data: The answer.
        file: The file's name; its stem names what the answer leaves unnamed.

    Raises:
        ExportError: this is none of the answers that are understood.
    """
    account = SeedPart(places={(): ()})
    command = command_of(data)
    if not command:
        received = ", ".join(map(str, data))[:120] if isinstance(data, dict) else ""
        raise ExportError("this is no answer of IAM's", expected=_KNOWN, received=received)
    try:
        _READERS[command](account, data, PurePath(file).stem)
    except (KeyError, TypeError, AttributeError) as error:
        raise ExportError(f"the answer lacks {error}", expected=_KNOWN) from None
    return account


def command_of(data: Any) -> str:
    """Returns the command of ``aws iam`` that printed an answer; empty where it is none that is understood."""
    if not isinstance(data, dict):
        return ""
    return next((command for command, fields in _FIELDS.items() if fields <= data.keys()), "")


def _provider(account: SeedPart, data: Mapping[str, Any], stem: str) -> None:
    key: Key = ("saml_providers", stem)
    account.put((*key, "metadata"), {"xml": data["SAMLMetadataDocument"]}, ("SAMLMetadataDocument",))
    account.places[key] = ()


def _details(account: SeedPart, data: Mapping[str, Any], _stem: str) -> None:
    for index, policy in enumerate(data.get("Policies") or ()):
        if ":iam::aws:" not in policy["Arn"]:
            number, version = next((n, v) for n, v in enumerate(policy["PolicyVersionList"]) if v["IsDefaultVersion"])
            place: Key = ("Policies", index, "PolicyVersionList", number, "Document")
            account.put(("policies", policy["PolicyName"]), policy_document(version["Document"]), place)
    for kind, word in (("roles", "Role"), ("users", "User")):
        field = f"{word}DetailList"
        for index, entry in enumerate((data[field] if kind == "roles" else data.get(field)) or ()):
            key: Key = (kind, entry[f"{word}Name"])
            (_role if kind == "roles" else _user)(account, key, entry, (field, index))
            for number, each in enumerate(entry.get(f"{word}PolicyList") or ()):
                place = (field, index, f"{word}PolicyList", number, "PolicyDocument")
                account.put(
                    (*key, "inline_policies", each["PolicyName"]), policy_document(each["PolicyDocument"]), place
                )
            for number, each in enumerate(entry.get("AttachedManagedPolicies") or ()):
                place = (field, index, "AttachedManagedPolicies", number, "PolicyArn")
                account.append((*key, "policies"), each["PolicyArn"], place)


def _policy_version(account: SeedPart, data: Mapping[str, Any], stem: str) -> None:
    account.put(("policies", stem), policy_document(data["PolicyVersion"]["Document"]), ("PolicyVersion", "Document"))


def _attached(account: SeedPart, data: Mapping[str, Any], stem: str) -> None:
    account.put(("roles", stem, "policies"), [], ("AttachedPolicies",))
    for index, each in enumerate(data["AttachedPolicies"]):
        account.append(("roles", stem, "policies"), each["PolicyArn"], ("AttachedPolicies", index, "PolicyArn"))


def _role_policy(account: SeedPart, data: Mapping[str, Any], _stem: str) -> None:
    key: Key = ("roles", data["RoleName"], "inline_policies", data["PolicyName"])
    account.put(key, policy_document(data["PolicyDocument"]), ("PolicyDocument",))


def _roles(account: SeedPart, data: Mapping[str, Any], _stem: str) -> None:
    for place, role in _listed(data, "Role"):
        _role(account, ("roles", role["RoleName"]), role, place)


def _users(account: SeedPart, data: Mapping[str, Any], _stem: str) -> None:
    for place, user in _listed(data, "User"):
        _user(account, ("users", user["UserName"]), user, place)


def _listed(data: Mapping[str, Any], word: str) -> list[tuple[Key, Any]]:
    several = f"{word}s"
    if several in data:
        return [((several, index), each) for index, each in enumerate(data[several])]
    return [((word,), data[word])]


def _role(account: SeedPart, key: Key, data: Mapping[str, Any], place: Key) -> None:
    account.put(key, {}, place)
    field = "AssumeRolePolicyDocument"
    account.put((*key, "trust"), policy_document(data[field]), (*place, field))
    _held(account, key, data, place)
    for field, setting in (("Description", "description"), ("MaxSessionDuration", "max_session_duration")):
        if data.get(field):
            account.put((*key, setting), data[field], (*place, field))


def _user(account: SeedPart, key: Key, data: Mapping[str, Any], place: Key) -> None:
    account.put(key, {}, place)
    _held(account, key, data, place)


def _held(account: SeedPart, key: Key, data: Mapping[str, Any], place: Key) -> None:
    """Adds what roles and users have in common."""
    if "Path" in data:
        account.put((*key, "path"), data["Path"], (*place, "Path"))
    for index, tag in enumerate(data.get("Tags") or ()):
        account.put((*key, "tags", tag["Key"]), tag["Value"], (*place, "Tags", index))
    if data.get("PermissionsBoundary"):
        inside = ("PermissionsBoundary", "PermissionsBoundaryArn")
        account.put((*key, "permissions_boundary"), data[inside[0]][inside[1]], (*place, *inside))


# What an answer is told by; the first that fits.
_FIELDS: Mapping[str, frozenset[str]] = {
    "get-saml-provider": frozenset({"SAMLMetadataDocument"}),
    "get-account-authorization-details": frozenset({"RoleDetailList"}),
    "get-policy-version": frozenset({"PolicyVersion"}),
    "list-attached-role-policies": frozenset({"AttachedPolicies"}),
    "get-role-policy": frozenset({"PolicyDocument", "RoleName"}),
    "get-role": frozenset({"Role"}),
    "list-roles": frozenset({"Roles"}),
    "get-user": frozenset({"User"}),
    "list-users": frozenset({"Users"}),
}
_READERS: Mapping[str, Callable[[SeedPart, Mapping[str, Any], str], None]] = {
    "get-saml-provider": _provider,
    "get-account-authorization-details": _details,
    "get-policy-version": _policy_version,
    "list-attached-role-policies": _attached,
    "get-role-policy": _role_policy,
    "get-role": _roles,
    "list-roles": _roles,
    "get-user": _users,
    "list-users": _users,
}
