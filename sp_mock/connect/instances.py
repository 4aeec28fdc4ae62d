"""Instances, their profiles and approved origins, as Amazon Connect's service API makes and changes them.

Spec: Amazon Connect API Reference
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from sp_mock.accounts.model import AuthenticationProfile, Instance
from sp_mock.arn import Arn
from sp_mock.connect.identifiers import profile_id
from sp_mock.connect.operations import Operation, Outcome, Work, everything, invalid, of_instance, page, refused

_SERVICE_ROLE = "aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect"
_MAX_INSTANCES = 20
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?", re.ASCII)


def security_profile_names(instance: Instance) -> tuple[str, ...]:
    """Returns the names of an instance's security profiles."""
    return tuple(profile.name for profile in instance.security_profiles)


def _create(work: Work) -> Outcome:
    """Makes an instance; it is active at once, where Amazon Connect takes some minutes.

    Spec: Amazon Connect API "CreateInstance"
    Evidence: documented (parameters and limits), assumed (the words; that it is active at once)
    """
    alias = work.parameters.get("InstanceAlias")
    management = work.parameters["IdentityManagementType"]
    if management == "EXISTING_DIRECTORY" and not work.parameters.get("DirectoryId"):
        raise invalid("DirectoryId", "DirectoryId is required for EXISTING_DIRECTORY", fix="Name the directory.")
    if management != "EXISTING_DIRECTORY" and not alias:
        raise invalid("InstanceAlias", "InstanceAlias is required", fix="Choose an alias.")
    if len(work.account.instances) >= _MAX_INSTANCES:
        raise refused(
            "ServiceQuotaExceededException",
            f"The account has {_MAX_INSTANCES} instances",
            explanation="The account's quota is reached.",
            where="CreateInstance",
            fix="Delete an instance.",
            status=402,
        )
    instance_id = work.ids.uuid()
    arn = Arn.parse(work.arn("instance", instance_id))
    if arn is None:
        raise LookupError("the region makes no ARN")
    instance = Instance(
        arn,
        str(alias or work.parameters["DirectoryId"]),
        identity_management=management,
        authentication_profile=AuthenticationProfile(changed_at=work.now),
        created_at=work.now,
        tags=tuple(dict(work.parameters.get("Tags") or {}).items()),
    )
    return Outcome(work.keep(instance), {"Id": instance_id, "Arn": str(arn)})


def _shown(instance: Instance) -> dict[str, Any]:
    partition, account = instance.arn.partition, instance.arn.account_id
    return {
        "Id": instance.instance_id,
        "Arn": str(instance.arn),
        "IdentityManagementType": instance.identity_management,
        "InstanceAlias": instance.alias,
        "CreatedTime": instance.created_at,
        "ServiceRole": f"arn:{partition}:iam::{account}:role/{_SERVICE_ROLE}",
        "InstanceStatus": "ACTIVE",
        "InboundCallsEnabled": True,
        "OutboundCallsEnabled": True,
        "InstanceAccessUrl": instance.access_url,
        "Tags": dict(instance.tags),
    }


def _describe(work: Work) -> Outcome:
    return Outcome(work.account, {"Instance": _shown(work.instance)})


def _list(work: Work) -> Outcome:
    here = [instance for instance in work.account.instances.values() if instance.arn.region == work.region]
    shown, token = page(work, here)
    return Outcome(work.account, {"InstanceSummaryList": [_shown(each) for each in shown], "NextToken": token})


def _delete(work: Work) -> Outcome:
    gone = work.instance.instance_id
    left = {key: each for key, each in work.account.instances.items() if key != gone}
    return Outcome(replace(work.account, instances=left))


def _list_security_profiles(work: Work) -> Outcome:
    return _profiles(work, security_profile_names(work.instance), "security-profile", "SecurityProfileSummaryList")


def _list_routing_profiles(work: Work) -> Outcome:
    return _profiles(work, work.instance.routing_profiles, "routing-profile", "RoutingProfileSummaryList")


