"""What Amazon Connect's answers say of an instance: people, profiles, origins; which instance and profile they mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator.world import World
from emulator.worldfile.schema.connect_schema import ConnectInstance
from tests.emulator.seeds.aws_answers.accounts import (
    IN_CONNECT,
    INSTANCE,
    account_of,
    filled,
    instance,
    left_out,
    notes,
    person,
)

INSTANCES = {"InstanceSummaryList": [instance()]}
PROFILES = {
    "SecurityProfileSummaryList": [
        {"Id": "s-1", "Arn": f"{IN_CONNECT}/security-profile/s-1", "Name": "Agent"},
        {"Id": "s-2", "Arn": f"{IN_CONNECT}/security-profile/s-2", "Name": "Night Desk"},
    ]
}
ROUTING = {"RoutingProfileSummaryList": [{"Id": "r-1", "Arn": f"{IN_CONNECT}/routing-profile/r-1", "Name": "Sales"}]}


def _instance(world: World) -> ConnectInstance:
    return account_of(world).connect[INSTANCE]


def test_an_instance_is_what_describe_instance_prints(tmp_path: Path) -> None:
    """Its region is in the ARN, its old domain in the access URL."""
    fields = {"InstanceAccessUrl": "https://acme.awsapps.com/connect/", "IdentityManagementType": "CONNECT_MANAGED"}
    found = _instance(filled(tmp_path, {"i.json": {"Instance": instance(**fields)}}))
    assert (found.alias, found.region, found.domain, found.identity_management) == (
        "acme",
        "ap-northeast-1",
        "awsapps.com",
        "CONNECT_MANAGED",
    )


def test_an_instance_that_nobody_can_sign_in_to_is_left_out(tmp_path: Path) -> None:
    """While it is made, or where that failed."""
    world = filled(tmp_path, {"i.json": {"Instance": instance(InstanceStatus="CREATION_FAILED")}})
    assert account_of(world).connect == {}
    assert left_out(world, "i.json") == [
        "Connect instance acme: its status is CREATION_FAILED, so nobody can sign in to it"
    ]


def test_the_instance_of_people_is_in_their_arns(tmp_path: Path) -> None:
    """Logins keep their case; that profiles are not printed is reported once, not for each."""
    people = [person("Taro@Example.com"), *(person(f"p{number}@example.com") for number in range(60))]
    world = filled(tmp_path, {"i.json": INSTANCES, "u.json": {"UserSummaryList": people}})
    users = _instance(world).users
    assert len(users) == 61
    assert (users["Taro@Example.com"].security_profiles, users["Taro@Example.com"].routing_profile) == (
        ["Agent"],
        "Basic Routing Profile",
    )
    assert notes(world, "u.json") == [
        "aws connect list-users: its output has no profiles; here all its users have Agent and Basic Routing Profile"
    ]


def test_people_of_an_instance_that_no_seed_has_are_left_out_with_it(tmp_path: Path) -> None:
    """The host that it has is not in their ARNs."""
    world = filled(tmp_path, {"u.json": {"UserSummaryList": [person()]}})
    assert account_of(world).connect == {}
    assert left_out(world, "u.json") == [f"Connect instance {INSTANCE}: none of the seeds contains its alias"]


def test_profiles_by_id_have_their_names_from_other_files(tmp_path: Path) -> None:
    """What describe-user and search-users print are ids."""
    user = person(SecurityProfileIds=["s-2", "s-1"], RoutingProfileId="r-1", IdentityInfo={"FirstName": "Mika"})
    files = {"i.json": INSTANCES, "u.json": {"User": user}, "s.json": PROFILES, "r.json": ROUTING}
    found = _instance(filled(tmp_path, files))
    assert found.users["mika@example.com"].model_dump() == {
        "first_name": "Mika",
        "last_name": "",
        "security_profiles": ["Night Desk", "Agent"],
        "routing_profile": "Sales",
    }
    assert found.routing_profiles == ["Sales"]


def test_ids_that_no_seed_names_are_reported_and_allow_nothing(tmp_path: Path) -> None:
    """In one line for each kind, with the command that has the names; a profile may not open the CCP."""
    people = [person(f"p{n}@example.com", SecurityProfileIds=[f"s-{n}"], RoutingProfileId="r-9") for n in range(7)]
    users = {"Users": people}
    world = filled(tmp_path, {"i.json": INSTANCES, "u.json": users})
    assert {tuple(user.security_profiles) for user in _instance(world).users.values()} == {()}
    assert notes(world, "u.json") == [
        (
            "security profiles s-0, s-1, s-2, s-3, s-4 and 2 more: none of the seeds contains their "
            "names; users who have no other profile may not open the CCP"
        ),
        "routing profiles r-9: none of the seeds contains their names; users with one of them have Basic Routing "
        "Profile here",
    ]


@pytest.mark.parametrize(
    ("permissions", "may"),
    [(["BasicAgentAccess", "OutboundCall"], True), (["AccessMetrics"], False), ([], False)],
)
def test_a_profile_opens_the_ccp_by_its_permissions(tmp_path: Path, permissions: list[str], may: bool) -> None:
    """BasicAgentAccess is the console's "Access Contact Control Panel"."""
    files = {"i.json": INSTANCES, "s.json": PROFILES, "night-desk.json": {"Permissions": permissions}}
    world = filled(tmp_path, files)
    assert _instance(world).security_profiles["Night Desk"].access_ccp is may
    assert notes(world, "s.json") == []


