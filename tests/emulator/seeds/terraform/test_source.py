"""Files of Terraform's that hold no values: refused by their names, with the command to run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.kernel.errors import WorldError
from emulator.world import load_world

HOW = (
    "a state (terraform show -json > state.json) or a plan (terraform plan -out=plan.tfplan && "
    "terraform show -json plan.tfplan > plan.json); for OpenTofu, tofu instead of terraform"
)
SOURCE = 'resource "aws_iam_role" "agent" {\n  name = "Agent"\n}\n'
PLAN_TEXT = """
Terraform used the selected providers to generate the following execution plan. Resource actions are indicated with
the following symbols:
  + create

Terraform will perform the following actions:

  # aws_iam_role.agent will be created
  + resource "aws_iam_role" "agent" {
      + arn = (known after apply)
    }

Plan: 1 to add, 0 to change, 0 to destroy.
"""
SHOW_TEXT = (
    '# aws_iam_role.agent:\nresource "aws_iam_role" "agent" {\n    arn = "arn:aws:iam::123456789012:role/Agent"\n}\n'
)
LOCK = (
    '# This file is maintained automatically by "terraform init".\n# Manual edits may be lost in future updates.\n\n'
    'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.70.0"\n}\n'
)
REFUSED: list[tuple[str, str, Any, str]] = [
    ("source", "main.tf", SOURCE, "Terraform's source (.tf)"),
    ("OpenTofu's source", "main.tofu", SOURCE, "Terraform's source (.tf)"),
    ("source under another name", "roles.txt", SOURCE, "Terraform's source (.tf)"),
    ("source of variables alone", "v.tf", 'variable "x" {}\n', "Terraform's source (.tf)"),
    (
        "source in JSON",
        "main.tf.json",
        {"resource": {"aws_iam_role": {"agent": {"name": "Agent"}}}, "terraform": {}},
        "Terraform's source in JSON (.tf.json)",
    ),
    ("variables", "prod.tfvars", 'account_id = "123456789012"\n', "a Terraform variables file (.tfvars)"),
    ("variables in JSON", "a.auto.tfvars.json", {"region": "x"}, "a Terraform variables file (.tfvars)"),
    ("the lock file", ".terraform.lock.hcl", LOCK, "Terraform's dependency lock file (.terraform.lock.hcl)"),
    (
        "Terragrunt",
        "terragrunt.hcl",
        'include "root" {\n  path = find_in_parent_folders()\n}\ninputs = {\n  a = 1\n}\n',
        "Terragrunt's configuration (terragrunt.hcl)",
    ),
    ("the text of a plan", "plan.txt", PLAN_TEXT, "the text output of terraform plan"),
    ("the text of a state", "state.txt", SHOW_TEXT, "the text output of terraform show"),
    (
        "the log of a plan",
        "plan.jsonl",
        '{"@level":"info","@message":"Terraform 1.9.8","type":"version"}\n{"@level":"info","@message":"Plan: 1"}\n',
        "the log of terraform plan -json",
    ),
    (
        "what a wrapper prints",
        "plan.json",
        '[command]/opt/terraform/terraform-bin show -json plan.tfplan\n{"format_version":"1.2"}\n',
        "a plan or state wrapped in output of hashicorp/setup-terraform (set terraform_wrapper: false)",
    ),
    (
        "the backend's settings",
        "terraform.tfstate",
        {"version": 3, "serial": 1, "lineage": "x", "backend": {"type": "s3", "config": {}}, "modules": []},
        "the backend settings that terraform init saves (.terraform/terraform.tfstate)",
    ),
    (
        "outputs",
        "outputs.json",
        {"role_arn": {"sensitive": False, "type": "string", "value": "arn:aws:iam::123456789012:role/Agent"}},
        "the output of terraform output -json",
    ),
    (
        "schemas of providers",
        "schemas.json",
        {"format_version": "1.0", "provider_schemas": {}},
        "the output of terraform providers schema -json",
    ),
    (
        "an encrypted state",
        "terraform.tfstate",
        {"serial": 1, "lineage": "x", "meta": {}, "encrypted_data": "c2VjcmV0", "encryption_version": "v0"},
        "an encrypted OpenTofu state",
    ),
]


@pytest.mark.parametrize(("name", "content", "what"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_holds_no_values_is_refused_by_its_name(tmp_path: Path, name: str, content: Any, what: str) -> None:
    """With the command that prints the values."""
    problem = _refused(tmp_path, name, content if isinstance(content, str) else json.dumps(content))
    assert problem == (f"{name}: this is {what}, which does not contain the values of resources", HOW)


OTHERS: list[tuple[str, Any, str, str]] = [
    (
        "a state of version 3",
        {"version": 3, "terraform_version": "0.11.14", "serial": 1, "modules": [{"path": ["root"]}]},
        "t.json: this is a Terraform state of version 3; only version 4 is supported",
        "output of terraform show -json, or of terraform state pull of Terraform 0.12 or later",
    ),
    (
        "another format",
        {"format_version": "2.0", "values": {}},
        "t.json: format_version 2.0 of terraform show -json is not supported",
        "format_version 1.x",
    ),
    (
        "a plan that failed",
        {"format_version": "1.2", "planned_values": {}, "resource_changes": [], "errored": True},
        "t.json: the plan failed and is incomplete (errored: true)",
        "a plan without errors",
    ),
]


@pytest.mark.parametrize(
    ("content", "message", "expected"), [row[1:] for row in OTHERS], ids=[row[0] for row in OTHERS]
)
def test_what_is_not_read_of_terraform_says_what_is(tmp_path: Path, content: Any, message: str, expected: str) -> None:
    """Versions, and plans that are not whole."""
    assert _refused(tmp_path, "t.json", json.dumps(content)) == (message, expected)


def _refused(folder: Path, name: str, text: str) -> tuple[str, str]:
    (folder / name).write_text(text, encoding="utf-8")
    world = folder / "world.yaml"
    world.write_text(f'version: 1\naws:\n  "123456789012":\n    seed: [{name}]\n', encoding="utf-8")
    with pytest.raises(WorldError) as caught:
        load_world(world)
    (problem,) = caught.value.problems
    assert problem.location.key == "aws.123456789012.seed[0]"
    return problem.message, problem.expected
