"""Does a set of policies allow a request, and if not, which statement came nearest?

Spec: AWS IAM UG "reference_policies_evaluation-logic"
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from typing import Literal

from emulator.kernel.records import dataclass
from sp_mock.policies.documents import PolicyDocument, Statement
from sp_mock.policies.matching import (
    ACTION,
    NO_SUCH_KEY,
    Failure,
    Mismatch,
    Principal,
    Request,
    first_failure,
    mismatch_of,
)
from sp_mock.policies.places import Place, place_of, place_of_value
from sp_mock.policies.request_context import note_on

__all__ = ["NO_SUCH_KEY", "Layer", "Mismatch", "Principal", "Request", "Verdict", "authorize", "evaluate"]

Reason = Literal["allowed", "explicit-deny", "implicit-deny"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision of policies about a request.

    Args:
        allowed: Whether the request is allowed.
        reason: Which kind of allow or deny it is.
        statement: The statement that decided, or for an implicit deny the one that came nearest.
        explanation: The reason, for a person.
        mismatches: For an implicit deny, what kept each Allow from applying, the nearest first.
        layer: Which kind of policy decided, where several have to allow: ``identity-based policy``, ``session policy``.
        policy: Name of the policy that the statement is in; empty where no statement decided.
        place: Keys and indexes that lead to the deciding element in the policy's JSON: for a Deny its first condition,
            or its action where it has no condition.
        document: The policy that the statement is in.
        request: The request that was decided.
    """

    allowed: bool
    reason: Reason
    statement: str
    explanation: str
    mismatches: tuple[Mismatch, ...] = ()
    layer: str = ""
    policy: str = ""
    place: Place = ()
    document: PolicyDocument | None = field(default=None, repr=False, compare=False)
    request: Request | None = field(default=None, repr=False, compare=False)


def evaluate(policies: Sequence[tuple[str, PolicyDocument]], request: Request) -> Verdict:
    """Evaluates named policies: an explicit Deny wins, then an Allow; otherwise the request is denied.

    Args:
        policies: Policies, each with the name used in explanations.
    """
    allowed_by = ""
    failures: list[tuple[str, PolicyDocument, Statement, Failure]] = []
    for policy_name, policy in policies:
        for statement in policy.statements:
            failure = first_failure(statement, request)
            if failure is None and statement.effect == "Deny":
                return _denied(policy_name, policy, statement, request)
            if failure is None:
                allowed_by = allowed_by or f"{policy_name}, {statement.label}"
            elif statement.effect == "Allow":
                failures.append((policy_name, policy, statement, failure))
    if allowed_by:
        return Verdict(True, "allowed", allowed_by, f"{allowed_by} allows it", request=request)
    return _not_allowed(failures, request)


def _not_allowed(failures: Sequence[tuple[str, PolicyDocument, Statement, Failure]], request: Request) -> Verdict:
    if not failures:
        return Verdict(False, "implicit-deny", "", "there is no policy that allows anything", request=request)
    found = [
        (failure.progress, mismatch_of(policy, document, statement, failure, request, is_only=len(failures) == 1))
        for policy, document, statement, failure in failures
    ]
    found.sort(key=lambda each: (-each[0], -each[1].closeness))
    progress, nearest = found[0]
    explanation = f"no statement allows {request.action}" if progress == ACTION and len(found) > 1 else str(nearest)
    return Verdict(
        False,
        "implicit-deny",
        nearest.statement,
        explanation,
        tuple(each for _, each in found),
        policy=nearest.policy,
        place=nearest.place,
        document=nearest.document,
        request=request,
    )


def _denied(policy: str, document: PolicyDocument, statement: Statement, request: Request) -> Verdict:
    label = f"{policy}, {statement.label}"
    notes = (note_on(each.key, request.context.get(each.key, ())) for each in statement.conditions)
    note = next(filter(None, notes), "")
    return Verdict(
        False,
        "explicit-deny",
        label,
        f"{label} denies it explicitly ({note})" if note else f"{label} denies it explicitly",
        policy=policy,
        place=_place_of_denial(document, statement, request),
        document=document,
        request=request,
    )


def _place_of_denial(document: PolicyDocument, statement: Statement, request: Request) -> Place:
    if statement.conditions:
        first = statement.conditions[0]
        return place_of(document, statement, "Condition", first.name, first.key)
    if statement.actions is None:
        return place_of(document, statement, "NotAction")
    place = place_of(document, statement, "Action")
    named = next((each.text for each in statement.actions if each.matches(request.action, request.variables)), "")
    return place_of_value(document, place, named)


@dataclass(frozen=True, slots=True)
class Layer:
    """Policies of one kind, each with the name used in explanations; ``kind`` is AWS's term for it."""

    kind: str
    policies: tuple[tuple[str, PolicyDocument], ...]


def authorize(layers: Sequence[Layer], request: Request) -> Verdict:
    """Evaluates kinds of policies that all have to allow: identity-based, boundary, session policies.

    An explicit Deny in any of them wins; otherwise the first kind that does not allow decides.

    Args:
        layers: At least one.

    Spec: AWS IAM UG "reference_policies_evaluation-logic"
    Evidence: documented
    """
    verdicts = [(layer, evaluate(layer.policies, request)) for layer in layers]
    for reason in ("explicit-deny", "implicit-deny"):
        for layer, verdict in verdicts:
            if verdict.reason == reason:
                told = verdict.explanation if len(layers) == 1 else f"the {layer.kind} decides: {verdict.explanation}"
                return replace(verdict, explanation=told, layer=layer.kind)
    return verdicts[0][1]