def _profiles(work: Work, names: tuple[str, ...], kind: str, member: str) -> Outcome:
    instance = work.instance
    shown, token = page(work, names)
    summaries = [
        {"Id": (key := profile_id(instance, kind, name)), "Arn": f"{instance.arn}/{kind}/{key}", "Name": name}
        for name in shown
    ]
    return Outcome(work.account, {member: summaries, "NextToken": token})


def _describe_security_profile(work: Work) -> Outcome:
    instance = work.instance
    key, name = _profile(work, "SecurityProfileId", security_profile_names(instance), "security-profile")
    described = {
        "Id": key,
        "Arn": f"{instance.arn}/security-profile/{key}",
        "SecurityProfileName": name,
        "OrganizationResourceId": instance.instance_id,
        "LastModifiedTime": instance.created_at,
        "LastModifiedRegion": instance.arn.region,
    }
    return Outcome(work.account, {"SecurityProfile": described})


def _describe_routing_profile(work: Work) -> Outcome:
    instance = work.instance
    key, name = _profile(work, "RoutingProfileId", instance.routing_profiles, "routing-profile")
    described = {
        "InstanceId": instance.instance_id,
        "RoutingProfileId": key,
        "RoutingProfileArn": f"{instance.arn}/routing-profile/{key}",
        "Name": name,
        "NumberOfAssociatedUsers": sum(user.routing_profile == name for user in instance.users.values()),
        "IsDefault": name == instance.routing_profiles[0],
        "LastModifiedTime": instance.created_at,
        "LastModifiedRegion": instance.arn.region,
    }
    return Outcome(work.account, {"RoutingProfile": described})


def _profile(work: Work, parameter: str, names: tuple[str, ...], kind: str) -> tuple[str, str]:
    given = str(work.parameters[parameter])
    known = {profile_id(work.instance, kind, name): name for name in names}
    return given.rpartition("/")[2], named_profile(known, given, kind)


def named_profile(known: Mapping[str, str], given: str, kind: str) -> str:
    """Returns the name of the profile with this id or ARN.

    Args:
        known: Names by id.
        given: What a caller named.
        kind: ``security-profile`` or ``routing-profile``.

    Raises:
        AwsRefusal: ResourceNotFoundException (404), there is none.
    """
    name = known.get(given.rpartition("/")[2])
    if name is None:
        words = kind.replace("-", " ")
        raise refused(
            "ResourceNotFoundException",
            f"{words.capitalize()} with ID {given} not found",
            explanation=f"The instance has no such {words}.",
            where="SecurityProfileIds" if kind == "security-profile" else "RoutingProfileId",
            expected=" or ".join(f"{key} ({name})" for key, name in known.items()),
            received=given,
            fix=f"List the {words}s for their ids.",
        )
    return name


def _associate_origin(work: Work) -> Outcome:
    """Approves an origin: scheme, host and port, no path.

    Spec: Amazon Connect API "AssociateApprovedOrigin"
    Evidence: documented (the rules), assumed (the words)
    """
    origin, instance = work.parameters["Origin"], work.instance
    if not _ORIGIN.fullmatch(origin) or not urlsplit(origin).hostname:
        raise invalid(
            "Origin",
            "Invalid origin",
            expected="scheme, host and port, such as https://example.com",
            received=origin,
            fix="Leave path and slash out.",
        )
    if origin in instance.approved_origins:
        raise refused(
            "ResourceConflictException",
            f"The origin {origin} is already approved",
            explanation="The origin is among the instance's approved origins.",
            where="Origin",
            received=origin,
            fix="Nothing has to be done.",
        )
    approved = replace(
        instance,
        approved_origins=(*instance.approved_origins, origin),
        origins_approved_at={**instance.origins_approved_at, origin: work.now},
    )
    return Outcome(work.keep(approved))


