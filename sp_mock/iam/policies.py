"""Managed policies; their versions are in ``policy_versions``.

Spec: AWS IAM API "CreatePolicy" and its neighbours
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.kernel.errors import AccessDenied, DeleteConflict, EntityAlreadyExists, NoSuchEntity, ValidationError
from sp_mock.accounts.aws_managed_policies import AwsManagedPolicy, aws_managed_policies
from sp_mock.accounts.iam_resources import Group
from sp_mock.accounts.managed_policies import ManagedPolicy, PolicyVersion
from sp_mock.accounts.model import Account, Role, User
from sp_mock.apis.operations import AccountCall, AccountOperation, Result, any_resource
from sp_mock.apis.service_model import ResponseElements
from sp_mock.iam.api_errors import IAM
from sp_mock.iam.documents import MAX_MANAGED, read_document, require_size
from sp_mock.iam.identifiers import iam_arn, new_arn, path_of, unique_id
from sp_mock.iam.lists import LISTS
from sp_mock.iam.tags import tag_elements, tag_operations, with_requested_tags
from sp_mock.policies.documents import PolicyDocument

_RECORDED_REFUSALS = frozenset({"DeletePolicy", "DeletePolicyVersion", "SetDefaultPolicyVersion"})
AnyPolicy = ManagedPolicy | AwsManagedPolicy


def _create(call: AccountCall) -> Result:
    arn = new_arn(_new_arn(call))
    if any(policy.name.lower() == arn.name.lower() for policy in call.account.policies.values()):
        raise EntityAlreadyExists(
            f"A policy called {arn.name} already exists. Duplicate names are not allowed.",
            service=IAM,
            check="policy",
            evidence="observed",
            explanation="Names are compared without case.",
            where="parameter PolicyName",
            received=arn.name,
            fix="Choose another name, or create a new version of the policy.",
            spec='AWS IAM API "CreatePolicy"',
        )
    policy = ManagedPolicy(
        arn=arn,
        policy_id=unique_id("ANPA", ids=call.ids),
        versions=(PolicyVersion("v1", policy_document(call), call.now),),
        description=call.parameters.get("Description") or "",
        created_at=call.now,
        updated_at=call.now,
        tags=with_requested_tags((), call, case_sensitive=True),
    )
    tags = tag_elements(policy.tags) or None
    elements = {"Policy": {**policy_elements(call.account, policy, listed=True), "Tags": tags}}
    return Result(elements, account=put_policy(call.account, policy))


def _get(call: AccountCall) -> Result:
    return Result({"Policy": policy_elements(call.account, named_policy(call))})


def _list(call: AccountCall) -> Result:
    scope, prefix = call.parameters.get("Scope") or "All", call.parameters.get("PathPrefix") or "/"
    policies: list[AnyPolicy] = [
        *(aws_managed_policies(call.account.partition) if scope != "Local" else ()),
        *(call.account.policies.values() if scope != "AWS" else ()),
    ]
    if call.parameters.get("OnlyAttached"):
        policies = [policy for policy in policies if attached_to(call.account, policy)]
    policies = sorted((each for each in policies if path_of(each.arn).startswith(prefix)), key=lambda each: each.name)
    return Result(
        LISTS.page(call, "Policies", policies, lambda policy: policy_elements(call.account, policy, listed=True))
    )


def _delete(call: AccountCall) -> Result:
    policy = own_policy(call, change="delete policies")
    if attached_to(call.account, policy):
        raise delete_conflict("Cannot delete a policy attached to entities.", policy)
    if len(policy.versions) > 1:
        raise delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy.",
            policy,
        )
    left = {arn: each for arn, each in call.account.policies.items() if each is not policy}
    return Result(account=replace(call.account, policies=left))


def _list_entities(call: AccountCall) -> Result:
    having = attached_to(call.account, named_policy(call))
    wanted = call.parameters.get("EntityFilter")
    elements: dict[str, Any] = {
        f"Policy{word}s": [
            {f"{word}Name": each.name, f"{word}Id": each.entity_id}
            for each in having
            if isinstance(each, kind) and wanted in {None, word}
        ]
        for word, kind in (("Group", Group), ("User", User), ("Role", Role))
    }
    return Result({**elements, "IsTruncated": False})


def find_policy(call: AccountCall, arn: str, *, words: str = "Policy {} was not found.") -> AnyPolicy:
    """Returns a managed policy, the account's own or AWS's.

    Args:
        arn: ARN of the policy.
        words: Message for a policy that does not exist; the braces are the ARN.

    Raises:
        ValidationError: ``arn`` is not a policy's.
        NoSuchEntity: the policy does not exist.

    Spec: AWS IAM API "GetPolicy"
    Evidence: observed
    """
    if ":policy/" not in arn:
        raise ValidationError(
            f"ARN {arn} is not valid.",
            service=IAM,
            check="policy-arn",
            evidence="observed",
            explanation="This is not the ARN of a managed policy.",
            where="parameter PolicyArn",
            expected=iam_arn(call.account, "policy/NAME"),
            received=arn,
            spec='AWS IAM API "GetPolicy"',
        )
    policy = call.account.policy(arn)
    if policy is None:
        raise NoSuchEntity(
            words.format(arn),
            service=IAM,
            check="policy",
            evidence="observed",
            explanation="Neither the account nor AWS has a managed policy with this ARN."
            + (" The emulator has AWS's policies of September 2026." if ":iam::aws:" in arn else ""),
            where="parameter PolicyArn",
            expected=" or ".join(call.account.policies) or "an existing policy",
            received=arn,
            spec='AWS IAM API "GetPolicy"',
        )
    return policy


def policy_document(call: AccountCall) -> PolicyDocument:
    """Returns the document of a new policy or version.

    Raises:
        MalformedPolicyDocument: IAM does not accept the document.
        LimitExceeded: ``Cannot exceed quota for PolicySize: …``
    """
    document = read_document(call, "PolicyDocument", kind="identity", managed=True)
    require_size(document, limit=MAX_MANAGED, sentence="Cannot exceed quota for PolicySize: {}")
    return document


def put_policy(account: Account, policy: ManagedPolicy) -> Account:
    """Returns an account with a policy added or replaced."""
    return replace(account, policies={**account.policies, str(policy.arn): policy})


def named_policy(call: AccountCall) -> AnyPolicy:
    """Returns the policy that a call names, the account's own or AWS's."""
    return find_policy(call, call.parameters["PolicyArn"])


def own_policy(
    call: AccountCall, *, change: str = "update policies", words: str = "Policy {} was not found."
) -> ManagedPolicy:
    """Returns the policy that a call is to change.

    Args:
        change: What cannot be done to AWS's policies, in AWS's words.
        words: Message for a policy that does not exist; the braces are the ARN.

    Raises:
        AccessDenied: it is AWS's, or another account's.

    Spec: AWS IAM UG "access_policies_managed-vs-inline": AWS managed policies cannot be changed
    Evidence: observed (deletion, versions), assumed (new versions, tags, other accounts)
    """
    arn = named_arn(call)
    if ":policy/" in arn and arn.split(":")[4] != call.account.account_id:
        raise AccessDenied(
            f"Cannot {change} outside your own account.",
            service=IAM,
            check="policy",
            evidence="observed" if call.operation in _RECORDED_REFUSALS else "assumed",
            explanation="AWS's managed policies can be attached, but not changed; nor can another account's.",
            where="parameter PolicyArn",
            received=arn,
            fix="Create a policy of your own.",
            spec='AWS IAM UG "access_policies_managed-vs-inline"',
        )
    find_policy(call, arn, words=words)
    return call.account.policies[arn]


def attached_to(account: Account, policy: AnyPolicy) -> list[Role | User | Group]:
    """Returns the roles, users and groups that a policy is attached to."""
    return [entity for entity in _entities_of(account) if str(policy.arn) in entity.attached_policies]


def _entities_of(account: Account) -> list[Role | User | Group]:
    return [*account.roles.values(), *account.users.values(), *account.groups.values()]


def delete_conflict(words: str, policy: ManagedPolicy) -> DeleteConflict:
    """Returns the refusal to delete a policy, or a version of it, that is still in use."""
    return DeleteConflict(
        words,
        service=IAM,
        check="delete-conflict",
        evidence="observed",
        explanation=f"Something still hangs on {policy.name}.",
        where=str(policy.arn),
        fix="Detach the policy, and delete its other versions first.",
        spec='AWS IAM API "DeletePolicy"',
    )


def policy_elements(account: Account, policy: AnyPolicy, *, listed: bool = False) -> ResponseElements:
    """Returns a policy as response elements; lists leave out the description and the tags.

    Spec: AWS IAM API "Policy"
    Evidence: documented
    """
    arn, entities = str(policy.arn), _entities_of(account)
    elements = {
        "PolicyName": policy.name,
        "PolicyId": policy.policy_id,
        "Arn": arn,
        "Path": path_of(policy.arn),
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": sum(arn in entity.attached_policies for entity in entities),
        "PermissionsBoundaryUsageCount": sum(getattr(each, "permissions_boundary", None) == arn for each in entities),
        "IsAttachable": True,
        "CreateDate": policy.created_at,
        "UpdateDate": policy.updated_at,
    }
    if listed:
        return elements
    return {**elements, "Description": policy.description or None, "Tags": tag_elements(policy.tags)}


def _new_arn(call: AccountCall) -> str:
    return iam_arn(call.account, f"policy{call.parameters.get('Path') or '/'}{call.parameters['PolicyName']}")


def named_arn(call: AccountCall) -> str:
    """Returns the ARN that a call names."""
    return str(call.parameters["PolicyArn"])


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreatePolicy": AccountOperation(_create, _new_arn),
    "GetPolicy": AccountOperation(_get, named_arn),
    "ListPolicies": AccountOperation(_list, any_resource),
    "DeletePolicy": AccountOperation(_delete, named_arn),
    "ListEntitiesForPolicy": AccountOperation(_list_entities, named_arn),
    **tag_operations("Policy", find=named_policy, find_own=own_policy, put=put_policy, resource=named_arn),
}
