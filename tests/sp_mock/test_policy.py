"""Policies: the rules, and every trap that evaluators fall into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sp_mock.patterns import Template
from sp_mock.policy import Principal, Request, evaluate
from sp_mock.policy_document import MalformedPolicy, PolicyDocument

PROVIDER = "arn:aws:iam::123456789012:saml-provider/okta"
ROLE = "arn:aws:iam::123456789012:role/ConnectAgent"
AUD = "https://signin.aws.amazon.com/saml"
CONTEXT: Mapping[str, tuple[str, ...]] = {
    "saml:aud": (AUD,),
    "saml:sub": ("hanako@example.com",),
    "saml:edupersonaffiliation": ("staff", "member"),
    "aws:userid": ("AROAEXAMPLE:hanako@example.com",),
    "aws:principalarn": ("arn:aws:iam::123456789012:role/team/ConnectAgent",),
    "aws:sourceip": ("10.1.2.3",),
    "aws:currenttime": ("2026-01-15T09:00:00Z",),
    "aws:multifactorauthage": ("299",),
    "aws:securetransport": ("true",),
    "aws:tagkeys": ("Team", "Cost"),
    "x:binary": ("QmxvYg==",),
}
MULTIVALUED = frozenset({"saml:edupersonaffiliation", "aws:tagkeys"})


def _request(action: str = "sts:AssumeRoleWithSAML", resource: str = ROLE, provider: str = PROVIDER) -> Request:
    return Request(action, resource, Principal("Federated", provider), CONTEXT, MULTIVALUED)


def _trust(*statements: dict[str, Any], version: str = "2012-10-17") -> PolicyDocument:
    return PolicyDocument.parse({"Version": version, "Statement": list(statements)}, kind="trust")


def _allow(**elements: Any) -> dict[str, Any]:
    base = {"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithSAML"}
    return {key: value for key, value in {**base, **elements}.items() if value is not None}


def _holds(condition: dict[str, Any], version: str = "2012-10-17") -> bool:
    document = _trust(_allow(Condition=condition), version=version)
    return evaluate([("trust policy", document)], _request()).allowed


CONDITIONS: list[tuple[str, dict[str, Any], bool]] = [
    ("keys without case", {"StringEquals": {"SAML:AUD": AUD}}, True),
    ("values with case", {"StringEquals": {"saml:sub": "Hanako@example.com"}}, False),
    ("ignoring case", {"StringEqualsIgnoreCase": {"saml:sub": "HANAKO@example.com"}}, True),
    ("several values are OR", {"StringEquals": {"saml:aud": ["https://other", AUD]}}, True),
    ("negated: several values are AND", {"StringNotEquals": {"saml:aud": ["https://other", AUD]}}, False),
    ("several keys are AND", {"StringEquals": {"saml:aud": AUD, "saml:sub": "x"}}, False),
    ("several operators are AND", {"StringEquals": {"saml:aud": AUD}, "StringLike": {"saml:sub": "taro*"}}, False),
    ("missing key: equals is false", {"StringEquals": {"saml:iss": "x"}}, False),
    ("missing key: not equals is true", {"StringNotEquals": {"saml:iss": "x"}}, True),
    ("missing key: IfExists is true", {"StringEqualsIfExists": {"saml:iss": "x"}}, True),
    ("present key: IfExists compares", {"StringEqualsIfExists": {"saml:sub": "x"}}, False),
    ("Null true: the key is missing", {"Null": {"saml:iss": "true"}}, True),
    ("Null false: the key is there", {"Null": {"saml:sub": False}}, True),
    ("Null true on a present key", {"Null": {"saml:sub": True}}, False),
    ("plain equals on a list", {"StringEquals": {"saml:edupersonaffiliation": "staff"}}, False),
    ("ForAnyValue on a list", {"ForAnyValue:StringEquals": {"saml:edupersonaffiliation": "staff"}}, True),
    ("ForAllValues on a list", {"ForAllValues:StringEquals": {"saml:edupersonaffiliation": "staff"}}, False),
    ("ForAllValues, all there", {"ForAllValues:StringLike": {"saml:edupersonaffiliation": ["st*", "m*"]}}, True),
    ("ForAllValues on a missing key", {"ForAllValues:StringEquals": {"saml:eduorglegalname": "x"}}, True),
    ("ForAnyValue on a missing key", {"ForAnyValue:StringEquals": {"saml:eduorglegalname": "x"}}, False),
    ("StringLike: star", {"StringLike": {"saml:sub": "*@example.com"}}, True),
    ("StringLike: question mark", {"StringLike": {"saml:sub": "hanak?@example.com"}}, True),
    ("StringLike: brackets are literal", {"StringLike": {"saml:sub": "[h]anako@example.com"}}, False),
    ("StringEquals: star is literal", {"StringEquals": {"saml:sub": "*@example.com"}}, False),
    ("StringNotLike", {"StringNotLike": {"saml:sub": "taro@*"}}, True),
    ("ArnEquals has wildcards", {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"}}, True),
    ("Arn wildcards stay in their part", {"ArnLike": {"aws:PrincipalArn": "arn:aws:*role/team/ConnectAgent"}}, False),
    ("ArnNotLike", {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/other/*"}}, True),
    ("IpAddress", {"IpAddress": {"aws:SourceIp": "10.1.0.0/16"}}, True),
    ("NotIpAddress", {"NotIpAddress": {"aws:SourceIp": ["10.2.0.0/16", "10.1.2.3"]}}, False),
    ("IpAddress of another family", {"IpAddress": {"aws:SourceIp": "2001:db8::/32"}}, False),
    ("DateLessThan", {"DateLessThan": {"aws:CurrentTime": "2026-01-15T09:00:01Z"}}, True),
    ("DateGreaterThan, epoch", {"DateGreaterThan": {"aws:CurrentTime": "1768467600"}}, False),
    ("DateGreaterThanEquals, epoch", {"DateGreaterThanEquals": {"aws:CurrentTime": 1768467600}}, True),
    ("NumericLessThan", {"NumericLessThan": {"aws:MultiFactorAuthAge": 300}}, True),
    ("NumericEquals on text", {"NumericEquals": {"saml:sub": "300"}}, False),
    ("Bool", {"Bool": {"aws:SecureTransport": True}}, True),
    ("Bool, other", {"Bool": {"aws:SecureTransport": "false"}}, False),
    ("BinaryEquals", {"BinaryEquals": {"x:binary": "QmxvYg=="}}, True),
    ("a variable", {"StringLike": {"aws:userid": "*:${saml:sub}"}}, True),
    ("a variable with a default", {"StringEquals": {"saml:sub": "${x:none, 'hanako@example.com'}"}}, True),
    ("a variable without a value", {"StringNotEquals": {"saml:sub": "${x:none}"}}, True),
    ("a variable without a value, equals", {"StringLike": {"saml:sub": "${x:none}*"}}, False),
    ("a literal star", {"StringLike": {"saml:sub": "hanako${*}"}}, False),
]


@pytest.mark.parametrize(("condition", "expected"), [row[1:] for row in CONDITIONS], ids=[row[0] for row in CONDITIONS])
def test_condition(condition: dict[str, Any], expected: bool) -> None:
    """A condition holds when AWS says so."""
    assert _holds(condition) is expected


def test_old_documents_take_variables_literally() -> None:
    """In version 2008-10-17 a variable is only text."""
    assert not _holds({"StringLike": {"aws:userid": "*:${saml:sub}"}}, version="2008-10-17")


DECISIONS: list[tuple[str, list[dict[str, Any]], str, str]] = [
    ("an Allow allows", [_allow()], "allowed", "trust policy, Statement[0] allows it"),
    (
        "a Deny wins over an Allow before it",
        [_allow(), _allow(Effect="Deny", Sid="Stop")],
        "explicit-deny",
        "trust policy, Statement[1] (Stop) denies it explicitly",
    ),
    (
        "a Deny whose condition is false does not deny",
        [_allow(), _allow(Effect="Deny", Condition={"StringEquals": {"saml:sub": "taro"}})],
        "allowed",
        "trust policy, Statement[0] allows it",
    ),
    ("everyone", [_allow(Principal="*")], "allowed", "trust policy, Statement[0] allows it"),
    ('{"AWS": "*"} is everyone', [_allow(Principal={"AWS": "*"})], "allowed", "trust policy, Statement[0] allows it"),
    (
        "actions without case",
        [_allow(Action="STS:assumerolewithsaml")],
        "allowed",
        "trust policy, Statement[0] allows it",
    ),
    ("actions with wildcards", [_allow(Action=["sts:Assume*SAML"])], "allowed", "trust policy, Statement[0] allows it"),
    (
        "NotAction",
        [_allow(Action=None, NotAction="sts:AssumeRoleWithSAML")],
        "implicit-deny",
        "trust policy, Statement[0]: NotAction expects anything but sts:assumerolewithsaml, "
        "the request has sts:AssumeRoleWithSAML",
    ),
    (
        "NotPrincipal",
        [_allow(Principal=None, NotPrincipal={"Federated": PROVIDER})],
        "implicit-deny",
        f"trust policy, Statement[0]: NotPrincipal expects anyone but {PROVIDER}, the request has {PROVIDER}",
    ),
    (
        "another provider, by case",
        [_allow(Principal={"Federated": PROVIDER.replace("okta", "Okta")})],
        "implicit-deny",
        f"trust policy, Statement[0]: Principal.Federated expects {PROVIDER.replace('okta', 'Okta')}, "
        f"the request has {PROVIDER} (they differ in case only)",
    ),
    (
        "another audience",
        [_allow(Condition={"StringEquals": {"SAML:aud": "https://eu-west-1.signin.aws.amazon.com/saml"}})],
        "implicit-deny",
        "trust policy, Statement[0]: Condition StringEquals saml:aud expects "
        f"https://eu-west-1.signin.aws.amazon.com/saml, the request has {AUD}",
    ),
    (
        "the nearest statement is told",
        [_allow(Action="sts:TagSession"), _allow(Condition={"StringEquals": {"saml:iss": "x"}})],
        "implicit-deny",
        "trust policy, Statement[1]: Condition StringEquals saml:iss expects x, the request has no such key",
    ),
    (
        "no statement has the action",
        [_allow(Action="sts:TagSession"), _allow(Action="sts:AssumeRole")],
        "implicit-deny",
        "no statement allows sts:AssumeRoleWithSAML",
    ),
]


@pytest.mark.parametrize(
    ("statements", "reason", "explanation"), [row[1:] for row in DECISIONS], ids=[row[0] for row in DECISIONS]
)
def test_decision(statements: list[dict[str, Any]], reason: str, explanation: str) -> None:
    """The verdict has its reason and says which statement decided, and why."""
    verdict = evaluate([("trust policy", _trust(*statements))], _request())
    assert (verdict.reason, verdict.explanation) == (reason, explanation)
    assert verdict.allowed is (reason == "allowed")


def test_no_policy_allows_nothing() -> None:
    """Without policies the answer is no."""
    verdict = evaluate([], _request())
    assert (verdict.allowed, verdict.explanation) == (False, "there is no policy that allows anything")


USER_RESOURCE = "arn:aws:connect:ap-northeast-1:123456789012:instance/i-1/user/${aws:userid}"


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [
        ("arn:aws:connect:ap-northeast-1:123456789012:instance/i-1/user/AROAEXAMPLE:hanako@example.com", True),
        ("arn:aws:connect:ap-northeast-1:123456789012:instance/i-1/user/AROAEXAMPLE:taro@example.com", False),
        ("arn:aws:connect:us-east-1:123456789012:instance/i-1/user/AROAEXAMPLE:hanako@example.com", False),
        ("arn:aws:connect:ap-northeast-1:123456789012:instance/i-1", False),
    ],
)
def test_the_connect_policy_lets_a_session_become_its_own_user(resource: str, allowed: bool) -> None:
    """${aws:userid} in the resource is the session's own."""
    statement = {"Effect": "Allow", "Action": "connect:GetFederationToken", "Resource": USER_RESOURCE}
    document = PolicyDocument.parse({"Version": "2012-10-17", "Statement": statement}, kind="identity")
    assert evaluate([("p", document)], _request("connect:GetFederationToken", resource)).allowed is allowed


