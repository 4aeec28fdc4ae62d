"""Changes after signing, in every part of a message, on every shape of signature."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from tests.attacks.forgery import ASSERTION_SHAPES, RESPONSE_SHAPES
from tests.attacks.message import (
    AWS_ATTRIBUTES,
    FORGED_NAME,
    Edit,
    Message,
    claim,
    find,
    insert,
    remove,
    role_arn,
    set_attribute,
    set_text,
)
from tests.attacks.table import Attack

_CONFIRMATION = "Assertion/Subject/SubjectConfirmation/SubjectConfirmationData"
_CHANGES: Sequence[tuple[str, Edit]] = (
    ("NameID", set_text("Assertion/Subject/NameID", FORGED_NAME)),
    ("RoleSessionName", claim("RoleSessionName", FORGED_NAME)),
    ("NotOnOrAfter", set_attribute("Assertion/Conditions", "NotOnOrAfter", "2030-01-01T00:00:00Z")),
    ("IssueInstant", set_attribute("Assertion", "IssueInstant", "2026-01-15T08:59:59Z")),
    ("Recipient", set_attribute(_CONFIRMATION, "Recipient", "https://eu-west-1.signin.aws.amazon.com/saml")),
    ("a new attribute", claim("SourceIdentity", "admin")),
    ("a new session tag", claim("PrincipalTag:Admin", "yes")),
    (
        "a second role",
        insert(
            "Assertion/AttributeStatement/Attribute",
            -1,
            f"<saml:AttributeValue>{role_arn('Admin')}</saml:AttributeValue>",
        ),
    ),
    ("no Conditions' NotBefore", set_attribute("Assertion/Conditions", "NotBefore", None)),
    ("no AuthnStatement", remove("Assertion/AuthnStatement")),
    ("a text between elements", lambda root: _tail(root, " ")),
    ("an XML attribute more", set_attribute("Assertion/AttributeStatement/Attribute", "FriendlyName", AWS_ATTRIBUTES)),
)


def _tail(root: etree._Element, text: str) -> None:
    find(root, "Assertion/Subject/NameID").tail = text


def attacks() -> Iterator[Attack]:
    """Yields every change on every shape."""
    for kind, shapes in (("assertion", ASSERTION_SHAPES), ("Response", RESPONSE_SHAPES)):
        for shape, message in shapes:
            for name, edit in _CHANGES:
                changed = Message(message.signings, message.before, (edit,), message.provider)
                yield Attack(
                    f"tampering, {kind}, {shape}: {name}", changed.saml_response, "signature", provider=message.provider
                )
