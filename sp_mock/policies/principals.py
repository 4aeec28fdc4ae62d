"""The principals of trust policies: which of them IAM accepts, and what it says about the others.

Whether a named role or user exists is checked by IAM's operations, which have the account.

Spec: AWS IAM UG "reference_policies_elements_principal"
Evidence: observed (the words), assumed (what a domain name is)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.kernel.records import dataclass

NO_PRINCIPALS = "The passed in policy has a statement with no principals!"
FEDERATED = "Federated principals must be valid domain names or SAML metadata ARNs"

_FEDERATED_FORM = '{"Federated": "arn:aws:iam::ACCOUNT:saml-provider/NAME"}'
_FORMS = {
    "AWS": "an account's id, or the ARN of an account's root, a role, a user or a session",
    "Service": "a service's name such as ec2.amazonaws.com",
}
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]*[A-Za-z0-9]", re.ASCII)
_PROVIDER = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:(?:saml-provider/[\w.-]+|oidc-provider/\S+)", re.ASCII)
_AWS = re.compile(
    r"\*|[0-9]{12}|A[A-Z]{3}[A-Z0-9]{12,}"
    r"|arn:aws[a-z-]*:iam::[0-9]{12}:(?:root|(?:role|user)/\S+)"
    r"|arn:aws[a-z-]*:sts::[0-9]{12}:(?:assumed-role/[^/\s]+|federated-user|self)(?:/\S+)?",
    re.ASCII,
)


def principal_complaints(statements: tuple[Mapping[str, Any], ...]) -> Iterator[str]:
    """Yields IAM's words for the statements of a trust policy whose principals it does not accept."""
    for statement in statements:
        yield from (misplaced.words for misplaced in misplaced_principals(statement))


@dataclass(frozen=True, slots=True)
class MisplacedPrincipal:
    """A principal that IAM does not accept.

    Args:
        place: Path in the statement: ``("Principal", "AWS")``.
        words: IAM's message.
        expected: What IAM accepts there.
    """

    place: tuple[str, ...]
    words: str
    expected: str


def misplaced_principals(statement: Mapping[str, Any]) -> Iterator[MisplacedPrincipal]:
    """Yields the principals of a statement that IAM does not accept.

    Args:
        statement: Statement as JSON data.
    """
    element = "NotPrincipal" if "NotPrincipal" in statement else "Principal"
    principals = statement.get(element)
    if not principals:
        yield MisplacedPrincipal((), NO_PRINCIPALS, f'"Principal": {_FEDERATED_FORM}')
    elif principals != "*" and not isinstance(principals, Mapping):
        yield MisplacedPrincipal((element,), "Syntax errors in policy.", f'"*" or {_FEDERATED_FORM}')
    elif isinstance(principals, Mapping):
        for kind, members in principals.items():
            for member in members if isinstance(members, list) else [members]:
                words = principal_complaint(kind, member)
                if words:
                    yield MisplacedPrincipal((element, kind), words, _expected(kind, str(member), element))


def _expected(kind: str, member: str, element: str) -> str:
    """Explains what IAM accepts instead; for a provider under the wrong kind, the same provider under the right one."""
    if kind == "AWS" and _PROVIDER.fullmatch(member):
        return f'"{element}": {{"Federated": "{member}"}}: identity providers are Federated principals, not AWS ones'
    if kind == "Federated" and _AWS.fullmatch(member):
        return f'"{element}": {{"AWS": "{member}"}}: roles, users and accounts are AWS principals, not Federated ones'
    return _FORMS.get(kind, _FEDERATED_FORM)


def principal_complaint(kind: str, member: Any) -> str | None:
    """Returns IAM's words for a principal that it does not accept; None for others.

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
