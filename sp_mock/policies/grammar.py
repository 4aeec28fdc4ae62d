"""IAM's complaint about a policy document that it does not accept: the first rule it breaks, in IAM's words.

IAM reads a document in passes, each over all statements: the syntax, the version, the older parser, and then rule
after rule. ``PolicyDocument.parse`` reads the same documents and names the place of a mistake in the emulator's words.

Spec: AWS IAM UG "reference_policies_grammar"
Evidence: observed (CreatePolicy's answers to 129 documents), assumed (where a rule comes that was seen alone)
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sp_mock.policies.conditions import is_date, is_operator, is_text
from sp_mock.policies.documents import STATEMENT_ELEMENTS, TOP_ELEMENTS, VERSIONS, Kind
from sp_mock.policies.principals import principal_complaints
from sp_mock.policies.resource_arns import fails_older_parser, resource_complaint

SYNTAX = "Syntax errors in policy."
INVALID_JSON = "This policy contains invalid Json"
_OLD_VERSION = "Policy document must be version 2012-10-17 or greater."
_OLDER_PARSER = "The policy failed legacy parsing"
_MANAGED_VERSION = "2012-10-17"
_SID = re.compile(r"[0-9A-Za-z]*", re.ASCII)
_VENDOR = re.compile(r"\*|[A-Za-z0-9.-]+", re.ASCII)
_STS_ACTION = re.compile(
    r"sts:(?:AssumeRole\w*|TagSession|SetSourceIdentity|SetContext|\*|Assume[\w*?]*)", re.IGNORECASE
)
_ELEMENTS_OF_TEXTS = ("Action", "NotAction", "Resource", "NotResource")

_Statement = Mapping[str, Any]
_Rule = Callable[[tuple[_Statement, ...]], Iterator[str]]


def iam_complaint(document: str, *, kind: Kind, managed: bool = False) -> str | None:
    """Returns IAM's words for the first rule that a document breaks; None for one that IAM accepts.

    Args:
        document: JSON text.
        kind: What the document is for.
        managed: Whether the document belongs to a managed policy: only those must have the current version.
    """
    try:
        data = json.loads(document)
    except (ValueError, RecursionError):
        return SYNTAX if managed else INVALID_JSON
    if not _is_well_formed(data):
        return SYNTAX
    if managed and data.get("Version") != _MANAGED_VERSION:
        return _OLD_VERSION
    statements = tuple(_statements(data))
    return next((words for rule in _RULES[kind] for words in rule(statements)), None)


def complaint_place(data: Mapping[str, Any], words: str, *, kind: Kind) -> tuple[str | int, ...]:
    """Returns the keys and indexes that lead to the subject of IAM's complaint, as if the statements were a list.

    It is the first statement that IAM would complain about on its own, and in it the element that the rule concerns.

    Args:
        data: A well-formed document.
        words: The complaint.
        kind: What the document is for.
    """
    for rule in _RULES[kind]:
        for index, statement in enumerate(_statements(data)):
            if words in rule((statement,)):
                return ("Statement", index, *_element_place(rule, statement, words))
    return ()


def _element_place(rule: _Rule, statement: _Statement, words: str) -> tuple[str | int, ...]:
    element = next((name for name in _ELEMENTS.get(rule, ()) if name in statement), None)
    if element is None:
        return ()
    values = statement[element]
    for index, value in enumerate(values if isinstance(values, list) else ()):
        if words in rule(({**statement, element: [value]},)):
            return element, index
    return (element,)


def _statements(data: Mapping[str, Any]) -> list[Any]:
    statements = data["Statement"]
    return statements if isinstance(statements, list) else [statements]


def _is_well_formed(data: Any) -> bool:
    if not isinstance(data, dict) or not data.keys() <= TOP_ELEMENTS or "Statement" not in data:
        return False
    if data.get("Version", _MANAGED_VERSION) not in tuple(VERSIONS) or not isinstance(data.get("Id", ""), str):
        return False
    statements = _statements(data)
    return bool(statements) and all(_is_well_formed_statement(statement) for statement in statements)


def _is_well_formed_statement(statement: Any) -> bool:
    if not isinstance(statement, dict) or not statement.keys() <= STATEMENT_ELEMENTS:
        return False
    if str(statement.get("Effect")).lower() not in {"allow", "deny"} or not isinstance(statement.get("Sid", ""), str):
        return False
    pairs = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))
    if any(first in statement and second in statement for first, second in pairs):
        return False
    if not all(isinstance(each, str) for name in _ELEMENTS_OF_TEXTS for each in _texts(statement, name)):
        return False
    return _are_well_formed_conditions(statement.get("Condition", {}))


def _are_well_formed_conditions(conditions: Any) -> bool:
    """An operator that does not exist is an error only when there is a key under it."""
    return isinstance(conditions, dict) and all(
        isinstance(keys, dict)
        and (is_operator(operator) or not keys)
        and all(is_text(value) for values in keys.values() for value in _listed(values))
        for operator, keys in conditions.items()
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _texts(statement: _Statement, name: str) -> list[Any]:
    return _listed(statement.get(name, []))


def _older_parser(statements: tuple[_Statement, ...]) -> Iterator[str]:
    for statement in statements:
        if statement["Effect"] not in {"Allow", "Deny"} or not all(map(is_date, _dates(statement))):
            yield _OLDER_PARSER
    for statement in statements:
        resources = [*_texts(statement, "Resource"), *_texts(statement, "NotResource")]
        if not any(map(resource_complaint, resources)) and any(map(fails_older_parser, resources)):
            yield _OLDER_PARSER


def _dates(statement: _Statement) -> Iterator[str]:
    for operator, keys in statement.get("Condition", {}).items():
        if operator.rpartition(":")[2].startswith("Date"):
            for values in keys.values():
                yield from map(str, _listed(values))


def _principals_in_identity_policies(statements: tuple[_Statement, ...]) -> Iterator[str]:
    if any("Principal" in statement or "NotPrincipal" in statement for statement in statements):
        yield "Policy document should not specify a principal."


def _resources_in_trust_policies(statements: tuple[_Statement, ...]) -> Iterator[str]:
    if any("Resource" in statement or "NotResource" in statement for statement in statements):
        yield "Has prohibited field Resource"


def _sids(statements: tuple[_Statement, ...]) -> Iterator[str]:
    sids = [statement["Sid"] for statement in statements if statement.get("Sid")]
    if len(set(sids)) != len(sids):
        yield "Statement IDs (SID) in a single policy must be unique."
    if not all(map(_SID.fullmatch, sids)):
        yield (
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
            "[0-9A-Za-z]*"
        )


def _missing_actions(statements: tuple[_Statement, ...]) -> Iterator[str]:
    if not all(_texts(statement, "Action") or _texts(statement, "NotAction") for statement in statements):
        yield "Policy statement must contain actions."


def _missing_resources(statements: tuple[_Statement, ...]) -> Iterator[str]:
    if not all(_texts(statement, "Resource") or _texts(statement, "NotResource") for statement in statements):
        yield "Policy statement must contain resources."


def _resources(statements: tuple[_Statement, ...]) -> Iterator[str]:
    for statement in statements:
        for resource in (*_texts(statement, "Resource"), *_texts(statement, "NotResource")):
            words = resource_complaint(resource)
            if words:
                yield words


def _vendors(statements: tuple[_Statement, ...]) -> Iterator[str]:
    for statement in statements:
        for action in (*_texts(statement, "Action"), *_texts(statement, "NotAction")):
            vendor, *rest = action.split(":")
            if not rest and action != "*":
                yield "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
            elif len(rest) > 1:
                yield "Actions/Condition can contain only one colon."
            elif not _VENDOR.fullmatch(vendor):
                yield f"Vendor {vendor} is not valid"


def _actions_of_sts(statements: tuple[_Statement, ...]) -> Iterator[str]:
    for statement in statements:
        if not all(map(_STS_ACTION.fullmatch, _texts(statement, "Action"))):
            yield "AssumeRole policy may only specify STS AssumeRole actions."


_IDENTITY_RULES: tuple[_Rule, ...] = (
    _older_parser,
    _principals_in_identity_policies,
    _sids,
    _missing_actions,
    _missing_resources,
    _resources,
    _vendors,
)
_ELEMENTS: Mapping[_Rule, tuple[str, ...]] = {
    _principals_in_identity_policies: ("Principal", "NotPrincipal"),
    _resources_in_trust_policies: ("Resource", "NotResource"),
    _sids: ("Sid",),
    _missing_actions: ("Action", "NotAction"),
    _missing_resources: ("Resource", "NotResource"),
    _resources: ("Resource", "NotResource"),
    _vendors: ("Action", "NotAction"),
    _actions_of_sts: ("Action",),
    principal_complaints: ("Principal", "NotPrincipal"),
}
_RULES: Mapping[Kind, tuple[_Rule, ...]] = {
    "identity": _IDENTITY_RULES,
    "session": _IDENTITY_RULES,
    # AWS Organizations validates its policies itself, so IAM's complaints would never be seen.
    "service-control": (),
    "resource-control": (),
    "trust": (
        _older_parser,
        _resources_in_trust_policies,
        _sids,
        _missing_actions,
        _vendors,
        _actions_of_sts,
        principal_complaints,
    ),
}
