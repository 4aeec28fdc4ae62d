"""Evaluation: who may do what, and what the explanation says when the answer is no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sp_mock.policies.documents import PolicyDocument
from sp_mock.policies.evaluation import Mismatch, Principal, Request, Verdict, evaluate

PROVIDER = "arn:aws:iam::123456789012:saml-provider/okta"
ROLE = "arn:aws:iam::123456789012:role/ConnectAgent"
AUD = "https://signin.aws.amazon.com/saml"
CONTEXT: Mapping[str, tuple[str, ...]] = {
    "saml:aud": (AUD,),
    "saml:sub": ("hanako@example.com",),
    "saml:mail": ("hanako@example.com",),
    "aws:userid": ("AROAEXAMPLE:hanako@example.com",),
}
MULTIVALUED = frozenset({"saml:mail"})


def _request(action: str = "sts:AssumeRoleWithSAML", resource: str = ROLE, provider: str = PROVIDER) -> Request:
    return Request(action, resource, Principal("Federated", provider), CONTEXT, MULTIVALUED)


def _trust(*statements: dict[str, Any], version: str = "2012-10-17") -> PolicyDocument:
    return PolicyDocument.parse({"Version": version, "Statement": list(statements)}, kind="trust")


def _allow(**elements: Any) -> dict[str, Any]:
    base = {"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithSAML"}
    return {key: value for key, value in {**base, **elements}.items() if value is not None}


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
        "trust policy, Statement[0]: NotAction expects anything but sts:AssumeRoleWithSAML, "
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
    (
        "the only statement has another action",
        [_allow(Action="sts:TagSession")],
        "implicit-deny",
        "trust policy, Statement[0]: Action expects sts:TagSession, the request has sts:AssumeRoleWithSAML",
    ),
    (
        "another kind of principal",
        [_allow(Principal={"AWS": "arn:aws:iam::123456789012:root"})],
        "implicit-deny",
        "trust policy, Statement[0]: Principal.Federated expects AWS arn:aws:iam::123456789012:root, "
        f"the request has {PROVIDER}",
    ),
    (
        "the provider among others",
        [_allow(Principal={"AWS": "arn:aws:iam::123456789012:root", "Federated": [f"{PROVIDER}2", PROVIDER]})],
        "allowed",
        "trust policy, Statement[0] allows it",
    ),
    ("every provider", [_allow(Principal={"Federated": "*"})], "allowed", "trust policy, Statement[0] allows it"),
    (
        "one of several audiences, by case",
        [_allow(Condition={"StringEquals": {"SAML:aud": ["https://other", AUD.upper()]}})],
        "implicit-deny",
        "trust policy, Statement[0]: Condition StringEquals saml:aud expects "
        f"https://other or {AUD.upper()}, the request has {AUD} (they differ in case only)",
    ),
    (
        "a negated condition",
        [_allow(Condition={"StringNotEquals": {"saml:aud": AUD}})],
        "implicit-deny",
        "trust policy, Statement[0]: Condition StringNotEquals saml:aud expects "
        f"anything but {AUD}, the request has {AUD}",
    ),
    (
        "Null true on a present key",
        [_allow(Condition={"Null": {"saml:sub": "true"}})],
        "implicit-deny",
        "trust policy, Statement[0]: Condition Null saml:sub expects no such key, the request has hanako@example.com",
    ),
    (
        "Null false on a missing key",
        [_allow(Condition={"Null": {"saml:iss": "false"}})],
        "implicit-deny",
        "trust policy, Statement[0]: Condition Null saml:iss expects some value, the request has no such key",
    ),
    (
        "a list compared as one value",
        [_allow(Condition={"StringEquals": {"saml:mail": "hanako@example.com"}})],
        "implicit-deny",
        "trust policy, Statement[0]: Condition StringEquals saml:mail expects hanako@example.com, the request has "
        "hanako@example.com (the key holds a list, which needs ForAnyValue:StringEquals or ForAllValues:StringEquals)",
    ),
    (
        "a variable without a value",
        [_allow(Condition={"StringEquals": {"saml:sub": "${x:none}"}})],
        "implicit-deny",
        "trust policy, Statement[0]: Condition StringEquals saml:sub expects ${x:none}, the request has "
        "hanako@example.com (a variable in ${x:none} has no value)",
    ),
    (
        "the second condition fails later than the first",
        [
            _allow(Condition={"StringEquals": {"saml:sub": "x"}}),
            _allow(Condition={"StringEquals": {"saml:aud": AUD}, "StringLike": {"saml:sub": "y*"}}),
        ],
        "implicit-deny",
        "trust policy, Statement[1]: Condition StringLike saml:sub expects y*, the request has hanako@example.com",
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


USER_ARN = "arn:aws:connect:ap-northeast-1:123456789012:instance/i-1/user/"


def _connect(resource: str, **elements: Any) -> Verdict:
    resources = elements or {"Resource": f"{USER_ARN}${{aws:userid}}"}
    statement = {"Effect": "Allow", "Action": "connect:GetFederationToken", **resources}
    document = PolicyDocument.parse({"Version": "2012-10-17", "Statement": statement}, kind="identity")
    return evaluate([("policy Connect", document)], _request("connect:GetFederationToken", resource))


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [
        (f"{USER_ARN}AROAEXAMPLE:hanako@example.com", True),
        (f"{USER_ARN}AROAEXAMPLE:taro@example.com", False),
        ("arn:aws:connect:us-east-1:123456789012:instance/i-1/user/AROAEXAMPLE:hanako@example.com", False),
        ("arn:aws:connect:ap-northeast-1:123456789012:instance/i-1", False),
    ],
)
def test_the_connect_policy_lets_a_session_become_its_own_user(resource: str, allowed: bool) -> None:
    """${aws:userid} in the resource is the session's own."""
    assert _connect(resource).allowed is allowed


