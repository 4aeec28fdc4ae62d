"""Queues: a routing profile names one for outbound calls. Contacts are not emulated; quick connects are not offered.

Spec: Amazon Connect API Reference
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sp_mock.accounts.connect_resources import BASIC_HOURS, ConnectUser, OutboundCaller, Queue
from sp_mock.accounts.model import Instance
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.apis.service_model import ResponseElements
from sp_mock.connect.api_errors import refused
from sp_mock.connect.identifiers import stable_id
from sp_mock.connect.instance_lookup import instance_resource, named_instance
from sp_mock.connect.lists import LISTS
from sp_mock.connect.resource_kinds import HOURS_OF_OPERATION, QUEUES, in_use, last_modified
from sp_mock.connect_users.routing_profiles import outbound_queue_id


def _create(call: AccountCall) -> Result:
    """Creates a standard queue, enabled.

    Spec: Amazon Connect API "CreateQueue"
    Evidence: documented
    """
    instance, given = named_instance(call), call.parameters
    QUEUES.require_free_name(instance, given["Name"])
    _require_no_quick_connects(given)
    queue = Queue(
        given["Name"],
        given_id=call.ids.uuid(),
        description=given.get("Description") or "",
        changed_at=call.now,
        tags=tuple(dict(given.get("Tags") or {}).items()),
        hours_id=_hours_id(instance, given),
        max_contacts=given.get("MaxContacts"),
        outbound_caller=_outbound_caller(given.get("OutboundCallerConfig") or {}),
    )
    elements = {"QueueId": queue.given_id, "QueueArn": QUEUES.arn_of(instance, queue)}
    return replace(QUEUES.added(call, instance, queue), elements=elements)


def _require_no_quick_connects(given: Mapping[str, Any]) -> None:
    ids = given.get("QuickConnectIds")
    if ids:
        raise refused(
            "ResourceNotFoundException",
            f"Quick connect with ID {ids[0]} not found",
            explanation="The emulator has no quick connects: they move calls, which it does not have.",
            where="QuickConnectIds",
            received=", ".join(ids),
            fix="Leave QuickConnectIds out.",
        )


def _hours_id(instance: Instance, given: Mapping[str, Any]) -> str:
    hours = HOURS_OF_OPERATION.find(instance, given["HoursOfOperationId"])
    return HOURS_OF_OPERATION.id_of(instance, hours)


def _outbound_caller(given: Mapping[str, Any]) -> OutboundCaller:
    return OutboundCaller(
        given.get("OutboundCallerIdName") or "",
        given.get("OutboundCallerIdNumberId") or "",
        given.get("OutboundFlowId") or "",
    )


def hours_id_of(instance: Instance, queue: Queue) -> str:
    """Returns the id of a queue's hours of operation."""
    return queue.hours_id or stable_id(instance, HOURS_OF_OPERATION.arn_type, BASIC_HOURS)


def _describe(call: AccountCall) -> Result:
    instance = named_instance(call)
    queue = QUEUES.named_by(call, instance)
    caller = queue.outbound_caller
    elements = {
        "Name": queue.name,
        "QueueArn": QUEUES.arn_of(instance, queue),
        "QueueId": QUEUES.id_of(instance, queue),
        "Description": queue.description or None,
        "OutboundCallerConfig": {
            "OutboundCallerIdName": caller.name or None,
            "OutboundCallerIdNumberId": caller.number_id or None,
            "OutboundFlowId": caller.flow_id or None,
        },
        "HoursOfOperationId": hours_id_of(instance, queue),
        "MaxContacts": queue.max_contacts,
        "Status": "ENABLED" if queue.enabled else "DISABLED",
        "Tags": dict(queue.tags),
        **last_modified(instance, queue.changed_at),
    }
    return Result({"Queue": elements})


