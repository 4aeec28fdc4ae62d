"""Signatures by python-xmlsec, in this process: the assertion first, then the Response around it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import xmlsec
from lxml import etree

from emulator.errors import FederationError
from idp.assertion import ASSERTION_NAMESPACE, SIGNATURE_NAMESPACE
from idp.model import KeyPair

_DS = f"{{{SIGNATURE_NAMESPACE}}}"
_ASSERTION = f"{{{ASSERTION_NAMESPACE}}}Assertion"
_VALUES = (f"{_DS}DigestValue", f"{_DS}SignatureValue")
_BLANK = re.compile(r"<ds:(DigestValue|SignatureValue)(?:></ds:\1>|/>)")


@lru_cache(maxsize=32)
def load_key(private_key_pem: bytes) -> Any:
    """Loads a private key; the same one is loaded once."""
    return xmlsec.Key.from_memory(private_key_pem, xmlsec.constants.KeyDataFormatPem)


def sign(response: str, key_pair: KeyPair) -> str:
    """Returns a Response with every signature template in it filled in, and not another character changed.

    The signatures are made on a parsed copy and their values are written into the text, because a serialiser would
    put namespace declarations and attributes in another order than Okta does.

    Args:
        response: XML with signature templates whose DigestValue and SignatureValue are empty.
        key_pair: Whose key signs.

    Spec: XML Signature Syntax and Processing §3.1; SAML Core §5.4
    """
    root = etree.fromstring(response.encode())
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
            for value in template.iter(
                *_VALUES
            ):  # xmlsec breaks lines; the Response's signature covers the assertion's
                value.text = (value.text or "").replace("\n", "")
    values = iter(value.text or "" for value in root.iter(*_VALUES))
    return _BLANK.sub(lambda match: f"<ds:{match[1]}>{next(values)}</ds:{match[1]}>", response)
