"""What a recorded message says, read leniently: a message that AWS refused is read as far as it goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from datetime import datetime

from lxml import etree

from emulator.kernel.records import dataclass
from emulator.recordings.message_bytes import deflated, is_message, lenient_base64
from sp_mock.assertion.received import UnusableResponse, decode
from sp_mock.instants import parse_instant
from sp_mock.xml import DS, SAML, SAMLP, UnreadableXml, is_web_page, read_xml, text_of

AWS_ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_BEGINNING = 4000
_ROOT_TAG = re.compile(r"<(?:[\w.-]+:)?Response\b[^>]*>")


@dataclass(frozen=True, slots=True)
class RecordedAttribute:
    """An attribute of the recorded assertion, with its values as text."""

    name: str
    name_format: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A SubjectConfirmation; what it lacks is None."""

    method: str
    recipient: str | None
    not_on_or_after: str | None


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """What a message says. What it does not say is empty, or None where an empty text is something else.

    Args:
        payload: The fault ``payload`` that describes a field without a readable message; empty for one that is.
        is_encrypted: Whether the assertion is, so that nobody without the key knows what it says.
        assertions: How many assertions it has.
        issuer: The assertion's, or else the Response's.
        response_issuer: The Response's own; None where it has none.
        signed: The elements that carry a signature.
        layout: In which order Okta wrote: ``2020``, or ``2018`` until 2019.
        instants: The texts of NotBefore, NotOnOrAfter and others, by the path of the element and the name.
        versions: The Version of the Response and of the assertion; None where it is not there.
    """

    payload: str = ""
    is_encrypted: bool = False
    assertions: int = 0
    issuer: str = ""
    response_issuer: str | None = None
    issuer_format: str = ""
    name_id: str | None = None
    name_id_format: str = ""
    attributes: tuple[RecordedAttribute, ...] = ()
    audiences: tuple[str, ...] | None = None
    confirmations: tuple[Confirmation, ...] = ()
    destination: str | None = None
    issued_at: datetime | None = None
    instants: tuple[tuple[str, str, str], ...] = ()
    signed: tuple[str, ...] = ()
    uses_sha1: bool = False
    layout: str = "2020"
    authn_context: str = ""
    status: str | None = None
    versions: tuple[str | None, str | None] = field(default=("2.0", "2.0"))

    @property
    def recipient(self) -> str:
        """The Recipient of the bearer confirmation, or of any."""
        in_order = sorted(self.confirmations, key=lambda each: each.method != BEARER)
        return next((each.recipient for each in in_order if each.recipient), "")

    def attribute(self, short_name: str) -> RecordedAttribute | None:
        """Returns AWS's attribute of this name."""
        wanted = AWS_ATTRIBUTES + short_name
        return next((each for each in self.attributes if each.name == wanted), None)

    def values(self, short_name: str) -> tuple[str, ...]:
        """Returns the values of AWS's attribute of this name."""
        found = self.attribute(short_name)
        return found.values if found is not None else ()

    @property
    def is_readable(self) -> bool:
        """Whether what the assertion says is known."""
        return self.assertions > 0 and not self.is_encrypted


def read_message(saml_response: str) -> MessageFacts:
    """Reads a recorded SAMLResponse, as far as it goes.

    Args:
        saml_response: The form field as it was posted.
    """
    payload, xml = "", b""
    try:
        xml = decode(saml_response)
    except UnusableResponse:
        xml = lenient_base64(saml_response)
        payload = _wrong_field(saml_response, xml)
    root, broken = _root_of(xml)
    if root is None:
        return MessageFacts(payload=payload or broken)
    return _facts(root, xml, payload or broken)


def _wrong_field(saml_response: str, data: bytes) -> str:
    if not saml_response.strip():
        return "empty"
    if "%" in saml_response:
        return "url-encoded"
    if len("".join(saml_response.split())) > 100_000 and is_message(data):
        return "oversized"
    return "truncated" if is_message(data) else "not-base64"


def _root_of(xml: bytes) -> tuple[etree._Element | None, str]:
    """Returns the root of a message and the fault that describes it; of a broken message, what is left of it."""
    try:
        root = read_xml(xml)
    except UnreadableXml as error:
        inflated, _ = deflated(xml)
        if is_message(inflated):
            return _root_of(inflated)[0], "deflated"
        text = xml.decode("utf-8", "replace")
        if is_web_page(text):
            return None, "html"
        payload = "truncated"
        if "DOCTYPE" in str(error) or "<!DOCTYPE" in text[:_BEGINNING]:
            payload = "entity-bomb" if "<!ENTITY" in text[:_BEGINNING] else "doctype"
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
        try:
            recovered = etree.fromstring(xml, parser) if is_message(xml) else None
        except (etree.XMLSyntaxError, ValueError):
            recovered = None
        return recovered, payload if recovered is not None else "not-xml"
    if etree.QName(root).localname == "html":
        return None, "html"
    return root, ""


