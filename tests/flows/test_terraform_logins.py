"""Logins in worlds that a Terraform file alone fills: they arrive as in production, and fail where they must."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.cli import main
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, load_world
from tests.emulator.seeds.terraform.states import DATA, INSTANCE, SIGN_IN, notes, world_of

APP = "amazon-connect"
OTHER_SIGN_IN = "https://eu-west-1.signin.aws.amazon.com/saml"


def _federation(world: World, clock: Clock, keys: KeyFolder) -> Federation:
    return Federation(world, clock=clock, ids=Ids(seed=1), keys=keys)


@pytest.mark.parametrize("file", ["state.json", "terraform.tfstate"])
def test_a_state_of_okta_and_aws_logs_in(tmp_path: Path, clock: Clock, keys: KeyFolder, file: str) -> None:
    """From the tile to the instance; a suspended person does not sign in, and a role without permission stops."""
    federation = _federation(world_of(tmp_path, file), clock, keys)
    login = log_in(federation, user="hanako@example.com", app=APP)
    assert login.lands_on == "https://acme-service.my.connect.aws/home"
    assert login.role == "arn:aws:iam::123456789012:role/ConnectAgent"
    refused = log_in(federation, user="taro@example.com", app=APP)
    assert refused.refusal is not None
    assert (refused.refusal.service, refused.refusal.check) == ("Amazon Connect", "get-federation-token")
    suspended = log_in(federation, user="yuki@example.com", app=APP)
    assert suspended.refusal is not None
    assert (suspended.refusal.service, suspended.refusal.check) == ("Okta", "okta-sign-in")


def test_a_first_plan_logs_in_once_the_instance_is_there(tmp_path: Path, clock: Clock, keys: KeyFolder) -> None:
    """What the plan does not create is said by the world itself."""
    world_of(tmp_path, "first-plan.json")
    path = tmp_path / "world.yaml"
    users = "users: {hanako@example.com: {}}"
    more = f"    connect: {{{INSTANCE}: {{alias: acme, region: ap-northeast-1, {users}}}}}\n"
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    federation = _federation(load_world(path), clock, keys)
    assert log_in(federation, user="hanako@example.com", app=APP).lands_on == "https://acme.my.connect.aws/home"


def run(*arguments: str) -> int:
    """Runs the command line and returns its exit code."""
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    return int(str(caught.value.code))


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns the folder of a world whose state trusts the sign-in URL of another region."""
    state: Any = json.loads((DATA / "state.json").read_text(encoding="utf-8"))
    for each in state["values"]["root_module"]["resources"]:
        if each["address"] == "aws_iam_role.agent":
            policy = each["values"]["assume_role_policy"]
            each["values"]["assume_role_policy"] = policy.replace(SIGN_IN, OTHER_SIGN_IN)
    world_of(tmp_path, state)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_tried_fix_names_the_address_and_where_it_belongs(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The line in the state, the resource, and that the Terraform source is changed."""
    assert (broken / "given.json").exists()
    assert run("login", "hanako@example.com", APP, "--world", "world.yaml") == 1
    printed = capsys.readouterr().out
    place = "aws_iam_role.agent.assume_role_policy.Statement[0].Condition.StringEquals.SAML:aud"
    assert f"given.json:113  {place}, Terraform aws_iam_role.agent\n" in printed
    assert f': {OTHER_SIGN_IN} -> ["{OTHER_SIGN_IN}", "{SIGN_IN}"]\n' in printed
    assert "  set in aws_iam_role.agent in the Terraform source (.tf)\n" in printed


def test_fedemu_fix_leaves_what_terraform_wrote(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is written into a state; the address to change is said."""
    before = (broken / "given.json").read_bytes()
    assert run("fix", "world.yaml", "--user", "hanako@example.com", "--app", APP) == 1
    printed = capsys.readouterr().out
    assert (
        "  not written: given.json is written by a program: change aws_iam_role.agent in the Terraform source (.tf)\n"
        in printed
    )
    assert "Written:" not in printed
    assert (broken / "given.json").read_bytes() == before


def test_metadata_of_an_older_certificate_does_not_log_in(tmp_path: Path, clock: Clock, keys: KeyFolder) -> None:
    """Okta signs with another key than the one that was given to IAM: as in production, the signature is refused."""
    state: Any = json.loads((DATA / "state.json").read_text(encoding="utf-8"))
    for each in state["values"]["root_module"]["resources"]:
        if each["address"] == "okta_app_saml.amazon_connect":
            each["values"]["metadata"] = None
            each["values"]["certificate"] = "MIIBnewer"
    world = world_of(tmp_path, state)
    reason = "its metadata has no certificate that acme/amazon-connect signs with now, so the file's metadata is kept"
    assert f"95 saml_providers.okta: {reason}" in notes(world)
    login = log_in(_federation(world, clock, keys), user="hanako@example.com", app=APP)
    assert login.refusal is not None
    assert (login.refusal.service, login.refusal.check) == ("AWS sign-in", "signature")
