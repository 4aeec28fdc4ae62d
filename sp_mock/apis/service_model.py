"""A service's operations as botocore's model describes them, and what is wrong with parameters by it.

Spec: the service models that botocore and the AWS CLI carry
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
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
        name: The service as botocore calls it, such as ``iam``.
    """

    def __init__(self, name: str) -> None:
        self._name = name
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
        """Returns what is wrong with parameters, in AWS's words and the model's order.

        Evidence: observed (empty and short values, missing ones), assumed (text in place of a number)
        """
        shape = self.model.operation_model(operation).input_shape
        return [] if shape is None else list(self._in_structure(shape, parameters, ""))

    def _in_structure(self, shape: Any, values: Parameters, path: str) -> Iterator[str]:
        for name, member in shape.members.items():
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
            yield from _length(shape, value, "[" + ", ".join(map(str, value))[:_SHOWN] + "]", at)
            for index, item in enumerate(value, start=1):
                yield from self._in_value(shape.member, item, f"{at}.{index}.member")
        elif shape.type_name in {"integer", "long"}:
            yield from _number(shape, value, at)
        elif shape.type_name == "boolean":
            if not isinstance(value, bool):
                yield _violation(str(value), at, "be true or false")
        elif shape.type_name == "string":
            yield from self._in_text(shape, value, at)

    def _in_text(self, shape: Any, value: str, at: str) -> Iterator[str]:
        shown = "***" if shape.metadata.get("sensitive") else value[:_SHOWN]
        if shape.enum and value not in shape.enum:
            yield _violation(shown, at, f"satisfy enum value set: [{', '.join(shape.enum)}]")
        pattern = shape.metadata.get("pattern")
        if pattern and not self._compiled(pattern).fullmatch(value):
            yield _violation(shown, at, f"satisfy regular expression pattern: {pattern}")
        yield from _length(shape, value, shown, at)

    def _compiled(self, pattern: str) -> re.Pattern[str]:
        if pattern not in self._patterns:
            # Some of the models' patterns are between slashes, have a backslash too many, or take no IPv4 address.
            text = pattern[1:-1] if pattern.startswith("/^") and pattern.endswith("$/") else pattern
            text = text.replace(r"\\+[1-9]\\d", r"\+[1-9]\d").replace(r"\u10000-\u10FFFF", r"\U00010000-\U0010FFFF")
            text = text.replace("^[A-Za-z0-9:/]*$", "^[A-Za-z0-9.:/]*$")
            for java, python in _UNICODE_CLASSES.items():
                text = text.replace(java, python)
            self._patterns[pattern] = re.compile(text)
        return self._patterns[pattern]


def _length(shape: Any, value: Sequence[Any], shown: str, at: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and len(value) < low:
        yield _violation(shown, at, f"have length greater than or equal to {low}")
    if high is not None and len(value) > high:
        yield _violation(shown, at, f"have length less than or equal to {high}")


def _number(shape: Any, value: Any, at: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if not isinstance(value, int):
        yield _violation(str(value)[:_SHOWN], at, "be a whole number")
    elif low is not None and value < low:
        yield _violation(str(value), at, f"have value greater than or equal to {low}")
    elif high is not None and value > high:
        yield _violation(str(value), at, f"have value less than or equal to {high}")


def _violation(shown: str, at: str, rule: str) -> str:
    return f"Value '{shown}' at '{at}' failed to satisfy constraint: Member must {rule}"