def _facts(root: etree._Element, xml: bytes, payload: str) -> MessageFacts:
    assertions = list(root.iter(f"{SAML}Assertion"))
    assertion = assertions[0] if assertions else None
    response = root if root.tag == f"{SAMLP}Response" else None
    issuer = _child(assertion, "Issuer")
    own_issuer = None if response is None else response.find(f"{SAML}Issuer")
    name_id = None if assertion is None else assertion.find(f"{SAML}Subject/{SAML}NameID")
    named = issuer if issuer is not None else own_issuer
    methods = [each.get("Algorithm", "") for each in root.iter(f"{DS}SignatureMethod")]
    status = None if response is None else response.find(f"{SAMLP}Status/{SAMLP}StatusCode")
    authn_context = next(root.iter(f"{SAML}AuthnContextClassRef"), None)
    return MessageFacts(
        payload=payload,
        is_encrypted=next(root.iter(f"{SAML}EncryptedAssertion"), None) is not None and assertion is None,
        assertions=len(assertions),
        issuer="" if named is None else text_of(named),
        response_issuer=None if own_issuer is None else text_of(own_issuer),
        issuer_format="" if named is None else named.get("Format", ""),
        name_id=None if name_id is None else text_of(name_id),
        name_id_format="" if name_id is None else name_id.get("Format", ""),
        attributes=tuple(_attributes(assertion)),
        audiences=_audiences(assertion),
        confirmations=tuple(_confirmations(assertion)),
        destination=root.get("Destination"),
        issued_at=_instant((assertion if assertion is not None else root).get("IssueInstant")),
        instants=tuple(_instants(assertion)),
        signed=tuple(_signed(response, assertion)),
        uses_sha1=any(each.endswith("#rsa-sha1") for each in methods),
        layout=_layout(xml),
        authn_context="" if authn_context is None else text_of(authn_context),
        status=None if status is None else status.get("Value"),
        versions=(root.get("Version"), None if assertion is None else assertion.get("Version")),
    )


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    return None if element is None else element.find(f"{SAML}{name}")


def _attributes(assertion: etree._Element | None) -> Iterator[RecordedAttribute]:
    for each in assertion.iter(f"{SAML}Attribute") if assertion is not None else ():
        values = (text_of(value) for value in each.iterchildren(f"{SAML}AttributeValue"))
        yield RecordedAttribute(each.get("Name", ""), each.get("NameFormat", ""), tuple(values))


def _audiences(assertion: etree._Element | None) -> tuple[str, ...] | None:
    if assertion is None or next(assertion.iter(f"{SAML}AudienceRestriction"), None) is None:
        return None
    return tuple(text_of(each) for each in assertion.iter(f"{SAML}Audience"))


def _confirmations(assertion: etree._Element | None) -> Iterator[Confirmation]:
    for each in assertion.iter(f"{SAML}SubjectConfirmation") if assertion is not None else ():
        data = each.find(f"{SAML}SubjectConfirmationData")
        recipient = None if data is None else data.get("Recipient")
        end = None if data is None else data.get("NotOnOrAfter")
        yield Confirmation(each.get("Method", ""), recipient, end)


def _instants(assertion: etree._Element | None) -> Iterator[tuple[str, str, str]]:
    """Yields the limits in time that an assertion says: the path of the element, the name, the text."""
    if assertion is None:
        return
    conditions = _child(assertion, "Conditions")
    data = assertion.find(f"{SAML}Subject/{SAML}SubjectConfirmation/{SAML}SubjectConfirmationData")
    statement = _child(assertion, "AuthnStatement")
    places = (
        (conditions, "Assertion/Conditions", ("NotBefore", "NotOnOrAfter")),
        (data, "Assertion/Subject/SubjectConfirmation/SubjectConfirmationData", ("NotBefore", "NotOnOrAfter")),
        (statement, "Assertion/AuthnStatement", ("SessionNotOnOrAfter", "AuthnInstant")),
        (assertion, "Assertion", ("IssueInstant",)),
    )
    for element, path, names in places:
        for name in names:
            text = None if element is None else element.get(name)
            if text is not None:
                yield path, name, text


def _instant(text: str | None) -> datetime | None:
    return None if text is None else parse_instant(text)


def _signed(response: etree._Element | None, assertion: etree._Element | None) -> Iterator[str]:
    for name, element in (("Response", response), ("Assertion", assertion)):
        if element is not None and element.find(f"{DS}Signature") is not None:
            yield name


def _layout(xml: bytes) -> str:
    """Returns in which order Okta wrote a Response: namespaces first until 2019, attributes first since 2020."""
    found = _ROOT_TAG.search(xml[:_BEGINNING].decode("utf-8", "replace"))
    if found is None or "xmlns:saml2p=" not in found[0]:
        return "2020"
    first = found[0].find(" ID=")
    return "2018" if 0 <= found[0].find("xmlns:saml2p=") < first else "2020"
