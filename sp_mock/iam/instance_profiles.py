"""Instance profiles, which give EC2 instances their role. EC2 is not emulated, but setup tools create them anyway.

Spec: AWS IAM API "CreateInstanceProfile" and its neighbours
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from emulator.kernel.errors import DeleteConflict, EntityAlreadyExists, NoSuchEntity
from sp_mock.accounts.iam_resources import InstanceProfile
from sp_mock.accounts.model import Account, Role
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.apis.service_model import ResponseElements
from sp_mock.iam.api_errors import IAM, over_quota
from sp_mock.iam.entities import ROLES
from sp_mock.iam.identifiers import iam_arn, new_arn, path_of, unique_id
from sp_mock.iam.lists import LISTS
from sp_mock.iam.roles import brief_role_elements
from sp_mock.iam.tags import tag_elements, tag_operations, with_requested_tags


def _create(call: AccountCall) -> Result:
    name = call.parameters["InstanceProfileName"]
    if any(each.name.lower() == name.lower() for each in call.account.instance_profiles.values()):
        raise EntityAlreadyExists(
            f"Instance Profile {name} already exists.",
            service=IAM,
            check="instance-profile",
            evidence="observed",
            explanation="Names are compared without case.",
            where="parameter InstanceProfileName",
            received=name,
            fix="Choose another name, or delete the old one first.",
            spec='AWS IAM API "CreateInstanceProfile"',
        )
    tags = with_requested_tags((), call, case_sensitive=True)
    profile = InstanceProfile(new_arn(_new_arn(call)), unique_id("AIPA", ids=call.ids), created_at=call.now, tags=tags)
    elements = {**profile_elements(call.account, profile), "Tags": tag_elements(tags) or None}
    return Result({"InstanceProfile": elements}, account=_put(call.account, profile))


def _get(call: AccountCall) -> Result:
    profile = _find(call)
    elements = {**profile_elements(call.account, profile), "Tags": tag_elements(profile.tags)}
    return Result({"InstanceProfile": elements})


def _list(call: AccountCall) -> Result:
    prefix = call.parameters.get("PathPrefix") or "/"
    found = [each for each in call.account.instance_profiles.values() if path_of(each.arn).startswith(prefix)]
    return _page(call, found)


def _list_for_role(call: AccountCall) -> Result:
    return _page(call, profiles_of(call.account, ROLES.find(call)))


def _page(call: AccountCall, profiles: list[InstanceProfile]) -> Result:
    by_name = sorted(profiles, key=lambda profile: profile.name)
    return Result(LISTS.page(call, "InstanceProfiles", by_name, lambda each: profile_elements(call.account, each)))


def _add_role(call: AccountCall) -> Result:
    """Gives a profile its role: it has at most one.

    Spec: AWS IAM API "AddRoleToInstanceProfile"
    Evidence: observed
    """
    profile, role = _find(call), ROLES.find(call)
    if profile.role is not None:
        raise over_quota("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    return Result(account=_put(call.account, replace(profile, role=str(role.arn))))


def _remove_role(call: AccountCall) -> Result:
    profile, role = _find(call), ROLES.find(call)
    if profile.role != str(role.arn):
        raise NoSuchEntity(
            f"The role with name {role.name} cannot be found.",
            service=IAM,
            check="instance-profile",
            evidence="assumed",
            explanation="The instance profile has another role, or none.",
            where="parameter RoleName",
            expected=profile.role or "no role",
            received=role.name,
            spec='AWS IAM API "RemoveRoleFromInstanceProfile"',
        )
    return Result(account=_put(call.account, replace(profile, role=None)))


def _delete(call: AccountCall) -> Result:
    profile = _find(call)
    if profile.role is not None:
        raise DeleteConflict(
            "Cannot delete entity, must remove roles from instance profile first.",
            service=IAM,
            check="delete-conflict",
            evidence="observed",
            explanation=f"{profile.name} still has a role.",
            where=str(profile.arn),
            fix="Remove the role from the instance profile.",
            spec='AWS IAM API "DeleteInstanceProfile"',
        )
    left = {arn: each for arn, each in call.account.instance_profiles.items() if each is not profile}
    return Result(account=replace(call.account, instance_profiles=left))


def profiles_of(account: Account, role: Role) -> list[InstanceProfile]:
    """Returns the instance profiles that have a role."""
    return [profile for profile in account.instance_profiles.values() if profile.role == str(role.arn)]


def profile_elements(account: Account, profile: InstanceProfile) -> ResponseElements:
    """Returns an instance profile as response elements, without its tags.

    Spec: AWS IAM API "InstanceProfile"
    Evidence: observed
    """
    role = account.roles.get(profile.role) if profile.role else None
    return {
        "Path": path_of(profile.arn),
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.profile_id,
        "Arn": str(profile.arn),
        "CreateDate": profile.created_at,
        "Roles": [{**brief_role_elements(role), "Tags": None}] if role else [],
    }


def _find(call: AccountCall) -> InstanceProfile:
    name = call.parameters["InstanceProfileName"]
    found = next((each for each in call.account.instance_profiles.values() if each.name == name), None)
    if found is None:
        raise NoSuchEntity(
            f"Instance Profile {name} cannot be found.",
            service=IAM,
            check="instance-profile",
            evidence="observed",
            explanation="The account has no instance profile of this name.",
            where="parameter InstanceProfileName",
            received=name,
            spec='AWS IAM API "GetInstanceProfile"',
        )
    return found


def _put(account: Account, profile: InstanceProfile) -> Account:
    return replace(account, instance_profiles={**account.instance_profiles, str(profile.arn): profile})


def _new_arn(call: AccountCall) -> str:
    name = call.parameters["InstanceProfileName"]
    return iam_arn(call.account, f"instance-profile{call.parameters.get('Path') or '/'}{name}")


def _named_arn(call: AccountCall) -> str:
    name = call.parameters["InstanceProfileName"]
    known = (arn for arn, each in call.account.instance_profiles.items() if each.name == name)
    return next(known, _new_arn(call))


def _list_resource(call: AccountCall) -> str:
    return iam_arn(call.account, f"instance-profile{call.parameters.get('PathPrefix') or '/'}")


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreateInstanceProfile": AccountOperation(_create, _new_arn),
    "GetInstanceProfile": AccountOperation(_get, _named_arn),
    "ListInstanceProfiles": AccountOperation(_list, _list_resource),
    "ListInstanceProfilesForRole": AccountOperation(_list_for_role, ROLES.resource),
    "AddRoleToInstanceProfile": AccountOperation(_add_role, _named_arn),
    "RemoveRoleFromInstanceProfile": AccountOperation(_remove_role, _named_arn),
    "DeleteInstanceProfile": AccountOperation(_delete, _named_arn),
    **tag_operations("InstanceProfile", find=_find, put=_put, resource=_named_arn),
}
