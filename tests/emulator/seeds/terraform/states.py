"""Worlds filled from Terraform's files, and small states and plans to fill them from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from emulator.world import World, load_world

DATA = Path(__file__).parents[3] / "data" / "terraform"
ACCOUNT = "123456789012"
OTHER = "210987654321"
PROVIDER_ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"
SIGN_IN = "https://signin.aws.amazon.com/saml"
INSTANCE = "0f1e2d3c-aaaa-4bbb-8ccc-111122223333"
AFTER_APPLY = "Apply the plan and use the state, or set it in the world file."


def world_of(
    folder: Path, file: str | Mapping[str, Any], *, moment: str = "after", accounts: Sequence[str] = (ACCOUNT,)
) -> World:
    """Returns a world whose org acme and whose accounts are filled from a file alone.

    Args:
        folder: Where the world is written.
        file: The name of one of the test's files, or the data of another.
        moment: Which moment of a plan.
        accounts: The accounts that the file is listed under.
    """
    name = file if isinstance(file, str) else "given.json"
    if isinstance(file, str):
        shutil.copyfile(DATA / file, folder / name)
    else:
        (folder / name).write_text(json.dumps(file, indent=1), encoding="utf-8")
    seed = f"[{{file: {name}, moment: {moment}}}]"
    text = f"version: 1\nokta:\n  acme:\n    seed: {seed}\naws:\n"
    text += "".join(f'  "{account}":\n    seed: {seed}\n' for account in accounts)
    (folder / "world.yaml").write_text(text, encoding="utf-8")
    return load_world(folder / "world.yaml")


def account_of(world: World, account: str = ACCOUNT) -> dict[str, Any]:
    """Returns what a world's account has beside defaults."""
    return world.settings.aws[account].model_dump(exclude_defaults=True, exclude={"seed"})


def org_of(world: World) -> dict[str, Any]:
    """Returns what a world's org has beside defaults."""
    return world.settings.okta["acme"].model_dump(exclude_defaults=True, exclude={"seed"})


def left_out(world: World) -> list[str]:
    """Returns what is left out, with the line of each."""
    return [f"{each.location.line} {each.message}" for report in world.seeds for each in report.left_out]


def notes(world: World) -> list[str]:
    """Returns what the seed reports, each with its line."""
    return [f"{each.location.line} {each.message}" for report in world.seeds for each in report.notes]


def trust(provider: str = PROVIDER_ARN, audience: Any = SIGN_IN) -> dict[str, Any]:
    """Returns a trust policy."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": provider},
                "Action": "sts:AssumeRoleWithSAML",
                "Condition": {"StringEquals": {"SAML:aud": audience}},
            }
        ],
    }


def federate(account: str = ACCOUNT) -> dict[str, Any]:
    """Returns the policy that Amazon Connect asks for."""
    resource = f"arn:aws:connect:ap-northeast-1:{account}:instance/{INSTANCE}/user/${{aws:userid}}"
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "connect:GetFederationToken", "Resource": resource}],
    }


def resource(address: str, values: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Returns a resource as ``terraform show -json`` prints it."""
    module, _, rest = address.rpartition("module.")
    path = f"{module}module.{rest.split('.', 1)[0]}" if rest != address else ""
    plain = rest.split(".", 1)[1] if path else address
    mode = "data" if plain.startswith("data.") else "managed"
    kind, name = plain.removeprefix("data.").split("[")[0].split(".")
    index = {"index": json.loads(plain.split("[")[1].rstrip("]"))} if "[" in plain else {}
    maker = "okta/okta" if kind.startswith("okta_") else "hashicorp/aws"
    return {
        "address": address,
        "mode": mode,
        "type": kind,
        "name": name,
        **index,
        "provider_name": f"registry.terraform.io/{maker}",
        "values": dict(values or {}),
        **more,
    }


def role(address: str, name: str, document: Mapping[str, Any] | None = None, **values: Any) -> dict[str, Any]:
    """Returns a role."""
    given = {
        "name": name,
        "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "path": "/",
        "assume_role_policy": json.dumps(trust() if document is None else document),
    }
    return resource(address, {**given, **values})


def state(*resources: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a state as ``terraform show -json`` prints it."""
    return {"format_version": "1.0", "terraform_version": "1.9.8", "values": {"root_module": _module(resources)}}


def plan(
    *resources: Mapping[str, Any],
    unknown: Mapping[str, Any],
    configuration: Sequence[Mapping[str, Any]] = (),
    calls: Mapping[str, Any] | None = None,
    variables: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Returns a first plan, which creates everything.

    Args:
        resources: What is planned.
        unknown: What is known after apply, by address.
        configuration: The resources of the source's root module.
        calls: Its module calls.
        variables: The values of its variables.
    """
    changes = [
        {
            **{key: value for key, value in each.items() if key != "values"},
            "change": {
                "actions": ["read"] if each["mode"] == "data" else ["create"],
                "before": None,
                "after": each["values"],
                "after_unknown": unknown.get(each["address"], {}),
            },
        }
        for each in resources
    ]
    root = {"resources": list(configuration), "module_calls": dict(calls or {})}
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "variables": {name: {"value": value} for name, value in (variables or {}).items()},
        "planned_values": {"root_module": _module(resources)},
        "resource_changes": changes,
        "configuration": {"provider_config": {}, "root_module": root},
    }


def configured(address: str, _more: Mapping[str, Any] | None = None, **expressions: Any) -> dict[str, Any]:
    """Returns a resource of the source; a text is a reference, and a list of texts several."""
    plain = resource(address)
    return {
        **{key: plain[key] for key in ("address", "mode", "type", "name")},
        "expressions": {name: reference(value) for name, value in expressions.items()},
        **(_more or {}),
    }


def reference(value: Any) -> Any:
    """Returns an expression that refers to something, with the shorter names that Terraform gives beside it."""
    if not isinstance(value, str):
        return value
    shorter = value.rpartition(".")[0]
    return {"references": [value, shorter] if shorter.count(".") else [value]}


def _module(resources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    paths = {each["address"]: ".".join(_modules(each["address"])) for each in resources}
    children = sorted({path for path in paths.values() if path})
    root: dict[str, Any] = {"resources": [each for each in resources if not paths[each["address"]]]}
    if children:
        root["child_modules"] = [
            {"address": path, "resources": [each for each in resources if paths[each["address"]] == path]}
            for path in children
        ]
    return root


def _modules(address: str) -> Iterator[str]:
    parts = address.split(".")
    while parts and parts[0] == "module":
        yield f"module.{parts[1]}"
        parts = parts[2:]
