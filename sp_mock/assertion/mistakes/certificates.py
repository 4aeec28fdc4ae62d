"""Certificates as explanations name them: their subject, the beginning of their fingerprint, and their validity."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from sp_mock.xml import DS

_MANY, _GOOD_BITS = 16, 2048


def embedded_in(signature: etree._Element) -> Iterator[x509.Certificate]:
    """Yields the certificates in a Signature's KeyInfo that can be read."""
    for element in list(signature.iter(f"{DS}X509Certificate"))[:_MANY]:
        try:
            der = base64.b64decode("".join((element.text or "").split()), validate=True)
        except (binascii.Error, ValueError):
            continue
        certificate = load_certificate(der)
        if certificate is not None:
            yield certificate


def load_certificate(der: bytes) -> x509.Certificate | None:
    """Returns a certificate from its DER bytes, or None when it cannot be read."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    return certificate


def weakness(certificate: x509.Certificate) -> str:
    """Returns a phrase about a key that is shorter than it should be; empty for others."""
    key = certificate.public_key()
    weak = isinstance(key, RSAPublicKey) and key.key_size < _GOOD_BITS
    return f", with a key of only {key.key_size} bits" if isinstance(key, RSAPublicKey) and weak else ""


def is_in(certificate: x509.Certificate, metadata: bytes) -> bool:
    """Returns whether a certificate is anywhere in the metadata, even if not as a signing certificate."""
    text = base64.b64encode(certificate.public_bytes(Encoding.DER))
    return text in b"".join(metadata.split())


def fingerprint(certificate: x509.Certificate) -> str:
    """Returns the beginning of a certificate's SHA-256 fingerprint: ``SHA-256 1F:2E:3D:4C…``."""
    return "SHA-256 " + certificate.fingerprint(hashes.SHA256())[:4].hex(":").upper() + "…"


def short(certificate: x509.Certificate) -> str:
    """Returns a certificate's subject and fingerprint."""
    return f"{certificate.subject.rfc4514_string() or 'a certificate without a subject'} ({fingerprint(certificate)})"


def shorts(certificates: Sequence[x509.Certificate]) -> str:
    """Returns the first certificates, and how many more there are."""
    shown = " and ".join(short(each) for each in certificates[:2])
    more = f" and {len(certificates) - 2} more" if len(certificates) > 2 else ""
    return f"{shown}{more}" if shown else "no certificate"


def described(certificate: x509.Certificate, others: Sequence[x509.Certificate]) -> str:
    """Returns a certificate with its validity, where that distinguishes it from the others."""
    if all(_validity(each) == _validity(certificate) for each in others):
        return short(certificate)
    return f"{short(certificate)}, valid {_validity(certificate)}"


def _validity(certificate: x509.Certificate) -> str:
    return f"{certificate.not_valid_before_utc:%Y-%m-%d} to {certificate.not_valid_after_utc:%Y-%m-%d}"


def out_of_date(ours: Sequence[x509.Certificate], now: datetime | None) -> str:
    """Returns a sentence about a registered certificate that has expired or is not valid yet; empty if all are good."""
    for certificate in ours if now is not None else ():
        if now is not None and certificate.not_valid_after_utc < now:
            return (
                f" The registered certificate {fingerprint(certificate)} expired on "
                f"{certificate.not_valid_after_utc:%Y-%m-%d}; the metadata is probably old."
            )
        if now is not None and certificate.not_valid_before_utc > now:
            return (
                f" The registered certificate {fingerprint(certificate)} is not valid before "
                f"{certificate.not_valid_before_utc:%Y-%m-%d}."
            )
    return ""
