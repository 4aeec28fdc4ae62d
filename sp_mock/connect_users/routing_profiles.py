"""Routing profiles: which channels and queues reach the users of an instance, and their outbound queue.

Spec: Amazon Connect API Reference
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sp_mock.accounts.connect_resources import BASIC_QUEUE, Concurrency, QueueRouting, RoutingProfile
from sp_mock.accounts.model import Instance
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.apis.service_model import ResponseElements
from sp_mock.connect.api_errors import invalid_parameter
from sp_mock.connect.identifiers import stable_id
from sp_mock.connect.instance_lookup import id_in, instance_resource, named_instance
from sp_mock.connect.lists import LISTS
from sp_mock.connect.resource_kinds import QUEUES, ROUTING_PROFILES, in_use, last_modified

_MOST_CONTACTS = {"VOICE": 1}


def _create(call: AccountCall) -> Result:
    """Creates a profile.

    Spec: Amazon Connect API "CreateRoutingProfile"
    Evidence: documented
    """
    instance, given = named_instance(call), call.parameters
    name = str(given["Name"])
    ROUTING_PROFILES.require_free_name(instance, name)
    profile = RoutingProfile(
        name,
        given_id=call.ids.uuid(),
        description=given["Description"],
        changed_at=call.now,
        tags=tuple(dict(given.get("Tags") or {}).items()),
        outbound_queue_id=_outbound_queue_id(instance, given),
        concurrencies=_concurrencies(given["MediaConcurrencies"]),
        queues=_with_queues(instance, (), given.get("QueueConfigs") or ()),
    )
    if given.get("AgentAvailabilityTimer"):
        profile = replace(profile, availability_timer=given["AgentAvailabilityTimer"])
    elements = {
        "RoutingProfileId": profile.given_id,
        "RoutingProfileArn": ROUTING_PROFILES.arn_of(instance, profile),
    }
    return replace(ROUTING_PROFILES.added(call, instance, profile), elements=elements)


def _outbound_queue_id(instance: Instance, given: Mapping[str, Any]) -> str:
    queue = QUEUES.find(instance, given["DefaultOutboundQueueId"], where="DefaultOutboundQueueId")
    return QUEUES.id_of(instance, queue)


def _concurrencies(given: Iterable[Mapping[str, Any]]) -> tuple[Concurrency, ...]:
    """Reads how many contacts of each channel an agent may have.

    Spec: Amazon Connect API "MediaConcurrency"
    Evidence: documented (one call at a time), assumed (the words, and what the others do meanwhile by default)
    """
    found = []
    for each in given:
        channel, contacts = each["Channel"], each.get("Concurrency", 0)
        most = _MOST_CONTACTS.get(channel, 10)
        if contacts > most:
            raise invalid_parameter(
                "MediaConcurrencies",
                f"Concurrency of {channel} must be at most {most}",
                expected=str(most),
                received=str(contacts),
                fix="An agent has one call at a time.",
            )
        behaviour = (each.get("CrossChannelBehavior") or {}).get("BehaviorType")
        found.append(Concurrency(channel, contacts, behaviour) if behaviour else Concurrency(channel, contacts))
    return tuple(found)


def _with_queues(
    instance: Instance, queues: Sequence[QueueRouting], given: Iterable[Mapping[str, Any]]
) -> tuple[QueueRouting, ...]:
    """Returns queues with others added; a repeated pair of queue and channel replaces the earlier one."""
    routed = {(each.queue_id, each.channel): each for each in queues}
    for each in given:
        reference = each["QueueReference"]
        queue = QUEUES.find(instance, reference["QueueId"], where="QueueConfigs")
        key = (QUEUES.id_of(instance, queue), reference["Channel"])
        routed[key] = QueueRouting(*key, each["Priority"], each["Delay"])
    return tuple(routed.values())


def outbound_queue_id(instance: Instance, profile: RoutingProfile) -> str:
    """Returns the id of the outbound queue of a profile."""
    return profile.outbound_queue_id or stable_id(instance, QUEUES.arn_type, BASIC_QUEUE)


def _describe(call: AccountCall) -> Result:
    instance = named_instance(call)
    profile = ROUTING_PROFILES.named_by(call, instance)
    elements = {
        "InstanceId": instance.instance_id,
        "RoutingProfileId": ROUTING_PROFILES.id_of(instance, profile),
        "RoutingProfileArn": ROUTING_PROFILES.arn_of(instance, profile),
        "Name": profile.name,
        "Description": profile.description or None,
        "MediaConcurrencies": list(map(_concurrency_elements, profile.concurrencies)),
        "DefaultOutboundQueueId": outbound_queue_id(instance, profile),
        "Tags": dict(profile.tags),
        "NumberOfAssociatedQueues": len({each.queue_id for each in profile.queues}),
        "NumberOfAssociatedUsers": sum(user.routing_profile == profile.name for user in instance.users.values()),
        "AgentAvailabilityTimer": profile.availability_timer,
        "IsDefault": profile is instance.routing_profiles[0],
        "AssociatedQueueIds": list(dict.fromkeys(each.queue_id for each in profile.queues)),
        **last_modified(instance, profile.changed_at),
    }
    return Result({"RoutingProfile": elements})


def _concurrency_elements(each: Concurrency) -> ResponseElements:
    return {
        "Channel": each.channel,
        "Concurrency": each.contacts,
        "CrossChannelBehavior": {"BehaviorType": each.cross_channel},
    }


def _list(call: AccountCall) -> Result:
    return ROUTING_PROFILES.page(call, "RoutingProfileSummaryList")


def _list_queues(call: AccountCall) -> Result:
    instance = named_instance(call)
    profile = ROUTING_PROFILES.named_by(call, instance)
    names = {QUEUES.id_of(instance, queue): queue.name for queue in instance.queues}

    def elements(each: QueueRouting) -> ResponseElements:
        return {
            "QueueId": each.queue_id,
            "QueueArn": QUEUES.arn_of_id(instance, each.queue_id),
            "QueueName": names[each.queue_id],
            "Priority": each.priority,
            "Delay": each.delay_seconds,
            "Channel": each.channel,
        }

    page = LISTS.page(call, "RoutingProfileQueueConfigSummaryList", profile.queues, elements)
    return Result({**page, **last_modified(instance, profile.changed_at)})


def _change(call: AccountCall, instance: Instance, profile: RoutingProfile, **changes: Any) -> Result:
    changed = replace(profile, changed_at=call.now, **changes)
    return ROUTING_PROFILES.changed(call, instance, profile, changed)


def _update_name(call: AccountCall) -> Result:
    """Changes name and description; users keep the profile.

    Spec: Amazon Connect API "UpdateRoutingProfileName"
    Evidence: documented
    """
    instance, given = named_instance(call), call.parameters
    profile = ROUTING_PROFILES.named_by(call, instance)
    name = given.get("Name", profile.name)
    ROUTING_PROFILES.require_free_name(instance, name, by=profile)
    users = {
        login: replace(user, routing_profile=name) if user.routing_profile == profile.name else user
        for login, user in instance.users.items()
    }
    return _change(
        call,
        replace(instance, users=users),
        profile,
        name=name,
        given_id=ROUTING_PROFILES.id_of(instance, profile),
        description=given.get("Description", profile.description),
    )


def _update_concurrency(call: AccountCall) -> Result:
    instance = named_instance(call)
    profile = ROUTING_PROFILES.named_by(call, instance)
    return _change(call, instance, profile, concurrencies=_concurrencies(call.parameters["MediaConcurrencies"]))


def _update_outbound_queue(call: AccountCall) -> Result:
    instance = named_instance(call)
    profile = ROUTING_PROFILES.named_by(call, instance)
    return _change(call, instance, profile, outbound_queue_id=_outbound_queue_id(instance, call.parameters))


def _associate_queues(call: AccountCall) -> Result:
    instance = named_instance(call)
    profile = ROUTING_PROFILES.named_by(call, instance)
    queues = _with_queues(instance, profile.queues, call.parameters.get("QueueConfigs") or ())
    return _change(call, instance, profile, queues=queues)


def _disassociate_queues(call: AccountCall) -> Result:
    instance = named_instance(call)
    profile = ROUTING_PROFILES.named_by(call, instance)
    given = call.parameters.get("QueueReferences") or ()
    gone = {(id_in(each["QueueId"]), each["Channel"]) for each in given}
    left = tuple(each for each in profile.queues if (each.queue_id, each.channel) not in gone)
    return _change(call, instance, profile, queues=left)


def _delete(call: AccountCall) -> Result:
    """Deletes a profile that no user has.

    Spec: Amazon Connect API "DeleteRoutingProfile"
    Evidence: documented (ResourceInUseException), assumed (its words, and that users are what uses a profile)
    """
    instance = named_instance(call)
    profile = ROUTING_PROFILES.named_by(call, instance)
    users = [user.login for user in instance.users.values() if user.routing_profile == profile.name]
    if users:
        raise in_use(
            f"The routing profile {profile.name} is in use",
            explanation=f"Users have the profile: {', '.join(users)}.",
            where="RoutingProfileId",
            received=profile.name,
            fix="Give its users another profile first.",
        )
    return ROUTING_PROFILES.deleted(call, instance, profile)


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreateRoutingProfile": AccountOperation(_create, ROUTING_PROFILES.any_resource),
    "DescribeRoutingProfile": AccountOperation(_describe, ROUTING_PROFILES.resource),
    "ListRoutingProfiles": AccountOperation(_list, instance_resource),
    "ListRoutingProfileQueues": AccountOperation(_list_queues, ROUTING_PROFILES.resource),
    "UpdateRoutingProfileName": AccountOperation(_update_name, ROUTING_PROFILES.resource),
    "UpdateRoutingProfileConcurrency": AccountOperation(_update_concurrency, ROUTING_PROFILES.resource),
    "UpdateRoutingProfileDefaultOutboundQueue": AccountOperation(_update_outbound_queue, ROUTING_PROFILES.resource),
    "UpdateRoutingProfileQueues": AccountOperation(_associate_queues, ROUTING_PROFILES.resource),
    "AssociateRoutingProfileQueues": AccountOperation(_associate_queues, ROUTING_PROFILES.resource),
    "DisassociateRoutingProfileQueues": AccountOperation(_disassociate_queues, ROUTING_PROFILES.resource),
    "DeleteRoutingProfile": AccountOperation(_delete, ROUTING_PROFILES.resource),
}
