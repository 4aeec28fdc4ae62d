"""CloudFormation templates: what one would create in IAM, as the account of a world.

Of a template's resources the ones of IAM that federation needs are read; the others are passed over. References,
parameters, conditions and the common functions are resolved as CloudFormation would.

Spec: AWS CloudFormation User Guide, "Intrinsic function reference"; AWS::IAM::SAMLProvider, Role, Policy, ManagedPolicy
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.kernel.errors import FederationError
from emulator.kernel.partitions import AWS, PARTITIONS
from emulator.worldfile.yaml_data import NOT_YAML, UnreadableYaml
from emulator.worldfile.yaml_file import read_yaml

_SUBSTITUTED = re.compile(r"\$\{(!?)([A-Za-z0-9_.:]+)\}")
_IN_CYCLES = 50
_NO_VALUE = object()
# What a reference to a resource stands for, by type: its ARN, or its name.
_REF_IS_ARN = {"AWS::IAM::SAMLProvider": "saml-provider", "AWS::IAM::ManagedPolicy": "policy"}
_NAME_PROPERTIES = {
    "AWS::IAM::SAMLProvider": "Name",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
}


class TemplateError(FederationError):
    """A template cannot be read, or needs what only a real stack has."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Where a template is made real.

    ``parameters`` go before the template's defaults.
    """

    account_id: str
    partition: str = "aws"
    region: str = "us-east-1"
    name: str = "stack"
    parameters: Mapping[str, str] = field(default_factory=dict)


def read_template(text: str) -> Mapping[str, Any] | None:
    """Returns a template's data; short forms such as ``!Sub`` become long ones. None when it is not a template.

    Raises:
        TemplateError: it is not YAML.
    """
    try:
        documents = read_yaml(text, short_forms=_long_form)
    except UnreadableYaml as error:
        reason = error.message.removeprefix(NOT_YAML)
        place = f" (line {error.line})" if error.line else ""
        raise TemplateError(f"this is neither YAML nor JSON: {reason}{place}") from None
    if len(documents) > 1:
        raise TemplateError("this is neither YAML nor JSON: expected a single document, but found another document")
    data = documents[0][0] if documents else None
    return data if isinstance(data, dict) and isinstance(data.get("Resources"), dict) else None


def _long_form(tag: str, value: Any) -> dict[str, Any]:
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in {"Ref", "Condition"} else f"Fn::{tag}": value}


def account_of_template(template: Mapping[str, Any], stack: Stack) -> dict[str, Any]:
    """Returns what a template makes in IAM, as the data of a world's account.

    Raises:
        TemplateError: a parameter has no value, or a function cannot be resolved here.
    """
    resolver = _Resolver(template, stack)
    account: dict[str, Any] = {"saml_providers": {}, "policies": {}, "roles": {}, "users": {}}
    readers: Mapping[str, Callable[[_Resolver, dict[str, Any], str, Mapping[str, Any]], None]] = {
        "AWS::IAM::ManagedPolicy": _managed_policy,
        "AWS::IAM::SAMLProvider": _saml_provider,
        "AWS::IAM::Role": _role,
        "AWS::IAM::User": _user,
        "AWS::IAM::Policy": _inline_policy,
    }
    for kind, reader in readers.items():
        for logical_id, resource in resolver.resources(kind):
            reader(resolver, account, logical_id, resource)
    return account


class _Resolver:
    """Fills in a template's functions."""

    def __init__(self, template: Mapping[str, Any], stack: Stack) -> None:
        self._template = template
        self._stack = stack
        self._depth = 0

    def resources(self, kind: str) -> list[tuple[str, Mapping[str, Any]]]:
        """Returns the resources of a type whose condition holds, with their properties resolved."""
        found: list[tuple[str, Mapping[str, Any]]] = []
        for logical_id, resource in self._template["Resources"].items():
            if not isinstance(resource, dict) or resource.get("Type") != kind:
                continue
            if "Condition" in resource and not self._condition(resource["Condition"]):
                continue
            properties = self.resolve(resource.get("Properties") or {})
            if not isinstance(properties, dict):
                raise TemplateError(f"Resources.{logical_id}.Properties is no mapping")
            found.append((logical_id, properties))
        return found

    def name(self, logical_id: str) -> str:
        """Returns a resource's name: the one it has, or one made as CloudFormation does, without the random end."""
        resource = self._template["Resources"].get(logical_id)
        if not isinstance(resource, dict):
            raise TemplateError(f"the template has no resource or parameter {logical_id}")
        key = _NAME_PROPERTIES.get(resource.get("Type", ""))
        given = (resource.get("Properties") or {}).get(key) if key else None
        return str(self.resolve(given)) if given is not None else f"{self._stack.name}-{logical_id}"

    def arn(self, logical_id: str) -> str:
        """Returns a resource's ARN."""
        resource = self._template["Resources"].get(logical_id) or {}
        kind = resource.get("Type", "")
        word = _REF_IS_ARN.get(kind) or kind.rpartition("::")[2].lower()
        path = str(self.resolve((resource.get("Properties") or {}).get("Path", "/")))
        path = "/" if word == "saml-provider" else path
        return f"arn:{self._stack.partition}:iam::{self._stack.account_id}:{word}{path}{self.name(logical_id)}"

    def resolve(self, value: Any) -> Any:
        """Returns a value without functions."""
        self._depth += 1
        try:
            if self._depth > _IN_CYCLES:
                raise TemplateError("the template refers to itself in a circle")
            return self._resolve(value)
        finally:
            self._depth -= 1

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, dict):
            if len(value) == 1:
                (name, argument), *_ = value.items()
                if name == "Ref":
                    return self._ref(str(argument))
                if name.startswith("Fn::"):
                    return self._function(name, argument)
            resolved = ((str(key), self.resolve(each)) for key, each in value.items())
            return {key: each for key, each in resolved if each is not _NO_VALUE}
        if isinstance(value, list):
            return [each for each in map(self.resolve, value) if each is not _NO_VALUE]
        return value

    def _ref(self, name: str) -> Any:
        stack = self._stack
        pseudo = {
            "AWS::AccountId": stack.account_id,
            "AWS::Partition": stack.partition,
            "AWS::Region": stack.region,
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": PARTITIONS.get(stack.partition, AWS).api_domain,
            "AWS::NoValue": _NO_VALUE,
        }
        if name in pseudo:
            return pseudo[name]
        parameters = self._template.get("Parameters") or {}
        if name in parameters:
            if name in stack.parameters:
                return stack.parameters[name]
            if "Default" not in parameters[name]:
                raise TemplateError(f"the parameter {name} has no default", expected=f"parameters: {{{name}: …}}")
            return self.resolve(parameters[name]["Default"])
        resource = self._template["Resources"].get(name)
        is_arn = isinstance(resource, dict) and resource.get("Type") in _REF_IS_ARN
        return self.arn(name) if is_arn else self.name(name)

    def _function(self, name: str, argument: Any) -> Any:
        functions: Mapping[str, Callable[[Any], Any]] = {
            "Fn::Sub": self._sub,
            "Fn::GetAtt": self._get_attribute,
            "Fn::Join": lambda a: str(a[0]).join(map(str, self.resolve(a[1]))),
            "Fn::Split": lambda a: str(self.resolve(a[1])).split(str(a[0])),
            "Fn::Select": lambda a: self.resolve(a[1])[int(self.resolve(a[0]))],
            "Fn::If": lambda a: self.resolve(a[1] if self._condition(a[0]) else a[2]),
            "Fn::FindInMap": self._find_in_map,
        }
        if name not in functions:
            raise TemplateError(f"{name} cannot be resolved without a stack", expected=", ".join(functions))
        try:
            return functions[name](argument)
        except (LookupError, TypeError, ValueError):
            raise TemplateError(f"{name} has arguments that cannot be used: {argument!r}"[:300]) from None

    def _sub(self, argument: Any) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else (argument[0], self.resolve(argument[1]))

        def fill(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            if name in given:
                return str(given[name])
            if "." in name and not name.startswith("AWS::"):
                return str(self._get_attribute(name.split(".", 1)))
            return str(self._ref(name))

        return _SUBSTITUTED.sub(fill, str(text))

    def _get_attribute(self, argument: Any) -> str:
        logical_id, attribute = argument if isinstance(argument, list) else str(argument).split(".", 1)
        if attribute not in {"Arn", "PolicyArn"}:
            raise TemplateError(f"the attribute {logical_id}.{attribute} is known to a real stack only", expected="Arn")
        return self.arn(logical_id)

    def _find_in_map(self, argument: Any) -> Any:
        table, row, column = (self.resolve(each) for each in argument)
        return self.resolve(self._template["Mappings"][table][row][column])

    def _condition(self, condition: Any) -> bool:
        if isinstance(condition, str):
            conditions = self._template.get("Conditions") or {}
            if condition not in conditions:
                raise TemplateError(f"the template has no condition {condition}")
            return self._condition(conditions[condition])
        (name, argument), *_ = condition.items()
        if name == "Condition":
            return self._condition(argument)
        if name == "Fn::Equals":
            return bool(self.resolve(argument[0]) == self.resolve(argument[1]))
        if name == "Fn::Not":
            return not self._condition(argument[0])
        if name in {"Fn::And", "Fn::Or"}:
            return (all if name == "Fn::And" else any)(self._condition(each) for each in argument)
        raise TemplateError(f"{name} is no condition", expected="Fn::Equals, Fn::Not, Fn::And or Fn::Or")


def _saml_provider(
    resolver: _Resolver, account: dict[str, Any], logical_id: str, properties: Mapping[str, Any]
) -> None:
    document = properties.get("SamlMetadataDocument")
    if not isinstance(document, str):
        raise TemplateError(f"Resources.{logical_id}.Properties.SamlMetadataDocument is no text")
    account["saml_providers"][resolver.name(logical_id)] = {"metadata": {"xml": document}}


def _managed_policy(
    resolver: _Resolver, account: dict[str, Any], logical_id: str, properties: Mapping[str, Any]
) -> None:
    account["policies"][resolver.name(logical_id)] = properties.get("PolicyDocument")


def _role(resolver: _Resolver, account: dict[str, Any], logical_id: str, properties: Mapping[str, Any]) -> None:
    role: dict[str, Any] = {"trust": properties.get("AssumeRolePolicyDocument"), **_held(properties)}
    if "MaxSessionDuration" in properties:
        role["max_session_duration"] = int(properties["MaxSessionDuration"])
    if "Description" in properties:
        role["description"] = properties["Description"]
    account["roles"][resolver.name(logical_id)] = role
    _attach(resolver, account, "roles", logical_id)


def _user(resolver: _Resolver, account: dict[str, Any], logical_id: str, properties: Mapping[str, Any]) -> None:
    account["users"][resolver.name(logical_id)] = _held(properties)
    _attach(resolver, account, "users", logical_id)


def _held(properties: Mapping[str, Any]) -> dict[str, Any]:
    held: dict[str, Any] = {
        "path": properties.get("Path", "/"),
        "policies": list(properties.get("ManagedPolicyArns") or ()),
        "inline_policies": {each["PolicyName"]: each["PolicyDocument"] for each in properties.get("Policies") or ()},
        "tags": {each["Key"]: str(each["Value"]) for each in properties.get("Tags") or ()},
    }
    if "PermissionsBoundary" in properties:
        held["permissions_boundary"] = properties["PermissionsBoundary"]
    return held


def _attach(resolver: _Resolver, account: dict[str, Any], kind: str, logical_id: str) -> None:
    """Managed policies may name their roles and users themselves."""
    name = resolver.name(logical_id)
    for policy_id, properties in resolver.resources("AWS::IAM::ManagedPolicy"):
        if name in (properties.get(kind.capitalize()) or ()):
            account[kind][name]["policies"].append(resolver.arn(policy_id))


def _inline_policy(
    _resolver: _Resolver, account: dict[str, Any], logical_id: str, properties: Mapping[str, Any]
) -> None:
    for kind in ("roles", "users"):
        for name in properties.get(kind.capitalize()) or ():
            if name not in account[kind]:
                raise TemplateError(f"Resources.{logical_id} is for {name}, which the template does not make")
            document = properties.get("PolicyDocument")
            account[kind][name]["inline_policies"][properties.get("PolicyName", logical_id)] = document
