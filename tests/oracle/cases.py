"""Policy cases made by chance, the same ones every time: requests and policies that often nearly fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from emulator.kernel.clock import Ids
from sp_mock.accounts.model import Account
from sp_mock.accounts.organization import Organization
from sp_mock.policies.documents import PolicyDocument
from sp_mock.policies.evaluation import Layer, Principal, Request, Verdict, authorize
from sp_mock.principals.organization_limits import resource_control, service_control

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Agent"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"
Choice = TypeVar("Choice")

# Values as requests have them and, beside, as policies ask for them.
_STRINGS = {
    "aws:userid": ("AROA:hanako", ["AROA:hanako", "AROA:*", "aroa:hanako", "AROA:?anako", "AROA:[h]anako", "*"]),
    "aws:PrincipalTag/team": ("voice", ["voice", "Voice", "v*", "data", "${aws:PrincipalTag/team}", "${aws:userid}"]),
    "aws:UserAgent": ("aws-cli/1.2", ["aws-cli/1.2", "aws-cli/*", "boto", "${aws:UserAgent, 'boto'}"]),
    "aws:PrincipalOrgID": ("o-a1b2c3d4e5", ["o-a1b2c3d4e5", "o-other00000", "o-*"]),
    "aws:RequestedRegion": ("ap-northeast-1", ["ap-northeast-1", "ap-*", "eu-west-1"]),
    "aws:ResourceAccount": (ACCOUNT, [ACCOUNT, "999999999999"]),
    "aws:PrincipalType": ("AssumedRole", ["AssumedRole", "User", "assumedrole", "Assumed${*}", "Assumed*"]),
}
_SAML_STRINGS = {
    "saml:aud": ("https://signin.aws.amazon.com/saml", ["https://signin.aws.amazon.com/saml", "https://*", "other"]),
    "saml:iss": ("http://www.okta.com/exk1", ["http://www.okta.com/exk1", "HTTP://www.okta.com/exk1", "http://*/exk?"]),
    "saml:sub": ("hanako@example.com", ["hanako@example.com", "Hanako@example.com", "*@example.com", "*@other.com"]),
    "saml:sub_type": ("persistent", ["persistent", "transient"]),
    "saml:namequalifier": ("q1=", ["q1=", "q2="]),
    "saml:doc": (f"{ACCOUNT}/okta", [f"{ACCOUNT}/okta", f"{ACCOUNT}/*", f"{ACCOUNT}/other"]),
    "saml:edupersonorgdn": ("o=acme", ["o=acme", "o=other"]),
    "saml:edupersonprincipalname": ("hanako", ["hanako", "taro"]),
    "sts:RoleSessionName": ("hanako", ["hanako", "${saml:edupersonprincipalname}", "taro", "h*"]),
    "sts:SourceIdentity": ("hanako", ["hanako", "taro"]),
    "aws:RequestTag/team": ("voice", ["voice", "data"]),
    "aws:RequestedRegion": ("us-east-1", ["us-east-1", "eu-west-1", "us-*"]),
    "aws:UserAgent": ("Mozilla/5.0", ["Mozilla/5.0", "Mozilla/*", "boto3/*"]),
    "aws:PrincipalOrgID": ("o-a1b2c3d4e5", ["o-a1b2c3d4e5", "o-other00000"]),
}
_LISTS = {
    "aws:TagKeys": (["team", "desk"], ["team", "desk", "cost", "te*"]),
}
_SAML_LISTS = {
    "saml:edupersonaffiliation": (["staff", "member"], ["staff", "member", "student", "sta*"]),
    "saml:cn": (["Hanako"], ["Hanako", "Taro"]),
    "saml:mail": (["h@example.com"], ["*@example.com", "h@example.com", "x"]),
    "sts:TransitiveTagKeys": (["team"], ["team", "desk"]),
}
_TYPED: Sequence[tuple[str, str, str, Sequence[str]]] = (
    ("Numeric", "aws:MultiFactorAuthAge", "300", ["300", "299", "301", "300.0"]),
    ("Date", "aws:CurrentTime", "2026-01-15T09:00:00Z", ["2026-01-15T09:00:00Z", "2026-01-15", "2027-01-01T00:00:00Z"]),
    (
        "Date",
        "aws:TokenIssueTime",
        "2026-01-15T08:00:00Z",
        ["2026-01-15T08:00:00Z", "2026-01-16T00:00:00Z", "2025-06-01"],
    ),
    ("Bool", "aws:SecureTransport", "true", ["true", "false", "True"]),
    ("Bool", "aws:MultiFactorAuthPresent", "false", ["true", "false"]),
    ("Ip", "aws:SourceIp", "10.1.2.3", ["10.0.0.0/8", "10.1.2.3", "10.1.2.3/32", "192.168.0.0/16", "2001:db8::/32"]),
    (
        "Arn",
        "aws:PrincipalArn",
        ROLE,
        [ROLE, f"arn:aws:iam::{ACCOUNT}:role/A*", "arn:aws:iam::*:role/Agent", f"{ROLE.lower()}"],
    ),
)
# What a login's request has of these, whoever makes it.
_ENVIRONMENT = (
    *(row for row in _TYPED if row[1] in {"aws:CurrentTime", "aws:SecureTransport", "aws:SourceIp"}),
    ("Numeric", "aws:EpochTime", "1768467600", ["1768467600", "1768467599", "1800000000"]),
    ("Ip", "aws:SourceIp", "10.1.2.3", ["10.1.2.0/24", "10.1.2.4", "8.0.0.0/6"]),
)
_STRING_OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
)
_COMPARISONS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_OPERATORS = {
    "Numeric": tuple(f"Numeric{each}" for each in _COMPARISONS),
    "Date": tuple(f"Date{each}" for each in _COMPARISONS),
    "Bool": ("Bool",),
    "Ip": ("IpAddress", "NotIpAddress"),
    "Arn": ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
}
_ACTIONS = {
    "s3:GetObject": "arn:aws:s3:::bucket/people/hanako",
    "iam:TagRole": ROLE,
    "connect:GetFederationToken": f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/i1/user/AROA:hanako",
}
_ACTION_PATTERNS = [
    "*",
    "s3:*",
    "s3:Get*",
    "S3:getobject",
    "iam:TagRole",
    "iam:*",
    "connect:Get*",
    "connect:?etFederationToken",
]
_RESOURCE_PATTERNS = [
    "*",
    "arn:aws:s3:::bucket/*",
    "arn:aws:s3:::bucket/people/${aws:PrincipalTag/team}",
    "arn:aws:s3:::bucket/people/hanak?",
    "arn:aws:s3:::other/*",
    f"arn:aws:iam::{ACCOUNT}:role/*",
    ROLE,
    f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/i1/user/${{aws:userid}}",
    f"arn:aws:connect:*:{ACCOUNT}:instance/*",
]
_PRINCIPALS: Sequence[Any] = (
    {"Federated": PROVIDER},
    {"Federated": [f"{PROVIDER}2", PROVIDER]},
    {"Federated": f"{PROVIDER}2"},
    {"Federated": PROVIDER, "AWS": f"arn:aws:iam::{ACCOUNT}:root"},
)


@dataclass(frozen=True, slots=True)
class Case:
    """A request with policies.

    ``trust`` is a role's, ``identity``, ``session`` and ``boundary`` are a caller's, ``scps`` and ``rcps`` are those of
    the organization that caller and role are in; without FullAWSAccess unless an SCP is one like it.
    """

    action: str
    resource: str
    principal: str
    context: Mapping[str, Any]
    identity: tuple[Any, ...] = ()
    trust: Any = None
    session: Any = None
    boundary: Any = None
    scps: tuple[Any, ...] = ()
    rcps: tuple[Any, ...] = ()

    def as_simulation(self) -> dict[str, Any]:
        """The case as the other evaluator takes it."""
        data: dict[str, Any] = {
            "request": {
                "principal": self.principal,
                "action": self.action,
                "resource": {"resource": self.resource, "accountId": ACCOUNT},
                "contextVariables": dict(self.context),
            },
            "identityPolicies": [{"name": f"p{i}", "policy": policy} for i, policy in enumerate(self.identity)],
        }
        for name, documents in (("serviceControlPolicies", self.scps), ("resourceControlPolicies", self.rcps)):
            if documents:
                named = [{"name": f"{name}{i}", "policy": document} for i, document in enumerate(documents)]
                data[name] = [{"orgIdentifier": "account", "policies": named}]
        if self.trust is not None:
            data["resourcePolicy"] = self.trust
        if self.session is not None:
            data["sessionPolicy"] = self.session
        if self.boundary is not None:
            data["permissionBoundaryPolicies"] = [{"name": "b", "policy": self.boundary}]
        return data

    def verdict(self) -> Verdict:
        """What our evaluator says."""
        context = {key: tuple(v) if isinstance(v, list) else (v,) for key, v in self.context.items()}
        multivalued = frozenset(key for key, value in self.context.items() if isinstance(value, list))
        kind = "Federated" if self.trust is not None else "AWS"
        request = Request(self.action, self.resource, Principal(kind, self.principal), context, multivalued)
        if self.trust is not None:
            trust = PolicyDocument.parse(self.trust, kind="trust")
            return authorize([*self._limits(), Layer("trust policy", (("trust policy", trust),))], request)
        own = tuple(
            (f"policy p{index}", PolicyDocument.parse(policy, kind="identity"))
            for index, policy in enumerate(self.identity)
        )
        layers = [*self._limits(), Layer("identity-based policy", own)]
        for name, policy in (("permissions boundary", self.boundary), ("session policy", self.session)):
            if policy is not None:
                layers.append(Layer(name, ((name, PolicyDocument.parse(policy, kind="session")),)))
        return authorize(layers, request)

    def _limits(self) -> Sequence[Layer]:
        """The organization's policies as an account has them."""
        organization = Organization(
            "o-a1b2c3d4e5",
            "o-a1b2c3d4e5/r-root/",
            {f"s{i}": PolicyDocument.parse(each, kind="service-control") for i, each in enumerate(self.scps)},
            {f"r{i}": PolicyDocument.parse(each, kind="resource-control") for i, each in enumerate(self.rcps)},
            has_full_aws_access=not self.scps,
        )
        account = Account(ACCOUNT, organization=organization)
        # Of the services here only STS's resources are reached; the other evaluator takes a bucket's policies too.
        return (*resource_control(account, "sts:AssumeRole"), *service_control(account, ROLE))


