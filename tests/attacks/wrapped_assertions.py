"""Signature wrapping around an assertion: the signed one is kept whole somewhere, and a forged one would be read.

Each arrangement is tried on each shape of signature that is taken, so that none of the shapes opens a way.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence

from tests.attacks.forgery import ASSERTION_SHAPES, Element, forge, holder, take_signature
from tests.attacks.message import DS, SAML, SAMLP, Edit, Message, find
from tests.attacks.table import Attack

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
        forged.insert(1, take_signature(original))
        response.insert(response.index(original) + (1 if before else 0), forged)

    return arrange


def _in_moved_signature(tag: str) -> Arrange:
    """Puts the signed assertion into its own signature, which the forged one carries."""

    def arrange(response: Element, original: Element, forged: Element) -> None:
        response.replace(original, forged)
        signature = take_signature(original)
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
    forged.insert(1, take_signature(original))
    response.insert(1, holder(f"{SAMLP}Extensions", original))


def _detached(response: Element, original: Element, forged: Element) -> None:
    response.replace(original, forged)
    response.insert(1, take_signature(original))
    response.insert(2, holder(f"{SAMLP}Extensions", original))


def _both_signed(response: Element, original: Element, forged: Element) -> None:
    forged.insert(1, copy.deepcopy(next(original.iterchildren(f"{DS}Signature"))))
    response.insert(response.index(original), forged)


def _without_id(response: Element, original: Element, forged: Element) -> None:
    del forged.attrib["ID"]
    response.insert(response.index(original), forged)


def _only_the_signature(response: Element, original: Element, forged: Element) -> None:
    forged.insert(1, take_signature(original))
    response.replace(original, forged)


def _only_the_signature_and_id(response: Element, original: Element, forged: Element) -> None:
    forged.set("ID", original.get("ID", ""))
    _only_the_signature(response, original, forged)


def _reference_turned(response: Element, original: Element, forged: Element) -> None:
    _only_the_signature(response, original, forged)
    find(forged, "Signature/SignedInfo/Reference").set("URI", f"#{forged.get('ID')}")


def _signature_in_response(response: Element, original: Element, forged: Element) -> None:
    response.replace(original, forged)
    response.append(take_signature(original))


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


def _wrap_assertion(arrange: Arrange) -> Edit:
    def edit(root: Element) -> None:
        original = find(root, "Assertion")
        arrange(root, original, forge(original))

    return edit


def attacks() -> Iterator[Attack]:
    """Yields every arrangement on every shape."""
    for shape, message in ASSERTION_SHAPES:
        for name, arrange, outcome in AROUND_ASSERTION:
            wrapped = Message(message.signings, message.before, (_wrap_assertion(arrange),), message.provider)
            yield Attack(f"assertion, {shape}: {name}", wrapped.saml_response, outcome, provider=message.provider)
