"""Signature wrapping around a Response: the signed one is kept whole somewhere in a forged one.

Each arrangement is tried on each shape of signature that is taken, so that none of the shapes opens a way.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence

from lxml import etree

from tests.attacks.forgery import RESPONSE_SHAPES, Element, forge, holder, take_signature
from tests.attacks.message import DS, SAMLP, Message, find
from tests.attacks.table import Attack

ArrangeResponse = Callable[[Element, Element], None]


def _into(make: Callable[[Element], Element], *, keep_signature: bool, signature_at: int | None) -> ArrangeResponse:
    """Puts the signed Response into a place of the forged one, with its signature or without.

    Args:
        make: Returns the element of the forged one that takes it.
        keep_signature: Whether the signed Response keeps its signature.
        signature_at: Where the signature goes in the forged one; -1 is last, None for nowhere.
    """

    def arrange(original: Element, forged: Element) -> None:
        signature = None if keep_signature else take_signature(original)
        make(forged).append(original)
        if signature is not None and signature_at is not None:
            forged.insert(len(forged) if signature_at == -1 else signature_at, signature)

    return arrange


def _extensions(forged: Element) -> Element:
    forged.insert(1, etree.Element(f"{SAMLP}Extensions"))
    return forged[1]


def _in_signature(tag: str, at: int) -> ArrangeResponse:
    def arrange(original: Element, forged: Element) -> None:
        signature = take_signature(original)
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
        forged.insert(len(forged) if at == -1 else at, take_signature(original))

    return arrange


def _on_the_assertion(original: Element, forged: Element) -> None:
    find(forged, "Assertion").insert(1, take_signature(original))
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


def _wrapped_response(message: Message, arrange: ArrangeResponse) -> Message:
    """Returns a message whose root becomes the forged Response."""

    def edit(root: Element) -> None:
        original, forged = copy.deepcopy(root), forge(root)
        arrange(original, forged)
        root.clear()
        root.attrib.update(dict(forged.attrib))
        root.extend(list(forged))

    return Message(message.signings, message.before, (edit,), message.provider)


def attacks() -> Iterator[Attack]:
    """Yields every arrangement on every shape."""
    for shape, message in RESPONSE_SHAPES:
        for name, arrange, outcome in AROUND_RESPONSE:
            wrapped = _wrapped_response(message, arrange)
            yield Attack(f"Response, {shape}: {name}", wrapped.saml_response, outcome, provider=message.provider)
