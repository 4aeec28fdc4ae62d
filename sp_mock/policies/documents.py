"""IAM policy documents: read once, refused when AWS would refuse them, patterns compiled."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from sp_mock.policies.conditions import Condition, UnknownOperator, parse_condition
from sp_mock.policies.patterns import Context, Template
from sp_mock.policies.principals import NO_PRINCIPALS

Kind = Literal["trust", "identity", "session", "service-control", "resource-control"]
Effect = Literal["Allow", "Deny"]

TOP_ELEMENTS = frozenset({"Version", "Id", "Statement"})
STATEMENT_ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
VERSIONS = frozenset({"2012-10-17", "2008-10-17"})
_ACTION = re.compile(r"\*|(?:\*|[A-Za-z0-9.-]+):[^:]*")
_PRINCIPAL_KINDS = frozenset({"AWS", "Federated", "Service", "CanonicalUser"})


_Place = tuple[str | int, ...]


class MalformedPolicy(FederationError):
    """A policy document that IAM does not accept.

    Args:
        message: What is wrong.
        place: Keys and indexes that lead to it, as if the statements were a list.
        expected: What IAM accepts.
    """

    def __init__(self, message: str, place: _Place = (), *, expected: str = "") -> None:
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
        super().__init__(f"{path}: {message}" if path else message, expected=expected)
        self.place = place


@dataclass(frozen=True, slots=True)
class PrincipalPattern:
    """One principal of a statement; ``*`` alone is everyone."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class ActionPattern:
    """One action of a statement: compared case-insensitively, shown as written."""

    text: str
    _folded: Template

    @classmethod
    def of(cls, text: str) -> ActionPattern:
        """Compiles an action, wildcards allowed."""
        return cls(text, Template(text.lower(), variables=False))

    def matches(self, action: str, context: Context) -> bool:
        """Returns whether an action matches."""
        return self._folded.matches(action.lower(), context)

    def plain(self, _context: Context) -> str:
        """Returns the action as written: actions hold no variables."""
        return self.text


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. Of each pair of elements exactly one is not None, except for principals of identity policies."""

    label: str
    effect: Effect
    principals: tuple[PrincipalPattern, ...] | None
    not_principals: tuple[PrincipalPattern, ...] | None
    actions: tuple[ActionPattern, ...] | None
    not_actions: tuple[ActionPattern, ...] | None
    resources: tuple[Template, ...] | None
    not_resources: tuple[Template, ...] | None
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A policy, ready to be evaluated; ``text`` is its JSON as it was given."""

    kind: Kind
    statements: tuple[Statement, ...] = field(compare=False)
    text: str = field(repr=False)

    @property
    def data(self) -> Mapping[str, Any]:
        """The policy as JSON data, parsed anew."""
        data: Mapping[str, Any] = json.loads(self.text)
        return data

    @classmethod
    def parse(cls, document: Mapping[str, Any] | str, *, kind: Kind) -> PolicyDocument:
        """Reads a policy document.

        Args:
            document: AWS's JSON, as text or as data.
            kind: What the policy is for; trust policies name principals, the others name resources.

        Raises:
            MalformedPolicy: with the path of the first mistake, such as ``Statement[1].Condition``.

        Spec: AWS IAM UG "reference_policies_grammar"
        Evidence: documented
        """
        text = document if isinstance(document, str) else json.dumps(document)
        if isinstance(document, str):
            try:
                document = json.loads(document)
            except (ValueError, RecursionError) as error:
                raise MalformedPolicy(f"This policy contains invalid Json: {error}", expected="a JSON object") from None
        if not isinstance(document, Mapping):
            raise MalformedPolicy(
                "the policy is not a JSON object", expected='{"Version": "2012-10-17", "Statement": [...]}'
            )
        _refuse_unknown((), document, TOP_ELEMENTS)
        version = document.get("Version", "2008-10-17")
        if not isinstance(version, str) or version not in VERSIONS:
            raise MalformedPolicy(f"{version!r} is not a policy version", ("Version",), expected="2012-10-17")
        statements = document.get("Statement")
        if isinstance(statements, Mapping):
            statements = [statements]
        if not isinstance(statements, list) or not statements:
            raise MalformedPolicy("the policy has no statement", ("Statement",), expected="a list of statements")
        parsed = tuple(
            _statement(index, statement, kind=kind, variables=version == "2012-10-17")
            for index, statement in enumerate(statements)
        )
        _require_unique_sids(statements)
        return cls(kind, parsed, text)


def _statement(index: int, data: Any, *, kind: Kind, variables: bool) -> Statement:
    path: _Place = ("Statement", index)
    if not isinstance(data, Mapping):
        raise MalformedPolicy("a statement is a JSON object", path, expected='{"Effect": "Allow", ...}')
    _refuse_unknown(path, data, STATEMENT_ELEMENTS)
    if "Effect" not in data:
        raise MalformedPolicy("is missing", (*path, "Effect"), expected="Allow or Deny")
    effect = data["Effect"]
    if effect not in ("Allow", "Deny"):
        raise MalformedPolicy(f"{effect!r}", (*path, "Effect"), expected="Allow or Deny")
    _require_one(path, data, "Action", "NotAction")
    if kind == "trust":
        if not data.get("Principal") and not data.get("NotPrincipal"):
            raise MalformedPolicy(NO_PRINCIPALS, path, expected='{"Federated": "arn:…:saml-provider/NAME"}')
        _require_one(path, data, "Principal", "NotPrincipal")
        _require_none(path, data, "Resource", "NotResource", why="a trust policy is attached to its resource, the role")
    elif kind == "resource-control":
        _require_resource_control(path, data)
    else:
        _require_one(path, data, "Resource", "NotResource")
        _require_none(path, data, "Principal", "NotPrincipal", why="the principal is who the policy is attached to")
    sid = data.get("Sid")
    if sid is not None and not isinstance(sid, str):
        raise MalformedPolicy(f"{sid!r}", (*path, "Sid"), expected="text")
    return Statement(
        label=f"Statement[{index}] ({sid})" if sid else f"Statement[{index}]",
        effect="Allow" if effect == "Allow" else "Deny",
        principals=_principals(path, data, "Principal"),
        not_principals=_principals(path, data, "NotPrincipal"),
        actions=_actions(path, data, "Action"),
        not_actions=_actions(path, data, "NotAction"),
        resources=_templates(path, data, "Resource", variables=variables),
        not_resources=_templates(path, data, "NotResource", variables=variables),
        conditions=_conditions((*path, "Condition"), data.get("Condition", {}), variables=variables),
    )


