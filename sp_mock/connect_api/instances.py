"""Instances and their approved origins, as Amazon Connect's service API creates and changes them.

Spec: Amazon Connect API Reference
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from emulator.kernel.clock import instant
from emulator.kernel.errors import AwsRefusal
from sp_mock.accounts.connect_resources import AuthenticationProfile
from sp_mock.accounts.model import Instance
from sp_mock.apis.operations import AccountCall, AccountOperation, Result, any_resource
from sp_mock.apis.service_model import ResponseElements
from sp_mock.arn import Arn
from sp_mock.connect.api_errors import invalid_parameter, refused
from sp_mock.connect.instance_lookup import (
    connect_arn,
    instance_resource,
    instances_at,
    named_instance,
    with_instance,
)
from sp_mock.connect.lists import LISTS
from sp_mock.connect_api.instance_attributes import INBOUND_CALLS, OUTBOUND_CALLS, attributes_of

_SERVICE_ROLE = "aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect"
_MAX_INSTANCES = 20
ALIAS_STAYS_TAKEN = timedelta(minutes=5)
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?", re.ASCII)


def _require_free_alias(call: AccountCall) -> None:
    """Requires that no instance of any account has, or recently had, the alias, because it is part of a host name.

    Spec: Amazon Connect API "CreateInstance"; terraform-provider-aws#38115
    Evidence: documented (the rule), observed (code and words, and that an alias stays taken for some minutes), assumed
        (for how many)
    """
    alias = str(call.parameters.get("InstanceAlias") or "")
    if alias and any(instance.alias.lower() == alias.lower() for instance in call.aws.instances):
        why = "Another instance of this world has the alias; case does not count in host names."
        raise _alias_taken(alias, why, fix="Choose another alias.")
    released = [account.released_aliases.get(alias.lower()) for account in call.aws.accounts.values()]
    free_at = max((each + ALIAS_STAYS_TAKEN for each in released if each is not None), default=call.now)
    if free_at > call.now:
        why = f"The instance that had the alias was deleted; the alias stays taken until {instant(free_at)}."
        raise _alias_taken(alias, why, fix="Wait some minutes, or choose another alias.")


def _alias_taken(alias: str, explanation: str, *, fix: str) -> AwsRefusal:
    refusal = refused(
        "InvalidRequestException",
        "Invalid Input. Instance alias is already used.",
        explanation=explanation,
        where="InstanceAlias",
        received=alias,
        fix=fix,
    )
    refusal.evidence = "observed"
    return refusal


def _create(call: AccountCall) -> Result:
    """Creates an instance; it is active at once, whereas Amazon Connect takes some minutes.

    Spec: Amazon Connect API "CreateInstance"
    Evidence: documented (parameters and limits), assumed (the words; that it is active at once)
    """
    alias = call.parameters.get("InstanceAlias")
    management = call.parameters["IdentityManagementType"]
    if management == "EXISTING_DIRECTORY" and not call.parameters.get("DirectoryId"):
        raise invalid_parameter(
            "DirectoryId", "DirectoryId is required for EXISTING_DIRECTORY", fix="Name the directory."
        )
    if management != "EXISTING_DIRECTORY" and not alias:
        raise invalid_parameter("InstanceAlias", "InstanceAlias is required", fix="Choose an alias.")
    if len(call.account.instances) >= _MAX_INSTANCES:
        raise refused(
            "ServiceQuotaExceededException",
            f"The account has {_MAX_INSTANCES} instances",
            explanation="The account's quota is reached.",
            where="CreateInstance",
            fix="Delete an instance.",
            status=402,
        )
    instance_id = call.ids.uuid()
    arn = Arn.parse(connect_arn(call, f"instance/{instance_id}"))
    if arn is None:
        raise LookupError("the region makes no ARN")
    instance = Instance(
        arn,
        str(alias or call.parameters["DirectoryId"]),
        identity_management=management,
        authentication_profile=AuthenticationProfile(changed_at=call.now),
        created_at=call.now,
        tags=tuple(dict(call.parameters.get("Tags") or {}).items()),
        attributes={
            INBOUND_CALLS: str(call.parameters["InboundCallsEnabled"]).lower(),
            OUTBOUND_CALLS: str(call.parameters["OutboundCallsEnabled"]).lower(),
        },
    )
    return Result({"Id": instance_id, "Arn": str(arn)}, account=with_instance(call.account, instance))


def _instance_elements(instance: Instance) -> ResponseElements:
    partition, account = instance.arn.partition, instance.arn.account_id
    attributes = attributes_of(instance)
    return {
        "Id": instance.instance_id,
        "Arn": str(instance.arn),
        "IdentityManagementType": instance.identity_management,
        "InstanceAlias": instance.alias,
        "CreatedTime": instance.created_at,
        "ServiceRole": f"arn:{partition}:iam::{account}:role/{_SERVICE_ROLE}",
        "InstanceStatus": "ACTIVE",
        "InboundCallsEnabled": attributes[INBOUND_CALLS] == "true",
        "OutboundCallsEnabled": attributes[OUTBOUND_CALLS] == "true",
        "InstanceAccessUrl": instance.access_url,
        "Tags": dict(instance.tags),
    }


def _describe(call: AccountCall) -> Result:
    return Result({"Instance": _instance_elements(named_instance(call))})


def _list(call: AccountCall) -> Result:
    return Result(LISTS.page(call, "InstanceSummaryList", instances_at(call), _instance_elements))


def _delete(call: AccountCall) -> Result:
    deleted = named_instance(call)
    left = {key: each for key, each in call.account.instances.items() if each is not deleted}
    released = {**call.account.released_aliases, deleted.alias.lower(): call.now}
    return Result(account=replace(call.account, instances=left, released_aliases=released))


def _associate_origin(call: AccountCall) -> Result:
    """Approves an origin: scheme, host and port, no path.

    Spec: Amazon Connect API "AssociateApprovedOrigin"
    Evidence: documented (the rules), assumed (the words)
    """
    origin, instance = call.parameters["Origin"], named_instance(call)
    if not _ORIGIN.fullmatch(origin) or not urlsplit(origin).hostname:
        raise invalid_parameter(
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
        origins_approved_at={**instance.origins_approved_at, origin: call.now},
    )
    return Result(account=with_instance(call.account, approved))


def _disassociate_origin(call: AccountCall) -> Result:
    origin, instance = call.parameters["Origin"], named_instance(call)
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
    return Result(account=with_instance(call.account, replace(instance, approved_origins=left)))


def _list_origins(call: AccountCall) -> Result:
    return Result(LISTS.page(call, "Origins", named_instance(call).approved_origins, lambda origin: origin))


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreateInstance": AccountOperation(_create, any_resource, precondition=_require_free_alias),
    "ListInstances": AccountOperation(_list, any_resource),
    "DescribeInstance": AccountOperation(_describe, instance_resource),
    "DeleteInstance": AccountOperation(_delete, instance_resource),
    "AssociateApprovedOrigin": AccountOperation(_associate_origin, instance_resource),
    "DisassociateApprovedOrigin": AccountOperation(_disassociate_origin, instance_resource),
    "ListApprovedOrigins": AccountOperation(_list_origins, instance_resource),
}
