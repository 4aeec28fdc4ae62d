"""Policy documents passed to IAM, which it accepts or refuses in its own words, and as its answers return them.

Spec: AWS IAM UG "reference_policies_grammar"
"""

from __future__ import annotations

import json
import re
from urllib.parse import quote

from emulator.kernel.errors import MalformedPolicyDocument
from sp_mock.apis.operations import AccountCall
from sp_mock.iam.api_errors import IAM, over_quota
from sp_mock.policies.documents import Kind, MalformedPolicy, PolicyDocument
from sp_mock.policies.grammar import SYNTAX, iam_complaint
from sp_mock.policies.principals import misplaced_principals

MAX_TRUST, MAX_MANAGED = 2048, 6144
_PRINCIPAL_ARN = re.compile(r"arn:[^:]+:iam::(\d{12}):(role|user)/.+", re.ASCII)


def read_document(call: AccountCall, name: str, *, kind: Kind, managed: bool = False) -> PolicyDocument:
    """Returns the policy document in a parameter.

    Args:
        name: Name of the parameter.
        kind: What the document is for.
        managed: Whether the document belongs to a managed policy.

    Raises:
        MalformedPolicyDocument: IAM does not accept the document here.

    Spec: AWS IAM UG "reference_policies_grammar"
    Evidence: observed
    """
    text = call.parameters[name]
    words = iam_complaint(text, kind=kind, managed=managed)
    try:
        document = PolicyDocument.parse(text, kind=kind)
    except MalformedPolicy as error:
        raise _malformed(words or SYNTAX, name, explanation=error.message, expected=error.expected) from None
    if words is not None:
        expected = _expected(text, words)
        raise _malformed(words, name, explanation=words, expected=expected, fix=f"Write {expected}.")
    if kind == "trust":
        _require_principals(call, document, name)
    return document


def _expected(text: str, words: str) -> str:
    """Explains what IAM accepts instead of what it refuses in these words."""
    statements = json.loads(text)["Statement"]
    misplaced = (
        each
        for statement in (statements if isinstance(statements, list) else [statements])
        for each in misplaced_principals(statement)
    )
    return next((each.expected for each in misplaced if each.words == words), "a policy as the grammar has it")


def require_size(*documents: PolicyDocument, limit: int, sentence: str) -> None:
    """Requires that the total length of documents is within a limit; white space is not counted.

    Raises:
        LimitExceeded: ``sentence``, with the limit filled in.

    Spec: AWS IAM UG "reference_iam-quotas"
    Evidence: observed
    """
    if sum(len("".join(document.text.split())) for document in documents) > limit:
        raise over_quota(sentence.format(limit))


def document_text(document: PolicyDocument) -> str:
    """Returns a policy document as IAM's answers return it: URL-encoded.

    Spec: AWS IAM API, "Policies returned by this operation are URL-encoded compliant with RFC 3986"
    Evidence: documented
    """
    return quote(document.text, safe="-_.~")


def _require_principals(call: AccountCall, document: PolicyDocument, name: str) -> None:
    """Requires that the roles and users of this account that a trust policy names exist.

    Spec: AWS IAM UG "troubleshoot_policies", "Invalid principal in policy"
    Evidence: observed
    """
    for statement in document.statements:
        for principal in (*(statement.principals or ()), *(statement.not_principals or ())):
            match = _PRINCIPAL_ARN.fullmatch(principal.value)
            if principal.kind != "AWS" or match is None or match[1] != call.account.account_id:
                continue
            known = call.account.roles if match[2] == "role" else call.account.users
            if principal.value not in known:
                raise _malformed(
                    f'Invalid principal in policy: "AWS":"{principal.value}"',
                    name,
                    explanation=f"The account has no {match[2]} {principal.value}.",
                    expected=" or ".join(known) or f"an existing {match[2]}",
                )


def _malformed(
    words: str,
    parameter: str,
    *,
    explanation: str,
    expected: str,
    fix: str = "Correct the document at the place named.",
) -> MalformedPolicyDocument:
    return MalformedPolicyDocument(
        words,
        service=IAM,
        check="policy-document",
        evidence="observed",
        explanation=explanation,
        where=f"parameter {parameter}",
        expected=expected,
        fix=fix,
        spec='AWS IAM UG "reference_policies_grammar"',
    )
