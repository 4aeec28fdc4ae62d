"""Why a signature of the right shape does not verify: the content was changed, or another key signed it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from emulator.kernel.explanations import Sent
from sp_mock.assertion.mistakes.arithmetic import DIGEST_VALUE, Signed, bytes_of, is_whole, made_it
from sp_mock.assertion.mistakes.certificates import (
    described,
    embedded_in,
    is_in,
    load_certificate,
    out_of_date,
    short,
    shorts,
    weakness,
)
from sp_mock.assertion.mistakes.messages import ATTACK
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.xml import DS

_UPLOAD = "Upload the identity provider's current metadata to the SAML provider, in every account that uses it."
_AS_IT_CAME = (
    "Pass the message on as it came, byte for byte: a proxy, an editor or a program that parses the XML and writes it "
    "anew changes it."
)


def not_verified(
    signed: Signed,
    registered: Sequence[bytes],
    *,
    inner: Signed | None = None,
    now: datetime | None = None,
    metadata: bytes = b"",
) -> Mistake:
    """Explains why none of the registered certificates verifies a signature.

    Args:
        signed: The signature.
        registered: Registered signing certificates, in DER.
        inner: The signed assertion in a signed Response, to locate the change.
        now: The current instant, to point out expired certificates.
        metadata: Metadata document of the SAML provider, to point out certificates that are in it for another use.
    """
    for name, what in (("SignatureValue", "the signature itself"), (DIGEST_VALUE, "the digest of the content")):
        if not bytes_of(signed, name):
            return _empty(signed, name, what)
    whole = is_whole(signed)
    ours = [certificate for der in registered if (certificate := load_certificate(der)) is not None]
    by_ours = any(made_it(signed, certificate) for certificate in ours)
    if by_ours:
        return _changed(signed, inner)
    theirs = list(embedded_in(signed.signature))
    return _other_key(signed, ours, theirs, whole=whole, now=now, metadata=metadata)


def _empty(signed: Signed, name: str, what: str) -> Mistake:
    leaf = signed.signature.find("/".join(f"{DS}{step}" for step in name.split("/")))
    text = "" if leaf is None else (leaf.text or "").strip()
    last = name.rpartition("/")[2]
    told = "is not base64" if text else "is empty"
    return Mistake(
        f"The {last} of the {signed.name}'s Signature {told}: {what} is missing.",
        where=f"{signed.where}/{name}",
        expected="base64",
        received=text[:60] or "nothing",
        fix="Sign the message: this Signature is a template that nobody filled in, or its values were cut out.",
        causes=(Sent(f"{signed.where}/{name}"),),
    )


def _changed(signed: Signed, inner: Signed | None) -> Mistake:
    place = ""
    if inner is not None:
        inside = not is_whole(inner)
        place = (
            " The change is in the assertion, whose own digest does not fit either."
            if inside
            else " The change is outside the assertion, whose own digest still fits."
        )
    return Mistake(
        f"The {signed.name} was changed after it was signed: the digest in its Signature is not that of what arrived, "
        f"though a registered key made the signature.{place}",
        where=signed.where,
        expected=f"the {signed.name} as it was signed",
        received="other content under the same signature",
        fix=f"{_AS_IT_CAME} {ATTACK}",
        causes=(Sent(signed.where),),
    )


def _other_key(
    signed: Signed,
    ours: Sequence[x509.Certificate],
    theirs: Sequence[x509.Certificate],
    *,
    whole: bool,
    now: datetime | None,
    metadata: bytes,
) -> Mistake:
    """Explains a signature that no registered key made."""
    signer = next((certificate for certificate in theirs if made_it(signed, certificate)), None)
    known = {certificate.tbs_certificate_bytes for certificate in ours}
    changed = (
        "" if whole else f" What is more, the {signed.name} was changed after it was signed: its digest is another."
    )
    told, fix = _who_signed(signed, ours, theirs, signer, known, metadata)
    # The registered certificate came with the message, so the metadata is right.
    is_registered = signer is None and any(each.tbs_certificate_bytes in known for each in theirs)
    return Mistake(
        f"The {signed.name} {told}.{changed}{out_of_date(ours, now)}",
        where=signed.where,
        expected=" or ".join(described(each, theirs) for each in ours) or "a registered certificate",
        received=described(signer or theirs[0], ours) if theirs else "no certificate",
        fix=fix,
        causes=(Sent(signed.where),),
        provider_setting="" if is_registered else "metadata",
    )


def _who_signed(
    signed: Signed,
    ours: Sequence[x509.Certificate],
    theirs: Sequence[x509.Certificate],
    signer: x509.Certificate | None,
    known: set[bytes],
    metadata: bytes,
) -> tuple[str, str]:
    key_class = EllipticCurvePublicKey if "ecdsa" in signed.method else RSAPublicKey
    kind = "an elliptic" if "ecdsa" in signed.method else "an RSA"
    fitting = [each for each in ours if isinstance(each.public_key(), key_class)]
    foreign = "is signed with a key that is not in the provider's metadata"
    if signer is not None and is_in(signer, metadata):
        return (
            f"is signed with {short(signer)}, which is in the provider's metadata for encryption, not for signing",
            "Let the identity provider sign with its signing key, or register that certificate with use=signing.",
        )
    if not fitting and ours:
        made = f": it was made with {short(signer)}" if signer is not None else ""
        return (
            f"is signed with {kind} key, and the provider's metadata has keys of another kind only{made}",
            f"{_UPLOAD} It has to hold the key that signs now.",
        )
    if signer is not None:
        return (
            f"{foreign}: it was made with {short(signer)}{weakness(signer)}, and registered is {shorts(ours)}",
            _UPLOAD,
        )
    carried = [each for each in theirs if each.tbs_certificate_bytes in known]
    if carried:
        return (
            f"carries the registered certificate, {shorts(carried)}, but its key did not sign this",
            f"Sign with the private key that belongs to the certificate, and edit nothing of the Signature. {ATTACK}",
        )
    if theirs:
        return (
            f"{foreign}: neither {shorts(theirs)}, which it carries, nor {shorts(ours)}, which is registered, made it",
            f"{_AS_IT_CAME} Its SignatureValue fits no certificate that is known here.",
        )
    return (
        f"{foreign}: its KeyInfo names no certificate, and {shorts(ours)}, which is registered, did not make it",
        f"{_UPLOAD} Have the identity provider put its certificate into KeyInfo, which shows whose key it is.",
    )
