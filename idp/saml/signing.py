"""Signatures in this process: the assertion first, then the Response around it.

lxml canonicalises and cryptography does the arithmetic. The verifying side uses python-xmlsec, so that the two share no
library code either, and one cannot hide the other's mistakes; ``xmlsec1``, pysaml2 and python3-saml check the result in
the tests.
"""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from emulator.kernel.errors import FederationError
from idp.model import KeyPair
from idp.saml.assertion import ASSERTION_NAMESPACE, EXCLUSIVE_C14N, RSA_SHA256, SHA256, SIGNATURE_NAMESPACE

INCLUSIVE_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = f"{SIGNATURE_NAMESPACE}enveloped-signature"
_DS = f"{{{SIGNATURE_NAMESPACE}}}"
_EC = f"{{{EXCLUSIVE_C14N}}}"
_ASSERTION = f"{{{ASSERTION_NAMESPACE}}}Assertion"
_VALUES = (f"{_DS}DigestValue", f"{_DS}SignatureValue")
_PLACE = re.compile(r"<ds:(DigestValue|SignatureValue)(?:>[^<]*</ds:\1>|/>)")
_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    f"{SIGNATURE_NAMESPACE}sha1": hashes.SHA1(),  # noqa: S303  a fault asks for it, to see it refused
    "http://www.w3.org/2001/04/xmlenc#sha256": hashes.SHA256(),
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashes.SHA384(),
    "http://www.w3.org/2001/04/xmlenc#sha512": hashes.SHA512(),
}
_METHODS: dict[str, hashes.HashAlgorithm] = {
    f"{SIGNATURE_NAMESPACE}rsa-sha1": hashes.SHA1(),  # noqa: S303  as above
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256(),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": hashes.SHA384(),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": hashes.SHA512(),
}


