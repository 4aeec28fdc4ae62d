"""What an assertion says, read once from its element: the values that checks, policies and pages ask for.

Values carry no proof of who wrote them. Those of a received message are unverified; a ``VerifiedAssertion`` holds those
that a signature covers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from sp_mock.instants import parse_instant
from sp_mock.xml import SAML, text_of

AWS_ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
ROLE = AWS_ATTRIBUTES + "Role"
ROLE_SESSION_NAME = AWS_ATTRIBUTES + "RoleSessionName"
SESSION_DURATION = AWS_ATTRIBUTES + "SessionDuration"
SOURCE_IDENTITY = AWS_ATTRIBUTES + "SourceIdentity"
TRANSITIVE_TAG_KEYS = AWS_ATTRIBUTES + "TransitiveTagKeys"
PRINCIPAL_TAG = AWS_ATTRIBUTES + "PrincipalTag:"

CONFIRMATION_DATA_PATH = "/Response/Assertion/Subject/SubjectConfirmation/SubjectConfirmationData"
_ATTRIBUTE_PATH = "/Response/Assertion/AttributeStatement/Attribute[@Name='{}']"


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


def attribute_path(name: str) -> str:
    """Returns the path of an attribute, present or absent."""
    return _ATTRIBUTE_PATH.format(name)


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
