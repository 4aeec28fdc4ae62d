"""Whether a statement applies to a request, and if not, which of its elements kept it from applying.

Every statement is tested for whether it applies; what kept it from applying is described only when the request is
denied.

Spec: AWS IAM UG "reference_policies_evaluation-logic"
Evidence: documented
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from functools import lru_cache

from emulator.kernel.records import dataclass
from sp_mock.policies.conditions import Condition
from sp_mock.policies.documents import ActionPattern, PolicyDocument, PrincipalPattern, Statement
from sp_mock.policies.patterns import Context, Template
from sp_mock.policies.places import Place, place_of, place_of_value
from sp_mock.policies.request_context import note_on

NO_SUCH_KEY = "no such key"
_DIFFERS_IN_CASE = "they differ in case only"
# How far a statement got before it failed to apply: the later it fails, the nearer it is to what was meant. The second
# condition of a statement fails later than its first.
ACTION, PRINCIPAL, RESOURCE, CONDITION = range(4)


@dataclass(frozen=True, slots=True)
class Principal:
    """The principal of a request: ``Federated`` with a provider's ARN, ``AWS`` with a session's."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Request:
    """A request as policies see it.

    Args:
        action: ``service:Action``.
        resource: ARN of the resource that the request concerns.
        principal: The principal that makes the request.
        context: Condition keys with their values; the keys are kept in lower case.
        multivalued: Keys that hold lists even when there is one value.

    ``variables`` is what ``${…}`` may name: the context without the lists, which IAM does not allow as variables.
    """

    action: str
    resource: str
    principal: Principal
    context: Mapping[str, tuple[str, ...]]
    multivalued: frozenset[str] = frozenset()
    variables: Context = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        given, multivalued = self.context, _in_lower_case(self.multivalued)
        # The services' own keys are in lower case already.
        keys = "".join(given)
        context = dict(given) if keys == keys.lower() else {key.lower(): values for key, values in given.items()}
        has_lists = not multivalued.isdisjoint(context)
        variables = {k: v for k, v in context.items() if k not in multivalued} if has_lists else context
        object.__setattr__(self, "context", context)
        object.__setattr__(self, "multivalued", multivalued)
        object.__setattr__(self, "variables", variables)


@lru_cache(maxsize=64)
def _in_lower_case(keys: frozenset[str]) -> frozenset[str]:
    """Returns keys in lower case; they are the same few sets for every request."""
    return frozenset(key.lower() for key in keys)