class CaseMaker:
    """Makes cases from a seed."""

    def __init__(self, seed: int) -> None:
        self._ids = Ids(seed)

    def trust(self) -> Case:
        """A login: a trust policy is asked for AssumeRoleWithSAML."""
        strings, lists = _SAML_STRINGS, _SAML_LISTS
        statements = []
        for _ in range(self._between(1, 3)):
            principal = "NotPrincipal" if self._once_in(25) else "Principal"
            effect = "Deny" if principal == "NotPrincipal" or self._once_in(5) else "Allow"
            statement: dict[str, Any] = {"Effect": effect, principal: self._pick(_PRINCIPALS)}
            name = "NotAction" if self._once_in(12) else "Action"
            statement[name] = self._pick(
                [
                    "sts:AssumeRoleWithSAML",
                    "sts:AssumeRole*",
                    "sts:*",
                    "sts:TagSession",
                    ["sts:TagSession", "sts:assumerolewithsaml"],
                ]
            )
            self._add_conditions(statement, strings, lists, typed=_ENVIRONMENT)
            statements.append(statement)
        return Case(
            "sts:AssumeRoleWithSAML",
            ROLE,
            PROVIDER,
            self._context(strings, lists, typed=_ENVIRONMENT),
            trust=_policy(statements),
            rcps=self._limits(strings, lists, _ENVIRONMENT, everybody=True) if self._once_in(3) else (),
        )

    def call(self) -> Case:
        """A later call: identity policies, now and then with a session policy or a boundary."""
        action = self._pick(list(_ACTIONS))
        lists = _LISTS if action == "iam:TagRole" else {}
        return Case(
            action,
            _ACTIONS[action],
            f"arn:aws:sts::{ACCOUNT}:assumed-role/Agent/hanako",
            self._context(_STRINGS, lists, typed=_TYPED),
            identity=tuple(self._identity_policy(lists) for _ in range(self._between(1, 2))),
            session=self._identity_policy(lists) if self._once_in(3) else None,
            boundary=self._identity_policy(lists) if self._once_in(4) else None,
            scps=self._limits(_STRINGS, lists, _TYPED) if self._once_in(3) else (),
        )

    def _limits(
        self, strings: Mapping[str, Any], lists: Mapping[str, Any], typed: Sequence[Any], *, everybody: bool = False
    ) -> tuple[Any, ...]:
        """An organization's policies: RCPs are for everybody and only deny, SCPs allow everything or some actions."""
        denied: dict[str, Any] = {"Effect": "Deny", "Resource": "*"}
        self._add_conditions(denied, strings, lists, typed=typed)
        if everybody:
            actions = ["sts:*", "sts:AssumeRole", "s3:*"]
            return (_policy([{**denied, "Principal": "*", "Action": self._one_or_more(actions)}]),)
        allowed = {"Effect": "Allow", "Resource": "*", "Action": self._pick(["*", "*", ["s3:*", "connect:*"]])}
        denied["NotAction" if self._once_in(4) else "Action"] = self._one_or_more(_ACTION_PATTERNS[1:])
        return (_policy([allowed]), _policy([denied]))

    def _identity_policy(self, lists: Mapping[str, Any]) -> Any:
        statements = []
        for _ in range(self._between(1, 3)):
            statement: dict[str, Any] = {"Effect": "Deny" if self._once_in(5) else "Allow"}
            statement["NotAction" if self._once_in(8) else "Action"] = self._one_or_more(_ACTION_PATTERNS)
            statement["NotResource" if self._once_in(8) else "Resource"] = self._one_or_more(_RESOURCE_PATTERNS)
            self._add_conditions(statement, _STRINGS, lists, typed=_TYPED)
            statements.append(statement)
        return _policy(statements)

    def _add_conditions(
        self,
        statement: dict[str, Any],
        strings: Mapping[str, Any],
        lists: Mapping[str, Any],
        *,
        typed: Sequence[tuple[str, str, str, Sequence[str]]],
    ) -> None:
        condition: dict[str, dict[str, Any]] = {}
        for _ in range(self._between(0, 2)):
            kind = self._between(0, 9)
            if kind <= 1 and lists:
                key = self._pick(list(lists))
                operator = self._pick(["ForAnyValue:", "ForAllValues:"]) + self._pick(_STRING_OPERATORS)
                wanted: Any = self._one_or_more(lists[key][1])
            elif kind <= 4:
                family, key, _, values = self._pick(typed)
                operator, wanted = self._pick(_OPERATORS[family]), self._one_or_more(values)
            elif kind == 5:
                key = self._pick([*strings, *lists])
                operator, wanted = "Null", self._pick(["true", "false"])
            else:
                key = self._pick(list(strings))
                operator, wanted = self._pick(_STRING_OPERATORS), self._one_or_more(strings[key][1])
            if operator != "Null" and self._once_in(6):
                operator += "IfExists"
            condition.setdefault(operator, {})[self._in_any_case(key)] = wanted
        if condition:
            statement["Condition"] = condition

    def _context(
        self,
        strings: Mapping[str, Any],
        lists: Mapping[str, Any],
        *,
        typed: Sequence[tuple[str, str, str, Sequence[str]]],
    ) -> dict[str, Any]:
        context: dict[str, Any] = {key: value for key, (value, _) in strings.items() if not self._once_in(5)}
        context |= {key: value for key, (value, _) in lists.items() if not self._once_in(5)}
        return context | {key: value for _, key, value, _ in typed if not self._once_in(5)}

    def _in_any_case(self, key: str) -> str:
        return key.upper() if key.startswith("saml:") and self._once_in(6) else key

    def _one_or_more(self, values: Sequence[Choice]) -> Any:
        if self._once_in(3):
            return list(dict.fromkeys(self._pick(values) for _ in range(2)))
        return self._pick(values)

    def _between(self, low: int, high: int) -> int:
        return self._ids.integer(low, high)

    def _once_in(self, count: int) -> bool:
        return self._ids.integer(1, count) == 1

    def _pick(self, values: Sequence[Choice]) -> Choice:
        return values[self._ids.integer(0, len(values) - 1)]


def _policy(statements: list[Any]) -> Any:
    return {"Version": "2012-10-17", "Statement": statements}