MALFORMED: list[tuple[Any, str, str]] = [
    ("{", "identity", "This policy contains invalid Json: "),
    ([], "identity", "the policy is no JSON object"),
    ({"Version": "2020-01-01", "Statement": []}, "identity", "Version: '2020-01-01' is no policy version"),
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
        "Statement[0]: needs either Principal or NotPrincipal",
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
    ({"Statement": [_allow(Sid="a"), _allow(Sid="a")]}, "trust", "Statement: two statements have the same Sid"),
]


@pytest.mark.parametrize(("document", "kind", "message"), MALFORMED, ids=[row[2][:50] for row in MALFORMED])
def test_a_malformed_document_is_refused_with_its_path(document: Any, kind: Any, message: str) -> None:
    """The message begins with the path of the mistake."""
    with pytest.raises(MalformedPolicy) as caught:
        PolicyDocument.parse(document, kind=kind)
    assert caught.value.message.startswith(message)


STATEMENTS = st.lists(
    st.builds(
        lambda effect, sub, action: _allow(Effect=effect, Action=action, Condition={"StringLike": {"saml:sub": sub}}),
        st.sampled_from(["Allow", "Deny"]),
        st.sampled_from(["*", "hanako*", "taro*"]),
        st.sampled_from(["sts:*", "sts:AssumeRoleWithSAML", "sts:TagSession"]),
    ),
    min_size=1,
    max_size=5,
)


