"""Metadata documents that IAM does not take."""

from __future__ import annotations

import base64
import codecs
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
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


Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def _certificate(key: Key, oids: tuple[str, ...] = ()) -> bytes:
    name, now = x509.Name([]), Clock().now()
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    for oid in oids:
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), b"\x05\x00")
        builder = builder.add_extension(extension, critical=False)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(Encoding.DER)


def _twice() -> bytes:
    """A certificate in which an extension occurs twice; its signature no longer fits, which nobody asks."""
    key = rsa.generate_private_key(65537, 2048)
    return _certificate(key, ("1.2.3.4", "1.2.3.5")).replace(b"\x06\x03\x2a\x03\x05", b"\x06\x03\x2a\x03\x04")


def _small() -> bytes:
    return _certificate(rsa.generate_private_key(65537, 1024))  # noqa: S505 - the border


# An RSA key of 512 bits, which libraries do not make any more: openssl req -x509 -newkey rsa:512 -nodes -subj /CN=weak
WEAK = base64.b64decode(
    "MIIBdzCCASGgAwIBAgIUcIzyHizi7XzMT9edUzH9xZDukBQwDQYJKoZIhvcNAQELBQAwDzENMAsGA1UEAwwEd2VhazAgFw0yNjEx"
    "MjYwMzQ4MTFaGA8yMTI2MTEwMjAzNDgxMVowDzENMAsGA1UEAwwEd2VhazBcMA0GCSqGSIb3DQEBAQUAA0sAMEgCQQCxgswuI894"
    "eplx9+638xyhlOOAaTo9QmxuicGl3QjoKR7LR0U7x6qyjXwonNPhu76mv2ecgnf1YYO77/gOuP7XAgMBAAGjUzBRMB0GA1UdDgQW"
    "BBRx+AjxGNFacweCBNBjaDGMWiGCsTAfBgNVHSMEGDAWgBRx+AjxGNFacweCBNBjaDGMWiGCsTAPBgNVHRMBAf8EBTADAQH/MA0G"
    "CSqGSIb3DQEBCwUAA0EAZnNIKu9xQ9R06viPz7Aaan+Ie6Dk4CjUZqWjbyVMUFT77eO2VUHwkoOLB4yvcdkw/Jk+5lklT1fycAkh"
    "xodPzA=="
)


def _wrapped(document: bytes) -> bytes:
    """An aggregate with the document in it twice."""
    start = b'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">'
    return start + document.partition(b"?>")[2] * 2 + b"</md:EntitiesDescriptor>"


def _service_provider(document: bytes) -> bytes:
    return document.replace(b"IDPSSODescriptor", b"SPSSODescriptor")