def test_a_user_name_that_differs_in_case_is_told() -> None:
    """The variable is filled in, so that the difference can be seen."""
    verdict = _connect(f"{USER_ARN}AROAEXAMPLE:Hanako@example.com")
    assert verdict.explanation == (
        f"policy Connect, Statement[0]: Resource expects {USER_ARN}AROAEXAMPLE:hanako@example.com, "
        f"the request has {USER_ARN}AROAEXAMPLE:Hanako@example.com (they differ in case only)"
    )


def test_not_resource_leaves_out_what_it_names() -> None:
    """NotResource applies to everything else."""
    verdict = _connect(f"{USER_ARN}x", NotResource=f"{USER_ARN}*")
    assert verdict.explanation == (
        f"policy Connect, Statement[0]: NotResource expects anything but {USER_ARN}*, the request has {USER_ARN}x"
    )
    assert _connect("arn:aws:connect:us-east-1:123456789012:instance/i-1/user/x", NotResource=f"{USER_ARN}*").allowed


def test_a_mismatch_can_be_read_by_a_program() -> None:
    """Every Allow that failed is there with its parts, the nearest first."""
    document = _trust(
        _allow(Action="sts:TagSession"),
        _allow(
            Sid="Regional", Condition={"StringEquals": {"SAML:aud": "https://eu-west-1.signin.aws.amazon.com/saml"}}
        ),
    )
    verdict = evaluate([("trust policy", document)], _request())
    assert verdict.statement == "trust policy, Statement[1] (Regional)"
    assert verdict.mismatches == (
        Mismatch(
            "trust policy, Statement[1] (Regional)",
            "Condition",
            "https://eu-west-1.signin.aws.amazon.com/saml",
            AUD,
            operator="StringEquals",
            key="saml:aud",
            policy="trust policy",
            place=("Statement", 1, "Condition", "StringEquals", "SAML:aud"),
            written="https://eu-west-1.signin.aws.amazon.com/saml",
        ),
        Mismatch(
            "trust policy, Statement[0]",
            "Action",
            "sts:TagSession",
            "sts:AssumeRoleWithSAML",
            policy="trust policy",
            place=("Statement", 0, "Action"),
            written="sts:TagSession",
        ),
    )


