"""The principals of trust policies: which of them IAM takes, and what it says of the others.

Whether a role or user that is named exists is for IAM to say: it has the account.

Spec: AWS IAM UG "reference_policies_elements_principal"
Evidence: observed (the words), assumed (what a domain name is)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

NO_PRINCIPALS = "The passed in policy has a statement with no principals!"
FEDERATED = "Federated principals must be valid domain names or SAML metadata ARNs"

_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]*[A-Za-z0-9]", re.ASCII)
_PROVIDER = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:(?:saml-provider/[\w.-]+|oidc-provider/\S+)", re.ASCII)
_AWS = re.compile(
    r"\*|[0-9]{12}|A[A-Z]{3}[A-Z0-9]{12,}"
    r"|arn:aws[a-z-]*:iam::[0-9]{12}:(?:root|(?:role|user)/\S+)"
    r"|arn:aws[a-z-]*:sts::[0-9]{12}:(?:assumed-role/[^/\s]+|federated-user|self)(?:/\S+)?",
    re.ASCII,
)


def principal_complaints(statements: tuple[Mapping[str, Any], ...]) -> Iterator[str]:
    """Yields IAM's words for the statements of a trust policy whose principals it does not take."""
    for statement in statements:
        yield from (words for _, words in misplaced_principals(statement))


def misplaced_principals(statement: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yields where a statement has a principal that IAM does not take, and IAM's words.

    Args:
        statement: As JSON has it.
    """
    element = "NotPrincipal" if "NotPrincipal" in statement else "Principal"
    principals = statement.get(element)
    if not principals:
        yield (), NO_PRINCIPALS
    elif principals != "*" and not isinstance(principals, Mapping):
        yield (element,), "Syntax errors in policy."
    elif isinstance(principals, Mapping):
        for kind, members in principals.items():
            for member in members if isinstance(members, list) else [members]:
                words = principal_complaint(kind, member)
                if words:
                    yield (element, kind), words


def principal_complaint(kind: str, member: Any) -> str | None:
    """Returns IAM's words for a principal that it does not take; None for others.

    Evidence: observed (a provider under AWS, a malformed Federated principal, an unknown service), assumed (the rest)
    """
    text = member if isinstance(member, str) else ""
    if kind == "Federated" and text != "*" and not _DOMAIN.fullmatch(text) and not _PROVIDER.fullmatch(text):
        return FEDERATED
    if kind == "AWS" and not _AWS.fullmatch(text):
        return f'Invalid principal in policy: "AWS":"{text}"'
    if kind == "Service" and text != "*" and not _DOMAIN.fullmatch(text):
        return f'Invalid principal in policy: "SERVICE":"{text}"'
    return None
