"""Amazon Connect in Terraform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.emulator.seeds.terraform.states import (
    ACCOUNT,
    INSTANCE,
    account_of,
    configured,
    left_out,
    notes,
    plan,
    resource,
    state,
    world_of,
)

ARN = f"arn:aws:connect:eu-west-2:{ACCOUNT}:instance/{INSTANCE}"


def _instance(address: str = "aws_connect_instance.main", **values: Any) -> dict[str, Any]:
    given = {"id": INSTANCE, "arn": ARN, "instance_alias": "desk", "identity_management_type": "SAML"}
    return resource(address, {**given, "status": "ACTIVE", **values})


def _user(name: str, **values: Any) -> dict[str, Any]:
    given = {"instance_id": INSTANCE, "name": name, "security_profile_ids": ["sp"], "routing_profile_id": "rp"}
    return resource(f"aws_connect_user.{name}", {**given, **values})


PROFILE = resource(
    "aws_connect_security_profile.agents",
    {"instance_id": INSTANCE, "name": "Agents", "security_profile_id": "sp", "permissions": ["BasicAgentAccess"]},
)


def test_an_instance_that_is_read_is_one(tmp_path: Path) -> None:
    """A data source says the same; origins come from both providers, the one by the instance's ARN."""
    world = world_of(
        tmp_path,
        state(
            _instance("data.aws_connect_instance.main", id=ARN, instance_id=INSTANCE),
            resource("aws_connect_approved_origin.a", {"instance_id": INSTANCE, "origin": "https://a.example.com/"}),
            resource("awscc_connect_approved_origin.b", {"instance_id": ARN, "origin": "https://b.example.com"}),
        ),
    )
    assert account_of(world)["connect"] == {
        INSTANCE: {
            "alias": "desk",
            "region": "eu-west-2",
            "approved_origins": ["https://a.example.com", "https://b.example.com"],
        }
    }


def test_a_user_whose_security_profiles_are_not_known_is_left_out(tmp_path: Path) -> None:
    """They might not open the Contact Control Panel; an unknown routing profile is the basic one."""
    world = world_of(
        tmp_path, state(_instance(), PROFILE, _user("rin"), _user("sora", security_profile_ids=["sp", "other"]))
    )
    instance = account_of(world)["connect"][INSTANCE]
    assert instance["users"] == {"rin": {"security_profiles": ["Agents"]}}
    assert [each.partition(" ")[2] for each in left_out(world)] == [
        "aws_connect_user.sora: the file does not contain the security profiles of security_profile_ids"
    ]
    assert [each.partition(" ")[2] for each in notes(world)] == [
        "aws_connect_user.rin: its routing profile is not in the file; here it has Basic Routing Profile"
    ]


def test_an_instance_that_is_not_there_yet_is_left_out(tmp_path: Path) -> None:
    """Its id is known after apply, and its users with it."""
    instance = resource("aws_connect_instance.main", {"instance_alias": "desk", "identity_management_type": "SAML"})
    given = plan(
        instance,
        resource("aws_connect_user.rin", {"name": "rin"}),
        unknown={
            "aws_connect_instance.main": {"id": True, "arn": True},
            "aws_connect_user.rin": {"instance_id": True, "security_profile_ids": True},
        },
        configuration=[configured("aws_connect_user.rin", instance_id="aws_connect_instance.main.id")],
    )
    world = world_of(tmp_path, given)
    assert account_of(world) == {}
    assert [each.partition(" ")[2] for each in left_out(world)] == [
        "aws_connect_instance.main: its id (id) is known after apply",
        "aws_connect_user.rin: its instance (instance_id) is known after apply",
    ]


def test_an_instance_that_failed_is_left_out(tmp_path: Path) -> None:
    """Nobody can log in to it."""
    world = world_of(tmp_path, state(_instance(status="CREATION_FAILED")))
    assert account_of(world) == {}
    assert [each.partition(" ")[2] for each in left_out(world)] == [
        "aws_connect_instance.main: its status is CREATION_FAILED"
    ]


def test_the_cloud_control_provider_names_profiles_by_arn(tmp_path: Path) -> None:
    """An instance, a profile and a user in CloudFormation's words."""
    profile = f"{ARN}/security-profile/sp"
    world = world_of(
        tmp_path,
        state(
            resource(
                "awscc_connect_instance.main",
                {"arn": ARN, "instance_alias": "desk", "identity_management_type": "SAML", "instance_status": "ACTIVE"},
            ),
            resource(
                "awscc_connect_security_profile.agents",
                {
                    "instance_arn": ARN,
                    "security_profile_name": "Agents",
                    "security_profile_arn": profile,
                    "permissions": ["BasicAgentAccess"],
                },
            ),
            resource(
                "awscc_connect_user.rin",
                {
                    "instance_arn": ARN,
                    "username": "rin",
                    "security_profile_arns": [profile],
                    "identity_info": {"first_name": "Rin", "last_name": "Abe"},
                },
            ),
        ),
    )
    assert account_of(world)["connect"][INSTANCE]["users"] == {
        "rin": {"first_name": "Rin", "last_name": "Abe", "security_profiles": ["Agents"]}
    }
