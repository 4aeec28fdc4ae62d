"""A signature judged without the provider's certificates: its shape, its algorithms and its digests.

A mistake in these is a mistake whatever the certificate. Whether AWS knows the signing key stays open.
"""

from __future__ import annotations

from lxml import etree

from emulator.diagnosis.xml_layout import line_of
from emulator.inspection.verdicts import Finding, Verdict
from emulator.kernel.errors import InvalidIdentityToken
from sp_mock.assertion.login_request import EntryPoint
from sp_mock.assertion.mistakes.arithmetic import DIGEST_VALUE, bytes_of, is_whole
from sp_mock.assertion.mistakes.certificates import embedded_in, short
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.received import ReceivedResponse
from sp_mock.assertion.signature import embedded_certificates, signature_shapes, verify
from sp_mock.assertion.signature_shape import BadSignature, SignatureShape, own_signature, require_shape

REDACTION_MARK = b"redacted by fedemu"
_CHECK = "signature"
_GIVE = "give its metadata with --metadata, or a world with --world"
_FEWEST_BITS = 1024


def signature_by_itself(received: ReceivedResponse) -> Finding:
    """Returns a finding about a message's signatures where no certificates are available."""
    try:
        shapes = signature_shapes(received)
        if REDACTION_MARK in received.xml:
            return _open("this copy was redacted, so that its signature fits no more: give the message as it came")
        for shape in shapes:
            _require_whole(shape)
        _require_strong_keys(shapes)
        certificates = embedded_certificates(received)
        if not certificates:
            return _open(
                f"whole, but nobody can say whose signature it is: the message carries no certificate; {_GIVE}"
            )
        verify(received, certificates)
    except BadSignature as error:
        return _refused(error, received.xml)
    signed = " and ".join(shape.name for shape in shapes)
    return _open(f"{signed} whole and signed with the certificate inside; whether AWS knows that one is open: {_GIVE}")


def mistake_around(root: etree._Element, xml: bytes) -> Finding | None:
    """Returns what is wrong with the signature of a Response around an encrypted assertion, or None.

    The assertion may be signed inside, so a Response without a signature is not a mistake.
    """
    try:
        signature = own_signature("Response", root)
        if signature is not None:
            shape = require_shape("Response", root, signature, accept_sha1=False)
            _require_whole(shape)
            _require_strong_keys((shape,))
    except BadSignature as error:
        return _refused(error, xml)
    return None


def _refused(error: BadSignature, xml: bytes) -> Finding:
    refusal = InvalidIdentityToken(
        "Response signature invalid",
        service=EntryPoint.SIGN_IN,
        check=_CHECK,
        explanation=error.explanation,
        where=error.where,
        expected=error.mistake.expected,
        received=error.mistake.received,
        fix=error.mistake.fix,
        spec='AWS IAM UG "troubleshoot_saml"',
        causes=error.mistake.causes,
    )
    return Finding(_CHECK, Verdict.FAILED, refusal.message, refusal, line_of(xml, error.where))


def signed_by(received: ReceivedResponse) -> str:
    """Describes which parts of a message are signed and with which algorithm; empty where nothing is."""
    try:
        shapes = signature_shapes(received, accept_sha1=True)
    except BadSignature:
        return ""
    method = shapes[0].method.rpartition("#")[2]
    return f"{' and '.join(shape.name for shape in shapes)}, {method}"


def _open(text: str) -> Finding:
    return Finding(_CHECK, Verdict.NOT_ASKED, text)


def _require_whole(shape: SignatureShape) -> None:
    """Refuses a signature whose digest does not match what it covers; no key can make it valid."""
    if not bytes_of(shape, DIGEST_VALUE) or not bytes_of(shape, "SignatureValue"):
        raise BadSignature(
            Mistake(
                f"The {shape.name}'s Signature is a template that nobody filled in: a value in it is empty.",
                where=shape.where,
                expected="base64 in DigestValue and SignatureValue",
                received="nothing, or no base64",
                fix="Have the identity provider sign the message.",
            )
        )
    if not is_whole(shape):
        raise BadSignature(
            Mistake(
                f"The {shape.name} was changed after it was signed: the digest in its Signature is not that of what is "
                "here. No certificate makes such a signature good.",
                where=shape.where,
                expected=f"the {shape.name} as it was signed",
                received="other content under the same signature",
                fix="Pass the message on as it came, byte for byte: a proxy, an editor or a program that writes the "
                "XML anew changes it.",
            )
        )


def _require_strong_keys(shapes: tuple[SignatureShape, ...]) -> None:
    """Refuses a key that IAM does not accept for any provider.

    Spec: AWS IAM UG "id_roles_providers_create_saml"
    Evidence: documented (1024 bits at least)
    """
    for shape in shapes:
        for certificate in embedded_in(shape.signature):
            bits = getattr(certificate.public_key(), "key_size", _FEWEST_BITS)
            if "rsa" in shape.method and bits < _FEWEST_BITS:
                raise BadSignature(
                    Mistake(
                        f"The {shape.name} carries {short(certificate)}, whose RSA key has {bits} bits: no SAML "
                        "provider of IAM can have it.",
                        where=shape.where,
                        expected=f"an RSA key of {_FEWEST_BITS} bits or more",
                        received=f"{bits} bits",
                        fix="Have the identity provider make a new key of 2048 bits, and upload the metadata with it.",
                    )
                )