@given(STATEMENTS)
def test_a_denial_of_everything_leaves_nothing_allowed(statements: list[dict[str, Any]]) -> None:
    """Adding Deny * to any policy denies."""
    denial = {"Effect": "Deny", "Principal": "*", "Action": "*"}
    assert not evaluate([("t", _trust(*statements, denial))], _request()).allowed


@given(STATEMENTS)
def test_the_order_of_statements_does_not_matter(statements: list[dict[str, Any]]) -> None:
    """A policy and its reverse decide alike."""
    forward = evaluate([("t", _trust(*statements))], _request())
    assert evaluate([("t", _trust(*reversed(statements)))], _request()).reason == forward.reason


def _naive(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return _naive(pattern[1:], text) or (bool(text) and _naive(pattern, text[1:]))
    return bool(text) and pattern[0] in {"?", text[0]} and _naive(pattern[1:], text[1:])


@given(st.text("ab*?[", max_size=6), st.text("ab[", max_size=6))
def test_wildcards_match_as_defined(pattern: str, text: str) -> None:
    """The compiled matcher agrees with the definition."""
    assert Template(pattern, variables=False).matches(text, {}) is _naive(pattern, text)


def test_many_stars_are_cheap() -> None:
    """A pattern made to be slow compiles to one star."""
    assert not Template("*" * 200 + "b", variables=False).matches("a" * 5000, {})
