"""The fields of a message outside its attributes, for editing: who, for whom, where to, and when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Final

from lxml import etree

from emulator.kernel.clock import instant, parse_span
from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from sp_mock.xml import SAML, SAMLP, UnreadableXml, read_xml

_ASSERTION = f"{SAML}Assertion"
_SUBJECT = f"{_ASSERTION}/{SAML}Subject"
_CONFIRMATION = f"{_SUBJECT}/{SAML}SubjectConfirmation"
_CONDITIONS = f"{_ASSERTION}/{SAML}Conditions"
_STATEMENT = f"{_ASSERTION}/{SAML}AuthnStatement"
# The name of a field, its element, and its XML attribute; none for the element's text.
_FIELDS: Final = (
    ("Response Issuer", f"{SAML}Issuer", ""),
    ("Response IssueInstant", ".", "IssueInstant"),
    ("Destination", ".", "Destination"),
    ("InResponseTo", ".", "InResponseTo"),
    ("StatusCode", f"{SAMLP}Status/{SAMLP}StatusCode", "Value"),
    ("Issuer", f"{_ASSERTION}/{SAML}Issuer", ""),
    ("IssueInstant", _ASSERTION, "IssueInstant"),
    ("NameID", f"{_SUBJECT}/{SAML}NameID", ""),
    ("NameID Format", f"{_SUBJECT}/{SAML}NameID", "Format"),
    ("SubjectConfirmation Method", _CONFIRMATION, "Method"),
    ("Recipient", f"{_CONFIRMATION}/{SAML}SubjectConfirmationData", "Recipient"),
    ("SubjectConfirmationData NotBefore", f"{_CONFIRMATION}/{SAML}SubjectConfirmationData", "NotBefore"),
    ("SubjectConfirmationData NotOnOrAfter", f"{_CONFIRMATION}/{SAML}SubjectConfirmationData", "NotOnOrAfter"),
    ("SubjectConfirmationData InResponseTo", f"{_CONFIRMATION}/{SAML}SubjectConfirmationData", "InResponseTo"),
    ("Conditions NotBefore", _CONDITIONS, "NotBefore"),
    ("Conditions NotOnOrAfter", _CONDITIONS, "NotOnOrAfter"),
    ("Audience", f"{_CONDITIONS}/{SAML}AudienceRestriction/{SAML}Audience", ""),
    ("AuthnInstant", _STATEMENT, "AuthnInstant"),
    ("SessionIndex", _STATEMENT, "SessionIndex"),
    ("SessionNotOnOrAfter", _STATEMENT, "SessionNotOnOrAfter"),
    ("AuthnContextClassRef", f"{_STATEMENT}/{SAML}AuthnContext/{SAML}AuthnContextClassRef", ""),
)
_INSTANTS: Final = frozenset({"IssueInstant", "NotBefore", "NotOnOrAfter", "AuthnInstant", "SessionNotOnOrAfter"})
_MOST_FIELDS = 100
_SHIFT = re.compile(r"[+-]\d{1,9}(?:ms|s|m|h|d)")


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Args:
        number: Position in the message, from 0.
        name: Name in SAML's words.
        value: Value; empty where the field is absent.
        is_there: Whether it is present, perhaps empty.
        is_instant: Whether it is a point in time.
    """

    number: int
    name: str
    value: str
    is_there: bool
    is_instant: bool


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    element: etree._Element
    attribute: str

    @property
    def text(self) -> str | None:
        return self.element.get(self.attribute) if self.attribute else "".join(map(str, self.element.itertext()))

    @property
    def is_instant(self) -> bool:
        return self.attribute in _INSTANTS

    def write(self, text: str) -> None:
        try:
            if not self.attribute:
                for child in list(self.element):
                    self.element.remove(child)
                self.element.text = text
            elif text:
                self.element.set(self.attribute, text)
            elif self.attribute in self.element.attrib:
                del self.element.attrib[self.attribute]
        except ValueError as error:
            raise FederationError(f"This cannot be in XML: {error}") from None


def fields_of(xml: str) -> tuple[Field, ...]:
    """Returns the fields of a message, present or absent, at most 100; none for an unreadable message."""
    try:
        places = islice(_places(_read(xml)), _MOST_FIELDS)
    except FederationError:
        return ()
    return tuple(
        Field(number, place.name, place.text or "", place.text is not None, place.is_instant)
        for number, place in enumerate(places)
    )


def count_of_fields(xml: str) -> int:
    """Returns the number of a message's fields, present or absent; 0 for an unreadable message."""
    try:
        return sum(1 for _ in _places(_read(xml)))
    except FederationError:
        return 0


def with_fields(xml: str, form: Mapping[str, str]) -> str:
    """Returns a message with the edited fields; the identical text where none was edited.

    Each field is sent with its old value, so that a change of the same value in the XML is not silently lost. An
    attribute that is made empty is removed.

    Args:
        xml: XML of the message.
        form: ``field-0-value`` of each field, with ``field-0-was``. For an instant a value such as ``+10m`` or ``-1h``
            moves it relative to the old one.

    Raises:
        FederationError: a field was edited, and the message cannot be read or has changed at that place.
    """
    changed = [number for number in range(_MOST_FIELDS) if _given(form, number) != _was(form, number)]
    if not changed:
        return xml
    root = _read(xml)
    places = tuple(_places(root))
    for number in changed:
        if number >= len(places) or (places[number].text or "") != _was(form, number):
            name = places[number].name if number < len(places) else str(number + 1)
            raise FederationError(
                f"The field {name} was changed both in its row and in the XML", expected="a change in one of the two"
            )
    for number in changed:
        place, text = places[number], _given(form, number)
        place.write(_moved(_was(form, number), text) if place.is_instant and _SHIFT.fullmatch(text) else text)
    return etree.tostring(root, encoding="unicode")


def _given(form: Mapping[str, str], number: int) -> str:
    return form.get(f"field-{number}-value", "")


def _was(form: Mapping[str, str], number: int) -> str:
    return form.get(f"field-{number}-was", "")


def _moved(was: str, by: str) -> str:
    """Returns an instant moved by a duration, in its original form."""
    try:
        moved = instant(datetime.fromisoformat(was) + parse_span(by))
    except (ValueError, OverflowError):
        raise FederationError(f"{was or 'Nothing'} cannot be moved by {by}", expected="an instant to move") from None
    return moved if "." in was else re.sub(r"\.\d+Z$", "Z", moved)


def _places(root: etree._Element) -> Iterator[_Place]:
    for name, path, attribute in _FIELDS:
        elements = [root] if path == "." else root.findall(path)
        for number, element in enumerate(elements, 1):
            yield _Place(name if len(elements) == 1 else f"{name} ({number})", element, attribute)


def _read(xml: str) -> etree._Element:
    try:
        return read_xml(xml.encode())
    except UnreadableXml as error:
        raise FederationError(f"The XML cannot be read: {error}") from None
