"""Assertions to read, with nothing in them but what a test is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml import etree

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"


def assertion_with(attributes: Mapping[str, Sequence[str]], *, issuer: str = "") -> etree._Element:
    """Returns an assertion with attributes and, if one is given, an Issuer."""
    assertion = etree.Element(f"{SAML}Assertion")
    if issuer:
        etree.SubElement(assertion, f"{SAML}Issuer").text = issuer
    statement = etree.SubElement(assertion, f"{SAML}AttributeStatement")
    for name, values in attributes.items():
        attribute = etree.SubElement(statement, f"{SAML}Attribute", Name=name)
        for value in values:
            etree.SubElement(attribute, f"{SAML}AttributeValue").text = value
    return assertion
