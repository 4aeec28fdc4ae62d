"""An edited message: its attributes as rows, its XML as text, signed again, and where it would be posted."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy

from lxml import etree

from emulator.federation import Federation
from emulator.kernel.errors import FederationError
from emulator.kernel.partitions import partition_of_arn
from emulator.kernel.records import dataclass
from emulator.network.hosts import Site
from sp_mock.assertion.login_request import RolePair, role_pairs
from sp_mock.assertion.received import ReceivedResponse, UnusableResponse, decode, receive
from sp_mock.xml import SAML, UnreadableXml, read_xml

_MOST_ROWS = 200
_BREAK = re.compile(r"\r\n?")
_HOST = re.compile(r"https://([^/:?#@]+)(?::443)?/")
_DECLARATION = re.compile(rb"\s*<\?xml[^>]*encoding=[\"'](?!utf-?8[\"'])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One value of an attribute.

    Args:
        number: Position in the message, from 0.
        name: Name of the attribute.
    """

    number: int
    name: str
    value: str


def xml_of(saml_response: str) -> str:
    """Returns a message's XML as editable text; empty where it is not base64 or not text.

    Args:
        saml_response: The form field.
    """
    try:
        data = decode(saml_response)
        # What is posted from here is UTF-8, so no other encoding may be declared.
        if _DECLARATION.match(data) or data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            return etree.tostring(read_xml(data), encoding="unicode")
        return data.decode("utf-8-sig")
    except (UnusableResponse, UnreadableXml, UnicodeDecodeError):
        return ""


def saml_response_of(xml: str) -> str:
    """Returns the form field for a message's XML."""
    return base64.b64encode(xml.encode()).decode()


def rows_of(xml: str) -> tuple[Row, ...]:
    """Returns the values of a message's attributes, at most 200; none for an unreadable message."""
    try:
        root = _read(xml)
    except FederationError:
        return ()
    values = list(_values(root))[:_MOST_ROWS]
    return tuple(Row(number, *_said(value)) for number, value in enumerate(values))


def count_of_rows(xml: str) -> int:
    """Returns the number of values in a message's attributes; 0 for an unreadable message."""
    try:
        return sum(1 for _ in _values(_read(xml)))
    except FederationError:
        return 0


def with_rows(xml: str, form: Mapping[str, str]) -> str:
    """Returns a message with the edited rows; the identical text where none was edited.

    Each row is sent with its old value, so that a change of the same value in the XML is not silently lost.

    Args:
        xml: XML of the message.
        form: ``row-0-name`` and ``row-0-value`` of each row, with ``…-was``; ``new-name`` and ``new-value``.

    Raises:
        FederationError: a row was edited, and the message cannot be read or has changed at that place.
    """
    changed = [number for number in range(_MOST_ROWS) if _of_row(form, number) != _of_row(form, number, "-was")]
    new_name = form.get("new-name", "").strip()
    if not changed and not new_name:
        return xml
    root = _read(xml)
    values = list(_values(root))
    for number in changed:
        if number >= len(values) or _plain(_said(values[number])) != _of_row(form, number, "-was"):
            name = form.get(f"row-{number}-name", "")
            raise FederationError(
                f"The value {number + 1} ({name}) was changed both in its row and in the XML",
                expected="a change in one of the two",
            )
    for number in changed:
        _change(values[number], *_of_row(form, number))
    if new_name:
        _add(root, new_name, _BREAK.sub("\n", form.get("new-value", "")))
    return etree.tostring(root, encoding="unicode")


def signed_again(xml: str, federation: Federation) -> str:
    """Returns a message signed with the key of the app that its Issuer names.

    Raises:
        FederationError: no app of this federation is its issuer, or it cannot be signed.
    """
    root = _read(xml)
    texts = [element.text or "" for element in root.iter(f"{SAML}Issuer")]
    # AWS uses the assertion's Issuer.
    issuer = next((e.text or "" for e in root.iterfind(f"{SAML}Assertion/{SAML}Issuer")), texts[0] if texts else "")
    if not any(each.sign_again(root, issuer) for each in federation.identity_providers.values()):
        known = (app.issuer for each in federation.identity_providers.values() for app in each.org.apps.values())
        raise FederationError(
            f"No app of this federation is the issuer {issuer or '(none)'}, so there is no key to sign with",
            expected=", ".join(sorted(known)),
        )
    return etree.tostring(root, encoding="unicode")


