"""A received SAMLResponse: from the form field to an assertion that can be read.

Nothing here is trusted: ``sp_mock.assertion.signature`` says whether the assertion is the one that was signed.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

from sp_mock.instants import parse_instant
from sp_mock.xml import SAML, SAMLP, UnreadableXml, read_xml, text_of

MAX_SAML_RESPONSE_CHARACTERS = 100_000

AWS_ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
ROLE = AWS_ATTRIBUTES + "Role"
ROLE_SESSION_NAME = AWS_ATTRIBUTES + "RoleSessionName"
SESSION_DURATION = AWS_ATTRIBUTES + "SessionDuration"
SOURCE_IDENTITY = AWS_ATTRIBUTES + "SourceIdentity"
TRANSITIVE_TAG_KEYS = AWS_ATTRIBUTES + "TransitiveTagKeys"
PRINCIPAL_TAG = AWS_ATTRIBUTES + "PrincipalTag:"

# Takes an EncryptedAssertion element; returns its plain text and the id of the key that opened it.
Opener = Callable[[Any], tuple[bytes, str]]

_ENCRYPTED = "/Response/EncryptedAssertion"
_ATTRIBUTE_PATH = "/Response/Assertion/AttributeStatement/Attribute[@Name='{}']"


class UnusableResponse(Exception):
    """The field's text is not a SAML response with one assertion; the text says why, ``where`` where."""

    def __init__(self, explanation: str, *, where: str = "/Response") -> None:
        super().__init__(explanation)
        self.explanation = explanation
        self.where = where


@dataclass(frozen=True, slots=True)
class SubjectConfirmation:
    """One way in which the subject may be confirmed; instants are None when absent or malformed."""

    method: str
    recipient: str | None
    not_before: datetime | None
    not_on_or_after: datetime | None
    has_data: bool


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of the assertion with its values as text."""

    name: str
    values: tuple[str, ...]

    @property
    def where(self) -> str:
        """The attribute's path."""
        return attribute_path(self.name)


@dataclass(frozen=True, slots=True)
class AssertionValues:
    """What an assertion says. Absent text is None, absent or malformed instants are None."""

    assertion_id: str
    issuer: str | None
    issue_instant: datetime | None
    name_id: str | None
    name_id_format: str | None
    subject_confirmations: tuple[SubjectConfirmation, ...]
    not_before: datetime | None
    not_on_or_after: datetime | None
    audience_restrictions: tuple[tuple[str, ...], ...]
    authn_instant: datetime | None
    session_not_on_or_after: datetime | None
    attributes: tuple[Attribute, ...]

    def attribute(self, name: str) -> Attribute | None:
        """Returns the first attribute with this exact name."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)

    def value(self, name: str) -> str | None:
        """Returns the first value of an attribute."""
        attribute = self.attribute(name)
        return attribute.values[0] if attribute and attribute.values else None

    @property
    def recipient(self) -> str | None:
        """The Recipient of the subject confirmation: the URL the assertion was made for."""
        return next((c.recipient for c in self.subject_confirmations if c.recipient), None)

    @property
    def principal_tags(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Session tags in document order: key and values."""
        return tuple(
            (attribute.name.removeprefix(PRINCIPAL_TAG), attribute.values)
            for attribute in self.attributes
            if attribute.name.startswith(PRINCIPAL_TAG)
        )


@dataclass(frozen=True, slots=True)
class ReceivedResponse:
    """A parsed Response: its root, its only assertion, and what that assertion says.

    ``opened_with`` is the id of the key that opened an encrypted assertion; the assertion then stands in a tree of its
    own. It is empty for an assertion that came as it is.
    """

    root: etree._Element
    assertion: etree._Element
    reading: AssertionValues
    destination: str | None
    status: str | None
    decrypted_with: str = ""

    @property
    def trees(self) -> tuple[etree._Element, ...]:
        """The roots of everything that was received."""
        own = self.assertion.getroottree().getroot()
        return (self.root, own) if self.decrypted_with else (self.root,)


def attribute_path(name: str) -> str:
    """Returns the path under which an attribute stands or would stand."""
    return _ATTRIBUTE_PATH.format(name)


def decode(saml_response: str) -> bytes:
    """Returns the bytes of a SAMLResponse form field.

    Raises:
        UnusableResponse: more than 100,000 characters, or not base64. Line breaks are allowed, other characters not.

    Spec: SAML Bindings §3.5.4; AWS STS API AssumeRoleWithSAML (4 to 100,000 characters)
    """
    if len(saml_response) > MAX_SAML_RESPONSE_CHARACTERS:
        raise UnusableResponse(
            f"The SAMLResponse has {len(saml_response)} characters; AWS takes {MAX_SAML_RESPONSE_CHARACTERS} at most.",
            where="form field SAMLResponse",
        )
    try:
        data = base64.b64decode("".join(saml_response.split()), validate=True)
    except (binascii.Error, ValueError):
        raise UnusableResponse(_base64_mistake(saml_response), where="form field SAMLResponse") from None
    if not data:
        raise UnusableResponse("The SAMLResponse is empty.", where="form field SAMLResponse")
    return data


def _base64_mistake(text: str) -> str:
    if "%2B" in text.upper() or "%3D" in text.upper() or "%2F" in text.upper():
        return "The SAMLResponse is still URL-encoded (it contains %2B, %2F or %3D)."
    if text.lstrip().startswith("<"):
        return "The SAMLResponse is XML text; the form field carries its base64 form."
    if re.fullmatch(r"[A-Za-z0-9_=\s-]+", text):
        return "The SAMLResponse is base64url; SAML uses plain base64 with + and /."
    stray = re.search(r"[^A-Za-z0-9+/=\s]", text)
    if stray:
        return f"The SAMLResponse has a character that base64 does not have, at position {stray.start()}."
    return "The SAMLResponse is cut off: its base64 padding is wrong."


