"""Signatures by other keys and with other algorithms than those that are taken."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import cache

import xmlsec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.attacks.identity import key_pair
from tests.attacks.message import ENVELOPED, MORE, XMLDSIG, Message, Signing, set_attribute
from tests.attacks.table import Attack

_INFO = "Assertion/Signature/SignedInfo"


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


def attacks() -> Iterator[Attack]:
    """Yields every other key and algorithm."""
    for group, messages in (("key", _keys()), ("algorithm", _algorithms())):
        for name, message in messages:
            yield Attack(f"{group}: {name}", message.saml_response, "signature", provider=message.provider)
