"""AWS accounts made from a world: documents that IAM would refuse are refused with their place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world, load_world
from tests.conftest import ACCOUNT, PROVIDER_ARN

ROLE = f"/aws/{ACCOUNT}/roles/ConnectAgent"
TRUST = f"aws.{ACCOUNT}.roles.ConnectAgent.trust"
FIRST = f"{ROLE}/trust/Statement/0"

REFUSED: list[tuple[dict[str, Any], str, str]] = [
    (
        {f"{FIRST}/Principal": {"Federated": "okta"}},
        f"{TRUST}.Statement[0].Principal.Federated",
        "Federated principals must be valid domain names or SAML metadata ARNs",
    ),
    (
        {f"{FIRST}/Principal": {"AWS": PROVIDER_ARN}},
        f"{TRUST}.Statement[0].Principal.AWS",
        f'Invalid principal in policy: "AWS":"{PROVIDER_ARN}"',
    ),
    (
        {f"{FIRST}/Principal": None},
        f"{TRUST}.Statement[0]",
        "Statement[0]: The passed in policy has a statement with no principals!",
    ),
    (
        {f"{FIRST}/Action": "s3:GetObject"},
        f"{TRUST}.Statement[0].Action",
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ),
    (
        {f"{FIRST}/Action": ["sts:AssumeRoleWithSAML", "sts:TagSessions"]},
        f"{TRUST}.Statement[0].Action[1]",
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ),
    (
        {f"{ROLE}/trust/Statement": {"Effect": "allow", "Principal": "*", "Action": "sts:AssumeRoleWithSAML"}},
        f"{TRUST}.Statement.Effect",
        "Statement[0].Effect: 'allow'",
    ),
    (
        {f"{FIRST}/Condition": {"StringEquals": {"SAML:aud": {}}}},
        f"{TRUST}.Statement[0].Condition.StringEquals.SAML:aud",
        "Statement[0].Condition.StringEquals.SAML:aud: {} is neither text, number nor boolean",
    ),
    (
        {f"/aws/{ACCOUNT}/policies/connect-login/Statement/0/Resource": "instance"},
        f"aws.{ACCOUNT}.policies.connect-login.Statement[0].Resource",
        'Resource instance must be in ARN format or "*".',
    ),
]


@pytest.mark.parametrize(("changes", "key", "message"), REFUSED, ids=[row[1] for row in REFUSED])
def test_a_document_that_iam_refuses_is_refused_in_a_world(
    world: World, keys: KeyFolder, changes: dict[str, Any], key: str, message: str
) -> None:
    """IAM's own words, with the file and the line."""
    with pytest.raises(WorldError) as caught:
        Federation(change_world(world, changes), keys=keys)
    assert caught.value.location.key == key
    assert caught.value.location.line > 1
    assert caught.value.message == message


def test_a_provider_under_aws_is_pointed_to_its_place(world: World, keys: KeyFolder) -> None:
    """What IAM would take is said beside its words."""
    with pytest.raises(WorldError) as caught:
        Federation(change_world(world, {f"{FIRST}/Principal": {"AWS": PROVIDER_ARN}}), keys=keys)
    assert caught.value.problems[0].expected == (
        f'"Principal": {{"Federated": "{PROVIDER_ARN}"}}: identity providers are Federated principals, not AWS ones'
    )


def test_a_worlds_groups_give_their_members_what_they_may_do(world: World, keys: KeyFolder) -> None:
    """Members are named as users of the account; one that is not there is reported with its place."""
    groups = {"readers": {"users": ["okta-integration"], "policies": ["connect-login"]}}
    changed = change_world(world, {f"/aws/{ACCOUNT}/groups": groups})
    account = Federation(changed, keys=keys).aws_services.aws.accounts[ACCOUNT]
    user = account.users[f"arn:aws:iam::{ACCOUNT}:user/okta-integration"]
    assert [group.name for group in account.groups_of(user)] == ["readers"]
    assert "policy connect-login of group readers" in [name for name, _ in account.identity_policies(user)]
    groups["readers"]["users"] = ["nobody"]
    with pytest.raises(WorldError) as caught:
        change_world(world, {f"/aws/{ACCOUNT}/groups": groups})
    assert caught.value.message == "there is no IAM user nobody"
    assert caught.value.location.key == f"aws.{ACCOUNT}.groups.readers.users[0]"


