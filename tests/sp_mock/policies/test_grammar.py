"""What IAM says of policy documents, against its recorded answers; and what it says of trust policies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sp_mock.policies.documents import PolicyDocument
from sp_mock.policies.grammar import iam_complaint

RECORDED = Path(__file__).parent.parent.parent / "data" / "aws-recorded-policy-documents.json"
ROWS: list[dict[str, Any]] = json.loads(RECORDED.read_text())
PROVIDER = "arn:aws:iam::123456789012:saml-provider/okta"
FEDERATED = "Federated principals must be valid domain names or SAML metadata ARNs"

# A document that is a JSON list: IAM's words suggest that it reads what is inside; here that is a syntax error.
WORDED_DIFFERENTLY = {80: "Syntax errors in policy."}


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def _complaint(row: dict[str, Any]) -> str | None:
    return iam_complaint(_text(row["document"]), kind="identity", managed=True)


def _recorded(row: dict[str, Any]) -> str | None:
    message: str | None = row.get("message")
    return message and message.replace("<partition>", "aws").replace("<region>", "us-east-1")


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_a_recorded_document_is_answered_as_aws_answered(number: int) -> None:
    """Verdict, code and words; a document that IAM takes can be evaluated too."""
    row = ROWS[number]
    assert _complaint(row) == WORDED_DIFFERENTLY.get(number, _recorded(row))
    assert row.get("code", "MalformedPolicyDocument") == "MalformedPolicyDocument"
    if row["accepted"]:
        assert PolicyDocument.parse(_text(row["document"]), kind="identity").kind == "identity"


def test_the_recorded_documents_are_counted() -> None:
    """129 of 129 verdicts and 128 of 129 wordings are AWS's."""
    assert sum((_complaint(row) is None) == row["accepted"] for row in ROWS) == len(ROWS) == 129
    assert sum(_complaint(row) == _recorded(row) for row in ROWS) == 128


def _trust(**elements: Any) -> dict[str, Any]:
    base = {"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithSAML"}
    return {name: value for name, value in {**base, **elements}.items() if value is not None}


TRUST: list[tuple[dict[str, Any], str | None]] = [
    (_trust(), None),
    (_trust(Principal="*"), None),
    (_trust(Principal={"Federated": "cognito-identity.amazonaws.com"}), None),
    (_trust(Principal={"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.example.com/a"}), None),
    (_trust(Principal={"Federated": "*"}), None),
    (_trust(Principal={"Federated": [PROVIDER, "okta"]}), FEDERATED),
    (_trust(Principal={"Federated": PROVIDER.replace("123456789012", "1234")}), FEDERATED),
    (_trust(Principal={"Federated": PROVIDER.replace("iam::", "iam:")}), FEDERATED),
    (_trust(Principal={"Federated": PROVIDER.replace("saml-provider", "role")}), FEDERATED),
    (_trust(Principal={"Federated": "https://acme.okta.com"}), FEDERATED),
    (_trust(Principal={"AWS": PROVIDER}), f'Invalid principal in policy: "AWS":"{PROVIDER}"'),
    (_trust(Principal={"AWS": ["123456789012", "acme"]}), 'Invalid principal in policy: "AWS":"acme"'),
    (_trust(Principal={"AWS": "arn:aws:iam::123456789012:root"}), None),
    (_trust(Principal={"AWS": "arn:aws:sts::123456789012:assumed-role/Agent/hanako"}), None),
    (_trust(Principal={"AWS": "AROAEXAMPLEEXAMPLEID"}), None),
    (_trust(Principal={"Service": "ec2"}), 'Invalid principal in policy: "SERVICE":"ec2"'),
    (_trust(Principal={"Service": "ec2.amazonaws.com"}), None),
    (_trust(Principal=None), "The passed in policy has a statement with no principals!"),
    (_trust(Principal={}), "The passed in policy has a statement with no principals!"),
    (_trust(Principal=None, NotPrincipal={"Federated": "okta"}), FEDERATED),
]


@pytest.mark.parametrize(("statement", "words"), TRUST)
def test_the_principals_of_a_trust_policy_are_checked(statement: dict[str, Any], words: str | None) -> None:
    """Domain names and providers under Federated; accounts, roles, users and sessions under AWS."""
    document = {"Version": "2012-10-17", "Statement": [_trust(), statement]}
    assert iam_complaint(json.dumps(document), kind="trust") == words


def test_only_managed_policies_have_to_be_of_the_current_version() -> None:
    """Inline and trust policies of 2008 are taken, as they always were."""
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    text = json.dumps({"Version": "2008-10-17", "Statement": statement})
    assert iam_complaint(text, kind="identity") is None
    assert (
        iam_complaint(text, kind="identity", managed=True) == "Policy document must be version 2012-10-17 or greater."
    )
    assert iam_complaint(json.dumps({"Statement": _trust()}), kind="trust") is None


RESOURCES: list[tuple[str, str | None]] = [
    ("arn:aws:iam::*:user/${aws:username}", None),
    ("arn:*:iam::123456789012:role/*", None),
    ("arn:aws-us-gov:connect:us-gov-west-1:123456789012:instance/*", None),
    ("arn:aws:iam::123456789012:*", None),
    ("arn:aws:iam::123456789012:root", None),
    ("arn:aws:iam::aws:role-template/service/name:1", None),
    ("arn:aws:s3:eu-west-1:123456789012:job/*", None),
    ("arn:aws:s3:*:123456789012:accesspoint/a", None),
    ("${aws:PrincipalArn}", None),
    ("arn:amazon:s3:::bucket", 'Partition "amazon" is not valid for resource "arn:amazon:s3:::bucket".'),
    ("arn:aws:iam:eu-west-1:123456789012:role/A", "IAM resource {} cannot contain region information."),
    ("arn:aws:s3:eu-west-1::bucket/*", "Resource {} can not contain region information."),
    ("bucket", 'Resource {} must be in ARN format or "*".'),
]


@pytest.mark.parametrize(("resource", "words"), RESOURCES)
def test_resources_are_arns_that_their_service_has(resource: str, words: str | None) -> None:
    """What nobody has seen refused is taken."""
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": resource}
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    assert iam_complaint(text, kind="identity") == (words and words.format(resource))


def test_statements_with_an_empty_sid_may_be_several() -> None:
    """Only Sids that say something have to be different."""
    twice = {"Version": "2012-10-17", "Statement": [_trust(Sid=""), _trust(Sid="")]}
    assert iam_complaint(json.dumps(twice), kind="trust") is None
    assert len(PolicyDocument.parse(twice, kind="trust").statements) == 2
