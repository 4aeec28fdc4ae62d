"""The account itself: its alias, and all of its IAM resources at once.

Spec: AWS IAM API "CreateAccountAlias", "GetAccountAuthorizationDetails"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from emulator.kernel.errors import EntityAlreadyExists, NoSuchEntity
from sp_mock.accounts.iam_resources import Group
from sp_mock.accounts.model import Account, Role, User
from sp_mock.apis.operations import AccountCall, AccountOperation, Result, any_resource
from sp_mock.apis.service_model import ResponseElements
from sp_mock.iam.api_errors import IAM
from sp_mock.iam.documents import document_text
from sp_mock.iam.entities import attached_policy_elements
from sp_mock.iam.groups import group_elements
from sp_mock.iam.instance_profiles import profile_elements, profiles_of
from sp_mock.iam.lists import LISTS
from sp_mock.iam.policies import AnyPolicy, policy_elements
from sp_mock.iam.policy_versions import version_elements
from sp_mock.iam.roles import brief_role_elements
from sp_mock.iam.users import user_elements

_EVERYTHING = ("User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy")


def _require_free_alias(call: AccountCall) -> None:
    """Requires that no other account has the alias.

    Spec: AWS IAM API "CreateAccountAlias", EntityAlreadyExists
    Evidence: documented (the rule), observed (the words)
    """
    alias = call.parameters["AccountAlias"]
    if any(each.alias == alias for each in call.aws.accounts.values() if each.account_id != call.account.account_id):
        raise EntityAlreadyExists(
            f"The account alias {alias} already exists.",
            service=IAM,
            check="account-alias",
            evidence="observed",
            explanation="Another account of this world has the alias.",
            where="parameter AccountAlias",
            received=alias,
            fix="Choose another alias.",
            spec='AWS IAM API "CreateAccountAlias"',
        )


def _create_alias(call: AccountCall) -> Result:
    """Gives the account an alias, which replaces the one it had: an account has at most one.

    Spec: AWS IAM API "CreateAccountAlias"
    Evidence: documented
    """
    return Result(account=replace(call.account, alias=call.parameters["AccountAlias"]))


def _delete_alias(call: AccountCall) -> Result:
    alias = call.parameters["AccountAlias"]
    if call.account.alias != alias:
        raise NoSuchEntity(
            f"The account alias {alias} cannot be found.",
            service=IAM,
            check="account-alias",
            evidence="assumed",
            explanation="The account has another alias, or none.",
            where="parameter AccountAlias",
            expected=call.account.alias or "none",
            received=alias,
            spec='AWS IAM API "DeleteAccountAlias"',
        )
    return Result(account=replace(call.account, alias=None))


def _list_aliases(call: AccountCall) -> Result:
    aliases = [call.account.alias] if call.account.alias else []
    return Result(LISTS.page(call, "AccountAliases", aliases, lambda alias: alias))


def _details(call: AccountCall) -> Result:
    """Returns all IAM resources of an account; of AWS's policies those that are attached.

    Spec: AWS IAM API "GetAccountAuthorizationDetails"
    Evidence: documented (the filter), observed (the elements), assumed (which of AWS's policies)
    """
    wanted, account = set(call.parameters.get("Filter") or _EVERYTHING), call.account
    policies: list[AnyPolicy] = [each for each in account.policies.values() if "LocalManagedPolicy" in wanted]
    if "AWSManagedPolicy" in wanted:
        policies += _awss_in_use(account)
    elements = {
        "UserDetailList": [_user(account, user) for user in account.users.values() if "User" in wanted],
        "GroupDetailList": [_group(group) for group in account.groups.values() if "Group" in wanted],
        "RoleDetailList": [_role(account, role) for role in account.roles.values() if "Role" in wanted],
        "Policies": [_policy(account, each) for each in policies],
        "IsTruncated": False,
    }
    return Result(elements)


def _user(account: Account, user: User) -> ResponseElements:
    groups = [group.name for group in account.groups_of(user)]
    return {**user_elements(user), "UserPolicyList": _inline(user) or None, "GroupList": groups, **_attached(user)}


def _group(group: Group) -> ResponseElements:
    return {**group_elements(group), "GroupPolicyList": _inline(group), **_attached(group)}


def _role(account: Account, role: Role) -> ResponseElements:
    profiles = [profile_elements(account, each) for each in profiles_of(account, role)]
    return {
        **brief_role_elements(role),
        "InstanceProfileList": profiles,
        "RolePolicyList": _inline(role),
        **_attached(role),
        "RoleLastUsed": {},
    }


def _inline(entity: Role | User | Group) -> list[Mapping[str, str]]:
    return [
        {"PolicyName": name, "PolicyDocument": document_text(document)}
        for name, document in entity.inline_policies.items()
    ]


def _attached(entity: Role | User | Group) -> ResponseElements:
    return {"AttachedManagedPolicies": attached_policy_elements(entity)}


def _awss_in_use(account: Account) -> list[AnyPolicy]:
    holders: list[Role | User | Group] = [*account.roles.values(), *account.users.values(), *account.groups.values()]
    arns = dict.fromkeys(arn for holder in holders for arn in holder.attached_policies if arn not in account.policies)
    return [policy for arn in arns if (policy := account.policy(arn)) is not None]


def _policy(account: Account, policy: AnyPolicy) -> ResponseElements:
    return {
        **policy_elements(account, policy, listed=True),
        "PolicyVersionList": [version_elements(policy, version) for version in policy.versions],
    }


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreateAccountAlias": AccountOperation(_create_alias, any_resource, precondition=_require_free_alias),
    "DeleteAccountAlias": AccountOperation(_delete_alias, any_resource),
    "ListAccountAliases": AccountOperation(_list_aliases, any_resource),
    "GetAccountAuthorizationDetails": AccountOperation(_details, any_resource),
}