def test_a_policy_of_awss_that_does_not_exist_is_refused_with_what_was_meant(world: World, keys: KeyFolder) -> None:
    """Its ARN has a path, or another spelling."""
    with pytest.raises(WorldError) as caught:
        Federation(change_world(world, {f"{ROLE}/policies": ["arn:aws:iam::aws:policy/ReadOnlyAcess"]}), keys=keys)
    problem = caught.value.problems[0]
    assert problem.message == "there is no managed policy arn:aws:iam::aws:policy/ReadOnlyAcess"
    assert problem.did_you_mean == "arn:aws:iam::aws:policy/ReadOnlyAccess"


def test_empty_sids_may_repeat_in_a_world(world: World, keys: KeyFolder) -> None:
    """As they do in policies that AWS's console wrote."""
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "", "Effect": "Allow", "Action": action, "Resource": "*"} for action in ("s3:*", "ec2:*")
        ],
    }
    Federation(change_world(world, {f"/aws/{ACCOUNT}/policies/twice": document}), keys=keys)


def test_a_seed_may_know_a_policy_of_awss_that_is_newer(tmp_path: Path, keys: KeyFolder) -> None:
    """It is attached and allows nothing; a world's own list is a person's, and is checked."""
    trust = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"},
    }
    newer = "arn:aws:iam::aws:policy/NewerThanTheEmulator"
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": "R", "AssumeRolePolicyDocument": trust, "ManagedPolicyArns": [newer]},
    }
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"R": role}}))
    (tmp_path / "world.yaml").write_text(f'version: 1\naws:\n  "{ACCOUNT}": {{seed: [t.json]}}\n')
    account = Federation(load_world(tmp_path / "world.yaml"), keys=keys).aws_services.aws.accounts[ACCOUNT]
    (made,) = account.roles.values()
    assert made.attached_policies == (newer,)
    assert account.identity_policies(made) == ()


def test_what_iam_would_not_take_of_a_seed_is_left_out(tmp_path: Path, keys: KeyFolder) -> None:
    """The rest of the file is there, and the report says what is not, and why; a role without its policy is not."""
    trust = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"},
    }
    roles: dict[str, dict[str, Any]] = {
        "Empty": {"AssumeRolePolicyDocument": {}},
        "Broken": {"AssumeRolePolicyDocument": trust, "ManagedPolicyArns": [{"Ref": "Policy"}]},
        "Whole": {"AssumeRolePolicyDocument": trust},
    }
    resources: dict[str, Any] = {
        name: {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, **properties}}
        for name, properties in roles.items()
    }
    policy = {
        "ManagedPolicyName": "wrong",
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "No"}]},
    }
    resources["Policy"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": policy}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": resources}))
    (tmp_path / "world.yaml").write_text(f'version: 1\naws:\n  "{ACCOUNT}": {{seed: [t.json]}}\n')
    federation = Federation(load_world(tmp_path / "world.yaml"), keys=keys)
    assert [role.arn.name for role in federation.aws_services.aws.accounts[ACCOUNT].roles.values()] == ["Whole"]
    (report,) = federation.world.seeds
    assert report.taken == {"roles": 1}
    refused = ": IAM would refuse it: "
    assert [(problem.location.key, problem.message) for problem in report.left_out] == [
        ("Policy.Properties.PolicyDocument.Statement[0].Effect", f"wrong{refused}Statement[0].Effect: 'No'"),
        ("Empty.Properties.AssumeRolePolicyDocument", f"Empty{refused}Statement: the policy has no statement"),
        ("Broken.Properties.ManagedPolicyArns[0]", f"Broken{refused}there is no managed policy wrong"),
    ]
