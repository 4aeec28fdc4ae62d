"""Decides whether a policy for an unknown identity may deny something, in which case all candidates are left out."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from emulator.seeds.arns import arn_of
from emulator.seeds.terraform.aws.documents import NotKnown, document_of
from emulator.seeds.terraform.resources import Resource
from emulator.seeds.terraform.taking import Taking


def may_deny(taking: Taking, resource: Resource, unknown_policies: Collection[str]) -> bool:
    """Returns whether an inline policy, or the policy of an attachment, may deny something.

    Args:
        taking: The Terraform file.
        resource: The inline policy, or the attachment.
        unknown_policies: The ARNs of the file's policies with unknown documents.
    """
    if not resource.kind.endswith("_attachment"):
        return _denies(taking, resource)
    arn = taking.references.value(resource, "policy_arn")
    parts = arn_of(arn)
    if parts is None or arn in unknown_policies:
        return True
    if parts.account_id == "aws":
        return False
    attached = [
        each for each in taking.everywhere("aws_iam_policy") if taking.references.text(each, "name") == parts.name
    ]
    return not attached or any(_denies(taking, each) for each in attached)


def _denies(taking: Taking, resource: Resource) -> bool:
    try:
        statements: Any = document_of(taking, resource, "policy").get("Statement")
    except NotKnown:
        return True
    listed = statements if isinstance(statements, list) else [statements]
    return any(not isinstance(each, dict) or each.get("Effect") != "Allow" for each in listed)
