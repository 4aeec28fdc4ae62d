"""Condition operators: does a request's context satisfy a condition?

Spec: AWS IAM UG "reference_policies_elements_condition_operators"
Evidence: documented
"""

from __future__ import annotations

import base64
import difflib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sp_mock.patterns import Context, Template

Quantifier = Literal["", "ForAllValues", "ForAnyValue"]
Test = Callable[[str, Template, Context], bool]


class UnknownOperator(ValueError):
    """A condition has an operator that IAM does not know."""

    def __init__(self, message: str, expected: str) -> None:
        super().__init__(message)
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator, with its values.

    ``key`` is lower-case, because condition keys are compared without case.
    """

    operator: str
    quantifier: Quantifier
    if_exists: bool
    negated: bool
    test: Test
    key: str
    values: tuple[Template, ...]

    @property
    def name(self) -> str:
        """The operator as written in the policy."""
        prefix = f"{self.quantifier}:" if self.quantifier else ""
        return f"{prefix}{self.operator}{'IfExists' if self.if_exists else ''}"

    def holds(self, context: Context, multivalued: frozenset[str]) -> bool:
        """Tells whether a context satisfies the condition."""
        if self.operator == "Null":
            missing = not context.get(self.key)
            return any(missing is (value.text.lower() == "true") for value in self.values)
        given = context.get(self.key)
        if self.quantifier:
            return self._holds_for_set(given, context)
        if given is None:
            return self.if_exists or self.negated
        if self.key in multivalued:
            return self.negated
        return bool(given) and self._holds_for(given[0], context)

    def _holds_for_set(self, given: tuple[str, ...] | None, context: Context) -> bool:
        if not given:
            return self.quantifier == "ForAllValues" or self.if_exists
        quantify = all if self.quantifier == "ForAllValues" else any
        return quantify(self._holds_for(value, context) for value in given)

    def _holds_for(self, value: str, context: Context) -> bool:
        found = any(self.test(value, wanted, context) for wanted in self.values)
        return not found if self.negated else found


def parse_condition(operator: str, key: str, values: Any, *, variables: bool) -> Condition:
    """Reads one key of a condition block.

    Raises:
        UnknownOperator: the operator does not exist.
        ValueError: the values are not text, numbers or booleans.
    """
    quantifier: Quantifier = ""
    name = operator
    for prefix in ("ForAllValues", "ForAnyValue"):
        if name.startswith(f"{prefix}:"):
            quantifier = "ForAllValues" if prefix == "ForAllValues" else "ForAnyValue"
            name = name.partition(":")[2]
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    if name not in OPERATORS or (name == "Null" and (if_exists or quantifier)):
        near = difflib.get_close_matches(name, OPERATORS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UnknownOperator(f"there is no such operator{hint}", ", ".join(OPERATORS))
    test, negated = OPERATORS[name]
    return Condition(
        operator=name,
        quantifier=quantifier,
        if_exists=if_exists,
        negated=negated,
        test=test,
        key=key.lower(),
        values=tuple(Template(_text(value), variables=variables) for value in _list(values)),
    )


def _list(values: Any) -> list[Any]:
    result = values if isinstance(values, list) else [values]
    if not result:
        raise ValueError("a condition needs at least one value")
    return result


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise ValueError(f"{value!r} is neither text, number nor boolean")


def _string_equals(given: str, wanted: Template, context: Context) -> bool:
    return given == wanted.plain(context)


def _string_equals_ignore_case(given: str, wanted: Template, context: Context) -> bool:
    text = wanted.plain(context)
    return text is not None and given.casefold() == text.casefold()


def _string_like(given: str, wanted: Template, context: Context) -> bool:
    return wanted.matches(given, context)


def _arn_like(given: str, wanted: Template, context: Context) -> bool:
    """Compares the six parts of two ARNs one by one: a wildcard reaches over a colon in the last part only."""
    text = wanted.plain(context)
    if text is None:
        return False
    patterns, parts = text.split(":", 5), given.split(":", 5)
    return len(patterns) == len(parts) == 6 and all(
        Template(pattern, variables=False).matches(part, {}) for pattern, part in zip(patterns, parts, strict=True)
    )


def _bool(given: str, wanted: Template, context: Context) -> bool:
    text = wanted.plain(context)
    return text is not None and given.lower() == text.lower() and text.lower() in {"true", "false"}


def _binary_equals(given: str, wanted: Template, context: Context) -> bool:
    text = wanted.plain(context)
    try:
        return text is not None and base64.b64decode(given, validate=True) == base64.b64decode(text, validate=True)
    except ValueError:
        return False


def _ip_address(given: str, wanted: Template, context: Context) -> bool:
    text = wanted.plain(context)
    try:
        return text is not None and ipaddress.ip_address(given) in ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False


def _numeric(compare: Callable[[float, float], bool]) -> Test:
    def test(given: str, wanted: Template, context: Context) -> bool:
        try:
            return compare(float(given), float(wanted.plain(context) or "x"))
        except ValueError:
            return False

    return test


def _date(compare: Callable[[datetime, datetime], bool]) -> Test:
    def test(given: str, wanted: Template, context: Context) -> bool:
        first, second = _moment(given), _moment(wanted.plain(context) or "")
        return first is not None and second is not None and compare(first, second)

    return test


def _moment(text: str) -> datetime | None:
    try:
        if text.lstrip("-").replace(".", "", 1).isdigit() and len(text) > 4:
            return datetime.fromtimestamp(float(text), UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _null(_given: str, _wanted: Template, _context: Context) -> bool:
    """Stands in the table for Null, which asks about the key and not about its values."""
    return False


OPERATORS: dict[str, tuple[Test, bool]] = {
    "StringEquals": (_string_equals, False),
    "StringNotEquals": (_string_equals, True),
    "StringEqualsIgnoreCase": (_string_equals_ignore_case, False),
    "StringNotEqualsIgnoreCase": (_string_equals_ignore_case, True),
    "StringLike": (_string_like, False),
    "StringNotLike": (_string_like, True),
    "NumericEquals": (_numeric(lambda a, b: a == b), False),
    "NumericNotEquals": (_numeric(lambda a, b: a == b), True),
    "NumericLessThan": (_numeric(lambda a, b: a < b), False),
    "NumericLessThanEquals": (_numeric(lambda a, b: a <= b), False),
    "NumericGreaterThan": (_numeric(lambda a, b: a > b), False),
    "NumericGreaterThanEquals": (_numeric(lambda a, b: a >= b), False),
    "DateEquals": (_date(lambda a, b: a == b), False),
    "DateNotEquals": (_date(lambda a, b: a == b), True),
    "DateLessThan": (_date(lambda a, b: a < b), False),
    "DateLessThanEquals": (_date(lambda a, b: a <= b), False),
    "DateGreaterThan": (_date(lambda a, b: a > b), False),
    "DateGreaterThanEquals": (_date(lambda a, b: a >= b), False),
    "Bool": (_bool, False),
    "BinaryEquals": (_binary_equals, False),
    "IpAddress": (_ip_address, False),
    "NotIpAddress": (_ip_address, True),
    "ArnEquals": (_arn_like, False),
    "ArnLike": (_arn_like, False),
    "ArnNotEquals": (_arn_like, True),
    "ArnNotLike": (_arn_like, True),
    "Null": (_null, False),
}
