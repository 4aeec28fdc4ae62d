"""Recognises files of Terraform, OpenTofu and Terragrunt without values, and refuses each by its kind.

Spec: developer.hashicorp.com/terraform/language/files, /cli/commands/plan, /cli/commands/show, /cli/commands/output;
    opentofu.org/docs/language/state/encryption
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, NoReturn

from emulator.seeds.contents import SeedContents, SeedError
from emulator.seeds.seed_text import Seed, SeedText

_STATE = "terraform show -json > state.json"
_PLAN = "terraform plan -out=plan.tfplan && terraform show -json plan.tfplan > plan.json"
_HOW = f"a state ({_STATE}) or a plan ({_PLAN}); for OpenTofu, tofu instead of terraform"

_BLOCK = re.compile(
    r"^[ \t]*(?:(?:resource|data|ephemeral)\s+\"[\w-]+\"\s+\"[\w-]+\""
    r"|(?:variable|output|module|provider|check)\s+\"[\w-]+\""
    r"|(?:terraform|locals|moved|import|removed))\s*\{",
    re.MULTILINE,
)
_TERRAGRUNT = re.compile(
    r"^[ \t]*(?:include(?:\s+\"[\w-]+\")?|dependency\s+\"[\w-]+\"|remote_state)\s*\{", re.MULTILINE
)
_ARGUMENT = re.compile(r"^[\w-]+\s*=\s*(?:[\"\[{<]|true\b|false\b|null\b|\d)", re.MULTILINE)
_PLAN_TEXT = re.compile(
    r"^(?:(?:Terraform|OpenTofu) (?:will perform|used the selected providers)|Plan: \d+ to (?:add|import)"
    r"|No changes\. |.*\bResource actions are indicated with)",
    re.MULTILINE,
)
_STATE_TEXT = re.compile(
    r"^# (?:module\.|data\.)?[\w.\[\]\"-]+:(?: \(tainted\))?\s*\n(?:resource|data) \"", re.MULTILINE
)
_LOCK = re.compile(r"^# This file is maintained automatically by \"(?:terraform|tofu) init\"", re.MULTILINE)
_JSON_SOURCE = frozenset(
    {
        *("resource", "data", "provider", "terraform", "variable", "output", "module", "locals"),
        *("import", "moved", "removed", "check", "ephemeral", "//"),
    }
)
_OUTPUT = frozenset({"sensitive", "type", "value"})
_VARIABLES = "a Terraform variables file (.tfvars)"
_LOOKED_AT = 200_000


def refusal_of(text: SeedText) -> SeedError | None:
    """Returns why a file from Terraform cannot fill a world; None if it is not a file of that sort."""
    name = PurePath(text.name).name.lower()
    what = _of_data(text.data, text.text)
    if not what and isinstance(text.data, dict | list):
        what = _VARIABLES if name.endswith(".tfvars.json") else ""
    elif not what:
        what = _of_text(text.text[:_LOOKED_AT], name)
    if not what:
        return None
    return SeedError(f"this is {what}, which does not contain the values of resources", expected=_HOW)


def is_source(text: SeedText) -> bool:
    """Returns whether a text is one of the files that are refused here."""
    return refusal_of(text) is not None


def refuse_source(seed: Seed, _others: Sequence[Seed]) -> SeedContents:
    """Refuses the file.

    Raises:
        SeedError: in every case, with the kind of file and what to provide instead.
    """
    _raise(refusal_of(seed.text) or SeedError("this is neither a Terraform state nor a Terraform plan", expected=_HOW))


def _raise(error: SeedError) -> NoReturn:
    raise error


def _of_data(data: Any, text: str) -> str:
    if isinstance(data, list) and data and isinstance(data[0], dict) and "@level" in data[0]:
        return "the log of terraform plan -json"
    if not isinstance(data, dict) or not data:
        # JSON Lines, with an event on each line, cannot be parsed as a single JSON document.
        return "the log of terraform plan -json" if text.startswith('{"@level"') else ""
    if "@level" in data and "@message" in data:
        return "the log of terraform plan -json"
    if isinstance(data.get("backend"), dict) and "version" in data:
        return "the backend settings that terraform init saves (.terraform/terraform.tfstate)"
    if "provider_schemas" in data and "format_version" in data:
        return "the output of terraform providers schema -json"
    if "encrypted_data" in data and ("encryption_version" in data or "lineage" in data):
        return "an encrypted OpenTofu state"
    if "valid" in data and "diagnostics" in data and "format_version" in data:
        return "the output of terraform validate -json"
    if all(isinstance(each, dict) and each.keys() >= _OUTPUT for each in data.values()):
        return "the output of terraform output -json"
    if data.keys() <= _JSON_SOURCE and data.keys() & {"resource", "data", "provider", "terraform", "module"}:
        return "Terraform's source in JSON (.tf.json)"
    return ""


def _of_text(text: str, name: str) -> str:
    if text.startswith("[command]") and '"format_version"' in text:
        return "a plan or state wrapped in output of hashicorp/setup-terraform (set terraform_wrapper: false)"
    if name == ".terraform.lock.hcl" or _LOCK.search(text):
        return "Terraform's dependency lock file (.terraform.lock.hcl)"
    if _PLAN_TEXT.search(text):
        return "the text output of terraform plan"
    if _STATE_TEXT.search(text):
        return "the text output of terraform show"
    if name == "terragrunt.hcl" or (name.endswith(".hcl") and _TERRAGRUNT.search(text)):
        return "Terragrunt's configuration (terragrunt.hcl)"
    if name.endswith((".tf", ".tofu")) or _BLOCK.search(text):
        return "Terraform's source (.tf)"
    if name.endswith(".tfvars"):
        return _VARIABLES
    if name.endswith(".hcl") and _ARGUMENT.search(text):
        return "an HCL file"
    return ""