def test_a_profile_of_unknown_permissions_does_not_open_the_ccp(tmp_path: Path) -> None:
    """The four that every instance has are known."""
    world = filled(tmp_path, {"i.json": INSTANCES, "s.json": PROFILES})
    assert {name: each.access_ccp for name, each in _instance(world).security_profiles.items()} == {"Night Desk": False}
    assert notes(world, "s.json") == [
        "security profile Night Desk: none of the seeds says whether its users may open the CCP; here they may not"
    ]


def test_permissions_of_nobody_known_are_left_out(tmp_path: Path) -> None:
    """The answer names no profile."""
    world = filled(tmp_path, {"i.json": INSTANCES, "s.json": PROFILES, "p.json": {"Permissions": ["BasicAgentAccess"]}})
    assert left_out(world, "p.json") == ["permissions: the output does not say which security profile they belong to"]


ORIGINS = {"Origins": ["https://connect.example.com"]}
SECOND = "99999999-90ab-cdef-1234-567890abcdef"


@pytest.mark.parametrize("name", ["origins.json", "acme.json", f"{INSTANCE}.json"])
def test_origins_are_of_the_only_instance(tmp_path: Path, name: str) -> None:
    """In the seeds, or in the world itself."""
    found = _instance(filled(tmp_path, {"i.json": INSTANCES, name: ORIGINS}))
    assert found.approved_origins == ["https://connect.example.com"]
    own = {"connect": {INSTANCE: {"alias": "acme", "region": "eu-west-2"}}}
    assert _instance(filled(tmp_path, {name: ORIGINS}, own=own)).approved_origins == ["https://connect.example.com"]


def test_of_two_instances_the_files_name_says_which(tmp_path: Path) -> None:
    """By alias or id; without either they are left out."""
    second = instance(Id=SECOND, Arn=IN_CONNECT.replace(INSTANCE, SECOND), InstanceAlias="beta")
    both = {"InstanceSummaryList": [instance(), second]}
    world = filled(tmp_path, {"i.json": both, "origins-beta.json": ORIGINS})
    assert {each.alias: each.approved_origins for each in account_of(world).connect.values()} == {
        "acme": [],
        "beta": ["https://connect.example.com"],
    }
    world = filled(tmp_path, {"i.json": both, "origins.json": ORIGINS})
    assert left_out(world, "origins.json") == [
        "approved origins https://connect.example.com: the output does not say which instance they belong to"
    ]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (person(Username=None), "Connect user without a name: Username is missing"),
        (person(SecurityProfileIds="s-1"), "Connect user mika@example.com: SecurityProfileIds is not a list"),
        (person(SecurityProfileIds=[7]), "Connect user mika@example.com: SecurityProfileIds must contain only strings"),
        (person(IdentityInfo="x"), "Connect user mika@example.com: IdentityInfo is not a mapping"),
    ],
)
def test_a_broken_person_is_left_out_and_the_others_are_not(tmp_path: Path, entry: Any, message: str) -> None:
    """Nobody is taken whose profiles cannot be read."""
    users = {"Users": [person("ok@example.com", SecurityProfileIds=[]), entry]}
    world = filled(tmp_path, {"i.json": INSTANCES, "u.json": users})
    assert list(_instance(world).users) == ["ok@example.com"]
    assert left_out(world, "u.json") == [message]
