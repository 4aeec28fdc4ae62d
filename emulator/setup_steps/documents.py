"""The policy documents of the walk, ready to paste, and how to recognise documents that already say the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from emulator.setup_steps.subject import Subject

FEDERATION = "connect:GetFederationToken"
READING = ("iam:ListRoles", "iam:ListAccountAliases")
_VERSION = "2012-10-17"


def reading_policy() -> Mapping[str, Any]:
    """Returns the policy with which Okta reads the roles.

    Spec: help.okta.com "aws-enable-role-based"
    Evidence: documented
    """
    return {"Version": _VERSION, "Statement": [{"Effect": "Allow", "Action": list(READING), "Resource": "*"}]}


def federation_policy(subject: Subject) -> Mapping[str, Any]:
    """Returns the policy with which a session becomes the Amazon Connect user of its own name.

    Spec: Amazon Connect Administrator Guide "configure-saml"
    Evidence: documented
    """
    arns = [f"{arn}/user/${{aws:userid}}" for arn in subject.instance_arns]
    resource = arns[0] if len(arns) == 1 else arns
    return {"Version": _VERSION, "Statement": [{"Effect": "Allow", "Action": FEDERATION, "Resource": resource}]}


def trust_policy(provider_arn: str, audience: str) -> Mapping[str, Any]:
    """Returns the trust policy of a role that people of a SAML provider may assume.

    Spec: AWS IAM UG "id_roles_create_for-idp_saml"
    Evidence: documented
    """
    return {
        "Version": _VERSION,
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": provider_arn},
                "Action": "sts:AssumeRoleWithSAML",
                "Condition": {"StringEquals": {"SAML:aud": audience}},
            }
        ],
    }


def allows(document: Any, action: str) -> bool:
    """Returns whether a statement of a policy document allows an action by name, whatever the resource."""
    return any(
        fnmatchcase(action.lower(), str(each).lower())
        for statement in _statements(document)
        if statement.get("Effect") == "Allow"
        for each in as_list(statement.get("Action"))
    )


def _statements(document: Any) -> Iterator[Mapping[str, Any]]:
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    for each in as_list(statements):
        if isinstance(each, Mapping):
            yield each


def as_list(value: Any) -> list[Any]:
    """Returns a value as a list: a policy may have a text where a list can be."""
    return [] if value is None else value if isinstance(value, list) else [value]
