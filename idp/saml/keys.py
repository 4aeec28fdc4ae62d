"""Key pairs and certificates as Okta creates them for an app."""

from __future__ import annotations

from datetime import timedelta

from emulator.kernel.clock import Clock, Ids
from idp.model import KeyPair

_VALID_FOR = timedelta(days=3652)
_LINE = 76


def make_key_pair(*, common_name: str, clock: Clock, ids: Ids) -> KeyPair:
    """Creates an RSA-2048 key and a self-signed certificate with the subject that Okta uses.

    Args:
        common_name: Name of the org.
        clock: Source of the certificate's dates.
        ids: Source of the serial number; the key itself always uses the system's randomness.

    Spec: an Okta certificate of 2018
    Evidence: observed
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = clock.now()
    subject = {
        NameOID.COUNTRY_NAME: "US",
        NameOID.STATE_OR_PROVINCE_NAME: "California",
        NameOID.LOCALITY_NAME: "San Francisco",
        NameOID.ORGANIZATION_NAME: "Okta",
        NameOID.ORGANIZATIONAL_UNIT_NAME: "SSOProvider",
        NameOID.COMMON_NAME: common_name,
        NameOID.EMAIL_ADDRESS: "info@okta.com",
    }
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in subject.items()])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int(now.timestamp() * 1000) + ids.integer(0, 999))
        .not_valid_before(now)
        .not_valid_after(now + _VALID_FOR)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    return KeyPair(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        certificate.public_bytes(pem),
    )


def certificate_base64(certificate_pem: bytes) -> str:
    """Returns the base64 text inside a PEM certificate, without its line breaks."""
    lines = certificate_pem.decode("ascii").splitlines()
    return "".join(line.strip() for line in lines if line and not line.startswith("-----"))


def certificate_lines(certificate: str) -> str:
    """Returns a certificate in base64, broken into lines of 76 characters as in Okta's Responses and metadata.

    Spec: Okta's metadata of 2023 to 2025 and Responses since 2020
    Evidence: observed
    """
    return "\n".join(certificate[start : start + _LINE] for start in range(0, len(certificate), _LINE))
