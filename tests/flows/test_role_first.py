"""A Role value that names the role first, as AWS's documentation does, works wherever a Role value is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.cli import main
from emulator.federation import Federation
from emulator.flow import Outcome, RolePair, assume_role, log_in, role_pairs
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import DEFAULT_WORLD, World, load_world
from tests.conftest import APP, PROVIDER_ARN, ROLE_ARN, USER


@pytest.fixture(params=[f"{ROLE_ARN},{PROVIDER_ARN}", f"{ROLE_ARN}, {PROVIDER_ARN}"], ids=["comma", "comma and space"])
def world_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Returns a world whose app maps groups to roles with a pattern that names the role first."""
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    mapping = f"use_group_mapping: true\n        group_filter: ^Agents$\n        role_value_pattern: {request.param}"
    assert "join_all_roles: true" in text
    path = tmp_path / "world.yaml"
    path.write_text(text.replace("join_all_roles: true", mapping), encoding="utf-8")
    return path


@pytest.fixture
def role_first(world_file: Path, clock: Clock, keys: KeyFolder) -> Federation:
    """Returns a federation of that world."""
    world: World = load_world(world_file)
    return Federation(world, clock=clock, ids=Ids(seed=7), keys=keys)


def test_a_browser_logs_in(role_first: Federation) -> None:
    """The tile leads to the instance, with the role."""
    login = log_in(role_first, user=USER, app=APP)
    assert (login.outcome, login.role) == (Outcome.ACCEPTED, ROLE_ARN)
    assert login.lands_on == "https://acme.my.connect.aws/home"


@pytest.mark.parametrize("role", [None, "ConnectAgent", ROLE_ARN])
def test_sts_gives_credentials(role_first: Federation, role: str | None) -> None:
    """The first role is asked for with its own provider, as is one that is named."""
    login = assume_role(role_first, user=USER, app=APP, role=role)
    assert (login.outcome, login.role) == (Outcome.ACCEPTED, ROLE_ARN)


@pytest.mark.parametrize("options", [[], ["--role", "ConnectAgent"]])
def test_the_command_line_prints_credentials(
    world_file: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """fedemu login --print-env ends with lines for a shell."""
    with pytest.raises(SystemExit) as caught:
        main(["login", USER, APP, "--world", str(world_file), "--print-env", "--standalone", *options])
    assert caught.value.code == 0
    names = [line.partition("=")[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["export AWS_ACCESS_KEY_ID", "export AWS_SECRET_ACCESS_KEY", "export AWS_SESSION_TOKEN"]


@pytest.mark.parametrize(
    ("value", "pair"),
    [
        (f"{PROVIDER_ARN},{ROLE_ARN}", RolePair(ROLE_ARN, PROVIDER_ARN)),
        (f" {ROLE_ARN} , {PROVIDER_ARN} ", RolePair(ROLE_ARN, PROVIDER_ARN)),
        (ROLE_ARN, None),
        (f"{ROLE_ARN},{ROLE_ARN}", None),
        (f"{ROLE_ARN},{PROVIDER_ARN},x", None),
        ("", None),
    ],
)
def test_a_role_value_is_a_pair_in_either_order(value: str, pair: RolePair | None) -> None:
    """Anything else is left out."""
    assert role_pairs([value]) == ((pair,) if pair else ())


def test_the_roof_and_aws_read_role_values_alike() -> None:
    """The emulator's own reader and AWS's find the same pairs."""
    from sp_mock.assertion.login_request import role_pair

    for value in (f"{PROVIDER_ARN},{ROLE_ARN}", f"{ROLE_ARN}, {PROVIDER_ARN}", f"{ROLE_ARN};{PROVIDER_ARN}", "x,y"):
        aws = role_pair(value)
        assert [(pair.role_arn, pair.provider_arn) for pair in role_pairs([value])] == (
            [(aws.role_arn, aws.provider_arn)] if aws else []
        )


def test_a_role_comes_with_its_own_provider(clock: Clock, keys: KeyFolder) -> None:
    """A person with roles in two accounts gets credentials in either, whatever the app's provider ARN is."""
    world = load_world(DEFAULT_WORLD.parent / "accounts.yaml")
    federation = Federation(world, clock=clock, ids=Ids(seed=7), keys=keys)
    for account in ("111111111111", "222222222222"):
        role = f"arn:aws:iam::{account}:role/Admin"
        login = assume_role(federation, user="aiko@example.com", app="aws", role=role)
        assert (login.outcome, login.role) == (Outcome.ACCEPTED, role)
