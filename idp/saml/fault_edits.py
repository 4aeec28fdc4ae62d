"""The faults in a Response: in its settings, its attributes, its XML, and the form field it is posted in.

Each function takes a draft and a fault and returns the draft with the fault in it. The wrapped signatures are in
``idp.saml.signature_wrapping``.
"""

from __future__ import annotations

import base64
import copy
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from urllib.parse import quote

from lxml import etree

from emulator.kernel.errors import FederationError
from idp.model import AssertionEncryption
from idp.saml.claims import AWS_ATTRIBUTES, BASIC_NAME_FORMAT, Attribute
from idp.saml.draft import Act, Draft, Fault
from idp.saml.signing import sign

_STEP = re.compile(r"(\w+)((?:\[\d+\])?)")
_OVERSIZED_BYTES = 75_001  # in base64 the first length above 100,000 characters


def shift_clock(draft: Draft, fault: Fault) -> Draft:
    """Shifts the identity provider's clock while it issues."""
    return replace(draft, context=replace(draft.context, issued_at=draft.context.issued_at + fault.shift))


def sign_only(*elements: str) -> Act:
    """Returns a fault that signs only these elements."""

    def act(draft: Draft, _: Fault) -> Draft:
        return replace(draft, context=replace(draft.context, style=replace(draft.context.style, signed=elements)))

    return act


def sign_with_foreign_key(draft: Draft, _: Fault) -> Draft:
    """Signs with a key that is not in the provider's metadata."""
    return replace(draft, key_pair=draft.foreign_key())


def sign_with_sha1(draft: Draft, _: Fault) -> Draft:
    """Signs with RSA-SHA1 and SHA-1 digests."""
    return replace(draft, context=replace(draft.context, style=replace(draft.context.style, sha1=True)))


def leave_plain(draft: Draft, _: Fault) -> Draft:
    """Sends the assertion in plain text.

    Raises:
        FederationError: the app does not encrypt.
    """
    _require_encryption(draft)
    return replace(draft, encryption=None)


def encrypt_for_foreign_key(draft: Draft, _: Fault) -> Draft:
    """Encrypts for a certificate whose private key the provider does not have.

    Raises:
        FederationError: the app does not encrypt.
    """
    encryption = _require_encryption(draft)
    return replace(draft, encryption=replace(encryption, certificate_pem=draft.foreign_key().certificate_pem))


def _require_encryption(draft: Draft) -> AssertionEncryption:
    if draft.encryption is None:
        raise FederationError(
            "the app does not encrypt its assertions", expected="an app with assertion_encryption in the world file"
        )
    return draft.encryption


def set_attribute(draft: Draft, fault: Fault) -> Draft:
    """Replaces the values of an attribute, or adds the attribute."""
    known = _attribute(draft, fault)
    return _with_values(draft, fault, known, fault.values)


def add_to_attribute(draft: Draft, fault: Fault) -> Draft:
    """Adds values to an attribute, or the attribute."""
    known = _attribute(draft, fault)
    return _with_values(draft, fault, known, (*(known.values if known else ()), *fault.values))


def remove_attribute(draft: Draft, fault: Fault) -> Draft:
    """Leaves an attribute out.

    Raises:
        FederationError: it is not there.
    """
    known = _require_attribute(draft, fault, "remove")
    return _with_attributes(draft, *(each for each in draft.claims.attributes if each is not known))


def rename_attribute(draft: Draft, fault: Fault) -> Draft:
    """Gives an attribute another name.

    Raises:
        FederationError: it is not there.
    """
    known = _require_attribute(draft, fault, "rename")
    renamed = replace(known, name=fault.values[0])
    return _with_attributes(draft, *(renamed if each is known else each for each in draft.claims.attributes))


def full_attribute_name(draft: Draft, fault: Fault) -> str:
    """Returns the full name of the attribute that a fault names: one of AWS's, unless the app sends only others."""
    names = [each.name for each in draft.claims.attributes]
    is_whole = "//" in fault.target or fault.target in names
    others_alone = bool(names) and not any(name.startswith(AWS_ATTRIBUTES) for name in names)
    return fault.target if is_whole or others_alone else AWS_ATTRIBUTES + fault.target


def _attribute(draft: Draft, fault: Fault) -> Attribute | None:
    name = full_attribute_name(draft, fault)
    return next((each for each in draft.claims.attributes if each.name == name), None)


def _require_attribute(draft: Draft, fault: Fault, operation: str) -> Attribute:
    known = _attribute(draft, fault)
    if known is None:
        raise FederationError(
            f"there is no attribute {fault.target} to {operation}",
            expected=" or ".join(each.name.removeprefix(AWS_ATTRIBUTES) for each in draft.claims.attributes),
            received=fault.target,
        )
    return known


def _with_values(draft: Draft, fault: Fault, known: Attribute | None, values: tuple[str, ...]) -> Draft:
    if known is None:
        added = Attribute(full_attribute_name(draft, fault), BASIC_NAME_FORMAT, values)
        return _with_attributes(draft, *draft.claims.attributes, added)
    changed = replace(known, values=values)
    return _with_attributes(draft, *(changed if each is known else each for each in draft.claims.attributes))


def _with_attributes(draft: Draft, *attributes: Attribute) -> Draft:
    return replace(draft, claims=replace(draft.claims, attributes=attributes))