@lru_cache(maxsize=32)
def load_key(private_key_pem: bytes) -> RSAPrivateKey:
    """Loads a private key; it is cached, and threads may share it.

    Raises:
        FederationError: it is not an RSA private key in PEM.
    """
    try:
        # The key was validated when it was configured; testing its primes here takes as long as forty signatures.
        key = load_pem_private_key(private_key_pem, None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise FederationError("the signing key cannot be read", expected="an RSA private key in PEM")
    return key


def sign(response: str, key_pair: KeyPair) -> str:
    """Returns a Response with every signature template in it filled in, and no other character changed.

    The signatures are computed on a parsed copy and their values written into the text, because a serialiser would put
    namespace declarations and attributes in a different order from Okta's.

    Args:
        response: XML with signature templates whose DigestValue and SignatureValue are empty.
        key_pair: The key pair that signs.

    Raises:
        FederationError: the XML is not well-formed, or a template asks for something that this signer does not support.

    Spec: XML Signature Syntax and Processing §3.1; SAML Core §5.4
    """
    root = _parse(response)
    sign_tree(root, key_pair)
    return _with_values_of(root, response)


def sign_with(response: str, signer: Signer) -> str:
    """Returns a Response with every signature template in it filled in by a signer, in the order of ``sign_tree``.

    Raises:
        FederationError: as ``sign``.
    """
    root = _parse(response)
    _fill_in_tree(root, signer)
    return _with_values_of(root, response)


def sign_tree(root: etree._Element, key_pair: KeyPair) -> None:
    """Fills in every signature template of a Response: the assertions' first, then the Response's own.

    Raises:
        FederationError: as ``sign``.
    """
    _fill_in_tree(root, KeySigner(load_key(key_pair.private_key_pem)))


class Signer(Protocol):
    """What computes the two values of a signature."""

    def digest_value(self, octets: bytes, algorithm: hashes.HashAlgorithm) -> str:
        """Returns the DigestValue of an element in canonical form."""
        ...

    def signature_value(self, octets: bytes, algorithm: hashes.HashAlgorithm) -> str:
        """Returns the SignatureValue of SignedInfo in canonical form."""
        ...


class KeySigner:
    """Signs with a private key.

    Spec: XML Signature Syntax and Processing §3.1.1 (reference generation), §3.1.2 (signature generation)
    """

    def __init__(self, key: RSAPrivateKey) -> None:
        self._key = key

    def digest_value(self, octets: bytes, algorithm: hashes.HashAlgorithm) -> str:
        """Returns the digest in base64."""
        hashed = hashes.Hash(algorithm)
        hashed.update(octets)
        return base64.b64encode(hashed.finalize()).decode("ascii")

    def signature_value(self, octets: bytes, algorithm: hashes.HashAlgorithm) -> str:
        """Returns the signature in base64."""
        return base64.b64encode(self._key.sign(octets, PKCS1v15(), algorithm)).decode("ascii")


def _with_values_of(root: etree._Element, response: str) -> str:
    values = iter(value.text or "" for value in root.iter(*_VALUES))
    return _PLACE.sub(lambda match: f"<ds:{match[1]}>{next(values)}</ds:{match[1]}>", response)


def _fill_in_tree(root: etree._Element, signer: Signer) -> None:
    for element in (*root.iterchildren(_ASSERTION), root):
        for template in list(element.iterchildren(f"{_DS}Signature")):
            _fill_in(template, element, signer)


def _fill_in(template: etree._Element, element: etree._Element, signer: Signer) -> None:
    """Has the digest computed of the element that a template refers to, and the signature of that."""
    info, value = template.find(f"{_DS}SignedInfo"), template.find(f"{_DS}SignatureValue")
    references = [] if info is None else info.findall(f"{_DS}Reference")
    if info is None or value is None or len(references) != 1:
        raise _unusable("it has another form than a template with one reference")
    reference = references[0]
    if reference.get("URI") != f"#{element.get('ID')}":
        raise _unusable(f"its reference {reference.get('URI')!r} is not the ID of the element around it")
    digest_value = reference.find(f"{_DS}DigestValue")
    digest = _algorithm(reference.find(f"{_DS}DigestMethod"), _DIGESTS)
    method = _algorithm(info.find(f"{_DS}SignatureMethod"), _METHODS)
    if digest_value is None:
        raise _unusable("it has no DigestValue")
    referenced = _referenced(element, template, reference.findall(f"{_DS}Transforms/{_DS}Transform"))
    digest_value.text = signer.digest_value(referenced, digest)
    value.text = signer.signature_value(_canonical(info, info.find(f"{_DS}CanonicalizationMethod")), method)


def _referenced(element: etree._Element, template: etree._Element, transforms: list[etree._Element]) -> bytes:
    """Returns the octets to digest: the element without this signature, canonicalised."""
    enveloped = bool(transforms) and transforms[0].get("Algorithm") == ENVELOPED
    canonical = transforms[1:] if enveloped else transforms
    if len(canonical) != 1:
        raise _unusable("its transforms are another list than enveloped-signature and one canonicalisation")
    if not enveloped:
        return _canonical(element, canonical[0])
    place = element.index(template)
    element.remove(template)
    try:
        return _canonical(element, canonical[0])
    finally:
        element.insert(place, template)


def _canonical(element: etree._Element, method: etree._Element | None) -> bytes:
    """Returns an element in canonical form.

    Spec: Exclusive XML Canonicalization 1.0; Canonical XML 1.0
    """
    algorithm = None if method is None else method.get("Algorithm")
    if method is not None and algorithm == EXCLUSIVE_C14N:
        inclusive = method.find(f"{_EC}InclusiveNamespaces")
        prefixes = [] if inclusive is None else inclusive.get("PrefixList", "").split()
        return etree.tostring(
            element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes
        )
    if algorithm == INCLUSIVE_C14N:
        return etree.tostring(element, method="c14n", with_comments=False)
    raise _unusable(f"its canonicalisation {algorithm} is not known")


def _algorithm(element: etree._Element | None, known: dict[str, hashes.HashAlgorithm]) -> hashes.HashAlgorithm:
    name = "" if element is None else element.get("Algorithm", "")
    if name not in known:
        raise _unusable(f"its algorithm {name or '(none)'} is not one of {', '.join(known)}")
    return known[name]


def _unusable(problem: str) -> FederationError:
    return FederationError(f"this Response cannot be signed: {problem}")


def with_sha1(response: str) -> str:
    """Returns a Response whose signature templates ask for RSA-SHA1 and SHA-1."""
    return response.replace(RSA_SHA256, "http://www.w3.org/2000/09/xmldsig#rsa-sha1").replace(
        SHA256, "http://www.w3.org/2000/09/xmldsig#sha1"
    )


def _parse(response: str) -> etree._Element:
    try:
        return etree.fromstring(response.encode())
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise FederationError(
            f"this Response cannot be signed: {error}", expected="names and values without control characters"
        ) from None
