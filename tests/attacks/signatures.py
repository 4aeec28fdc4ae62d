"""Forged and unusual signatures: other keys, other algorithms, other references, other transforms, other structures.

Where the trusted key made the signature, only its shape speaks against it: what it covers is not what SAML means.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import xmlsec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from tests.attacks.identity import key_pair
from tests.attacks.message import (
    ENVELOPED,
    EXCLUSIVE,
    MORE,
    SAMLP,
    XMLDSIG,
    Edit,
    Message,
    Signing,
    find,
    insert,
    remove,
    set_attribute,
    set_text,
)
from tests.attacks.table import Attack
from tests.attacks.wrapping import forge

Element = etree._Element
_INFO = "Assertion/Signature/SignedInfo"
_XPATH = '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>{}</XPath></Transform>'
_FILTER_2 = (
    '<Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"><XPath xmlns="http://www.w3.org/2002/06/xmldsig-'
    'filter2" Filter="intersect">//*[local-name()=\'Issuer\']</XPath></Transform>'
)
_XSLT = (
    '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><xsl:stylesheet version="1.0" '
    'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><x/></xsl:template></xsl:stylesheet>'
    "</Transform>"
)
_ENVELOPED = f'<Transform Algorithm="{ENVELOPED}"/>'
_EXCLUSIVE = f'<Transform Algorithm="{EXCLUSIVE}"/>'


# --- keys: who signed -------------------------------------------------------------------------------------------------


@cache
def _hmac_keys() -> dict[str, bytes]:
    """Returns what everybody knows of the trusted certificate, as a secret for HMAC."""
    certificate = key_pair("trusted").certificate
    pem, der = certificate.public_bytes(Encoding.PEM), certificate.public_bytes(Encoding.DER)
    public = certificate.public_key()
    return {
        "the certificate in PEM": pem,
        "the certificate in DER": der,
        "the certificate in base64": key_pair("trusted").certificate_base64.encode(),
        "the public key in PEM": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "the public key in DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "an empty text": b"\0",
    }


def _hmac(method: str, secret: bytes) -> Message:
    key = xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, secret)
    return Message((Signing("Assertion", key, method=method, key_info=_x509("trusted")),))


def _x509(name: str) -> str:
    return f"<X509Data><X509Certificate>{key_pair(name).certificate_base64}</X509Certificate></X509Data>"


def _key_value(name: str) -> str:
    """Returns the KeyValue of an RSA key."""
    public = key_pair(name).certificate.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    numbers = public.public_numbers()

    def text(number: int) -> str:
        return base64.b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode()

    return (
        f"<KeyValue><RSAKeyValue><Modulus>{text(numbers.n)}</Modulus><Exponent>{text(numbers.e)}</Exponent>"
        "</RSAKeyValue></KeyValue>"
    )


def _foreign(of: str = "Assertion", **how: str) -> Message:
    return Message((Signing(of, "attacker", **how),))  # type: ignore[arg-type]


def _keys() -> Iterator[tuple[str, Message]]:
    for of in ("Assertion", "Response"):
        yield f"{of} signed by a key of nobody's", _foreign(of)
        yield (
            f"{of} signed by a key of nobody's, with the trusted certificate in KeyInfo",
            _foreign(of, key_info=_x509("trusted")),
        )
        yield (
            f"{of} signed by a key of nobody's, with both certificates, the trusted one first",
            _foreign(of, key_info=_x509("trusted") + _x509("attacker")),
        )
        yield (
            f"{of} signed by a key of nobody's, with both certificates, the trusted one last",
            _foreign(of, key_info=_x509("attacker") + _x509("trusted")),
        )
        yield f"{of} signed by a key of nobody's, with its KeyValue", _foreign(of, key_info=_key_value("attacker"))
        yield f"{of} signed by a key of nobody's, without KeyInfo", _foreign(of, key_info="")
        yield f"{of} signed by the key that is for encryption", Message((Signing(of, "encryption"),))
    yield "signed by a key of nobody's, with a KeyName", _foreign(key_info="<KeyName>idp.example.com</KeyName>")
    yield (
        "signed by a key of nobody's, with a RetrievalMethod",
        _foreign(key_info='<RetrievalMethod URI="#_assertion" Type="http://www.w3.org/2000/09/xmldsig#X509Data"/>'),
    )
    yield (
        "Response of nobody's around a trusted assertion",
        Message((Signing("Assertion"), Signing("Response", "attacker"))),
    )
    yield (
        "assertion of nobody's in a trusted Response",
        Message((Signing("Assertion", "attacker"), Signing("Response"))),
    )
    yield "an elliptic key of nobody's", Message((Signing("Assertion", "attacker-ec", method=f"{MORE}ecdsa-sha256"),))
    yield (
        "an elliptic key where the metadata has RSA keys",
        Message((Signing("Assertion", "ec256", method=f"{MORE}ecdsa-sha256"),)),
    )
    yield (
        "an elliptic key of nobody's where the metadata has elliptic keys",
        Message((Signing("Assertion", "attacker-ec", method=f"{MORE}ecdsa-sha256"),), provider="idp-ec"),
    )
    yield "the RSA key where the metadata has elliptic keys", Message((Signing("Assertion"),), provider="idp-ec")
    for name, secret in _hmac_keys().items():
        yield f"HMAC-SHA256 with {name}", _hmac(f"{MORE}hmac-sha256", secret)
    for method in (f"{XMLDSIG}hmac-sha1", f"{MORE}hmac-sha384", f"{MORE}hmac-sha512"):
        yield f"{method.rpartition('#')[2]} with the public key", _hmac(method, _hmac_keys()["the public key in PEM"])


# --- algorithms: how it is signed -------------------------------------------------------------------------------------

_METHODS = (
    f"{XMLDSIG}rsa-sha1",
    f"{XMLDSIG}dsa-sha1",
    f"{MORE}rsa-md5",
    f"{MORE}rsa-ripemd160",
    f"{MORE}rsa-sha224",
    f"{MORE}ecdsa-sha1",
    f"{MORE}ecdsa-sha256",
    "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
    f"{MORE}RSA-SHA256",
    f"{MORE}rsa-sha256 ",
    "none",
    "",
)
_DIGESTS = (
    f"{XMLDSIG}sha1",
    f"{MORE}md5",
    f"{MORE}sha224",
    "http://www.w3.org/2001/04/xmlenc#ripemd160",
    "http://www.w3.org/2001/04/xmlenc#SHA256",
    "",
)
_CANONICALIZATIONS = ("http://www.w3.org/2010/xml-c14n2", ENVELOPED, "http://www.w3.org/TR/1999/REC-xslt-19991116", "")


def _algorithms() -> Iterator[tuple[str, Message]]:
    signed = (Signing("Assertion"),)
    for what, path, algorithms in (
        ("SignatureMethod", f"{_INFO}/SignatureMethod", _METHODS),
        ("DigestMethod", f"{_INFO}/Reference/DigestMethod", _DIGESTS),
        ("CanonicalizationMethod", f"{_INFO}/CanonicalizationMethod", _CANONICALIZATIONS),
    ):
        for algorithm in algorithms:
            yield f"{what} {algorithm!r}", Message(signed, after=(set_attribute(path, "Algorithm", algorithm),))
        yield f"{what} without Algorithm", Message(signed, after=(set_attribute(path, "Algorithm", None),))
    sha1 = Signing("Assertion", method=f"{XMLDSIG}rsa-sha1", digest=f"{XMLDSIG}sha1")
    yield "SHA-1 by the trusted key", Message((sha1,))
    yield "a digest with SHA-1 by the trusted key", Message((Signing("Assertion", digest=f"{XMLDSIG}sha1"),))
    yield "a signature with SHA-1 by the trusted key", Message((Signing("Assertion", method=f"{XMLDSIG}rsa-sha1"),))
    yield (
        "ECDSA with SHA-1 by a trusted key",
        Message((Signing("Assertion", "ec256", method=f"{MORE}ecdsa-sha1"),), provider="idp-ec"),
    )


# --- references and transforms: what is signed, by the trusted key ----------------------------------------------------


def _with_transforms(*transforms: str) -> Message:
    return Message((Signing("Assertion", transforms=transforms),))


def _xpath(expression: str) -> str:
    return _XPATH.format(expression)


def _references() -> Iterator[tuple[str, Message]]:
    for uri in ("", "#xpointer(/)", "#xpointer(id('_assertion'))", "#_response"):
        yield f"the assertion's Reference is {uri!r}", Message((Signing("Assertion", uri=uri),))
    yield "the Response's Reference is the assertion", Message((Signing("Response", uri="#_assertion"),))
    yield "the Response's Reference is the whole document", Message((Signing("Response", uri=""),))
    for uri in (
        "file:///etc/hostname",
        "/etc/hostname",
        "http://127.0.0.1:9/",
        "#",
        "_assertion",
        "#_ASSERTION",
        "#_none",
    ):
        edit = set_attribute(f"{_INFO}/Reference", "URI", uri)
        yield f"the Reference is turned to {uri!r}", Message((Signing("Assertion"),), after=(edit,))
    yield "no URI", Message((Signing("Assertion"),), after=(set_attribute(f"{_INFO}/Reference", "URI", None),))
    yield "only enveloped before another", _with_transforms(_ENVELOPED, _ENVELOPED)
    yield "no enveloped", Message((Signing("Assertion"),), after=(remove(f"{_INFO}/Reference/Transforms/Transform"),))
    yield "enveloped last", Message((Signing("Assertion"),), after=(_swap_transforms,))
    yield "a third transform", _with_transforms(_ENVELOPED, _EXCLUSIVE, _EXCLUSIVE)
    yield (
        "an XPath that takes the issuer alone",
        _with_transforms(_ENVELOPED, _xpath("ancestor-or-self::*[local-name()='Issuer']"), _EXCLUSIVE),
    )
    yield (
        "an XPath instead of enveloped",
        _with_transforms(_xpath("not(ancestor-or-self::*[local-name()='Signature'])"), _EXCLUSIVE),
    )
    yield (
        "an XPath in place of canonicalisation",
        _with_transforms(_ENVELOPED, _xpath("ancestor-or-self::*[local-name()='Issuer']")),
    )
    yield "an XPath filter", _with_transforms(_ENVELOPED, _FILTER_2, _EXCLUSIVE)
    yield "an XSLT", _with_transforms(_ENVELOPED, _EXCLUSIVE, _XSLT)
    yield "an XSLT in place of canonicalisation", _with_transforms(_ENVELOPED, _XSLT)
    yield (
        "a base64 transform",
        Message(
            (Signing("Assertion"),),
            after=(
                set_attribute(
                    f"{_INFO}/Reference/Transforms/Transform[2]".replace("[2]", ""), "Algorithm", f"{XMLDSIG}base64"
                ),
            ),
        ),
    )
    yield (
        "an XPath inside the enveloped transform",
        Message(
            (Signing("Assertion"),),
            after=(insert(f"{_INFO}/Reference/Transforms/Transform", 0, "<ds:XPath>1=0</ds:XPath>"),),
        ),
    )


def _swap_transforms(root: Element) -> None:
    transforms = find(root, f"{_INFO}/Reference/Transforms")
    transforms.append(transforms[0])


# --- structures -------------------------------------------------------------------------------------------------------


def _double(root: Element, path: str) -> None:
    element = find(root, path)
    element.addnext(copy.deepcopy(element))


def _move(root: Element, path: str, index: int) -> None:
    element = find(root, path)
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)
    parent.insert(len(parent) if index == -1 else index, element)


def _to(root: Element, path: str) -> None:
    find(root, path).append(find(root, "Assertion/Signature"))


def _other_namespace(root: Element) -> None:
    for element in find(root, "Assertion/Signature").iter():
        element.tag = etree.QName(element).localname


def _renamed_id(root: Element, name: str) -> None:
    find(root, "Assertion").set(name, find(root, "Assertion").attrib.pop("ID"))


_STRUCTURES: Sequence[tuple[str, Edit]] = (
    ("no Reference", remove(f"{_INFO}/Reference")),
    ("no Transforms", remove(f"{_INFO}/Reference/Transforms")),
    ("no DigestValue", remove(f"{_INFO}/Reference/DigestValue")),
    ("no SignatureValue", remove("Assertion/Signature/SignatureValue")),
    ("no SignedInfo", remove(_INFO)),
    ("no CanonicalizationMethod", remove(f"{_INFO}/CanonicalizationMethod")),
    ("an empty Signature", lambda root: find(root, "Assertion/Signature").clear()),
    ("an empty SignatureValue", set_text("Assertion/Signature/SignatureValue", "")),
    ("a SignatureValue that is not base64", set_text("Assertion/Signature/SignatureValue", "***")),
    ("an empty DigestValue", set_text(f"{_INFO}/Reference/DigestValue", "")),
    ("an element in the DigestValue", insert(f"{_INFO}/Reference/DigestValue", 0, "<ds:x/>")),
    ("an element in the SignatureValue", insert("Assertion/Signature/SignatureValue", 0, "<ds:x/>")),
    ("an HMACOutputLength", insert(f"{_INFO}/SignatureMethod", 0, "<ds:HMACOutputLength>0</ds:HMACOutputLength>")),
    ("an Object", insert("Assertion/Signature", -1, "<ds:Object/>")),
    (
        "a Manifest",
        insert(
            "Assertion/Signature",
            -1,
            "<ds:Object><ds:Manifest><ds:Reference URI='#_assertion'/></ds:Manifest></ds:Object>",
        ),
    ),
    ("two Reference elements", lambda root: _double(root, f"{_INFO}/Reference")),
    ("two SignedInfo elements", lambda root: _double(root, _INFO)),
    ("two SignatureValue elements", lambda root: _double(root, "Assertion/Signature/SignatureValue")),
    ("two KeyInfo elements", lambda root: _double(root, "Assertion/Signature/KeyInfo")),
    ("two DigestValue elements", lambda root: _double(root, f"{_INFO}/Reference/DigestValue")),
    ("two Signature elements", lambda root: _double(root, "Assertion/Signature")),
    ("the KeyInfo before the SignatureValue", lambda root: _move(root, "Assertion/Signature/KeyInfo", 1)),
    ("the Signature before the Issuer", lambda root: _move(root, "Assertion/Signature", 0)),
    ("the Signature after the Subject", lambda root: _move(root, "Assertion/Signature", 2)),
    ("the Signature last in the assertion", lambda root: _move(root, "Assertion/Signature", -1)),
    ("a Signature in the Subject", lambda root: _to(root, "Assertion/Subject")),
    ("a Signature in the AuthnStatement", lambda root: _to(root, "Assertion/AuthnStatement")),
    ("a Signature in the AuthnContext", lambda root: _to(root, "Assertion/AuthnStatement/AuthnContext")),
    ("a Signature in the Status", lambda root: _to(root, "Status")),
    ("a second, empty Signature in the Response", insert(".", 1, "<ds:Signature/>")),
    ("a second, empty Signature in the Subject", insert("Assertion/Subject", -1, "<ds:Signature/>")),
    ("a Signature of no namespace", _other_namespace),
    ("the assertion without an ID", set_attribute("Assertion", "ID", None)),
    ("the assertion's ID spelt Id", lambda root: _renamed_id(root, "Id")),
    ("the assertion's ID spelt xml:id", lambda root: _renamed_id(root, "{http://www.w3.org/XML/1998/namespace}id")),
    ("a Subject with the assertion's ID", set_attribute("Assertion/Subject", "ID", "_assertion")),
    ("a Subject with the assertion's ID as Id", set_attribute("Assertion/Subject", "Id", "_assertion")),
    ("a Subject with the assertion's ID as id", set_attribute("Assertion/Subject", "id", "_assertion")),
    ("a Status with the assertion's ID", set_attribute("Status", "ID", "_assertion")),
    (
        "a Status with the assertion's ID as xml:id",
        set_attribute("Status", "{http://www.w3.org/XML/1998/namespace}id", "_assertion"),
    ),
    ("no Signature", remove("Assertion/Signature")),
)


# --- forged after signing --------------------------------------------------------------------------------------------


def _signature_of_another(root: Element) -> None:
    """Gives a forged assertion another login's valid signature."""
    other = Message((Signing("Assertion"),)).root()
    forged = forge(find(root, "Assertion"))
    forged.set("ID", "_assertion")
    forged.insert(1, find(other, "Assertion/Signature"))
    root.replace(find(root, "Assertion"), forged)


def _signed_extensions(root: Element) -> None:
    """Signs an element that carries nothing, and puts the signature where the Response's belongs."""
    extensions = etree.Element(f"{SAMLP}Extensions", ID="_extensions")
    root.insert(1, extensions)
    Signing("Response", uri="#_extensions").sign(root)


def attacks() -> Iterator[Attack]:
    """Yields every forged or unusual signature."""
    signed = (Signing("Assertion"),)
    groups: Sequence[tuple[str, Callable[[], Iterator[tuple[str, Message]]]]] = (
        ("key", _keys),
        ("algorithm", _algorithms),
        ("reference", _references),
    )
    for group, messages in groups:
        for name, message in messages():
            yield Attack(f"{group}: {name}", message.saml_response, "signature", provider=message.provider)
    for name, edit in _STRUCTURES:
        yield Attack(f"structure: {name}", Message(signed, after=(edit,)).saml_response, "signature")
    for name, edit in (
        ("another login's signature", _signature_of_another),
        ("Extensions are signed", _signed_extensions),
    ):
        yield Attack(f"forged: {name}", Message((), after=(edit,)).saml_response, "signature")
