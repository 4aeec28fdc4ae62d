"""Signature wrapping: what was signed is kept whole somewhere, and something else is where it would be read.

Each arrangement is tried on each shape of signature that is taken, so that none of the shapes opens a way.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence

from lxml import etree

from tests.attacks.message import (
    AWS_ATTRIBUTES,
    DS,
    FORGED_NAME,
    INCLUSIVE,
    MORE,
    SAML,
    SAMLP,
    SHA256,
    XMLDSIG,
    Edit,
    Message,
    Signing,
    find,
    remove,
)
from tests.attacks.table import Attack

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


def _signature(element: Element) -> Element:
    signature = next(element.iterchildren(f"{DS}Signature"))
    element.remove(signature)
    return signature


# --- around an assertion: the Response, its signed assertion, a forged one --------------------------------------------

Arrange = Callable[[Element, Element, Element], None]


def _beside(*, before: bool) -> Arrange:
    def arrange(response: Element, original: Element, forged: Element) -> None:
        response.insert(response.index(original) + (0 if before else 1), forged)

    return arrange


def _inside(path: str, index: int = -1) -> Arrange:
    """Puts the signed assertion into the forged one."""

    def arrange(response: Element, original: Element, forged: Element) -> None:
        response.replace(original, forged)
        target = find(forged, path)
        target.insert(len(target) if index == -1 else index, original)

    return arrange


def _in_advice(response: Element, original: Element, forged: Element) -> None:
    response.replace(original, forged)
    forged.insert(3, holder(f"{SAML}Advice", original))


def _signature_on_forged(*, before: bool) -> Arrange:
    def arrange(response: Element, original: Element, forged: Element) -> None:
        forged.insert(1, _signature(original))
        response.insert(response.index(original) + (1 if before else 0), forged)

    return arrange


def _in_moved_signature(tag: str) -> Arrange:
    """Puts the signed assertion into its own signature, which the forged one carries."""

    def arrange(response: Element, original: Element, forged: Element) -> None:
        response.replace(original, forged)
        signature = _signature(original)
        forged.insert(1, signature)
        if tag == "KeyInfo":
            find(signature, "KeyInfo").append(original)
        else:
            signature.append(holder(f"{DS}{tag}", original) if tag else original)

    return arrange


def _in_place_of(tag: str, *, hidden: str) -> Arrange:
    """Hides the signed or the forged assertion in an element of the Response before the other."""

    def arrange(response: Element, original: Element, forged: Element) -> None:
        place = response.index(original)
        response.remove(original)
        inner, shown = (original, forged) if hidden == "original" else (forged, original)
        response.insert(place, holder(tag, inner))
        response.append(shown)

    return arrange


def _in_status_detail(response: Element, original: Element, forged: Element) -> None:
    response.replace(original, forged)
    find(response, "Status").append(holder(f"{SAMLP}StatusDetail", original))


def _in_nested_response(response: Element, original: Element, forged: Element) -> None:
    response.replace(original, forged)
    response.insert(1, holder(f"{SAMLP}Extensions", holder(f"{SAMLP}Response", original)))


def _same_id(response: Element, original: Element, forged: Element) -> None:
    forged.set("ID", original.get("ID", ""))
    response.insert(response.index(original), forged)


def _same_xml_id(response: Element, original: Element, forged: Element) -> None:
    forged.set("{http://www.w3.org/XML/1998/namespace}id", original.get("ID", ""))
    response.replace(original, forged)
    forged.insert(1, _signature(original))
    response.insert(1, holder(f"{SAMLP}Extensions", original))


def _detached(response: Element, original: Element, forged: Element) -> None:
    response.replace(original, forged)
    response.insert(1, _signature(original))
    response.insert(2, holder(f"{SAMLP}Extensions", original))


def _both_signed(response: Element, original: Element, forged: Element) -> None:
    forged.insert(1, copy.deepcopy(next(original.iterchildren(f"{DS}Signature"))))
    response.insert(response.index(original), forged)


def _without_id(response: Element, original: Element, forged: Element) -> None:
    del forged.attrib["ID"]
    response.insert(response.index(original), forged)


def _only_the_signature(response: Element, original: Element, forged: Element) -> None:
    forged.insert(1, _signature(original))
    response.replace(original, forged)


def _only_the_signature_and_id(response: Element, original: Element, forged: Element) -> None:
    forged.set("ID", original.get("ID", ""))
    _only_the_signature(response, original, forged)


def _reference_turned(response: Element, original: Element, forged: Element) -> None:
    _only_the_signature(response, original, forged)
    find(forged, "Signature/SignedInfo/Reference").set("URI", f"#{forged.get('ID')}")


def _signature_in_response(response: Element, original: Element, forged: Element) -> None:
    response.replace(original, forged)
    response.append(_signature(original))


AROUND_ASSERTION: Sequence[tuple[str, Arrange, str]] = (
    ("the forged one before the signed one", _beside(before=True), "response"),
    ("the forged one after the signed one", _beside(before=False), "response"),
    ("the signed one last in the forged one", _inside("."), "response"),
    ("the signed one first in the forged one", _inside(".", 0), "response"),
    ("the signed one in the forged one's Advice", _in_advice, "response"),
    ("the signed one in the forged one's Subject", _inside("Subject"), "response"),
    ("the signed one in the forged one's Conditions", _inside("Conditions"), "response"),
    ("the signed one in a forged value", _inside("AttributeStatement/Attribute/AttributeValue"), "response"),
    ("the signature on the forged one, before the signed one", _signature_on_forged(before=False), "response"),
    ("the signature on the forged one, after the signed one", _signature_on_forged(before=True), "response"),
    ("the signed one in the moved signature", _in_moved_signature(""), "response"),
    ("the signed one in the moved signature's Object", _in_moved_signature("Object"), "response"),
    ("the signed one in the moved signature's KeyInfo", _in_moved_signature("KeyInfo"), "response"),
    ("the signed one in Extensions", _in_place_of(f"{SAMLP}Extensions", hidden="original"), "response"),
    ("the forged one in Extensions", _in_place_of(f"{SAMLP}Extensions", hidden="forged"), "response"),
    ("the signed one in a foreign element", _in_place_of("{urn:example}x", hidden="original"), "response"),
    ("the forged one in a foreign element", _in_place_of("{urn:example}x", hidden="forged"), "response"),
    ("the signed one in EncryptedAssertion", _in_place_of(f"{SAML}EncryptedAssertion", hidden="original"), "response"),
    ("the signed one in StatusDetail", _in_status_detail, "response"),
    ("the signed one in a nested Response", _in_nested_response, "response"),
    ("the forged one with the signed one's ID", _same_id, "response"),
    ("the forged one with the signed one's ID as xml:id", _same_xml_id, "response"),
    ("the signature at the Response, the signed one in Extensions", _detached, "response"),
    ("both with the signature", _both_signed, "response"),
    ("the forged one without an ID", _without_id, "response"),
    ("the forged one alone with the signature", _only_the_signature, "signature"),
    ("the forged one alone with the signature and its ID", _only_the_signature_and_id, "signature"),
    ("the forged one alone with a signature turned to it", _reference_turned, "signature"),
    ("the forged one alone, the signature last in the Response", _signature_in_response, "signature"),
)

# --- around a Response: the signed one, and a forged one --------------------------------------------------------------

ArrangeResponse = Callable[[Element, Element], None]


def _into(make: Callable[[Element], Element], *, keep_signature: bool, signature_at: int | None) -> ArrangeResponse:
    """Puts the signed Response into a place of the forged one, with its signature or without.

    Args:
        make: Returns the element of the forged one that takes it.
        keep_signature: Whether the signed Response keeps its signature.
        signature_at: Where the signature goes in the forged one; -1 is last, None for nowhere.
    """

    def arrange(original: Element, forged: Element) -> None:
        signature = None if keep_signature else _signature(original)
        make(forged).append(original)
        if signature is not None and signature_at is not None:
            forged.insert(len(forged) if signature_at == -1 else signature_at, signature)

    return arrange


def _extensions(forged: Element) -> Element:
    forged.insert(1, etree.Element(f"{SAMLP}Extensions"))
    return forged[1]


def _in_signature(tag: str, at: int) -> ArrangeResponse:
    def arrange(original: Element, forged: Element) -> None:
        signature = _signature(original)
        forged.insert(len(forged) if at == -1 else at, signature)
        if tag == "KeyInfo":
            find(signature, "KeyInfo").append(original)
        else:
            signature.append(holder(f"{DS}{tag}", original) if tag else original)

    return arrange


def _signature_only(*, same_id: bool, at: int) -> ArrangeResponse:
    def arrange(original: Element, forged: Element) -> None:
        if same_id:
            forged.set("ID", original.get("ID", ""))
        forged.insert(len(forged) if at == -1 else at, _signature(original))

    return arrange


def _on_the_assertion(original: Element, forged: Element) -> None:
    find(forged, "Assertion").insert(1, _signature(original))
    _extensions(forged).append(original)


def _itself(forged: Element) -> Element:
    return forged


def _status(forged: Element) -> Element:
    return find(forged, "Status")


def _assertion(forged: Element) -> Element:
    return find(forged, "Assertion")


AROUND_RESPONSE: Sequence[tuple[str, ArrangeResponse, str]] = (
    ("the signed one in its signature", _in_signature("", 1), "response"),
    ("the signed one in its signature's Object", _in_signature("Object", 1), "response"),
    ("the signed one in its signature's KeyInfo", _in_signature("KeyInfo", 1), "response"),
    ("the signed one in its signature's Object, which is last", _in_signature("Object", -1), "response"),
    ("the signed one in Extensions", _into(_extensions, keep_signature=False, signature_at=1), "response"),
    (
        "the signed one in Extensions, the signature last",
        _into(_extensions, keep_signature=False, signature_at=-1),
        "response",
    ),
    (
        "the signed one in Extensions, the signature first",
        _into(_extensions, keep_signature=False, signature_at=0),
        "response",
    ),
    (
        "the signed one in Extensions with its signature",
        _into(_extensions, keep_signature=True, signature_at=None),
        "response",
    ),
    ("the signed one last", _into(_itself, keep_signature=False, signature_at=1), "response"),
    ("the signed one last, with its signature", _into(_itself, keep_signature=True, signature_at=None), "response"),
    ("the signed one in Status", _into(_status, keep_signature=False, signature_at=1), "response"),
    ("the signed one in the forged assertion", _into(_assertion, keep_signature=False, signature_at=1), "response"),
    ("the signature on the forged assertion", _on_the_assertion, "response"),
    ("the forged one alone with the signature", _signature_only(same_id=False, at=1), "signature"),
    ("the forged one alone with the signature last", _signature_only(same_id=False, at=-1), "signature"),
    ("the forged one alone with the signature and its ID", _signature_only(same_id=True, at=1), "signature"),
    ("the forged one alone with its ID, the signature last", _signature_only(same_id=True, at=-1), "signature"),
)


def _wrap_assertion(arrange: Arrange) -> Edit:
    def edit(root: Element) -> None:
        original = find(root, "Assertion")
        arrange(root, original, forge(original))

    return edit


def _wrapped_response(message: Message, arrange: ArrangeResponse) -> Message:
    """Returns a message whose root becomes the forged Response."""

    def edit(root: Element) -> None:
        original, forged = copy.deepcopy(root), forge(root)
        arrange(original, forged)
        root.clear()
        root.attrib.update(dict(forged.attrib))
        root.extend(list(forged))

    return Message(message.signings, message.before, (edit,), message.provider)


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


def attacks() -> Iterator[Attack]:
    """Yields every arrangement on every shape."""
    for shape, message in ASSERTION_SHAPES:
        for name, arrange, outcome in AROUND_ASSERTION:
            wrapped = Message(message.signings, message.before, (_wrap_assertion(arrange),), message.provider)
            yield Attack(f"assertion, {shape}: {name}", wrapped.saml_response, outcome, provider=message.provider)
    for shape, message in RESPONSE_SHAPES:
        for name, arrange_response, outcome in AROUND_RESPONSE:
            wrapped = _wrapped_response(message, arrange_response)
            yield Attack(f"Response, {shape}: {name}", wrapped.saml_response, outcome, provider=message.provider)
