"""The one shape that SAML allows for a signature: its place, its reference, its form and its algorithms.

The shape is checked before any arithmetic is done. Leniency here widens what is accepted, never what is covered: a
Signature always covers the whole element it is a child of, by that element's own ID, and nothing else.
"""

from __future__ import annotations

import xmlsec
from lxml import etree

from emulator.kernel.records import dataclass
from sp_mock.assertion.mistakes import signatures as mistakes
from sp_mock.assertion.mistakes.algorithms import not_taken
from sp_mock.assertion.mistakes.mistake import MistakeFound
from sp_mock.xml import DS, SAML

_EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_INCLUSIVE_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_INCLUSIVE_C14N_11 = "http://www.w3.org/2006/12/xml-c14n11"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
# Comments are dropped before anything is read, so the WithComments forms either give the same octets or do not verify.
CANONICALIZATIONS = {
    _EXCLUSIVE_C14N: xmlsec.constants.TransformExclC14N,
    f"{_EXCLUSIVE_C14N}WithComments": xmlsec.constants.TransformExclC14NWithComments,
    _INCLUSIVE_C14N: xmlsec.constants.TransformInclC14N,
    f"{_INCLUSIVE_C14N}#WithComments": xmlsec.constants.TransformInclC14NWithComments,
    _INCLUSIVE_C14N_11: xmlsec.constants.TransformInclC14N11,
    f"{_INCLUSIVE_C14N_11}#WithComments": xmlsec.constants.TransformInclC14N11WithComments,
}
SIGNATURE_METHODS = {
    f"{_MORE}rsa-sha256": ("RSA", xmlsec.constants.TransformRsaSha256),
    f"{_MORE}rsa-sha384": ("RSA", xmlsec.constants.TransformRsaSha384),
    f"{_MORE}rsa-sha512": ("RSA", xmlsec.constants.TransformRsaSha512),
    f"{_MORE}ecdsa-sha256": ("EC", xmlsec.constants.TransformEcdsaSha256),
    f"{_MORE}ecdsa-sha384": ("EC", xmlsec.constants.TransformEcdsaSha384),
    f"{_MORE}ecdsa-sha512": ("EC", xmlsec.constants.TransformEcdsaSha512),
    f"{_XMLDSIG}rsa-sha1": ("RSA", xmlsec.constants.TransformRsaSha1),
    f"{_MORE}ecdsa-sha1": ("EC", xmlsec.constants.TransformEcdsaSha1),
}
"""By algorithm: the kind of key it needs, and xmlsec's name of it."""
DIGEST_METHODS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": xmlsec.constants.TransformSha256,
    f"{_MORE}sha384": xmlsec.constants.TransformSha384,
    "http://www.w3.org/2001/04/xmlenc#sha512": xmlsec.constants.TransformSha512,
    f"{_XMLDSIG}sha1": xmlsec.constants.TransformSha1,
}
_SHA1 = frozenset({f"{_XMLDSIG}rsa-sha1", f"{_MORE}ecdsa-sha1", f"{_XMLDSIG}sha1"})
_ISSUER, _SIGNATURE = f"{SAML}Issuer", f"{DS}Signature"
_MAX_PREFIXES = 16
_PREFIXES = f"{{{_EXCLUSIVE_C14N}}}InclusiveNamespaces"
_METHODS, _DIGESTS = tuple(SIGNATURE_METHODS), tuple(DIGEST_METHODS)
_INFO = "/SignedInfo"
_CANONICALIZATION, _METHOD = f"{_INFO}/CanonicalizationMethod", f"{_INFO}/SignatureMethod"
_REFERENCE = f"{_INFO}/Reference"
_TRANSFORMS, _DIGEST = f"{_REFERENCE}/Transforms", f"{_REFERENCE}/DigestMethod"
_SIGNATURE_PARTS = (f"{DS}SignedInfo", f"{DS}SignatureValue", f"{DS}KeyInfo")
_INFO_PARTS = (f"{DS}CanonicalizationMethod", f"{DS}SignatureMethod", f"{DS}Reference")
_REFERENCE_PARTS = (f"{DS}Transforms", f"{DS}DigestMethod", f"{DS}DigestValue")
_TRANSFORMS_PARTS = (f"{DS}Transform", f"{DS}Transform")


class BadSignature(MistakeFound):
    """The response is not signed as required; ``mistake`` says how and where."""


@dataclass(frozen=True, slots=True)
class SignatureShape:
    """A signature whose shape is right; the names of algorithms are keys of the tables above.

    Args:
        name: ``Response`` or ``Assertion``.
        element: The element that the Signature is a child of and refers to.
        canonicalization: Canonicalization algorithm of SignedInfo.
        method: URI in SignatureMethod.
        transform: Canonicalization algorithm of the element.
        digest: URI in DigestMethod.
    """

    name: str
    element: etree._Element
    signature: etree._Element
    canonicalization: str
    method: str
    transform: str
    digest: str

    @property
    def where(self) -> str:
        """The path of the signature."""
        return _path(self.name)


