"""The account itself: its alias, and everything in it at once.

Spec: AWS IAM API "CreateAccountAlias", "GetAccountAuthorizationDetails"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.kernel.errors import NoSuchEntity
from sp_mock.accounts.managed_policies import ManagedPolicy
from sp_mock.accounts.model import Role, User
from sp_mock.iam.operations import IAM, Operation, Outcome, Work, document_text, everything, page
from sp_mock.iam.roles import role_members
from sp_mock.iam.users import user_members


def _create_alias(work: Work) -> Outcome:
    """An account has one alias: a new one takes the old one's place.

    Spec: AWS IAM API "CreateAccountAlias"
    Evidence: documented
    """
    return Outcome(replace(work.account, alias=work.parameters["AccountAlias"]))


def _delete_alias(work: Work) -> Outcome:
    alias = work.parameters["AccountAlias"]
    if work.account.alias != alias:
        raise NoSuchEntity(
            f"The account alias {alias} cannot be found.",
            service=IAM,
            check="account-alias",
            evidence="assumed",
            explanation="The account has another alias, or none.",
            where="parameter AccountAlias",
            expected=work.account.alias or "none",
            received=alias,
            spec='AWS IAM API "DeleteAccountAlias"',
        )
    return Outcome(replace(work.account, alias=None))


def _list_aliases(work: Work) -> Outcome:
    return page(work, "AccountAliases", [work.account.alias] if work.account.alias else [], lambda alias: alias)


def _details(work: Work) -> Outcome:
    wanted = set(work.parameters.get("Filter") or ("User", "Role", "LocalManagedPolicy"))
    account = work.account
    answer = {
        "UserDetailList": [_user(user) for user in account.users.values() if "User" in wanted],
        "GroupDetailList": [],
        "RoleDetailList": [_role(role) for role in account.roles.values() if "Role" in wanted],
        "Policies": [_policy(each) for each in account.policies.values() if "LocalManagedPolicy" in wanted],
        "IsTruncated": False,
    }
    return Outcome(account, answer)


def _user(user: User) -> Mapping[str, Any]:
    return {**user_members(user), "UserPolicyList": _inline(user), "GroupList": [], **_attached(user)}


def _role(role: Role) -> Mapping[str, Any]:
    members = role_members(role)
    kept = {name: value for name, value in members.items() if name not in {"Description", "MaxSessionDuration"}}
    return {**kept, "InstanceProfileList": [], "RolePolicyList": _inline(role), **_attached(role), "RoleLastUsed": {}}


def _inline(holder: Role | User) -> list[Mapping[str, str]]:
    return [
        {"PolicyName": name, "PolicyDocument": document_text(document)}
        for name, document in holder.inline_policies.items()
    ]


def _attached(holder: Role | User) -> Mapping[str, Any]:
    return {
        "AttachedManagedPolicies": [
            {"PolicyName": arn.rsplit("/", 1)[-1], "PolicyArn": arn} for arn in holder.attached_policies
        ]
    }


def _policy(policy: ManagedPolicy) -> Mapping[str, Any]:
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.policy_id,
        "Arn": str(policy.arn),
        "DefaultVersionId": policy.default_version_id,
        "IsAttachable": True,
        "CreateDate": policy.created_at,
        "UpdateDate": policy.updated_at,
        "PolicyVersionList": [
            {
                "Document": document_text(version.document),
                "VersionId": version.version_id,
                "IsDefaultVersion": version.version_id == policy.default_version_id,
                "CreateDate": version.created_at,
            }
            for version in policy.versions
        ],
    }


OPERATIONS: Mapping[str, Operation] = {
    "CreateAccountAlias": Operation(_create_alias, everything),
    "DeleteAccountAlias": Operation(_delete_alias, everything),
    "ListAccountAliases": Operation(_list_aliases, everything),
    "GetAccountAuthorizationDetails": Operation(_details, everything),
}
