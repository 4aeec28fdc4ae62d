"""Faults: every way in which a Response can be made wrong on purpose, in one table.

A row of ``FAULTS`` holds how a fault is written, what it does, when it takes effect, and its function: a new fault
is a row and a function. People write faults in scenarios and after ``--fault``; ``fedemu login --fault help`` lists
them.

A fault that would change nothing, such as one with a misspelt name, is an error: a scenario that passes because its
fault was never carried out proves nothing.
"""

from __future__ import annotations

import difflib
import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from emulator.kernel.errors import FederationError
from idp.saml import fault_edits as edits
from idp.saml import signature_wrapping as wrapping
from idp.saml.draft import Draft, Fault, FaultForm, Stage

FAULTS: tuple[FaultForm, ...] = (
    FaultForm("attribute: NAME, set: TEXTS", "replaces an attribute's values", Stage.CLAIMS, edits.set_attribute),
    FaultForm("attribute: NAME, add: TEXTS", "adds values to an attribute", Stage.CLAIMS, edits.add_to_attribute),
    FaultForm("attribute: NAME, remove: true", "leaves an attribute out", Stage.CLAIMS, edits.remove_attribute),
    FaultForm("attribute: NAME, rename: TEXT", "gives an attribute another name", Stage.CLAIMS, edits.rename_attribute),
    FaultForm("element: PATH, set: TEXT", "replaces an element's text", Stage.BEFORE_SIGNING, edits.set_text),
    FaultForm("element: PATH, remove: true", "takes an element out", Stage.BEFORE_SIGNING, edits.remove_element),
    FaultForm(
        "element: PATH, duplicate: true", "puts an element in twice", Stage.BEFORE_SIGNING, edits.duplicate_element
    ),
    FaultForm(
        "element: PATH, attribute_name: NAME, set: TEXT",
        "sets an XML attribute of an element",
        Stage.BEFORE_SIGNING,
        edits.set_xml_attribute,
    ),
    FaultForm(
        "element: PATH, attribute_name: NAME, remove: true",
        "takes an XML attribute out",
        Stage.BEFORE_SIGNING,
        edits.remove_xml_attribute,
    ),
    FaultForm("tamper: PATH, set: TEXT", "replaces an element's text", Stage.AFTER_SIGNING, edits.set_text),
    FaultForm("tamper: PATH, remove: true", "takes an element out", Stage.AFTER_SIGNING, edits.remove_element),
    FaultForm(
        "tamper: PATH, duplicate: true", "puts an element in twice", Stage.AFTER_SIGNING, edits.duplicate_element
    ),
    FaultForm(
        "tamper: PATH, comment: TEXT",
        "puts a comment into the middle of a text",
        Stage.AFTER_SIGNING,
        edits.insert_comment,
    ),
    FaultForm(
        "tamper: PATH, attribute_name: NAME, set: TEXT",
        "sets an XML attribute of an element",
        Stage.AFTER_SIGNING,
        edits.set_xml_attribute,
    ),
    FaultForm(
        "tamper: PATH, attribute_name: NAME, remove: true",
        "takes an XML attribute out",
        Stage.AFTER_SIGNING,
        edits.remove_xml_attribute,
    ),
    FaultForm("transit: PATH, set: TEXT", "replaces an element's text", Stage.AFTER_ENCRYPTION, edits.set_text),
    FaultForm("transit: PATH, remove: true", "takes an element out", Stage.AFTER_ENCRYPTION, edits.remove_element),
    FaultForm(
        "transit: PATH, duplicate: true", "puts an element in twice", Stage.AFTER_ENCRYPTION, edits.duplicate_element
    ),
    FaultForm("signature: none", "signs nothing", Stage.SETTINGS, edits.sign_only()),
    FaultForm("signature: response-only", "leaves the assertion unsigned", Stage.SETTINGS, edits.sign_only("Response")),
    FaultForm(
        "signature: assertion-only", "leaves the Response unsigned", Stage.SETTINGS, edits.sign_only("Assertion")
    ),
    FaultForm("signature: foreign-key", "signs with an unknown key", Stage.SETTINGS, edits.sign_with_foreign_key),
    FaultForm("signature: sha1", "signs with RSA-SHA1", Stage.SETTINGS, edits.sign_with_sha1),
    FaultForm("encryption: none", "sends the assertion in plain text", Stage.SETTINGS, edits.leave_plain),
    FaultForm(
        "encryption: foreign-key",
        "encrypts for a key that the provider does not have",
        Stage.SETTINGS,
        edits.encrypt_for_foreign_key,
    ),
    FaultForm("issue: TIME", "shifts the identity provider's clock", Stage.SETTINGS, edits.shift_clock),
    FaultForm("wrap: xsw1", "puts the Response into a forged one's signature", Stage.AFTER_SIGNING, wrapping.xsw1),
    FaultForm("wrap: xsw2", "puts the Response before a forged one's signature", Stage.AFTER_SIGNING, wrapping.xsw2),
    FaultForm("wrap: xsw3", "puts a forged assertion before the signed one", Stage.AFTER_SIGNING, wrapping.xsw3),
    FaultForm("wrap: xsw4", "puts the signed assertion into a forged one", Stage.AFTER_SIGNING, wrapping.xsw4),
    FaultForm("wrap: xsw5", "moves the signature to a forged assertion", Stage.AFTER_SIGNING, wrapping.xsw5),
    FaultForm(
        "wrap: xsw6", "moves the signature, and the signed assertion into it", Stage.AFTER_SIGNING, wrapping.xsw6
    ),
    FaultForm("wrap: xsw7", "puts a forged assertion into Extensions", Stage.AFTER_SIGNING, wrapping.xsw7),
    FaultForm(
        "wrap: xsw8",
        "moves the signature, and the signed assertion into its Object",
        Stage.AFTER_SIGNING,
        wrapping.xsw8,
    ),
    FaultForm("payload: oversized", "makes the message longer than AWS takes", Stage.BEFORE_SIGNING, edits.oversize),
    FaultForm("payload: not-base64", "posts text that is not base64", Stage.TRANSPORT, edits.not_base64),
    FaultForm("payload: not-xml", "posts text that is not XML", Stage.TRANSPORT, edits.not_xml),
    FaultForm("payload: doctype", "adds a document type declaration", Stage.TRANSPORT, edits.doctype),
    FaultForm("payload: entity-bomb", "adds entities that grow exponentially", Stage.TRANSPORT, edits.entity_bomb),
    FaultForm("payload: empty", "posts an empty field", Stage.TRANSPORT, edits.empty),
    FaultForm("payload: html", "posts a web page", Stage.TRANSPORT, edits.html),
    FaultForm("payload: deflated", "compresses the message", Stage.TRANSPORT, edits.deflated),
    FaultForm("payload: url-encoded", "encodes it for a URL once too often", Stage.TRANSPORT, edits.url_encoded),
    FaultForm("payload: truncated", "posts the first half", Stage.TRANSPORT, edits.truncated),
)
KINDS: tuple[str, ...] = tuple(dict.fromkeys(form.kind for form in FAULTS))
_SPAN = re.compile(r"([+-]?\d{1,12})(ms|s|m|h|d)")
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST_SHIFT = timedelta(days=36_500)
_PATH = re.compile(r"/?\w+(\[[1-9]\d{0,3}\])?(/\w+(\[[1-9]\d{0,3}\])?)*")
_XML_NAME = re.compile(r"[A-Za-z_][\w.-]*")
# What YAML reads as the same text without quotes, within braces, too.
_PLAIN = re.compile(r"[^\W\d][\w.@/+=*()-]*(?:(?: +|:+)[\w.@/+=*()-]+)*|[+-]?\d+[a-z]+")
_NO_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off"})
# Compiled when one is looked for: that takes as long as importing a module.
_NO_XML_CHARACTER = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


