"""The two halves of an XML signature, each computed by itself: the digest of the content, the signature over it.

This explains a signature that python-xmlsec has refused as a whole. It never leads to acceptance.
"""

from __future__ import annotations

import base64
import binascii
import copy
import hashlib
import re
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from sp_mock.xml import DS

DIGEST_VALUE = "SignedInfo/Reference/DigestValue"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - only to explain what was taken with accept_sha1
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_EXCLUSIVE = "xml-exc-c14n"
_SIGNATURE = f"{DS}Signature"


class Signed(Protocol):
    """A signature of the right shape, with everything that is known about it."""

    @property
    def name(self) -> str:
        """``Response`` or ``Assertion``."""

    @property
    def where(self) -> str:
        """The Signature's path."""

    @property
    def element(self) -> etree._Element:
        """The element that it covers."""

    @property
    def signature(self) -> etree._Element:
        """The Signature."""

    @property
    def method(self) -> str:
        """Its SignatureMethod."""

    @property
    def canonicalization(self) -> str:
        """How SignedInfo is canonicalised."""

    @property
    def transform(self) -> str:
        """How the element is canonicalised."""


def bytes_of(signed: Signed, path: str) -> bytes:
    """Returns the bytes of a part of a Signature by its path; empty when the part is empty or not base64."""
    leaf = signed.signature.find("/".join(f"{DS}{step}" for step in path.split("/")))
    try:
        return base64.b64decode("".join(((leaf.text if leaf is not None else "") or "").split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def is_whole(signed: Signed) -> bool:
    """Returns whether the digest of the element, without its Signature, is the one in the Reference."""
    digest = bytes_of(signed, DIGEST_VALUE)
    reference = signed.signature.find(f"{DS}SignedInfo/{DS}Reference")
    method = None if reference is None else reference.find(f"{DS}DigestMethod")
    name = _hash_name("" if method is None else method.get("Algorithm", ""))
    transforms = [] if reference is None else list(reference.iter(f"{DS}Transform"))
    tree = copy.deepcopy(signed.element.getroottree())
    element = next(each for each in tree.iter(signed.element.tag) if each.get("ID") == signed.element.get("ID"))
    own = next(each for each in element.iterchildren(_SIGNATURE))
    _take_out(own)
    octets = _canonical(element, signed.transform, transforms[-1] if transforms else None)
    return hashlib.new(name, octets, usedforsecurity=False).digest() == digest


def _take_out(element: etree._Element) -> None:
    """Removes an element and leaves the text after it in its place."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def made_it(signed: Signed, certificate: x509.Certificate) -> bool:
    """Returns whether the key of a certificate made the signature over SignedInfo."""
    info, value = signed.signature.find(f"{DS}SignedInfo"), bytes_of(signed, "SignatureValue")
    if info is None:
        return False
    octets = _canonical(info, signed.canonicalization, info.find(f"{DS}CanonicalizationMethod"))
    key, algorithm = certificate.public_key(), _HASHES[_hash_name(signed.method)]
    try:
        if isinstance(key, RSAPublicKey) and "rsa-" in signed.method:
            key.verify(value, octets, PKCS1v15(), algorithm)
            return True
        if isinstance(key, EllipticCurvePublicKey) and "ecdsa-" in signed.method:
            half = len(value) // 2
            numbers = int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big")
            key.verify(encode_dss_signature(*numbers), octets, ECDSA(algorithm))
            return True
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return False


def _hash_name(algorithm: str) -> str:
    match = re.search(r"sha(?:1|256|384|512)$", algorithm)
    return match[0] if match else "sha256"


def _canonical(element: etree._Element, algorithm: str, method: etree._Element | None) -> bytes:
    exclusive = _EXCLUSIVE in algorithm
    prefixes = method[0].get("PrefixList", "").split() if exclusive and method is not None and len(method) else None
    try:
        octets = etree.tostring(
            element,
            method="c14n",
            exclusive=exclusive,
            with_comments=False,
            inclusive_ns_prefixes=prefixes,
            with_tail=False,
        )
    except etree.C14NError:
        return b""  # the URI of a namespace is relative, which has no canonical form: no digest or signature can match
        # it
    return bytes(octets)
