"""IAM policy documents: read once, refused when AWS would refuse them, patterns compiled."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from emulator.kernel.errors import FederationError
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


class MalformedPolicy(FederationError):
    """A policy document is not one that IAM takes."""


@dataclass(frozen=True, slots=True)
class PrincipalPattern:
    """One principal of a statement; ``*`` alone is everyone."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class ActionPattern:
    """One action of a statement: compared without case, told as written."""

    text: str
    _folded: Template

    @classmethod
    def of(cls, text: str) -> ActionPattern:
        """Compiles an action, wildcards allowed."""
        return cls(text, Template(text.lower(), variables=False))

    def matches(self, action: str, context: Context) -> bool:
        """Tells whether an action is the one that is meant."""
        return self._folded.matches(action.lower(), context)

    def plain(self, _context: Context) -> str:
        """Returns the action as written: actions hold no variables."""
        return self.text


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. Exactly one of each pair of elements is not None, except principals of identity policies."""

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
        """The policy as JSON data, read anew."""
        data: Mapping[str, Any] = json.loads(self.text)
        return data

    @classmethod
    def parse(cls, document: Mapping[str, Any] | str, *, kind: Kind) -> PolicyDocument:
        """Reads a policy document.

        Args:
            document: AWS's JSON, as text or as data.
            kind: What it is for; trust policies name principals, the others name resources.

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
                "the policy is no JSON object", expected='{"Version": "2012-10-17", "Statement": [...]}'
            )
        _refuse_unknown("", document, TOP_ELEMENTS)
        version = document.get("Version", "2008-10-17")
        if not isinstance(version, str) or version not in VERSIONS:
            raise MalformedPolicy(f"Version: {version!r} is no policy version", expected="2012-10-17")
        statements = document.get("Statement")
        if isinstance(statements, Mapping):
            statements = [statements]
        if not isinstance(statements, list) or not statements:
            raise MalformedPolicy("Statement: the policy has no statement", expected="a list of statements")
        parsed = tuple(
            _statement(f"Statement[{index}]", statement, kind=kind, variables=version == "2012-10-17")
            for index, statement in enumerate(statements)
        )
        _require_unique_sids(statements)
        return cls(kind, parsed, text)


def _statement(path: str, data: Any, *, kind: Kind, variables: bool) -> Statement:
    if not isinstance(data, Mapping):
        raise MalformedPolicy(f"{path}: a statement is a JSON object", expected='{"Effect": "Allow", ...}')
    _refuse_unknown(path, data, STATEMENT_ELEMENTS)
    if "Effect" not in data:
        raise MalformedPolicy(f"{path}.Effect: is missing", expected="Allow or Deny")
    effect = data["Effect"]
    if effect not in ("Allow", "Deny"):
        raise MalformedPolicy(f"{path}.Effect: {effect!r}", expected="Allow or Deny")
    _require_one(path, data, "Action", "NotAction")
    if kind == "trust":
        if not data.get("Principal") and not data.get("NotPrincipal"):
            raise MalformedPolicy(f"{path}: {NO_PRINCIPALS}", expected='{"Federated": "arn:…:saml-provider/NAME"}')
        _require_one(path, data, "Principal", "NotPrincipal")
        _require_none(path, data, "Resource", "NotResource", why="a trust policy is attached to its resource, the role")
    elif kind == "resource-control":
        _require_resource_control(path, data)
    else:
        _require_one(path, data, "Resource", "NotResource")
        _require_none(path, data, "Principal", "NotPrincipal", why="the principal is who the policy is attached to")
    sid = data.get("Sid")
    if sid is not None and not isinstance(sid, str):
        raise MalformedPolicy(f"{path}.Sid: {sid!r}", expected="text")
    return Statement(
        label=f"{path} ({sid})" if sid else path,
        effect="Allow" if effect == "Allow" else "Deny",
        principals=_principals(path, data, "Principal"),
        not_principals=_principals(path, data, "NotPrincipal"),
        actions=_actions(path, data, "Action"),
        not_actions=_actions(path, data, "NotAction"),
        resources=_templates(path, data, "Resource", variables=variables),
        not_resources=_templates(path, data, "NotResource", variables=variables),
        conditions=_conditions(f"{path}.Condition", data.get("Condition", {}), variables=variables),
    )


