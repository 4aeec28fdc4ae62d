"""Condition operators: does a request's context satisfy a condition?

Spec: AWS IAM UG "reference_policies_elements_condition_operators"
Evidence: documented
"""

from __future__ import annotations

import base64
import difflib
import ipaddress
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from emulator.kernel.records import dataclass
from sp_mock.policies.patterns import Context, Template

Quantifier = Literal["", "ForAllValues", "ForAnyValue"]
Test = Callable[[str, Template, Context], bool]

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_EPOCH = re.compile(r"-?[0-9]{5,}(\.[0-9]+)?")
_YEAR_OR_MONTH = re.compile(r"[0-9]{4}(-[0-9]{2})?")
_SECONDS = re.compile(r"[0-9]+", re.ASCII)
_MAX_SECONDS = 2**63 - 1
_DATE = re.compile(
    r"(?P<year>-?[0-9]+)(?:-(?P<month>[0-9]+)(?:-(?P<day>[0-9]+))?)?"
    r"(?:T(?:(?P<hour>[0-9]+)(?::(?P<minute>[0-9]+)(?::(?P<second>[0-9]+)(?:\.[0-9]{1,9})?)?)?)?"
    r"(?:Z|[+-](?P<zone_hour>[0-9]{2})(?::?(?P<zone_minute>[0-9]{2}))?)?)?",
    re.ASCII | re.IGNORECASE,
)
_RANGES = (
    ("year", -292275054, 292278993),
    ("month", 1, 12),
    ("day", 1, 31),
    ("hour", 0, 23),
    ("minute", 0, 59),
    ("second", 0, 59),
    ("zone_hour", 0, 23),
    ("zone_minute", 0, 59),
)


class UnknownOperator(ValueError):
    """A condition has an operator that IAM does not have."""

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

    def holds(self, context: Context, *, variables: Context, multivalued: frozenset[str]) -> bool:
        """Returns whether a context satisfies the condition. A key without values counts as missing.

        Args:
            context: Condition keys in lower case with their values.
            variables: Keys that ``${…}`` may name.
            multivalued: Keys that hold lists: without a quantifier nothing equals a list.

        Spec: AWS IAM UG "reference_policies_condition-single-vs-multi-valued-context-keys"
        Evidence: documented
        """
        given = context.get(self.key) or None
        if self.operator == "Null":
            return any((given is None) is (value.text.lower() == "true") for value in self.values)
        if self.quantifier:
            return self._holds_for_set(given, variables)
        if given is None:
            return self.if_exists or self.negated
        if self.key in multivalued or len(given) > 1:
            return self.negated
        return self._holds_for(given[0], variables)

    def _holds_for_set(self, given: tuple[str, ...] | None, variables: Context) -> bool:
        if given is None:
            return self.quantifier == "ForAllValues" or self.if_exists
        if self.quantifier == "ForAllValues":
            # Without values the set is empty, and any statement holds for all elements of an empty set.
            return not any(given) or all(self._holds_for(value, variables) for value in given)
        return any(self._holds_for(value, variables) for value in given)

    def _holds_for(self, value: str, variables: Context) -> bool:
        """A variable without a value makes a comparison fail, negated ones included.

        Spec: AWS IAM UG "reference_policies_variables"
        Evidence: documented (that nothing matches), assumed (that negated operators do not hold either)
        """
        if self.negated and any(wanted.plain(variables) is None for wanted in self.values):
            return False
        found = any(self.test(value, wanted, variables) for wanted in self.values)
        return not found if self.negated else found


def parse_condition(operator: str, key: str, values: Any, *, variables: bool) -> Condition:
    """Reads one key of a condition block.

    Raises:
        UnknownOperator: the operator does not exist.
        ValueError: the values are not text, numbers or booleans.
    """
    spelling = _SPELLINGS.get(operator)
    if spelling is None:
        near = difflib.get_close_matches(operator, _SPELLINGS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UnknownOperator(f"there is no such operator{hint}", ", ".join(OPERATORS))
    quantifier, name, if_exists = spelling
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


def is_operator(operator: str) -> bool:
    """Returns whether IAM has an operator, given with its quantifier and ``IfExists``."""
    return operator in _SPELLINGS


def is_text(value: Any) -> bool:
    """Returns whether a value can be compared with a condition key's value."""
    return isinstance(value, (str, int, float))


def is_date(text: str) -> bool:
    """Returns whether IAM accepts a text under a date operator: parts of a W3C date, or seconds since 1970.

    Spec: AWS IAM UG "reference_policies_elements_condition_operators", date condition operators
    Evidence: observed
    """
    if "${" in text:
        return True
    match = _DATE.fullmatch(text)
    if match is None:
        return _SECONDS.fullmatch(text) is not None and int(text) <= _MAX_SECONDS
    return all(low <= int(match[name]) <= high for name, low, high in _RANGES if match[name])


def _list(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_text(value):
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
    """Compares the six parts of two ARNs one by one: only in the last part does a wildcard match colons.

    The ARNs have to match as wholes too, so that a wildcard in a variable's value counts as an ordinary character.
    """
    text = wanted.plain(context)
    if text is None or not wanted.matches(given, context):
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


def _numeric(compare: Callable[[Decimal, Decimal], bool]) -> Test:
    def test(given: str, wanted: Template, context: Context) -> bool:
        first, second = _number(given), _number(wanted.plain(context) or "")
        return first is not None and second is not None and compare(first, second)

    return test


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text) if _NUMBER.fullmatch(text) else None
    except InvalidOperation:
        return None


def _date(compare: Callable[[datetime, datetime], bool]) -> Test:
    def test(given: str, wanted: Template, context: Context) -> bool:
        first, second = _moment(given), _moment(wanted.plain(context) or "")
        return first is not None and second is not None and compare(first, second)

    return test


def _moment(text: str) -> datetime | None:
    """Reads a W3C date, from the year alone to the fraction of a second, or the seconds since 1970."""
    try:
        if _EPOCH.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC)
        moment = datetime.fromisoformat(f"{text}-01-01"[:10] if _YEAR_OR_MONTH.fullmatch(text) else text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _null(_given: str, _wanted: Template, _context: Context) -> bool:
    """The entry of Null in the table of operators; Null tests the key and not its values."""
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

_QUANTIFIERS: tuple[Quantifier, ...] = ("", "ForAllValues", "ForAnyValue")
_SPELLINGS: dict[str, tuple[Quantifier, str, bool]] = {
    "Null": ("", "Null", False),
    **{
        f"{quantifier}:{name}{'IfExists' * if_exists}".removeprefix(":"): (quantifier, name, if_exists)
        for name in OPERATORS
        if name != "Null"
        for quantifier in _QUANTIFIERS
        for if_exists in (False, True)
    },
}
