"""Changes of an instance's users, each with its own operation: names, profiles, phone, place in the hierarchy.

Spec: Amazon Connect API Reference
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sp_mock.accounts.connect_resources import ConnectUser
from sp_mock.accounts.model import Instance
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.connect.instance_lookup import named_instance
from sp_mock.connect.resource_kinds import ROUTING_PROFILES
from sp_mock.connect_users.users import (
    hierarchy_group_id,
    identity_of,
    named_user,
    phone_settings,
    require_composed,
    require_no_email,
    security_profiles,
    user_resource,
    with_identity,
    with_user,
)


def _changed(call: AccountCall, instance: Instance, user: ConnectUser) -> Result:
    return Result(account=with_user(call.account, instance, replace(user, changed_at=call.now)))


def _update_identity(call: AccountCall) -> Result:
    """Changes names and addresses. With SAML the login stays, because the identity provider sends it.

    Spec: Amazon Connect API "UpdateUserIdentityInfo"
    Evidence: documented
    """
    instance = named_instance(call)
    user = named_user(call, instance)
    identity: Mapping[str, Any] = call.parameters["IdentityInfo"]
    require_composed(*(value for value in identity.values() if isinstance(value, str)))
    require_no_email(instance, identity)
    return _changed(call, instance, with_identity(user, {**identity_of(user), **identity}))


def _update_security_profiles(call: AccountCall) -> Result:
    instance = named_instance(call)
    user = named_user(call, instance)
    return _changed(call, instance, replace(user, security_profiles=security_profiles(call, instance)))


def _update_routing_profile(call: AccountCall) -> Result:
    instance = named_instance(call)
    user = named_user(call, instance)
    profile = ROUTING_PROFILES.named_by(call, instance)
    return _changed(call, instance, replace(user, routing_profile=profile.name))


def _update_phone(call: AccountCall) -> Result:
    """Replaces a user's phone settings as a whole.

    Spec: Amazon Connect API "UpdateUserPhoneConfig"
    Evidence: documented, assumed (that what is not given becomes as for a new user)
    """
    instance = named_instance(call)
    user = named_user(call, instance)
    return _changed(call, instance, replace(user, phone=phone_settings(call.parameters["PhoneConfig"])))


def _update_hierarchy(call: AccountCall) -> Result:
    """Puts the user into a hierarchy group, or removes them from theirs.

    Spec: Amazon Connect API "UpdateUserHierarchy"
    Evidence: documented (HierarchyGroupId is optional), observed (Terraform takes a user out by leaving it away)
    """
    instance = named_instance(call)
    user = named_user(call, instance)
    return _changed(call, instance, replace(user, hierarchy_group_id=hierarchy_group_id(call, instance)))


OPERATIONS: Mapping[str, AccountOperation] = {
    "UpdateUserIdentityInfo": AccountOperation(_update_identity, user_resource),
    "UpdateUserSecurityProfiles": AccountOperation(_update_security_profiles, user_resource),
    "UpdateUserRoutingProfile": AccountOperation(_update_routing_profile, user_resource),
    "UpdateUserPhoneConfig": AccountOperation(_update_phone, user_resource),
    "UpdateUserHierarchy": AccountOperation(_update_hierarchy, user_resource),
}
