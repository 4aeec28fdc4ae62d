"""Groups of users: created, filled, emptied and deleted. Their policies apply to their members.

Spec: AWS IAM API "CreateGroup" and its neighbours
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sp_mock.accounts.iam_resources import Group
from sp_mock.apis.operations import AccountCall, AccountOperation, Result
from sp_mock.apis.service_model import ResponseElements
from sp_mock.iam.api_errors import over_quota
from sp_mock.iam.entities import GROUPS, USERS, require_nothing_subordinate
from sp_mock.iam.entity_policies import policy_operations
from sp_mock.iam.identifiers import path_of, unique_id
from sp_mock.iam.lists import LISTS
from sp_mock.iam.users import user_elements

_MAX_GROUPS = 10


def _create(call: AccountCall) -> Result:
    group = Group(arn=GROUPS.new_arn(call), group_id=unique_id("AGPA", ids=call.ids), created_at=call.now)
    return Result({"Group": group_elements(group)}, account=GROUPS.put(call.account, group))


def _get(call: AccountCall) -> Result:
    group = GROUPS.find(call)
    members = [user for user in call.account.users.values() if user.user_id in group.members]
    page = LISTS.page(call, "Users", members, lambda user: user_elements(user, listed=True))
    return Result({"Group": group_elements(group), **page})


def _list(call: AccountCall) -> Result:
    return Result(LISTS.page(call, "Groups", GROUPS.below_path(call), group_elements))


def _list_for_user(call: AccountCall) -> Result:
    groups = sorted(call.account.groups_of(USERS.find(call)), key=lambda group: group.name)
    return Result(LISTS.page(call, "Groups", groups, group_elements))


def _update(call: AccountCall) -> Result:
    return Result(account=GROUPS.moved(call, GROUPS.find(call)))


def _delete(call: AccountCall) -> Result:
    group = GROUPS.find(call)
    require_nothing_subordinate(group, call.account)
    return Result(account=GROUPS.without(call.account, group))


def _add_user(call: AccountCall) -> Result:
    """Adds a user to a group; adding a member again changes nothing.

    Spec: AWS IAM API "AddUserToGroup"
    Evidence: observed, assumed (the words about the quota)
    """
    user, group = USERS.find(call), GROUPS.find(call)
    if user.user_id in group.members:
        return Result()
    if len(call.account.groups_of(user)) >= _MAX_GROUPS:
        raise over_quota(f"Cannot exceed quota for GroupsPerUser: {_MAX_GROUPS}", evidence="assumed")
    return Result(account=GROUPS.put(call.account, replace(group, members=(*group.members, user.user_id))))


def _remove_user(call: AccountCall) -> Result:
    """Removes a user from a group; removing a user who is not a member is not an error.

    Spec: AWS IAM API "RemoveUserFromGroup"
    Evidence: observed (that the user is looked up first), assumed (who is not in it)
    """
    user, group = USERS.find(call), GROUPS.find(call)
    left = tuple(member for member in group.members if member != user.user_id)
    return Result(account=GROUPS.put(call.account, replace(group, members=left)))


def group_elements(group: Group) -> ResponseElements:
    """Returns a group as response elements.

    Spec: AWS IAM API "Group"
    Evidence: observed
    """
    return {
        "Path": path_of(group.arn),
        "GroupName": group.name,
        "GroupId": group.group_id,
        "Arn": str(group.arn),
        "CreateDate": group.created_at,
    }


OPERATIONS: Mapping[str, AccountOperation] = {
    "CreateGroup": AccountOperation(_create, GROUPS.resource),
    "GetGroup": AccountOperation(_get, GROUPS.resource),
    "ListGroups": AccountOperation(_list, GROUPS.list_resource),
    "UpdateGroup": AccountOperation(_update, GROUPS.resource),
    "DeleteGroup": AccountOperation(_delete, GROUPS.resource),
    "AddUserToGroup": AccountOperation(_add_user, GROUPS.resource),
    "RemoveUserFromGroup": AccountOperation(_remove_user, GROUPS.resource),
    "ListGroupsForUser": AccountOperation(_list_for_user, USERS.resource),
    **policy_operations(GROUPS),
}
