"""The hierarchy of an instance's agents: up to five levels, and the groups of each.

Spec: Amazon Connect API Reference
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.kernel.errors import AwsRefusal
from sp_mock.accounts.connect_resources import HierarchyGroup, HierarchyLevel
from sp_mock.accounts.model import Instance
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.apis.service_model import ResponseElements
from sp_mock.connect.api_errors import invalid_parameter, refused
from sp_mock.connect.instance_lookup import id_in, instance_resource, named_instance, with_instance
from sp_mock.connect.resource_kinds import HIERARCHY_GROUPS, in_use, last_modified

_LEVELS = ("LevelOne", "LevelTwo", "LevelThree", "LevelFour", "LevelFive")


def _describe_structure(call: AccountCall) -> Result:
    instance = named_instance(call)
    levels = zip(_LEVELS, instance.hierarchy_levels, strict=False)
    return Result({"HierarchyStructure": {key: _level_elements(instance, level) for key, level in levels}})


def _level_elements(instance: Instance, level: HierarchyLevel) -> ResponseElements:
    return {
        "Id": level.level_id,
        "Arn": f"{instance.arn}/agent-group-level/{level.level_id}",
        "Name": level.name,
        **last_modified(instance, level.changed_at),
    }


def _update_structure(call: AccountCall) -> Result:
    """Adds, renames and removes levels; levels that are not given are removed.

    Spec: Amazon Connect API "UpdateUserHierarchyStructure"
    Evidence: documented (the codes), assumed (the words, that levels follow each other without a gap, and that a level
        is in use while it has groups)
    """
    instance = named_instance(call)
    given: Mapping[str, Any] = call.parameters["HierarchyStructure"]
    asked = [name for name in _LEVELS if given.get(name)]
    if asked != list(_LEVELS[: len(asked)]):
        raise invalid_parameter(
            "HierarchyStructure",
            "Hierarchy levels must follow each other",
            expected=", ".join(_LEVELS[: len(asked)]),
            received=", ".join(asked),
            fix="Give every level above the lowest one.",
        )
    lost = [group.name for group in instance.hierarchy_groups if _depth(instance, group) > len(asked)]
    if lost:
        raise in_use(
            "The hierarchy level is in use",
            explanation=f"Levels to be removed have groups: {', '.join(lost)}.",
            where="HierarchyStructure",
            received=", ".join(asked) or "no level",
            fix="Delete the groups first.",
        )
    before = dict(zip(_LEVELS, instance.hierarchy_levels, strict=False))
    levels = tuple(_level(before.get(name), given[name]["Name"], call) for name in asked)
    return Result(account=with_instance(call.account, replace(instance, hierarchy_levels=levels)))


def _level(before: HierarchyLevel | None, name: str, call: AccountCall) -> HierarchyLevel:
    if before is None:
        return HierarchyLevel(call.ids.uuid(), name, call.now)
    return before if before.name == name else replace(before, name=name, changed_at=call.now)


def _path(instance: Instance, group: HierarchyGroup) -> list[HierarchyGroup]:
    """Returns a group and the groups above it, from the top."""
    path = [group]
    while path[0].parent_id:
        path.insert(0, HIERARCHY_GROUPS.find(instance, path[0].parent_id))
    return path


def _depth(instance: Instance, group: HierarchyGroup) -> int:
    return len(_path(instance, group))


def _create(call: AccountCall) -> Result:
    """Creates a group on the level below its parent's.

    Spec: Amazon Connect API "CreateUserHierarchyGroup"; crossplane-contrib/provider-upjet-aws#120
    Evidence: documented, observed (the refusal in an instance without levels)
    """
    instance, given = named_instance(call), call.parameters
    parent = given.get("ParentGroupId")
    above = _path(instance, HIERARCHY_GROUPS.find(instance, parent, where="ParentGroupId")) if parent else []
    if len(above) >= len(instance.hierarchy_levels):
        raise _no_level(len(above), parent or "")
    HIERARCHY_GROUPS.require_free_name(instance, given["Name"])
    group = HierarchyGroup(
        given["Name"],
        given_id=call.ids.uuid(),
        changed_at=call.now,
        tags=tuple(dict(given.get("Tags") or {}).items()),
        parent_id=id_in(parent) if parent else "",
    )
    elements = {"HierarchyGroupId": group.given_id, "HierarchyGroupArn": HIERARCHY_GROUPS.arn_of(instance, group)}
    return replace(HIERARCHY_GROUPS.added(call, instance, group), elements=elements)


def _no_level(above: int, parent: str) -> AwsRefusal:
    refusal = refused(
        "ResourceNotFoundException",
        "Resource not found",
        explanation=f"The hierarchy has no level {above + 1} that the group could be of.",
        where="ParentGroupId" if parent else "the instance's hierarchy structure",
        received=parent,
        fix="Add the level with UpdateUserHierarchyStructure first.",
    )
    refusal.evidence = "observed"
    return refusal


def _describe(call: AccountCall) -> Result:
    instance = named_instance(call)
    group = HIERARCHY_GROUPS.named_by(call, instance)
    path = _path(instance, group)
    elements = {
        **HIERARCHY_GROUPS.summary(instance, group),
        "LevelId": instance.hierarchy_levels[len(path) - 1].level_id,
        "HierarchyPath": {
            level: HIERARCHY_GROUPS.summary(instance, each) for level, each in zip(_LEVELS, path, strict=False)
        },
        "Tags": dict(group.tags),
    }
    return Result({"HierarchyGroup": elements})


def _list(call: AccountCall) -> Result:
    return HIERARCHY_GROUPS.page(call, "UserHierarchyGroupSummaryList")


def _update_name(call: AccountCall) -> Result:
    instance, name = named_instance(call), call.parameters["Name"]
    group = HIERARCHY_GROUPS.named_by(call, instance)
    HIERARCHY_GROUPS.require_free_name(instance, name, by=group)
    return HIERARCHY_GROUPS.changed(call, instance, group, replace(group, name=name, changed_at=call.now))


def _delete(call: AccountCall) -> Result:
    """Deletes a group that has neither agents nor groups below it.

    Spec: Amazon Connect API "DeleteUserHierarchyGroup"
    Evidence: documented (the rule and the code), assumed (the words)
    """
    instance = named_instance(call)
    group = HIERARCHY_GROUPS.named_by(call, instance)
    group_id = HIERARCHY_GROUPS.id_of(instance, group)
    agents = [user.login for user in instance.users.values() if user.hierarchy_group_id == group_id]
    below = [each.name for each in instance.hierarchy_groups if each.parent_id == group_id]
    if agents or below:
        raise in_use(
            f"The hierarchy group {group.name} is in use",
            explanation=f"The group has agents or groups below it: {', '.join((*agents, *below))}.",
            where="HierarchyGroupId",
            received=group.name,
            fix="Give its agents another group, and delete the groups below it, first.",
        )
    return HIERARCHY_GROUPS.deleted(call, instance, group)


OPERATIONS: Mapping[str, AccountOperation] = {
    "DescribeUserHierarchyStructure": AccountOperation(_describe_structure, instance_resource),
    "UpdateUserHierarchyStructure": AccountOperation(_update_structure, instance_resource),
    "CreateUserHierarchyGroup": AccountOperation(_create, HIERARCHY_GROUPS.any_resource),
    "DescribeUserHierarchyGroup": AccountOperation(_describe, HIERARCHY_GROUPS.resource),
    "ListUserHierarchyGroups": AccountOperation(_list, instance_resource),
    "UpdateUserHierarchyGroupName": AccountOperation(_update_name, HIERARCHY_GROUPS.resource),
    "DeleteUserHierarchyGroup": AccountOperation(_delete, HIERARCHY_GROUPS.resource),
}
