"""Does a set of policies allow a request, and if not, which statement came nearest?

Spec: AWS IAM UG "reference_policies_evaluation-logic"
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from sp_mock.policies.conditions import Condition
from sp_mock.policies.documents import ActionPattern, PolicyDocument, PrincipalPattern, Statement
from sp_mock.policies.patterns import Context, Template
from sp_mock.policies.request_context import note_on

Reason = Literal["allowed", "explicit-deny", "implicit-deny"]

NO_SUCH_KEY = "no such key"
_DIFFERS_IN_CASE = "they differ in case only"


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
        context: Condition keys with their values; the keys are kept in lower case.
        multivalued: The keys that hold lists even when there is one value.

    ``variables`` is what ``${…}`` may name: the context without the lists, which IAM does not take as variables.
    """

    action: str
    resource: str
    principal: Principal
    context: Mapping[str, tuple[str, ...]]
    multivalued: frozenset[str] = frozenset()
    variables: Context = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        context = {key.lower(): values for key, values in self.context.items()}
        multivalued = frozenset(key.lower() for key in self.multivalued)
        object.__setattr__(self, "context", context)
        object.__setattr__(self, "multivalued", multivalued)
        object.__setattr__(self, "variables", {k: v for k, v in context.items() if k not in multivalued})


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What kept a statement from applying.

    Args:
        statement: The policy and the statement in it.
        element: ``Action``, ``Principal.Federated``, ``Condition`` and so on.
        expected: What the statement asks for, with its variables filled in.
        received: What the request has.
        operator: The condition's operator as written; empty for the other elements.
        key: The condition's key in lower case; empty for the other elements.
        note: What is easily overlooked, such as a difference in case.
    """

    statement: str
    element: str
    expected: str
    received: str
    operator: str = ""
    key: str = ""
    note: str = ""

    def __str__(self) -> str:
        what = " ".join(word for word in (self.element, self.operator, self.key) if word)
        text = f"{self.statement}: {what} expects {self.expected}, the request has {self.received}"
        return f"{text} ({self.note})" if self.note else text


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policies say.

    Args:
        allowed: Whether the request goes through.
        reason: Which kind of yes or no it is.
        statement: The statement that decided, or for an implicit deny the one that came nearest.
        explanation: Why, for a person.
        mismatches: For an implicit deny, what kept each Allow from applying, the nearest first.
        layer: Which kind of policy decided, where several have to allow: ``identity-based policy``, ``session policy``.
    """

    allowed: bool
    reason: Reason
    statement: str
    explanation: str
    mismatches: tuple[Mismatch, ...] = ()
    layer: str = ""


def evaluate(policies: Sequence[tuple[str, PolicyDocument]], request: Request) -> Verdict:
    """Evaluates named policies: an explicit Deny wins, then an Allow, otherwise the answer is no.

    Args:
        policies: Each with the name that explanations call it by.
        request: What is asked for.
    """
    allowed_by = ""
    failures: list[tuple[int, Mismatch]] = []
    for policy_name, policy in policies:
        for statement in policy.statements:
            label = f"{policy_name}, {statement.label}"
            failure = _first_mismatch(label, statement, request)
            if failure is None and statement.effect == "Deny":
                return Verdict(False, "explicit-deny", label, _denial(label, statement, request))
            if failure is None:
                allowed_by = allowed_by or label
            elif statement.effect == "Allow":
                failures.append(failure)
    if allowed_by:
        return Verdict(True, "allowed", allowed_by, f"{allowed_by} allows it")
    if not failures:
        return Verdict(False, "implicit-deny", "", "there is no policy that allows anything")
    failures.sort(key=lambda failure: -failure[0])
    progress, nearest = failures[0]
    if progress == _ACTION and len(failures) > 1:
        explanation = f"no statement allows {request.action}"
    else:
        explanation = str(nearest)
    return Verdict(False, "implicit-deny", nearest.statement, explanation, tuple(each for _, each in failures))


def _denial(label: str, statement: Statement, request: Request) -> str:
    notes = (note_on(each.key, request.context.get(each.key, ())) for each in statement.conditions)
    note = next(filter(None, notes), "")
    return f"{label} denies it explicitly ({note})" if note else f"{label} denies it explicitly"


@dataclass(frozen=True, slots=True)
class Layer:
    """Policies of one kind, each with the name that explanations call it by; ``kind`` is as AWS words it."""

    kind: str
    policies: tuple[tuple[str, PolicyDocument], ...]


