"""Certificates look like Okta's."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from emulator.kernel.clock import Clock, Ids
from idp.saml.keys import certificate_base64, make_key_pair
from tests.conftest import NOW


def test_a_certificate_has_oktas_subject_key_and_dates() -> None:
    """Self-signed, RSA-2048, SHA-256, ten years, a serial number of six bytes."""
    pair = make_key_pair(common_name="acme", clock=Clock(frozen_at=NOW), ids=Ids(seed=7))
    certificate = x509.load_pem_x509_certificate(pair.certificate_pem)
    assert [attribute.value for attribute in certificate.subject] == [
        "US",
        "California",
        "San Francisco",
        "Okta",
        "SSOProvider",
        "acme",
        "info@okta.com",
    ]
    assert certificate.issuer == certificate.subject
    assert certificate.version is x509.Version.v3
    assert certificate.signature_algorithm_oid == x509.SignatureAlgorithmOID.RSA_WITH_SHA256
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 2048
    assert certificate.serial_number.bit_length() <= 48
    assert certificate.not_valid_before_utc == NOW
    assert certificate.not_valid_after_utc - NOW == timedelta(days=3652)
    certificate.verify_directly_issued_by(certificate)


def test_the_private_key_does_not_show() -> None:
    """Neither in a repr nor in a traceback that prints one."""
    pair = make_key_pair(common_name="acme", clock=Clock(frozen_at=NOW), ids=Ids(seed=7))
    assert "PRIVATE" not in repr(pair)


def test_base64_has_no_armour() -> None:
    """It is what goes between the tags of ds:X509Certificate."""
    pem = b"-----BEGIN CERTIFICATE-----\r\nMIIB\r\nAAA=\r\n-----END CERTIFICATE-----\r\n"
    assert certificate_base64(pem) == "MIIBAAA="
