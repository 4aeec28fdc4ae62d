"""Whether a response is signed by the provider's key, and is exactly the document that was signed.

XML signatures say what was signed; most holes come from reading something else. So the shape comes first: which
elements carry a signature, where it is, what it refers to and how. Only then is the arithmetic done, by
python-xmlsec.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import InitVar, dataclass, field
from typing import Any, final

import xmlsec
from lxml import etree

from sp_mock.accounts.provider_metadata import SigningCertificate
from sp_mock.assertion.received import ReceivedResponse
from sp_mock.assertion.values import AssertionValues
from sp_mock.xml import DS, SAML

_EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_SIGNATURE_METHODS = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": xmlsec.constants.TransformRsaSha256,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": xmlsec.constants.TransformRsaSha384,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": xmlsec.constants.TransformRsaSha512,
}
_DIGEST_METHODS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": xmlsec.constants.TransformSha256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": xmlsec.constants.TransformSha384,
    "http://www.w3.org/2001/04/xmlenc#sha512": xmlsec.constants.TransformSha512,
}
_ALL_IDS = etree.XPath("//@ID | //@Id | //@id | //@AssertionID", smart_strings=False)
_MAX_IDS = 100

# Without this, libxmlsec opens files that an unverified Reference names.
xmlsec.cleanup_callbacks()


class BadSignature(Exception):
    """The response is not signed as it must be; the text says how, ``where`` says where."""

    def __init__(self, explanation: str, *, where: str, expected: str = "", received: str = "") -> None:
        super().__init__(explanation)
        self.explanation = explanation
        self.where = where
        self.expected = expected
        self.received = received


class _Verifier:
    """The right to make a VerifiedAssertion; this module alone has it."""


_VERIFIER = _Verifier()


@final
@dataclass(frozen=True, slots=True)
class VerifiedAssertion:
    """An assertion covered by a valid signature. Whoever has one may rely on its values.

    Args:
        values: What the assertion says.
        signed: What carried a signature: ``Response``, ``Assertion`` or both.
        certificates: Those it was verified against.
        made_by: Proves that this module made it.
    """

    values: AssertionValues
    signed: tuple[str, ...]
    certificates: tuple[SigningCertificate, ...] = field(repr=False)
    made_by: InitVar[_Verifier]

    def __post_init__(self, made_by: _Verifier) -> None:
        if made_by is not _VERIFIER:
            raise TypeError("only verify makes a VerifiedAssertion")

    def is_signed_for(self, certificates: tuple[SigningCertificate, ...]) -> bool:
        """Returns whether a signature was verified against these certificates."""
        return bool(self.signed) and self.certificates == certificates


def verify(received: ReceivedResponse, certificates: Iterable[SigningCertificate]) -> VerifiedAssertion:
    """Verifies every signature of a response and returns its assertion.

    The Response or its Assertion must be signed; what is signed must be signed correctly. Each certificate is tried.

    Raises:
        BadSignature: unsigned, an unexpected shape, an algorithm outside the allowed list, a wrong digest, or a key
            that is none of the given certificates'.

    Spec: SAML Core §5.4; XML Signature Syntax and Processing §3.2
    Evidence: assumed (which algorithms and shapes AWS takes is not public)
    """
    trusted = tuple(certificates)
    _require_unique_ids(received.trees)
    signed = [
        (name, element, signature)
        for name, element in (("Response", received.root), ("Assertion", received.assertion))
        if (signature := _own_signature(name, element)) is not None
    ]
    expected_count = len(signed)
    if sum(1 for tree in received.trees for _ in tree.iter(f"{DS}Signature")) != expected_count:
        raise BadSignature("A Signature stands where none belongs.", where="/Response//Signature")
    if not signed:
        raise BadSignature(
            "Neither the Response nor the Assertion is signed.",
            where="/Response/Assertion",
            expected="a ds:Signature right after the Issuer",
        )
    for name, element, signature in signed:
        _require_shape(name, element, signature)
        _require_arithmetic(name, element, signature, trusted)
    return VerifiedAssertion(received.unverified, tuple(name for name, *_ in signed), trusted, made_by=_VERIFIER)


def suppose_verified(received: ReceivedResponse) -> VerifiedAssertion:
    """Takes an assertion at its word, so that a diagnosis can ask what AWS would find next.

    It is signed for no certificate: no session is opened with it.
    """
    return VerifiedAssertion(received.unverified, (), (), made_by=_VERIFIER)


def embedded_certificates(received: ReceivedResponse) -> tuple[SigningCertificate, ...]:
    """Returns the certificates that the response carries itself. They prove nothing about who signed."""
    texts = {(element.text or "") for tree in received.trees for element in tree.iter(f"{DS}X509Certificate")}
    certificates = []
    for text in texts:
        try:
            certificates.append(SigningCertificate.from_base64(text))
        except ValueError:
            continue
    return tuple(certificates)


def _path(name: str) -> str:
    return "/Response" if name == "Response" else "/Response/Assertion"


def _require_unique_ids(trees: Iterable[etree._Element]) -> None:
    values: list[Any] = [value for tree in trees for value in _ids_of(tree)]
    if len(values) > _MAX_IDS:
        raise BadSignature(f"More than {_MAX_IDS} elements have an ID.", where="/Response//@ID")
    repeated = next((value for position, value in enumerate(values) if value in values[:position]), None)
    if repeated is not None:
        raise BadSignature(
            f"Two elements have the ID {repeated}: what the signature covers would be ambiguous.",
            where="/Response//@ID",
        )


def _ids_of(tree: etree._Element) -> list[Any]:
    found: Any = _ALL_IDS(tree)
    return list(found)


def _own_signature(name: str, element: etree._Element) -> etree._Element | None:
    children = element.findall(f"{DS}Signature")
    if not children:
        return None
    if len(children) > 1 or len(element) < 2 or element[0].tag != f"{SAML}Issuer" or element[1] is not children[0]:
        raise BadSignature(f"The {name}'s Signature is not right after its Issuer.", where=f"{_path(name)}/Signature")
    return children[0]


def _require_shape(name: str, element: etree._Element, signature: etree._Element) -> None:
    where = f"{_path(name)}/Signature"
    _require_children(signature, ("SignedInfo", "SignatureValue", "KeyInfo"), optional=1, where=where)
    signed_info = signature[0]
    info_path = f"{where}/SignedInfo"
    _require_children(signed_info, ("CanonicalizationMethod", "SignatureMethod", "Reference"), where=info_path)
    canonicalization, method, reference = signed_info
    _require_algorithm(canonicalization, (_EXCLUSIVE_C14N,), where=f"{info_path}/CanonicalizationMethod")
    _require_algorithm(method, tuple(_SIGNATURE_METHODS), where=f"{info_path}/SignatureMethod")
    reference_path = f"{info_path}/Reference"
    expected_uri = f"#{element.get('ID', '')}"
    if expected_uri == "#" or reference.get("URI") != expected_uri:
        raise BadSignature(
            f"The {name}'s Signature refers to something else than the {name} it stands in.",
            where=f"{reference_path}/@URI",
            expected=expected_uri,
            received=repr(reference.get("URI")),
        )
    _require_children(reference, ("Transforms", "DigestMethod", "DigestValue"), where=reference_path)
    transforms, digest_method, _ = reference
    _require_children(transforms, ("Transform", "Transform"), where=f"{reference_path}/Transforms")
    _require_algorithm(transforms[0], (_ENVELOPED,), where=f"{reference_path}/Transforms/Transform[1]")
    _require_algorithm(transforms[1], (_EXCLUSIVE_C14N,), where=f"{reference_path}/Transforms/Transform[2]")
    _require_algorithm(digest_method, tuple(_DIGEST_METHODS), where=f"{reference_path}/DigestMethod")


def _require_children(element: etree._Element, names: tuple[str, ...], *, where: str, optional: int = 0) -> None:
    tags = [child.tag for child in element]
    wanted = [f"{DS}{name}" for name in names]
    if tags not in (wanted, wanted[: len(wanted) - optional]):
        raise BadSignature(
            "The Signature is not built the way SAML signatures are.",
            where=where,
            expected=", ".join(names),
            received=", ".join(etree.QName(child).localname for child in element) or "nothing",
        )


def _require_algorithm(element: etree._Element, allowed: tuple[str, ...], *, where: str) -> None:
    algorithm = element.get("Algorithm")
    if algorithm not in allowed:
        raise BadSignature(
            f"The algorithm {algorithm} is not accepted here.",
            where=f"{where}/@Algorithm",
            expected=" or ".join(allowed),
            received=str(algorithm),
        )


def _require_arithmetic(
    name: str, element: etree._Element, signature: etree._Element, certificates: tuple[SigningCertificate, ...]
) -> None:
    if not any(_verifies(element, signature, certificate) for certificate in certificates):
        same_key = any(certificate.der in _der_of(signature) for certificate in certificates)
        raise BadSignature(
            f"The {name} was changed after it was signed."
            if same_key
            else f"The {name} is signed with a key that is not in the provider's metadata.",
            where=f"{_path(name)}/Signature",
        )


def _verifies(element: etree._Element, signature: etree._Element, certificate: SigningCertificate) -> bool:
    """Does the arithmetic with the one method and the one digest that the shape was found to name."""
    signed_info = signature[0]
    method, digest = signed_info[1].get("Algorithm", ""), signed_info[2][1].get("Algorithm", "")
    context = xmlsec.SignatureContext()
    context.key = certificate.key
    context.enable_reference_transform(xmlsec.constants.TransformEnveloped)
    context.enable_reference_transform(xmlsec.constants.TransformExclC14N)
    context.enable_reference_transform(_DIGEST_METHODS[digest])
    context.enable_signature_transform(xmlsec.constants.TransformExclC14N)
    context.enable_signature_transform(_SIGNATURE_METHODS[method])
    context.register_id(element, "ID")
    try:
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


def _der_of(signature: etree._Element) -> tuple[bytes, ...]:
    certificates = []
    for element in signature.iter(f"{DS}X509Certificate"):
        try:
            certificates.append(SigningCertificate.from_base64(element.text or "").der)
        except ValueError:
            continue
    return tuple(certificates)
