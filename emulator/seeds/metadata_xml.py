"""SAML metadata in seeds, as far as a seed has to know it: whose it is, and of which role.

Nothing is fetched, no entity is expanded, and a document with a DOCTYPE is not read.

Spec: SAML Metadata §2.3
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

_MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_ROOT = re.compile(r"<(?:[\w.-]+:)?Entit(?:y|ies)Descriptor[\s>/]")
_DECLARED_ENCODING = re.compile(r"""(<\?xml[^>]{0,100}?encoding=)(["'])[\w.-]{1,40}\2""")
_LOOKED_AT = 20_000
_MAX_CHARACTERS = 10_000_000


@dataclass(frozen=True, slots=True)
class MetadataEntity:
    """What a metadata document is of; an aggregate has several entities, and none of its own.

    Args:
        entity_id: The entity ID; empty for an aggregate.
        is_identity_provider: Whether it has an IDPSSODescriptor.
        is_service_provider: Whether it has an SPSSODescriptor.
        aggregated: The entity IDs in an aggregate.
    """

    entity_id: str = ""
    is_identity_provider: bool = False
    is_service_provider: bool = False
    aggregated: tuple[str, ...] = ()


def looks_like_metadata(text: str) -> bool:
    """Returns whether a text begins as SAML metadata does."""
    return text.startswith("<") and _ROOT.search(text[:_LOOKED_AT]) is not None


def read_entity(text: str) -> MetadataEntity | None:
    """Returns what a metadata document is of; None where it cannot be read, or is something else."""
    from lxml import etree

    if len(text) > _MAX_CHARACTERS or not looks_like_metadata(text.lstrip("\ufeff \t\r\n")):
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(in_utf8(text.lstrip("\ufeff \t\r\n")).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root.getroottree().docinfo.internalDTD is not None:
        return None
    if root.tag == f"{_MD}EntitiesDescriptor":
        return MetadataEntity(
            aggregated=tuple(each.get("entityID", "") for each in root.iter(f"{_MD}EntityDescriptor"))
        )
    if root.tag != f"{_MD}EntityDescriptor":
        return None
    return MetadataEntity(
        root.get("entityID", ""),
        root.find(f"{_MD}IDPSSODescriptor") is not None,
        root.find(f"{_MD}SPSSODescriptor") is not None,
    )


def metadata_complaint(text: str) -> str:
    """Returns why AWS could not verify a signature with a metadata document; empty where it can.

    Documents that are shown to others often have their certificates taken out.
    """
    from cryptography import x509
    from lxml import etree

    entity = read_entity(text)
    if entity is None:
        return "its metadata is no SAML metadata that can be read"
    if not entity.is_identity_provider:
        return "its metadata is no identity provider's"
    root = etree.fromstring(in_utf8(text.lstrip("\ufeff \t\r\n")).encode("utf-8", "replace"))
    keys = [key for key in root.iter(f"{_MD}KeyDescriptor") if key.get("use") in {None, "signing"}]
    certificates = [each.text or "" for key in keys for each in key.iter(f"{_DS}X509Certificate")]
    if not certificates:
        return "its metadata has no signing certificate"
    for certificate in certificates:
        try:
            x509.load_der_x509_certificate(base64.b64decode("".join(certificate.split()), validate=True))
        except ValueError:
            return "the signing certificate in its metadata cannot be read"
    return ""


def in_utf8(text: str) -> str:
    """Returns a document whose declaration names the encoding that a seed's text is written in."""
    return _DECLARED_ENCODING.sub(r"\1\2UTF-8\2", text, count=1) if text.startswith("<?xml") else text
