"""A service's operations as botocore's model describes them, and which constraints of the model parameters violate.

Spec: the service models that botocore and the AWS CLI carry
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

Parameters = Mapping[str, Any]
ResponseElements = Mapping[str, Any]

_SHOWN = 64
# What Java's patterns in the models say with \p, for Python: letters and digits of every script, and spaces.
_SPACES = "\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_UNICODE_CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\d", r"\p{Z}": _SPACES}


class ServiceOperations:
    """One service's operations.

    Args:
        name: Service name in botocore, such as ``iam``.
        quotes_values: Whether error messages quote the value that violates a constraint. IAM's do not.
    """

    def __init__(self, name: str, *, quotes_values: bool = True) -> None:
        self._name = name
        self._quotes_values = quotes_values
        self._patterns: dict[str, re.Pattern[str]] = {}

    @cached_property
    def model(self) -> Any:
        """botocore's model of the service."""
        from botocore.loaders import Loader
        from botocore.model import ServiceModel

        return ServiceModel(Loader().load_service_model(self._name, "service-2"), self._name)

    @property
    def version(self) -> str:
        """The API version, such as ``2010-05-08``."""
        return str(self.model.api_version)

    def knows(self, operation: str) -> bool:
        """Returns whether the service has such an operation."""
        return operation in self.model.operation_names

    def violations(self, operation: str, parameters: Parameters) -> list[str]:
        """Returns what is wrong with parameters, in AWS's words and order: the model's order, or for IAM by name.

        Evidence: observed (empty, short and long values, missing ones, items of lists), assumed (text in place of a
            number)
        """
        shape = self.model.operation_model(operation).input_shape
        return [] if shape is None else list(self._in_structure(shape, parameters, ""))

    def _in_structure(self, shape: Any, values: Parameters, path: str) -> Iterator[str]:
        members = shape.members.items()
        for name, member in members if self._quotes_values else sorted(members, key=lambda each: each[0].lower()):
            at = path + name[0].lower() + name[1:]
            value = values.get(name)
            if value is None:
                if name in shape.required_members:
                    yield f"Value null at '{at}' failed to satisfy constraint: Member must not be null"
                continue
            yield from self._in_value(member, value, at)

    def _in_value(self, shape: Any, value: Any, at: str) -> Iterator[str]:
        if shape.type_name == "structure":
            yield from self._in_structure(shape, value, f"{at}.")
        elif shape.type_name == "list":
            shown = "[" + ", ".join(map(str, value))[:_SHOWN] + "]"
            yield from self._worded(_length(shape, value), shown, at)
            yield from self._in_items(shape.member, value, shown, at)
        elif shape.type_name in {"integer", "long"}:
            yield from self._worded(_number(shape, value), str(value)[:_SHOWN], at)
        elif shape.type_name == "boolean":
            if not isinstance(value, bool):
                yield from self._worded(["be true or false"], str(value), at)
        elif shape.type_name == "string":
            yield from self._in_text(shape, value, at)

    def _in_items(self, member: Any, items: Sequence[Any], shown: str, at: str) -> Iterator[str]:
        """Yields what is wrong with the items of a list: for texts one message for the list, with every constraint.

        Evidence: observed (IAM), assumed (the other services; that a pattern comes with "must not be null")
        """
        if member.type_name != "string":
            for index, item in enumerate(items, start=1):
                yield from self._in_value(member, item, f"{at}.{index}.member")
        elif any(rule for item in items for rule in self._broken(member, item)):
            rules = ", ".join(f"Member must {rule}" for rule in _constraints(member))
            yield from self._worded([f"satisfy constraint: [{rules}]"], shown, at)

    def _in_text(self, shape: Any, value: str, at: str) -> Iterator[str]:
        shown = "***" if shape.metadata.get("sensitive") else value[:_SHOWN]
        yield from self._worded(self._broken(shape, value), shown, at)

    def _broken(self, shape: Any, value: str) -> Iterator[str]:
        if shape.enum and value not in shape.enum:
            yield _enumeration(shape)
        pattern = shape.metadata.get("pattern")
        if pattern and not self._compiled(pattern).fullmatch(value):
            yield _pattern(pattern)
        yield from _length(shape, value)

    def _worded(self, rules: Iterable[str], shown: str, at: str) -> Iterator[str]:
        value = f"Value '{shown}'" if self._quotes_values else "Value"
        for rule in rules:
            yield f"{value} at '{at}' failed to satisfy constraint: Member must {rule}"

    def _compiled(self, pattern: str) -> re.Pattern[str]:
        if pattern not in self._patterns:
            # Some patterns in the models are enclosed in slashes, have one backslash too many, or do not match IPv4
            # addresses.
            text = pattern[1:-1] if pattern.startswith("/^") and pattern.endswith("$/") else pattern
            text = text.replace(r"\\+[1-9]\\d", r"\+[1-9]\d").replace(r"\u10000-\u10FFFF", r"\U00010000-\U0010FFFF")
            text = text.replace("^[A-Za-z0-9:/]*$", "^[A-Za-z0-9.:/]*$")
            for java, python in _UNICODE_CLASSES.items():
                text = text.replace(java, python)
            self._patterns[pattern] = re.compile(text)
        return self._patterns[pattern]


def _constraints(shape: Any) -> Iterator[str]:
    """Yields every constraint of a text, in the order in which AWS lists them for the items of a list."""
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if high is not None:
        yield _at_most(high)
    if low is not None:
        yield _at_least(low)
    if shape.enum:
        yield _enumeration(shape)
    if shape.metadata.get("pattern"):
        yield _pattern(shape.metadata["pattern"])
        yield "not be null"


def _enumeration(shape: Any) -> str:
    return f"satisfy enum value set: [{', '.join(shape.enum)}]"


def _pattern(pattern: str) -> str:
    return f"satisfy regular expression pattern: {pattern}"


def _at_least(low: int) -> str:
    return f"have length greater than or equal to {low}"


def _at_most(high: int) -> str:
    return f"have length less than or equal to {high}"


def _length(shape: Any, value: Sequence[Any]) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        yield _at_least(low)
    if high is not None and len(value) > high:
        yield _at_most(high)


def _number(shape: Any, value: Any) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if not isinstance(value, int):
        yield "be a whole number"
    elif low is not None and value < low:
        yield f"have value greater than or equal to {low}"
    elif high is not None and value > high:
        yield f"have value less than or equal to {high}"
