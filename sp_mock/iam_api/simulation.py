"""What policies would decide about a call, without the call: SimulatePrincipalPolicy and SimulateCustomPolicy.

The answer comes from the same evaluation that decides real calls.

Spec: AWS IAM API "SimulatePrincipalPolicy", "SimulateCustomPolicy"; AWS IAM UG "access_policies_testing-policies"
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emulator.kernel.errors import InvalidInput, NoSuchEntity
from sp_mock.accounts.iam_resources import Group
from sp_mock.accounts.model import NamedDocument, Role, User
from sp_mock.apis.operations import AccountCall, AccountOperation, Result, any_resource
from sp_mock.apis.service_model import ResponseElements
from sp_mock.iam.api_errors import IAM
from sp_mock.iam.lists import LISTS
from sp_mock.policies.documents import MalformedPolicy, PolicyDocument
from sp_mock.policies.evaluation import Layer, Principal, Request, Verdict, authorize, evaluate
from sp_mock.policies.grammar import SYNTAX, iam_complaint

_DECISIONS = {"allowed": "allowed", "explicit-deny": "explicitDeny", "implicit-deny": "implicitDeny"}
_IDENTITY, _BOUNDARY = "identity-based policy", "permissions boundary"
_LIST_TYPE = "List"


def _simulate_principal(call: AccountCall) -> Result:
    arn, account = call.parameters["PolicySourceArn"], call.account
    entity: Role | User | Group | None = account.roles.get(arn) or account.users.get(arn) or account.groups.get(arn)
    if entity is None:
        raise NoSuchEntity(
            f"The entity {arn} cannot be found.",
            service=IAM,
            check="simulation",
            evidence="assumed",
            explanation="The account has no role, user or group with this ARN; a session's ARN is not its role's.",
            where="parameter PolicySourceArn",
            received=arn,
            fix="Name the role, arn:aws:iam::ACCOUNT:role/NAME.",
            spec='AWS IAM API "SimulatePrincipalPolicy"',
        )
    boundary: Sequence[NamedDocument] | None = _given(call, "PermissionsBoundaryPolicyInputList")
    if not boundary and not isinstance(entity, Group):
        boundary = account.boundary(entity)
    return _simulate(call, (*account.policies_that_count(entity), *_given(call, "PolicyInputList")), boundary)


def _simulate_custom(call: AccountCall) -> Result:
    boundary = _given(call, "PermissionsBoundaryPolicyInputList") or None
    return _simulate(call, _given(call, "PolicyInputList"), boundary)


def _simulate(call: AccountCall, policies: Sequence[NamedDocument], boundary: Sequence[NamedDocument] | None) -> Result:
    """Evaluates each action with each resource.

    Spec: AWS IAM API "EvaluationResult"
    Evidence: documented (the decisions), assumed (one result for each pair; no positions of statements)
    """
    if call.parameters.get("ResourcePolicy"):
        raise _unusable("ResourcePolicy", "Resource-based policies are not simulated here.", SYNTAX)
    layers = [Layer(_IDENTITY, tuple(policies))]
    if boundary:
        layers.append(Layer(_BOUNDARY, tuple(boundary)))
    requests = [
        _request(call, action, resource)
        for action in call.parameters["ActionNames"]
        for resource in call.parameters.get("ResourceArns") or ("*",)
    ]
    return Result(LISTS.page(call, "EvaluationResults", requests, lambda request: _outcome(layers, request)))


def _request(call: AccountCall, action: str, resource: str) -> Request:
    entries = call.parameters.get("ContextEntries") or ()
    context = {
        entry["ContextKeyName"]: tuple(entry.get("ContextKeyValues") or ())
        for entry in entries
        if entry.get("ContextKeyName")
    }
    lists = frozenset(
        entry["ContextKeyName"] for entry in entries if str(entry.get("ContextKeyType", "")).endswith(_LIST_TYPE)
    )
    caller = call.parameters.get("CallerArn") or call.parameters.get("PolicySourceArn") or call.caller.arn
    return Request(action, resource, Principal("AWS", caller), context, lists)


def _outcome(layers: Sequence[Layer], request: Request) -> ResponseElements:
    verdict = authorize(layers, request)
    elements: dict[str, Any] = {
        "EvalActionName": request.action,
        "EvalResourceName": request.resource,
        "EvalDecision": _DECISIONS[verdict.reason],
        "MatchedStatements": _matched(verdict),
        "MissingContextValues": sorted(set(_missing(layers, request))),
    }
    if len(layers) > 1:
        allowed = evaluate(layers[1].policies, request).allowed
        elements["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allowed}
    return elements


def _matched(verdict: Verdict) -> list[ResponseElements]:
    if verdict.reason == "implicit-deny":
        return []
    name = verdict.statement.partition(", Statement[")[0].removeprefix("inline ").removeprefix("policy ")
    return [{"SourcePolicyId": name, "SourcePolicyType": "IAM Policy"}]


def _missing(layers: Sequence[Layer], request: Request) -> Iterator[str]:
    """Yields the condition keys that policies use and the request lacks, in the policies' spelling."""
    for layer in layers:
        for _, document in layer.policies:
            statements = json.loads(document.text)["Statement"]
            for statement in statements if isinstance(statements, list) else [statements]:
                for keys in statement.get("Condition", {}).values():
                    yield from (key for key in keys if key.lower() not in request.context)


def _given(call: AccountCall, parameter: str) -> tuple[NamedDocument, ...]:
    texts = call.parameters.get(parameter) or ()
    return tuple((f"{parameter}.{number}", _read(text, parameter)) for number, text in enumerate(texts, 1))


def _read(text: str, parameter: str) -> PolicyDocument:
    words = iam_complaint(text, kind="identity")
    try:
        document = PolicyDocument.parse(text, kind="identity")
    except MalformedPolicy as error:
        raise _unusable(parameter, error.message, words or SYNTAX) from None
    if words:
        raise _unusable(parameter, words, words)
    return document


def _unusable(parameter: str, explanation: str, words: str) -> InvalidInput:
    return InvalidInput(
        words,
        service=IAM,
        check="simulation",
        evidence="assumed",
        explanation=explanation,
        where=f"parameter {parameter}",
        fix="Correct the document, or leave it out.",
        spec='AWS IAM API "SimulateCustomPolicy"',
    )


def _source(call: AccountCall) -> str:
    return str(call.parameters["PolicySourceArn"])


OPERATIONS: Mapping[str, AccountOperation] = {
    "SimulatePrincipalPolicy": AccountOperation(_simulate_principal, _source),
    "SimulateCustomPolicy": AccountOperation(_simulate_custom, any_resource),
}