def _require_resource_control(path: str, data: Mapping[str, Any]) -> None:
    """Requires what only resource control policies have to have: everybody as principal, and Deny.

    The one that allows everything is AWS's own RCPFullAWSAccess, which an export holds as well.

    Spec: AWS Organizations User Guide "orgs_manage_policies_rcps_syntax"
    Evidence: documented (the rules), assumed (the words)
    """
    _require_one(path, data, "Resource", "NotResource")
    if data.get("Principal") != "*":
        raise MalformedPolicy(f"{path}.Principal: a resource control policy is for everybody", expected='"*"')
    if data["Effect"] == "Allow" and (data.get("Action"), data.get("Resource"), data.get("Condition")) != (
        "*",
        "*",
        None,
    ):
        raise MalformedPolicy(f"{path}.Effect: a resource control policy allows nothing", expected="Deny")


def _refuse_unknown(path: str, data: Mapping[str, Any], known: frozenset[str]) -> None:
    for name in data:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            place = f"{path}.{name}" if path else str(name)
            raise MalformedPolicy(f"{place}: policies have no such element{hint}", expected=", ".join(sorted(known)))


def _require_one(path: str, data: Mapping[str, Any], first: str, second: str) -> None:
    if (first in data) == (second in data):
        raise MalformedPolicy(f"{path}: needs either {first} or {second}", expected=f"exactly one of {first}, {second}")


def _require_unique_sids(statements: list[Any]) -> None:
    """Requires that statements with a Sid have different ones; any number may have an empty one.

    Spec: AWS IAM UG "reference_policies_elements_sid"
    Evidence: observed
    """
    first: dict[str, int] = {}
    for index, statement in enumerate(statements):
        sid = statement.get("Sid")
        if sid and first.setdefault(sid, index) != index:
            raise MalformedPolicy(
                f"Statement[{index}].Sid: {sid!r} is the Sid of Statement[{first[sid]}] already", expected="unique Sids"
            )


def _require_none(path: str, data: Mapping[str, Any], first: str, second: str, *, why: str) -> None:
    for name in (first, second):
        if name in data:
            raise MalformedPolicy(f"{path}.{name}: does not belong here, {why}", expected=f"no {name}")


def _texts(path: str, value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(each, str) for each in values):
        raise MalformedPolicy(f"{path}: {value!r}", expected="text or a list of texts")
    return tuple(values)


def _actions(path: str, data: Mapping[str, Any], name: str) -> tuple[ActionPattern, ...] | None:
    if name not in data:
        return None
    actions = _texts(f"{path}.{name}", data[name])
    for action in actions:
        if not _ACTION.fullmatch(action):
            raise MalformedPolicy(
                f"{path}.{name}: {action!r} is no action", expected="service:Action, such as sts:TagSession"
            )
    return tuple(ActionPattern.of(action) for action in actions)


def _templates(path: str, data: Mapping[str, Any], name: str, *, variables: bool) -> tuple[Template, ...] | None:
    if name not in data:
        return None
    return tuple(Template(text, variables=variables) for text in _texts(f"{path}.{name}", data[name]))


def _principals(path: str, data: Mapping[str, Any], name: str) -> tuple[PrincipalPattern, ...] | None:
    if name not in data:
        return None
    value = data[name]
    if value == "*":
        return (PrincipalPattern("*", "*"),)
    if not isinstance(value, Mapping) or not value:
        raise MalformedPolicy(f"{path}.{name}: {value!r}", expected='"*" or {"Federated": "arn:…:saml-provider/NAME"}')
    patterns = []
    for kind, members in value.items():
        if kind not in _PRINCIPAL_KINDS:
            raise MalformedPolicy(f"{path}.{name}.{kind}: no such kind", expected=", ".join(sorted(_PRINCIPAL_KINDS)))
        patterns += [PrincipalPattern(kind, member) for member in _texts(f"{path}.{name}.{kind}", members)]
    return tuple(patterns)


def _conditions(path: str, data: Any, *, variables: bool) -> tuple[Condition, ...]:
    if not isinstance(data, Mapping):
        raise MalformedPolicy(f"{path}: {data!r}", expected='{"StringEquals": {"SAML:aud": "…"}}')
    conditions = []
    for operator, keys in data.items():
        if not isinstance(keys, Mapping):
            raise MalformedPolicy(f"{path}.{operator}: {keys!r}", expected='{"SAML:aud": "…"}')
        if not all(isinstance(name, str) for name in (operator, *keys)):
            raise MalformedPolicy(f"{path}.{operator}: operators and keys are text", expected='{"SAML:aud": "…"}')
        for key, values in keys.items():
            try:
                conditions.append(parse_condition(operator, key, values, variables=variables))
            except UnknownOperator as error:
                raise MalformedPolicy(f"{path}.{operator}: {error}", expected=error.expected) from None
            except ValueError as error:
                raise MalformedPolicy(f"{path}.{operator}.{key}: {error}") from None
    return tuple(conditions)