def _list(call: AccountCall) -> Result:
    """Returns the standard queues, and each agent's own queue, which has no name.

    Spec: Amazon Connect API "ListQueues"
    Evidence: documented (both kinds unless one is asked for), assumed (the ids of agents' queues)
    """
    instance = named_instance(call)
    types = call.parameters.get("QueueTypes") or ("STANDARD", "AGENT")
    listed: list[Queue | ConnectUser] = []
    if "STANDARD" in types:
        listed.extend(instance.queues)
    if "AGENT" in types:
        listed.extend(instance.users.values())

    def summary(each: Queue | ConnectUser) -> ResponseElements:
        if isinstance(each, Queue):
            return {**QUEUES.summary(instance, each), "QueueType": "STANDARD"}
        return {
            "Id": each.user_id,
            "Arn": QUEUES.arn_of_id(instance, f"agent/{each.user_id}"),
            "QueueType": "AGENT",
            **last_modified(instance, each.changed_at),
        }

    return Result(LISTS.page(call, "QueueSummaryList", listed, summary))


def _list_quick_connects(call: AccountCall) -> Result:
    instance = named_instance(call)
    queue = QUEUES.named_by(call, instance)
    return Result({"QuickConnectSummaryList": [], **last_modified(instance, queue.changed_at)})


def _change(call: AccountCall, instance: Instance, queue: Queue, **changes: Any) -> Result:
    return QUEUES.changed(call, instance, queue, replace(queue, changed_at=call.now, **changes))


def _update_name(call: AccountCall) -> Result:
    instance, given = named_instance(call), call.parameters
    queue = QUEUES.named_by(call, instance)
    name = given.get("Name", queue.name)
    QUEUES.require_free_name(instance, name, by=queue)
    description = given.get("Description", queue.description)
    # References use the queue's id, which is derived from the name it had.
    return _change(call, instance, queue, name=name, given_id=QUEUES.id_of(instance, queue), description=description)


def _update_hours(call: AccountCall) -> Result:
    instance = named_instance(call)
    queue = QUEUES.named_by(call, instance)
    return _change(call, instance, queue, hours_id=_hours_id(instance, call.parameters))


def _update_max_contacts(call: AccountCall) -> Result:
    instance = named_instance(call)
    queue = QUEUES.named_by(call, instance)
    return _change(call, instance, queue, max_contacts=call.parameters.get("MaxContacts"))


def _update_outbound_caller(call: AccountCall) -> Result:
    instance = named_instance(call)
    queue = QUEUES.named_by(call, instance)
    caller = _outbound_caller(call.parameters["OutboundCallerConfig"])
    return _change(call, instance, queue, outbound_caller=caller)


def _update_status(call: AccountCall) -> Result:
    instance = named_instance(call)
    queue = QUEUES.named_by(call, instance)
    return _change(call, instance, queue, enabled=call.parameters["Status"] == "ENABLED")


def _delete(call: AccountCall) -> Result:
    """Deletes a queue that no routing profile uses.

    Spec: Amazon Connect API "DeleteQueue"
    Evidence: documented (ResourceInUseException), assumed (its words, and that routing profiles are what uses a queue)
    """
    instance = named_instance(call)
    queue = QUEUES.named_by(call, instance)
    queue_id = QUEUES.id_of(instance, queue)
    profiles = [
        profile.name
        for profile in instance.routing_profiles
        if queue_id in {outbound_queue_id(instance, profile), *(each.queue_id for each in profile.queues)}
    ]
    if profiles:
        raise in_use(
            f"The queue {queue.name} is in use",
            explanation=f"Routing profiles have the queue: {', '.join(profiles)}.",
            where="QueueId",
            received=queue.name,
            fix="Take it out of the routing profiles first.",
        )
    return QUEUES.deleted(call, instance, queue)


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreateQueue": AccountOperation(_create, QUEUES.any_resource),
    "DescribeQueue": AccountOperation(_describe, QUEUES.resource),
    "ListQueues": AccountOperation(_list, instance_resource),
    "ListQueueQuickConnects": AccountOperation(_list_quick_connects, QUEUES.resource),
    "UpdateQueueName": AccountOperation(_update_name, QUEUES.resource),
    "UpdateQueueHoursOfOperation": AccountOperation(_update_hours, QUEUES.resource),
    "UpdateQueueMaxContacts": AccountOperation(_update_max_contacts, QUEUES.resource),
    "UpdateQueueOutboundCallerConfig": AccountOperation(_update_outbound_caller, QUEUES.resource),
    "UpdateQueueStatus": AccountOperation(_update_status, QUEUES.resource),
    "DeleteQueue": AccountOperation(_delete, QUEUES.resource),
}
