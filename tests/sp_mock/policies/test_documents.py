"""Policy documents: what IAM takes, and what is said about the others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sp_mock.policies.documents import Kind, MalformedPolicy, PolicyDocument

PROVIDER = "arn:aws:iam::123456789012:saml-provider/okta"


def _allow(**elements: Any) -> dict[str, Any]:
    base = {"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithSAML"}
    return {**base, **elements}


MALFORMED: list[tuple[Any, str, str]] = [
    ("{", "identity", "This policy contains invalid Json: "),
    ([], "identity", "the policy is not a JSON object"),
    ({"Version": "2020-01-01", "Statement": []}, "identity", "Version: '2020-01-01' is not a policy version"),
    ({"Version": "2012-10-17"}, "identity", "Statement: the policy has no statement"),
    ({"Statment": []}, "identity", "Statment: policies have no such element; did you mean Statement?"),
    ({"Statement": {"Effect": "allow"}}, "identity", "Statement[0].Effect: 'allow'"),
    ({"Statement": {"Effect": "Allow", "Resource": "*"}}, "identity", "Statement[0]: needs either Action or NotAction"),
    (
        {"Statement": {"Effect": "Allow", "Action": "*"}},
        "identity",
        "Statement[0]: needs either Resource or NotResource",
    ),
    (
        {"Statement": {"Effect": "Allow", "Action": "*"}},
        "trust",
        "Statement[0]: The passed in policy has a statement with no principals!",
    ),
    (
        {"Statement": _allow(Resource="*")},
        "trust",
        "Statement[0].Resource: does not belong here, a trust policy is attached to its resource, the role",
    ),
    ({"Statement": _allow(Action="AssumeRole")}, "trust", "Statement[0].Action: 'AssumeRole' is no action"),
    (
        {"Statement": [_allow(), _allow(Condition={"StringEqals": {"a": "b"}})]},
        "trust",
        "Statement[1].Condition.StringEqals: there is no such operator; did you mean StringEquals?",
    ),
    ({"Statement": _allow(Principal={"Fed": "x"})}, "trust", "Statement[0].Principal.Fed: no such kind"),
    (
        {"Statement": [_allow(Sid="a"), _allow(Sid="a")]},
        "trust",
        "Statement[1].Sid: 'a' is the Sid of Statement[0] already",
    ),
    ({"Version": ["2012-10-17"], "Statement": []}, "identity", "Version: ['2012-10-17'] is not a policy version"),
    ({"Statement": {"Action": "*", "Resource": "*"}}, "identity", "Statement[0].Effect: is missing"),
    ({"Statement": _allow(Effect=["Allow"])}, "trust", "Statement[0].Effect: ['Allow']"),
    ({"Statement": [_allow(), "Allow"]}, "trust", "Statement[1]: a statement is a JSON object"),
    (
        {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}},
        "session",
        "Statement[0].Principal: does not belong here, the principal is who the policy is attached to",
    ),
    (
        {"Statement": _allow(NotAction="sts:TagSession")},
        "trust",
        "Statement[0]: needs either Action or NotAction",
    ),
    (
        {"Statement": _allow(Condition={"ForAnyValues:StringEquals": {"a": "b"}})},
        "trust",
        "Statement[0].Condition.ForAnyValues:StringEquals: there is no such operator; "
        "did you mean ForAnyValue:StringEquals?",
    ),
    (
        {"Statement": _allow(Condition={"StringEqualsIfExist": {"a": "b"}})},
        "trust",
        "Statement[0].Condition.StringEqualsIfExist: there is no such operator; did you mean StringEqualsIfExists?",
    ),
    (
        {"Statement": _allow(Condition={"ForAllValues:ForAnyValue:StringEquals": {"a": "b"}})},
        "trust",
        "Statement[0].Condition.ForAllValues:ForAnyValue:StringEquals: there is no such operator",
    ),
    (
        {"Statement": _allow(Condition={None: {"a": "b"}})},
        "trust",
        "Statement[0].Condition.None: operators and keys are text",
    ),
    (
        {"Statement": _allow(Condition={"StringEquals": {"a": [{}]}})},
        "trust",
        "Statement[0].Condition.StringEquals.a: {} is neither text, number nor boolean",
    ),
]


@pytest.mark.parametrize(("document", "kind", "message"), MALFORMED, ids=[row[2] for row in MALFORMED])
def test_a_malformed_document_is_refused_with_its_path(document: Any, kind: Kind, message: str) -> None:
    """The message begins with the path of the mistake."""
    with pytest.raises(MalformedPolicy) as caught:
        PolicyDocument.parse(document, kind=kind)
    assert caught.value.message.startswith(message)


def test_json_and_data_one_statement_and_a_list_read_alike() -> None:
    """A document may be JSON text or data, its statement an object or a list, its texts alone or in lists."""
    alone = {"Version": "2012-10-17", "Statement": _allow()}
    listed = {
        "Version": "2012-10-17",
        "Statement": [_allow(Action=["sts:AssumeRoleWithSAML"], Principal={"Federated": [PROVIDER]})],
    }
    for document in (alone, listed, json.dumps(alone)):
        (statement,) = PolicyDocument.parse(document, kind="trust").statements
        assert statement.label == "Statement[0]"
        assert [(p.kind, p.value) for p in statement.principals or ()] == [("Federated", PROVIDER)]
        assert [action.text for action in statement.actions or ()] == ["sts:AssumeRoleWithSAML"]
