"""Authentication profiles: how long the logins of an instance last. Each instance has its default one.

Spec: Amazon Connect API Reference
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sp_mock.accounts.model import Instance
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.apis.service_model import ResponseElements
from sp_mock.connect.api_errors import refused
from sp_mock.connect.identifiers import stable_id
from sp_mock.connect.instance_lookup import instance_resource, named_instance, with_instance

_AUTHENTICATION = "authentication-profile"
_SUMMARY = ("Id", "Arn", "Name", "IsDefault", "LastModifiedTime", "LastModifiedRegion")


def _describe_authentication_profile(call: AccountCall) -> Result:
    instance = named_instance(call)
    _require_authentication_profile(call, instance)
    return Result({"AuthenticationProfile": _authentication_profile_elements(instance)})


def _list_authentication_profiles(call: AccountCall) -> Result:
    elements = _authentication_profile_elements(named_instance(call))
    return Result({"AuthenticationProfileSummaryList": [{name: elements[name] for name in _SUMMARY}]})


def _update_authentication_profile(call: AccountCall) -> Result:
    """Changes the profile; its periodic session duration is how long access tokens last from then on.

    Spec: Amazon Connect API "UpdateAuthenticationProfile"
    Evidence: documented
    """
    instance, given = named_instance(call), call.parameters
    _require_authentication_profile(call, instance)
    profile = instance.authentication_profile
    changed = replace(
        profile,
        name=given.get("Name", profile.name),
        description=given.get("Description", profile.description),
        allowed_ips=tuple(given.get("AllowedIps", profile.allowed_ips)),
        blocked_ips=tuple(given.get("BlockedIps", profile.blocked_ips)),
        periodic_session_minutes=given.get("PeriodicSessionDuration", profile.periodic_session_minutes),
        inactivity_minutes=given.get("SessionInactivityDuration", profile.inactivity_minutes),
        inactivity_handled=given.get("SessionInactivityHandlingEnabled", profile.inactivity_handled),
        changed_at=call.now,
    )
    return Result(account=with_instance(call.account, replace(instance, authentication_profile=changed)))


def _require_authentication_profile(call: AccountCall, instance: Instance) -> None:
    given = call.parameters["AuthenticationProfileId"]
    if given != stable_id(instance, _AUTHENTICATION, "default"):
        raise refused(
            "ResourceNotFoundException",
            f"Authentication profile with ID {given} not found",
            explanation="The instance has its default profile only.",
            where="AuthenticationProfileId",
            received=given,
            fix="List the authentication profiles.",
        )


def _authentication_profile_elements(instance: Instance) -> ResponseElements:
    profile = instance.authentication_profile
    key = stable_id(instance, _AUTHENTICATION, "default")
    return {
        "Id": key,
        "Arn": f"{instance.arn}/{_AUTHENTICATION}/{key}",
        "Name": profile.name,
        "Description": profile.description,
        "AllowedIps": list(profile.allowed_ips),
        "BlockedIps": list(profile.blocked_ips),
        "IsDefault": True,
        "CreatedTime": instance.created_at,
        "LastModifiedTime": profile.changed_at,
        "LastModifiedRegion": instance.arn.region,
        "MaxSessionDuration": profile.max_session_minutes,
        "PeriodicSessionDuration": profile.periodic_session_minutes,
        "SessionInactivityDuration": profile.inactivity_minutes,
        "SessionInactivityHandlingEnabled": profile.inactivity_handled,
    }


OPERATIONS: Mapping[str, AccountOperation] = {
    "DescribeAuthenticationProfile": AccountOperation(_describe_authentication_profile, instance_resource),
    "ListAuthenticationProfiles": AccountOperation(_list_authentication_profiles, instance_resource),
    "UpdateAuthenticationProfile": AccountOperation(_update_authentication_profile, instance_resource),
}
