"""An instance's attributes: switches such as ``CONTACT_LENS``, which are stored; what they switch is not emulated.

Spec: Amazon Connect API Reference
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sp_mock.accounts.model import Instance
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.apis.service_model import ResponseElements
from sp_mock.connect.api_errors import invalid_parameter
from sp_mock.connect.instance_lookup import instance_resource, named_instance, with_instance
from sp_mock.connect.lists import LISTS

INBOUND_CALLS, OUTBOUND_CALLS = "INBOUND_CALLS", "OUTBOUND_CALLS"
# The values of a new instance. Terraform's provider verified its defaults by ListInstanceAttributes; the values from
# AUTO_MUTE_AGENT_ON_HOLD on are assumed.
_DEFAULTS = {
    INBOUND_CALLS: "true",
    OUTBOUND_CALLS: "true",
    "CONTACTFLOW_LOGS": "false",
    "CONTACT_LENS": "true",
    "AUTO_RESOLVE_BEST_VOICES": "true",
    "USE_CUSTOM_TTS_VOICES": "false",
    "EARLY_MEDIA": "true",
    "MULTI_PARTY_CONFERENCE": "false",
    "AUTO_MUTE_AGENT_ON_HOLD": "false",
    "HIGH_VOLUME_OUTBOUND": "false",
    "ENHANCED_CONTACT_MONITORING": "false",
    "ENHANCED_CHAT_MONITORING": "false",
    "MULTI_PARTY_CHAT_CONFERENCE": "false",
    "MESSAGE_STREAMING": "false",
}


def attributes_of(instance: Instance) -> Mapping[str, str]:
    """Returns every attribute of an instance.

    Evidence: observed (values of a new instance), assumed (those of attributes that Terraform does not know)
    """
    return {**_DEFAULTS, **instance.attributes}


def _describe(call: AccountCall) -> Result:
    instance, name = named_instance(call), call.parameters["AttributeType"]
    return Result({"Attribute": {"AttributeType": name, "Value": attributes_of(instance)[name]}})


def _list(call: AccountCall) -> Result:
    def elements(attribute: tuple[str, str]) -> ResponseElements:
        return {"AttributeType": attribute[0], "Value": attribute[1]}

    return Result(LISTS.page(call, "Attributes", list(attributes_of(named_instance(call)).items()), elements))


def _update(call: AccountCall) -> Result:
    """Sets an attribute.

    Spec: Amazon Connect API "UpdateInstanceAttribute"
    Evidence: documented, assumed (that values are true and false only, and the words)
    """
    instance, name, value = named_instance(call), call.parameters["AttributeType"], call.parameters["Value"]
    if value.lower() not in {"true", "false"}:
        raise invalid_parameter(
            "Value",
            "Value must be true or false",
            expected="true or false",
            received=value,
            fix="Attributes are switches.",
        )
    changed = replace(instance, attributes={**instance.attributes, name: value.lower()})
    return Result(account=with_instance(call.account, changed))


OPERATIONS: Mapping[str, AccountOperation] = {
    "DescribeInstanceAttribute": AccountOperation(_describe, instance_resource),
    "ListInstanceAttributes": AccountOperation(_list, instance_resource),
    "UpdateInstanceAttribute": AccountOperation(_update, instance_resource),
}
