"""Planned deviations from a valid login: what a scenario changes before or after an assertion is signed.

{attribute: RoleSessionName, set: hanako sato}      claims, before signing; also remove, add, rename
{element: Assertion/Conditions, remove: true}       XML, before signing; also set, duplicate, attribute_name
{tamper: Assertion/Subject/NameID, set: mallory}    XML, after signing; also comment, in the middle of the text
{signature: none}                                   response-only, assertion-only, none, foreign-key, sha1
{issue: -6m}                                        the identity provider's clock, when it issues
{wrap: xsw1}                                        signature wrapping, xsw1 to xsw8
{payload: not-base64}                               what is posted instead of a SAMLResponse

A fault that would change nothing, such as one with a misspelt name, is refused: a scenario that passes
because its fault was never planted proves nothing.
"""

from __future__ import annotations

import difflib
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal

from emulator.kernel.errors import FederationError
from idp.saml.claims import AWS_ATTRIBUTES, BASIC_NAME_FORMAT, Attribute, Claims

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
    "tamper": frozenset({"set", "remove", "duplicate", "comment", "attribute_name"}),
    "signature": frozenset(),
    "issue": frozenset(),
    "wrap": frozenset(),
    "payload": frozenset(),
}
_SPAN = re.compile(r"([+-]?\d{1,12})(ms|s|m|h|d)")
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST_SHIFT = timedelta(days=36_500)
_PATH = re.compile(r"/?\w+(\[[1-9]\d{0,3}\])?(/\w+(\[[1-9]\d{0,3}\])?)*")
_XML_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_NO_XML_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Operation = Literal["set", "remove", "add", "rename", "duplicate", "comment"]
_OPERATIONS: tuple[Operation, ...] = ("set", "remove", "add", "rename", "duplicate", "comment")


@dataclass(frozen=True, slots=True)
class Fault:
    """One deviation.

    Args:
        kind: ``attribute``, ``element``, ``tamper``, ``signature``, ``issue``, ``wrap`` or ``payload``.
        target: What it is about: an attribute's name, a path, or the variant.
        operation: What is done to the target, for the kinds that change something.
        values: New texts; a new name for ``rename``, which is taken as it is.
        attribute_name: The XML attribute of the element that is meant; empty for the element itself.
        shift: How far the identity provider's clock is ahead when it issues.
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
    target = _text(data[kind], of=kind)
    if kind in {"attribute", "element", "tamper"}:
        return _change(kind, target, data)
    if kind == "issue":
        return Fault(kind, target, shift=_shift(target))
    known = {"signature": SIGNATURES, "wrap": WRAPPINGS, "payload": PAYLOADS}[kind]
    if target not in known:
        raise FederationError(f"there is no {kind} {target}", expected=", ".join(known), received=target)
    return Fault(kind, target)


def _change(kind: str, target: str, data: Mapping[str, Any]) -> Fault:
    operation, values = _operation(data)
    attribute_name = _text(data["attribute_name"], of="attribute_name") if "attribute_name" in data else ""
    if kind != "attribute" and not _PATH.fullmatch(target):
        raise FederationError(
            f"{target} is no path", expected="local names such as Assertion/Subject/NameID", received=target
        )
    if attribute_name and not _XML_NAME.fullmatch(attribute_name):
        raise FederationError(
            f"{attribute_name} is no name of an XML attribute", expected="Recipient", received=attribute_name
        )
    if attribute_name and operation not in {"set", "remove"}:
        raise FederationError(f"{operation} is for elements, not for XML attributes", expected="set or remove")
    if len(values) > 1 and (kind != "attribute" or operation == "rename"):
        raise FederationError(f"{operation} takes one text here", expected=f"{operation}: {values[0]}")
    return Fault(kind, target, operation, values, attribute_name)


def _operation(data: Mapping[str, Any]) -> tuple[Operation, tuple[str, ...]]:
    given = [name for name in _OPERATIONS if name in data]
    if len(given) != 1:
        raise FederationError(
            f"a fault does exactly one thing: {dict(data)}", expected="one of " + ", ".join(_OPERATIONS)
        )
    operation = given[0]
    value = data[operation]
    if operation in {"remove", "duplicate"}:
        if value is not True:
            raise FederationError(f"{operation} is said with true", expected=f"{operation}: true", received=str(value))
        return operation, ()
    values = tuple(_text(each, of=operation) for each in (value if isinstance(value, list) else [value]))
    if not values:
        raise FederationError(f"{operation} needs a text", expected=f"{operation}: hanako", received="[]")
    return operation, values


def _text(value: Any, *, of: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FederationError(f"{of} takes text, in quotes if need be", expected=f'{of}: "…"', received=repr(value))
    text = str(value)
    strange = _NO_XML_CHARACTER.search(text)
    if strange:
        raise FederationError(
            f"{of} holds the character U+{ord(strange[0]):04X}, which XML cannot hold",
            expected="characters of XML 1.0",
            received=repr(text),
        )
    return text


def _shift(text: str) -> timedelta:
    match = _SPAN.fullmatch(text)
    if not match:
        raise FederationError(f"{text} is no length of time", expected="-6m, +90s, 2h, 1d", received=text)
    try:
        shift = timedelta(**{_UNITS[match[2]]: int(match[1])})
    except OverflowError:
        shift = timedelta.max
    if abs(shift) > _LONGEST_SHIFT:
        raise FederationError(f"{text} is too far away", expected="at most 36500d either way", received=text)
    return shift


def deviate(claims: Claims, faults: Sequence[Fault]) -> Claims:
    """Returns claims with the faults of kind ``attribute`` in them.

    Raises:
        FederationError: an attribute that is to be removed or renamed is not there.
    """
    for fault in faults:
        if fault.kind == "attribute":
            claims = replace(claims, attributes=_deviate_attribute(claims.attributes, fault))
    return claims


def _deviate_attribute(attributes: tuple[Attribute, ...], fault: Fault) -> tuple[Attribute, ...]:
    name = fault.target if "//" in fault.target else AWS_ATTRIBUTES + fault.target
    known = next((a for a in attributes if a.name == name), None)
    if known is None and fault.operation in {"remove", "rename"}:
        raise FederationError(
            f"there is no attribute {fault.target} to {fault.operation}",
            expected=" or ".join(a.name.removeprefix(AWS_ATTRIBUTES) for a in attributes),
            received=fault.target,
        )
    if fault.operation == "remove":
        return tuple(a for a in attributes if a is not known)
    if fault.operation == "rename":
        return tuple(replace(a, name=fault.values[0]) if a is known else a for a in attributes)
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
