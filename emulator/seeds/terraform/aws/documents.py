"""Policy documents in Terraform: JSON text, or ``data.aws_iam_policy_document`` blocks that are not rendered yet.

Spec: registry.terraform.io/providers/hashicorp/aws, data source aws_iam_policy_document
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.seeds.contents import SeedError
from emulator.seeds.policy_documents import policy_document
from emulator.seeds.terraform.references import Unknown, Value
from emulator.seeds.terraform.resources import Resource, holds_unknown
from emulator.seeds.terraform.taking import AFTER_APPLY, Taking

_LISTS = (
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
)
_PRINCIPALS = (("principals", "Principal"), ("not_principals", "NotPrincipal"))


class NotKnown(Exception):
    """A policy document, or something in it that may deny, is not known; the message says why."""


def document_of(taking: Taking, resource: Resource, attribute: str) -> dict[str, Any]:
    """Returns a resource's policy document.

    Args:
        taking: The Terraform file.
        resource: The resource with the policy.
        attribute: The attribute with the policy's JSON.

    Raises:
        NotKnown: it is known only after apply, or is not a policy document.
    """
    why = taking.why_absent(resource, attribute, "its policy document")
    value = taking.references.value(resource, attribute)
    if resource.values.get(attribute) is None and not isinstance(value, Unknown):
        raise NotKnown(why)  # what was worked out is a name in the document, not the document
    return document_in(taking, value, why)


def document_in(taking: Taking, value: Value, why: str) -> dict[str, Any]:
    """Returns a policy document from JSON text, or from the data source that will render it.

    Raises:
        NotKnown: it is known only after apply, or is not a policy document; ``why`` is the reason if there is no value.
    """
    if isinstance(value, Unknown):
        source = taking.at_address(value.address)
        if source is not None and source.kind == "aws_iam_policy_document" and source.mode == "data":
            return _rendered(taking, source)
        raise NotKnown(why)
    if not isinstance(value, str) or not value:
        raise NotKnown(why)
    try:
        return policy_document(value)
    except SeedError as error:
        raise NotKnown(error.message.replace("a policy document in it", "its policy document")) from None


def _rendered(taking: Taking, source: Resource) -> dict[str, Any]:
    """Returns the document of a data source that is read during apply.

    Unknown parts are left out of what it allows; what it denies must be known.
    """
    if source.values.get("json"):
        return policy_document(source.values["json"])
    for attribute in ("source_policy_documents", "override_policy_documents", "source_json", "override_json"):
        if source.values.get(attribute) or source.is_unknown(attribute):
            raise NotKnown(f"{source.address} is {AFTER_APPLY}, because it merges other documents")
    unknown = source.unknown.get("statement") if isinstance(source.unknown, dict) else None
    if unknown is True or not isinstance(source.values.get("statement"), list):
        raise NotKnown(f"the statements of {source.address} are {AFTER_APPLY}")
    statements: list[dict[str, Any]] = []
    for number, block in source.blocks("statement"):
        parts = unknown[number] if isinstance(unknown, list) and number < len(unknown) else {}
        try:
            statements.append(_statement(taking, source, number, block, parts))
        except NotKnown as error:
            if block.get("effect") != "Allow" and block.get("effect") is not None:
                raise
            taking.leave_out(source, f"{error}, so the statement allows nothing here", "", "statement", number)
    if not statements:
        raise NotKnown(f"nothing of {source.address} is known before apply")
    return {"Version": source.text("version") or "2012-10-17", "Statement": statements}


def _statement(taking: Taking, source: Resource, number: int, block: Mapping[str, Any], unknown: Any) -> dict[str, Any]:
    unknown = unknown if isinstance(unknown, dict) else {}
    effect = block.get("effect") or "Allow"
    made: dict[str, Any] = {"Effect": effect}
    if isinstance(block.get("sid"), str) and block["sid"]:
        made["Sid"] = block["sid"]
    for attribute, element in _LISTS:
        _require_list(block, attribute, number)
        if holds_unknown(unknown.get(attribute)):
            raise NotKnown(f"{attribute} of statement {number + 1} is {AFTER_APPLY}")
        values = _texts(block.get(attribute))
        if values:
            made[element] = values
    for attribute, element in _PRINCIPALS:
        principals = _principals(taking, source, (number, attribute), block, unknown.get(attribute))
        if principals:
            made[element] = principals
    conditions = _conditions(block, number, unknown.get("condition"))
    if conditions:
        made["Condition"] = conditions
    return made


def _principals(taking: Taking, source: Resource, at: tuple[int, str], block: Mapping[str, Any], unknown: Any) -> Any:
    number, attribute = at
    if unknown is True:
        raise NotKnown(f"{attribute} of statement {number + 1} is {AFTER_APPLY}")
    made: dict[str, list[str]] = {}
    for position, each in enumerate(_require_list(block, attribute, number)):
        if not isinstance(each, dict):
            raise NotKnown(f"{attribute} of statement {number + 1} cannot be read")
        inside = unknown[position] if isinstance(unknown, list) and position < len(unknown) else None
        identifiers = _texts(each.get("identifiers"))
        if isinstance(inside, dict) and holds_unknown(inside.get("identifiers")):
            path = ("statement", number, attribute, position, "identifiers")
            found = taking.references.inside(source, path)
            named = [value for value in found if isinstance(value, str)]
            if not named and attribute == "principals" and each.get("type") == "Federated":
                named = _only_new_provider(taking, source, block)
            # An exception that is missing from NotPrincipal would be denied, or allowed, without being known.
            if not named or (len(named) < len(found) and attribute == "not_principals"):
                raise NotKnown(f"{attribute} of statement {number + 1} is {AFTER_APPLY}")
            identifiers = list(dict.fromkeys([*identifiers, *named]))
        kind = each.get("type")
        if kind == "*" or (kind == "AWS" and identifiers == ["*"]):
            return "*" if kind == "*" else {"AWS": ["*"]}
        if isinstance(kind, str):
            made.setdefault(kind, []).extend(identifiers)
    return made


def _only_new_provider(taking: Taking, source: Resource, block: Mapping[str, Any]) -> list[str]:
    """Returns the SAML provider of a statement if the principal goes through local values or modules.

    The principal of AssumeRoleWithSAML is always a SAML provider, and it is unknown only if the plan creates it: if the
    plan creates a single one, it is that one.
    """
    actions = block.get("actions")
    if not isinstance(actions, list) or actions[:1] != ["sts:AssumeRoleWithSAML"] or block.get("effect") == "Deny":
        return []
    new = [each for each in taking.everywhere("aws_iam_saml_provider") if each.is_unknown("arn")]
    arns = {taking.references.text(each, "arn") for each in new}
    if len(new) != 1 or "" in arns:
        return []
    taking.add_note(
        source, f"its principal is taken to be {new[0].address}, the only SAML provider that the plan creates"
    )
    return list(arns)


def _conditions(block: Mapping[str, Any], number: int, unknown: Any) -> dict[str, dict[str, list[str]]]:
    if holds_unknown(unknown):
        raise NotKnown(f"a condition of statement {number + 1} is {AFTER_APPLY}")
    made: dict[str, dict[str, list[str]]] = {}
    for each in _require_list(block, "condition", number):
        if isinstance(each, dict) and isinstance(each.get("test"), str) and isinstance(each.get("variable"), str):
            values = made.setdefault(each["test"], {}).setdefault(each["variable"], [])
            values.extend(_texts(each.get("values")))
        else:
            raise NotKnown(f"a condition of statement {number + 1} cannot be read")
    return made


def _require_list(block: Mapping[str, Any], attribute: str, number: int) -> list[Any]:
    value = block.get(attribute)
    if not isinstance(value, list | None):
        raise NotKnown(f"{attribute} of statement {number + 1} cannot be read")
    return value or []


def _texts(values: Any) -> list[str]:
    """Returns strings as the provider renders them: ``&{…}`` is an IAM policy variable."""
    return list(_each_text(values))


def _each_text(values: Any) -> Iterator[str]:
    for each in values if isinstance(values, list) else ():
        if isinstance(each, str):
            yield each.replace("&{", "${")
