"""Messages that no identity provider has to be ashamed of: shapes, algorithms and claims that AWS's side takes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from tests.attacks.message import (
    ENVELOPED,
    EXCLUSIVE,
    INCLUSIVE,
    INCLUSIVE_11,
    MORE,
    SIGN_IN_URL,
    XMLDSIG,
    Edit,
    Message,
    Signing,
    all_of,
    claim,
    encode,
    encrypted,
    find,
    insert,
    provider_arn,
    remove,
    role_arn,
    set_attribute,
    set_text,
)

_DATA = "Assertion/Subject/SubjectConfirmation/SubjectConfirmationData"
_PAIR = f"{provider_arn('idp')},{role_arn('Agent')}"
_ENVELOPED = f'<Transform Algorithm="{ENVELOPED}"/>'
_PREFIXES = f'<InclusiveNamespaces xmlns="{EXCLUSIVE}" PrefixList="xs xsi"/>'
_OTHER_CONFIRMATION = (
    '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"><saml:SubjectConfirmationData '
    'Recipient="https://other.example.com/" NotOnOrAfter="2020-01-01T00:00:00Z"/></saml:SubjectConfirmation>'
)


@dataclass(frozen=True)
class Benign:
    """A message that is taken, at sign-in and at STS.

    Args:
        name: What is particular about it.
        make: Returns the form field.
        provider: The SAML provider it is for.
        to_the_providers_url: Whether it is posted to the provider's own sign-in URL.
    """

    name: str
    make: Callable[[], str]
    provider: str = "idp"
    to_the_providers_url: bool = False


def _transforms(canonicalization: str, prefixes: str = "") -> tuple[str, str]:
    return _ENVELOPED, f'<Transform Algorithm="{canonicalization}">{prefixes}</Transform>'


def _canonical(algorithm: str) -> tuple[Signing, Signing]:
    transforms = _transforms(algorithm)
    return Signing("Assertion", c14n=algorithm, transforms=transforms), Signing(
        "Response", c14n=algorithm, transforms=transforms
    )


def _commented(root: etree._Element) -> None:
    for element in list(root.iter()):
        element.append(etree.Comment("x"))


def _attribute(value: str) -> str:
    return f'<saml:Attribute Name="x"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>'


_VALUE = (
    '<saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:n="urn:n">x</saml:AttributeValue>'
)
_MANY_VALUES = f'<saml:Attribute Name="x">{_VALUE * 300}</saml:Attribute>'
_TWENTY_NAMESPACES = " ".join(f"xmlns:n{number}='urn:n'" for number in range(20))
_ASSERTION, _RESPONSE = Signing("Assertion"), Signing("Response")
_SHAPES: Sequence[tuple[str, Message]] = (
    ("both are signed, as Okta does", Message()),
    ("the assertion alone is signed, as Entra ID and AD FS do", Message((_ASSERTION,))),
    ("the Response alone is signed, as Keycloak and PingFederate do", Message((_RESPONSE,))),
    ("a signed Response without its Issuer", Message((Signing("Response", place=0),), (remove("Issuer"),))),
    (
        "both signed, the Response without its Issuer",
        Message((_ASSERTION, Signing("Response", place=0)), (remove("Issuer"),)),
    ),
    ("an unsigned Response without its Issuer", Message((_ASSERTION,), (remove("Issuer"),))),
    ("the Response's Signature is its last child, as Auth0 has it", Message((Signing("Response", place=-1),))),
    ("both signed, the Response's Signature last", Message((_ASSERTION, Signing("Response", place=-1)))),
    ("the Signature last, no Issuer", Message((Signing("Response", place=-1),), (remove("Issuer"),))),
    ("inclusive canonicalisation", Message(_canonical(INCLUSIVE))),
    ("inclusive canonicalisation 1.1", Message(_canonical(INCLUSIVE_11))),
    ("exclusive canonicalisation with comments", Message(_canonical(f"{EXCLUSIVE}WithComments"))),
    ("inclusive canonicalisation with comments", Message(_canonical(f"{INCLUSIVE}#WithComments"))),
    ("inclusive for SignedInfo alone", Message((Signing("Assertion", c14n=INCLUSIVE),))),
    ("inclusive for the Reference alone", Message((Signing("Assertion", transforms=_transforms(INCLUSIVE)),))),
    ("enveloped is the only transform", Message((Signing("Assertion", transforms=(_ENVELOPED,)),))),
    ("InclusiveNamespaces", Message((Signing("Assertion", transforms=_transforms(EXCLUSIVE, _PREFIXES)),))),
    (
        "the default namespace for the signature",
        Message((Signing("Assertion", prefix=""), Signing("Response", prefix=""))),
    ),
    ("another prefix for the signature", Message((Signing("Assertion", prefix="dsig"),))),
    ("no KeyInfo", Message((Signing("Assertion", key_info=""),))),
    ("a KeyName in KeyInfo", Message((Signing("Assertion", key_info="<KeyName>signing</KeyName>"),))),
    ("the other key of the metadata", Message((Signing("Assertion", "rotated"), Signing("Response", "rotated")))),
    ("two keys of the metadata", Message((Signing("Assertion", "rotated"), _RESPONSE))),
    ("SHA-384", Message((Signing("Assertion", method=f"{MORE}rsa-sha384", digest=f"{MORE}sha384"),))),
    (
        "SHA-512",
        Message((Signing("Assertion", method=f"{MORE}rsa-sha512", digest="http://www.w3.org/2001/04/xmlenc#sha512"),)),
    ),
    *(
        (
            f"ECDSA on {curve} with {digest.upper()}",
            Message(
                (
                    Signing("Assertion", curve, method=f"{MORE}ecdsa-{digest}"),
                    Signing("Response", curve, method=f"{MORE}ecdsa-{digest}"),
                ),
                provider="idp-ec",
            ),
        )
        for curve, digest in (("ec256", "sha256"), ("ec384", "sha384"), ("ec521", "sha512"), ("ec256", "sha512"))
    ),
    (
        "SHA-1 where the provider's setting takes it",
        Message((Signing("Assertion", method=f"{XMLDSIG}rsa-sha1", digest=f"{XMLDSIG}sha1"),), provider="idp-sha1"),
    ),
    (
        "ECDSA with SHA-1 where the setting takes it",
        Message((Signing("Assertion", "ec256", method=f"{MORE}ecdsa-sha1"),), provider="idp-sha1"),
    ),
    ("SHA-256 where SHA-1 is taken too", Message(provider="idp-sha1")),
)
_CLAIMS: Sequence[tuple[str, Edit]] = (
    ("the provider before the role", claim("Role", _PAIR)),
    ("a space after the comma", claim("Role", _PAIR.replace(",", ", "))),
    ("no Destination", set_attribute(".", "Destination", None)),
    (
        "a Destination in another region",
        set_attribute(".", "Destination", "https://eu-west-1.signin.aws.amazon.com/saml"),
    ),
    (
        "InResponseTo, as tools that send an AuthnRequest get it",
        all_of(set_attribute(".", "InResponseTo", "_x"), set_attribute(_DATA, "InResponseTo", "_x")),
    ),
    ("a Consent", set_attribute(".", "Consent", "urn:oasis:names:tc:SAML:2.0:consent:unspecified")),
    ("the sign-in URL as audience", set_text("Assertion/Conditions/AudienceRestriction/Audience", SIGN_IN_URL)),
    (
        "two audiences in one restriction",
        insert("Assertion/Conditions/AudienceRestriction", 0, "<saml:Audience>urn:x</saml:Audience>"),
    ),
    ("OneTimeUse", insert("Assertion/Conditions", -1, "<saml:OneTimeUse/>")),
    ("ProxyRestriction", insert("Assertion/Conditions", -1, '<saml:ProxyRestriction Count="0"/>')),
    ("no bounds in the Conditions", lambda root: find(root, "Assertion/Conditions").attrib.clear()),
    ("NotBefore is now", set_attribute("Assertion/Conditions", "NotBefore", "2026-01-15T09:00:00Z")),
    ("a NotBefore of the confirmation", set_attribute(_DATA, "NotBefore", "2026-01-15T08:59:00Z")),
    ("an Address in the confirmation", set_attribute(_DATA, "Address", "192.0.2.1")),
    ("a confirmation of another method before the bearer's", insert("Assertion/Subject", 1, _OTHER_CONFIRMATION)),
    ("a confirmation of another method after the bearer's", insert("Assertion/Subject", -1, _OTHER_CONFIRMATION)),
    ("issued five minutes ago", set_attribute("Assertion", "IssueInstant", "2026-01-15T08:55:00Z")),
    ("issued by a clock that is five minutes fast", set_attribute("Assertion", "IssueInstant", "2026-01-15T09:05:00Z")),
    ("instants with microseconds", set_attribute("Assertion", "IssueInstant", "2026-01-15T08:59:30.1234567Z")),
    ("an instant in another zone", set_attribute("Assertion", "IssueInstant", "2026-01-15T17:59:30+09:00")),
    ("an instant without a zone", set_attribute("Assertion", "IssueInstant", "2026-01-15T08:59:30")),
    (
        "a session that ends later",
        set_attribute("Assertion/AuthnStatement", "SessionNotOnOrAfter", "2026-01-15T09:00:01Z"),
    ),
    ("no AuthnStatement", remove("Assertion/AuthnStatement")),
    ("a StatusMessage", insert("Status", -1, "<samlp:StatusMessage>ok</samlp:StatusMessage>")),
    ("a second StatusCode inside", insert("Status/StatusCode", 0, '<samlp:StatusCode Value="urn:x"/>')),
    ("Extensions", insert(".", 1, '<samlp:Extensions><x xmlns="urn:x"/></samlp:Extensions>')),
    ("Advice", insert("Assertion", 3, '<saml:Advice><x xmlns="urn:x"/></saml:Advice>')),
    (
        "a second AttributeStatement",
        insert(
            "Assertion",
            -1,
            f"<saml:AttributeStatement>{_attribute('y')}</saml:AttributeStatement>",
        ),
    ),
    ("three hundred values, each with its own namespaces", insert("Assertion/AttributeStatement", 0, _MANY_VALUES)),
    ("twenty namespaces", insert("Assertion", 3, f"<saml:Advice {_TWENTY_NAMESPACES}/>")),
    ("an attribute without values", insert("Assertion/AttributeStatement", 0, '<saml:Attribute Name="x"/>')),
    (
        "an attribute with a structure",
        insert(
            "Assertion/AttributeStatement",
            0,
            _attribute("<saml:NameID>y</saml:NameID>"),
        ),
    ),
    ("a session duration", claim("SessionDuration", "3600")),
    ("a source identity", claim("SourceIdentity", "hanako")),
    (
        "session tags, one of them transitive",
        all_of(claim("PrincipalTag:Team", "Blue"), claim("TransitiveTagKeys", "Team")),
    ),
    ("a tag with an empty value", claim("PrincipalTag:Team", "")),
    (
        "a transient NameID",
        set_attribute("Assertion/Subject/NameID", "Format", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"),
    ),
    ("a NameID without a Format", set_attribute("Assertion/Subject/NameID", "Format", None)),
    ("white space between elements", etree.indent),
    ("comments everywhere", _commented),
)


def _text(make: Callable[[bytes], bytes]) -> Callable[[], str]:
    return lambda: encode(make(base64.b64decode(Message().saml_response())))


def messages() -> Iterator[Benign]:
    """Yields every benign message."""
    for name, message in _SHAPES:
        yield Benign(f"shape: {name}", message.saml_response, message.provider)
    for name, edit in _CLAIMS:
        yield Benign(f"claim: {name}", Message(before=(edit,)).saml_response)
    yield Benign("encoding: an XML declaration", _text(lambda xml: b'<?xml version="1.0" encoding="UTF-8"?>\n' + xml))
    yield Benign("encoding: a byte order mark", _text(lambda xml: b"\xef\xbb\xbf" + xml))
    yield Benign("encoding: UTF-16", _text(lambda xml: xml.decode().encode("utf-16")))
    yield Benign("encoding: a comment around the document", _text(lambda xml: b"<!-- a -->" + xml + b"<!-- b -->"))
    yield Benign(
        "encoding: a comment in a signed value", _text(lambda xml: xml.replace(b"hanako@", b"hanako<!-- -->@"))
    )
    yield Benign("encoding: character references", _text(lambda xml: xml.replace(b"hanako@", b"&#104;anako&#x40;")))
    yield Benign(
        "encoding: CDATA", _text(lambda xml: xml.replace(b">hanako@example.com<", b"><![CDATA[hanako@example.com]]><"))
    )
    yield Benign("encoding: single quotes", _text(lambda xml: xml.replace(b'Version="2.0"', b"Version='2.0'")))
    yield Benign(
        "encoding: base64 in lines", lambda: base64.encodebytes(base64.b64decode(Message().saml_response())).decode()
    )
    yield Benign(
        "encoding: base64 in lines of Windows",
        lambda: base64.encodebytes(base64.b64decode(Message().saml_response())).decode().replace("\n", "\r\n"),
    )
    plain = Message((_ASSERTION,), provider="idp-encrypted")
    yield Benign(
        "encrypted: a signed assertion",
        lambda: encode(etree.tostring(encrypted(plain.root()))),
        "idp-encrypted",
        to_the_providers_url=True,
    )
    yield Benign("encrypted: not encrypted, though the provider has a key", plain.saml_response, "idp-encrypted")
