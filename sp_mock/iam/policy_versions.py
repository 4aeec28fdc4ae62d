"""The versions of managed policies.

Spec: AWS IAM API "CreatePolicyVersion" and its neighbours
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from emulator.kernel.errors import NoSuchEntity
from sp_mock.accounts.managed_policies import PolicyVersion
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.apis.service_model import ResponseElements
from sp_mock.iam.api_errors import IAM, over_quota
from sp_mock.iam.documents import document_text
from sp_mock.iam.lists import LISTS
from sp_mock.iam.policies import (
    AnyPolicy,
    delete_conflict,
    find_policy,
    named_arn,
    named_policy,
    own_policy,
    policy_document,
    put_policy,
)

_MAX_VERSIONS = 5


_NO_VERSION = "Policy {} version {} does not exist or is not attachable."


def _create_version(call: AccountCall) -> Result:
    """Creates a version; its number is one that no version of the policy has ever had.

    Spec: AWS IAM UG "access_policies_managed-versioning"
    Evidence: observed
    """
    policy = own_policy(call)
    document = policy_document(call)
    if len(policy.versions) >= _MAX_VERSIONS:
        raise over_quota(
            f"A managed policy can have up to {_MAX_VERSIONS} versions. Before you create a new version, you must "
            "delete an existing version."
        )
    newest = max(policy.newest_version, *(int(version.version_id[1:]) for version in policy.versions), 0)
    version = PolicyVersion(f"v{newest + 1}", document, call.now)
    default = version.version_id if call.parameters.get("SetAsDefault") else policy.default_version_id
    changed = replace(
        policy,
        versions=(*policy.versions, version),
        default_version_id=default,
        updated_at=call.now,
        newest_version=newest + 1,
    )
    elements = {"PolicyVersion": version_elements(changed, version, listed=True)}
    return Result(elements, account=put_policy(call.account, changed))


def _get_version(call: AccountCall) -> Result:
    wanted = call.parameters["VersionId"]
    policy = find_policy(call, named_arn(call), words=_NO_VERSION.format("{}", wanted))
    return Result({"PolicyVersion": version_elements(policy, _named_version(call, policy))})


def _list_versions(call: AccountCall) -> Result:
    policy = named_policy(call)
    newest_first = list(reversed(policy.versions))
    return Result(
        LISTS.page(call, "Versions", newest_first, lambda version: version_elements(policy, version, listed=True))
    )


def _delete_version(call: AccountCall) -> Result:
    policy = own_policy(call, change="delete policy versions for policies")
    version = _named_version(call, policy)
    if version.version_id == policy.default_version_id:
        raise delete_conflict("Cannot delete the default version of a policy.", policy)
    left = tuple(each for each in policy.versions if each is not version)
    newest = max(policy.newest_version, int(version.version_id[1:]))
    return Result(account=put_policy(call.account, replace(policy, versions=left, newest_version=newest)))


def _set_default_version(call: AccountCall) -> Result:
    policy = own_policy(call, words=_NO_VERSION.format("{}", call.parameters["VersionId"]))
    version = _named_version(call, policy)
    changed = replace(policy, default_version_id=version.version_id, updated_at=call.now)
    return Result(account=put_policy(call.account, changed))


def _named_version(call: AccountCall, policy: AnyPolicy) -> PolicyVersion:
    wanted = call.parameters["VersionId"]
    for version in policy.versions:
        if version.version_id == wanted:
            return version
    raise NoSuchEntity(
        _NO_VERSION.format(policy.arn, wanted),
        service=IAM,
        check="policy-version",
        evidence="observed",
        explanation="The policy has no such version.",
        where="parameter VersionId",
        expected=" or ".join(version.version_id for version in policy.versions),
        received=wanted,
        spec='AWS IAM API "GetPolicyVersion"',
    )


def version_elements(policy: AnyPolicy, version: PolicyVersion, *, listed: bool = False) -> ResponseElements:
    """Returns a version as response elements; lists leave out the document.

    Spec: AWS IAM API "PolicyVersion"
    Evidence: documented
    """
    return {
        "Document": None if listed else document_text(version.document),
        "VersionId": version.version_id,
        "IsDefaultVersion": version.version_id == policy.default_version_id,
        "CreateDate": version.created_at,
    }


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreatePolicyVersion": AccountOperation(_create_version, named_arn),
    "GetPolicyVersion": AccountOperation(_get_version, named_arn),
    "ListPolicyVersions": AccountOperation(_list_versions, named_arn),
    "DeletePolicyVersion": AccountOperation(_delete_version, named_arn),
    "SetDefaultPolicyVersion": AccountOperation(_set_default_version, named_arn),
}
