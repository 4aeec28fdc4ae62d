"""Groups, and what their members may do because of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import ACCOUNT
from tests.sdk import Sdk, refused

IAM_ARN = f"arn:aws:iam::{ACCOUNT}"
READ_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
LIST_ROLES = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"}}
)


@pytest.fixture
def iam(sdk: Sdk) -> Any:
    """Returns the administrator's client."""
    return sdk("iam")


def test_a_group_from_birth_to_death(iam: Any) -> None:
    """Made, moved, filled, emptied and deleted."""
    group = iam.create_group(GroupName="agents", Path="/desk/")["Group"]
    assert (group["Arn"], group["Path"]) == (f"{IAM_ARN}:group/desk/agents", "/desk/")
    assert group["GroupId"].startswith("AGPA")
    with refused("EntityAlreadyExists", "Group with name Agents already exists.", status=409):
        iam.create_group(GroupName="Agents")
    iam.update_group(GroupName="agents", NewPath="/", NewGroupName="people")
    with refused("NoSuchEntity", "The group with name agents cannot be found.", status=404):
        iam.get_group(GroupName="agents")
    for _ in range(2):
        iam.add_user_to_group(GroupName="people", UserName="administrator")
    got = iam.get_group(GroupName="people")
    assert (got["Group"]["Arn"], got["Group"]["GroupId"]) == (f"{IAM_ARN}:group/people", group["GroupId"])
    assert ([user["UserName"] for user in got["Users"]], got["IsTruncated"]) == (["administrator"], False)
    assert [each["GroupName"] for each in iam.list_groups()["Groups"]] == ["people"]
    groups = iam.list_groups_for_user(UserName="administrator")["Groups"]
    assert [each["GroupName"] for each in groups] == ["people"]
    with refused("DeleteConflict", "Cannot delete entity, must remove users from group first.", status=409):
        iam.delete_group(GroupName="people")
    iam.remove_user_from_group(GroupName="people", UserName="administrator")
    iam.delete_group(GroupName="people")
    assert iam.list_groups()["Groups"] == []


def test_whoever_is_missing_is_named(iam: Any) -> None:
    """The user is looked up before the group."""
    with refused("NoSuchEntity", "The user with name nobody cannot be found.", status=404):
        iam.add_user_to_group(GroupName="nothing", UserName="nobody")
    with refused("NoSuchEntity", "The user with name nobody cannot be found.", status=404):
        iam.remove_user_from_group(GroupName="nothing", UserName="nobody")
    with refused("NoSuchEntity", "The group with name nothing cannot be found.", status=404):
        iam.add_user_to_group(GroupName="nothing", UserName="administrator")
    with refused("NoSuchEntity", "The group with name nothing cannot be found.", status=404):
        iam.update_group(GroupName="nothing", NewGroupName="something")


def test_a_groups_policies_count_for_its_members(iam: Any, sdk: Sdk) -> None:
    """Inline and attached ones, from the moment they are there; a renamed user stays a member."""
    iam.create_group(GroupName="readers")
    iam.create_user(UserName="reader")
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    own = sdk("iam", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    iam.put_group_policy(GroupName="readers", PolicyName="roles", PolicyDocument=LIST_ROLES)
    words = f"User: {IAM_ARN}:user/reader is not authorized to perform: iam:ListRoles on resource: {IAM_ARN}:role/"
    with refused(
        "AccessDenied", f"{words} because no identity-based policy allows the iam:ListRoles action", status=403
    ):
        own.list_roles()
    iam.add_user_to_group(GroupName="readers", UserName="reader")
    assert own.list_roles()["Roles"]
    iam.update_user(UserName="reader", NewUserName="librarian")
    iam.delete_group_policy(GroupName="readers", PolicyName="roles")
    iam.attach_group_policy(GroupName="readers", PolicyArn=READ_ONLY)
    assert own.list_roles()["Roles"]
    assert own.get_user()["User"]["UserName"] == "librarian"
    entities = iam.list_entities_for_policy(PolicyArn=READ_ONLY)
    assert [group["GroupName"] for group in entities["PolicyGroups"]] == ["readers"]
    assert iam.list_entities_for_policy(PolicyArn=READ_ONLY, EntityFilter="User")["PolicyGroups"] == []
    details = iam.get_account_authorization_details(Filter=["Group", "User"])
    assert details["GroupDetailList"][0]["AttachedManagedPolicies"][0]["PolicyArn"] == READ_ONLY
    user = next(each for each in details["UserDetailList"] if each["UserName"] == "librarian")
    assert user["GroupList"] == ["readers"]
    iam.delete_access_key(UserName="librarian", AccessKeyId=key["AccessKeyId"])
    with refused("DeleteConflict", "Cannot delete entity, must remove users from group first.", status=409):
        iam.delete_user(UserName="librarian")


def test_a_groups_policies_are_listed_and_limited(iam: Any) -> None:
    """As those of users and roles, with limits of their own."""
    iam.create_group(GroupName="g")
    iam.put_group_policy(GroupName="g", PolicyName="roles", PolicyDocument=LIST_ROLES)
    assert iam.list_group_policies(GroupName="g")["PolicyNames"] == ["roles"]
    assert iam.get_group_policy(GroupName="g", PolicyName="roles")["PolicyDocument"] == json.loads(LIST_ROLES)
    with refused("NoSuchEntity", "The group policy with name other cannot be found.", status=404):
        iam.get_group_policy(GroupName="g", PolicyName="other")
    with refused("NoSuchEntity", f"Policy {READ_ONLY} was not found.", status=404):
        iam.detach_group_policy(GroupName="g", PolicyArn=READ_ONLY)
    long = json.loads(LIST_ROLES)
    long["Statement"]["Resource"] = [f"{IAM_ARN}:role/{number:0100}" for number in range(40)]
    with refused("LimitExceeded", "Maximum policy size of 5120 bytes exceeded for group g", status=409):
        iam.put_group_policy(GroupName="g", PolicyName="long", PolicyDocument=json.dumps(long))
    with refused("LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user administrator", status=409):
        iam.put_user_policy(UserName="administrator", PolicyName="long", PolicyDocument=json.dumps(long))


def test_a_user_is_renamed_and_moved(iam: Any) -> None:
    """The id stays; a name that is taken is refused."""
    before = iam.create_user(UserName="old")["User"]
    iam.update_user(UserName="old", NewUserName="new", NewPath="/desk/")
    after = iam.get_user(UserName="new")["User"]
    assert (after["Arn"], after["UserId"]) == (f"{IAM_ARN}:user/desk/new", before["UserId"])
    with refused("NoSuchEntity", "The user with name old cannot be found.", status=404):
        iam.update_user(UserName="old", NewUserName="older")
    with refused("EntityAlreadyExists", "User with name administrator already exists.", status=409):
        iam.update_user(UserName="new", NewUserName="administrator")


def test_a_keys_last_use_is_not_recorded(iam: Any) -> None:
    """The answer is that of a key that was never used."""
    key = iam.list_access_keys(UserName="administrator")["AccessKeyMetadata"][0]["AccessKeyId"]
    answer = iam.get_access_key_last_used(AccessKeyId=key)
    assert (answer["UserName"], answer["AccessKeyLastUsed"]) == (
        "administrator",
        {"ServiceName": "N/A", "Region": "N/A"},
    )
    with refused("NoSuchEntity", "The Access Key with id AKIAIOSFODNN7NOTTHERE cannot be found.", status=404):
        iam.get_access_key_last_used(AccessKeyId="AKIAIOSFODNN7NOTTHERE")
