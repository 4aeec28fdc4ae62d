"""Policy documents handed to IAM, which it takes or refuses in its own words, and as its answers carry them.

Spec: AWS IAM UG "reference_policies_grammar"
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from emulator.kernel.errors import MalformedPolicyDocument
from sp_mock.apis.operations import AccountCall
from sp_mock.iam.api_errors import IAM, over_quota
from sp_mock.policies.documents import Kind, MalformedPolicy, PolicyDocument

MAX_TRUST, MAX_MANAGED, MAX_INLINE = 2048, 6144, 10_240
_SID = re.compile(r"[0-9A-Za-z]*", re.ASCII)
_PRINCIPAL_ARN = re.compile(r"arn:[^:]+:iam::(\d{12}):(role|user)/.+", re.ASCII)
_STS_ACTION = re.compile(
    r"sts:(?:AssumeRole\w*|TagSession|SetSourceIdentity|SetContext|\*|Assume[\w*?]*)", re.IGNORECASE
)


def read_document(call: AccountCall, name: str, *, kind: Kind) -> PolicyDocument:
    """Returns the policy document in a parameter.

    Raises:
        MalformedPolicyDocument: it is not one that IAM takes here.

    Spec: AWS IAM UG "reference_policies_grammar"
    Evidence: observed (words), assumed (which of them comes first)
    """
    text = call.parameters[name]
    try:
        document = PolicyDocument.parse(text, kind=kind)
    except MalformedPolicy as error:
        raise _malformed(_words(text, kind), name, explanation=error.message, expected=error.expected) from None
    for words in _complaints(json.loads(text), kind):
        raise _malformed(words, name, explanation=words, expected="a policy as the grammar has it")
    if kind == "trust":
        _require_principals(call, document, name)
    return document


def require_size(document: PolicyDocument, limit: int, *, sentence: str) -> None:
    """Requires that a document is not too long; white space is not counted.

    Raises:
        LimitExceeded: ``sentence``, with the limit filled in.

    Spec: AWS IAM UG "reference_iam-quotas"
    Evidence: observed
    """
    if len("".join(document.text.split())) > limit:
        raise over_quota(sentence.format(limit))


def document_text(document: PolicyDocument) -> str:
    """Returns a policy document as IAM's answers carry it: URL-encoded.

    Spec: AWS IAM API, "Policies returned by this operation are URL-encoded compliant with RFC 3986"
    Evidence: documented
    """
    return quote(document.text, safe="-_.~")


def _statements(data: Any) -> Iterator[Mapping[str, Any]]:
    statements = data.get("Statement") if isinstance(data, dict) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if isinstance(statement, dict):
            yield statement


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _words(text: str, kind: Kind) -> str:
    """Returns IAM's words for a document that cannot be read."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return "This policy contains invalid Json"
    return next(_complaints(data, kind), "Syntax errors in policy.")


def _complaints(data: Any, kind: Kind) -> Iterator[str]:
    """Yields what IAM says of a document, statement by statement."""
    for statement in _statements(data):
        for applies, wrong, words in _RULES:
            if kind in applies and wrong(statement):
                yield words
        if kind == "identity":
            yield from _resources_that_are_no_arns(statement)
    sids = [statement.get("Sid") for statement in _statements(data) if statement.get("Sid")]
    if len({str(sid) for sid in sids}) != len(sids):
        yield "Statement IDs (SID) in a single policy must be unique."


def _resources_that_are_no_arns(statement: Mapping[str, Any]) -> Iterator[str]:
    for resource in (*_list(statement.get("Resource", [])), *_list(statement.get("NotResource", []))):
        if isinstance(resource, str) and resource != "*" and not resource.startswith(("arn:", "${", "*:")):
            yield f'Resource {resource} must be in ARN format or "*".'


def _lacks_vendor(statement: Mapping[str, Any]) -> bool:
    actions = (*_list(statement.get("Action", [])), *_list(statement.get("NotAction", [])))
    return any(isinstance(action, str) and action != "*" and ":" not in action for action in actions)


def _not_of_sts(statement: Mapping[str, Any]) -> bool:
    actions = _list(statement.get("Action", []))
    return any(isinstance(action, str) and not _STS_ACTION.fullmatch(action) for action in actions)


def _bad_sid(statement: Mapping[str, Any]) -> bool:
    sid = statement.get("Sid")
    return isinstance(sid, str) and not _SID.fullmatch(sid)


_RULES: tuple[tuple[tuple[Kind, ...], Callable[[Mapping[str, Any]], bool], str], ...] = (
    (("trust",), lambda s: "Resource" in s or "NotResource" in s, "Has prohibited field Resource"),
    (
        ("identity",),
        lambda s: "Principal" in s or "NotPrincipal" in s,
        "Policy document should not specify a principal.",
    ),
    (
        ("trust", "identity"),
        lambda s: "Action" not in s and "NotAction" not in s,
        "Policy statement must contain actions.",
    ),
    (
        ("identity",),
        lambda s: "Resource" not in s and "NotResource" not in s,
        "Policy statement must contain resources.",
    ),
    (
        ("trust", "identity"),
        _lacks_vendor,
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    ),
    (("trust",), _not_of_sts, "AssumeRole policy may only specify STS AssumeRole actions."),
    (
        ("trust", "identity"),
        _bad_sid,
        (
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
            "[0-9A-Za-z]*"
        ),
    ),
)


def _require_principals(call: AccountCall, document: PolicyDocument, name: str) -> None:
    """Requires that roles and users of this account that a trust policy names exist.

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


def _malformed(words: str, parameter: str, *, explanation: str, expected: str) -> MalformedPolicyDocument:
    return MalformedPolicyDocument(
        words,
        service=IAM,
        check="policy-document",
        evidence="observed",
        explanation=explanation,
        where=f"parameter {parameter}",
        expected=expected,
        fix="Correct the document at the place named.",
        spec='AWS IAM UG "reference_policies_grammar"',
    )