AGAIN = "Download the app's metadata again, and upload it unchanged."
PAGE = "Download the app's metadata again with a link that needs no login; a saved sign-in page is a frequent mix-up."
NO_MARK = "Save the file as UTF-8 without a byte order mark; editors on Windows often add one."
NEW_KEY = "Have the identity provider make a new key"
BOM = "the document begins with a byte order mark; it has to be UTF-8 without one"
# (name, what is done to good metadata, the reason, the fix's beginning)
REFUSED: list[tuple[str, Change, str, str]] = [
    ("UTF-8 with a byte order mark", lambda document: codecs.BOM_UTF8 + document, BOM, NO_MARK),
    ("UTF-16", lambda document: document.decode().encode("utf-16"), BOM, NO_MARK),
    ("UTF-32", lambda document: document.decode().encode("utf-32"), BOM, NO_MARK),
    (
        "Latin 1",
        lambda document: document.replace(b'encoding="UTF-8"', b'encoding="ISO-8859-1"'),
        "it is in the encoding ISO-8859-1, not in UTF-8",
        "Save the file as UTF-8",
    ),
    (
        "a page of well-formed XML",
        lambda _: b"<html><body>Sign in</body></html>",
        "the root element is html, not an md:EntityDescriptor",
        PAGE,
    ),
    (
        "a web page",
        lambda _: b"<!DOCTYPE html>\n<html><head><meta charset=utf-8><title>Sign in</title>",
        "it is a web page, not metadata",
        PAGE,
    ),
    (
        "a web page after a comment",
        lambda _: b"\n <!-- -->\n<HTML lang=en><br></HTML>",
        "it is a web page, not metadata",
        PAGE,
    ),
    (
        "a certificate",
        lambda _: b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "it is a certificate, not metadata",
        "Upload the identity provider's metadata",
    ),
    ("JSON", lambda _: b'{"issuer": "https://idp.example.com"}', "it is not well-formed XML", AGAIN),
    ("nothing", lambda _: b"", "it is not well-formed XML", AGAIN),
    ("cut off", lambda document: document[: len(document) // 2], "it is not well-formed XML", AGAIN),
    (
        "a DOCTYPE",
        lambda document: document.replace(b"<md:EntityDescriptor", b"<!DOCTYPE x><md:EntityDescriptor", 1),
        "it has a document type declaration (DOCTYPE), which SAML messages must not have",
        "Delete the line that begins with <!DOCTYPE",
    ),
    (
        "an aggregate",
        _wrapped,
        "it is an aggregate, an md:EntitiesDescriptor with 2 entities, not an md:EntityDescriptor",
        "Cut out the EntityDescriptor of your identity provider",
    ),
    (
        "a service provider's",
        _service_provider,
        "it is the metadata of a service provider, with an SPSSODescriptor and without an IDPSSODescriptor",
        "Upload the identity provider's metadata; AWS's own, which this may be,",
    ),
    (
        "without an entityID",
        lambda document: document.replace(b"entityID=", b"id="),
        "the EntityDescriptor lacks an entityID or an IDPSSODescriptor",
        AGAIN,
    ),
    (
        "of SAML 1.1",
        lambda document: document.replace(b"SAML:2.0:protocol", b"SAML:1.1:protocol"),
        "the IDPSSODescriptor does not support SAML 2.0",
        "Set the identity provider's app to SAML 2.0",
    ),
    (
        "for encryption only",
        lambda document: document.replace(b'use="signing"', b'use="encryption"'),
        "the IDPSSODescriptor has no signing certificate",
        "Choose a signing certificate",
    ),
    ("no certificate", _with_certificate(b"x"), "a signing key is not an X.509 certificate in base64", AGAIN),
    (
        "a certificate with its BEGIN line",
        lambda document: document.replace(b"<ds:X509Certificate>", b"<ds:X509Certificate>-----BEGIN CERTIFICATE-----"),
        "a signing key is not an X.509 certificate in base64",
        f"{AGAIN} X509Certificate holds base64 text alone, without BEGIN and END lines.",
    ),
    (
        "an extension twice",
        _with_certificate(_twice()),
        "a signing key is a certificate with the extension 1.2.3.4 twice",
        "Have the identity provider make another certificate",
    ),
    (
        "a weak key",
        _with_certificate(WEAK),
        "a signing key is not an RSA key of 1024 bits or more; it has 512",
        f"{NEW_KEY} of 2048 bits, and upload the metadata with it.",
    ),
    (
        "a weak curve",
        _with_certificate(_certificate(ec.generate_private_key(ec.SECP224R1()))),
        "a signing key is a key on the curve secp224r1, not on secp256r1, secp384r1, secp521r1",
        f"{NEW_KEY}, on P-256 for example, and upload the metadata with it.",
    ),
    (
        "another kind of key",
        _with_certificate(_certificate(ed25519.Ed25519PrivateKey.generate())),
        "a signing key is not an RSA key of 1024 bits or more, nor one on an elliptic curve",
        "Have the identity provider sign with an RSA key of 2048 bits",
    ),
    (
        "too long",
        lambda document: document.replace(b"</md:EntityDescriptor>", b"\n" * 10_000_000 + b"</md:EntityDescriptor>"),
        "the document has more than 10000000 characters",
        "Take what no login needs out of it",
    ),
]


@pytest.mark.parametrize(("change", "why", "fix"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_not_taken(federation: Federation, change: Change, why: str, fix: str) -> None:
    """IAM says one sentence; the explanation says what is wrong, and the fix what to do about it."""
    document = federation.identity_providers["acme"].metadata("amazon-connect")
    with pytest.raises(InvalidInput) as caught:
        parse_metadata(change(document))
    refusal = caught.value
    assert (refusal.message, refusal.code, refusal.status) == ("Could not parse metadata", "InvalidInput", 400)
    assert refusal.check == "provider-metadata"
    assert refusal.explanation.startswith(f"The metadata document cannot be used: {why}")
    assert refusal.fix.startswith(fix)


def test_each_kind_of_mistake_has_its_own_reason_and_fix() -> None:
    """An aggregate, a service provider's file, a web page, a mark, a DOCTYPE and a weak key are distinguished."""
    kinds = ("UTF-8 with a byte order mark", "a web page", "a DOCTYPE", "an aggregate", "a service provider's")
    rows = [row for row in REFUSED if row[0] in {*kinds, "a weak key"}]
    assert len({row[2] for row in rows}) == len({row[3] for row in rows}) == len(rows) == 6


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda curve: curve.name)
def test_keys_on_elliptic_curves_are_taken(federation: Federation, curve: ec.EllipticCurve) -> None:
    """P-256, P-384 and P-521 may sign."""
    document = federation.identity_providers["acme"].metadata("amazon-connect")
    change = _with_certificate(_certificate(ec.generate_private_key(curve)))
    assert [certificate.key_type for certificate in parse_metadata(change(document)).certificates] == ["EC"]


def test_ten_million_characters_are_taken(federation: Federation) -> None:
    """Characters count, not bytes: 10,000,000 of them fit, with umlauts among them."""
    document = federation.identity_providers["acme"].metadata("amazon-connect").decode()
    end, umlauts = "</md:EntityDescriptor>", "\u00fc" * 950
    name = f"<md:AdditionalMetadataLocation>{umlauts}</md:AdditionalMetadataLocation>"
    count, rest = divmod(10_000_000 - len(document), len(name))
    long = document.replace(end, name * count + " " * rest + end)
    assert len(long) == 10_000_000
    assert parse_metadata(long.encode()).entity_id == parse_metadata(document.encode()).entity_id


def test_a_short_key_that_is_long_enough(federation: Federation) -> None:
    """1024 bits are the least."""
    document = federation.identity_providers["acme"].metadata("amazon-connect")
    assert len(parse_metadata(_with_certificate(_small())(document)).certificates) == 1
