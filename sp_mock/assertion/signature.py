"""Whether a response is signed by the provider's key, and is exactly the document that was signed.

An XML signature names the element it covers, and most vulnerabilities come from reading a different one. So the shape
is checked first: which elements carry a signature, where it is, what it refers to and how. Only then does python-xmlsec
do the arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from typing import Any, final

import xmlsec
from lxml import etree

from sp_mock.accounts.provider_metadata import SigningCertificate
from sp_mock.assertion.mistakes import signatures as mistakes
from sp_mock.assertion.mistakes.signing_keys import not_verified
from sp_mock.assertion.received import ReceivedResponse
from sp_mock.assertion.signature_shape import (
    CANONICALIZATIONS,
    DIGEST_METHODS,
    SIGNATURE_METHODS,
    BadSignature,
    SignatureShape,
    own_signature,
    require_shape,
)
from sp_mock.assertion.values import AssertionValues
from sp_mock.xml import DS

# libxml2 recognises xml:id as an ID by itself.
_ALL_IDS = etree.XPath(
    " | ".join(f"/descendant::*/@{name}" for name in ("ID", "Id", "id", "AssertionID", "xml:id")), smart_strings=False
)
_MAX_IDS = 100
_SIGNATURE, _CERTIFICATE = f"{DS}Signature", f"{DS}X509Certificate"

# Without this, libxmlsec opens files that an unverified Reference names.
xmlsec.cleanup_callbacks()


class _Verifier:
    """The right to make a VerifiedAssertion, held by this module alone."""


_VERIFIER = _Verifier()


@final
@dataclass(frozen=True, slots=True)
class VerifiedAssertion:
    """An assertion covered by a valid signature. Its holder may rely on its values.

    Args:
        values: What the assertion says.
        signed: The elements that carried a signature: ``Response``, ``Assertion`` or both.
        certificates: Certificates that the signature was verified against.
        made_by: Proof that this module made it.
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


def verify(
    received: ReceivedResponse,
    certificates: Iterable[SigningCertificate],
    *,
    accept_sha1: bool = False,
    now: datetime | None = None,
    metadata: bytes = b"",
) -> VerifiedAssertion:
    """Verifies every signature of a response and returns its assertion.

    The Response or its Assertion must be signed; what is signed must be signed correctly. Each certificate is tried.

    Args:
        certificates: Certificates of the keys that may have signed it.
        accept_sha1: Whether SHA-1 is accepted.
        now: The current instant, to describe certificates; it decides nothing.
        metadata: The metadata document that the certificates come from, to describe others in it.

    Raises:
        BadSignature: unsigned, an unexpected shape, an algorithm outside the allowed list, a wrong digest, or a key
        that belongs to none of the given certificates.

    Spec: SAML Core §5.4; XML Signature Syntax and Processing §3.2
    Evidence: assumed (which algorithms and shapes AWS takes is not public)
    """
    trusted = tuple(certificates)
    shapes = signature_shapes(received, accept_sha1=accept_sha1)
    for shape in shapes:
        if not _is_signed_by_one_of(trusted, shape):
            inner = shapes[-1] if shapes[-1] is not shape else None
            ders = [certificate.der for certificate in trusted]
            raise BadSignature(not_verified(shape, ders, inner=inner, now=now, metadata=metadata))
    return VerifiedAssertion(received.unverified, tuple(shape.name for shape in shapes), trusted, made_by=_VERIFIER)


def signature_shapes(received: ReceivedResponse, *, accept_sha1: bool = False) -> tuple[SignatureShape, ...]:
    """Returns the signatures of a response, the Response's first; at least one. No certificate is needed.

    Args:
        accept_sha1: Whether SHA-1 is accepted.

    Raises:
        BadSignature: unsigned, an unexpected shape, or an algorithm outside the allowed list.

    Spec: SAML Core §5.4
    Evidence: assumed (which algorithms and shapes AWS takes is not public)
    """
    _require_unique_ids(received.trees)
    signed = [
        (name, element, signature)
        for name, element in (("Response", received.root), ("Assertion", received.assertion))
        if (signature := own_signature(name, element)) is not None
    ]
    if sum(1 for tree in received.trees for _ in tree.iter(_SIGNATURE)) != len(signed):
        own = [signature for *_, signature in signed]
        found = [each for tree in received.trees for each in tree.iter(_SIGNATURE) if each not in own]
        raise BadSignature(mistakes.stray(found))
    if not signed:
        raise BadSignature(mistakes.unsigned(received.root))
    return tuple(require_shape(*each, accept_sha1=accept_sha1) for each in signed)


def suppose_verified(received: ReceivedResponse) -> VerifiedAssertion:
    """Takes an assertion as if it were verified, so that a diagnosis can go on to the next checks.

    It counts as signed for no certificate, so no session can be opened with it.
    """
    return VerifiedAssertion(received.unverified, (), (), made_by=_VERIFIER)


def embedded_certificates(received: ReceivedResponse) -> tuple[SigningCertificate, ...]:
    """Returns the certificates that the response itself carries. They prove nothing about who signed it."""
    texts = {(element.text or "") for tree in received.trees for element in tree.iter(_CERTIFICATE)}
    certificates = []
    for text in texts:
        try:
            certificates.append(SigningCertificate.from_base64(text))
        except ValueError:
            continue
    return tuple(certificates)


def _require_unique_ids(trees: tuple[etree._Element, ...]) -> None:
    values: list[Any] = [value for tree in trees for value in _ids_of(tree)]
    if len(values) > _MAX_IDS:
        raise BadSignature(mistakes.too_many_ids(_MAX_IDS))
    if len(set(values)) < len(values):
        repeated = next(value for position, value in enumerate(values) if value in values[:position])
        raise BadSignature(mistakes.repeated_id(str(repeated), trees))


def _ids_of(tree: etree._Element) -> list[Any]:
    found: Any = _ALL_IDS(tree)
    return list(found)


def _is_signed_by_one_of(certificates: tuple[SigningCertificate, ...], shape: SignatureShape) -> bool:
    """Returns whether one of the certificates signed, with an algorithm that suits its kind of key."""
    key_type, _ = SIGNATURE_METHODS[shape.method]
    return any(certificate.key_type == key_type and _verifies(shape, certificate) for certificate in certificates)


def _verifies(shape: SignatureShape, certificate: SigningCertificate) -> bool:
    """Verifies with the algorithms that the shape was found to name, and no others."""
    context = xmlsec.SignatureContext()
    context.key = certificate.key
    context.enable_reference_transform(xmlsec.constants.TransformEnveloped)
    context.enable_reference_transform(CANONICALIZATIONS[shape.transform])
    context.enable_reference_transform(DIGEST_METHODS[shape.digest])
    context.enable_signature_transform(CANONICALIZATIONS[shape.canonicalization])
    context.enable_signature_transform(SIGNATURE_METHODS[shape.method][1])
    try:
        context.register_id(shape.element, "ID")
        context.verify(shape.signature)
    except xmlsec.Error:
        return False
    return True
