"""The differences between two messages, attribute by attribute: one that works, and one that does not.

Ids, instants and signatures differ from login to login and are left out; how long a message is valid, and how it is
signed, are compared instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from lxml import etree

from emulator.inspection.signature_alone import signed_by
from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from sp_mock.assertion.received import ReceivedResponse, UnreadableMessage, receive
from sp_mock.xml import DS, SAML, SAMLP, UnreadableXml, read_xml, text_of

_IDS = frozenset({"ID", "InResponseTo", "SessionIndex", "AssertionID", "ResponseID", "Id"})
_INSTANTS = frozenset({"IssueInstant", "NotBefore", "NotOnOrAfter", "AuthnInstant", "SessionNotOnOrAfter"})
_UNCOUNTED = frozenset({f"{SAML}Attribute", f"{SAML}AttributeValue"})
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_ENCRYPTED = "{http://www.w3.org/2001/04/xmlenc#}"


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where two messages differ.

    Args:
        place: Path, or a description of what was compared.
        good: Text in the first; empty where it has nothing there.
        bad: Text in the second.
    """

    place: str
    good: tuple[str, ...]
    bad: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The difference as JSON data."""
        return {"place": self.place, "good": list(self.good), "bad": list(self.bad)}


def differences(good: str, bad: str) -> tuple[Difference, ...]:
    """Returns what differs between two messages, in the order of the first.

    Args:
        good: SAMLResponse in base64.
        bad: SAMLResponse in base64.

    Raises:
        FederationError: one of them cannot be read.
    """
    one, other = _values(good, "first"), _values(bad, "second")
    places = dict.fromkeys((*one, *other))
    found = (Difference(place, one.get(place, ()), other.get(place, ())) for place in places)
    return tuple(each for each in found if Counter(each.good) != Counter(each.bad))


def _values(saml_response: str, which: str) -> dict[str, tuple[str, ...]]:
    """Returns the values of a message by place; a repeated place has several values."""
    message = receive(saml_response)
    try:
        root = message.root if isinstance(message, ReceivedResponse) else read_xml(message.xml)
    except UnreadableXml:
        mistake = message.mistake.explanation if isinstance(message, UnreadableMessage) else ""
        raise FederationError(
            f"The {which} message cannot be compared", explanation=mistake, expected="two messages that are XML"
        ) from None
    values: dict[str, list[str]] = {}
    for place, value in (*_of_element(root, ""), *_derived(message, root)):
        values.setdefault(place, []).append(value)
    return {place: tuple(each) for place, each in values.items()}


def _of_element(element: etree._Element, path: str) -> Iterator[tuple[str, str]]:
    here = f"{path}/{etree.QName(element).localname}"
    if element.tag == f"{SAML}Attribute":
        here = f"{here}[{element.get('Name', '')}]"
    if element.tag not in _UNCOUNTED or not len(element):
        yield from _own(element, here)
    elif element.tag == f"{SAML}Attribute" and element.get("NameFormat"):
        yield f"{here}/@NameFormat", element.get("NameFormat", "")
    for child in element:
        if not isinstance(child.tag, str) or child.tag.startswith((DS, _ENCRYPTED)):
            continue
        yield from _of_element(child, here)


def _own(element: etree._Element, here: str) -> Iterator[tuple[str, str]]:
    """Yields an element's XML attributes and its text."""
    for name, value in element.attrib.items():
        local = etree.QName(name).localname
        if local not in _IDS | _INSTANTS and name != _TYPE and not (local == "Name" and here.endswith("]")):
            yield f"{here}/@{local}", str(value)
    text = text_of(element).strip() if not len(element) else ""
    if element.tag == f"{SAML}AttributeValue" and not len(element):
        yield here, text_of(element)
    elif text:
        yield here, text
    elif not len(element) and not element.attrib:
        yield here, ""


def _derived(message: ReceivedResponse | UnreadableMessage, root: etree._Element) -> Iterator[tuple[str, str]]:
    """Yields what is compared instead of signatures and instants."""
    yield "how it is signed", _how_signed(message, root)
    if root.find(f"{SAML}EncryptedAssertion") is not None:
        yield "the assertion", "encrypted"
    if not isinstance(message, ReceivedResponse):
        return
    values = message.unverified
    issued = values.issue_instant
    ends: tuple[tuple[str, datetime | None], ...] = (
        ("Conditions/@NotBefore", values.not_before),
        ("Conditions/@NotOnOrAfter", values.not_on_or_after),
        *(("SubjectConfirmationData/@NotOnOrAfter", each.not_on_or_after) for each in values.bearer_confirmations),
        ("AuthnStatement/@SessionNotOnOrAfter", values.session_not_on_or_after),
    )
    for name, end in ends:
        if end is not None and issued is not None:
            yield f"{name}, counted from IssueInstant", _seconds((end - issued).total_seconds())
    if message.root.get("InResponseTo"):
        yield "answers a request (InResponseTo)", "yes"


def _seconds(length: float) -> str:
    # One vendor adds a millisecond.
    return f"{round(length):+d} s"


def _how_signed(message: ReceivedResponse | UnreadableMessage, root: etree._Element) -> str:
    if isinstance(message, ReceivedResponse) and (told := signed_by(message)):
        return told
    signed = [
        etree.QName(each).localname
        for each in (root, *root.iterchildren(f"{SAML}Assertion"), *root.iterchildren(f"{SAMLP}Response"))
        if each.find(f"{DS}Signature") is not None
    ]
    return " and ".join(signed) or "not at all"
