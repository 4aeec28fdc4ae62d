"""The kinds of named resources in an instance: how each is found, stored, named in ARNs and summarized in lists.

Spec: Amazon Connect API Reference; Service Authorization Reference, Amazon Connect (the ARNs)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from emulator.kernel.errors import AwsRefusal
from emulator.kernel.records import dataclass
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
    """The attributes that all of these resources share."""

    @property
    def name(self) -> str:
        """The name, unique among resources of this kind."""
        ...

    @property
    def given_id(self) -> str:
        """The id given by the call that created it; empty when the id is derived from the name."""
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
        words: Name in sentences: ``security profile``.
        arn_type: Name in ARNs: ``security-profile``.
        parameter: The parameter that names one: ``SecurityProfileId``.
        kept_in: Field of ``Instance`` that holds them.
    """

    words: str
    arn_type: str
    parameter: str
    kept_in: str

    def all_of(self, instance: Instance) -> tuple[Kept, ...]:
        """Returns an instance's resources of this kind."""
        found: tuple[Kept, ...] = getattr(instance, self.kept_in)
        return found

    def id_of(self, instance: Instance, resource: Kept) -> str:
        """Returns the id of a resource."""
        return resource.given_id or stable_id(instance, self.arn_type, resource.name)

    def id_of_name(self, instance: Instance, name: str) -> str:
        """Returns the id of the resource with this name."""
        found = next((each for each in self.all_of(instance) if each.name == name), None)
        return stable_id(instance, self.arn_type, name) if found is None else self.id_of(instance, found)

    def arn_of(self, instance: Instance, resource: Kept) -> str:
        """Returns the ARN of a resource."""
        return self.arn_of_id(instance, self.id_of(instance, resource))

    def arn_of_id(self, instance: Instance, resource_id: str) -> str:
        """Returns the ARN of the resource with this id."""
        return f"{instance.arn}/{self.arn_type}/{resource_id}"

    def find(self, instance: Instance, given: str, *, where: str = "") -> Kept:
        """Returns the resource that a call names by id or ARN.

        Args:
            instance: The instance that holds it.
            given: Id or ARN of the resource.
            where: Name of the parameter, where it is not the usual one.

        Raises:
            AwsRefusal: ResourceNotFoundException (404), the resource does not exist.
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
        """Returns the resource that a call's parameter names."""
        return self.find(instance, str(call.parameters[self.parameter]))

    def require_free_name(self, instance: Instance, name: str, *, by: Kept | None = None) -> None:
        """Requires that no other resource of this kind has a name.

        Args:
            instance: The instance that holds them.
            name: The name that is wanted.
            by: The resource that wants the name, when it exists already.

        Raises:
            AwsRefusal: DuplicateResourceException (409), another resource has the name.

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
        """Returns the result of creating a resource, without the answer's elements."""
        return self._changed(call, instance, (*self.all_of(instance), resource))

    def changed(self, call: AccountCall, instance: Instance, before: Kept, after: Kept) -> Result:
        """Returns the result of replacing a resource by a changed one."""
        return self._changed(call, instance, tuple(after if x is before else x for x in self.all_of(instance)))

    def deleted(self, call: AccountCall, instance: Instance, resource: Kept) -> Result:
        """Returns the result of deleting a resource."""
        return self._changed(call, instance, tuple(each for each in self.all_of(instance) if each is not resource))

    def with_resources(self, instance: Instance, resources: tuple[Kept, ...]) -> Instance:
        """Returns an instance with these resources instead of its own."""
        kept: Mapping[str, tuple[Kept, ...]] = {self.kept_in: resources}
        return replace(instance, **kept)  # type: ignore[arg-type] # the field that the kind names holds this kind

    def _changed(self, call: AccountCall, instance: Instance, resources: tuple[Kept, ...]) -> Result:
        return Result(account=with_instance(call.account, self.with_resources(instance, resources)))

    def summary(self, instance: Instance, resource: Kept) -> ResponseElements:
        """Returns the summary of a resource in lists."""
        return {
            "Id": self.id_of(instance, resource),
            "Arn": self.arn_of(instance, resource),
            "Name": resource.name,
            **last_modified(instance, resource.changed_at),
        }

    def page(self, call: AccountCall, element: str) -> Result:
        """Returns the page of the list that a call asks for."""
        instance = named_instance(call)
        return Result(
            LISTS.page(call, element, self.all_of(instance), lambda resource: self.summary(instance, resource))
        )

    def any_resource(self, call: AccountCall) -> str:
        """Returns the ARN pattern of a resource that is about to be created."""
        return f"{instance_resource(call)}/{self.arn_type}/*"

    def resource(self, call: AccountCall) -> str:
        """Returns the ARN of the resource that a call names, whether or not it exists."""
        return f"{instance_resource(call)}/{self.arn_type}/{id_in(str(call.parameters[self.parameter]))}"


def last_modified(instance: Instance, changed_at: datetime) -> ResponseElements:
    """Returns when and where something was last changed; if that is not known, when the instance was."""
    return {"LastModifiedTime": max(changed_at, instance.created_at), "LastModifiedRegion": instance.arn.region}


def in_use(words: str, *, explanation: str, where: str, received: str, fix: str) -> AwsRefusal:
    """Returns the refusal to delete a resource that another one refers to: ResourceInUseException (409).

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
