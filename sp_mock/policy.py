"""Does a set of policies allow a request, and if not, which statement came nearest?

Spec: AWS IAM UG "reference_policies_evaluation-logic"
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sp_mock.patterns import Template
from sp_mock.policy_document import PolicyDocument, PrincipalPattern, Statement

Reason = Literal["allowed", "explicit-deny", "implicit-deny"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a request: ``Federated`` with a provider's ARN, ``AWS`` with a session's."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Request:
    """A request as policies see it.

    Args:
        action: ``service:Action``.
        resource: The ARN it is about.
        principal: Who makes it.
        context: Condition keys in lower case with their values.
        multivalued: The keys that hold lists even when there is one value.
    """

    action: str
    resource: str
    principal: Principal
    context: Mapping[str, tuple[str, ...]]
    multivalued: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What kept a statement from applying. ``key`` is a condition key, or empty for the other elements."""

    statement: str
    element: str
    expected: str
    received: str
    key: str = ""

    def __str__(self) -> str:
        what = f"{self.element} {self.key}".strip()
        text = f"{self.statement}: {what} expects {self.expected}, the request has {self.received}"
        if self.expected.lower() == self.received.lower() and self.expected != self.received:
            text += " (they differ in case only)"
        return text


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policies say. ``statement`` decided; ``explanation`` says why, for a person."""

    allowed: bool
    reason: Reason
    statement: str
    explanation: str
    mismatches: tuple[Mismatch, ...] = field(default=())


def evaluate(policies: Sequence[tuple[str, PolicyDocument]], request: Request) -> Verdict:
    """Evaluates named policies: an explicit Deny wins, then an Allow, otherwise the answer is no."""
    allowed_by = ""
    nearest: list[tuple[int, Mismatch]] = []
    for policy_name, policy in policies:
        for statement in policy.statements:
            label = f"{policy_name}, {statement.label}"
            progress, mismatch = _first_mismatch(label, statement, request)
            if mismatch is None and statement.effect == "Deny":
                return Verdict(False, "explicit-deny", label, f"{label} denies it explicitly")
            if mismatch is None:
                allowed_by = allowed_by or label
            elif statement.effect == "Allow":
                nearest.append((progress, mismatch))
    if allowed_by:
        return Verdict(True, "allowed", allowed_by, f"{allowed_by} allows it")
    if not nearest:
        return Verdict(False, "implicit-deny", "", "there is no policy that allows anything")
    nearest.sort(key=lambda item: -item[0])
    progress, mismatch = nearest[0]
    if progress == _ACTION and len(nearest) > 1:
        explanation = f"no statement allows {request.action}"
    else:
        explanation = str(mismatch)
    return Verdict(False, "implicit-deny", mismatch.statement, explanation, tuple(each for _, each in nearest))


# How far a statement got before it failed to apply: what fails late is nearest to what was meant.
_ACTION, _PRINCIPAL, _RESOURCE, _CONDITION = range(4)


def _first_mismatch(label: str, statement: Statement, request: Request) -> tuple[int, Mismatch | None]:
    action = request.action.lower()
    if statement.actions is not None and not _any(statement.actions, action, request):
        return _ACTION, Mismatch(label, "Action", _list(statement.actions), request.action)
    if statement.not_actions is not None and _any(statement.not_actions, action, request):
        return _ACTION, Mismatch(label, "NotAction", f"anything but {_list(statement.not_actions)}", request.action)
    principal = request.principal
    if statement.principals is not None and not _is_one_of(principal, statement.principals):
        expected = _principal_list(statement.principals, principal.kind)
        return _PRINCIPAL, Mismatch(label, f"Principal.{principal.kind}", expected, principal.value)
    if statement.not_principals is not None and _is_one_of(principal, statement.not_principals):
        expected = f"anyone but {_principal_list(statement.not_principals, principal.kind)}"
        return _PRINCIPAL, Mismatch(label, "NotPrincipal", expected, principal.value)
    if statement.resources is not None and not _any(statement.resources, request.resource, request):
        return _RESOURCE, Mismatch(label, "Resource", _list(statement.resources), request.resource)
    if statement.not_resources is not None and _any(statement.not_resources, request.resource, request):
        return _RESOURCE, Mismatch(
            label, "NotResource", f"anything but {_list(statement.not_resources)}", request.resource
        )
    for condition in statement.conditions:
        if not condition.holds(request.context, request.multivalued):
            received = ", ".join(request.context.get(condition.key, ())) or "no such key"
            return _CONDITION, Mismatch(
                label, f"Condition {condition.name}", _list(condition.values), received, key=condition.key
            )
    return _CONDITION, None


def _any(templates: Iterable[Template], value: str, request: Request) -> bool:
    return any(template.matches(value, request.context) for template in templates)


def _is_one_of(principal: Principal, patterns: Iterable[PrincipalPattern]) -> bool:
    return any(_is(principal, pattern) for pattern in patterns)


def _is(principal: Principal, pattern: PrincipalPattern) -> bool:
    """A principal is named exactly or by ``*``; ``{"AWS": "*"}`` is everyone, as ``"*"`` is."""
    if pattern.value == "*" and pattern.kind in {"*", "AWS", principal.kind}:
        return True
    return pattern.kind == principal.kind and pattern.value == principal.value


def _list(templates: Iterable[Template]) -> str:
    return " or ".join(template.text for template in templates)


def _principal_list(patterns: Iterable[PrincipalPattern], kind: str) -> str:
    return " or ".join(p.value if p.kind == kind else f"{p.kind} {p.value}" for p in patterns)
