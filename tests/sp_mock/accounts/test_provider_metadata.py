"""Metadata documents that IAM does not take."""

from __future__ import annotations

import base64
import codecs
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.kernel.errors import InvalidInput
from sp_mock.accounts.provider_metadata import parse_metadata

Change = Callable[[bytes], bytes]


def _with_certificate(der: bytes) -> Change:
    def change(document: bytes) -> bytes:
        start = document.index(b"<ds:X509Certificate>") + len(b"<ds:X509Certificate>")
        return document[:start] + base64.b64encode(der) + document[document.index(b"</ds:X509Certificate>") :]

    return change


def _certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, oids: tuple[str, ...] = ()) -> bytes:
    name, now = x509.Name([]), Clock().now()
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    for oid in oids:
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), b"\x05\x00")
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def _twice() -> bytes:
    """A certificate in which an extension stands twice; its signature no longer fits, which nobody asks."""
    key = rsa.generate_private_key(65537, 2048)
    return _certificate(key, ("1.2.3.4", "1.2.3.5")).replace(b"\x06\x03\x2a\x03\x05", b"\x06\x03\x2a\x03\x04")


def _small() -> bytes:
    return _certificate(rsa.generate_private_key(65537, 1024))  # noqa: S505 - the border


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda document: codecs.BOM_UTF8 + document, "the document begins with a byte order mark"),
        (lambda document: document.decode().encode("utf-16"), "the document begins with a byte order mark"),
        (lambda _: b"<html><body>Sign in</body></html>", "the root element is html, not an md:EntityDescriptor"),
        (lambda document: document.replace(b"entityID=", b"id="), "lacks an entityID or an IDPSSODescriptor"),
        (lambda document: document.replace(b"SAML:2.0:protocol", b"SAML:1.1:protocol"), "does not support SAML 2.0"),
        (lambda document: document.replace(b'use="signing"', b'use="encryption"'), "has no signing certificate"),
        (_with_certificate(b"x"), "a signing key is not an X.509 certificate in base64"),
        (_with_certificate(_twice()), "a signing key is a certificate with the extension 1.2.3.4 twice"),
        (_with_certificate(_certificate(ec.generate_private_key(ec.SECP256R1()))), "not an RSA key of 1024 bits"),
    ],
    ids=["bom", "utf-16", "html", "no-entity-id", "saml-1.1", "no-signing", "no-certificate", "twice", "elliptic"],
)
def test_what_is_not_taken(federation: Federation, change: Change, why: str) -> None:
    """IAM says one sentence; the explanation says what is wrong."""
    document = federation.identity_providers["acme"].metadata("amazon-connect")
    with pytest.raises(InvalidInput) as caught:
        parse_metadata(change(document))
    assert caught.value.message == "Could not parse metadata"
    assert why in caught.value.explanation


def test_a_short_key_that_is_long_enough(federation: Federation) -> None:
    """1024 bits are the least."""
    document = federation.identity_providers["acme"].metadata("amazon-connect")
    assert len(parse_metadata(_with_certificate(_small())(document)).certificates) == 1
