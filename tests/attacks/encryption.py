"""Encrypted assertions that were not signed by the trusted key, or are not where they were signed.

Anybody can encrypt: the certificate is not a secret, and being encrypted says nothing about who wrote something.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence

from lxml import etree

from tests.attacks.forgery import forge
from tests.attacks.message import SAMLP, Message, Signing, encode, encrypted, find
from tests.attacks.table import Attack

Element = etree._Element
_PROVIDER = "idp-encrypted"
_ASSERTION = Message((Signing("Assertion"),), provider=_PROVIDER)


def _forged(root: Element) -> Element:
    """Puts a forged assertion in the place of the signed one; returns that."""
    original = find(root, "Assertion")
    root.replace(original, forge(original))
    return original


def _unsigned() -> Element:
    root = _ASSERTION.root()
    _forged(root)
    return encrypted(root)


def _by_nobody() -> Element:
    return encrypted(Message((Signing("Assertion", "attacker"),), provider=_PROVIDER).root())


def _with_signature(*, same_id: bool) -> Callable[[], Element]:
    def make() -> Element:
        root = _ASSERTION.root()
        original = _forged(root)
        forged = find(root, "Assertion")
        forged.insert(1, find(original, "Signature"))
        if same_id:
            forged.set("ID", original.get("ID", ""))
        return encrypted(root)

    return make


def _beside_the_signed(*, first: bool) -> Callable[[], Element]:
    def make() -> Element:
        root = _ASSERTION.root()
        original = _forged(root)
        encrypted(root)
        root.insert(2 if first else len(root), original)
        return root

    return make


def _around_the_signed() -> Element:
    root = _ASSERTION.root()
    original = _forged(root)
    find(root, "Assertion").append(original)
    return encrypted(root)


def _signed_in_extensions() -> Element:
    root = _ASSERTION.root()
    original = _forged(root)
    encrypted(root)
    extensions = etree.Element(f"{SAMLP}Extensions")
    extensions.append(original)
    root.insert(1, extensions)
    return root


def _two() -> Element:
    root = encrypted(_ASSERTION.root())
    root.append(copy.deepcopy(find(root, "EncryptedAssertion")))
    return root


def _in_a_signed_response() -> Element:
    """Exchanges the assertion of a Response that was signed around another one."""
    root = Message((Signing("Response"),), provider=_PROVIDER).root()
    _forged(root)
    return encrypted(root)


def _two_keys() -> Element:
    root = encrypted(_ASSERTION.root())
    key = next(root.iter("{http://www.w3.org/2001/04/xmlenc#}EncryptedKey"))
    key.addnext(copy.deepcopy(key))
    return root


def _changed() -> Element:
    root = encrypted(_ASSERTION.root())
    *_, value = root.iter("{http://www.w3.org/2001/04/xmlenc#}CipherValue")
    text = "".join((value.text or "").split())
    value.text = text[:-24] + ("A" if text[-24] != "A" else "B") + text[-23:]
    return root


def _method(algorithm: str) -> Callable[[], Element]:
    def make() -> Element:
        root = encrypted(_ASSERTION.root())
        next(root.iter("{http://www.w3.org/2001/04/xmlenc#}EncryptionMethod")).set("Algorithm", algorithm)
        return root

    return make


def _deeper() -> Element:
    root = encrypted(_ASSERTION.root())
    holder = etree.Element(f"{SAMLP}Extensions")
    holder.append(find(root, "EncryptedAssertion"))
    root.append(holder)
    return root


def _same_id_outside() -> Element:
    root = encrypted(_ASSERTION.root())
    find(root, "Status").set("ID", "_assertion")
    return root


def _signature_outside() -> Element:
    """Leaves the assertion's signature in the Response, and encrypts the rest."""
    root = _ASSERTION.root()
    signature = find(root, "Assertion/Signature")
    find(root, "Assertion").remove(signature)
    encrypted(root)
    root.insert(1, signature)
    return root


_MESSAGES: Sequence[tuple[str, Callable[[], Element], str]] = (
    ("forged and unsigned", _unsigned, "signature"),
    ("signed by a key of nobody's", _by_nobody, "signature"),
    ("forged, with the signature of a signed one", _with_signature(same_id=False), "signature"),
    ("forged, with the signature and the ID of a signed one", _with_signature(same_id=True), "signature"),
    ("forged, in a Response that was signed around another", _in_a_signed_response, "signature"),
    ("its signature outside", _signature_outside, "signature"),
    ("its ID a second time outside", _same_id_outside, "signature"),
    ("forged, before the signed one", _beside_the_signed(first=False), "response"),
    ("forged, after the signed one", _beside_the_signed(first=True), "response"),
    ("forged, around the signed one", _around_the_signed, "response"),
    ("forged, the signed one in Extensions", _signed_in_extensions, "response"),
    ("twice", _two, "response"),
    ("with two keys", _two_keys, "response"),
    ("changed on the way", _changed, "response"),
    ("in Extensions", _deeper, "response"),
    ("with no algorithm", _method(""), "response"),
    ("with 3DES", _method("http://www.w3.org/2001/04/xmlenc#tripledes-cbc"), "response"),
)


def attacks() -> Iterator[Attack]:
    """Yields every encrypted attack."""
    for name, make, outcome in _MESSAGES:
        yield Attack(f"encrypted: {name}", _field(make), outcome, provider=_PROVIDER, to_the_providers_url=True)


def _field(make: Callable[[], Element]) -> Callable[[], str]:
    return lambda: encode(etree.tostring(make()))
