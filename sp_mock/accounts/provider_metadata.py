"""The metadata document an IAM SAML provider is made from."""

from __future__ import annotations

import base64
import binascii
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from dataclasses import field
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import xmlsec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, SECP521R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from emulator.kernel.errors import InvalidInput
from emulator.kernel.records import dataclass
from sp_mock.instants import parse_instant
from sp_mock.xml import DS, MD, UnreadableXml, is_web_page, read_xml, text_of

MAX_METADATA_CHARACTERS = 10_000_000
MAX_METADATA_BYTES = 4 * MAX_METADATA_CHARACTERS
# A character of three bytes takes nine when percent-encoded; the rest is for the call's other parameters.
MAX_METADATA_FORM_BYTES = 9 * MAX_METADATA_CHARACTERS + 1_000_000
_MIN_KEY_BITS = 1024
_CURVES = {"secp256r1": SECP256R1, "secp384r1": SECP384R1, "secp521r1": SECP521R1}
_SAML2_PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
_BYTE_ORDER_MARKS = (BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE)
_UTF8 = frozenset({"UTF-8", "UTF8", "US-ASCII", "ASCII"})

_DOWNLOAD_AGAIN = "Download the app's metadata again, and upload it unchanged."
_SAVED_PAGE = (
    "Download the app's metadata again with a link that needs no login; a saved sign-in page is a frequent mix-up."
)


class UnusableCertificate(ValueError):
    """A certificate that cannot be used for signing. The text says what it is instead, ``fix`` what to change."""

    def __init__(self, text: str, *, fix: str) -> None:
        super().__init__(text)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """A certificate the identity provider may sign with: DER bytes, the kind of its key and the loaded public key."""

    der: bytes
    key_type: str
    key: Any = field(repr=False, compare=False)

    @classmethod
    @lru_cache(maxsize=32)  # worlds are built again and again with the same certificates
    def from_base64(cls, text: str) -> SigningCertificate:
        """Loads a certificate from the text of a ds:X509Certificate element.

        Only the public key is passed to xmlsec, because a key loaded with its certificate is slow to use.

        Raises:
            UnusableCertificate: the text is not the base64 form of an X.509 certificate, it has an extension twice, or
            its key is neither an RSA key of 1024 bits or more nor one on the curve P-256, P-384 or P-521.

        Spec: AWS IAM UG "id_roles_providers_create_saml"
        Evidence: documented (the RSA keys and the extensions), assumed (the elliptic curves)
        """
        try:
            der = base64.b64decode("".join(text.split()), validate=True)
            certificate = x509.load_der_x509_certificate(der)
            public_key = certificate.public_key()
            _ = certificate.extensions
        except x509.DuplicateExtension as error:
            raise UnusableCertificate(
                f"a certificate with the extension {error.oid.dotted_string} twice",
                fix="Have the identity provider make another certificate: each extension may be in it once.",
            ) from None
        except (binascii.Error, ValueError, UnsupportedAlgorithm):
            raise UnusableCertificate(
                "not an X.509 certificate in base64",
                fix=f"{_DOWNLOAD_AGAIN} X509Certificate holds base64 text alone, without BEGIN and END lines.",
            ) from None
        pem = public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return cls(der, _key_type(public_key), xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem))