def parse_response(data: bytes, *, opener: Opener | None = None) -> ReceivedResponse:
    """Parses the XML of a Response and reads its only assertion.

    Args:
        data: The message.
        opener: Decrypts an EncryptedAssertion; without it there must be none.

    Raises:
        UnusableResponse: not XML, a DOCTYPE, no Response at the root, or not exactly one assertion as its child.

    Spec: SAML Core §3.3.3; SAML Profiles §4.1.4.2
    """
    try:
        root = read_xml(data)
    except UnreadableXml as error:
        raise UnusableResponse(f"The SAMLResponse cannot be read: {error}.") from None
    if root.tag != f"{SAMLP}Response":
        raise UnusableResponse(f"The message is {root.tag}, not a SAML 2.0 Response.", where="/")
    assertions = root.findall(f"{SAML}Assertion")
    everywhere = sum(1 for _ in root.iter(f"{SAML}Assertion"))
    encrypted = list(root.iter(f"{SAML}EncryptedAssertion"))
    decrypted_with = ""
    if len(encrypted) == 1 and encrypted[0].getparent() is root and not everywhere and opener is not None:
        assertion, decrypted_with = _open(encrypted[0], opener)
        assertions, encrypted, everywhere = [assertion], [], 1
    if len(assertions) != 1 or everywhere != 1 or encrypted:
        found = f"{everywhere} plain and {len(encrypted)} encrypted" if encrypted else f"{everywhere}"
        raise UnusableResponse(f"A Response must hold exactly one assertion as its own child; this one has {found}.")
    status = root.find(f"{SAMLP}Status/{SAMLP}StatusCode")
    return ReceivedResponse(
        root=root,
        assertion=assertions[0],
        reading=read_assertion(assertions[0]),
        destination=root.get("Destination"),
        status=None if status is None else status.get("Value"),
        decrypted_with=decrypted_with,
    )


def _open(encrypted: etree._Element, opener: Opener) -> tuple[etree._Element, str]:
    """Decrypts an assertion and parses it where it stood: with the namespaces that are in scope there.

    Spec: XML Encryption 1.1 §4.4
    """
    text, key_id = opener(encrypted)
    scope = "".join(
        f" xmlns{f':{prefix}' if prefix else ''}={quoteattr(uri)}" for prefix, uri in encrypted.nsmap.items()
    )
    body = re.sub(rb"^\s*<\?xml[^>]*\?>", b"", text)
    try:
        holder = read_xml(b"<Opened" + scope.encode() + b">" + body + b"</Opened>")
    except UnreadableXml as error:
        raise UnusableResponse(f"The decrypted assertion cannot be read: {error}.", where=_ENCRYPTED) from None
    everywhere = sum(1 for _ in holder.iter(f"{SAML}Assertion"))
    if len(holder) != 1 or everywhere != 1 or holder[0].tag != f"{SAML}Assertion":
        raise UnusableResponse("What was encrypted is not exactly one assertion.", where=_ENCRYPTED)
    return holder[0], key_id


def read_assertion(assertion: etree._Element) -> AssertionValues:
    """Reads every value the checks judge."""
    name_id = assertion.find(f"{SAML}Subject/{SAML}NameID")
    conditions = assertion.find(f"{SAML}Conditions")
    authn = assertion.find(f"{SAML}AuthnStatement")
    return AssertionValues(
        assertion_id=assertion.get("ID", ""),
        issuer=_text(assertion.find(f"{SAML}Issuer")),
        issue_instant=_instant(assertion, "IssueInstant"),
        name_id=_text(name_id),
        name_id_format=None if name_id is None else name_id.get("Format"),
        subject_confirmations=tuple(_subject_confirmations(assertion)),
        not_before=_instant(conditions, "NotBefore"),
        not_on_or_after=_instant(conditions, "NotOnOrAfter"),
        audience_restrictions=()
        if conditions is None
        else tuple(
            tuple(text_of(audience) for audience in restriction.findall(f"{SAML}Audience"))
            for restriction in conditions.findall(f"{SAML}AudienceRestriction")
        ),
        authn_instant=_instant(authn, "AuthnInstant"),
        session_not_on_or_after=_instant(authn, "SessionNotOnOrAfter"),
        attributes=tuple(
            Attribute(
                attribute.get("Name", ""),
                tuple(text_of(value) for value in attribute.findall(f"{SAML}AttributeValue")),
            )
            for attribute in assertion.iterfind(f"{SAML}AttributeStatement/{SAML}Attribute")
        ),
    )


def _subject_confirmations(assertion: etree._Element) -> Iterator[SubjectConfirmation]:
    for confirmation in assertion.iterfind(f"{SAML}Subject/{SAML}SubjectConfirmation"):
        data = confirmation.find(f"{SAML}SubjectConfirmationData")
        yield SubjectConfirmation(
            method=confirmation.get("Method", ""),
            recipient=None if data is None else data.get("Recipient"),
            not_before=_instant(data, "NotBefore"),
            not_on_or_after=_instant(data, "NotOnOrAfter"),
            has_data=data is not None,
        )


def _text(element: etree._Element | None) -> str | None:
    return None if element is None else text_of(element)


def _instant(element: etree._Element | None, attribute: str) -> datetime | None:
    return None if element is None else parse_instant(element.get(attribute, ""))