def authorize(layers: Sequence[Layer], request: Request) -> Verdict:
    """Evaluates kinds of policies that all have to allow: identity-based, boundary, session policies.

    An explicit Deny in any of them wins; otherwise the first kind that does not allow decides.

    Args:
        layers: At least one.
        request: What is asked for.

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


# How far a statement got before it failed to apply: what fails late is nearest to what was meant. The second condition
# of a statement fails later than its first.
_ACTION, _PRINCIPAL, _RESOURCE, _CONDITION = range(4)


def _first_mismatch(label: str, statement: Statement, request: Request) -> tuple[int, Mismatch] | None:
    if statement.actions is not None and not _any(statement.actions, request.action, request):
        return _ACTION, _mismatch(label, "Action", statement.actions, request.action, request)
    if statement.not_actions is not None and _any(statement.not_actions, request.action, request):
        return _ACTION, _mismatch(label, "NotAction", statement.not_actions, request.action, request)
    principal = request.principal
    if statement.principals is not None and not _is_one_of(principal, statement.principals):
        return _PRINCIPAL, _principal_mismatch(label, statement.principals, principal)
    if statement.not_principals is not None and _is_one_of(principal, statement.not_principals):
        expected = f"anyone but {_principal_list(statement.not_principals, principal.kind)}"
        return _PRINCIPAL, Mismatch(label, "NotPrincipal", expected, principal.value)
    if statement.resources is not None and not _any(statement.resources, request.resource, request):
        return _RESOURCE, _mismatch(label, "Resource", statement.resources, request.resource, request)
    if statement.not_resources is not None and not _is_none_of(statement.not_resources, request):
        return _RESOURCE, _mismatch(label, "NotResource", statement.not_resources, request.resource, request)
    for index, condition in enumerate(statement.conditions):
        if not condition.holds(request.context, variables=request.variables, multivalued=request.multivalued):
            return _CONDITION + index, _condition_mismatch(label, condition, request)
    return None


def _any(patterns: Iterable[Template | ActionPattern], value: str, request: Request) -> bool:
    return any(pattern.matches(value, request.variables) for pattern in patterns)


def _is_none_of(patterns: Iterable[Template], request: Request) -> bool:
    """Tells whether a resource is another than each of these, whatever a variable without a value might stand for.

    Spec: AWS IAM UG "reference_policies_variables"
    Evidence: documented (that nothing matches), assumed (that NotResource does not apply either)
    """
    return not any(pattern.may_match(request.resource, request.variables) for pattern in patterns)


def _is_one_of(principal: Principal, patterns: Iterable[PrincipalPattern]) -> bool:
    return any(_is(principal, pattern) for pattern in patterns)


def _is(principal: Principal, pattern: PrincipalPattern) -> bool:
    """A principal is named exactly or by ``*``; ``{"AWS": "*"}`` is everyone, as ``"*"`` is."""
    if pattern.value == "*" and pattern.kind in {"*", "AWS", principal.kind}:
        return True
    return pattern.kind == principal.kind and pattern.value == principal.value


def _mismatch(
    label: str, element: str, patterns: Sequence[Template | ActionPattern], received: str, request: Request
) -> Mismatch:
    expected = _list(patterns, request.variables)
    if element.startswith("Not"):
        return Mismatch(label, element, f"anything but {expected}", received)
    return Mismatch(label, element, expected, received, note=_note(patterns, received, request.variables))


def _principal_mismatch(label: str, patterns: Sequence[PrincipalPattern], principal: Principal) -> Mismatch:
    near = any(p.kind == principal.kind and p.value.lower() == principal.value.lower() for p in patterns)
    elsewhere = next((p.kind for p in patterns if p.kind != principal.kind and p.value == principal.value), "")
    misplaced = f"it is listed under {elsewhere}, and belongs under {principal.kind}" if elsewhere else ""
    return Mismatch(
        label,
        f"Principal.{principal.kind}",
        _principal_list(patterns, principal.kind),
        principal.value,
        note=_DIFFERS_IN_CASE if near else misplaced,
    )


def _condition_mismatch(label: str, condition: Condition, request: Request) -> Mismatch:
    values = request.context.get(condition.key, ())
    received = ", ".join(value or "an empty text" for value in values) or NO_SUCH_KEY
    expected, note = _list(condition.values, request.variables), ""
    if condition.operator == "Null":
        expected = "some value" if not values else NO_SUCH_KEY
    elif condition.negated:
        expected = f"anything but {expected}"
    elif values and not condition.quantifier and (condition.key in request.multivalued or len(values) > 1):
        name = condition.name
        note = f"the key holds a list, which needs ForAnyValue:{name} or ForAllValues:{name}"
    else:
        note = _note(condition.values, received, request.variables)
    note = note or note_on(condition.key, values)
    return Mismatch(label, "Condition", expected, received, operator=condition.name, key=condition.key, note=note)


def _note(patterns: Sequence[Template | ActionPattern], received: str, variables: Context) -> str:
    """Says what is easily overlooked when ``received`` fits none of the patterns."""
    plain = [pattern.plain(variables) for pattern in patterns]
    if any(text is not None and text.lower() == received.lower() for text in plain):
        return _DIFFERS_IN_CASE
    unresolved = [pattern.text for pattern, text in zip(patterns, plain, strict=True) if text is None]
    return f"a variable in {unresolved[0]} has no value" if unresolved else ""


def _list(patterns: Iterable[Template | ActionPattern], variables: Context) -> str:
    return " or ".join(pattern.plain(variables) or pattern.text for pattern in patterns)


def _principal_list(patterns: Iterable[PrincipalPattern], kind: str) -> str:
    return " or ".join(p.value if p.kind == kind else f"{p.kind} {p.value}" for p in patterns)