def _key_type(public_key: object) -> str:
    """Returns ``RSA`` or ``EC``, for a key that is strong enough."""
    if isinstance(public_key, RSAPublicKey):
        if public_key.key_size >= _MIN_KEY_BITS:
            return "RSA"
        raise UnusableCertificate(
            f"not an RSA key of {_MIN_KEY_BITS} bits or more; it has {public_key.key_size}",
            fix="Have the identity provider make a new key of 2048 bits, and upload the metadata with it.",
        )
    if isinstance(public_key, EllipticCurvePublicKey):
        if isinstance(public_key.curve, tuple(_CURVES.values())):
            return "EC"
        raise UnusableCertificate(
            f"a key on the curve {public_key.curve.name}, not on {', '.join(_CURVES)}",
            fix="Have the identity provider make a new key, on P-256 for example, and upload the metadata with it.",
        )
    raise UnusableCertificate(
        f"not an RSA key of {_MIN_KEY_BITS} bits or more, nor one on an elliptic curve",
        fix="Have the identity provider sign with an RSA key of 2048 bits, and upload the metadata with it.",
    )


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What AWS stores of an identity provider's metadata.

    ``document`` is its XML as it was given, ``sign_on_hosts`` are the hosts of its SingleSignOnService locations.
    """

    entity_id: str
    certificates: tuple[SigningCertificate, ...]
    document: bytes = field(repr=False)
    valid_until: datetime | None = None
    sign_on_hosts: tuple[str, ...] = ()


def parse_metadata(document: bytes) -> ProviderMetadata:
    """Reads an identity provider's metadata document.

    Raises:
        InvalidInput: ``Could not parse metadata``: not XML in UTF-8 without a byte order mark, not an EntityDescriptor
            with an IDPSSODescriptor, or no usable signing certificate. The explanation and the fix say which of these
            it is.

    Spec: SAML Metadata §2.3.2, §2.4.3; AWS IAM UG "id_roles_providers_create_saml", "troubleshoot_saml"
    Evidence: documented (the words), assumed (the code, and that an aggregate is not taken)
    """
    root = _root(document)
    entity_id, descriptor = root.get("entityID"), root.find(f"{MD}IDPSSODescriptor")
    if descriptor is None and root.find(f"{MD}SPSSODescriptor") is not None:
        raise _unparsable(
            "it is the metadata of a service provider, with an SPSSODescriptor and without an IDPSSODescriptor",
            fix="Upload the identity provider's metadata; AWS's own, which this may be, goes to the identity provider.",
        )
    if not entity_id or descriptor is None:
        raise _unparsable("the EntityDescriptor lacks an entityID or an IDPSSODescriptor", fix=_DOWNLOAD_AGAIN)
    if _SAML2_PROTOCOL not in descriptor.get("protocolSupportEnumeration", "").split():
        raise _unparsable(
            "the IDPSSODescriptor does not support SAML 2.0",
            fix="Set the identity provider's app to SAML 2.0, and download its metadata again.",
        )
    certificates = _signing_certificates(descriptor)
    locations = (service.get("Location", "") for service in descriptor.findall(f"{MD}SingleSignOnService"))
    hosts = tuple(dict.fromkeys(filter(None, map(_host, locations))))
    return ProviderMetadata(entity_id, certificates, document, parse_instant(root.get("validUntil", "")), hosts)


def _root(document: bytes) -> etree._Element:
    """Returns the EntityDescriptor of a document."""
    if len(document) > MAX_METADATA_CHARACTERS and len(document.decode("utf-8", "replace")) > MAX_METADATA_CHARACTERS:
        raise _unparsable(
            f"the document has more than {MAX_METADATA_CHARACTERS} characters",
            fix="Take what no login needs out of it, such as logos.",
        )
    if document.startswith(_BYTE_ORDER_MARKS):
        raise _unparsable(
            "the document begins with a byte order mark; it has to be UTF-8 without one",
            fix="Save the file as UTF-8 without a byte order mark; editors on Windows often add one.",
        )
    try:
        root = read_xml(document)
    except UnreadableXml as error:
        raise _unparsable(*_unreadable(document, str(error))) from None
    if root.tag == f"{MD}EntitiesDescriptor":
        count = len(root.findall(f".//{MD}EntityDescriptor"))
        raise _unparsable(
            f"it is an aggregate, an md:EntitiesDescriptor with {count} entities, not an md:EntityDescriptor",
            fix="Cut out the EntityDescriptor of your identity provider, and upload that alone.",
        )
    if root.tag != f"{MD}EntityDescriptor":
        is_page = str(root.tag).rpartition("}")[2].lower() == "html"
        raise _unparsable(
            f"the root element is {root.tag}, not an md:EntityDescriptor",
            fix=_SAVED_PAGE if is_page else _DOWNLOAD_AGAIN,
        )
    encoding = (root.getroottree().docinfo.encoding or "UTF-8").upper()
    if encoding not in _UTF8:
        raise _unparsable(
            f"it is in the encoding {encoding}, not in UTF-8", fix="Save the file as UTF-8 without a byte order mark."
        )
    return root


def _unreadable(document: bytes, problem: str) -> tuple[str, str]:
    """Returns the reason why a document is not the XML that is expected, and the fix."""
    if is_web_page(document[:4000].decode("latin-1")):
        return "it is a web page, not metadata", _SAVED_PAGE
    if "DOCTYPE" in problem:
        return problem, "Delete the line that begins with <!DOCTYPE; metadata has no use for it."
    if document.lstrip().startswith(b"-----BEGIN CERTIFICATE"):
        return (
            "it is a certificate, not metadata",
            "Upload the identity provider's metadata, which has the certificate in it.",
        )
    return problem, _DOWNLOAD_AGAIN


def _signing_certificates(descriptor: etree._Element) -> tuple[SigningCertificate, ...]:
    try:
        certificates = tuple(
            SigningCertificate.from_base64(text_of(certificate))
            for key in descriptor.findall(f"{MD}KeyDescriptor")
            if key.get("use") in {None, "signing"}
            for certificate in key.iter(f"{DS}X509Certificate")
        )
    except UnusableCertificate as error:
        raise _unparsable(f"a signing key is {error}", fix=error.fix) from None
    if not certificates:
        raise _unparsable(
            "the IDPSSODescriptor has no signing certificate",
            fix="Choose a signing certificate in the identity provider's app, and download its metadata again.",
        )
    return certificates


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _unparsable(reason: str, fix: str) -> InvalidInput:
    return InvalidInput(
        "Could not parse metadata",
        service="AWS IAM",
        check="provider-metadata",
        explanation=f"The metadata document cannot be used: {reason}.",
        expected="the XML that the identity provider publishes as its metadata",
        fix=fix,
        spec="SAML Metadata §2.4.3",
    )
