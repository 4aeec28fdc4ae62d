"""Security profiles: what the users of an instance may do, above all whether they may open the CCP.

Spec: Amazon Connect API Reference
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sp_mock.accounts.connect_resources import CCP_PERMISSION, SecurityProfile
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.connect.instance_lookup import instance_resource, named_instance
from sp_mock.connect.lists import LISTS
from sp_mock.connect.resource_kinds import SECURITY_PROFILES, in_use, last_modified


def _create(call: AccountCall) -> Result:
    """Creates a profile. Its users may open the CCP when its permissions say so.

    Spec: Amazon Connect API "CreateSecurityProfile"; Amazon Connect Administrator Guide "security-profile-list"
    Evidence: documented (parameters, the permission), assumed (that any permission's name is taken)
    """
    instance, given = named_instance(call), call.parameters
    name = str(given["SecurityProfileName"])
    SECURITY_PROFILES.require_free_name(instance, name)
    profile = _with_settings(
        SecurityProfile(
            name,
            access_ccp=False,
            given_id=call.ids.uuid(),
            changed_at=call.now,
            tags=tuple(dict(given.get("Tags") or {}).items()),
        ),
        given,
    )
    elements = {
        "SecurityProfileId": profile.given_id,
        "SecurityProfileArn": SECURITY_PROFILES.arn_of(instance, profile),
    }
    return replace(SECURITY_PROFILES.added(call, instance, profile), elements=elements)


def _with_settings(profile: SecurityProfile, given: Mapping[str, Any]) -> SecurityProfile:
    """Returns a profile with the values that a call gives; the rest is unchanged."""
    if "Permissions" in given:
        permissions = tuple(given["Permissions"])
        profile = replace(profile, permissions=permissions, access_ccp=CCP_PERMISSION in permissions)
    tags = given.get("AllowedAccessControlTags")
    return replace(
        profile,
        description=given.get("Description", profile.description),
        allowed_tags=profile.allowed_tags if tags is None else tuple(tags.items()),
        tag_restricted=tuple(given.get("TagRestrictedResources", profile.tag_restricted)),
        hierarchy_restricted=tuple(given.get("HierarchyRestrictedResources", profile.hierarchy_restricted)),
        allowed_hierarchy_group_id=given.get(
            "AllowedAccessControlHierarchyGroupId", profile.allowed_hierarchy_group_id
        ),
    )


def _describe(call: AccountCall) -> Result:
    instance = named_instance(call)
    profile = SECURITY_PROFILES.named_by(call, instance)
    elements = {
        "Id": SECURITY_PROFILES.id_of(instance, profile),
        "Arn": SECURITY_PROFILES.arn_of(instance, profile),
        "SecurityProfileName": profile.name,
        "OrganizationResourceId": instance.instance_id,
        "Description": profile.description or None,
        "AllowedAccessControlTags": dict(profile.allowed_tags) or None,
        "TagRestrictedResources": list(profile.tag_restricted) or None,
        "HierarchyRestrictedResources": list(profile.hierarchy_restricted) or None,
        "AllowedAccessControlHierarchyGroupId": profile.allowed_hierarchy_group_id or None,
        "Tags": dict(profile.tags),
        **last_modified(instance, profile.changed_at),
    }
    return Result({"SecurityProfile": elements})


def _list(call: AccountCall) -> Result:
    return SECURITY_PROFILES.page(call, "SecurityProfileSummaryList")


def _list_permissions(call: AccountCall) -> Result:
    """Returns a profile's permissions.

    Spec: Amazon Connect API "ListSecurityProfilePermissions"
    Evidence: documented, assumed (that a profile no call made has the one of the CCP, or none)
    """
    instance = named_instance(call)
    profile = SECURITY_PROFILES.named_by(call, instance)
    elements = LISTS.page(call, "Permissions", profile.all_permissions, lambda permission: permission)
    return Result({**elements, **last_modified(instance, profile.changed_at)})


def _update(call: AccountCall) -> Result:
    instance = named_instance(call)
    profile = SECURITY_PROFILES.named_by(call, instance)
    changed = replace(_with_settings(profile, call.parameters), changed_at=call.now)
    return SECURITY_PROFILES.changed(call, instance, profile, changed)


def _delete(call: AccountCall) -> Result:
    """Deletes a profile that no user has.

    Spec: Amazon Connect API "DeleteSecurityProfile"
    Evidence: documented (ResourceInUseException), assumed (its words, and that users are what uses a profile)
    """
    instance = named_instance(call)
    profile = SECURITY_PROFILES.named_by(call, instance)
    users = [user.login for user in instance.users.values() if profile.name in user.security_profiles]
    if users:
        raise in_use(
            f"The security profile {profile.name} is in use",
            explanation=f"Users have the profile: {', '.join(users)}.",
            where="SecurityProfileId",
            received=profile.name,
            fix="Give its users other profiles first.",
        )
    return SECURITY_PROFILES.deleted(call, instance, profile)


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreateSecurityProfile": AccountOperation(_create, SECURITY_PROFILES.any_resource),
    "DescribeSecurityProfile": AccountOperation(_describe, SECURITY_PROFILES.resource),
    "ListSecurityProfiles": AccountOperation(_list, instance_resource),
    "ListSecurityProfilePermissions": AccountOperation(_list_permissions, SECURITY_PROFILES.resource),
    "UpdateSecurityProfile": AccountOperation(_update, SECURITY_PROFILES.resource),
    "DeleteSecurityProfile": AccountOperation(_delete, SECURITY_PROFILES.resource),
}
