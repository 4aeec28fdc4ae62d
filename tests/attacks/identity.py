"""The identity providers of the attack table: their keys, certificates and metadata."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.conftest import NOW

ENTITY_ID = "https://idp.example.com/saml"
ATTACKERS_ENTITY_ID = "https://attacker.example.com/saml"
_CURVES = {"ec256": ec.SECP256R1(), "ec384": ec.SECP384R1(), "ec521": ec.SECP521R1(), "attacker-ec": ec.SECP256R1()}


@dataclass(frozen=True)
class KeyPair:
    """A private key in PEM and its self-signed certificate."""

    private_key_pem: bytes
    certificate: x509.Certificate

    @property
    def certificate_base64(self) -> str:
        """The certificate as ds:X509Certificate has it."""
        return base64.b64encode(self.certificate.public_bytes(Encoding.DER)).decode()

    def xmlsec_key(self) -> xmlsec.Key:
        """Returns the private key for xmlsec."""
        return xmlsec.Key.from_memory(self.private_key_pem, xmlsec.constants.KeyDataFormatPem)


@cache
def key_pair(name: str) -> KeyPair:
    """Returns the key pair of this name.

    Args:
        name: ``trusted`` and ``rotated`` sign for the identity provider, ``encryption`` is in its metadata for
            encryption only, ``ec256`` to ``ec521`` are elliptic, ``attacker`` and ``attacker-ec`` are nobody's here.
            All certificates have the same subject and serial number.
    """
    curve = _CURVES.get(name)
    key = ec.generate_private_key(curve) if curve else rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example.com")])
    builder = x509.CertificateBuilder(
        subject, subject, key.public_key(), 1, NOW - timedelta(days=1), NOW + timedelta(days=3650)
    )
    return KeyPair(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), builder.sign(key, hashes.SHA256())
    )


def metadata(*signing: str, entity_id: str = ENTITY_ID, encryption: tuple[str, ...] = ()) -> str:
    """Returns metadata with these keys for signing and those for encryption."""
    uses = [*((name, "signing") for name in signing), *((name, "encryption") for name in encryption)]
    keys = "".join(
        f'<md:KeyDescriptor use="{use}"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        f"<ds:X509Certificate>{key_pair(name).certificate_base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        "</md:KeyDescriptor>"
        for name, use in uses
    )
    return (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity_id}">'
        f'<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    )
