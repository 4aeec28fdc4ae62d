"""Computes ARNs and ids of IAM resources that do not exist yet from their names, their paths and the account.

Spec: AWS IAM UG "reference_identifiers", ARNs
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Callable

from emulator.seeds.contents import HERE
from emulator.seeds.seed_text import SeedSettings
from emulator.seeds.terraform.resources import Resource

_PATHS = {
    "aws_iam_role": "role",
    "aws_iam_user": "user",
    "aws_iam_group": "group",
    "aws_iam_policy": "policy",
    "aws_iam_saml_provider": "saml-provider",
}
_NAMED_BY_NAME = frozenset({"aws_iam_role", "aws_iam_user", "aws_iam_group"})


def computed_by(owner_of: Callable[[Resource], str | None], settings: SeedSettings) -> Callable[[Resource, str], str]:
    """Returns a function that computes the attributes of IAM resources that follow from their names.

    Args:
        owner_of: Returns the account that a resource belongs to.
        settings: The seed's settings, with the account that it is listed under.
    """

    def computed(resource: Resource, attribute: str) -> str:
        path = _PATHS.get(resource.kind)
        name = resource.text("name")
        if path is None or attribute not in {"arn", "id"} or not name:
            return ""
        if attribute == "id" and resource.kind in _NAMED_BY_NAME:
            return name
        owner = owner_of(resource)
        account = settings.account_id if owner == HERE else owner
        where = "/" if path == "saml-provider" else resource.text("path") or "/"
        return f"arn:{settings.partition}:iam::{account}:{path}{where}{name}" if account else ""

    return computed
