"""Messages of the attack table: an unsigned Response, signatures in any shape, and edits before and after."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from tests.attacks.identity import ENTITY_ID, key_pair
from tests.conftest import ACCOUNT, USER

NS = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xs": "http://www.w3.org/2001/XMLSchema",
}
SAML, SAMLP, DS = f"{{{NS['saml']}}}", f"{{{NS['samlp']}}}", f"{{{NS['ds']}}}"
SIGN_IN_URL = "https://signin.aws.amazon.com/saml"
AWS_ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
INCLUSIVE_11 = "http://www.w3.org/2006/12/xml-c14n11"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
FORGED_NAME = "attacker"

Edit = Callable[[etree._Element], None]


def provider_arn(provider: str) -> str:
    """Returns the ARN of a SAML provider of the table's world."""
    return f"arn:aws:iam::{ACCOUNT}:saml-provider/{provider}"


def role_arn(role: str) -> str:
    """Returns the ARN of a role of the table's world."""
    return f"arn:aws:iam::{ACCOUNT}:role/{role}"


def unsigned(provider: str = "idp") -> etree._Element:
    """Returns a Response about the built-in user, for the role Agent and a provider."""
    attributes = {"Role": f"{role_arn('Agent')},{provider_arn(provider)}", "RoleSessionName": USER}
    statement = "".join(
        f'<saml:Attribute Name="{AWS_ATTRIBUTES}{name}"><saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/'
        f'XMLSchema-instance" xsi:type="xs:string">{value}</saml:AttributeValue></saml:Attribute>'
        for name, value in attributes.items()
    )
    declared = " ".join(f'xmlns:{prefix}="{NS[prefix]}"' for prefix in ("samlp", "saml", "xs"))
    return etree.fromstring(
        f'<samlp:Response {declared} ID="_response" Version="2.0" IssueInstant="2026-01-15T08:59:30Z" '
        f'Destination="{SIGN_IN_URL}"><saml:Issuer>{ENTITY_ID}</saml:Issuer>'
        f'<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
        f'<saml:Assertion ID="_assertion" Version="2.0" IssueInstant="2026-01-15T08:59:30Z">'
        f"<saml:Issuer>{ENTITY_ID}</saml:Issuer><saml:Subject>"
        f'<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{USER}</saml:NameID>'
        f'<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData '
        f'NotOnOrAfter="2026-01-15T09:04:30Z" Recipient="{SIGN_IN_URL}"/></saml:SubjectConfirmation></saml:Subject>'
        f'<saml:Conditions NotBefore="2026-01-15T08:54:30Z" NotOnOrAfter="2026-01-15T09:04:30Z">'
        "<saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction>"
        f'</saml:Conditions><saml:AuthnStatement AuthnInstant="2026-01-15T08:50:00Z" SessionIndex="_session">'
        "<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
        "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
        f"<saml:AttributeStatement>{statement}</saml:AttributeStatement></saml:Assertion></samlp:Response>"
    )


@dataclass(frozen=True)
class Signing:
    """A signature to make.

    Args:
        of: ``Response`` or ``Assertion``.
        key: The name of the key pair that signs, or xmlsec's key.
        place: ``issuer`` for right after the Issuer, or the index among the children; -1 is the last.
        method, digest, c14n: Algorithms.
        transforms: The texts of the Transform elements.
        uri: The Reference's URI; None for the element's ID, ``-`` for none at all.
        key_info: The text inside KeyInfo; None for the key pair's certificate, empty for no KeyInfo.
        prefix: The prefix of the signature's namespace; empty for the default namespace.
    """

    of: str
    key: str | xmlsec.Key = "trusted"
    place: str | int = "issuer"
    method: str = f"{MORE}rsa-sha256"
    digest: str = SHA256
    c14n: str = EXCLUSIVE
    transforms: tuple[str, ...] = (f'<Transform Algorithm="{ENVELOPED}"/>', f'<Transform Algorithm="{EXCLUSIVE}"/>')
    uri: str | None = None
    key_info: str | None = None
    prefix: str = "ds"

    def sign(self, root: etree._Element) -> None:
        """Signs an element of a Response."""
        element = root if self.of == "Response" else find(root, "Assertion")
        signature = self._template(element)
        place = 1 if self.place == "issuer" else self.place
        if place == -1:
            element.append(signature)
        else:
            element.insert(int(place), signature)
        context = xmlsec.SignatureContext()
        context.key = key_pair(self.key).xmlsec_key() if isinstance(self.key, str) else self.key
        for each in root.iter():
            if each.get("ID"):
                context.register_id(each, "ID")
        context.sign(signature)

    def _template(self, element: etree._Element) -> etree._Element:
        uri = f"#{element.get('ID')}" if self.uri is None else self.uri
        reference = "" if self.uri == "-" else f' URI="{uri}"'
        key_info = self.key_info
        if key_info is None and isinstance(self.key, str):
            key_info = (
                f"<X509Data><X509Certificate>{key_pair(self.key).certificate_base64}</X509Certificate></X509Data>"
            )
        key_info = f"<KeyInfo>{key_info}</KeyInfo>" if key_info else ""
        text = (
            f'<Signature xmlns="{NS["ds"]}"><SignedInfo><CanonicalizationMethod Algorithm="{self.c14n}"/>'
            f'<SignatureMethod Algorithm="{self.method}"/><Reference{reference}><Transforms>'
            f'{"".join(self.transforms)}</Transforms><DigestMethod Algorithm="{self.digest}"/><DigestValue/>'
            f"</Reference></SignedInfo><SignatureValue/>{key_info}</Signature>"
        )
        template = etree.fromstring(text)
        return template if not self.prefix else _with_prefix(template, self.prefix)


