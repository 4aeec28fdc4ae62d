"""A service provider's metadata, imported into an app's settings.

Spec: SAML Metadata §2.4.4
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from lxml import etree

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass

_MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


@dataclass(frozen=True, slots=True)
class SpMetadata:
    """What a service provider says about itself; the default comes first in ``acs_urls``."""

    entity_id: str
    acs_urls: tuple[str, ...]
    certificate_pem: bytes
    encryption_certificate_pem: bytes
    signs_requests: bool
    logout_url: str
    name_id_format: str


def read_sp_metadata(document: bytes) -> SpMetadata:
    """Reads an EntityDescriptor with an SPSSODescriptor.

    Raises:
        FederationError: it is not such a document, or has no ACS URL for the POST binding.

    Spec: SAML Metadata §2.4.4
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FederationError(f"this is not metadata of a service provider: {error}") from None
    docinfo: Any = root.getroottree().docinfo
    descriptor = root.find(f"{_MD}SPSSODescriptor") if root.tag == f"{_MD}EntityDescriptor" else None
    if descriptor is None or docinfo.doctype or not root.get("entityID"):
        raise FederationError(
            "this is not metadata of a service provider", expected="an EntityDescriptor with an SPSSODescriptor"
        )
    services = [s for s in descriptor.findall(f"{_MD}AssertionConsumerService") if s.get("Binding") == _POST]
    services.sort(key=lambda service: service.get("isDefault") not in {"true", "1"})
    if not services:
        raise FederationError("the service provider has no AssertionConsumerService for HTTP-POST")
    logout = next((s for s in descriptor.findall(f"{_MD}SingleLogoutService") if s.get("Binding") == _POST), None)
    return SpMetadata(
        entity_id=root.get("entityID", ""),
        acs_urls=tuple(service.get("Location", "") for service in services),
        certificate_pem=_certificate(descriptor, "signing"),
        encryption_certificate_pem=_certificate(descriptor, "encryption"),
        signs_requests=descriptor.get("AuthnRequestsSigned") in {"true", "1"},
        logout_url="" if logout is None else str(logout.get("ResponseLocation") or logout.get("Location")),
        name_id_format=(descriptor.findtext(f"{_MD}NameIDFormat") or "").strip(),
    )


def _certificate(descriptor: etree._Element, use: str) -> bytes:
    for key in descriptor.findall(f"{_MD}KeyDescriptor"):
        if key.get("use", use) == use:
            text = key.findtext(f".//{_DS}X509Certificate") or ""
            try:
                der = base64.b64decode("".join(text.split()), validate=True)
                return load_der_x509_certificate(der).public_bytes(Encoding.PEM)
            except (binascii.Error, ValueError):
                raise FederationError(f"the service provider's {use} certificate cannot be read") from None
    return b""
