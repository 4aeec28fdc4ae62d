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
from functools import reduce
from pathlib import Path
from typing import Any

from emulator.kernel.errors import Problem, WorldError
from emulator.worldfile.aws_exports import ExportError, account_of_export, command_of
from emulator.worldfile.cloudformation import account_of_template, read_seed_text
from emulator.worldfile.sources import Layer, SeededAccount, SeedFile, merged
from emulator.worldfile.template_functions import Resolver, Stack, TemplateError
from emulator.worldfile.yaml_data import Key
from emulator.worldfile.yaml_file import MAX_FILE_BYTES, OtherFile, YamlDocument

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
    filled: list[OtherFile] = []
    for account_id, account in data["aws"].items():
        seeds = account.pop("seed", None) if isinstance(account, dict) else None
        if not isinstance(seeds, list):
            if seeds is not None:
                account["seed"] = seeds  # the schema says what is wrong with it
            continue
        files = [
            _file(document, ("aws", account_id, "seed", index), seed, account_id, account)
            for index, seed in enumerate(seeds)
        ]
        key: Key = ("aws", account_id)
        layers = [*(Layer(file.account.data, file.said) for file in files), _own_layer(document, key, account)]
        policies = [layer.data.get("policies") for layer in layers]
        own = frozenset(name for each in policies if isinstance(each, dict) for name in each)
        for layer in layers:
            _settle_policies(account_id, layer.data, own)
        filled.append(SeededAccount(key, tuple(layers)))
        data["aws"][account_id] = reduce(merged, (layer.data for layer in layers))
    others = (*document.others, *filled)
    return YamlDocument(document.file, data, document.lines, others), tuple(left_out)


def _own_layer(document: YamlDocument, key: Key, account: dict[str, Any]) -> Layer:
    """Returns what the world says itself of an account."""
    return Layer(account, lambda inside: document.said((*key, *inside)))


def _file(document: YamlDocument, key: Key, seed: Any, account_id: str, account: Mapping[str, Any]) -> SeedFile:
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
    name = str(Path(document.file).parent / settings["file"])
    try:
        seed_text = read_seed_text(text)
        if seed_text.is_template:
            resolver = Resolver(seed_text.data, stack)
            return SeedFile(
                name, seed_text.lines, account_of_template(resolver), written=resolver.written, text=_resource
            )
        data = _json(text)
        made, printed = account_of_export(data, file=settings["file"]), f"printed by aws iam {command_of(data)}"
        return SeedFile(name, seed_text.lines, made, written=lambda place: place, text=lambda _: printed)
    except (TemplateError, ExportError) as error:
        raise _mistake(document, key, f"{settings['file']}: {error.message}", error.expected) from None


def _resource(place: Key) -> str:
    return f"CloudFormation resource {place[1]}" if len(place) > 1 else "CloudFormation template"


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


def _settle_policies(account_id: str, account: dict[str, Any], own: frozenset[str]) -> None:
    """Names the account's own policies by name; AWS's keep their ARNs."""
    for kind in ("roles", "users", "groups"):
        for holder in (account.get(kind) or {}).values():
            if not isinstance(holder, dict):
                continue
            if isinstance(holder.get("policies"), list):
                named = [_settled(account_id, policy, own) for policy in holder["policies"]]
                holder["policies"] = [each for index, each in enumerate(named) if each not in named[:index]]
            boundary = holder.get("permissions_boundary")
            if isinstance(boundary, str) and boundary.rsplit("/", 1)[-1] in own:
                holder["permissions_boundary"] = boundary.rsplit("/", 1)[-1]


def _settled(account_id: str, policy: Any, own: frozenset[str]) -> Any:
    if not isinstance(policy, str) or not policy.startswith("arn:") or f":iam::{account_id}:" not in policy:
        return policy
    name = policy.rsplit("/", 1)[-1]
    return name if name in own else policy


def _mistake(document: YamlDocument, key: Key, message: str, expected: str) -> WorldError:
    return WorldError([Problem(document.location(key), message, expected)])
