"""Forged messages, and the shapes of signature that forgeries are tried on."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from lxml import etree

from tests.attacks.message import (
    AWS_ATTRIBUTES,
    DS,
    FORGED_NAME,
    INCLUSIVE,
    MORE,
    SAML,
    SHA256,
    XMLDSIG,
    Message,
    Signing,
    remove,
)

Element = etree._Element
_TRANSFORMS = (
    '<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>',
    f'<Transform Algorithm="{INCLUSIVE}"/>',
)


def forge(element: Element) -> Element:
    """Returns a copy of a Response or an assertion about the attacker, without signatures and with other IDs."""
    forged = copy.deepcopy(element)
    for signature in list(forged.iter(f"{DS}Signature")):
        parent = signature.getparent()
        assert parent is not None
        parent.remove(signature)
    for each in forged.iter():
        if each.get("ID"):
            each.set("ID", each.get("ID", "") + "_forged")
    for name_id in forged.iter(f"{SAML}NameID"):
        name_id.text = FORGED_NAME
    for attribute in forged.iter(f"{SAML}Attribute"):
        if attribute.get("Name") == f"{AWS_ATTRIBUTES}RoleSessionName":
            attribute[0].text = FORGED_NAME
    return forged


def holder(tag: str, *children: Element) -> Element:
    """Returns a new element around others."""
    element = etree.Element(tag)
    element.extend(children)
    return element


def take_signature(element: Element) -> Element:
    """Takes the signature out of an element, and returns it."""
    signature = next(element.iterchildren(f"{DS}Signature"))
    element.remove(signature)
    return signature


def _inclusive(of: str) -> Signing:
    return Signing(of, c14n=INCLUSIVE, transforms=_TRANSFORMS)


# The shapes that are taken, for the assertion and for the Response.
ASSERTION_SHAPES: Sequence[tuple[str, Message]] = (
    ("exclusive", Message((Signing("Assertion"),))),
    ("inclusive", Message((_inclusive("Assertion"),))),
    ("elliptic", Message((Signing("Assertion", "ec256", method=f"{MORE}ecdsa-sha256"),), provider="idp-ec")),
    (
        "SHA-1",
        Message((Signing("Assertion", method=f"{XMLDSIG}rsa-sha1", digest=f"{XMLDSIG}sha1"),), provider="idp-sha1"),
    ),
)
RESPONSE_SHAPES: Sequence[tuple[str, Message]] = (
    ("after the Issuer", Message((Signing("Response"),))),
    ("without an Issuer", Message((Signing("Response", place=0),), (remove("Issuer"),))),
    ("last", Message((Signing("Response", place=-1),))),
    ("last without an Issuer", Message((Signing("Response", place=-1),), (remove("Issuer"),))),
    ("inclusive", Message((_inclusive("Response"),))),
    (
        "elliptic",
        Message((Signing("Response", "ec384", method=f"{MORE}ecdsa-sha384", digest=SHA256),), provider="idp-ec"),
    ),
)
