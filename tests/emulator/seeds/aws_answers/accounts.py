"""A world of one account that is filled from files, and what became of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.seeds.seed_report import SeedReport
from emulator.world import World, load_world
from emulator.worldfile.schema.aws_schema import Account

ACCOUNT = "123456789012"
INSTANCE = "12345678-90ab-cdef-1234-567890abcdef"
IN_CONNECT = f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/{INSTANCE}"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        }
    ],
}
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def role(name: str = "Agent", **fields: Any) -> dict[str, Any]:
    """Returns a role as ``get-role`` prints it."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return {"Path": "/", "RoleName": name, "RoleId": "AROAX", "Arn": arn, "AssumeRolePolicyDocument": TRUST, **fields}


def instance(**fields: Any) -> dict[str, Any]:
    """Returns an instance as ``describe-instance`` prints it."""
    return {"Id": INSTANCE, "Arn": IN_CONNECT, "IdentityManagementType": "SAML", "InstanceAlias": "acme", **fields}


def person(login: str = "mika@example.com", **fields: Any) -> dict[str, Any]:
    """Returns somebody as ``list-users`` prints them."""
    return {"Id": "u-1", "Arn": f"{IN_CONNECT}/agent/u-1", "Username": login, **fields}


def filled(folder: Path, files: Mapping[str, Any], *, own: Any = None, account: str = ACCOUNT) -> World:
    """Returns a world whose account is filled from files: data becomes JSON, text and bytes stay what they are."""
    for name, content in files.items():
        data = content if isinstance(content, str | bytes) else json.dumps(content)
        (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    settings = {"seed": list(files), **(own or {})}
    (folder / "world.yaml").write_text(json.dumps({"version": 1, "aws": {account: settings}}))
    return load_world(folder / "world.yaml")


def account_of(world: World, account: str = ACCOUNT) -> Account:
    """Returns the account that was filled."""
    return world.settings.aws[account]


def said(account: Account) -> dict[str, Any]:
    """Returns what an account has beside defaults and its seeds."""
    return {name: each for name, each in account.model_dump(exclude_defaults=True).items() if name != "seed"}


def report(world: World, file: str) -> SeedReport:
    """Returns what became of a file."""
    return next(each for each in world.seeds if each.file.endswith(f"/{file}"))


def left_out(world: World, file: str) -> list[str]:
    """Returns what was left out of a file."""
    return [each.message for each in report(world, file).left_out]


def notes(world: World, file: str) -> list[str]:
    """Returns what is in the world otherwise than in a file."""
    return [each.message for each in report(world, file).notes]