def at_path(edit: Callable[[etree._Element, Fault], None]) -> Act:
    """Makes a fault from a function that edits the element at the fault's path."""

    @wraps(edit)
    def act(draft: Draft, fault: Fault) -> Draft:
        root = etree.fromstring(draft.xml.encode())
        edit(_find(root, fault.target), fault)
        return replace(draft, xml=xml_text(root))

    return act


def xml_text(root: etree._Element) -> str:
    """Returns a Response as text, with its XML declaration."""
    return '<?xml version="1.0" encoding="UTF-8"?>' + str(etree.tostring(root, encoding="unicode"))


def _find(root: etree._Element, path: str) -> etree._Element:
    steps = _STEP.findall(path)
    if steps and steps[0] == ("Response", ""):
        del steps[0]
    found: Any = root.xpath("." + "".join(f"/*[local-name()='{name}']{index}" for name, index in steps))
    if not found:
        raise FederationError(
            f"the Response has no {path}", expected="a path of local names such as Assertion/Subject/NameID"
        )
    element: etree._Element = found[0]
    return element


@at_path
def set_text(element: etree._Element, fault: Fault) -> None:
    """Replaces the content of an element by a text."""
    for child in list(element):
        element.remove(child)
    element.text = fault.values[0]


@at_path
def remove_element(element: etree._Element, fault: Fault) -> None:
    """Removes an element.

    Raises:
        FederationError: it is the Response itself.
    """
    _require_parent(element, fault).remove(element)


@at_path
def duplicate_element(element: etree._Element, fault: Fault) -> None:
    """Adds a copy of an element after it.

    Raises:
        FederationError: it is the Response itself.
    """
    parent = _require_parent(element, fault)
    parent.insert(parent.index(element) + 1, copy.deepcopy(element))


@at_path
def set_xml_attribute(element: etree._Element, fault: Fault) -> None:
    """Adds an XML attribute to an element, or changes its value."""
    element.set(fault.attribute_name, fault.values[0])


@at_path
def remove_xml_attribute(element: etree._Element, fault: Fault) -> None:
    """Removes an XML attribute.

    Raises:
        FederationError: the element has no attribute of this name.
    """
    if fault.attribute_name not in element.attrib:
        raise FederationError(
            f"{fault.target} has no {fault.attribute_name}",
            expected=" or ".join(map(str, element.attrib)) or "an element with attributes",
            received=fault.attribute_name,
        )
    del element.attrib[fault.attribute_name]


@at_path
def insert_comment(element: etree._Element, fault: Fault) -> None:
    """Inserts a comment into the middle of a text: signatures do not cover comments, and careless parsers stop there.

    Raises:
        FederationError: XML cannot hold such a comment.
    """
    text = element.text or ""
    if "--" in fault.values[0] or fault.values[0].endswith("-"):
        raise FederationError("a comment holds no -- and ends without -", received=fault.values[0])
    comment = etree.Comment(fault.values[0])
    element.text, comment.tail = text[: len(text) // 2], text[len(text) // 2 :]
    element.insert(0, comment)


def _require_parent(element: etree._Element, fault: Fault) -> etree._Element:
    parent = element.getparent()
    if parent is None:
        raise FederationError("the Response itself cannot be removed or doubled", received=fault.target)
    return parent


def oversize(draft: Draft, _: Fault) -> Draft:
    """Adds a comment to the assertion so long that the signed Response exceeds AWS's limit by a little."""
    missing = _OVERSIZED_BYTES - len(sign(draft.xml, draft.key_pair).encode()) - len("<!---->")
    padded = draft.xml.replace("</saml2:Assertion>", f"<!--{'p' * missing}--></saml2:Assertion>", 1)
    return replace(draft, xml=padded)


def posts(payload: Callable[[str], str]) -> Act:
    """Makes a fault from a function that returns, for the finished XML, what is posted instead of its base64 form."""

    @wraps(payload)
    def act(draft: Draft, _: Fault) -> Draft:
        return replace(draft, form_field=payload(draft.xml))

    return act


@posts
def not_base64(_: str) -> str:
    """Text that is not base64."""
    return "*** this is not base64 ***"


@posts
def not_xml(_: str) -> str:
    """Text that is not XML."""
    return _encode("this is not XML")


@posts
def doctype(xml: str) -> str:
    """A Response with a document type declaration."""
    return _encode(f"<!DOCTYPE Response>{_without_declaration(xml)}")


@posts
def entity_bomb(xml: str) -> str:
    """A Response whose entities grow exponentially when a parser expands them."""
    bomb = '<!DOCTYPE r [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {name} "{f"&{previous};" * 10}">' for previous, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    return _encode(f"{bomb}]>{_without_declaration(xml).replace('urn:amazon', '&i;urn:amazon')}")


@posts
def empty(_: str) -> str:
    """No text at all."""
    return ""


@posts
def html(_: str) -> str:
    """A web page, as a proxy or a sign-in page may answer."""
    return _encode("<html><body>Sign in</body></html>")


@posts
def deflated(xml: str) -> str:
    """A compressed Response, as in the redirect binding."""
    return base64.b64encode(zlib.compress(xml.encode())[2:-4]).decode()


@posts
def url_encoded(xml: str) -> str:
    """A Response that was URL-encoded once too often."""
    return quote(_encode(xml), safe="") + "%3D"


@posts
def truncated(xml: str) -> str:
    """The first half of a Response."""
    text = _encode(xml)
    return text[: len(text) // 2 | 1]


def _without_declaration(xml: str) -> str:
    return xml.partition("?>")[2]


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