def _with_prefix(element: etree._Element, prefix: str) -> etree._Element:
    copy = etree.Element(element.tag, nsmap={prefix: NS["ds"]})
    copy.attrib.update(element.attrib)
    copy.text = element.text
    copy.extend([_with_prefix(child, prefix) for child in element])
    return copy


@dataclass(frozen=True)
class Message:
    """How a message is made: edits, signatures, edits."""

    signings: Sequence[Signing] = field(default=(Signing("Assertion"), Signing("Response")))
    before: Sequence[Edit] = ()
    after: Sequence[Edit] = ()
    provider: str = "idp"

    def root(self) -> etree._Element:
        """Returns the Response."""
        root = unsigned(self.provider)
        for edit in self.before:
            edit(root)
        for signing in self.signings:
            signing.sign(root)
        root = etree.fromstring(etree.tostring(root))
        for edit in self.after:
            edit(root)
        return root

    def saml_response(self) -> str:
        """Returns the form field."""
        return encode(etree.tostring(self.root()))


def encrypted(root: etree._Element) -> etree._Element:
    """Returns a Response whose assertion is encrypted for the provider that has a private key, which anybody can do."""
    assertion, template = find(root, "Assertion"), xmlsec.template
    data = template.encrypted_data_create(
        assertion, xmlsec.constants.TransformAes256Gcm, type=xmlsec.constants.TypeEncElement, ns="xenc"
    )
    template.encrypted_data_ensure_cipher_value(data)
    key_info = template.encrypted_data_ensure_key_info(data, ns="ds")
    wrapped = template.add_encrypted_key(key_info, xmlsec.constants.TransformRsaOaep)
    template.encrypted_data_ensure_cipher_value(wrapped)
    manager = xmlsec.KeysManager()
    pem = key_pair("provider").certificate.public_bytes(Encoding.PEM)
    manager.add_key(xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatCertPem))
    context = xmlsec.EncryptionContext(manager)
    context.key = xmlsec.Key.generate(xmlsec.constants.KeyDataAes, 256, xmlsec.constants.KeyDataTypeSession)
    encrypted_data = context.encrypt_xml(data, assertion)
    holder = etree.Element(f"{SAML}EncryptedAssertion")
    root.replace(encrypted_data, holder)
    holder.append(encrypted_data)
    return root


def encode(xml: bytes) -> str:
    """Returns the form field of XML."""
    return base64.b64encode(xml).decode()


def find(root: etree._Element, path: str) -> etree._Element:
    """Returns the element at a path of local names, such as ``Assertion/Subject/NameID``; ``.`` is the root."""
    steps = "/".join(f"*[local-name()='{step}']" if step != "." else "." for step in path.split("/"))
    found: Any = root.xpath(steps)
    assert found, path
    element: etree._Element = found[0]
    return element


def set_text(path: str, text: str) -> Edit:
    """Returns an edit that replaces an element's text."""

    def edit(root: etree._Element) -> None:
        find(root, path).text = text

    return edit


def set_attribute(path: str, name: str, value: str | None) -> Edit:
    """Returns an edit that sets an XML attribute, or takes it out."""

    def edit(root: etree._Element) -> None:
        element = find(root, path)
        if value is None:
            del element.attrib[name]
        else:
            element.set(name, value)

    return edit


def remove(path: str) -> Edit:
    """Returns an edit that takes an element out."""

    def edit(root: etree._Element) -> None:
        element = find(root, path)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return edit


def insert(path: str, index: int, xml: str) -> Edit:
    """Returns an edit that puts XML into an element; -1 is the end. The prefixes of ``NS`` are known."""

    def edit(root: etree._Element) -> None:
        declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NS.items())
        child = etree.fromstring(f"<x {declared}>{xml}</x>")[0]
        element = find(root, path)
        if index == -1:
            element.append(child)
        else:
            element.insert(index, child)

    return edit


def claim(name: str, *values: str) -> Edit:
    """Returns an edit that gives an AWS attribute these values; without any the attribute is left out."""

    def edit(root: etree._Element) -> None:
        statement = find(root, "Assertion/AttributeStatement")
        for attribute in list(statement):
            if attribute.get("Name") == AWS_ATTRIBUTES + name:
                statement.remove(attribute)
        if values:
            attribute = etree.SubElement(statement, f"{SAML}Attribute", Name=AWS_ATTRIBUTES + name)
            for value in values:
                etree.SubElement(attribute, f"{SAML}AttributeValue").text = value

    return edit


def all_of(*edits: Edit) -> Edit:
    """Returns an edit that makes several."""

    def edit(root: etree._Element) -> None:
        for each in edits:
            each(root)

    return edit
