"""Responses in the shapes of many identity providers, written and signed here: names, keys and values are ours.

What a shape copies of its vendor is what a reader can stumble over: prefixes, where namespaces are declared, the order
of elements, what is signed and with what, formats of names, attributes beside AWS's.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree

ISSUED = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ACCOUNT = "210987654321"
PROVIDER_ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/example"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/Support"
AWS_URL = "https://signin.aws.amazon.com/saml"
PERSON = "rin.mori@example.com"
_NS = {
    "p": "urn:oasis:names:tc:SAML:2.0:protocol",
    "a": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
_AWS = "https://aws.amazon.com/SAML/Attributes"
_BASIC, _URI = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic", "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
_EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
_PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
_TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
_EXCLUSIVE = xmlsec.constants.TransformExclC14N


@dataclass(frozen=True, slots=True)
class Shape:
    """How a product writes a Response for AWS.

    Args:
        issuer: Its entityID.
        protocol: The prefix of the protocol's namespace; empty for the default namespace.
        assertion: That of the assertion's.
        signature: That of the signature's; empty for the default namespace.
        signs: ``Response``, ``Assertion`` or both.
        method: The signature's algorithm.
        name_id_format: Of the NameID.
        name_format: Of AWS's attributes; empty for none.
        more: Attributes beside AWS's.
        role_first: Whether the role's ARN comes before the provider's.
        declaration: Whether it begins with an XML declaration.
        has_certificate: Whether KeyInfo has the certificate.
        has_destination: Whether the Response says where it goes.
        has_issuer: Whether the Response names the issuer too.
        lifetime: From the issue to NotOnOrAfter.
        session_index: Of the AuthnStatement.
    """

    issuer: str
    protocol: str = "samlp"
    assertion: str = "saml"
    signature: str = "ds"
    signs: tuple[str, ...] = ("Assertion",)
    method: Any = xmlsec.constants.TransformRsaSha256
    name_id_format: str = _EMAIL
    name_format: str = ""
    more: tuple[tuple[str, str], ...] = ()
    role_first: bool = True
    declaration: bool = False
    has_certificate: bool = True
    has_destination: bool = True
    has_issuer: bool = True
    lifetime: timedelta = timedelta(minutes=5)
    session_index: str = "_s1"


_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
_MICROSOFT = "http://schemas.microsoft.com"
SHAPES = {
    "okta 2018": Shape(
        "http://www.okta.com/exk1example0000000h7",
        protocol="saml2p",
        assertion="saml2",
        signs=("Response", "Assertion"),
        name_id_format="urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified",
        name_format=_BASIC,
        role_first=False,
        declaration=True,
        session_index="id1521065921839.1361779309",
    ),
    "okta 2023": Shape(
        "http://www.okta.com/exk2example0000000h7",
        protocol="saml2p",
        assertion="saml2",
        signs=("Response", "Assertion"),
        name_id_format="urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified",
        name_format=_BASIC,
        role_first=False,
        declaration=True,
        lifetime=timedelta(minutes=5, milliseconds=1),
    ),
    "entra id": Shape(
        "https://sts.windows.net/0a1b2c3d-0000-4000-8000-00000000e0e0/",
        assertion="",
        signature="",
        more=(
            (f"{_MICROSOFT}/identity/claims/tenantid", "0a1b2c3d-0000-4000-8000-00000000e0e0"),
            (f"{_MICROSOFT}/identity/claims/displayname", "Rin Mori"),
            (f"{_CLAIMS}/givenname", "Rin"),
            (f"{_CLAIMS}/name", PERSON),
        ),
        lifetime=timedelta(minutes=65),
    ),
    "adfs": Shape(
        "http://adfs.example.com/adfs/services/trust",
        assertion="",
        signature="ds",
        name_id_format=_PERSISTENT,
        more=(("http://schemas.xmlsoap.org/claims/CommonName", "Rin Mori"),),
        lifetime=timedelta(hours=1),
    ),
    "keycloak": Shape(
        "https://keycloak.example.com/realms/example",
        signature="dsig",
        signs=("Response", "Assertion"),
        name_id_format=_PERSISTENT,
        name_format=_BASIC,
        lifetime=timedelta(minutes=1),
    ),
    "google workspace": Shape(
        "https://accounts.google.com/o/saml2?idpid=C0example1",
        protocol="saml2p",
        assertion="saml2",
        signs=("Response",),
        declaration=True,
    ),
    "onelogin": Shape(
        "https://app.onelogin.com/saml/metadata/0a1b2c3d-0000-4000-8000-0000000001e1", name_format=_BASIC
    ),
    "pingfederate": Shape(
        "https://ping.example.com", signs=("Response",), name_id_format=_UNSPECIFIED, name_format=_BASIC
    ),
    "pingone": Shape("https://auth.pingone.com/0a1b2c3d-0000-4000-8000-000000000919", signs=("Assertion",)),
    "auth0": Shape("urn:example.auth0.com", signature="", name_id_format=_UNSPECIFIED, name_format=_URI),
    "jumpcloud": Shape("jumpcloud-example", signature="ds", signs=("Assertion",), name_id_format=_PERSISTENT),
    "shibboleth": Shape(
        "https://idp.example.com/idp/shibboleth",
        protocol="saml2p",
        assertion="saml2",
        signs=("Response",),
        name_id_format=_TRANSIENT,
        name_format=_URI,
        more=(("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "staff"),),
        declaration=True,
    ),
    "simplesamlphp": Shape(
        "https://sso.example.com/simplesaml/saml2/idp/metadata.php",
        signs=("Response", "Assertion"),
        name_id_format=_TRANSIENT,
        name_format=_URI,
    ),
    "iam identity center": Shape(
        "https://portal.sso.us-east-1.amazonaws.com/saml/assertion/EXAMPLE0000",
        protocol="saml2p",
        assertion="saml2",
        signs=("Response", "Assertion"),
        name_id_format=_PERSISTENT,
        declaration=True,
        lifetime=timedelta(hours=1),
    ),
    "cyberark": Shape("https://example.my.idaptive.app/0a1b2c3d", assertion="", signature="", name_format=_BASIC),
    "authentik": Shape("https://authentik.example.com", name_format=_URI, has_certificate=True),
    "no certificate": Shape("https://bare.example.com/idp", has_certificate=False, has_issuer=False),
    "no destination": Shape("https://own.example.com/idp", has_destination=False),
    "elliptic curve": Shape("https://ec.example.com/idp", method=xmlsec.constants.TransformEcdsaSha256),
    "sha-512": Shape("https://sha512.example.com/idp", method=xmlsec.constants.TransformRsaSha512),
}


@dataclass(frozen=True, slots=True)
class Content:
    """What a Response says; its values are put into the XML as they are.

    Args:
        recipient: Of the SubjectConfirmationData.
        destination: Of the Response, where it has one.
        audience: Empty for no AudienceRestriction.
        role: The Role attribute's value; None for no such attribute.
        session_name: RoleSessionName; None for none.
        person: The NameID; None for no NameID.
        attributes: More attributes, by their full names.
        status: The StatusCode.
        version: The Version attribute of the Response.
        issued: The IssueInstant.
        not_before: From the issue.
        not_on_or_after: In the place of an instant that the lifetime gives.
        in_response_to: Empty for none.
        session_end: SessionNotOnOrAfter; None for none.
        inside: XML after the AttributeStatement.
    """

    recipient: str = AWS_URL
    destination: str = AWS_URL
    audience: str = "urn:amazon:webservices"
    role: str | None = ""
    session_name: str | None = PERSON
    person: str | None = PERSON
    attributes: tuple[tuple[str, str], ...] = ((f"{_AWS}/SessionDuration", "3600"),)
    status: str = "urn:oasis:names:tc:SAML:2.0:status:Success"
    version: str = "2.0"
    issued: datetime = ISSUED
    not_before: timedelta = timedelta(minutes=-5)
    not_on_or_after: str = ""
    in_response_to: str = ""
    session_end: datetime | None = None
    inside: str = field(default="")


GOOD = Content()


@cache
def keys(kind: str = "RSA", number: int = 0) -> tuple[str, str]:
    """Returns a private key in PEM and its certificate in base64; another number is another key.

    Args:
        kind: ``RSA`` or ``EC``.
        number: Selects one of several keys of the kind.
    """
    key: Any = rsa.generate_private_key(65537, 2048) if kind == "RSA" else ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{kind.lower()}-{number}.example.com")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1000 + number)
        .not_valid_before(ISSUED - timedelta(days=30))
        .not_valid_after(ISSUED + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return pem, base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def response(shape: Shape, content: Content = GOOD, *, key: int = 0) -> bytes:
    """Returns a signed Response.

    Args:
        shape: How the product writes Responses.
        content: What it says.
        key: The number of the key that signs it.
    """
    root = etree.fromstring(unsigned(shape, content).encode())
    assertion = root.find(f"{{{_NS['a']}}}Assertion")
    assert assertion is not None
    # From the inside out: the Response's signature covers the assertion's.
    for name, element in (("Assertion", assertion), ("Response", root)):
        if name in shape.signs:
            _sign(element, shape, key)
    text = bytes(etree.tostring(root))
    return b'<?xml version="1.0" encoding="UTF-8"?>' + text if shape.declaration else text


def unsigned(shape: Shape, content: Content = GOOD) -> str:
    """Returns the text of a Response before it is signed."""
    p, a = (f"{prefix}:" if prefix else "" for prefix in (shape.protocol, shape.assertion))
    p_ns = f'xmlns{f":{shape.protocol}" if shape.protocol else ""}="{_NS["p"]}"'
    a_ns = f'xmlns{f":{shape.assertion}" if shape.assertion else ""}="{_NS["a"]}"'
    at = _instant(content.issued)
    end = content.not_on_or_after or _instant(content.issued + shape.lifetime)
    answers = f' InResponseTo="{content.in_response_to}"' if content.in_response_to else ""
    destination = f' Destination="{content.destination}"' if shape.has_destination else ""
    issuer = f"<{a}Issuer>{escape(shape.issuer)}</{a}Issuer>"
    outer_issuer = f"<{a}Issuer {a_ns}>{escape(shape.issuer)}</{a}Issuer>" if shape.has_issuer else ""
    name_id = (
        f'<{a}NameID Format="{shape.name_id_format}">{escape(content.person)}</{a}NameID>'
        if content.person is not None
        else ""
    )
    audience = (
        f"<{a}AudienceRestriction><{a}Audience>{content.audience}</{a}Audience></{a}AudienceRestriction>"
        if content.audience
        else ""
    )
    session_end = f' SessionNotOnOrAfter="{_instant(content.session_end)}"' if content.session_end else ""
    return (
        f'<{p}Response {p_ns} ID="_r1" Version="{content.version}" IssueInstant="{at}"{destination}{answers}>'
        f"{outer_issuer}"
        f'<{p}Status><{p}StatusCode Value="{content.status}"/></{p}Status>'
        f'<{a}Assertion {a_ns} ID="_a1" Version="2.0" IssueInstant="{at}">{issuer}'
        f"<{a}Subject>{name_id}"
        f'<{a}SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><{a}SubjectConfirmationData'
        f'{answers} NotOnOrAfter="{end}" Recipient="{content.recipient}"/></{a}SubjectConfirmation></{a}Subject>'
        f'<{a}Conditions NotBefore="{_instant(content.issued + content.not_before)}" NotOnOrAfter="{end}">{audience}'
        f"</{a}Conditions>"
        f'<{a}AuthnStatement AuthnInstant="{at}" SessionIndex="{shape.session_index}"{session_end}><{a}AuthnContext>'
        f"<{a}AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
        f"</{a}AuthnContextClassRef></{a}AuthnContext></{a}AuthnStatement>"
        f"<{a}AttributeStatement>{_attributes(shape, content, a)}</{a}AttributeStatement>{content.inside}"
        f"</{a}Assertion></{p}Response>"
    )


def metadata(shape: Shape, *, key: int = 0) -> str:
    """Returns the identity provider's metadata."""
    _, certificate = keys(_kind(shape), key)
    return (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{escape(shape.issuer)}">'
        f'<md:IDPSSODescriptor protocolSupportEnumeration="{_NS["p"]}"><md:KeyDescriptor use="signing">'
        f'<ds:KeyInfo xmlns:ds="{_NS["ds"]}"><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate>'
        "</ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService "
        'Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    )


def trust_policy(**changes: object) -> dict[str, Any]:
    """Returns the trust policy of the role, with some elements of its statement changed."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER_ARN},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": AWS_URL}},
    }
    return {"Version": "2012-10-17", "Statement": [{**statement, **changes}]}


def encrypted(shape: Shape, *, algorithm: str = "http://www.w3.org/2009/xmlenc11#aes256-gcm") -> bytes:
    """Returns a Response whose assertion is encrypted for a key that nobody has.

    Args:
        shape: How the product writes Responses.
        algorithm: Of the encryption.
    """
    root = etree.fromstring(unsigned(shape).encode())
    assertion = root.find(f"{{{_NS['a']}}}Assertion")
    assert assertion is not None
    envelope = etree.fromstring(
        f'<saml2:EncryptedAssertion xmlns:saml2="{_NS["a"]}"><xenc:EncryptedData '
        'xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element">'
        f'<xenc:EncryptionMethod Algorithm="{algorithm}"/>'
        f'<ds:KeyInfo xmlns:ds="{_NS["ds"]}"><xenc:EncryptedKey><xenc:EncryptionMethod '
        'Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/><xenc:CipherData><xenc:CipherValue>'
        f"{base64.b64encode(bytes(256)).decode()}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
        f"<xenc:CipherData><xenc:CipherValue>{base64.b64encode(bytes(3000)).decode()}</xenc:CipherValue>"
        "</xenc:CipherData></xenc:EncryptedData></saml2:EncryptedAssertion>"
    )
    root.replace(assertion, envelope)
    if "Response" in shape.signs:
        _sign(root, shape, 0)
    return bytes(etree.tostring(root))


def wrapped(shape: Shape) -> bytes:
    """Returns a Response with a forged assertion before the signed one, which is moved into an extension."""
    root = etree.fromstring(response(shape))
    assertion = root.find(f"{{{_NS['a']}}}Assertion")
    assert assertion is not None
    forged = etree.fromstring(bytes(etree.tostring(assertion)))
    forged.set("ID", "_forged")
    for signature in forged.findall(f"{{{_NS['ds']}}}Signature"):
        forged.remove(signature)
    root.insert(root.index(assertion), forged)
    return bytes(etree.tostring(root))


def changed(data: bytes, old: str, new: str) -> bytes:
    """Returns a message with a text in it replaced, which has to be there."""
    assert old.encode() in data, old
    return data.replace(old.encode(), new.encode())


def with_shape(name: str, **changes: Any) -> Shape:
    """Returns a product's shape with some of it changed."""
    return replace(SHAPES[name], **changes)


def _attributes(shape: Shape, content: Content, a: str) -> str:
    pair = (ROLE_ARN, PROVIDER_ARN) if shape.role_first else (PROVIDER_ARN, ROLE_ARN)
    own = [(f"{_AWS}/Role", content.role or ",".join(pair))] if content.role is not None else []
    if content.session_name is not None:
        own.append((f"{_AWS}/RoleSessionName", content.session_name))
    name_format = f' NameFormat="{shape.name_format}"' if shape.name_format else ""
    return "".join(
        f'<{a}Attribute Name="{escape(name)}"{name_format}><{a}AttributeValue>{escape(value)}</{a}AttributeValue>'
        f"</{a}Attribute>"
        for name, value in (*shape.more, *own, *content.attributes)
    )


def _sign(element: etree._Element, shape: Shape, key: int) -> None:
    pem, certificate = keys(_kind(shape), key)
    template = xmlsec.template.create(element, _EXCLUSIVE, shape.method, ns=shape.signature or None)
    digest = xmlsec.constants.TransformSha1 if "sha1" in shape.method.name else xmlsec.constants.TransformSha256
    reference = xmlsec.template.add_reference(template, digest, uri=f"#{element.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, _EXCLUSIVE)
    if shape.has_certificate:
        info = xmlsec.template.ensure_key_info(template)
        prefix = f"{shape.signature}:" if shape.signature else ""
        ns = f' xmlns{f":{shape.signature}" if shape.signature else ""}="{_NS["ds"]}"'
        info.append(
            etree.fromstring(
                f"<{prefix}X509Data{ns}><{prefix}X509Certificate>{certificate}</{prefix}X509Certificate></{prefix}X509Data>"
            )
        )
    has_issuer = len(element) > 0 and etree.QName(element[0]).localname == "Issuer"
    element.insert(1 if has_issuer else 0, template)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)
    context.register_id(element, "ID")
    context.sign(template)


def _kind(shape: Shape) -> str:
    return "EC" if "ecdsa" in shape.method.name else "RSA"


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
