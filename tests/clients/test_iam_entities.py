"""What IAM keeps on roles, users and policies beside their names, as boto3 and Terraform read and change it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import ACCOUNT
from tests.sdk import Sdk, refused

IAM_ARN = f"arn:aws:iam::{ACCOUNT}"
POLICY_ARN = f"{IAM_ARN}:policy/okta-read-roles"
DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
TAGS = [{"Key": "for", "Value": "okta"}, {"Key": "team", "Value": "identity"}]


@pytest.fixture
def iam(sdk: Sdk) -> Any:
    """Returns the administrator's client."""
    return sdk("iam")


def test_a_users_policies_and_boundary(iam: Any) -> None:
    """Inline ones are read back as they were put; attached ones are listed; the boundary comes and goes."""
    iam.create_user(UserName="okta-sync")
    iam.put_user_policy(UserName="okta-sync", PolicyName="own", PolicyDocument=json.dumps(DOCUMENT))
    assert iam.list_user_policies(UserName="okta-sync")["PolicyNames"] == ["own"]
    assert iam.get_user_policy(UserName="okta-sync", PolicyName="own")["PolicyDocument"] == DOCUMENT
    iam.delete_user_policy(UserName="okta-sync", PolicyName="own")
    with refused("NoSuchEntity", "The user policy with name own cannot be found.", status=404):
        iam.get_user_policy(UserName="okta-sync", PolicyName="own")
    iam.attach_user_policy(UserName="okta-sync", PolicyArn=POLICY_ARN)
    attached = iam.list_attached_user_policies(UserName="okta-sync")["AttachedPolicies"]
    assert attached == [{"PolicyName": "okta-read-roles", "PolicyArn": POLICY_ARN}]
    iam.put_user_permissions_boundary(UserName="okta-sync", PermissionsBoundary=POLICY_ARN)
    boundary = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": POLICY_ARN}
    assert iam.get_user(UserName="okta-sync")["User"]["PermissionsBoundary"] == boundary
    iam.delete_user_permissions_boundary(UserName="okta-sync")
    assert "PermissionsBoundary" not in iam.get_user(UserName="okta-sync")["User"]


def test_a_groups_attached_policies(iam: Any) -> None:
    """They are listed by name and ARN until they are detached."""
    iam.create_group(GroupName="agents")
    iam.attach_group_policy(GroupName="agents", PolicyArn=POLICY_ARN)
    attached = iam.list_attached_group_policies(GroupName="agents")["AttachedPolicies"]
    assert attached == [{"PolicyName": "okta-read-roles", "PolicyArn": POLICY_ARN}]
    iam.detach_group_policy(GroupName="agents", PolicyArn=POLICY_ARN)
    assert iam.list_attached_group_policies(GroupName="agents")["AttachedPolicies"] == []


def test_a_roles_boundary(iam: Any) -> None:
    """It comes and goes as a user's does."""
    iam.put_role_permissions_boundary(RoleName="ConnectAgent", PermissionsBoundary=POLICY_ARN)
    boundary = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": POLICY_ARN}
    assert iam.get_role(RoleName="ConnectAgent")["Role"]["PermissionsBoundary"] == boundary
    iam.delete_role_permissions_boundary(RoleName="ConnectAgent")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="ConnectAgent")["Role"]


@pytest.mark.parametrize(
    ("tag", "untag", "tags_of", "entity"),
    [
        ("tag_user", "untag_user", "list_user_tags", {"UserName": "administrator"}),
        ("tag_role", "untag_role", "list_role_tags", {"RoleName": "ConnectAgent"}),
        ("tag_policy", "untag_policy", "list_policy_tags", {"PolicyArn": POLICY_ARN}),
        (
            "tag_instance_profile",
            "untag_instance_profile",
            "list_instance_profile_tags",
            {"InstanceProfileName": "web"},
        ),
        (
            "tag_open_id_connect_provider",
            "untag_open_id_connect_provider",
            "list_open_id_connect_provider_tags",
            {"OpenIDConnectProviderArn": f"{IAM_ARN}:oidc-provider/token.example.com"},
        ),
    ],
)
def test_tags_come_and_go(iam: Any, tag: str, untag: str, tags_of: str, entity: dict[str, str]) -> None:
    """They are listed as they were put, and taken out by key; a key that there is not changes nothing."""
    iam.create_instance_profile(InstanceProfileName="web")
    iam.create_open_id_connect_provider(Url="https://token.example.com")
    getattr(iam, tag)(**entity, Tags=TAGS)
    assert getattr(iam, tags_of)(**entity)["Tags"] == TAGS
    getattr(iam, untag)(**entity, TagKeys=["for", "nothing"])
    assert getattr(iam, tags_of)(**entity)["Tags"] == TAGS[1:]


def test_managed_policies_are_listed_by_scope(iam: Any) -> None:
    """The account's own, and AWS's."""
    own = {policy["Arn"] for policy in iam.list_policies(Scope="Local")["Policies"]}
    pages = iam.get_paginator("list_policies").paginate(Scope="AWS")
    awss = {policy["Arn"] for page in pages for policy in page["Policies"]}
    assert own == {POLICY_ARN, f"{IAM_ARN}:policy/connect-login"}
    assert "arn:aws:iam::aws:policy/IAMFullAccess" in awss
    assert not own & awss


def test_what_users_do_not_have_here_is_listed_as_nothing(iam: Any) -> None:
    """Terraform reads all of it before it deletes a user."""
    assert iam.list_groups_for_user(UserName="administrator")["Groups"] == []
    assert iam.list_mfa_devices(UserName="administrator")["MFADevices"] == []
    assert iam.list_signing_certificates(UserName="administrator")["Certificates"] == []
    assert iam.list_ssh_public_keys(UserName="administrator")["SSHPublicKeys"] == []
    assert iam.list_service_specific_credentials(UserName="administrator")["ServiceSpecificCredentials"] == []
    with refused("NoSuchEntity", "The user with name nobody cannot be found.", status=404):
        iam.list_mfa_devices(UserName="nobody")


def test_users_have_no_console_password_here(iam: Any) -> None:
    """Neither to read nor to delete."""
    words = "Login Profile for User administrator cannot be found."
    with refused("NoSuchEntity", words, status=404):
        iam.get_login_profile(UserName="administrator")
    with refused("NoSuchEntity", words, status=404):
        iam.delete_login_profile(UserName="administrator")