def _disassociate_origin(work: Work) -> Outcome:
    origin, instance = work.parameters["Origin"], work.instance
    if origin not in instance.approved_origins:
        raise refused(
            "ResourceNotFoundException",
            f"The origin {origin} is not approved",
            explanation="The origin is not among the instance's approved origins.",
            where="origin",
            expected=" or ".join(instance.approved_origins),
            received=origin,
            fix="List the approved origins.",
        )
    left = tuple(each for each in instance.approved_origins if each != origin)
    return Outcome(work.keep(replace(instance, approved_origins=left)))


def _list_origins(work: Work) -> Outcome:
    shown, token = page(work, work.instance.approved_origins)
    return Outcome(work.account, {"Origins": shown, "NextToken": token})


def _profile_of(work: Work) -> AuthenticationProfile:
    instance = work.instance
    given = work.parameters["AuthenticationProfileId"]
    if given != profile_id(instance, "authentication-profile", "default"):
        raise refused(
            "ResourceNotFoundException",
            f"Authentication profile with ID {given} not found",
            explanation="The instance has its default profile only.",
            where="AuthenticationProfileId",
            received=given,
            fix="List the authentication profiles.",
        )
    return instance.authentication_profile


def _authentication_profile(work: Work) -> dict[str, Any]:
    instance, profile = work.instance, work.instance.authentication_profile
    key = profile_id(instance, "authentication-profile", "default")
    return {
        "Id": key,
        "Arn": f"{instance.arn}/authentication-profile/{key}",
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


def _describe_authentication_profile(work: Work) -> Outcome:
    _profile_of(work)
    return Outcome(work.account, {"AuthenticationProfile": _authentication_profile(work)})


def _list_authentication_profiles(work: Work) -> Outcome:
    shown = _authentication_profile(work)
    summary = {
        name: shown[name] for name in ("Id", "Arn", "Name", "IsDefault", "LastModifiedTime", "LastModifiedRegion")
    }
    return Outcome(work.account, {"AuthenticationProfileSummaryList": [summary], "NextToken": None})


def _update_authentication_profile(work: Work) -> Outcome:
    """Changes the profile; its periodic session duration is how long access tokens last from then on.

    Spec: Amazon Connect API "UpdateAuthenticationProfile"
    Evidence: documented
    """
    profile, given = _profile_of(work), work.parameters
    changed = replace(
        profile,
        name=given.get("Name", profile.name),
        description=given.get("Description", profile.description),
        allowed_ips=tuple(given.get("AllowedIps", profile.allowed_ips)),
        blocked_ips=tuple(given.get("BlockedIps", profile.blocked_ips)),
        periodic_session_minutes=given.get("PeriodicSessionDuration", profile.periodic_session_minutes),
        inactivity_minutes=given.get("SessionInactivityDuration", profile.inactivity_minutes),
        inactivity_handled=given.get("SessionInactivityHandlingEnabled", profile.inactivity_handled),
        changed_at=work.now,
    )
    return Outcome(work.keep(replace(work.instance, authentication_profile=changed)))


OPERATIONS: Mapping[str, Operation] = {
    "CreateInstance": Operation(everything, _create),
    "ListInstances": Operation(everything, _list),
    "DescribeInstance": Operation(of_instance, _describe),
    "DeleteInstance": Operation(of_instance, _delete),
    "ListSecurityProfiles": Operation(of_instance, _list_security_profiles),
    "ListRoutingProfiles": Operation(of_instance, _list_routing_profiles),
    "DescribeSecurityProfile": Operation(of_instance, _describe_security_profile),
    "DescribeRoutingProfile": Operation(of_instance, _describe_routing_profile),
    "AssociateApprovedOrigin": Operation(of_instance, _associate_origin),
    "DisassociateApprovedOrigin": Operation(of_instance, _disassociate_origin),
    "ListApprovedOrigins": Operation(of_instance, _list_origins),
    "DescribeAuthenticationProfile": Operation(of_instance, _describe_authentication_profile),
    "ListAuthenticationProfiles": Operation(of_instance, _list_authentication_profiles),
    "UpdateAuthenticationProfile": Operation(of_instance, _update_authentication_profile),
}
