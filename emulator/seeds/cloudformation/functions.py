"""CloudFormation's functions: what a template says once references, parameters and conditions are filled in.

Spec: AWS CloudFormation User Guide, "Intrinsic function reference"
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.kernel.partitions import AWS, PARTITIONS
from emulator.seeds.contents import SeedError
from emulator.worldfile.yaml_data import Key

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


class TemplateError(SeedError):
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


class Resolver:
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

    def written(self, path: Key) -> Key:
        """Returns the keys that lead, in the template as it is written, to what is at ``path`` once it is resolved.

        Where a function makes what is inside, they end before it.
        """
        here: Any = self._template
        keys: list[str | int] = []
        for part in path:
            here = self._branch(here, keys)
            if isinstance(here, list) and isinstance(part, int):
                kept = [index for index, each in enumerate(here) if self.resolve(each) is not _NO_VALUE]
                if part >= len(kept):
                    break
                found: str | int = kept[part]
                here = here[kept[part]]
            elif isinstance(here, dict) and part in here:
                found, here = part, here[part]
            else:
                break
            keys.append(found)
        self._branch(here, keys)
        return tuple(keys)

    def _branch(self, value: Any, keys: list[str | int]) -> Any:
        """Returns the branch that an ``Fn::If`` takes, and adds the keys that lead to it; other values as they are."""
        while isinstance(value, dict) and len(value) == 1 and isinstance(value.get("Fn::If"), list):
            condition, *branches = value["Fn::If"]
            taken = 0 if self._condition(condition) else 1
            keys += ("Fn::If", taken + 1)
            value = branches[taken]
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
