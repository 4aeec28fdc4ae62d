"""Encrypted assertions: the signed assertion is put into an envelope that only the service provider can open.

Spec: SAML Core §2.3.4; XML Encryption Syntax and Processing 1.1 §4.3
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import xmlsec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate
from lxml import etree

from emulator.kernel.errors import FederationError
from idp.model import AssertionEncryption
from idp.saml.assertion import ASSERTION_NAMESPACE

_ELEMENT = "http://www.w3.org/2001/04/xmlenc#Element"
_DATA = {
    "AES128_GCM": (xmlsec.constants.TransformAes128Gcm, 128),
    "AES256_GCM": (xmlsec.constants.TransformAes256Gcm, 256),
    "AES128_CBC": (xmlsec.constants.TransformAes128Cbc, 128),
    "AES256_CBC": (xmlsec.constants.TransformAes256Cbc, 256),
}
_KEY = {
    "RSA_OAEP": xmlsec.constants.TransformRsaOaep,
    "RSA_15": xmlsec.constants.TransformRsaPkcs1,
}
_ASSERTION = re.compile(r"<saml2:Assertion[ >].*</saml2:Assertion>", re.DOTALL)
_SIGNED_VALUE = re.compile(r"<ds:(DigestValue|SignatureValue)>[^<]*</ds:\1>")


def encrypt_assertion(response: str, encryption: AssertionEncryption) -> str:
    """Returns a Response with its signed assertion encrypted; the Response's own signature is a template again.

    Args:
        response: Signed Response in Okta's spelling.
        encryption: The recipient's certificate, and the algorithms.

    Raises:
        FederationError: the Response has no assertion.

    Spec: XML Encryption 1.1 §4.3
    """
    match = _ASSERTION.search(response)
    if match is None:
        raise FederationError("there is no assertion to encrypt", expected="a Response with one assertion")
    envelope = _envelope(match[0].encode(), encryption)
    before = _SIGNED_VALUE.sub(r"<ds:\1/>", response[: match.start()])
    holder = f'<saml2:EncryptedAssertion xmlns:saml2="{ASSERTION_NAMESPACE}">{envelope}</saml2:EncryptedAssertion>'
    return before + holder + response[match.end() :]


def require_certificate(encryption: AssertionEncryption) -> None:
    """Requires that the certificate can be used for encryption.

    Raises:
        FederationError: it is not a certificate with an RSA key.
    """
    try:
        key = load_pem_x509_certificate(encryption.certificate_pem).public_key()
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey):
        raise FederationError("this is not a certificate with an RSA key", expected="an X.509 certificate in PEM")


@lru_cache(maxsize=32)
def _public_key(certificate_pem: bytes) -> Any:
    return xmlsec.Key.from_memory(certificate_pem, xmlsec.constants.KeyDataFormatCertPem)


def _envelope(assertion: bytes, encryption: AssertionEncryption) -> str:
    transform, bits = _DATA[encryption.algorithm]
    holder = etree.Element("holder")
    data = xmlsec.template.encrypted_data_create(holder, transform, type=_ELEMENT, ns="xenc")
    xmlsec.template.encrypted_data_ensure_cipher_value(data)
    key_info = xmlsec.template.encrypted_data_ensure_key_info(data, ns="ds")
    encrypted_key = xmlsec.template.add_encrypted_key(key_info, _KEY[encryption.key_transport])
    xmlsec.template.encrypted_data_ensure_cipher_value(encrypted_key)
    manager = xmlsec.KeysManager()
    manager.add_key(_public_key(encryption.certificate_pem))
    context = xmlsec.EncryptionContext(manager)
    context.key = xmlsec.Key.generate(xmlsec.constants.KeyDataAes, bits, xmlsec.constants.KeyDataTypeSession)
    try:
        context.encrypt_binary(data, assertion)
    except xmlsec.Error as error:
        raise FederationError(f"this assertion cannot be encrypted: {error}") from None
    return etree.tostring(data, encoding="unicode").replace("\n", "")
