"""The metadata document an IAM SAML provider is made from."""

from __future__ import annotations

import base64
import binascii
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import xmlsec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from emulator.kernel.errors import InvalidInput
from sp_mock.instants import parse_instant
from sp_mock.xml import DS, MD, UnreadableXml, read_xml, text_of

_MIN_KEY_BITS = 1024
MAX_METADATA_BYTES = 10_000_000
_SAML2_PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """A certificate the identity provider may sign with: DER bytes and the loaded public key."""

    der: bytes
    key: Any = field(repr=False, compare=False)

    @classmethod
    def from_base64(cls, text: str) -> SigningCertificate:
        """Loads a certificate from the text of a ds:X509Certificate element.

        Only its public key is handed to xmlsec: a key that drags its certificate along is slow to use.

        Raises:
            ValueError: the text is not the base64 form of an X.509 certificate with an RSA key of 1024 bits or more, or
                an extension stands in it twice.

        Spec: AWS IAM UG "id_roles_providers_create_saml"
        Evidence: documented
        """
        try:
            der = base64.b64decode("".join(text.split()), validate=True)
            certificate = x509.load_der_x509_certificate(der)
            public_key = certificate.public_key()
            _ = certificate.extensions
        except x509.DuplicateExtension as error:
            raise ValueError(f"a certificate with the extension {error.oid.dotted_string} twice") from None
        except (binascii.Error, ValueError, UnsupportedAlgorithm):
            raise ValueError("not an X.509 certificate in base64") from None
        if not isinstance(public_key, RSAPublicKey) or public_key.key_size < _MIN_KEY_BITS:
            raise ValueError(f"not an RSA key of {_MIN_KEY_BITS} bits or more")
        pem = public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return cls(der, xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem))


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What AWS keeps of an identity provider's metadata.

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
            with an IDPSSODescriptor, or no signing certificate that can be used.

    Spec: SAML Metadata §2.3.2, §2.4.3; AWS IAM UG "id_roles_providers_create_saml", "troubleshoot_saml"
    Evidence: documented (the words), assumed (the code)
    """
    if len(document) > MAX_METADATA_BYTES:
        raise _unparsable(f"the document is larger than {MAX_METADATA_BYTES} bytes")
    if document.startswith((BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE)):
        raise _unparsable("the document begins with a byte order mark; it has to be UTF-8 without one")
    try:
        root = read_xml(document)
    except UnreadableXml as error:
        raise _unparsable(str(error)) from None
    if root.tag != f"{MD}EntityDescriptor":
        raise _unparsable(f"the root element is {root.tag}, not an md:EntityDescriptor")
    entity_id = root.get("entityID")
    descriptor = root.find(f"{MD}IDPSSODescriptor")
    if not entity_id or descriptor is None:
        raise _unparsable("the EntityDescriptor lacks an entityID or an IDPSSODescriptor")
    if _SAML2_PROTOCOL not in descriptor.get("protocolSupportEnumeration", "").split():
        raise _unparsable("the IDPSSODescriptor does not support SAML 2.0")
    try:
        certificates = tuple(
            SigningCertificate.from_base64(text_of(certificate))
            for key in descriptor.findall(f"{MD}KeyDescriptor")
            if key.get("use") in {None, "signing"}
            for certificate in key.iter(f"{DS}X509Certificate")
        )
    except ValueError as error:
        raise _unparsable(f"a signing key is {error}") from None
    if not certificates:
        raise _unparsable("the IDPSSODescriptor has no signing certificate")
    locations = (service.get("Location", "") for service in descriptor.findall(f"{MD}SingleSignOnService"))
    hosts = tuple(dict.fromkeys(filter(None, map(_host, locations))))
    return ProviderMetadata(entity_id, certificates, document, parse_instant(root.get("validUntil", "")), hosts)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _unparsable(explanation: str) -> InvalidInput:
    return InvalidInput(
        "Could not parse metadata",
        service="AWS IAM",
        check="provider-metadata",
        explanation=f"The metadata document cannot be used: {explanation}.",
        expected="the XML that the identity provider publishes as its metadata",
        fix="Download the app's metadata again; a saved sign-in page is a frequent mix-up.",
        spec="SAML Metadata §2.4.3",
    )