@dataclass(frozen=True, slots=True)
class Failure:
    """The element at which a statement failed to apply, and how far that is from applying."""

    progress: int
    element: str
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What kept a statement from applying.

    Args:
        statement: The policy, and the statement in it.
        element: ``Action``, ``Principal.Federated``, ``Condition`` and so on.
        expected: What the statement requires, with its variables filled in.
        received: What the request has.
        operator: Operator of the condition as written; empty for other elements.
        key: Key of the condition in lower case; empty for other elements.
        note: A detail that is easily overlooked, such as a difference in case.
        policy: Name of the policy.
        place: Keys and indexes that lead to the element in the policy's JSON, or to its nearest value.
        written: That value as the policy has it, variables and wildcards included.
        closeness: Similarity of that value and the request's, from 0 to 1.
        document: The policy.
    """

    statement: str
    element: str
    expected: str
    received: str
    operator: str = ""
    key: str = ""
    note: str = ""
    policy: str = ""
    place: Place = ()
    written: str = ""
    closeness: float = field(default=0.0, compare=False)
    document: PolicyDocument | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        what = " ".join(word for word in (self.element, self.operator, self.key) if word)
        text = f"{self.statement}: {what} expects {self.expected}, the request has {self.received}"
        return f"{text} ({self.note})" if self.note else text


def first_failure(statement: Statement, request: Request) -> Failure | None:
    """Returns where a statement fails to apply to a request; None when it applies."""
    if statement.actions is not None and not _any(statement.actions, request.action, request):
        return Failure(ACTION, "Action")
    if statement.not_actions is not None and _any(statement.not_actions, request.action, request):
        return Failure(ACTION, "NotAction")
    if statement.principals is not None and not _is_one_of(request.principal, statement.principals):
        return Failure(PRINCIPAL, "Principal")
    if statement.not_principals is not None and _is_one_of(request.principal, statement.not_principals):
        return Failure(PRINCIPAL, "NotPrincipal")
    if statement.resources is not None and not _any(statement.resources, request.resource, request):
        return Failure(RESOURCE, "Resource")
    if statement.not_resources is not None and not _is_none_of(statement.not_resources, request):
        return Failure(RESOURCE, "NotResource")
    for index, condition in enumerate(statement.conditions):
        if not condition.holds(request.context, variables=request.variables, multivalued=request.multivalued):
            return Failure(CONDITION + index, "Condition", condition)
    return None


def mismatch_of(
    policy: str,
    document: PolicyDocument,
    statement: Statement,
    failure: Failure,
    request: Request,
    *,
    is_only: bool = False,
) -> Mismatch:
    """Describes what kept a statement from applying, with its place in the policy.

    Args:
        policy: Name of the policy.
        document: The policy.
        failure: The element at which it failed.
        is_only: Whether no other statement comes into question, so that its nearness need not be measured.
    """
    label = f"{policy}, {statement.label}"
    element = failure.element
    if failure.condition is not None:
        condition = failure.condition
        received, expected, note = _condition_words(condition, request)
        written = [value.text for value in condition.values]
        filled = [value.plain(request.variables) or value.text for value in condition.values]
        place = place_of(document, statement, "Condition", condition.name, condition.key)
        shown, operator, key = element, condition.name, condition.key
    else:
        patterns, received = _patterns(statement, element, request)
        written = [each.value if isinstance(each, PrincipalPattern) else each.text for each in patterns]
        filled = [_filled(each, request.principal.kind, request.variables) for each in patterns]
        expected, note = _words(element, patterns, filled, received, request)
        place, operator, key = place_of(document, statement, element), "", ""
        shown = f"Principal.{request.principal.kind}" if element == "Principal" else element
    nearest, closeness = (0, 0.0) if is_only and len(filled) == 1 else _nearest(filled, received)
    return Mismatch(
        label,
        shown,
        expected,
        received,
        operator=operator,
        key=key,
        note=note,
        policy=policy,
        place=place_of_value(document, place, written[nearest]) if written else place,
        written=written[nearest] if written else "",
        closeness=closeness,
        document=document,
    )


def _nearest(texts: Sequence[str], received: str) -> tuple[int, float]:
    """Returns which text comes nearest to the received one, and how near it comes."""
    ratios = [difflib.SequenceMatcher(None, text, received, autojunk=False).ratio() for text in texts]
    return (ratios.index(max(ratios)), max(ratios)) if ratios else (0, 0.0)


_Pattern = Template | ActionPattern | PrincipalPattern


def _patterns(statement: Statement, element: str, request: Request) -> tuple[Sequence[_Pattern], str]:
    """Returns what a statement has in an element, and what the request has there."""
    table: Mapping[str, tuple[Sequence[_Pattern] | None, str]] = {
        "Action": (statement.actions, request.action),
        "NotAction": (statement.not_actions, request.action),
        "Principal": (statement.principals, request.principal.value),
        "NotPrincipal": (statement.not_principals, request.principal.value),
        "Resource": (statement.resources, request.resource),
        "NotResource": (statement.not_resources, request.resource),
    }
    patterns, received = table[element]
    return patterns or (), received


def _filled(pattern: _Pattern, principal_kind: str, variables: Context) -> str:
    if isinstance(pattern, PrincipalPattern):
        return pattern.value if pattern.kind == principal_kind else f"{pattern.kind} {pattern.value}"
    return pattern.plain(variables) or pattern.text


def _words(
    element: str, patterns: Sequence[_Pattern], filled: Sequence[str], received: str, request: Request
) -> tuple[str, str]:
    """Returns what an element expects, and a note on what is easily overlooked."""
    expected = " or ".join(filled)
    if element == "NotPrincipal":
        return f"anyone but {expected}", ""
    if element.startswith("Not"):
        return f"anything but {expected}", ""
    if element == "Principal":
        return expected, _principal_note([p for p in patterns if isinstance(p, PrincipalPattern)], request.principal)
    return expected, _note([p for p in patterns if not isinstance(p, PrincipalPattern)], received, request.variables)


def _principal_note(patterns: Sequence[PrincipalPattern], principal: Principal) -> str:
    if any(p.kind == principal.kind and p.value.lower() == principal.value.lower() for p in patterns):
        return _DIFFERS_IN_CASE
    elsewhere = next((p.kind for p in patterns if p.kind != principal.kind and p.value == principal.value), "")
    return f"it is listed under {elsewhere}, and belongs under {principal.kind}" if elsewhere else ""


def _condition_words(condition: Condition, request: Request) -> tuple[str, str, str]:
    values = request.context.get(condition.key, ())
    received = ", ".join(value or "an empty text" for value in values) or NO_SUCH_KEY
    expected = " or ".join(value.plain(request.variables) or value.text for value in condition.values)
    note = ""
    if condition.operator == "Null":
        expected = "some value" if not values else NO_SUCH_KEY
    elif condition.negated:
        expected = f"anything but {expected}"
    elif values and not condition.quantifier and (condition.key in request.multivalued or len(values) > 1):
        name = condition.name
        note = f"the key holds a list, which needs ForAnyValue:{name} or ForAllValues:{name}"
    else:
        note = _note(condition.values, received, request.variables)
    return received, expected, note or note_on(condition.key, values)


def _note(patterns: Sequence[Template | ActionPattern], received: str, variables: Context) -> str:
    """Describes what is easily overlooked when ``received`` matches none of the patterns."""
    plain = [pattern.plain(variables) for pattern in patterns]
    if any(text is not None and text.lower() == received.lower() for text in plain):
        return _DIFFERS_IN_CASE
    unresolved = [pattern.text for pattern, text in zip(patterns, plain, strict=True) if text is None]
    return f"a variable in {unresolved[0]} has no value" if unresolved else ""


def _any(patterns: Iterable[Template | ActionPattern], value: str, request: Request) -> bool:
    return any(pattern.matches(value, request.variables) for pattern in patterns)


def _is_none_of(patterns: Iterable[Template], request: Request) -> bool:
    """Returns whether a resource differs from each of these, whatever values missing variables might have.

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
