"""The kinds of named resources that an instance holds: how each is found, kept, named in ARNs and summarized in lists.

Spec: Amazon Connect API Reference; Service Authorization Reference, Amazon Connect (the ARNs)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from emulator.kernel.errors import AwsRefusal
from sp_mock.accounts.connect_resources import HierarchyGroup, HoursOfOperation, Queue, RoutingProfile, SecurityProfile
from sp_mock.accounts.managed_policies import Tags
from sp_mock.accounts.model import Instance
from sp_mock.apis.operations import AccountCall, Result
from sp_mock.apis.service_model import ResponseElements
from sp_mock.connect.api_errors import refused
from sp_mock.connect.identifiers import stable_id
from sp_mock.connect.instance_lookup import id_in, instance_resource, named_instance, with_instance
from sp_mock.connect.lists import LISTS


class NamedResource(Protocol):
    """What all of these resources have."""

    @property
    def name(self) -> str:
        """The name, which no other of its kind has."""
        ...

    @property
    def given_id(self) -> str:
        """The id that a call gave it; empty when the id follows from the name."""
        ...

    @property
    def changed_at(self) -> datetime:
        """When it was last changed."""
        ...

    @property
    def tags(self) -> Tags:
        """Its tags."""
        ...


Kept = TypeVar("Kept", bound=NamedResource)


@dataclass(frozen=True, slots=True)
class ResourceKind(Generic[Kept]):
    """A kind of named resource.

    Args:
        words: As sentences name it: ``security profile``.
        arn_type: As ARNs name it: ``security-profile``.
        parameter: The parameter that names one: ``SecurityProfileId``.
        kept_in: The field of an instance that holds them.
    """

    words: str
    arn_type: str
    parameter: str
    kept_in: str

    def all_of(self, instance: Instance) -> tuple[Kept, ...]:
        """Returns those of an instance."""
        found: tuple[Kept, ...] = getattr(instance, self.kept_in)
        return found

    def id_of(self, instance: Instance, resource: Kept) -> str:
        """Returns the id of one."""
        return resource.given_id or stable_id(instance, self.arn_type, resource.name)

    def id_of_name(self, instance: Instance, name: str) -> str:
        """Returns the id of the one with this name."""
        found = next((each for each in self.all_of(instance) if each.name == name), None)
        return stable_id(instance, self.arn_type, name) if found is None else self.id_of(instance, found)

    def arn_of(self, instance: Instance, resource: Kept) -> str:
        """Returns the ARN of one."""
        return self.arn_of_id(instance, self.id_of(instance, resource))

    def arn_of_id(self, instance: Instance, resource_id: str) -> str:
        """Returns the ARN of the one with this id."""
        return f"{instance.arn}/{self.arn_type}/{resource_id}"

    def find(self, instance: Instance, given: str, *, where: str = "") -> Kept:
        """Returns the one that a call names by id or ARN.

        Args:
            instance: Has it.
            given: Its id or its ARN.
            where: The parameter, where it has another name than usual.

        Raises:
            AwsRefusal: ResourceNotFoundException (404), there is none.
        """
        known = {self.id_of(instance, each): each for each in self.all_of(instance)}
        found = known.get(id_in(given))
        if found is None:
            raise refused(
                "ResourceNotFoundException",
                f"{self.words.capitalize()} with ID {given} not found",
                explanation=f"The instance has no {self.words} with this id.",
                where=where or self.parameter,
                expected=" or ".join(f"{key} ({each.name})" for key, each in known.items()),
                received=given,
                fix="List what there is of this kind; a name is not an id.",
            )
        return found

    def named_by(self, call: AccountCall, instance: Instance) -> Kept:
        """Returns the one that a call's parameter names."""
        return self.find(instance, str(call.parameters[self.parameter]))

    def require_free_name(self, instance: Instance, name: str, *, by: Kept | None = None) -> None:
        """Requires that no other of the kind has a name.

        Args:
            instance: Has them.
            name: The name that is wanted.
            by: The one that wants it, when it exists already.

        Raises:
            AwsRefusal: DuplicateResourceException (409), another has it.

        Spec: Amazon Connect API "DuplicateResourceException"
        Evidence: documented (the code), assumed (the words, and that case counts)
        """
        if any(each.name == name and each is not by for each in self.all_of(instance)):
            raise refused(
                "DuplicateResourceException",
                f"{self.words.capitalize()} with the name {name} already exists",
                explanation=f"The instance {instance.alias} has one with this name.",
                where="Name",
                received=name,
                fix="Choose another name, or use the one that there is.",
            )

    def added(self, call: AccountCall, instance: Instance, resource: Kept) -> Result:
        """Returns what creating one comes to, without the answer's elements."""
        return self._changed(call, instance, (*self.all_of(instance), resource))

    def changed(self, call: AccountCall, instance: Instance, before: Kept, after: Kept) -> Result:
        """Returns what putting a changed one in the place of the one before comes to."""
        return self._changed(call, instance, tuple(after if x is before else x for x in self.all_of(instance)))

    def deleted(self, call: AccountCall, instance: Instance, resource: Kept) -> Result:
        """Returns what deleting one comes to."""
        return self._changed(call, instance, tuple(each for each in self.all_of(instance) if each is not resource))

    def with_resources(self, instance: Instance, resources: tuple[Kept, ...]) -> Instance:
        """Returns an instance with these in the place of its own."""
        kept: Mapping[str, tuple[Kept, ...]] = {self.kept_in: resources}
        return replace(instance, **kept)  # type: ignore[arg-type] # the field that the kind names holds this kind

    def _changed(self, call: AccountCall, instance: Instance, resources: tuple[Kept, ...]) -> Result:
        return Result(account=with_instance(call.account, self.with_resources(instance, resources)))

    def summary(self, instance: Instance, resource: Kept) -> ResponseElements:
        """Returns one as lists show it."""
        return {
            "Id": self.id_of(instance, resource),
            "Arn": self.arn_of(instance, resource),
            "Name": resource.name,
            **last_modified(instance, resource.changed_at),
        }

    def page(self, call: AccountCall, element: str) -> Result:
        """Returns the page of all of them that a call asks for."""
        instance = named_instance(call)
        return Result(
            LISTS.page(call, element, self.all_of(instance), lambda resource: self.summary(instance, resource))
        )

    def any_resource(self, call: AccountCall) -> str:
        """Returns the ARN of whichever will be made."""
        return f"{instance_resource(call)}/{self.arn_type}/*"

    def resource(self, call: AccountCall) -> str:
        """Returns the ARN of the one that a call names, whether it exists or not."""
        return f"{instance_resource(call)}/{self.arn_type}/{id_in(str(call.parameters[self.parameter]))}"


