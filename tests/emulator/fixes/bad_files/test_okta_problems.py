"""What was probably meant where a file cannot be read as a world."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.fixes.bad_files.mistake import key_in
from emulator.fixes.bad_files.okta_problems import propose_for_problem
from emulator.fixes.candidate import REMOVED, Candidate
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, read_world
from emulator.worldfile.text.yaml_file import YamlDocument
from tests.conftest import PROVIDER_ARN
from tests.diagnose.mutating import change
from tests.emulator.fixes.okta.proposals import ATTRIBUTES, CUSTOM, HANAKO, MAPPED, OKTA_APP, ORG, ROLE_VALUE
from tests.emulator.fixes.trials import edits

SIGN_IN = "https://signin.aws.amazon.com/saml"
SAML = f"{OKTA_APP}/saml"


def _proposed(
    world: World, keys: KeyFolder, changes: Mapping[str, Any], *, folder: Path = Path("/nowhere")
) -> list[Candidate]:
    """Returns what is proposed for the problems of a changed world."""
    data = change(copy.deepcopy(world.document.data), changes)
    document = YamlDocument(str(folder / "world.yaml"), data)
    with pytest.raises(WorldError) as raised:
        Federation(read_world(document), keys=keys)
    return [each for problem in raised.value.problems for each in propose_for_problem(problem, document)]


@pytest.mark.parametrize(
    ("changes", "right"),
    [
        ({f"{HANAKO}/status": "Active"}, {f"{HANAKO}/status": "ACTIVE"}),
        ({f"{HANAKO}/groups": ["agents"]}, {f"{HANAKO}/groups/0": "Agents"}),
        ({f"{OKTA_APP}/assignments/0/group": "AGENTS"}, {f"{OKTA_APP}/assignments/0/group": "Agents"}),
        ({f"{OKTA_APP}/environment": "aws"}, {f"{OKTA_APP}/environment": "aws.amazon"}),
        ({f"{OKTA_APP}/session_duration": "2h"}, {f"{OKTA_APP}/session_duration": 7200}),
        ({f"{OKTA_APP}/session_duration": "3600"}, {f"{OKTA_APP}/session_duration": 3600}),
        ({f"{OKTA_APP}/username_format": "okta_usernam"}, {f"{OKTA_APP}/username_format": "okta_username"}),
        ({f"{OKTA_APP}/username_format": "user..email"}, {f"{OKTA_APP}/username_format": "user.email"}),
        ({f"{OKTA_APP}/username_format": "usr.email"}, {f"{OKTA_APP}/username_format": "user.email"}),
        ({**CUSTOM, f"{OKTA_APP}/catalog": ""}, {f"{OKTA_APP}/catalog": "custom_saml"}),
        ({f"{OKTA_APP}/mfa": ""}, {f"{OKTA_APP}/mfa": REMOVED}),
        ({f"{OKTA_APP}/acs_url": f" {SIGN_IN}"}, {f"{OKTA_APP}/acs_url": SIGN_IN}),
        ({f"{OKTA_APP}/acs_url": SIGN_IN.upper()}, {f"{OKTA_APP}/acs_url": SIGN_IN}),
        (
            {f"{OKTA_APP}/identity_provider_arn": f" {PROVIDER_ARN}"},
            {f"{OKTA_APP}/identity_provider_arn": PROVIDER_ARN},
        ),
        ({f"{OKTA_APP}/identity_provider_arn": None}, {f"{OKTA_APP}/identity_provider_arn": PROVIDER_ARN}),
        (
            {f"{SAML}/attributes": CUSTOM[SAML]["attributes"], f"{OKTA_APP}/identity_provider_arn": None},
            {f"{OKTA_APP}/catalog": "custom_saml"},
        ),
        (
            {
                f"{OKTA_APP}/catalog": "custom_saml",
                f"{SAML}/attributes": CUSTOM[SAML]["attributes"],
                f"{OKTA_APP}/identity_provider_arn": None,
            },
            {f"{OKTA_APP}/acs_url": SIGN_IN},
        ),
        ({**CUSTOM, f"{SAML}/attributes/0/name": None}, {f"{SAML}/attributes/0/name": f"{ATTRIBUTES}Role"}),
        (
            {**CUSTOM, f"{SAML}/attributes/0/values": [ROLE_VALUE.strip('"')]},
            {f"{SAML}/attributes/0/values/0": ROLE_VALUE},
        ),
        ({**CUSTOM, f"{SAML}/signed": ["response"]}, {f"{SAML}/signed/0": "Response"}),
        (
            {**MAPPED, f"{OKTA_APP}/group_filter": r"^aws\#\S+\#(?{{role}}[\w\-]+\#(?{{accountid}}\d+)$"},
            {f"{OKTA_APP}/group_filter": r"^aws\#[^\#]+\#(?{{role}}[^\#]+)\#(?{{accountid}}\d{12})$"},
        ),
    ],
)  # fmt: skip
def test_what_was_meant(changes: dict[str, Any], right: dict[str, Any], world: World, keys: KeyFolder) -> None:
    """The first that is proposed is what a person would write."""
    assert edits(_proposed(world, keys, changes)[0]) == right


def test_a_key_under_another_name(world: World, keys: KeyFolder) -> None:
    """Keeps its value under the name that it has here."""
    (candidate,) = _proposed(world, keys, {f"{OKTA_APP}/joinAllRoles": False})
    assert edits(candidate) == {f"{OKTA_APP}/join_all_roles": False, f"{OKTA_APP}/joinAllRoles": REMOVED}
    assert candidate.title == "Write join_all_roles in place of joinAllRoles"


def test_a_group_that_several_name(world: World, keys: KeyFolder) -> None:
    """The list of groups is wrong, not everybody who names it; another that nobody names was it."""
    assert edits(_proposed(world, keys, {f"{ORG}/groups": ["Supervisors"]})[0]) == {f"{ORG}/groups/-": "Agents"}
    renamed = _proposed(world, keys, {f"{ORG}/groups": ["Agent", "Supervisors"]})[0]
    assert edits(renamed) == {f"{ORG}/groups/0": "Agents"}
    assert renamed.title == "Rename the group Agent to Agents"


def test_keys_with_dots_are_found(world: World) -> None:
    """A login has dots in it, and so may everything else that is named freely."""
    data = world.document.data
    assert key_in(data, "okta.acme.users.hanako@example.com.groups[0]") == (
        "okta", "acme", "users", "hanako@example.com", "groups", 0,
    )  # fmt: skip
    assert key_in(data, "okta.acme.apps.amazon-connect.nothing") == (
        "okta",
        "acme",
        "apps",
        "amazon-connect",
        "nothing",
    )


def test_files_that_were_exchanged(world: World, keys: KeyFolder) -> None:
    """A private key and its own certificate are put where each belongs, in one change."""
    folder = Path(__file__).parents[3] / "diagnose" / "worlds"
    key, certificate = "atelier-signing-private-key.pem", "atelier-signing-certificate.pem"
    exchanged = {f"{OKTA_APP}/signing": {"private_key": certificate, "certificate": key}}
    signing = {f"{OKTA_APP}/signing/private_key": key, f"{OKTA_APP}/signing/certificate": certificate}
    assert edits(_proposed(world, keys, exchanged, folder=folder)[0]) == signing
    missing = {f"{OKTA_APP}/signing": {"private_key": "signing.key", "certificate": certificate}}
    assert edits(_proposed(world, keys, missing, folder=folder)[0]) == {f"{OKTA_APP}/signing/private_key": key}


def test_what_is_set_at_aws_is_not_for_here(world: World, keys: KeyFolder) -> None:
    """Only the identity provider's part is looked at."""
    region = {
        next(f"/aws/123456789012/connect/{i}/region" for i in world.settings.aws["123456789012"].connect): "tokyo"
    }
    assert _proposed(world, keys, region) == []
