"""Planned deviations from a valid login: what a scenario changes before or after an assertion is signed.

{attribute: RoleSessionName, set: hanako sato}      claims, before signing; also remove, add, rename
{element: Assertion/Conditions, remove: true}       XML, before signing; also set, duplicate, attribute_name
{tamper: Assertion/Subject/NameID, set: mallory}    XML, after signing; the same operators
{signature: none}                                   response-only, assertion-only, none, foreign-key, sha1
{issue: -6m}                                        the identity provider's clock, when it issues
{wrap: xsw1}                                        signature wrapping, xsw1 to xsw8
{payload: not-base64}                               what is posted instead of a SAMLResponse
"""

from __future__ import annotations

import difflib
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal

from emulator.errors import FederationError
from idp.claims import AWS_ATTRIBUTES, BASIC_NAME_FORMAT, Attribute, Claims

SIGNATURES = ("none", "response-only", "assertion-only", "foreign-key", "sha1")
WRAPPINGS = tuple(f"xsw{number}" for number in range(1, 9))
PAYLOADS = (
    "not-base64",
    "not-xml",
    "doctype",
    "entity-bomb",
    "oversized",
    "empty",
    "html",
    "deflated",
    "url-encoded",
    "truncated",
)
_KINDS: dict[str, frozenset[str]] = {
    "attribute": frozenset({"set", "remove", "add", "rename"}),
    "element": frozenset({"set", "remove", "duplicate", "attribute_name"}),
    "tamper": frozenset({"set", "remove", "duplicate", "attribute_name"}),
    "signature": frozenset(),
    "issue": frozenset(),
    "wrap": frozenset(),
    "payload": frozenset(),
}
_SPAN = re.compile(r"([+-]?\d+)(ms|s|m|h|d)")
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

Operation = Literal["set", "remove", "add", "rename", "duplicate"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One deviation.

    Args:
        kind: ``attribute``, ``element``, ``tamper``, ``signature``, ``issue``, ``wrap`` or ``payload``.
        target: What it is about: an attribute's name, a path, or the variant.
        operation: What is done to the target, for the kinds that change something.
        values: New texts; a new name for ``rename``.
        attribute_name: The XML attribute of the element that is meant; empty for the element itself.
    """

    kind: str
    target: str
    operation: Operation | None = None
    values: tuple[str, ...] = ()
    attribute_name: str = ""
    shift: timedelta = field(default=timedelta())


def parse_fault(data: Any) -> Fault:
    """Reads a fault from data such as ``{"attribute": "Role", "remove": True}``.

    Raises:
        FederationError: it is no fault that this module knows.
    """
    if not isinstance(data, Mapping):
        raise FederationError("a fault is a mapping", expected="{attribute: RoleSessionName, set: hanako sato}")
    kinds = [name for name in data if name in _KINDS]
    if len(kinds) != 1:
        first = next(iter(data), "")
        near = difflib.get_close_matches(str(first), list(_KINDS), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise FederationError(f"this is no fault: {dict(data)}{hint}", expected="exactly one of " + ", ".join(_KINDS))
    kind = kinds[0]
    unknown = set(data) - {kind} - _KINDS[kind]
    if unknown:
        expected = ", ".join(sorted(_KINDS[kind])) or f"nothing beside {kind}"
        raise FederationError(
            f"a fault of kind {kind} has no {', '.join(sorted(map(str, unknown)))}", expected=expected
        )
    target = str(data[kind])
    if kind in {"attribute", "element", "tamper"}:
        operation, values = _operation(data)
        return Fault(kind, target, operation, values, str(data.get("attribute_name", "")))
    if kind == "issue":
        return Fault(kind, target, shift=_shift(target))
    known = {"signature": SIGNATURES, "wrap": WRAPPINGS, "payload": PAYLOADS}[kind]
    if target not in known:
        raise FederationError(f"there is no {kind} {target}", expected=", ".join(known), received=target)
    return Fault(kind, target)


def _operation(data: Mapping[str, Any]) -> tuple[Operation, tuple[str, ...]]:
    given: list[Operation] = [name for name in ("set", "remove", "add", "rename", "duplicate") if name in data]
    if len(given) != 1:
        raise FederationError(
            f"a fault does exactly one thing: {dict(data)}", expected="one of set, remove, add, rename, duplicate"
        )
    value = data[given[0]]
    if given[0] in {"remove", "duplicate"}:
        if value is not True:
            raise FederationError(f"{given[0]} is said with true", expected=f"{given[0]}: true", received=str(value))
        return given[0], ()
    values = value if isinstance(value, list) else [value]
    return given[0], tuple(str(each) for each in values)


def _shift(text: str) -> timedelta:
    match = _SPAN.fullmatch(text)
    if not match:
        raise FederationError(f"{text} is no length of time", expected="-6m, +90s, 2h, 1d", received=text)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def deviate(claims: Claims, faults: Sequence[Fault]) -> Claims:
    """Returns claims with the faults of kind ``attribute`` in them."""
    for fault in faults:
        if fault.kind == "attribute":
            claims = replace(claims, attributes=_deviate_attribute(claims.attributes, fault))
    return claims


def _deviate_attribute(attributes: tuple[Attribute, ...], fault: Fault) -> tuple[Attribute, ...]:
    name = fault.target if ":" in fault.target.split("/")[0] and "//" in fault.target else AWS_ATTRIBUTES + fault.target
    if fault.operation == "remove":
        return tuple(a for a in attributes if a.name != name)
    if fault.operation == "rename":
        return tuple(replace(a, name=fault.values[0]) if a.name == name else a for a in attributes)
    known = next((a for a in attributes if a.name == name), None)
    if known is None:
        return (*attributes, Attribute(name, BASIC_NAME_FORMAT, fault.values))
    values = fault.values if fault.operation == "set" else known.values + fault.values
    return tuple(replace(a, values=values) if a is known else a for a in attributes)


class PlannedFaults:
    """Which faults the next assertions of a user for an app get, until they are cleared."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: dict[tuple[str, str], tuple[Fault, ...]] = {}

    def plan(self, app: str, login: str, faults: Sequence[Fault]) -> None:
        """Plans faults for every assertion about ``login`` to ``app``."""
        with self._lock:
            self._planned[app, login] = tuple(faults)

    def clear(self) -> None:
        """Forgets every planned fault."""
        with self._lock:
            self._planned.clear()

    def of(self, app: str, login: str) -> tuple[Fault, ...]:
        """Returns the faults planned for an assertion."""
        with self._lock:
            return self._planned.get((app, login), ())
