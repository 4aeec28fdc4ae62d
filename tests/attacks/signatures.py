"""Signatures with other references, transforms and structures than SAML's.

The trusted key made most of them, so that only their shape speaks against them: what they cover is not what SAML means.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence

from lxml import etree

from tests.attacks.forgery import Element, forge
from tests.attacks.message import (
    ENVELOPED,
    EXCLUSIVE,
    SAMLP,
    XMLDSIG,
    Edit,
    Message,
    Signing,
    find,
    insert,
    remove,
    set_attribute,
    set_text,
)
from tests.attacks.table import Attack

_INFO = "Assertion/Signature/SignedInfo"
_XPATH = '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>{}</XPath></Transform>'
_FILTER_2 = (
    '<Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"><XPath xmlns="http://www.w3.org/2002/06/xmldsig-'
    'filter2" Filter="intersect">//*[local-name()=\'Issuer\']</XPath></Transform>'
)
_XSLT = (
    '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet version="1.0" '
    'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><x/></xsl:template></xsl:stylesheet>'
    "</Transform>"
)
_ENVELOPED = f'<Transform Algorithm="{ENVELOPED}"/>'
_EXCLUSIVE = f'<Transform Algorithm="{EXCLUSIVE}"/>'


# --- references and transforms: what is signed, by the trusted key ----------------------------------------------------


def _with_transforms(*transforms: str) -> Message:
    return Message((Signing("Assertion", transforms=transforms),))


def _xpath(expression: str) -> str:
    return _XPATH.format(expression)


def _references() -> Iterator[tuple[str, Message]]:
    for uri in ("", "#xpointer(/)", "#xpointer(id('_assertion'))", "#_response"):
        yield f"the assertion's Reference is {uri!r}", Message((Signing("Assertion", uri=uri),))
    yield "the Response's Reference is the assertion", Message((Signing("Response", uri="#_assertion"),))
    yield "the Response's Reference is the whole document", Message((Signing("Response", uri=""),))
    for uri in (
        "file:///etc/hostname",
        "/etc/hostname",
        "http://127.0.0.1:9/",
        "#",
        "_assertion",
        "#_ASSERTION",
        "#_none",
    ):
        edit = set_attribute(f"{_INFO}/Reference", "URI", uri)
        yield f"the Reference is turned to {uri!r}", Message((Signing("Assertion"),), after=(edit,))
    yield "no URI", Message((Signing("Assertion"),), after=(set_attribute(f"{_INFO}/Reference", "URI", None),))
    yield "only enveloped before another", _with_transforms(_ENVELOPED, _ENVELOPED)
    yield "no enveloped", Message((Signing("Assertion"),), after=(remove(f"{_INFO}/Reference/Transforms/Transform"),))
    yield "enveloped last", Message((Signing("Assertion"),), after=(_swap_transforms,))
    yield "a third transform", _with_transforms(_ENVELOPED, _EXCLUSIVE, _EXCLUSIVE)
    yield (
        "an XPath that takes the issuer alone",
        _with_transforms(_ENVELOPED, _xpath("ancestor-or-self::*[local-name()='Issuer']"), _EXCLUSIVE),
    )
    yield (
        "an XPath instead of enveloped",
        _with_transforms(_xpath("not(ancestor-or-self::*[local-name()='Signature'])"), _EXCLUSIVE),
    )
    yield (
        "an XPath in place of canonicalisation",
        _with_transforms(_ENVELOPED, _xpath("ancestor-or-self::*[local-name()='Issuer']")),
    )
    yield "an XPath filter", _with_transforms(_ENVELOPED, _FILTER_2, _EXCLUSIVE)
    yield "an XSLT", _with_transforms(_ENVELOPED, _EXCLUSIVE, _XSLT)
    yield "an XSLT in place of canonicalisation", _with_transforms(_ENVELOPED, _XSLT)
    yield (
        "a base64 transform",
        Message(
            (Signing("Assertion"),),
            after=(
                set_attribute(
                    f"{_INFO}/Reference/Transforms/Transform[2]".replace("[2]", ""), "Algorithm", f"{XMLDSIG}base64"
                ),
            ),
        ),
    )
    yield (
        "an XPath inside the enveloped transform",
        Message(
            (Signing("Assertion"),),
            after=(insert(f"{_INFO}/Reference/Transforms/Transform", 0, "<ds:XPath>1=0</ds:XPath>"),),
        ),
    )


def _swap_transforms(root: Element) -> None:
    transforms = find(root, f"{_INFO}/Reference/Transforms")
    transforms.append(transforms[0])


# --- structures -------------------------------------------------------------------------------------------------------


def _double(root: Element, path: str) -> None:
    element = find(root, path)
    element.addnext(copy.deepcopy(element))


def _move(root: Element, path: str, index: int) -> None:
    element = find(root, path)
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)
    parent.insert(len(parent) if index == -1 else index, element)


def _to(root: Element, path: str) -> None:
    find(root, path).append(find(root, "Assertion/Signature"))


def _other_namespace(root: Element) -> None:
    for element in find(root, "Assertion/Signature").iter():
        element.tag = etree.QName(element).localname


def _renamed_id(root: Element, name: str) -> None:
    find(root, "Assertion").set(name, find(root, "Assertion").attrib.pop("ID"))


def _prefix_list(count: int) -> Edit:
    """Returns an edit that names many prefixes: each is looked for at each element when it is canonicalised."""

    def edit(root: Element) -> None:
        transform = find(root, f"{_INFO}/Reference/Transforms")[1]
        etree.SubElement(transform, f"{{{EXCLUSIVE}}}InclusiveNamespaces", PrefixList=" ".join(["x"] * count))

    return edit


_STRUCTURES: Sequence[tuple[str, Edit]] = (
    ("no Reference", remove(f"{_INFO}/Reference")),
    ("no Transforms", remove(f"{_INFO}/Reference/Transforms")),
    ("no DigestValue", remove(f"{_INFO}/Reference/DigestValue")),
    ("no SignatureValue", remove("Assertion/Signature/SignatureValue")),
    ("no SignedInfo", remove(_INFO)),
    ("no CanonicalizationMethod", remove(f"{_INFO}/CanonicalizationMethod")),
    ("an empty Signature", lambda root: find(root, "Assertion/Signature").clear()),
    ("an empty SignatureValue", set_text("Assertion/Signature/SignatureValue", "")),
    ("a SignatureValue that is not base64", set_text("Assertion/Signature/SignatureValue", "***")),
    ("an empty DigestValue", set_text(f"{_INFO}/Reference/DigestValue", "")),
    ("an element in the DigestValue", insert(f"{_INFO}/Reference/DigestValue", 0, "<ds:x/>")),
    ("an element in the SignatureValue", insert("Assertion/Signature/SignatureValue", 0, "<ds:x/>")),
    ("an HMACOutputLength", insert(f"{_INFO}/SignatureMethod", 0, "<ds:HMACOutputLength>0</ds:HMACOutputLength>")),
    ("a PrefixList of seventeen prefixes", _prefix_list(17)),
    ("a PrefixList of ten thousand prefixes", _prefix_list(10_000)),
    ("an Object", insert("Assertion/Signature", -1, "<ds:Object/>")),
    (
        "a Manifest",
        insert(
            "Assertion/Signature",
            -1,
            "<ds:Object><ds:Manifest><ds:Reference URI='#_assertion'/></ds:Manifest></ds:Object>",
        ),
    ),
    ("two Reference elements", lambda root: _double(root, f"{_INFO}/Reference")),
    ("two SignedInfo elements", lambda root: _double(root, _INFO)),
    ("two SignatureValue elements", lambda root: _double(root, "Assertion/Signature/SignatureValue")),
    ("two KeyInfo elements", lambda root: _double(root, "Assertion/Signature/KeyInfo")),
    ("two DigestValue elements", lambda root: _double(root, f"{_INFO}/Reference/DigestValue")),
    ("two Signature elements", lambda root: _double(root, "Assertion/Signature")),
    ("the KeyInfo before the SignatureValue", lambda root: _move(root, "Assertion/Signature/KeyInfo", 1)),
    ("the Signature before the Issuer", lambda root: _move(root, "Assertion/Signature", 0)),
    ("the Signature after the Subject", lambda root: _move(root, "Assertion/Signature", 2)),
    ("the Signature last in the assertion", lambda root: _move(root, "Assertion/Signature", -1)),
    ("a Signature in the Subject", lambda root: _to(root, "Assertion/Subject")),
    ("a Signature in the AuthnStatement", lambda root: _to(root, "Assertion/AuthnStatement")),
    ("a Signature in the AuthnContext", lambda root: _to(root, "Assertion/AuthnStatement/AuthnContext")),
    ("a Signature in the Status", lambda root: _to(root, "Status")),
    ("a second, empty Signature in the Response", insert(".", 1, "<ds:Signature/>")),
    ("a second, empty Signature in the Subject", insert("Assertion/Subject", -1, "<ds:Signature/>")),
    ("a Signature of no namespace", _other_namespace),
    ("the assertion without an ID", set_attribute("Assertion", "ID", None)),
    ("the assertion's ID spelt Id", lambda root: _renamed_id(root, "Id")),
    ("the assertion's ID spelt xml:id", lambda root: _renamed_id(root, "{http://www.w3.org/XML/1998/namespace}id")),
    ("a Subject with the assertion's ID", set_attribute("Assertion/Subject", "ID", "_assertion")),
    ("a Subject with the assertion's ID as Id", set_attribute("Assertion/Subject", "Id", "_assertion")),
    ("a Subject with the assertion's ID as id", set_attribute("Assertion/Subject", "id", "_assertion")),
    ("a Status with the assertion's ID", set_attribute("Status", "ID", "_assertion")),
    (
        "a Status with the assertion's ID as xml:id",
        set_attribute("Status", "{http://www.w3.org/XML/1998/namespace}id", "_assertion"),
    ),
    ("no Signature", remove("Assertion/Signature")),
)


# --- forged after signing --------------------------------------------------------------------------------------------


def _signature_of_another(root: Element) -> None:
    """Gives a forged assertion another login's valid signature."""
    other = Message((Signing("Assertion"),)).root()
    forged = forge(find(root, "Assertion"))
    forged.set("ID", "_assertion")
    forged.insert(1, find(other, "Assertion/Signature"))
    root.replace(find(root, "Assertion"), forged)


def _signed_extensions(root: Element) -> None:
    """Signs an element that carries nothing, and puts the signature where the Response's belongs."""
    extensions = etree.Element(f"{SAMLP}Extensions", ID="_extensions")
    root.insert(1, extensions)
    Signing("Response", uri="#_extensions").sign(root)


def attacks() -> Iterator[Attack]:
    """Yields every unusual signature."""
    signed = (Signing("Assertion"),)
    for name, message in _references():
        yield Attack(f"reference: {name}", message.saml_response, "signature", provider=message.provider)
    for name, edit in _STRUCTURES:
        yield Attack(f"structure: {name}", Message(signed, after=(edit,)).saml_response, "signature")
    for name, edit in (
        ("another login's signature", _signature_of_another),
        ("Extensions are signed", _signed_extensions),
    ):
        yield Attack(f"forged: {name}", Message((), after=(edit,)).saml_response, "signature")
