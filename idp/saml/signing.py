"""Signatures by python-xmlsec, in this process: the assertion first, then the Response around it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import xmlsec
from lxml import etree

from emulator.kernel.errors import FederationError
from idp.model import KeyPair
from idp.saml.assertion import ASSERTION_NAMESPACE, RSA_SHA256, SHA256, SIGNATURE_NAMESPACE

_DS = f"{{{SIGNATURE_NAMESPACE}}}"
_ASSERTION = f"{{{ASSERTION_NAMESPACE}}}Assertion"
_VALUES = (f"{_DS}DigestValue", f"{_DS}SignatureValue")
_PLACE = re.compile(r"<ds:(DigestValue|SignatureValue)(?:>[^<]*</ds:\1>|/>)")


@lru_cache(maxsize=32)
def load_key(private_key_pem: bytes) -> Any:
    """Loads a private key; the same one is loaded once, and threads may share it.

    Raises:
        FederationError: it is no private key in PEM.
    """
    try:
        return xmlsec.Key.from_memory(private_key_pem, xmlsec.constants.KeyDataFormatPem)
    except (xmlsec.Error, ValueError):
        raise FederationError("the signing key cannot be read", expected="an RSA private key in PEM") from None


def sign(response: str, key_pair: KeyPair) -> str:
    """Returns a Response with every signature template in it filled in, and not another character changed.

    The signatures are made on a parsed copy and their values are written into the text, because a serialiser would
    put namespace declarations and attributes in another order than Okta does.

    Args:
        response: XML with signature templates whose DigestValue and SignatureValue are empty.
        key_pair: Whose key signs.

    Raises:
        FederationError: the XML is not well-formed, or a template is none.

    Spec: XML Signature Syntax and Processing §3.1; SAML Core §5.4
    """
    root = _parse(response)
    key = load_key(key_pair.private_key_pem)
    for element in (*root.iterchildren(_ASSERTION), root):
        for template in element.iterchildren(f"{_DS}Signature"):
            context = xmlsec.SignatureContext()
            context.key = key
            try:
                context.register_id(element, "ID")
                context.sign(template)
            except xmlsec.Error as error:
                raise FederationError(f"this Response cannot be signed: {error}") from None
            # xmlsec breaks lines, Okta does not; the Response's signature covers the assertion's, so this cannot wait.
            for value in template.iter(*_VALUES):
                value.text = (value.text or "").replace("\n", "")
    values = iter(value.text or "" for value in root.iter(*_VALUES))
    return _PLACE.sub(lambda match: f"<ds:{match[1]}>{next(values)}</ds:{match[1]}>", response)


def with_sha1(response: str) -> str:
    """Returns a Response whose signature templates ask for RSA-SHA1 and SHA-1."""
    return response.replace(RSA_SHA256, "http://www.w3.org/2000/09/xmldsig#rsa-sha1").replace(
        SHA256, "http://www.w3.org/2000/09/xmldsig#sha1"
    )


def _parse(response: str) -> etree._Element:
    try:
        return etree.fromstring(response.encode())
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise FederationError(
            f"this Response cannot be signed: {error}", expected="names and values without control characters"
        ) from None
