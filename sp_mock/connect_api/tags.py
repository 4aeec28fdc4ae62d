"""Tags on an instance and on what it holds.

Spec: Amazon Connect API "TagResource", "UntagResource", "ListTagsForResource"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.kernel.records import dataclass
from sp_mock.accounts.connect_resources import ConnectUser
from sp_mock.accounts.managed_policies import Tags
from sp_mock.accounts.model import Instance
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.connect.api_errors import invalid_parameter, refused
from sp_mock.connect.identifiers import user_arn
from sp_mock.connect.instance_lookup import instances_at, with_instance
from sp_mock.connect.resource_kinds import (
    HIERARCHY_GROUPS,
    HOURS_OF_OPERATION,
    QUEUES,
    ROUTING_PROFILES,
    SECURITY_PROFILES,
    ResourceKind,
)

_MAX_TAGS = 50
_KINDS: tuple[ResourceKind[Any], ...] = (
    SECURITY_PROFILES,
    ROUTING_PROFILES,
    QUEUES,
    HOURS_OF_OPERATION,
    HIERARCHY_GROUPS,
)


@dataclass(frozen=True, slots=True)
class _Tagged:
    """The resource that an ARN names, its instance, and its kind; the kind is None for an instance or a user."""

    instance: Instance
    resource: Any
    kind: ResourceKind[Any] | None = None

    def with_tags(self, tags: Tags) -> Instance:
        """Returns the instance in which the resource has these tags."""
        if isinstance(self.resource, Instance):
            return replace(self.resource, tags=tags)
        changed: Any = replace(self.resource, tags=tags)
        if isinstance(changed, ConnectUser):
            return replace(self.instance, users={**self.instance.users, changed.login: changed})
        if self.kind is None:
            raise LookupError("a resource that is neither an instance nor a user has a kind")
        left = (changed if each is self.resource else each for each in self.kind.all_of(self.instance))
        return self.kind.with_resources(self.instance, tuple(left))


def _find(call: AccountCall) -> _Tagged:
    """Returns the resource that a call's ARN names.

    Raises:
        AwsRefusal: ResourceNotFoundException (404), there is no such resource in this account and region.

    Spec: Amazon Connect API "ListTagsForResource"
    Evidence: documented (the code), assumed (the words)
    """
    given = call.parameters["resourceArn"]
    for instance in instances_at(call):
        if given == str(instance.arn):
            return _Tagged(instance, instance)
        user = next((each for each in instance.users.values() if user_arn(instance, each) == given), None)
        if user is not None:
            return _Tagged(instance, user)
        for kind in _KINDS:
            for resource in kind.all_of(instance):
                if kind.arn_of(instance, resource) == given:
                    return _Tagged(instance, resource, kind)
    raise refused(
        "ResourceNotFoundException",
        f"Resource {given} not found",
        explanation=f"The account {call.account.account_id} has no such resource in {call.endpoint.region}.",
        where="resourceArn",
        received=given,
        fix="Use the ARN that the resource's Create or Describe operation answered with.",
    )


def _tag(call: AccountCall) -> Result:
    """Adds tags, and replaces the values of existing ones.

    Spec: Amazon Connect API "TagResource"
    Evidence: documented (the limit), assumed (the words)
    """
    found = _find(call)
    tags = {**dict(found.resource.tags), **call.parameters["tags"]}
    if len(tags) > _MAX_TAGS:
        raise invalid_parameter(
            "tags",
            f"A resource can have at most {_MAX_TAGS} tags",
            expected=str(_MAX_TAGS),
            received=str(len(tags)),
            fix="Take tags away first.",
        )
    return Result(account=with_instance(call.account, found.with_tags(tuple(tags.items()))))


def _untag(call: AccountCall) -> Result:
    found, keys = _find(call), call.parameters["tagKeys"]
    left = tuple((key, value) for key, value in found.resource.tags if key not in keys)
    return Result(account=with_instance(call.account, found.with_tags(left)))


def _list(call: AccountCall) -> Result:
    return Result({"tags": dict(_find(call).resource.tags)})


def _named_resource(call: AccountCall) -> str:
    return str(call.parameters["resourceArn"])


OPERATIONS: Mapping[str, AccountOperation] = {
    "TagResource": AccountOperation(_tag, _named_resource),
    "UntagResource": AccountOperation(_untag, _named_resource),
    "ListTagsForResource": AccountOperation(_list, _named_resource),
}