def last_modified(instance: Instance, changed_at: datetime) -> ResponseElements:
    """Returns when and where something was changed last; at the latest with the instance."""
    return {"LastModifiedTime": max(changed_at, instance.created_at), "LastModifiedRegion": instance.arn.region}


def in_use(words: str, *, explanation: str, where: str, received: str, fix: str) -> AwsRefusal:
    """Returns the refusal to delete what something else refers to: ResourceInUseException (409).

    Spec: Amazon Connect API "ResourceInUseException"
    Evidence: documented (the code), assumed (the words)
    """
    return refused("ResourceInUseException", words, explanation=explanation, where=where, received=received, fix=fix)


SECURITY_PROFILES: ResourceKind[SecurityProfile] = ResourceKind(
    "security profile", "security-profile", "SecurityProfileId", "security_profiles"
)
ROUTING_PROFILES: ResourceKind[RoutingProfile] = ResourceKind(
    "routing profile", "routing-profile", "RoutingProfileId", "routing_profiles"
)
QUEUES: ResourceKind[Queue] = ResourceKind("queue", "queue", "QueueId", "queues")
HOURS_OF_OPERATION: ResourceKind[HoursOfOperation] = ResourceKind(
    "hours of operation", "operating-hours", "HoursOfOperationId", "hours_of_operation"
)
HIERARCHY_GROUPS: ResourceKind[HierarchyGroup] = ResourceKind(
    "hierarchy group", "agent-group", "HierarchyGroupId", "hierarchy_groups"
)