def carry_out(faults: Sequence[Fault], stage: Stage, draft: Draft) -> Draft:
    """Returns a draft with the faults of one stage applied: by kind in the table's order, otherwise in the given order.

    Raises:
        FederationError: a fault would change nothing.
    """
    for fault in sorted(faults, key=lambda each: KINDS.index(each.form.kind)):
        if fault.form.stage is stage:
            draft = fault.form.act(draft, fault)
    return draft


def parse_fault(data: Any) -> Fault:
    """Reads a fault from data such as ``{"attribute": "Role", "remove": True}``.

    Raises:
        FederationError: it matches none of the forms in the table.
    """
    if not isinstance(data, Mapping):
        raise FederationError("a fault is a mapping", expected="{attribute: RoleSessionName, set: hanako sato}")
    return replace(_read(data), written=written(data))


def written(data: Mapping[str, Any]) -> str:
    """Returns a fault in one line of YAML, as people write it: a value is in quotes if it would be read as another."""
    return "{" + ", ".join(f"{name}: {_written_value(value)}" for name, value in data.items()) + "}"


def _written_value(value: Any) -> str:
    is_plain = isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _NO_TEXT
    return value if is_plain else json.dumps(value, ensure_ascii=False, default=str)


def _read(data: Mapping[str, Any]) -> Fault:
    kinds = [name for name in data if name in KINDS]
    if len(kinds) != 1:
        near = difflib.get_close_matches(str(next(iter(data), "")), KINDS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise FederationError(
            f"this is not a fault: {dict(data)}{hint}",
            expected="exactly one of " + ", ".join(KINDS),
            fix="Choose one that fedemu login --fault help lists.",
        )
    kind = kinds[0]
    forms = [form for form in FAULTS if form.kind == kind]
    _require_known_keys(kind, forms, data)
    target = _text(data[kind], of=kind)
    if len(forms[0].parts) > 1:
        return _change(forms, target, data)
    if not forms[0].variant:
        return Fault(forms[0], target, shift=_shift(target))
    form = next((form for form in forms if form.variant == target), None)
    if form is None:
        expected = "; ".join(f"{form.variant} {form.description}" for form in forms)
        raise FederationError(f"there is no {kind} {target}", expected=expected, received=target)
    return Fault(form, target)


def _require_known_keys(kind: str, forms: Sequence[FaultForm], data: Mapping[str, Any]) -> None:
    known = {key for form in forms for key in form.parts}
    unknown = set(data) - known
    if unknown:
        expected = ", ".join(sorted(known - {kind})) or f"nothing beside {kind}"
        raise FederationError(
            f"a fault of kind {kind} has no {', '.join(sorted(map(str, unknown)))}", expected=expected
        )


def _change(forms: Sequence[FaultForm], target: str, data: Mapping[str, Any]) -> Fault:
    """Reads a fault that has a target and an operation, such as ``set``."""
    operations = tuple(dict.fromkeys(list(form.parts)[-1] for form in forms))
    given = [operation for operation in operations if operation in data]
    if len(given) != 1:
        raise FederationError(
            f"a fault does exactly one thing: {dict(data)}", expected="one of " + ", ".join(operations)
        )
    operation, has_name = given[0], "attribute_name" in data
    plain = next(form for form in forms if list(form.parts)[-1] == operation)
    values = _values(operation, data[operation], takes=plain.parts[operation])
    name = _text(data["attribute_name"], of="attribute_name") if has_name else ""
    if plain.parts[plain.kind] == "PATH" and not _PATH.fullmatch(target):
        raise FederationError(
            f"{target} is not a path", expected="local names such as Assertion/Subject/NameID", received=target
        )
    if has_name and not _XML_NAME.fullmatch(name):
        raise FederationError(f"{name} is not the name of an XML attribute", expected="Recipient", received=name)
    form = next((f for f in forms if operation in f.parts and ("attribute_name" in f.parts) is has_name), None)
    if form is None:
        raise FederationError(f"{operation} is for elements, not for XML attributes", expected="set or remove")
    return Fault(form, target, values, name)


def _values(operation: str, value: Any, *, takes: str) -> tuple[str, ...]:
    """Returns the texts of an operation: none where it is given as true, several where the form takes TEXTS."""
    if takes == "true":
        if value is not True:
            raise FederationError(f"{operation} is said with true", expected=f"{operation}: true", received=str(value))
        return ()
    values = tuple(_text(each, of=operation) for each in (value if isinstance(value, list) else [value]))
    if not values:
        raise FederationError(f"{operation} needs a text", expected=f"{operation}: hanako", received="[]")
    if len(values) > 1 and takes == "TEXT":
        raise FederationError(f"{operation} takes one text here", expected=f"{operation}: {values[0]}")
    return values


def _text(value: Any, *, of: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FederationError(f"{of} takes text, in quotes if need be", expected=f'{of}: "…"', received=repr(value))
    text = str(value)
    strange = re.search(_NO_XML_CHARACTER, text)
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
        raise FederationError(f"{text} is not a length of time", expected="-6m, +90s, 2h, 1d", received=text)
    try:
        shift = timedelta(**{_UNITS[match[2]]: int(match[1])})
    except OverflowError:
        shift = timedelta.max
    if abs(shift) > _LONGEST_SHIFT:
        raise FederationError(f"{text} is too far away", expected="at most 36500d either way", received=text)
    return shift


class InjectedFaults:
    """The faults that the next assertions about a user for an app get, until they are cleared."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: dict[tuple[str, str], tuple[Fault, ...]] = {}
        self._of_thread = threading.local()

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Within a with block, keeps the faults that this thread injects to itself, and forgets them afterwards."""
        self._of_thread.faults = {}
        try:
            yield
        finally:
            del self._of_thread.faults

    def inject(self, app: str, login: str, faults: Sequence[Fault]) -> None:
        """Sets the faults of every assertion about ``login`` to ``app``, replacing earlier ones."""
        own = self._own
        if own is not None:
            own[app, login] = tuple(faults)
            return
        with self._lock:
            self._faults[app, login] = tuple(faults)

    def take(self, other: InjectedFaults) -> None:
        """Takes over the faults of another org's copy, replacing its own."""
        with other._lock:
            faults = {**other._faults, **(other._own or {})}
        with self._lock:
            self._faults = faults

    def clear(self) -> None:
        """Removes every fault."""
        with self._lock:
            self._faults.clear()

    @property
    def planted(self) -> Mapping[tuple[str, str], tuple[Fault, ...]]:
        """Every fault there is, by app and login."""
        with self._lock:
            return dict(self._faults)

    def of(self, app: str, login: str) -> tuple[Fault, ...]:
        """Returns the faults that an assertion about ``login`` to ``app`` gets."""
        own = self._own
        if own is not None and (app, login) in own:
            return own[app, login]
        with self._lock:
            return self._faults.get((app, login), ())

    @property
    def _own(self) -> dict[tuple[str, str], tuple[Fault, ...]] | None:
        found: dict[tuple[str, str], tuple[Fault, ...]] | None = getattr(self._of_thread, "faults", None)
        return found
