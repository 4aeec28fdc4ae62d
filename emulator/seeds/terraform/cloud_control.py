"""Translates resources of the ``awscc`` provider, which uses CloudFormation's names, to those of ``aws``.

Spec: registry.terraform.io/providers/hashicorp/awscc, resources awscc_iam_role, awscc_iam_role_policy,
    awscc_iam_managed_policy, awscc_iam_saml_provider and those of Amazon Connect
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from emulator.seeds.terraform.resources import Resource, holds_unknown

_CONNECT = {"instance_arn": "instance_id"}
_NAMES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "awscc_iam_role": (
        "aws_iam_role",
        {"role_name": "name", "assume_role_policy_document": "assume_role_policy", "policies": "inline_policy"},
    ),
    "awscc_iam_role_policy": (
        "aws_iam_role_policy",
        {"role_name": "role", "policy_name": "name", "policy_document": "policy"},
    ),
    "awscc_iam_managed_policy": (
        "aws_iam_policy",
        {"managed_policy_name": "name", "policy_document": "policy", "policy_arn": "arn"},
    ),
    "awscc_iam_saml_provider": ("aws_iam_saml_provider", {}),
    "awscc_connect_instance": ("aws_connect_instance", {"instance_status": "status"}),
    "awscc_connect_security_profile": (
        "aws_connect_security_profile",
        {**_CONNECT, "security_profile_name": "name", "security_profile_arn": "security_profile_id"},
    ),
    "awscc_connect_routing_profile": (
        "aws_connect_routing_profile",
        {**_CONNECT, "routing_profile_arn": "routing_profile_id"},
    ),
    "awscc_connect_user": (
        "aws_connect_user",
        {
            **_CONNECT,
            "username": "name",
            "user_arn": "arn",
            "security_profile_arns": "security_profile_ids",
            "routing_profile_arn": "routing_profile_id",
        },
    ),
}
# Attributes that AWS assigns; no decision depends on them, so they may still be unknown.
_MADE = frozenset({"arn", "id", "role_id", "policy_id", "policy_arn", "create_date", "update_date", "tags"})

CLOUD_CONTROL_TYPES = frozenset(_NAMES)


def in_classic_words(resource: Resource) -> Iterator[Resource]:
    """Yields a resource as the ``aws`` provider would have it; nothing if part of it is known only after apply."""
    kind, names = _NAMES[resource.kind]
    if isinstance(resource.unknown, dict) and any(
        holds_unknown(value) for name, value in resource.unknown.items() if name not in _MADE
    ):
        return
    values = {names.get(name, name): value for name, value in resource.values.items()}
    values["tags"] = _tags(values.get("tags"))
    if isinstance(values.get("inline_policy"), list):
        values["inline_policy"] = [*_policies(values["inline_policy"])]
    if isinstance(values.get("identity_info"), dict):
        values["identity_info"] = [values["identity_info"]]
    yield replace(resource, kind=kind, values=values)
    attached = {name: values.get(name) for name in ("roles", "users", "groups")}
    if kind == "aws_iam_policy" and any(attached.values()):
        yield replace(resource, kind="aws_iam_policy_attachment", values={**attached, "policy_arn": values.get("arn")})


def _policies(blocks: list[Any]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        if isinstance(block, dict):
            yield {"name": block.get("policy_name"), "policy": block.get("policy_document")}


def _tags(tags: Any) -> dict[str, Any]:
    """Returns tags as a mapping; CloudFormation has them as a list or set of pairs."""
    pairs = [each for each in tags if isinstance(each, dict)] if isinstance(tags, list) else []
    return {each["key"]: each.get("value") for each in pairs if isinstance(each.get("key"), str)}
