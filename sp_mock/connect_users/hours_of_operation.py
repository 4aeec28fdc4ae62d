"""Hours of operation: when the queues of an instance take contacts.

Spec: Amazon Connect API Reference
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sp_mock.accounts.connect_resources import HoursOfOperation, OpeningHours
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.apis.service_model import ResponseElements
from sp_mock.connect.instance_lookup import instance_resource, named_instance
from sp_mock.connect.resource_kinds import HOURS_OF_OPERATION, in_use, last_modified
from sp_mock.connect_users.queues import hours_id_of


def _create(call: AccountCall) -> Result:
    """Creates hours of operation.

    Spec: Amazon Connect API "CreateHoursOfOperation"
    Evidence: documented, assumed (that any time zone's name is taken)
    """
    instance, given = named_instance(call), call.parameters
    HOURS_OF_OPERATION.require_free_name(instance, given["Name"])
    hours = HoursOfOperation(
        given["Name"],
        given_id=call.ids.uuid(),
        description=given.get("Description") or "",
        changed_at=call.now,
        tags=tuple(dict(given.get("Tags") or {}).items()),
        time_zone=given["TimeZone"],
        opening=_opening(given["Config"]),
    )
    elements = {
        "HoursOfOperationId": hours.given_id,
        "HoursOfOperationArn": HOURS_OF_OPERATION.arn_of(instance, hours),
    }
    return replace(HOURS_OF_OPERATION.added(call, instance, hours), elements=elements)


def _opening(given: Iterable[Mapping[str, Any]]) -> tuple[OpeningHours, ...]:
    return tuple(OpeningHours(each["Day"], _minutes(each["StartTime"]), _minutes(each["EndTime"])) for each in given)


def _minutes(time: Mapping[str, int]) -> int:
    return time["Hours"] * 60 + time["Minutes"]


def _time(minutes: int) -> dict[str, int]:
    return {"Hours": minutes // 60, "Minutes": minutes % 60}


def _opening_elements(each: OpeningHours) -> ResponseElements:
    return {"Day": each.day, "StartTime": _time(each.start_minutes), "EndTime": _time(each.end_minutes)}


def _describe(call: AccountCall) -> Result:
    instance = named_instance(call)
    hours = HOURS_OF_OPERATION.named_by(call, instance)
    elements = {
        "HoursOfOperationId": HOURS_OF_OPERATION.id_of(instance, hours),
        "HoursOfOperationArn": HOURS_OF_OPERATION.arn_of(instance, hours),
        "Name": hours.name,
        "Description": hours.description or None,
        "TimeZone": hours.time_zone,
        "Config": list(map(_opening_elements, hours.opening)),
        "Tags": dict(hours.tags),
        **last_modified(instance, hours.changed_at),
    }
    return Result({"HoursOfOperation": elements})


def _list(call: AccountCall) -> Result:
    return HOURS_OF_OPERATION.page(call, "HoursOfOperationSummaryList")


def _update(call: AccountCall) -> Result:
    instance, given = named_instance(call), call.parameters
    hours = HOURS_OF_OPERATION.named_by(call, instance)
    name = given.get("Name", hours.name)
    HOURS_OF_OPERATION.require_free_name(instance, name, by=hours)
    changed = replace(
        hours,
        name=name,
        given_id=HOURS_OF_OPERATION.id_of(instance, hours),
        description=given.get("Description", hours.description),
        time_zone=given.get("TimeZone", hours.time_zone),
        opening=_opening(given["Config"]) if "Config" in given else hours.opening,
        changed_at=call.now,
    )
    return HOURS_OF_OPERATION.changed(call, instance, hours, changed)


def _delete(call: AccountCall) -> Result:
    """Deletes hours of operation that no queue uses.

    Spec: Amazon Connect API "ResourceInUseException"
    Evidence: documented (the code), assumed (the words)
    """
    instance = named_instance(call)
    hours = HOURS_OF_OPERATION.named_by(call, instance)
    hours_id = HOURS_OF_OPERATION.id_of(instance, hours)
    queues = [queue.name for queue in instance.queues if hours_id_of(instance, queue) == hours_id]
    if queues:
        raise in_use(
            f"The hours of operation {hours.name} are in use",
            explanation=f"Queues have the hours: {', '.join(queues)}.",
            where="HoursOfOperationId",
            received=hours.name,
            fix="Give the queues other hours first.",
        )
    return HOURS_OF_OPERATION.deleted(call, instance, hours)


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreateHoursOfOperation": AccountOperation(_create, HOURS_OF_OPERATION.any_resource),
    "DescribeHoursOfOperation": AccountOperation(_describe, HOURS_OF_OPERATION.resource),
    "ListHoursOfOperations": AccountOperation(_list, instance_resource),
    "UpdateHoursOfOperation": AccountOperation(_update, HOURS_OF_OPERATION.resource),
    "DeleteHoursOfOperation": AccountOperation(_delete, HOURS_OF_OPERATION.resource),
}