def sign_in_address(saml_response: str, federation: Federation) -> str:
    """Returns where a browser would post a message: its Destination if that is a sign-in page, else AWS's."""
    message = receive(saml_response)
    destination = (message.destination or "") if isinstance(message, ReceivedResponse) else ""
    host = _HOST.match(destination)
    if host is not None and federation.hosts.site(host[1]) is Site.SIGN_IN:
        return destination
    pairs = pairs_of(saml_response)
    return f"https://signin.{partition_of_arn(pairs[0].role_arn if pairs else '').site_domain}/saml"


def pairs_of(saml_response: str) -> tuple[RolePair, ...]:
    """Returns the roles in a message, with their providers."""
    message = receive(saml_response)
    return role_pairs(message.unverified) if isinstance(message, ReceivedResponse) else ()


def _read(xml: str) -> etree._Element:
    try:
        return read_xml(xml.encode())
    except UnreadableXml as error:
        raise FederationError(f"The XML cannot be read: {error}") from None


def _values(root: etree._Element) -> Iterator[etree._Element]:
    for attribute in root.iter(f"{SAML}Attribute"):
        yield from attribute.iterchildren(f"{SAML}AttributeValue")


def _said(value: etree._Element) -> tuple[str, str]:
    attribute = value.getparent()
    return (attribute.get("Name", "") if attribute is not None else ""), "".join(map(str, value.itertext()))


def _plain(said: tuple[str, str]) -> tuple[str, str]:
    """Returns a name and a value as a form sends them: with one kind of line break."""
    return _BREAK.sub("\n", said[0]), _BREAK.sub("\n", said[1])


def _of_row(form: Mapping[str, str], number: int, suffix: str = "") -> tuple[str, str]:
    return _plain((form.get(f"row-{number}-name{suffix}", ""), form.get(f"row-{number}-value{suffix}", "")))


def _change(value: etree._Element, name: str, text: str) -> None:
    """Changes a value's text or its attribute's name; with an empty name the value is removed."""
    attribute = value.getparent()
    if attribute is None:
        return
    if not name:
        attribute.remove(value)
        statement = attribute.getparent()
        if not len(attribute) and statement is not None:
            statement.remove(attribute)
        return
    _set(attribute, name)
    if text != _plain(_said(value))[1]:
        for child in list(value):
            value.remove(child)
        _set_text(value, text)


def _add(root: etree._Element, name: str, text: str) -> None:
    """Adds a value to the attribute of that name, or a new attribute in the form of the others."""
    statement = root.find(f".//{SAML}AttributeStatement")
    if statement is None:
        raise FederationError("An attribute cannot be added: there is no AttributeStatement")
    attributes = statement.findall(f"{SAML}Attribute")
    attribute = next((each for each in attributes if each.get("Name") == name), None)
    if attribute is None:
        attribute = deepcopy(attributes[0]) if attributes else etree.Element(f"{SAML}Attribute")
        attribute.tail = None
        for child in list(attribute)[1:]:
            attribute.remove(child)
        _set(attribute, name)
        statement.append(attribute)
        value = attribute[0] if len(attribute) else etree.SubElement(attribute, f"{SAML}AttributeValue")
    else:
        value = deepcopy(attribute[-1]) if len(attribute) else etree.Element(f"{SAML}AttributeValue")
        attribute.append(value)
    for child in list(value):
        value.remove(child)
    _set_text(value, text)


def _set(attribute: etree._Element, name: str) -> None:
    try:
        attribute.set("Name", name)
    except ValueError as error:
        raise FederationError(f"This cannot be in XML: {error}") from None


def _set_text(value: etree._Element, text: str) -> None:
    try:
        value.text = text
    except ValueError as error:
        raise FederationError(f"This cannot be in XML: {error}") from None
