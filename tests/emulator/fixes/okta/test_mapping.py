"""What is proposed for group filters, Role Value Patterns, App Filter and the Identity Provider ARN."""

from __future__ import annotations

import pytest

from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World
from tests.conftest import ACCOUNT, PROVIDER_ARN
from tests.emulator.fixes.okta.proposals import HANAKO, MAPPED, OKTA_APP, ORG, first, proposed
from tests.emulator.fixes.trials import edits

FILTER = f"{OKTA_APP}/group_filter"
PATTERN = f"{OKTA_APP}/role_value_pattern"
GROUP = f"aws#prod#ConnectAgent#{ACCOUNT}"


def _role_called(name: str, world: World) -> dict[str, object]:
    """Returns the mapped world with the role and the group under another name."""
    role = world.document.data["aws"][ACCOUNT]["roles"]["ConnectAgent"]
    group = f"aws#prod#{name}#{ACCOUNT}"
    return {
        **MAPPED,
        f"/aws/{ACCOUNT}/roles/{name}": role,
        f"{ORG}/groups": {group: {}, "Agents": {}, "Supervisors": {}},
        f"{HANAKO}/groups": [group, "Agents"],
    }


def test_a_filter_is_widened_as_far_as_the_name_needs(world: World, keys: KeyFolder) -> None:
    """By the one character that stops it."""
    assert first(world, keys, _role_called("Connect.Agent", world)) == {
        FILTER: r"^aws\#\S+\#(?{{role}}[\w\-.]+)\#(?{{accountid}}\d+)$"
    }
    changes = _role_called("Connect-Agent", world)
    changes[FILTER] = r"^aws\#\S+\#(?{{role}}\w+)\#(?{{accountid}}\d+)$"
    assert first(world, keys, changes) == {FILTER: r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$"}


def test_a_filter_for_other_names(world: World, keys: KeyFolder) -> None:
    """One that is made from the group's name, its account and its role."""
    changes = {
        **MAPPED,
        f"{ORG}/groups": {f"AWS_Voice_ConnectAgent_{ACCOUNT}": {}, "Agents": {}, "Supervisors": {}},
        f"{HANAKO}/groups": [f"AWS_Voice_ConnectAgent_{ACCOUNT}", "Agents"],
        FILTER: r"^AWS_(?{{role}}[A-Za-z]+)_(?{{accountid}}\d{12})$",
    }
    found = [edits(each) for each in proposed(world, keys, changes)]
    assert {FILTER: r"^AWS_[^_]+_(?{{role}}[^_]+)_(?{{accountid}}\d{12})$"} in found


@pytest.mark.parametrize(
    "wrong",
    [
        "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}",
        "arn:aws:iam::${accountid}:saml-provider/okta;arn:aws:iam::${accountid}:role/${role}",
        "arn:aws:iam::111111111111:saml-provider/okta,arn:aws:iam::${accountid}:role/${role}",
        "arn:aws:iam::${accountId}:saml-provider/okta,arn:aws:iam::${accountId}:role/${role}",
        "arn:aws:iam::${accountid}:saml-provider/okta,arn:aws:iam::${accountid}:role/sso/${role}",
    ],
)
def test_a_pattern_that_makes_other_arns(wrong: str, world: World, keys: KeyFolder) -> None:
    """The pattern of the account's provider and roles."""
    right = {PATTERN: "arn:aws:iam::${accountid}:saml-provider/okta,arn:aws:iam::${accountid}:role/${role}"}
    assert first(world, keys, {**MAPPED, PATTERN: wrong}) == right


def test_the_source_of_a_group(world: World, keys: KeyFolder) -> None:
    """A misspelt source is put right in the App Filter, or at the group; another is let in."""
    groups = f"{ORG}/groups/{GROUP.replace('/', '~1')}/source"
    misspelt = {**MAPPED, groups: "active_directory", f"{OKTA_APP}/app_filter": "active_dirctory"}
    assert first(world, keys, misspelt) == {f"{OKTA_APP}/app_filter": "active_directory"}
    at_group = {**MAPPED, groups: "active_dirctory", f"{OKTA_APP}/app_filter": "active_directory"}
    assert first(world, keys, at_group) == {groups: "active_directory"}
    other = {**MAPPED, groups: "active_directory"}
    assert first(world, keys, other) == {f"{OKTA_APP}/app_filter": "okta,active_directory"}


def test_mapping_by_mistake(world: World, keys: KeyFolder) -> None:
    """Use Group Mapping is turned off where roles are assigned."""
    candidate = proposed(world, keys, {f"{OKTA_APP}/use_group_mapping": True})[0]
    assert edits(candidate) == {f"{OKTA_APP}/use_group_mapping": False}
    assert candidate.title == "Turn off Use Group Mapping"


@pytest.mark.parametrize(
    "written", [PROVIDER_ARN.upper().replace("ARN:AWS:IAM", "arn:aws:iam"), PROVIDER_ARN.replace("/okta", "/okta-saml")]
)
def test_the_provider_of_the_app(written: str, world: World, keys: KeyFolder) -> None:
    """The ARN of the provider that there is."""
    wrong = written.replace("SAML-PROVIDER", "saml-provider")
    assert first(world, keys, {f"{OKTA_APP}/identity_provider_arn": wrong}) == {
        f"{OKTA_APP}/identity_provider_arn": PROVIDER_ARN
    }
