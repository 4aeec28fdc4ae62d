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

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import unquote

from emulator.kernel.errors import FederationError

_KNOWN = (
    "a CloudFormation template, or what aws iam get-saml-provider, get-role, list-roles, get-role-policy, "
    "list-attached-role-policies, get-policy-version, get-user, list-users or get-account-authorization-details printed"
)


class ExportError(FederationError):
    """A file holds no answer of IAM's."""


def account_of_export(data: Any, *, file: str) -> dict[str, Any]:
    """Returns what an answer says, as the data of a world's account.

    Args:
        data: The answer.
        file: The file's name; its stem names what the answer leaves unnamed.

    Raises:
        ExportError: this is none of the answers that are understood.
    """
    account: dict[str, Any] = {"saml_providers": {}, "policies": {}, "roles": {}, "users": {}}
    stem = PurePath(file).stem
    if not isinstance(data, dict):
        raise ExportError("this is no answer of IAM's", expected=_KNOWN)
    try:
        if not _read(account, data, stem):
            raise ExportError("this is no answer of IAM's", expected=_KNOWN, received=", ".join(map(str, data))[:120])
    except (KeyError, TypeError, AttributeError) as error:
        raise ExportError(f"the answer lacks {error}", expected=_KNOWN) from None
    return account


def _read(account: dict[str, Any], data: Mapping[str, Any], stem: str) -> bool:
    if "SAMLMetadataDocument" in data:
        account["saml_providers"][stem] = {"metadata": {"xml": data["SAMLMetadataDocument"]}}
    elif "RoleDetailList" in data:
        _details(account, data)
    elif "PolicyVersion" in data:
        account["policies"][stem] = _document(data["PolicyVersion"]["Document"])
    elif "AttachedPolicies" in data:
        account["roles"][stem] = {"policies": [each["PolicyArn"] for each in data["AttachedPolicies"]]}
    elif "PolicyDocument" in data and "RoleName" in data:
        policies = {data["PolicyName"]: _document(data["PolicyDocument"])}
        account["roles"][data["RoleName"]] = {"inline_policies": policies}
    elif "Role" in data or "Roles" in data:
        for role in data.get("Roles", [data.get("Role")]):
            account["roles"][role["RoleName"]] = _role(role)
    elif "User" in data or "Users" in data:
        for user in data.get("Users", [data.get("User")]):
            account["users"][user["UserName"]] = _holder(user)
    else:
        return False
    return True


def _details(account: dict[str, Any], data: Mapping[str, Any]) -> None:
    for policy in data.get("Policies") or ():
        if ":iam::aws:" not in policy["Arn"]:
            version = next(each for each in policy["PolicyVersionList"] if each["IsDefaultVersion"])
            account["policies"][policy["PolicyName"]] = _document(version["Document"])
    for kind, word, entries in (
        ("roles", "Role", data["RoleDetailList"]),
        ("users", "User", data.get("UserDetailList") or ()),
    ):
        for entry in entries:
            holder = _role(entry) if kind == "roles" else _holder(entry)
            inline = entry.get(f"{word}PolicyList") or ()
            holder["inline_policies"] = {each["PolicyName"]: _document(each["PolicyDocument"]) for each in inline}
            holder["policies"] = [each["PolicyArn"] for each in entry.get("AttachedManagedPolicies") or ()]
            account[kind][entry[f"{word}Name"]] = holder


def _role(data: Mapping[str, Any]) -> dict[str, Any]:
    role = {"trust": _document(data["AssumeRolePolicyDocument"]), **_holder(data)}
    if data.get("Description"):
        role["description"] = data["Description"]
    if data.get("MaxSessionDuration"):
        role["max_session_duration"] = data["MaxSessionDuration"]
    return role


def _holder(data: Mapping[str, Any]) -> dict[str, Any]:
    holder: dict[str, Any] = {"path": data.get("Path", "/")}
    if data.get("Tags"):
        holder["tags"] = {tag["Key"]: tag["Value"] for tag in data["Tags"]}
    if data.get("PermissionsBoundary"):
        holder["permissions_boundary"] = data["PermissionsBoundary"]["PermissionsBoundaryArn"]
    return holder


def _document(value: Any) -> Any:
    """Policy documents come as JSON, or as IAM's wire carries them: URL-encoded."""
    try:
        return json.loads(unquote(value)) if isinstance(value, str) else value
    except ValueError:
        raise ExportError("a policy document in it is no JSON") from None
