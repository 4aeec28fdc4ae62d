"""Organizations and addresses, from the world to both sides' models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.client_connection import KnownAddresses
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.state.reading import load_state
from emulator.running.state.writing import dump_state
from emulator.world import World, change_world
from sp_mock.accounts.organization import Organization
from tests.conftest import ACCOUNT, USER

HERE = f"/aws/{ACCOUNT}/organization"
DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


def _document(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{**DENY, **statement}]}


def _federation(world: World, keys: KeyFolder, **changes: Any) -> Federation:
    return Federation(change_world(world, changes), clock=Clock(frozen_at=None), ids=Ids(seed=7), keys=keys)


def _organization(federation: Federation) -> Organization | None:
    return federation.aws_services.aws.accounts[ACCOUNT].organization


def test_an_account_is_in_none_unless_the_world_says_so(federation: Federation) -> None:
    """Today's worlds stay as they are."""
    assert _organization(federation) is None


def test_what_is_left_out_has_defaults(world: World, keys: KeyFolder) -> None:
    """The account is at the root, FullAWSAccess is attached, and no other policy is."""
    organization = _organization(_federation(world, keys, **{HERE: {"id": "o-a1b2c3d4e5"}}))
    assert organization == Organization("o-a1b2c3d4e5", "o-a1b2c3d4e5/r-root/")
    assert organization is not None
    assert (organization.limits_of_principals, organization.limits_of_resources) == ((), None)


def test_documents_are_written_here_or_in_files(world: World, keys: KeyFolder, tmp_path: Path) -> None:
    """As everywhere in a world; each is named after its kind, beside the one that AWS attaches itself."""
    file = tmp_path / "rcp.json"
    file.write_text(json.dumps(_document(Principal="*")), encoding="utf-8")
    shape = {"id": "o-a1b2c3d4e5", "scps": {"here": _document()}, "rcps": {"there": str(file)}}
    organization = _organization(_federation(world, keys, **{HERE: shape}))
    assert organization is not None
    assert [name for level in organization.limits_of_principals for name, _ in level] == [
        "service control policy FullAWSAccess",
        "service control policy here",
    ]
    assert [name for name, _ in organization.limits_of_resources or ()] == [
        "resource control policy RCPFullAWSAccess",
        "resource control policy there",
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({HERE: {"id": "acme"}}, "'acme' is not an organization's id such as o-a1b2c3d4e5"),
        (
            {HERE: {"id": "o-a1b2c3d4e5", "root": "root"}},
            "'root' is not the id of an organization's root such as r-ab12",
        ),
        (
            {HERE: {"id": "o-a1b2c3d4e5", "organizational_units": ["ou-1"]}},
            "'ou-1' is not the id of an organizational unit such as ou-ab12-11111111",
        ),
        (
            {HERE: {"id": "o-a1b2c3d4e5", "scps": {"x": _document(Principal="*")}}},
            "Statement[0].Principal: does not belong here, the principal is who the policy is attached to",
        ),
        (
            {HERE: {"id": "o-a1b2c3d4e5", "rcps": {"x": _document()}}},
            "Statement[0].Principal: a resource control policy is for everybody",
        ),
        (
            {HERE: {"id": "o-a1b2c3d4e5", "rcps": {"x": _document(Principal="*", Effect="Allow")}}},
            "Statement[0].Effect: a resource control policy allows nothing",
        ),
        (
            {HERE: {"id": "o-a1b2c3d4e5", "root": "r-ab12", "levels": {"r-ab13": {}}}},
            "levels: r-ab13 is neither the root nor one of the organizational_units",
        ),
        (
            {f"/okta/acme/users/{USER}/source_ip": "office"},
            "'office' is not an IP address such as 203.0.113.10",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(world: World, keys: KeyFolder, changes: dict[str, Any], message: str) -> None:
    """Ids, addresses and documents that AWS does not have or take."""
    with pytest.raises(WorldError) as caught:
        _federation(world, keys, **changes)
    assert [problem.message for problem in caught.value.problems] == [message]


def test_aws_own_resource_control_policy_may_be_in_an_export(world: World, keys: KeyFolder) -> None:
    """RCPFullAWSAccess allows everything, and is attached anyway."""
    shape = {"id": "o-a1b2c3d4e5", "rcps": {"RCPFullAWSAccess": _document(Principal="*", Effect="Allow", Action="*")}}
    organization = _organization(_federation(world, keys, **{HERE: shape}))
    assert organization is not None
    assert [name for name, _ in organization.limits_of_resources or ()] == ["resource control policy RCPFullAWSAccess"]


def test_people_are_known_by_every_name_that_an_assertion_may_have(world: World, keys: KeyFolder) -> None:
    """Login, e-mail address and its first part; people without an address are not known."""
    federation = _federation(
        world,
        keys,
        **{
            f"/okta/acme/users/{USER}/source_ip": "203.0.113.9",
            f"/okta/acme/users/{USER}/email": "h.sato@example.org",
        },
    )
    assert federation.aws_services.services.get(KnownAddresses).by_name == {
        USER: "203.0.113.9",
        "h.sato@example.org": "203.0.113.9",
        "h.sato": "203.0.113.9",
    }


def test_a_state_keeps_the_organization_and_one_from_before_has_none(world: World, keys: KeyFolder) -> None:
    """The policies go out and in again; a state without the key loads, and its accounts are in no organization."""
    shape = {
        "id": "o-a1b2c3d4e5",
        "root": "r-ab12",
        "levels": {"r-ab12": {"scps": {"c": _document()}, "full_aws_access": False}},
        "scps": {"a": _document()},
        "rcps": {"b": _document(Principal="*")},
    }
    federation, other = _federation(world, keys, **{HERE: shape}), _federation(world, keys)
    text = dump_state(federation)
    load_state(other, text)
    assert dump_state(other) == text
    before = json.loads(text)
    for account in before["accounts"]:
        del account["organization"]
    load_state(other, json.dumps(before))
    assert _organization(other) is None
