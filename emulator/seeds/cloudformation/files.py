"""Recognises CloudFormation's files: templates, output of its API, and what CDK writes next to its templates.

Spec: AWS CLI Command Reference, cloudformation; AWS CDK, "Cloud assembly"
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from emulator.kernel.records import dataclass
from emulator.seeds.contents import SeedError
from emulator.seeds.seed_text import Seed, SeedText, parse_seed_text

_SECTIONS: Final = frozenset({"Conditions", "Mappings", "Outputs", "Parameters", "Transform"})
_GET_TEMPLATE: Final = "aws cloudformation get-template --stack-name NAME"
_TEMPLATES_OF_CDK: Final = "the templates next to it: cdk.out/*.template.json"


@dataclass(frozen=True, slots=True)
class _OtherFile:
    """A CloudFormation file other than a template.

    Args:
        what: The kind of file, in words.
        instead: What to provide instead.
    """

    what: str
    instead: str


def has_resources(data: Any) -> bool:
    """Returns whether data has the resources of a template."""
    return isinstance(data, dict) and isinstance(data.get("Resources"), dict)


def is_cloudformations(text: SeedText) -> bool:
    """Returns whether a text is a template or another file of CloudFormation or CDK."""
    data = text.data
    return has_resources(data) or _is_answer(data) or bool(list(exports_listed(data))) or _other(data) is not None


def unwrapped(seed: Seed) -> Seed:
    """Returns a seed with only the template, if the file is API output that contains one."""
    if not _is_answer(seed.text.data):
        return seed
    body = seed.text.data["TemplateBody"]
    data = parse_seed_text(body, name=seed.text.name).data if isinstance(body, str) else body
    return Seed(SeedText(seed.text.name, seed.text.text, data, seed.text.lines), seed.settings)


def exports_listed(data: Any) -> Iterator[tuple[str, str]]:
    """Yields the names and values in the output of ``aws cloudformation list-exports``."""
    exports = data.get("Exports") if isinstance(data, dict) else None
    for each in exports if isinstance(exports, list) else ():
        if isinstance(each, dict) and isinstance(each.get("Name"), str) and isinstance(each.get("Value"), str):
            yield each["Name"], each["Value"]


def refuse_other_files(data: Any) -> None:
    """Refuses CloudFormation's files other than templates.

    Raises:
        SeedError: names the kind of file, and the file to provide instead.
    """
    other = _other(data)
    if other is not None:
        raise SeedError(f"this is {other.what}", expected=other.instead)
    if not has_resources(data):
        raise SeedError("the template in it has no Resources", expected="a template with a mapping of Resources")


def _is_answer(data: Any) -> bool:
    return isinstance(data, dict) and isinstance(data.get("TemplateBody"), (dict, str))


def _other(data: Any) -> _OtherFile | None:
    if isinstance(data, list):
        is_parameters = bool(data) and all(isinstance(each, dict) and "ParameterKey" in each for each in data)
        file = _OtherFile("a template's parameter file", "the template, with parameters: {NAME: VALUE}")
        return file if is_parameters else None
    if not isinstance(data, dict) or has_resources(data):
        return None
    for file, fields in _FIELDS:
        if fields(data):
            return file
    return None


def _printed(command: str, instead: str = f"the stack's template: {_GET_TEMPLATE}") -> _OtherFile:
    return _OtherFile(f"the output of aws cloudformation {command}", instead)


def _has(name: str, kind: type, *inside: str) -> Any:
    """Returns a test for a field of a type; its value, or a list's first item, must have certain fields."""

    def answer(data: Mapping[str, Any]) -> bool:
        value = data.get(name)
        first = value[0] if isinstance(value, list) and value else value
        return isinstance(value, kind) and all(isinstance(first, dict) and each in first for each in inside)

    return answer


_FIELDS: Final = (
    (_printed("describe-stacks"), _has("Stacks", list, "StackName")),
    (_printed("describe-stack-resources"), _has("StackResources", list, "LogicalResourceId")),
    (_printed("describe-stack-resource"), _has("StackResourceDetail", dict, "LogicalResourceId")),
    (_printed("list-stack-resources"), _has("StackResourceSummaries", list, "LogicalResourceId")),
    (_printed("list-stacks"), _has("StackSummaries", list, "StackName")),
    (_printed("describe-stack-events"), _has("StackEvents", list, "LogicalResourceId")),
    (_printed("describe-change-set"), lambda data: "ChangeSetName" in data and "Changes" in data),
    (_printed("get-template-summary"), lambda data: "ResourceTypes" in data and "Parameters" in data),
    (
        _OtherFile("CDK's manifest.json", _TEMPLATES_OF_CDK),
        lambda data: isinstance(data.get("artifacts"), dict) and "version" in data,
    ),
    (_OtherFile("CDK's tree.json", _TEMPLATES_OF_CDK), lambda data: str(data.get("version")).startswith("tree-")),
    (
        _OtherFile("CDK's list of assets", _TEMPLATES_OF_CDK),
        lambda data: isinstance(data.get("files"), dict) and isinstance(data.get("dockerImages"), dict),
    ),
    (
        _OtherFile("CDK's cdk.json", "what cdk synth writes: cdk.out/*.template.json"),
        lambda data: isinstance(data.get("app"), str) and ("context" in data or "watch" in data or len(data) == 1),
    ),
    (
        _OtherFile(
            "a Serverless Framework service",
            "what serverless package writes: .serverless/cloudformation-template-update-stack.json",
        ),
        lambda data: "service" in data and isinstance(data.get("provider"), dict) and "name" in data["provider"],
    ),
    (
        _OtherFile("a template without Resources", "a template with a mapping of Resources"),
        lambda data: "AWSTemplateFormatVersion" in data or ("Resources" in data and not _SECTIONS.isdisjoint(data)),
    ),
    (
        _OtherFile("a template's parameter file", "the template, with parameters: {NAME: VALUE}"),
        lambda data: isinstance(data.get("Parameters"), dict) and not set(data) - {"Parameters", "Tags", "StackPolicy"},
    ),
)
