"""Managed policies and their versions.

Spec: AWS IAM API "CreatePolicy", "CreatePolicyVersion" and their neighbours
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from emulator.kernel.errors import AccessDenied, DeleteConflict, EntityAlreadyExists, NoSuchEntity
from sp_mock.accounts.managed_policies import AWS_MANAGED_POLICIES, ManagedPolicy, PolicyVersion
from sp_mock.accounts.model import Account, Role, User
from sp_mock.arn import Arn
from sp_mock.iam.documents import MAX_MANAGED, read_document, require_size
from sp_mock.iam.operations import (
    IAM,
    Operation,
    Outcome,
    Work,
    document_text,
    everything,
    over_quota,
    page,
    read_tags,
    tag_members,
    with_tags,
    without_tags,
)
from sp_mock.iam.principals import find_policy
from sp_mock.policies.documents import PolicyDocument

_MAX_VERSIONS = 5


def _create(work: Work) -> Outcome:
    arn = Arn.parse(_new_arn(work))
    if arn is None:
        raise LookupError("the service model lets no other names pass")
    if any(policy.name.lower() == arn.name.lower() for policy in work.account.policies.values()):
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
        policy_id=work.unique_id("ANPA"),
        versions=(PolicyVersion("v1", _document(work), work.now),),
        description=work.parameters.get("Description") or "",
        created_at=work.now,
        updated_at=work.now,
        tags=with_tags((), read_tags(work)),
    )
    return Outcome(_keep(work.account, policy), {"Policy": _told(work.account, policy, listed=True)})


def _get(work: Work) -> Outcome:
    return Outcome(work.account, {"Policy": _told(work.account, _policy(work))})


def _list(work: Work) -> Outcome:
    scope, prefix = work.parameters.get("Scope") or "All", work.parameters.get("PathPrefix") or "/"
    policies = [
        *(AWS_MANAGED_POLICIES.values() if scope != "Local" else ()),
        *(work.account.policies.values() if scope != "AWS" else ()),
    ]
    if work.parameters.get("OnlyAttached"):
        policies = [policy for policy in policies if any(_holders(work.account, policy))]
    policies = sorted((each for each in policies if _path(each).startswith(prefix)), key=lambda each: each.name)
    return page(work, "Policies", policies, lambda policy: _told(work.account, policy, listed=True))


def _delete(work: Work) -> Outcome:
    policy = _own_policy(work)
    if any(_holders(work.account, policy)):
        raise _conflict("Cannot delete a policy attached to entities.", policy)
    if len(policy.versions) > 1:
        raise _conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy.",
            policy,
        )
    left = {arn: each for arn, each in work.account.policies.items() if each is not policy}
    return Outcome(replace(work.account, policies=left))


def _create_version(work: Work) -> Outcome:
    policy = _own_policy(work)
    document = _document(work)
    if len(policy.versions) >= _MAX_VERSIONS:
        raise over_quota(
            f"A managed policy can have up to {_MAX_VERSIONS} versions. Before you create a new version, you must "
            "delete an existing version."
        )
    number = 1 + max(int(version.version_id[1:]) for version in policy.versions)
    version = PolicyVersion(f"v{number}", document, work.now)
    default = version.version_id if work.parameters.get("SetAsDefault") else policy.default_version_id
    changed = replace(policy, versions=(*policy.versions, version), default_version_id=default, updated_at=work.now)
    answer = {"PolicyVersion": _version_members(changed, version, listed=True)}
    return Outcome(_keep(work.account, changed), answer)


def _get_version(work: Work) -> Outcome:
    policy = _policy(work)
    return Outcome(work.account, {"PolicyVersion": _version_members(policy, _version(work, policy))})


def _list_versions(work: Work) -> Outcome:
    policy = _policy(work)
    newest_first = list(reversed(policy.versions))
    return page(work, "Versions", newest_first, lambda version: _version_members(policy, version, listed=True))


def _delete_version(work: Work) -> Outcome:
    policy = _own_policy(work)
    version = _version(work, policy)
    if version.version_id == policy.default_version_id:
        raise _conflict("Cannot delete the default version of a policy.", policy)
    left = tuple(each for each in policy.versions if each is not version)
    return Outcome(_keep(work.account, replace(policy, versions=left)))


def _set_default_version(work: Work) -> Outcome:
    policy = _own_policy(work)
    version = _version(work, policy)
    changed = replace(policy, default_version_id=version.version_id, updated_at=work.now)
    return Outcome(_keep(work.account, changed))


def _entities(work: Work) -> Outcome:
    holders = list(_holders(work.account, _policy(work)))
    answer = {
        "PolicyGroups": [],
        "PolicyUsers": [{"UserName": h.name, "UserId": h.entity_id} for h in holders if isinstance(h, User)],
        "PolicyRoles": [{"RoleName": h.name, "RoleId": h.entity_id} for h in holders if isinstance(h, Role)],
        "IsTruncated": False,
    }
    return Outcome(work.account, answer)


def _tag(work: Work) -> Outcome:
    policy = _own_policy(work)
    return Outcome(_keep(work.account, replace(policy, tags=with_tags(policy.tags, read_tags(work)))))


def _untag(work: Work) -> Outcome:
    policy = _own_policy(work)
    return Outcome(_keep(work.account, replace(policy, tags=without_tags(policy.tags, work.parameters["TagKeys"]))))


def _list_tags(work: Work) -> Outcome:
    return page(work, "Tags", tag_members(_policy(work).tags), lambda tag: tag)


def _document(work: Work) -> PolicyDocument:
    document = read_document(work, "PolicyDocument", kind="identity")
    require_size(document, MAX_MANAGED, sentence="Cannot exceed quota for PolicySize: {}")
    return document


def _keep(account: Account, policy: ManagedPolicy) -> Account:
    return replace(account, policies={**account.policies, str(policy.arn): policy})


def _policy(work: Work) -> ManagedPolicy:
    return find_policy(work, work.parameters["PolicyArn"])


def _own_policy(work: Work) -> ManagedPolicy:
    """Returns the policy that a call wants to change.

    Spec: AWS IAM UG "access_policies_managed-vs-inline": AWS managed policies cannot be changed
    Evidence: documented (the rule), assumed (the words)
    """
    policy = _policy(work)
    if str(policy.arn) not in work.account.policies:
        raise AccessDenied(
            "Policy is outside your own account.",
            service=IAM,
            check="policy",
            evidence="assumed",
            explanation="AWS's managed policies can be attached, but not changed.",
            where="parameter PolicyArn",
            received=str(policy.arn),
            fix="Create a policy of your own.",
            spec='AWS IAM UG "access_policies_managed-vs-inline"',
        )
    return policy


def _version(work: Work, policy: ManagedPolicy) -> PolicyVersion:
    wanted = work.parameters["VersionId"]
    for version in policy.versions:
        if version.version_id == wanted:
            return version
    raise NoSuchEntity(
        f"Policy {policy.arn} version {wanted} does not exist or is not attachable.",
        service=IAM,
        check="policy-version",
        evidence="assumed",
        explanation="The policy has no such version.",
        where="parameter VersionId",
        expected=" or ".join(version.version_id for version in policy.versions),
        received=wanted,
        spec='AWS IAM API "GetPolicyVersion"',
    )


def _holders(account: Account, policy: ManagedPolicy) -> Iterator[Role | User]:
    for holder in _everyone(account):
        if str(policy.arn) in holder.attached_policies:
            yield holder


def _everyone(account: Account) -> list[Role | User]:
    return [*account.roles.values(), *account.users.values()]


def _conflict(words: str, policy: ManagedPolicy) -> DeleteConflict:
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


def _told(account: Account, policy: ManagedPolicy, *, listed: bool = False) -> Mapping[str, Any]:
    """Words a policy. Lists leave the description and the tags out.

    Spec: AWS IAM API "Policy"
    Evidence: documented
    """
    members = {
        "PolicyName": policy.name,
        "PolicyId": policy.policy_id,
        "Arn": str(policy.arn),
        "Path": _path(policy),
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": sum(1 for _ in _holders(account, policy)),
        "PermissionsBoundaryUsageCount": sum(h.permissions_boundary == str(policy.arn) for h in _everyone(account)),
        "IsAttachable": True,
        "CreateDate": policy.created_at,
        "UpdateDate": policy.updated_at,
    }
    if listed:
        return members
    return {**members, "Description": policy.description or None, "Tags": tag_members(policy.tags)}


def _version_members(policy: ManagedPolicy, version: PolicyVersion, *, listed: bool = False) -> Mapping[str, Any]:
    return {
        "Document": None if listed else document_text(version.document),
        "VersionId": version.version_id,
        "IsDefaultVersion": version.version_id == policy.default_version_id,
        "CreateDate": version.created_at,
    }


def _path(policy: ManagedPolicy) -> str:
    return "/" + "".join(f"{part}/" for part in policy.arn.resource.split("/")[1:-1])


def _new_arn(work: Work) -> str:
    return work.arn(f"policy{work.parameters.get('Path') or '/'}{work.parameters['PolicyName']}")


def _named_arn(work: Work) -> str:
    return str(work.parameters["PolicyArn"])


OPERATIONS: Mapping[str, Operation] = {
    "CreatePolicy": Operation(_create, _new_arn),
    "GetPolicy": Operation(_get, _named_arn),
    "ListPolicies": Operation(_list, everything),
    "DeletePolicy": Operation(_delete, _named_arn),
    "CreatePolicyVersion": Operation(_create_version, _named_arn),
    "GetPolicyVersion": Operation(_get_version, _named_arn),
    "ListPolicyVersions": Operation(_list_versions, _named_arn),
    "DeletePolicyVersion": Operation(_delete_version, _named_arn),
    "SetDefaultPolicyVersion": Operation(_set_default_version, _named_arn),
    "ListEntitiesForPolicy": Operation(_entities, _named_arn),
    "TagPolicy": Operation(_tag, _named_arn),
    "UntagPolicy": Operation(_untag, _named_arn),
    "ListPolicyTags": Operation(_list_tags, _named_arn),
}
