"""What one seed cannot say of a thing that may be denied something, where another seed or the world has the thing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.seeds.policy_documents import denies_everything
from emulator.world import World, load_world
from emulator.worldfile.schema.aws_schema import Account
from tests.emulator.seeds.terraform.states import ACCOUNT, resource, role, state, trust

PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"
AGENT: dict[str, Any] = {
    "Path": "/",
    "RoleName": "Agent",
    "RoleId": "AROAEXAMPLEEXAMPLEAGE",
    "Arn": f"arn:aws:iam::{ACCOUNT}:role/Agent",
    "AssumeRolePolicyDocument": trust(),
}
ANSWER = {"Roles": [AGENT]}
UNREAD = {
    "UserDetailList": [],
    "GroupDetailList": [],
    "RoleDetailList": [{**AGENT, "RolePolicyList": [{"PolicyName": "deny"}]}],
    "Policies": [],
}
TERRAFORM = state(role("aws_iam_role.agent", "Agent"))
UNKNOWN = state(role("aws_iam_role.agent", "Agent", inline_policy=[{"name": "deny", "policy": None}]))
POLICY_ALONE = state(resource("aws_iam_role_policy.deny", {"role": "Agent", "name": "deny", "policy": None}))
PROPERTIES = {"RoleName": "Agent", "AssumeRolePolicyDocument": trust()}
TEMPLATE = {"Resources": {"Agent": {"Type": "AWS::IAM::Role", "Properties": PROPERTIES}}}


def _world(folder: Path, more: str = "", **files: Any) -> World:
    for name, data in files.items():
        (folder / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    listed = ", ".join(f"{name}.json" for name in files)
    text = f'version: 1\naws:\n  "{ACCOUNT}":\n    seed: [{listed}]\n{more}'
    (folder / "world.yaml").write_text(text, encoding="utf-8")
    return load_world(folder / "world.yaml")


def _account(world: World) -> Account:
    return world.settings.aws[ACCOUNT]


@pytest.mark.parametrize("unread", [UNKNOWN, POLICY_ALONE], ids=["the role", "its policy alone"])
@pytest.mark.parametrize("known", [ANSWER, TEMPLATE], ids=["an answer", "a template"])
@pytest.mark.parametrize("is_first", [True, False])
def test_what_terraform_does_not_know_keeps_a_role_away(
    tmp_path: Path, known: Any, unread: Any, is_first: bool
) -> None:
    """Whichever other seed has the role, before or after."""
    files = {"a": unread, "b": known} if is_first else {"a": known, "b": unread}
    assert _account(_world(tmp_path, **files)).roles == {}
    assert list(_account(_world(tmp_path, a=known)).roles) == ["Agent"]


@pytest.mark.parametrize("known", [TERRAFORM, TEMPLATE], ids=["a state", "a template"])
def test_what_an_answer_does_not_say_keeps_a_role_away(tmp_path: Path, known: Any) -> None:
    """A policy of which only the name is there may deny what the other file allows."""
    assert _account(_world(tmp_path, known=known, unread=UNREAD)).roles == {}
    names = {"PolicyNames": ["deny"], "IsTruncated": False}
    assert _account(_world(tmp_path, known=known, Agent=names)).roles == {}


def test_a_role_of_the_world_itself_is_denied_everything(tmp_path: Path) -> None:
    """It stays: what the world says is never taken out."""
    more = f"    roles: {{Agent: {{trust: {json.dumps(trust())}}}}}\n"
    agent = _account(_world(tmp_path, more, unread=UNKNOWN)).roles["Agent"]
    assert agent.inline_policies == {"not-known": denies_everything()}


@pytest.mark.parametrize("mode", ["required", ["Required"]])
def test_an_encryption_mode_that_cannot_be_read_keeps_a_provider_away(tmp_path: Path, mode: Any) -> None:
    """Another seed has its metadata and does not say the mode, so that an unencrypted assertion would be taken."""
    values = {"name": "okta", "arn": PROVIDER, "saml_metadata_document": "<a/>"}
    terraform = state(resource("aws_iam_saml_provider.okta", values))
    answer = {"SAMLMetadataDocument": "<a/>", "AssertionEncryptionMode": mode}
    assert _account(_world(tmp_path, terraform=terraform, okta=answer)).saml_providers == {}
    more = "    saml_providers: {okta: {metadata: {okta_app: acme/aws}}}\n"
    more += "okta: {acme: {apps: {aws: {identity_provider_arn: " + PROVIDER + "}}}}\n"
    assert _account(_world(tmp_path, more, okta=answer)).saml_providers["okta"].assertion_encryption == "Required"
