"""Security, routing and authentication profiles, as Amazon Connect's service API lists, describes and changes them.

Spec: Amazon Connect API Reference
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sp_mock.accounts.model import Instance
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.apis.service_model import ResponseElements
from sp_mock.connect.api_errors import refused
from sp_mock.connect.identifiers import profile_id
from sp_mock.connect.instance_lookup import id_in, instance_resource, named_instance, with_instance
from sp_mock.connect.lists import LISTS

SECURITY, ROUTING = "security-profile", "routing-profile"
_AUTHENTICATION = "authentication-profile"
_SUMMARY = ("Id", "Arn", "Name", "IsDefault", "LastModifiedTime", "LastModifiedRegion")


def profile_names(instance: Instance, kind: str) -> tuple[str, ...]:
    """Returns the names of an instance's security profiles, or of its routing profiles."""
    if kind == ROUTING:
        return instance.routing_profiles
    return tuple(profile.name for profile in instance.security_profiles)


def named_profile(instance: Instance, kind: str, given: str) -> str:
    """Returns the name of a profile.

    Args:
        instance: Has the profile.
        kind: ``security-profile`` or ``routing-profile``.
        given: Its id or its ARN.

    Raises:
        AwsRefusal: ResourceNotFoundException (404), there is none.
    """
    known = {profile_id(instance, kind, name): name for name in profile_names(instance, kind)}
    name = known.get(id_in(given))
    if name is None:
        words = kind.replace("-", " ")
        raise refused(
            "ResourceNotFoundException",
            f"{words.capitalize()} with ID {given} not found",
            explanation=f"The instance has no such {words}.",
            where="SecurityProfileIds" if kind == SECURITY else "RoutingProfileId",
            expected=" or ".join(f"{key} ({name})" for key, name in known.items()),
            received=given,
            fix=f"List the {words}s for their ids.",
        )
    return name


def _list_security_profiles(call: AccountCall) -> Result:
    return _list(call, SECURITY, "SecurityProfileSummaryList")


def _list_routing_profiles(call: AccountCall) -> Result:
    return _list(call, ROUTING, "RoutingProfileSummaryList")


def _list(call: AccountCall, kind: str, element: str) -> Result:
    instance = named_instance(call)

    def summary(name: str) -> ResponseElements:
        key = profile_id(instance, kind, name)
        return {"Id": key, "Arn": f"{instance.arn}/{kind}/{key}", "Name": name}

    return Result(LISTS.page(call, element, profile_names(instance, kind), summary))


def _describe_security_profile(call: AccountCall) -> Result:
    instance, given = named_instance(call), call.parameters["SecurityProfileId"]
    name = named_profile(instance, SECURITY, given)
    elements = {
        "Id": id_in(given),
        "Arn": f"{instance.arn}/{SECURITY}/{id_in(given)}",
        "SecurityProfileName": name,
        "OrganizationResourceId": instance.instance_id,
        "LastModifiedTime": instance.created_at,
        "LastModifiedRegion": instance.arn.region,
    }
    return Result({"SecurityProfile": elements})


def _describe_routing_profile(call: AccountCall) -> Result:
    instance, given = named_instance(call), call.parameters["RoutingProfileId"]
    name = named_profile(instance, ROUTING, given)
    elements = {
        "InstanceId": instance.instance_id,
        "RoutingProfileId": id_in(given),
        "RoutingProfileArn": f"{instance.arn}/{ROUTING}/{id_in(given)}",
        "Name": name,
        "NumberOfAssociatedUsers": sum(user.routing_profile == name for user in instance.users.values()),
        "IsDefault": name == instance.routing_profiles[0],
        "LastModifiedTime": instance.created_at,
        "LastModifiedRegion": instance.arn.region,
    }
    return Result({"RoutingProfile": elements})


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
    if given != profile_id(instance, _AUTHENTICATION, "default"):
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
    key = profile_id(instance, _AUTHENTICATION, "default")
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
    "ListSecurityProfiles": AccountOperation(_list_security_profiles, instance_resource),
    "ListRoutingProfiles": AccountOperation(_list_routing_profiles, instance_resource),
    "DescribeSecurityProfile": AccountOperation(_describe_security_profile, instance_resource),
    "DescribeRoutingProfile": AccountOperation(_describe_routing_profile, instance_resource),
    "DescribeAuthenticationProfile": AccountOperation(_describe_authentication_profile, instance_resource),
    "ListAuthenticationProfiles": AccountOperation(_list_authentication_profiles, instance_resource),
    "UpdateAuthenticationProfile": AccountOperation(_update_authentication_profile, instance_resource),
}
