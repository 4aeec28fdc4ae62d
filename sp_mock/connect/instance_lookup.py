"""The instance that a call of Amazon Connect's service API names, as policies see it and as it exists.

Spec: Amazon Connect API Reference; Service Authorization Reference, Amazon Connect
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from sp_mock.accounts.model import Account, Instance
from sp_mock.apis.operations import AccountCall, SignedCall
from sp_mock.apis.tags import request_tag_keys
from sp_mock.connect.api_errors import refused
from sp_mock.principals.callers import Context

_INSTANCE_ARN = re.compile(r"arn:[a-z-]+:connect:[a-z0-9-]+:[0-9]{12}:instance/([^/]+)")


def id_in(text: str) -> str:
    """Returns the id in an id or an ARN, because callers may send either."""
    return text.rpartition("/")[2]


def connect_arn(call: SignedCall, resource: str) -> str:
    """Returns the ARN of one of the caller's resources in the endpoint's region: ``instance/ID``."""
    caller = call.caller
    return f"arn:{caller.partition}:connect:{call.endpoint.region}:{caller.account_id}:{resource}"


def instance_resource(call: SignedCall) -> str:
    """Returns the ARN of the instance that a call names, whether or not it exists."""
    return connect_arn(call, f"instance/{id_in(str(call.parameters.get('InstanceId', '')))}")


def named_instance(call: AccountCall) -> Instance:
    """Returns the instance that a call names.

    Raises:
        AwsRefusal: ResourceNotFoundException (404), it is not in this account and region.

    Spec: Amazon Connect API Reference
    Evidence: documented (the code), assumed (the words)
    """
    account, region = call.account, call.endpoint.region
    given = id_in(str(call.parameters.get("InstanceId", "")))
    instance = account.instances.get(given)
    if instance is None or instance.arn.region != region:
        raise refused(
            "ResourceNotFoundException",
            f"Instance with ID {given} not found",
            explanation=f"The account {account.account_id} has no such instance in {region}."
            if instance is None
            else f"The instance is in {instance.arn.region}, the endpoint is {region}'s.",
            where="InstanceId",
            expected=" or ".join(each.instance_id for each in instances_at(call)),
            received=given,
            fix="Use the instance's region and id.",
        )
    return instance


def instances_at(call: AccountCall) -> list[Instance]:
    """Returns the account's instances in the endpoint's region."""
    return [each for each in call.account.instances.values() if each.arn.region == call.endpoint.region]


def with_instance(account: Account, instance: Instance) -> Account:
    """Returns an account with a new or changed instance in it."""
    return replace(account, instances={**account.instances, instance.instance_id: instance})


def condition_keys(call: SignedCall, _resource: str = "") -> Context:
    """Returns the condition keys that Amazon Connect adds to a call.

    Spec: Service Authorization Reference, Amazon Connect; AWS IAM UG "reference_policies_condition-keys"
    Evidence: documented
    """
    given = call.parameters
    tags: Mapping[str, str] = given.get("Tags") or given.get("tags") or {}
    context = request_tag_keys(tuple(tags.items()), removed=given.get("tagKeys") or ())
    named = _INSTANCE_ARN.match(str(given.get("resourceArn") or ""))
    instance_id = named[1] if named else id_in(str(given.get("InstanceId") or ""))
    if instance_id:
        context["connect:instanceid"] = (instance_id,)
    if call.endpoint.region:
        context["aws:requestedregion"] = (call.endpoint.region,)
    return context
