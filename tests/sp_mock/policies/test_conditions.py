"""Conditions: every operator, and every trap that evaluators fall into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sp_mock.policies.conditions import OPERATORS
from sp_mock.policies.documents import PolicyDocument
from sp_mock.policies.evaluation import Principal, Request, evaluate
from sp_mock.policies.patterns import Template

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
    "x:two": ("a", "b"),
    "x:empty": (),
    "x:blank": ("",),
    "x:star": ("*",),
    "x:user": ("arn:aws:connect:ap-northeast-1:123456789012:instance/i-1/user/AROAEXAMPLE:hanako",),
    "x:day": ("2026-01-15",),
    "x:large": ("9007199254740993",),
    "x:ip6": ("2001:db8::1",),
    "x:question": ("really?",),
    "x:dollar": ("${saml:sub}",),
    "x:same": ("same",),
    "x:list": ("same",),
}
MULTIVALUED = frozenset({"saml:edupersonaffiliation", "aws:tagkeys", "x:list"})


def _holds(condition: dict[str, Any], version: str = "2012-10-17") -> bool:
    statement = {"Effect": "Allow", "Action": "sts:TagSession", "Resource": "*", "Condition": condition}
    document = PolicyDocument.parse({"Version": version, "Statement": statement}, kind="identity")
    request = Request("sts:TagSession", "arn:aws:s3:::b", Principal("AWS", "x"), CONTEXT, MULTIVALUED)
    return evaluate([("policy", document)], request).allowed


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
    ("a variable without a value", {"StringNotEquals": {"saml:sub": "${x:none}"}}, False),
    ("a variable without a value, equals", {"StringLike": {"saml:sub": "${x:none}*"}}, False),
    ("a literal star", {"StringLike": {"saml:sub": "hanako${*}"}}, False),
    ("a key with two values is a list", {"StringEquals": {"x:two": "a"}}, False),
    ("negated on a list", {"StringNotEquals": {"saml:edupersonaffiliation": "staff"}}, True),
    ("empty key: not equals is true", {"StringNotEquals": {"x:empty": "a"}}, True),
    ("empty key: IfExists is true", {"StringEqualsIfExists": {"x:empty": "a"}}, True),
    ("empty key: Null is true", {"Null": {"x:empty": "true"}}, True),
    ("ForAllValues on an empty key", {"ForAllValues:StringEquals": {"x:empty": "a"}}, True),
    ("ForAnyValue on an empty key", {"ForAnyValue:StringEquals": {"x:empty": "a"}}, False),
    ("ForAllValues on an empty text", {"ForAllValues:StringEquals": {"x:blank": "a"}}, True),
    ("ForAnyValue negated: one other value is enough", {"ForAnyValue:StringNotEquals": {"aws:TagKeys": "Team"}}, True),
    ("ForAllValues negated: no value may match", {"ForAllValues:StringNotEquals": {"aws:TagKeys": "Team"}}, False),
    ("ForAnyValue IfExists on a missing key", {"ForAnyValue:StringEqualsIfExists": {"x:none": "a"}}, True),
    ("NotEqualsIgnoreCase", {"StringNotEqualsIgnoreCase": {"saml:sub": "HANAKO@example.com"}}, False),
    ("ArnLike: the last part has colons", {"ArnLike": {"x:user": "arn:aws:connect:*:*:instance/*/user/*"}}, True),
    ("ArnEquals: no ARN", {"ArnEquals": {"saml:sub": "*"}}, False),
    ("ArnNotEquals", {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"}}, False),
    ("Arn: a star in a variable is literal", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/${x:star}"}}, False),
    ("Arn: a literal star", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/${*}"}}, False),
    ("Arn: a variable that is an ARN", {"ArnEquals": {"aws:PrincipalArn": "${aws:PrincipalArn}"}}, True),
    ("DateEquals on a day", {"DateEquals": {"x:day": "2026-01-15T00:00:00Z"}}, True),
    ("DateLessThan a year", {"DateLessThan": {"aws:CurrentTime": "2027"}}, True),
    ("DateLessThanEquals a month", {"DateLessThanEquals": {"aws:CurrentTime": "2026-02"}}, True),
    ("DateNotEquals", {"DateNotEquals": {"aws:CurrentTime": "2026-01-15T10:00:00+01:00"}}, False),
    ("NumericNotEquals", {"NumericNotEquals": {"aws:MultiFactorAuthAge": "299.0"}}, False),
    ("NumericLessThanEquals", {"NumericLessThanEquals": {"aws:MultiFactorAuthAge": "2.99e2"}}, True),
    ("NumericGreaterThan", {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "299"}}, False),
    ("NumericGreaterThanEquals", {"NumericGreaterThanEquals": {"aws:MultiFactorAuthAge": "299"}}, True),
    ("numbers are decimal: no infinity", {"NumericLessThan": {"aws:MultiFactorAuthAge": "inf"}}, False),
    ("numbers are exact", {"NumericEquals": {"x:large": "9007199254740992"}}, False),
    ("numbers of any size", {"NumericLessThan": {"x:large": f"1e{'9' * 30}"}}, False),
    ("Bool takes nothing else", {"Bool": {"saml:sub": "hanako@example.com"}}, False),
    ("BinaryEquals on text", {"BinaryEquals": {"saml:sub": "hanako@example.com"}}, False),
    ("IpAddress of IPv6", {"IpAddress": {"x:ip6": "2001:db8::/32"}}, True),
    ("IpAddress on text", {"IpAddress": {"saml:sub": "0.0.0.0/0"}}, False),
    ("a variable's name without case", {"StringEquals": {"saml:sub": "${SAML:SUB}"}}, True),
    ("a star in a variable is literal", {"StringLike": {"saml:sub": "${x:star}"}}, False),
    ("a literal question mark", {"StringEquals": {"x:question": "really${?}"}}, True),
    ("a literal dollar", {"StringEquals": {"x:dollar": "${$}{saml:sub}"}}, True),
    ("a default is not used when there is a value", {"StringEquals": {"saml:sub": "${saml:sub, 'x'}"}}, True),
    ("a list is no variable", {"StringEquals": {"x:same": "${x:list}"}}, False),
]


@pytest.mark.parametrize(("condition", "expected"), [row[1:] for row in CONDITIONS], ids=[row[0] for row in CONDITIONS])
def test_condition(condition: dict[str, Any], expected: bool) -> None:
    """A condition holds when AWS says so."""
    assert _holds(condition) is expected


def test_every_operator_has_a_case() -> None:
    """The 27 operators are all in the table above."""
    tested = {operator.split(":")[-1].removesuffix("IfExists") for row in CONDITIONS for operator in row[1]}
    assert tested == set(OPERATORS)
    assert len(OPERATORS) == 27


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_a_missing_key_satisfies_negated_operators_and_if_exists(operator: str) -> None:
    """Only a negated operator, IfExists, ForAllValues and Null take a missing key for a match."""
    missing = {"x:none": "true"}
    assert _holds({operator: missing}) is ("Not" in operator or operator == "Null")
    if operator != "Null":
        assert _holds({f"{operator}IfExists": missing})
        assert _holds({f"ForAllValues:{operator}": missing})
        assert not _holds({f"ForAnyValue:{operator}": missing})


@pytest.mark.parametrize(
    "condition",
    [
        {"StringLike": {"aws:userid": "*:${saml:sub}"}},
        {"ArnLike": {"x:user": "${x:user}"}},
        {"StringEquals": {"saml:sub": "${x:none, 'hanako@example.com'}"}},
    ],
)
def test_old_documents_take_variables_literally(condition: dict[str, Any]) -> None:
    """In version 2008-10-17 a variable is only text."""
    assert _holds(condition)
    assert not _holds(condition, version="2008-10-17")


def test_an_old_document_matches_the_text_of_a_variable() -> None:
    """In version 2008-10-17 the text of a variable matches itself."""
    condition = {"StringEquals": {"x:dollar": "${saml:sub}"}}
    assert _holds(condition, version="2008-10-17")
    assert not _holds(condition)


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
