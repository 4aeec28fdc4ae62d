"""Worlds filled from the templates in ``tests/data/cloudformation``, and what is reported about them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import Problem
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, load_world
from emulator.worldfile.schema.aws_schema import Account
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, USER

DATA = Path(__file__).parents[3] / "data" / "cloudformation"
RELAY_STATE = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"
PROVIDER = f"    saml_providers: {{okta: {{metadata: {{okta_app: acme/{APP}}}}}}}\n"
INSTANCE = f"    connect: {{{INSTANCE_ID}: {{alias: acme, region: ap-northeast-1, users: {{{USER}: {{}}}}}}}}\n"
WORLD = f"""version: 1
okta:
  acme:
    users: {{{USER}: {{password: x}}}}
    apps:
      {APP}:
        identity_provider_arn: arn:aws:iam::{ACCOUNT}:saml-provider/okta
        default_relay_state: {RELAY_STATE}
        assignments: [{{user: {USER}, role: ROLE}}]
aws:
  "{ACCOUNT}":
    seed: SEEDS
"""


def filled(
    folder: Path, *seeds: Any, more: str = PROVIDER + INSTANCE, role: str = "Agent", metadata: str = ""
) -> World:
    """Returns a world that is filled from templates.

    Args:
        folder: Where its files are put.
        seeds: The seeds, as a world lists them.
        more: What the world says of the account itself.
        role: The role of the person in it.
        metadata: What is in a template where it says METADATA.
    """
    for seed in seeds:
        name = seed if isinstance(seed, str) else seed["file"]
        text = (DATA / name).read_text(encoding="utf-8").replace("METADATA", json.dumps(metadata or "<x/>"))
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return written(folder, seeds, more=more, role=role)


def written(folder: Path, seeds: Sequence[Any], *, more: str = PROVIDER + INSTANCE, role: str = "Agent") -> World:
    """Returns a world whose seeds are in a folder already."""
    text = WORLD.replace("SEEDS", json.dumps(list(seeds))).replace("role: ROLE", f"role: {role}")
    (folder / "world.yaml").write_text(text + more, encoding="utf-8")
    return load_world(folder / "world.yaml")


def account(world: World) -> Account:
    """Returns the world's account."""
    return world.settings.aws[ACCOUNT]


def federation_of(world: World, keys: KeyFolder, clock: Clock) -> Federation:
    """Returns a federation of a world."""
    return Federation(world, clock=clock, ids=Ids(seed=1), keys=keys)


def left_out(world: World, seed: int = 0) -> list[str]:
    """Returns what is left out of a seed: line, message and fix of each."""
    return [_line(problem) for problem in world.seeds[seed].left_out]


def notes(world: World, seed: int = 0) -> list[str]:
    """Returns what is in the world otherwise than in a seed: line, message and fix of each."""
    return [_line(problem) for problem in world.seeds[seed].notes]


def _line(problem: Problem) -> str:
    return f"{problem.location.line} {problem.message}" + (f" -> {problem.fix}" if problem.fix else "")
