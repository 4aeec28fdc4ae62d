"""Our policy evaluation beside one that is not ours, on cases made by chance and on every known trap."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.oracle.cases import ACCOUNT, PROVIDER, ROLE, Case, CaseMaker
from tests.oracle.conftest import Judge

VERDICTS = {"allowed": "Allowed", "implicit-deny": "ImplicitlyDenied", "explicit-deny": "ExplicitlyDenied"}
_CASES = 2000


def _is_open(case: Case) -> bool:
    """Returns whether a case asks what AWS's documentation leaves open.

    ``ForAnyValue`` is false when the key is missing and ``IfExists`` is true; of the two together nothing is said. Ours
    takes ``IfExists`` at its word, the other evaluator does not.

    Spec: AWS IAM UG "reference_policies_elements_condition_operators" (IfExists)
    """
    return re.search(r'"ForAnyValue:\w+IfExists"', json.dumps(case.as_simulation())) is not None


def test_cases_made_by_chance(judge: Judge) -> None:
    """More than a thousand requests: both evaluators say the same of each."""
    maker = CaseMaker(20260115)
    made = [maker.trust() if number % 2 else maker.call() for number in range(_CASES)]
    cases = [case for case in made if not _is_open(case)]
    ours = [VERDICTS[case.verdict().reason] for case in cases]
    theirs = judge([case.as_simulation() for case in cases])
    differing = [
        f"ours {mine}, theirs {other}: {json.dumps(case.as_simulation())}"
        for case, mine, other in zip(cases, ours, theirs, strict=True)
        if mine != other
    ]
    assert differing == []
    counts = Counter(ours)
    assert len(cases) > 1500
    assert min(counts["Allowed"], counts["ExplicitlyDenied"], counts["ImplicitlyDenied"]) > 100
    for part in ("trust", "session", "boundary", "scps", "rcps"):
        kinds = {VERDICTS[c.verdict().reason] for c in cases if getattr(c, part)}
        assert len(kinds) == 3, part


AUDIENCE = "https://signin.aws.amazon.com/saml"
S3_KEY = "arn:aws:s3:::bucket/people/hanako"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Agent/hanako"


def _call(statement: Any, context: dict[str, Any] | None = None, *, version: str = "2012-10-17", **more: Any) -> Case:
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*", **each}
        for each in (statement if isinstance(statement, list) else [statement])
    ]
    statements = [{name: value for name, value in each.items() if value is not None} for each in statements]
    policy = {"Version": version, "Statement": statements}
    return Case("s3:GetObject", S3_KEY, SESSION, context or {}, identity=(policy,), **more)


def _login(statement: Any, context: dict[str, Any] | None = None) -> Case:
    base = {"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithSAML"}
    statements = [{**base, **each} for each in (statement if isinstance(statement, list) else [statement])]
    statements = [{name: value for name, value in each.items() if value is not None} for each in statements]
    policy = {"Version": "2012-10-17", "Statement": statements}
    return Case("sts:AssumeRoleWithSAML", ROLE, PROVIDER, context or {}, trust=policy)


def _when(operator: str, key: str, *values: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values) if len(values) > 1 else values[0]}}}


_STAFF = {"saml:edupersonaffiliation": ["staff", "member"]}
_USER = {"aws:userid": "AROA:hanako"}

_ADDRESS = {"aws:SourceIp": "203.0.113.9"}


def _scp(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", **statement}]}


# What is tried, the case, our verdict, and whether the other evaluator may be asked.
TRAPS: list[tuple[str, Case, str, bool]] = [
    (
        "an address in the network",
        _login(_when("IpAddress", "aws:SourceIp", "203.0.113.0/24"), _ADDRESS),
        "allowed",
        True,
    ),
    (
        "an address of the other family is not in the network",
        _login(_when("IpAddress", "aws:SourceIp", "2001:db8::/32"), _ADDRESS),
        "implicit-deny",
        True,
    ),
    (
        "every address is in the network of length zero, which the other evaluator gets wrong",
        _login(_when("IpAddress", "aws:SourceIp", "0.0.0.0/0"), _ADDRESS),
        "allowed",
        False,
    ),
    (
        "an address that the request has not is in no network",
        _login(_when("IpAddress", "aws:SourceIp", "203.0.113.0/24")),
        "implicit-deny",
        True,
    ),
    (
        "and outside of every network",
        _login(_when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24")),
        "allowed",
        True,
    ),
    ("an SCP alone allows nothing", _call({"Action": "s3:Put*"}, scps=(_scp(),)), "implicit-deny", True),
    ("an SCP has to allow as well", _call({}, scps=(_scp(Action="iam:*"),)), "implicit-deny", True),
    ("an SCP's Deny wins", _call({}, scps=(_scp(), _scp(Effect="Deny", Action="s3:*"))), "explicit-deny", True),
    ("and an SCP that allows leaves it to the others", _call({}, scps=(_scp(Action="s3:*"),)), "allowed", True),
    (
        "an RCP's Deny wins over the trust policy",
        replace(_login({}), rcps=(_scp(Effect="Deny", Principal="*", Action="sts:*"),)),
        "explicit-deny",
        True,
    ),
    (
        "an RCP that wants the organization's principals keeps logins out, which have no organization",
        replace(
            _login({}),
            rcps=(
                _scp(
                    Effect="Deny",
                    Principal="*",
                    Action="sts:*",
                    Condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
                ),
            ),
        ),
        "explicit-deny",
        True,
    ),
    ("nothing allows it", _call({"Action": "s3:Put*"}), "implicit-deny", True),
    ("an explicit Deny beats an Allow", _call([{}, {"Effect": "Deny"}]), "explicit-deny", True),
    (
        "a Deny whose condition is false does not deny",
        _call(
            [{}, {"Effect": "Deny", **_when("Bool", "aws:SecureTransport", "false")}], {"aws:SecureTransport": "true"}
        ),
        "allowed",
        True,
    ),
    (
        "an Allow whose condition is false does not allow",
        _call(_when("StringEquals", "aws:userid", "AROA:taro"), _USER),
        "implicit-deny",
        True,
    ),
    (
        "condition keys are compared without case",
        _login(_when("StringEquals", "SAML:AUD", AUDIENCE), {"saml:aud": AUDIENCE}),
        "allowed",
        True,
    ),
    (
        "values are compared with case",
        _login(_when("StringEquals", "saml:aud", AUDIENCE.upper()), {"saml:aud": AUDIENCE}),
        "implicit-deny",
        True,
    ),
    (
        "unless the operator says otherwise",
        _call(_when("StringEqualsIgnoreCase", "aws:userid", "aroa:HANAKO"), _USER),
        "allowed",
        True,
    ),
    ("actions are compared without case", _call({"Action": "S3:getOBJECT"}), "allowed", True),
    (
        "resources are compared with case",
        _call({"Resource": S3_KEY.upper().replace("ARN:AWS:S3", "arn:aws:s3")}),
        "implicit-deny",
        True,
    ),
    (
        "several values are alternatives",
        _call(_when("StringEquals", "aws:userid", "x", "AROA:hanako"), _USER),
        "allowed",
        True,
    ),
    (
        "several keys all have to hold",
        _call(
            {"Condition": {"StringEquals": {"aws:userid": "AROA:hanako", "aws:UserAgent": "x"}}},
            {**_USER, "aws:UserAgent": "y"},
        ),
        "implicit-deny",
        True,
    ),
    (
        "several operators all have to hold",
        _call(
            {"Condition": {"StringEquals": {"aws:userid": "AROA:hanako"}, "Bool": {"aws:SecureTransport": "true"}}},
            {**_USER, "aws:SecureTransport": "false"},
        ),
        "implicit-deny",
        True,
    ),
    (
        "a negated operator differs from all of its values",
        _call(_when("StringNotEquals", "aws:userid", "x", "AROA:hanako"), _USER),
        "implicit-deny",
        True,
    ),
    (
        "a negated operator holds when the key is missing",
        _call(_when("StringNotEquals", "aws:userid", "x")),
        "allowed",
        True,
    ),
    ("other operators do not", _call(_when("StringEquals", "aws:userid", "x")), "implicit-deny", True),
    (
        "IfExists holds when the key is missing",
        _call(_when("StringEqualsIfExists", "aws:userid", "x")),
        "allowed",
        True,
    ),
    (
        "IfExists counts when the key is there",
        _call(_when("StringEqualsIfExists", "aws:userid", "x"), _USER),
        "implicit-deny",
        True,
    ),
    ("Null true asks for no key", _call(_when("Null", "aws:userid", "true"), _USER), "implicit-deny", True),
    ("Null false asks for the key", _call(_when("Null", "aws:userid", "false"), _USER), "allowed", True),
    (
        "ForAllValues holds when the key is missing",
        _login(_when("ForAllValues:StringEquals", "saml:edupersonaffiliation", "staff")),
        "allowed",
        True,
    ),
    (
        "ForAnyValue does not",
        _login(_when("ForAnyValue:StringEquals", "saml:edupersonaffiliation", "staff")),
        "implicit-deny",
        True,
    ),
    (
        "ForAllValues asks of each value",
        _login(_when("ForAllValues:StringEquals", "saml:edupersonaffiliation", "staff"), _STAFF),
        "implicit-deny",
        True,
    ),
    (
        "ForAnyValue asks of one value",
        _login(_when("ForAnyValue:StringEquals", "saml:edupersonaffiliation", "staff"), _STAFF),
        "allowed",
        True,
    ),
    (
        "a list needs a set operator",
        _login(_when("StringEquals", "saml:edupersonaffiliation", "staff"), _STAFF),
        "implicit-deny",
        True,
    ),
    (
        "ForAllValues negated asks of each value",
        _login(_when("ForAllValues:StringNotEquals", "saml:edupersonaffiliation", "staff"), _STAFF),
        "implicit-deny",
        True,
    ),
    ("StringLike knows the star", _call(_when("StringLike", "aws:userid", "AROA:*"), _USER), "allowed", True),
    ("and the question mark", _call(_when("StringLike", "aws:userid", "AROA:?anako"), _USER), "allowed", True),
    ("a bracket is a bracket", _call(_when("StringLike", "aws:userid", "AROA:[h]anako"), _USER), "implicit-deny", True),
    (
        "StringEquals knows no wildcard",
        _call(_when("StringEquals", "aws:userid", "AROA:*"), _USER),
        "implicit-deny",
        True,
    ),
    (
        "ArnEquals takes wildcards",
        _call(_when("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/*"), {"aws:PrincipalArn": ROLE}),
        "allowed",
        True,
    ),
    (
        "ArnLike compares part by part",
        _call(_when("ArnLike", "aws:PrincipalArn", "arn:*:role/Agent"), {"aws:PrincipalArn": ROLE}),
        "implicit-deny",
        True,
    ),
    (
        "a variable is filled in",
        _call({"Resource": "arn:aws:s3:::bucket/people/${aws:username}"}, {"aws:username": "hanako"}),
        "allowed",
        True,
    ),
    (
        "a variable without a value matches nothing",
        _call({"Resource": "arn:aws:s3:::bucket/people/${aws:username}"}),
        "implicit-deny",
        True,
    ),
    (
        "a variable may have a default",
        _call({"Resource": "arn:aws:s3:::bucket/people/${aws:username, 'hanako'}"}),
        "allowed",
        True,
    ),
    (
        "a wildcard in a variable's value is no wildcard",
        _call({"Resource": "arn:aws:s3:::bucket/people/${aws:username}"}, {"aws:username": "*"}),
        "implicit-deny",
        True,
    ),
    ("${*} is a star", _call({"Resource": "arn:aws:s3:::bucket/people/${*}"}), "implicit-deny", True),
    (
        "NotResource leaves out what a variable without a value might name",
        _call({"Resource": None, "NotResource": "arn:aws:s3:::bucket/people/${aws:username}"}),
        "implicit-deny",
        True,
    ),
    (
        "a negated operator with a variable without a value does not hold",
        _call(_when("StringNotEquals", "aws:userid", "${aws:username}"), _USER),
        "implicit-deny",
        True,
    ),
    # The other evaluator fills variables in whatever the version; AWS takes them literally before 2012-10-17.
    (
        "2008-10-17 knows no variables",
        _call(
            {"Resource": "arn:aws:s3:::bucket/people/${aws:username}"}, {"aws:username": "hanako"}, version="2008-10-17"
        ),
        "implicit-deny",
        False,
    ),
    ("NotAction is everything else", _call({"Action": None, "NotAction": "iam:*"}), "allowed", True),
    ("NotAction leaves out", _call({"Action": None, "NotAction": "s3:Get*"}), "implicit-deny", True),
    (
        "NotResource is everything else",
        _call({"Resource": None, "NotResource": "arn:aws:s3:::other/*"}),
        "allowed",
        True,
    ),
    (
        "NotResource leaves out",
        _call({"Resource": None, "NotResource": "arn:aws:s3:::bucket/*"}),
        "implicit-deny",
        True,
    ),
    (
        "NotPrincipal denies the others",
        _login([{}, {"Effect": "Deny", "Principal": None, "NotPrincipal": {"Federated": f"{PROVIDER}2"}}]),
        "explicit-deny",
        True,
    ),
    (
        "NotPrincipal spares who is named",
        _login([{}, {"Effect": "Deny", "Principal": None, "NotPrincipal": {"Federated": PROVIDER}}]),
        "allowed",
        True,
    ),
    (
        "a provider in a list of principals",
        _login({"Principal": {"Federated": [f"{PROVIDER}2", PROVIDER]}}),
        "allowed",
        True,
    ),
    (
        "another provider is another principal",
        _login({"Principal": {"Federated": f"{PROVIDER}2"}}),
        "implicit-deny",
        True,
    ),
    ("trust in TagSession alone is no login", _login({"Action": "sts:TagSession"}), "implicit-deny", True),
    (
        "a session policy takes away",
        _call(
            {},
            session={"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Put*", "Resource": "*"}]},
        ),
        "implicit-deny",
        True,
    ),
    (
        "a session policy gives nothing",
        _call(
            {"Action": "s3:Put*"},
            session={"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
        ),
        "implicit-deny",
        True,
    ),
    (
        "a boundary takes away",
        _call(
            {}, boundary={"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
        ),
        "explicit-deny",
        True,
    ),
    (
        "dates are compared as instants",
        _call(
            _when("DateEquals", "aws:CurrentTime", "2026-01-15T10:00:00+01:00"),
            {"aws:CurrentTime": "2026-01-15T09:00:00Z"},
        ),
        "allowed",
        True,
    ),
    (
        "an address lies in a network",
        _call(_when("IpAddress", "aws:SourceIp", "10.0.0.0/8"), {"aws:SourceIp": "10.9.9.9"}),
        "allowed",
        True,
    ),
    (
        "no address of the other family does",
        _call(_when("IpAddress", "aws:SourceIp", "2001:db8::/32"), {"aws:SourceIp": "10.9.9.9"}),
        "implicit-deny",
        True,
    ),
    # The other evaluator has no binary key to try it with.
    (
        "binary values are compared as bytes",
        _call(_when("BinaryEquals", "aws:userid", "QQ=="), {"aws:userid": "QQ=="}),
        "allowed",
        False,
    ),
    (
        "numbers are compared as numbers",
        _call(_when("NumericEquals", "aws:MultiFactorAuthAge", "300.0"), {"aws:MultiFactorAuthAge": "300"}),
        "allowed",
        True,
    ),
]


@pytest.mark.parametrize(("case", "verdict"), [row[1:3] for row in TRAPS], ids=[row[0] for row in TRAPS])
def test_a_trap(case: Case, verdict: str) -> None:
    """Each rule that is easily got wrong, by name."""
    assert case.verdict().reason == verdict


def test_the_traps_by_the_other_evaluator(judge: Judge) -> None:
    """It agrees on every one of them that it may be asked about."""
    asked = [(name, case, verdict) for name, case, verdict, may_be_asked in TRAPS if may_be_asked]
    theirs = judge([case.as_simulation() for _, case, _ in asked])
    differing = [
        f"{name}: ours {verdict}, theirs {other}"
        for (name, _, verdict), other in zip(asked, theirs, strict=True)
        if VERDICTS[verdict] != other
    ]
    assert differing == []


def test_every_saml_key(judge: Judge) -> None:
    """Each condition key of an assertion, single or list, allows by its own value and by no other."""
    from sp_mock.assertion.condition_keys import MULTI_VALUED, SINGLE_VALUED

    lists = sorted(set(MULTI_VALUED.values()))
    singles = ["saml:aud", "saml:iss", "saml:sub", "saml:sub_type", "saml:namequalifier", "saml:doc"]
    cases = []
    for key in [*singles, *sorted(set(SINGLE_VALUED.values())), *lists]:
        operator = "ForAnyValue:StringEquals" if key in lists else "StringEquals"
        value: Any = ["right"] if key in lists else "right"
        cases += [_login(_when(operator, key, wanted), {key: value}) for wanted in ("right", "wrong")]
    assert [case.verdict().allowed for case in cases] == [True, False] * (len(cases) // 2)
    theirs = judge([case.as_simulation() for case in cases])
    assert theirs == ["Allowed", "ImplicitlyDenied"] * (len(cases) // 2)
    assert len(cases) == 2 * (len(singles) + len(set(SINGLE_VALUED.values())) + len(lists)) > 50


def test_a_refusal_names_what_decided() -> None:
    """Statement, operator, key, what was wanted and what there was."""
    case = _login({"Sid": "Okta", **_when("StringEquals", "SAML:aud", AUDIENCE)}, {"saml:aud": "https://other/saml"})
    assert case.verdict().explanation == (
        "trust policy, Statement[0] (Okta): Condition StringEquals saml:aud expects "
        "https://signin.aws.amazon.com/saml, the request has https://other/saml"
    )
    denied = _call([{}, {"Sid": "Never", "Effect": "Deny"}])
    assert denied.verdict().explanation == "policy p0, Statement[1] (Never) denies it explicitly"
    limited = _call(
        {}, session={"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Put*", "Resource": "*"}]}
    )
    assert limited.verdict().explanation == (
        "the session policy decides: session policy, Statement[0]: Action expects s3:Put*, the request has s3:GetObject"
    )
    assert limited.verdict().layer == "session policy"