def own_signature(name: str, element: etree._Element) -> etree._Element | None:
    """Returns the Signature of a Response or an Assertion, or None when it has none.

    It normally follows the Issuer. A Response may leave its Issuer out, and Auth0 puts a Response's Signature last.
    That is accepted because its position among its siblings does not change what it covers.

    Raises:
        BadSignature: there are two, or it is in the wrong place.

    Spec: SAML Core §5.4.1; the schemas of SAML
    Evidence: assumed
    """
    signatures = list(element.iterchildren(_SIGNATURE))
    if not signatures:
        return None
    place = element.index(signatures[0])
    if len(signatures) == 1 and place == 1 and element[0].tag == _ISSUER:
        return signatures[0]
    is_response = name == "Response"
    has_issuer = next(element.iterchildren(_ISSUER), None) is not None
    if len(signatures) == 1 and is_response and (place == len(element) - 1 or (place == 0 and not has_issuer)):
        return signatures[0]
    raise BadSignature(mistakes.misplaced(name, signatures))


def require_shape(
    name: str, element: etree._Element, signature: etree._Element, *, accept_sha1: bool
) -> SignatureShape:
    """Requires that a signature covers its parent element, by that element's ID, and nothing else.

    Args:
        name: ``Response`` or ``Assertion``.
        element: The parent element.
        accept_sha1: Whether SHA-1 is accepted.

    Raises:
        BadSignature: an unexpected structure, another reference, or an algorithm that is not accepted.

    Spec: SAML Core §5.4; XML Signature Syntax and Processing §4
    Evidence: assumed (which shapes and algorithms AWS takes is not public)
    """
    at = _path(name)
    info, value, *_ = _children(signature, _SIGNATURE_PARTS, at, optional=1)
    canonicalization, method, reference = _children(info, _INFO_PARTS, at, _INFO)
    wanted_uri = f"#{element.get('ID', '')}"
    if wanted_uri == "#" or reference.get("URI") != wanted_uri:
        raise BadSignature(mistakes.other_reference(name, element, reference.get("URI"), f"{at}{_REFERENCE}/@URI"))
    transforms, digest, digest_value = _children(reference, _REFERENCE_PARTS, at, _REFERENCE)
    enveloped, *canonical = _children(transforms, _TRANSFORMS_PARTS, at, _TRANSFORMS, optional=1)
    for leaf in (value, method, digest, digest_value, enveloped):
        if len(leaf):
            raise BadSignature(mistakes.structure(leaf, (), f"{at}//{etree.QName(leaf).localname}"))
    return SignatureShape(
        name,
        element,
        signature,
        canonicalization=_canonicalization(canonicalization, at, _CANONICALIZATION, "the canonicalisation"),
        method=_algorithm(method, _METHODS, at, _METHOD, role="the signature", accept_sha1=accept_sha1),
        transform=_transform(enveloped, canonical, at),
        digest=_algorithm(digest, _DIGESTS, at, _DIGEST, role="the digest", accept_sha1=accept_sha1),
    )


def _path(name: str) -> str:
    return "/Response/Signature" if name == "Response" else "/Response/Assertion/Signature"


def _children(
    element: etree._Element, tags: tuple[str, ...], at: str, below: str = "", *, optional: int = 0
) -> list[etree._Element]:
    """Returns the children of an element: exactly these, of which the last ones may be optional."""
    children = list(element)
    found = tuple([child.tag for child in children])
    if found != tags and not (optional and found == tags[:-optional]):
        names = [etree.QName(tag).localname for tag in tags]
        raise BadSignature(mistakes.structure(element, names, f"{at}{below}"))
    return children


def _transform(enveloped: etree._Element, canonical: list[etree._Element], at: str) -> str:
    """Returns how the element is canonicalised; Canonical XML 1.0 when no transform says so.

    Spec: XML Signature Syntax and Processing §4.4.3.2
    """
    if enveloped.get("Algorithm") != _ENVELOPED:
        raise _not_accepted(enveloped, (_ENVELOPED,), f"{at}{_TRANSFORMS}/Transform[1]", "the first transform")
    if not canonical:
        return _INCLUSIVE_C14N
    return _canonicalization(canonical[0], at, f"{_TRANSFORMS}/Transform[2]", "the second transform")


def _canonicalization(element: etree._Element, at: str, below: str, role: str) -> str:
    algorithm = element.get("Algorithm", "")
    if algorithm not in CANONICALIZATIONS:
        raise _not_accepted(element, tuple(CANONICALIZATIONS), f"{at}{below}", role)
    tags = [child.tag for child in element]
    if tags and (tags != [_PREFIXES] or not algorithm.startswith(_EXCLUSIVE_C14N)):
        raise BadSignature(mistakes.odd_canonicalisation(element, f"{at}{below}"))
    if tags and len(prefixes := element[0].get("PrefixList", "").split()) > _MAX_PREFIXES:
        # Each prefix is looked up at each element, before the signature is known to be good.
        raise BadSignature(mistakes.prefix_list(len(prefixes), _MAX_PREFIXES, f"{at}{below}"))
    return algorithm


def _algorithm(
    element: etree._Element, known: tuple[str, ...], at: str, below: str, *, role: str, accept_sha1: bool
) -> str:
    algorithm = element.get("Algorithm", "")
    if algorithm not in known or (algorithm in _SHA1 and not accept_sha1):
        taken = tuple(each for each in known if accept_sha1 or each not in _SHA1)
        raise _not_accepted(element, taken, f"{at}{below}", role)
    return algorithm


def _not_accepted(element: etree._Element, taken: tuple[str, ...], where: str, role: str) -> BadSignature:
    return BadSignature(not_taken(element.get("Algorithm", ""), taken, f"{where}/@Algorithm", role=role))
