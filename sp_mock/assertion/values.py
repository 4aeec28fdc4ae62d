"""What an assertion says, read once from its element: the values that checks, policies and pages need.

Values are no proof of who wrote them. Those of a received message are unverified; a ``VerifiedAssertion`` holds the
ones that a signature covers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime

from lxml import etree

from emulator.kernel.records import dataclass
from sp_mock.instants import parse_instant
from sp_mock.xml import SAML, text_of

AWS_ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
ROLE = AWS_ATTRIBUTES + "Role"
ROLE_SESSION_NAME = AWS_ATTRIBUTES + "RoleSessionName"
SESSION_DURATION = AWS_ATTRIBUTES + "SessionDuration"
SOURCE_IDENTITY = AWS_ATTRIBUTES + "SourceIdentity"
TRANSITIVE_TAG_KEYS = AWS_ATTRIBUTES + "TransitiveTagKeys"
PRINCIPAL_TAG = AWS_ATTRIBUTES + "PrincipalTag:"

BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
ASSERTION_PATH = "/Response/Assertion"
CONDITIONS_PATH = f"{ASSERTION_PATH}/Conditions"
CONFIRMATION_DATA_PATH = f"{ASSERTION_PATH}/Subject/SubjectConfirmation/SubjectConfirmationData"
AUTHN_STATEMENT_PATH = f"{ASSERTION_PATH}/AuthnStatement"
_ATTRIBUTE_PATH = ASSERTION_PATH + "/AttributeStatement/Attribute[@Name='{}']"
_ISSUER, _SUBJECT, _NAME_ID = f"{SAML}Issuer", f"{SAML}Subject", f"{SAML}NameID"
_CONFIRMATION, _CONFIRMATION_DATA = f"{SAML}SubjectConfirmation", f"{SAML}SubjectConfirmationData"
_CONDITIONS, _RESTRICTION, _AUDIENCE = f"{SAML}Conditions", f"{SAML}AudienceRestriction", f"{SAML}Audience"
_AUTHN_STATEMENT, _ATTRIBUTE_STATEMENT = f"{SAML}AuthnStatement", f"{SAML}AttributeStatement"
_ATTRIBUTE, _ATTRIBUTE_VALUE = f"{SAML}Attribute", f"{SAML}AttributeValue"
_KNOWN_CONDITIONS = frozenset({_RESTRICTION, f"{SAML}OneTimeUse", f"{SAML}ProxyRestriction"})


class AmbiguousMessage(Exception):
    """A message that can be read in two ways or not be understood; the text says why, ``where`` says where.

    Args:
        where: Path of the element.
        fix: What to change.
    """

    def __init__(self, explanation: str, *, where: str, fix: str) -> None:
        super().__init__(explanation)
        self.explanation = explanation
        self.where = where
        self.fix = fix


@dataclass(frozen=True, slots=True)
class UnreadableInstant:
    """A text where an xs:dateTime is required: where it is, and what it says."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class SubjectConfirmation:
    """One way in which the subject may be confirmed; instants are None when absent or unreadable."""

    method: str
    recipient: str | None
    not_before: datetime | None
    not_on_or_after: datetime | None


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
    """What an assertion says. Absent text is None, absent or unreadable instants are None.

    ``session_not_on_or_after`` is the earliest one when there are several AuthnStatements; ``unreadable_instants`` are
    the instants that are present and cannot be read. Two values are derived from the others, once for all checks that
    ask for them: ``bearer_confirmations`` are the subject confirmations under which the bearer of the assertion is
    accepted as its subject, and ``principal_tags`` are the session tags in document order, key and values.

    Spec: SAML Profiles §3.3, §4.1.4.2
    """

    assertion_id: str
    version: str
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
    unreadable_instants: tuple[UnreadableInstant, ...] = ()
    has_subject: bool = True
    bearer_confirmations: tuple[SubjectConfirmation, ...] = field(init=False, repr=False, compare=False)
    principal_tags: tuple[tuple[str, tuple[str, ...]], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        bearers = tuple(each for each in self.subject_confirmations if each.method == BEARER)
        tags = tuple(
            (attribute.name.removeprefix(PRINCIPAL_TAG), attribute.values)
            for attribute in self.attributes
            if attribute.name.startswith(PRINCIPAL_TAG)
        )
        object.__setattr__(self, "bearer_confirmations", bearers)
        object.__setattr__(self, "principal_tags", tags)

    def attribute(self, name: str) -> Attribute | None:
        """Returns the first attribute with this exact name."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        return None

    def value(self, name: str) -> str | None:
        """Returns the first value of an attribute."""
        attribute = self.attribute(name)
        return attribute.values[0] if attribute and attribute.values else None

    @property
    def recipient(self) -> str | None:
        """The Recipient of the bearer confirmation: the URL the assertion was made for."""
        return next((c.recipient for c in self.bearer_confirmations if c.recipient), None)


def attribute_path(name: str) -> str:
    """Returns the path of an attribute, present or absent."""
    return _ATTRIBUTE_PATH.format(name)


class InstantReader:
    """Reads the instants of a message, and collects those that cannot be read."""

    def __init__(self) -> None:
        self.unreadable: list[UnreadableInstant] = []

    def read(self, element: etree._Element | None, name: str, where: str) -> datetime | None:
        """Returns the instant in an XML attribute, or None when it is absent or cannot be read."""
        text = None if element is None else element.get(name)
        if text is None:
            return None
        moment = parse_instant(text)
        if moment is None:
            self.unreadable.append(UnreadableInstant(f"{where}/@{name}", text))
        return moment


def read_assertion(assertion: etree._Element) -> AssertionValues:
    """Reads every value that the checks judge.

    Raises:
        AmbiguousMessage: an element is repeated that may occur once, or a condition is unknown.

    Spec: SAML Core §2.3.3, §2.5.1.1
    Evidence: assumed
    """
    instants = InstantReader()
    children = _children_of(assertion)
    subject = _only(children, _SUBJECT, ASSERTION_PATH)
    of_subject: Mapping[str, list[etree._Element]] = {} if subject is None else _children_of(subject)
    name_id = _only(of_subject, _NAME_ID, f"{ASSERTION_PATH}/Subject")
    conditions = _only(children, _CONDITIONS, ASSERTION_PATH)
    statements = children.get(_AUTHN_STATEMENT, [])
    authenticated = [instants.read(each, "AuthnInstant", AUTHN_STATEMENT_PATH) for each in statements]
    ends = [instants.read(each, "SessionNotOnOrAfter", AUTHN_STATEMENT_PATH) for each in statements]
    return AssertionValues(
        assertion_id=assertion.get("ID", ""),
        version=assertion.get("Version", ""),
        issuer=_text(_only(children, _ISSUER, ASSERTION_PATH)),
        issue_instant=instants.read(assertion, "IssueInstant", ASSERTION_PATH),
        name_id=_text(name_id),
        name_id_format=None if name_id is None else name_id.get("Format"),
        subject_confirmations=tuple(_subject_confirmations(of_subject.get(_CONFIRMATION, ()), instants)),
        not_before=instants.read(conditions, "NotBefore", CONDITIONS_PATH),
        not_on_or_after=instants.read(conditions, "NotOnOrAfter", CONDITIONS_PATH),
        audience_restrictions=() if conditions is None else tuple(_audience_restrictions(conditions)),
        authn_instant=authenticated[0] if authenticated else None,
        session_not_on_or_after=min((end for end in ends if end is not None), default=None),
        attributes=tuple(
            Attribute(attribute.get("Name", ""), tuple(map(text_of, attribute.iterchildren(_ATTRIBUTE_VALUE))))
            for statement in children.get(_ATTRIBUTE_STATEMENT, ())
            for attribute in statement.iterchildren(_ATTRIBUTE)
        ),
        unreadable_instants=tuple(instants.unreadable),
        has_subject=subject is not None,
    )


def only_child(parent: etree._Element, tag: str, where: str) -> etree._Element | None:
    """Returns the child of this name, or None.

    Raises:
        AmbiguousMessage: there are several.
    """
    return _only({tag: list(parent.iterchildren(tag))}, tag, where)


def _children_of(parent: etree._Element) -> Mapping[str, list[etree._Element]]:
    """Returns the child elements by their names, each name's in document order."""
    children: dict[str, list[etree._Element]] = {}
    for child in parent:
        children.setdefault(child.tag, []).append(child)
    return children


def _only(children: Mapping[str, list[etree._Element]], tag: str, where: str) -> etree._Element | None:
    found = children.get(tag, [])
    if len(found) > 1:
        name = etree.QName(tag).localname
        raise AmbiguousMessage(
            f"There are {len(found)} elements {name} where SAML allows one.",
            where=f"{where}/{name}[2]",
            fix=f"Send one {name} in {where}; a second one was added by a template, a mapping or somebody on the way.",
        )
    return found[0] if found else None


def _subject_confirmations(
    confirmations: Iterable[etree._Element], instants: InstantReader
) -> Iterator[SubjectConfirmation]:
    where = f"{ASSERTION_PATH}/Subject/SubjectConfirmation"
    for confirmation in confirmations:
        data = only_child(confirmation, _CONFIRMATION_DATA, where)
        yield SubjectConfirmation(
            method=confirmation.get("Method", ""),
            recipient=None if data is None else data.get("Recipient"),
            not_before=instants.read(data, "NotBefore", CONFIRMATION_DATA_PATH),
            not_on_or_after=instants.read(data, "NotOnOrAfter", CONFIRMATION_DATA_PATH),
        )


def _audience_restrictions(conditions: etree._Element) -> Iterator[tuple[str, ...]]:
    """Yields the audiences of each restriction; an assertion with an unknown condition is not valid.

    Spec: SAML Core §2.5.1.1
    """
    for condition in conditions.iterchildren():
        if condition.tag == _RESTRICTION:
            yield tuple(map(text_of, condition.iterchildren(_AUDIENCE)))
        elif condition.tag not in _KNOWN_CONDITIONS:
            name = etree.QName(condition).localname
            raise AmbiguousMessage(
                f"The condition {name} is not understood, so nobody can say whether it holds.",
                where=f"{CONDITIONS_PATH}/{name}",
                fix="Take it out of Conditions: AWS reads AudienceRestriction, OneTimeUse and ProxyRestriction there.",
            )


def _text(element: etree._Element | None) -> str | None:
    return None if element is None else text_of(element)