PLACES: list[tuple[Any, tuple[str | int, ...]]] = [
    ([_allow(), _allow(Effect="Deny")], ("Statement", 1, "Action")),
    ([_allow(Effect="Deny", Action=["sts:TagSession", "sts:*"])], ("Statement", 0, "Action", 1)),
    ([_allow(Effect="Deny", Action=None, NotAction="iam:*")], ("Statement", 0, "NotAction")),
    (
        [_allow(Effect="Deny", Condition={"StringLike": {"SAML:Sub": "*"}})],
        ("Statement", 0, "Condition", "StringLike", "SAML:Sub"),
    ),
    (_allow(Action="sts:TagSession"), ("Statement", "Action")),
    ([_allow(Action=["iam:*", "sts:AssumeRoleWithSAM"])], ("Statement", 0, "Action", 1)),
    (
        [_allow(Principal={"AWS": "*x", "Federated": ["a", f"{PROVIDER}2"]})],
        ("Statement", 0, "Principal", "Federated", 1),
    ),
    ([_allow(Principal=None, NotPrincipal={"Federated": PROVIDER})], ("Statement", 0, "NotPrincipal", "Federated")),
    (
        [_allow(Condition={"ForAnyValue:StringEqualsIfExists": {"SAML:mail": ["x", "taro@example.com"]}})],
        ("Statement", 0, "Condition", "ForAnyValue:StringEqualsIfExists", "SAML:mail", 1),
    ),
]


@pytest.mark.parametrize(("statements", "place"), PLACES)
def test_the_verdict_has_the_place_of_what_decided(statements: Any, place: tuple[str | int, ...]) -> None:
    """Keys and indexes as the policy writes them: to the condition or action of a Deny, to the nearest value else."""
    document = PolicyDocument.parse({"Version": "2012-10-17", "Statement": statements}, kind="trust")
    verdict = evaluate([("trust policy", document)], _request())
    assert (verdict.policy, verdict.place, verdict.document) == ("trust policy", place, document)


def test_of_several_statements_the_one_that_is_written_nearest_comes_first() -> None:
    """Both fail at the resource; the reason is the one that names the instance."""
    document = PolicyDocument.parse(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "connect:*", "Resource": "arn:aws:connect:*:*:instance/other/*"},
                {"Effect": "Allow", "Action": "connect:*", "Resource": f"{USER_ARN}${{aws:username}}"},
            ],
        },
        kind="identity",
    )
    resource = f"{USER_ARN}AROAEXAMPLE:hanako@example.com"
    verdict = evaluate([("policy Connect", document)], _request("connect:GetFederationToken", resource))
    assert verdict.place == ("Statement", 1, "Resource")
    assert verdict.mismatches[0].written == f"{USER_ARN}${{aws:username}}"


def test_a_request_takes_condition_keys_in_any_case() -> None:
    """Keys are compared without case on both sides."""
    document = _trust(_allow(Condition={"StringEquals": {"saml:aud": AUD}}))
    request = Request("sts:AssumeRoleWithSAML", ROLE, Principal("Federated", PROVIDER), {"SAML:aud": (AUD,)})
    assert evaluate([("trust policy", document)], request).allowed


def test_policies_add_up_and_any_of_them_can_deny() -> None:
    """An Allow of one policy and a Deny of another meet in one verdict."""
    allow, deny = _trust(_allow()), _trust(_allow(Effect="Deny"))
    assert evaluate([("a", _trust(_allow(Action="sts:TagSession"))), ("b", allow)], _request()).statement == (
        "b, Statement[0]"
    )
    assert evaluate([("a", allow), ("b", deny)], _request()).explanation == "b, Statement[0] denies it explicitly"


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
