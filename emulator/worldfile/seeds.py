"""A world's accounts filled from what exists: CloudFormation templates, and answers of ``aws iam get-…``.

    aws:
      "123456789012":
        seed:
          - federation.yaml                                   # a template
          - {file: roles.yaml, parameters: {Stage: prod}}
          - exports/okta.json                                 # aws iam get-saml-provider --saml-provider-arn …

What the world file says itself is laid over what the files say.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.kernel.errors import Problem, WorldError
from emulator.worldfile.aws_exports import ExportError, account_of_export
from emulator.worldfile.cloudformation import Stack, TemplateError, account_of_template, read_template
from emulator.worldfile.yaml_data import Key
from emulator.worldfile.yaml_file import MAX_FILE_BYTES, YamlDocument

# What a seed is read with, as the schema describes it.
SEED_SETTINGS = frozenset({"file", "parameters", "region", "stack_name"})


def seeded(document: YamlDocument) -> tuple[YamlDocument, tuple[Problem, ...]]:
    """Returns a world's document with its seeds worked in, and what had to be left out.

    Raises:
        WorldError: a file cannot be read, or holds neither a template nor an answer of IAM's.
    """
    accounts = document.data.get("aws")
    if not isinstance(accounts, dict) or not any(isinstance(a, dict) and a.get("seed") for a in accounts.values()):
        return document, ()
    data = copy.deepcopy(document.data)
    left_out: list[Problem] = []
    for account_id, account in data["aws"].items():
        seeds = account.pop("seed", None) if isinstance(account, dict) else None
        if not isinstance(seeds, list):
            if seeds is not None:
                account["seed"] = seeds  # the schema says what is wrong with it
            continue
        found: dict[str, Any] = {}
        for index, seed in enumerate(seeds):
            key: Key = ("aws", account_id, "seed", index)
            found = _merged(found, _account(document, key, seed, account_id, account))
        merged = _merged(found, account)
        _settle_policies(account_id, merged)
        data["aws"][account_id] = merged
    return YamlDocument(document.file, data, document.lines), tuple(left_out)


def _account(
    document: YamlDocument, key: Key, seed: Any, account_id: str, account: Mapping[str, Any]
) -> dict[str, Any]:
    settings = {"file": seed} if isinstance(seed, str) else seed
    if not isinstance(settings, dict) or not isinstance(settings.get("file"), str) or set(settings) - SEED_SETTINGS:
        raise _mistake(document, key, f"{seed!r} is no seed", "a file, or {file: …, parameters: {…}}")
    text = _text(document, key, settings["file"])
    parameters = settings.get("parameters") or {}
    stack = Stack(
        account_id=account_id,
        partition=str(account.get("partition", "aws")),
        region=str(settings.get("region", "us-east-1")),
        name=str(settings.get("stack_name", Path(settings["file"]).stem)),
        parameters={str(name): str(value) for name, value in parameters.items()},
    )
    try:
        template = read_template(text)
        if template is not None:
            return account_of_template(template, stack)
        return account_of_export(_json(text), file=settings["file"])
    except (TemplateError, ExportError) as error:
        raise _mistake(document, key, f"{settings['file']}: {error.message}", error.expected) from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ExportError(f"this is neither a template nor JSON: {error}") from None


def _text(document: YamlDocument, key: Key, name: str) -> str:
    path = Path(document.file).parent / name
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _mistake(document, key, f"{name} is larger than {MAX_FILE_BYTES} bytes", "a smaller file")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise _mistake(document, key, f"{name}: {reason}", f"a file, relative to {path.parent}") from None


def _merged(base: Any, over: Any) -> Any:
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{key: _merged(base[key], value) if key in base else value for key, value in over.items()}}
    if isinstance(base, list) and isinstance(over, list):
        return [*base, *(each for each in over if each not in base)]
    return over


def _settle_policies(account_id: str, account: dict[str, Any]) -> None:
    """Names the account's own policies by name; AWS's keep their ARNs."""
    own = account.get("policies") or {}
    for kind in ("roles", "users", "groups"):
        for holder in (account.get(kind) or {}).values():
            if not isinstance(holder, dict):
                continue
            kept = []
            for policy in holder.get("policies") or ():
                if policy.startswith("arn:") and f":iam::{account_id}:" in policy and policy.rsplit("/", 1)[-1] in own:
                    kept.append(policy.rsplit("/", 1)[-1])
                else:
                    kept.append(policy)
            holder["policies"] = list(dict.fromkeys(kept))
            boundary = holder.get("permissions_boundary")
            if isinstance(boundary, str) and boundary.rsplit("/", 1)[-1] in own:
                holder["permissions_boundary"] = boundary.rsplit("/", 1)[-1]


def _mistake(document: YamlDocument, key: Key, message: str, expected: str) -> WorldError:
    return WorldError([Problem(document.location(key), message, expected)])
