"""What the AWS CLI, unmodified, prints of the emulator's own account fills another world that is the same."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.world import World, load_world
from emulator.worldfile.schema.aws_schema import Account
from tests.clients.conftest import client
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, PROVIDER_ARN, USER
from tests.requirements import aws_cli_v2
from tests.sdk import ADMINISTRATOR

COMMANDS = {
    "account": ("iam", "get-account-authorization-details"),
    "roles": ("iam", "list-roles"),
    "okta": ("iam", "get-saml-provider", "--saml-provider-arn", PROVIDER_ARN),
    "aliases": ("iam", "list-account-aliases"),
    "instances": ("connect", "list-instances"),
    "people": ("connect", "search-users", "--instance-id", INSTANCE_ID),
    "profiles": ("connect", "list-security-profiles", "--instance-id", INSTANCE_ID),
    "origins": ("connect", "list-approved-origins", "--instance-id", INSTANCE_ID),
}
IN_TEXT = ("roles", "okta", "aliases", "instances", "people", "profiles", "origins")


def _save(server: Server, folder: Path, path: str, output: str, names: tuple[str, ...]) -> list[str]:
    """Runs commands with ``>``, and returns the files."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "NO_PROXY": "*",
        **{name.upper(): value for name, value in ADMINISTRATOR.items()},
    }
    for name in names:
        arguments = [path, "--endpoint-url", server.url, "--output", output, *COMMANDS[name]]
        with (folder / f"{name}.out").open("wb") as out:
            subprocess.run(arguments, env=environment, stdout=out, check=True, timeout=120)  # noqa: S603
    return [f"{name}.out" for name in names]


def _filled(folder: Path, files: list[str]) -> World:
    """Returns the built-in world's org with an account that is filled from files."""
    settings = f"""version: 1
okta:
  acme:
    groups: [Agents]
    users: {{{USER}: {{password: correct-horse, groups: [Agents]}}}}
    apps:
      {APP}:
        catalog: amazon_aws
        identity_provider_arn: {PROVIDER_ARN}
        default_relay_state: https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}
        assignments: [{{group: Agents, role: ConnectAgent, saml_user_roles: [ConnectAgent]}}]
aws:
  "{ACCOUNT}":
    seed: [{", ".join(files)}]
"""
    (folder / "world.yaml").write_text(settings)
    return load_world(folder / "world.yaml")


def _said(account: Account) -> dict[str, Any]:
    found = account.model_dump(exclude_defaults=True)
    for user in found["users"].values():
        user.pop("access_keys", None)
    return {name: each for name, each in found.items() if name not in {"seed", "saml_providers"}}


@pytest.mark.parametrize(("program", "output"), [("1", "json"), ("2", "yaml"), ("2", "yaml-stream")])
def test_an_account_is_read_back_and_logs_in(
    server: Server, world: World, tmp_path: Path, program: str, output: str, keys: KeyFolder, clock: Clock
) -> None:
    """Version 1 prints JSON, version 2 YAML as well; each thing of the account is there, and the login arrives."""
    path = client("aws") if program == "1" else aws_cli_v2()
    filled = _filled(tmp_path, _save(server, tmp_path, path, output, tuple(COMMANDS)))
    assert _said(filled.settings.aws[ACCOUNT]) == _said(world.settings.aws[ACCOUNT])
    assert [problem.message for report in filled.seeds for problem in report.left_out] == []
    federation = Federation(filled, clock=clock, ids=Ids(seed=1), keys=keys)
    assert log_in(federation, user=USER, app=APP).lands_on == "https://acme.my.connect.aws/home"


def test_text_output_is_read_back_but_for_policies(server: Server, world: World, tmp_path: Path) -> None:
    """The roles' trust policies are the console's; what the roles may do is in answers that text output loses."""
    filled = _filled(tmp_path, _save(server, tmp_path, client("aws"), "text", IN_TEXT))
    account, original = filled.settings.aws[ACCOUNT], world.settings.aws[ACCOUNT]
    assert account.connect == original.connect
    assert account.alias == original.alias
    assert {name: (role.trust, role.max_session_duration) for name, role in account.roles.items()} == {
        name: (role.trust, role.max_session_duration) for name, role in original.roles.items()
    }
    assert list(account.saml_providers) == ["okta"]
    assert "EntityDescriptor" in (account.saml_providers["okta"].metadata.xml or "")


def test_table_output_is_refused(server: Server, tmp_path: Path) -> None:
    """By the name of what it prints."""
    (file,) = _save(server, tmp_path, client("aws"), "table", ("roles",))
    with pytest.raises(WorldError) as caught:
        _filled(tmp_path, [file])
    assert caught.value.message == "roles.out: this is a table, the output of ListRoles with --output table"