def _require_resource_control(path: _Place, data: Mapping[str, Any]) -> None:
    """Requires what only resource control policies must have: everybody as principal, and Deny.

    The one exception allows everything: AWS's own RCPFullAWSAccess, which an export contains as well.

    Spec: AWS Organizations User Guide "orgs_manage_policies_rcps_syntax"
    Evidence: documented (the rules), assumed (the words)
    """
    _require_one(path, data, "Resource", "NotResource")
    if data.get("Principal") != "*":
        raise MalformedPolicy("a resource control policy is for everybody", (*path, "Principal"), expected='"*"')
    if data["Effect"] == "Allow" and (data.get("Action"), data.get("Resource"), data.get("Condition")) != (
        "*",
        "*",
        None,
    ):
        raise MalformedPolicy("a resource control policy allows nothing", (*path, "Effect"), expected="Deny")


def _refuse_unknown(path: _Place, data: Mapping[str, Any], known: frozenset[str]) -> None:
    for name in data:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            expected = ", ".join(sorted(known))
            raise MalformedPolicy(f"policies have no such element{hint}", (*path, str(name)), expected=expected)


def _require_one(path: _Place, data: Mapping[str, Any], first: str, second: str) -> None:
    if (first in data) == (second in data):
        raise MalformedPolicy(f"needs either {first} or {second}", path, expected=f"exactly one of {first}, {second}")


def _require_unique_sids(statements: list[Any]) -> None:
    """Requires that Sids are unique among statements; any number of them may be empty.

    Spec: AWS IAM UG "reference_policies_elements_sid"
    Evidence: observed
    """
    first: dict[str, int] = {}
    for index, statement in enumerate(statements):
        sid = statement.get("Sid")
        if sid and first.setdefault(sid, index) != index:
            raise MalformedPolicy(
                f"{sid!r} is the Sid of Statement[{first[sid]}] already",
                ("Statement", index, "Sid"),
                expected="unique Sids",
            )


def _require_none(path: _Place, data: Mapping[str, Any], first: str, second: str, *, why: str) -> None:
    for name in (first, second):
        if name in data:
            raise MalformedPolicy(f"does not belong here, {why}", (*path, name), expected=f"no {name}")


def _texts(path: _Place, value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(each, str) for each in values):
        raise MalformedPolicy(f"{value!r}", path, expected="text or a list of texts")
    return tuple(values)


def _actions(path: _Place, data: Mapping[str, Any], name: str) -> tuple[ActionPattern, ...] | None:
    if name not in data:
        return None
    actions = _texts((*path, name), data[name])
    for action in actions:
        if not _ACTION.fullmatch(action):
            raise MalformedPolicy(
                f"{action!r} is no action", (*path, name), expected="service:Action, such as sts:TagSession"
            )
    return tuple(ActionPattern.of(action) for action in actions)


def _templates(path: _Place, data: Mapping[str, Any], name: str, *, variables: bool) -> tuple[Template, ...] | None:
    if name not in data:
        return None
    return tuple(Template(text, variables=variables) for text in _texts((*path, name), data[name]))


def _principals(path: _Place, data: Mapping[str, Any], name: str) -> tuple[PrincipalPattern, ...] | None:
    if name not in data:
        return None
    value = data[name]
    if value == "*":
        return (PrincipalPattern("*", "*"),)
    if not isinstance(value, Mapping) or not value:
        raise MalformedPolicy(f"{value!r}", (*path, name), expected='"*" or {"Federated": "arn:…:saml-provider/NAME"}')
    patterns = []
    for kind, members in value.items():
        if kind not in _PRINCIPAL_KINDS:
            raise MalformedPolicy("no such kind", (*path, name, kind), expected=", ".join(sorted(_PRINCIPAL_KINDS)))
        patterns += [PrincipalPattern(kind, member) for member in _texts((*path, name, kind), members)]
    return tuple(patterns)


def _conditions(path: _Place, data: Any, *, variables: bool) -> tuple[Condition, ...]:
    if not isinstance(data, Mapping):
        raise MalformedPolicy(f"{data!r}", path, expected='{"StringEquals": {"SAML:aud": "…"}}')
    conditions = []
    for operator, keys in data.items():
        if not isinstance(keys, Mapping):
            raise MalformedPolicy(f"{keys!r}", (*path, operator), expected='{"SAML:aud": "…"}')
        if not all(isinstance(name, str) for name in (operator, *keys)):
            raise MalformedPolicy("operators and keys are text", (*path, operator), expected='{"SAML:aud": "…"}')
        for key, values in keys.items():
            try:
                conditions.append(parse_condition(operator, key, values, variables=variables))
            except UnknownOperator as error:
                raise MalformedPolicy(str(error), (*path, operator), expected=error.expected) from None
            except ValueError as error:
                raise MalformedPolicy(str(error), (*path, operator, key)) from None
    return tuple(conditions)
