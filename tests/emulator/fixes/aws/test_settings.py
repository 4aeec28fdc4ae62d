"""What is proposed for settings that no plain login of the built-in world comes to."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.diagnosis.diagnosis import Diagnosis
from emulator.federation import Federation
from emulator.fixes.aws_candidates import propose
from emulator.fixes.candidate import REMOVED, Candidate, Finding
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.explanations import Setting
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, NOW, USER
from tests.emulator.fixes.aws.proposals import IAM, INSTANCE
from tests.emulator.fixes.trials import edits


def _proposed(
    world: World, keys: KeyFolder, changes: dict[str, Any], path: tuple[str | int, ...], wanted: object = None
) -> list[Candidate]:
    """Returns what is proposed where a setting of the account is named, with what would be right there."""
    changed = change_world(world, changes)
    federation = Federation(changed, clock=Clock(frozen_at=NOW), ids=Ids(seed=1), keys=keys)
    account = federation.aws_services.aws.accounts[ACCOUNT]
    told = Diagnosis("a-check", "It is not right.", settings=(Setting(account, path, wanted=wanted),))
    return list(propose(Finding(changed, told, log_in(federation, user=USER, app=APP))))


def test_a_region_in_which_sts_is_switched_off(world: World, keys: KeyFolder) -> None:
    """The region leaves the list; another is left alone."""
    changes = {f"{IAM}/disabled_sts_regions": ["eu-west-1", "eu-central-1"]}
    (candidate,) = _proposed(world, keys, changes, ("disabled_sts_regions",), "eu-central-1")
    assert edits(candidate) == {f"{IAM}/disabled_sts_regions/1": REMOVED}
    assert candidate.title == "Activate STS in eu-central-1"
    assert candidate.console == "IAM console > Account settings > Security Token Service (STS) > Endpoints"
    assert _proposed(world, keys, changes, ("disabled_sts_regions",), "us-east-1") == []


@pytest.mark.parametrize(
    ("path", "changes", "right"),
    [
        (("binds_roles",), {"role_binding": "strict"}, {"role_binding": "off"}),
        (
            ("authentication_profile",),
            {"authentication_profile": {"max_session_duration": 60}},
            {"authentication_profile/max_session_duration": 720},
        ),
    ],
)
def test_how_an_instance_treats_sessions(
    world: World, keys: KeyFolder, path: tuple[str, ...], changes: dict[str, Any], right: dict[str, Any]
) -> None:
    """Roles are not bound, and logins last as long as they can."""
    given = {f"{INSTANCE}/{name}": value for name, value in changes.items()}
    (candidate,) = _proposed(world, keys, given, ("instances", INSTANCE_ID, *path))
    assert edits(candidate) == {f"{INSTANCE}/{name}": value for name, value in right.items()}


def test_awss_own_policies_are_left_alone(world: World, keys: KeyFolder) -> None:
    """Nobody can change what is inside of one."""
    assert _proposed(world, keys, {}, ("policies", "arn:aws:iam::aws:policy/ReadOnlyAccess"), "s3:GetObject") == []


def test_an_instance_that_is_gone_has_no_settings(world: World, keys: KeyFolder) -> None:
    """Nothing is proposed for what the world does not have."""
    assert _proposed(world, keys, {}, ("instances", "another", "identity_management"), "SAML") == []
