"""Resolves CloudFormation's functions, given a template's parameters, conditions and resources.

Spec: AWS CloudFormation User Guide, "Intrinsic function reference"
Evidence: documented
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final

from emulator.seeds.cloudformation.conditions import Conditions
from emulator.seeds.cloudformation.parameters import parameter_value
from emulator.seeds.cloudformation.stack import Stack
from emulator.seeds.cloudformation.values import (
    LONGEST_TEXT,
    NO_VALUE,
    Unresolved,
    given_by,
    kind_of,
    text_of,
)

_SUBSTITUTED = re.compile(r"\$\{(!?)([^{}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")
_DEEPEST: Final = 100
_CONDITIONS: Final = frozenset({"Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals"})


class Resolver:
    """Resolves the functions in a template's values.

    Args:
        template: The template's data.
        stack: The stack that the template is deployed as.
        reference: Returns the value of a resource's ``Ref``.
        attribute: Returns a resource's attribute.
        imported: Returns the value of another stack's export.
    """

    def __init__(
        self,
        template: Mapping[str, Any],
        stack: Stack,
        *,
        reference: Callable[[str], Any],
        attribute: Callable[[str, str], Any],
        imported: Callable[[str], Any],
    ) -> None:
        self.stack = stack
        self.conditions = Conditions(template.get("Conditions"), self.resolve)
        self._template = template
        self._reference = reference
        self._attribute = attribute
        self._imported = imported
        self._depth = 0
        self._functions: Mapping[str, Callable[[Any], Any]] = {
            "Fn::Base64": lambda a: base64.b64encode(self._text(a).encode()).decode(),
            "Fn::Cidr": self._cidr,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAZs": lambda a: [f"{self._text(a) or stack.region}{zone}" for zone in "abc"],
            "Fn::GetAtt": self._get_attribute,
            "Fn::If": lambda a: self.resolve(a[1] if self.conditions.holds(a[0]) else a[2]),
            "Fn::ImportValue": lambda a: self._imported(self._text(a)),
            "Fn::Join": self._join,
            "Fn::Length": lambda a: len(self._list(a)),
            "Fn::Select": lambda a: self._list(a[1])[_index(self._text(a[0]))],
            "Fn::Split": lambda a: self._text(a[1]).split(self._text(a[0])),
            "Fn::Sub": self._sub,
            "Fn::ToJsonString": lambda a: json.dumps(self.resolve(a), separators=(",", ":"), ensure_ascii=False),
        }

    def resolve(self, value: Any) -> Any:
        """Returns a value with its functions resolved; ``NO_VALUE`` if it is absent.

        Raises:
            Unresolved: part of it is not known here.
        """
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                raise Unresolved("the template refers to itself, or is nested too deeply")
            return self._resolve(value)
        finally:
            self._depth -= 1

    def branch(self, value: Any) -> Any:
        """Returns the branch that a value's ``Fn::If`` selects; any other value unchanged.

        Raises:
            Unresolved: the condition depends on a value that is not known here.
        """
        return self.branch_with_keys(value)[0]

    def branch_with_keys(self, value: Any) -> tuple[Any, tuple[str | int, ...]]:
        """Returns the branch that a value's ``Fn::If`` selects, and the keys that lead to it."""
        keys: tuple[str | int, ...] = ()
        while isinstance(value, dict) and len(value) == 1 and isinstance(value.get("Fn::If"), list):
            arguments = value["Fn::If"]
            if len(arguments) != 3:
                raise Unresolved("Fn::If does not have three arguments")
            taken = 1 if self.conditions.holds(arguments[0]) else 2
            keys += ("Fn::If", taken)
            value = arguments[taken]
        return value, keys

    def is_there(self, value: Any) -> bool:
        """Returns whether an item of a list is present; an unknown item counts as present."""
        try:
            return self.resolve(value) is not NO_VALUE
        except Unresolved:
            return True

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, dict):
            if len(value) == 1:
                (name, argument), *_ = value.items()
                if name == "Ref":
                    return self._ref(argument)
                if str(name).startswith("Fn::"):
                    return self._function(str(name), argument)
            for name in value:
                if str(name).startswith("Fn::"):
                    raise Unresolved(f"only AWS knows the result of {str(name)[:60]}")
            resolved = ((str(key), self.resolve(each)) for key, each in value.items())
            return {key: each for key, each in resolved if each is not NO_VALUE}
        if isinstance(value, list):
            return [each for each in map(self.resolve, value) if each is not NO_VALUE]
        return self._without_dynamic(value) if isinstance(value, str) and "{{resolve:" in value else value

    def _without_dynamic(self, text: str) -> str:
        """Resolves dynamic references, for example to Systems Manager parameters, if the seed provides their values.

        Spec: AWS CloudFormation User Guide, "Get values stored in other services using dynamic references"
        Evidence: documented
        """

        def fill(match: re.Match[str]) -> str:
            if match[0] in self.stack.values:
                return self.stack.values[match[0]]
            raise Unresolved(f"only the account knows the value of {match[0][:120]}", fix=given_by("values", match[0]))

        return _DYNAMIC.sub(fill, text)

    def _ref(self, name: Any) -> Any:
        if not isinstance(name, str):
            raise Unresolved(f"Ref has {kind_of(name)}, not a name")
        pseudo = self.stack.pseudo_parameters
        if name in pseudo:
            return pseudo[name]
        parameters = self._template.get("Parameters")
        if isinstance(parameters, dict) and name in parameters:
            return parameter_value(name, parameters[name], self.stack.parameters)
        return self._reference(name)

    def _function(self, name: str, argument: Any) -> Any:
        if name in _CONDITIONS:
            return self.conditions.holds({name: argument})
        if name not in self._functions:
            raise Unresolved(f"only AWS knows the result of {name[:60]}")
        try:
            return self._functions[name](argument)
        except (LookupError, TypeError, ValueError, AttributeError):
            raise Unresolved(f"{name} has arguments that it cannot use") from None

    def _text(self, value: Any) -> str:
        return text_of(self.resolve(value))

    def _list(self, value: Any) -> list[Any]:
        resolved = self.resolve(value)
        if not isinstance(resolved, list):
            raise Unresolved(f"{kind_of(resolved)} is used where a list is expected")
        return resolved

    def _join(self, argument: Any) -> str:
        between, items = argument
        return _short(self._text(between).join(map(text_of, self._list(items))))

    def _sub(self, argument: Any) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else argument

        def fill(match: re.Match[str]) -> str:
            literal, name = match[1], match[2].strip()
            if literal:
                return f"${{{match[2]}}}"
            if name in given:
                return self._text(given[name])
            if "." in name and not name.startswith("AWS::"):
                return text_of(self._get_attribute(name))
            return text_of(self._ref(name))

        return self._without_dynamic(_short(_SUBSTITUTED.sub(fill, text_of(text))))

    def _get_attribute(self, argument: Any) -> Any:
        logical_id, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        return self._attribute(self._text(logical_id), self._text(attribute))

    def _find_in_map(self, argument: Any) -> Any:
        default = argument[3] if len(argument) > 3 else {}
        table, row, column = (self._text(each) for each in argument[:3])
        try:
            return self.resolve(self._template["Mappings"][table][row][column])
        except (LookupError, TypeError):
            if isinstance(default, dict) and "DefaultValue" in default:
                return self.resolve(default["DefaultValue"])
            raise Unresolved(f"the mapping {table[:80]} has no value for {row[:80]} and {column[:80]}") from None

    def _cidr(self, argument: Any) -> list[str]:
        block, count, *bits = argument
        network = ipaddress.ip_network(self._text(block))
        host_bits = int(self._text(bits[0])) if bits else 8
        subnets = network.subnets(new_prefix=network.max_prefixlen - host_bits)
        return [str(each) for each in islice(subnets, min(int(self._text(count)), 256))]


def _index(text: str) -> int:
    index = int(text)
    if index < 0:
        raise ValueError(text)
    return index


def _short(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise Unresolved(f"its functions produce more than {LONGEST_TEXT} characters")
    return text
