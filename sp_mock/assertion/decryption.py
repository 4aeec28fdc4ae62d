"""Encrypted assertions, decrypted with the private keys of the SAML provider they are sent to.

Spec: XML Encryption Syntax and Processing 1.1; AWS IAM UG "id_roles_providers_create_saml", encrypted assertions
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from functools import lru_cache

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from emulator.kernel.errors import InvalidInput
from emulator.kernel.records import dataclass
from sp_mock.accounts.model import DecryptionKey
from sp_mock.xml import DS

XENC = "{http://www.w3.org/2001/04/xmlenc#}"
_XENC11 = "{http://www.w3.org/2009/xmlenc11#}"
_MIN_KEY_BITS = 2048
_BLOCK, _NONCE = 16, 12
# Key lengths in bytes.
_CBC = {f"http://www.w3.org/2001/04/xmlenc#aes{bits}-cbc": bits // 8 for bits in (128, 192, 256)}
_GCM = {f"http://www.w3.org/2009/xmlenc11#aes{bits}-gcm": bits // 8 for bits in (128, 192, 256)}
_OAEP_MGF1P = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
_OAEP = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "http://www.w3.org/2000/09/xmldsig#sha1": hashes.SHA1(),  # noqa: S303 - OAEP with SHA-1 is what most products send
    "http://www.w3.org/2001/04/xmlenc#sha256": hashes.SHA256(),
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashes.SHA384(),
    "http://www.w3.org/2001/04/xmlenc#sha512": hashes.SHA512(),
}
_MASKS: dict[str, hashes.HashAlgorithm] = {
    "http://www.w3.org/2009/xmlenc11#mgf1sha1": hashes.SHA1(),  # noqa: S303
    "http://www.w3.org/2009/xmlenc11#mgf1sha256": hashes.SHA256(),
    "http://www.w3.org/2009/xmlenc11#mgf1sha384": hashes.SHA384(),
    "http://www.w3.org/2009/xmlenc11#mgf1sha512": hashes.SHA512(),
}


class Undecipherable(Exception):
    """An EncryptedAssertion cannot be decrypted; the text says why, for the trace only."""


@dataclass(frozen=True, slots=True)
class Decrypted:
    """The plain text of an EncryptedAssertion, and the id of the key that decrypted it."""

    text: bytes
    key_id: str


@lru_cache(maxsize=32)  # checking that a key is valid takes ten times as long as a signature
def read_private_key(pem: str) -> RSAPrivateKey:
    """Loads a private key that a SAML provider may have.

    Raises:
        InvalidInput: ``Invalid private key.``: not an unencrypted RSA key of 2048 bits or more in PEM.

    Spec: AWS IAM API "UpdateSAMLProvider", AddPrivateKey; AWS IAM UG "troubleshoot_saml"
    Evidence: documented (the words), assumed (the code, and the shortest key)
    """
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey) or key.key_size < _MIN_KEY_BITS:
        raise InvalidInput(
            "Invalid private key.",
            service="AWS IAM",
            check="private-key",
            explanation="The text is no RSA private key that can be used.",
            where="parameter AddPrivateKey",
            expected=f"an RSA private key of {_MIN_KEY_BITS} bits or more in PEM, not encrypted with a passphrase",
            fix="Make a key with: openssl genrsa 2048",
            spec='AWS IAM UG "troubleshoot_saml"',
        )
    return key


def decrypt_assertion(encrypted: etree._Element, keys: Iterable[DecryptionKey]) -> Decrypted:
    """Decrypts an EncryptedAssertion with the first key that fits.

    Args:
        encrypted: The element, with one EncryptedData and one EncryptedKey, inside its KeyInfo or beside it.

    Raises:
        Undecipherable: an unexpected shape, an algorithm that AWS does not take, or no key that fits.

    Spec: SAML Core §2.3.4; XML Encryption 1.1 §5
    Evidence: documented (AES in GCM and CBC mode), assumed (RSA-OAEP alone carries the key)
    """
    data = encrypted.findall(f"{XENC}EncryptedData")
    wrapped = list(encrypted.iter(f"{XENC}EncryptedKey"))
    if len(data) != 1 or len(wrapped) != 1:
        raise Undecipherable(f"it holds {len(data)} EncryptedData and {len(wrapped)} EncryptedKey, not one of each")
    method = _algorithm(data[0])
    length = _CBC.get(method) or _GCM.get(method)
    if length is None:
        raise Undecipherable(f"the data is encrypted with {method or 'no algorithm'}, not AES in GCM or CBC mode")
    padding = _padding(wrapped[0])
    cipher_text, cipher_key = _cipher_value(data[0]), _cipher_value(wrapped[0])
    for key in keys:
        try:
            secret = read_private_key(key.private_key_pem).decrypt(cipher_key, padding)
            if len(secret) == length:
                return Decrypted(_plain(cipher_text, secret, cbc=method in _CBC), key.key_id)
        except (ValueError, InvalidTag):
            continue
    raise Undecipherable("none of the provider's private keys opens it, or it was changed on the way")


def _algorithm(element: etree._Element) -> str:
    method = element.find(f"{XENC}EncryptionMethod")
    return "" if method is None else method.get("Algorithm", "")


def _padding(wrapped: etree._Element) -> OAEP:
    algorithm = _algorithm(wrapped)
    if algorithm not in {_OAEP_MGF1P, _OAEP}:
        raise Undecipherable(f"the key is encrypted with {algorithm or 'no algorithm'}, not RSA-OAEP")
    method = wrapped.find(f"{XENC}EncryptionMethod")
    digest = None if method is None else method.find(f"{DS}DigestMethod")
    mask = None if method is None else method.find(f"{_XENC11}MGF")
    sha1 = next(iter(_DIGESTS.values()))
    digest_algorithm = sha1 if digest is None else _DIGESTS.get(digest.get("Algorithm", ""))
    mask_algorithm = sha1 if mask is None or algorithm == _OAEP_MGF1P else _MASKS.get(mask.get("Algorithm", ""))
    if digest_algorithm is None or mask_algorithm is None:
        raise Undecipherable("the key is encrypted with RSA-OAEP and a digest that is not known here")
    return OAEP(mgf=MGF1(mask_algorithm), algorithm=digest_algorithm, label=None)


def _cipher_value(element: etree._Element) -> bytes:
    value = element.find(f"{XENC}CipherData/{XENC}CipherValue")
    try:
        return base64.b64decode("".join(((value.text if value is not None else "") or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise Undecipherable("a CipherValue is not base64") from None


def _plain(cipher_text: bytes, secret: bytes, *, cbc: bool) -> bytes:
    """Decrypts; every failure is a ValueError or an InvalidTag, which the caller does not distinguish."""
    if not cbc:
        return AESGCM(secret).decrypt(cipher_text[:_NONCE], cipher_text[_NONCE:], None)
    if len(cipher_text) < 2 * _BLOCK or len(cipher_text) % _BLOCK:
        raise ValueError("no whole blocks")
    decryptor = Cipher(AES(secret), CBC(cipher_text[:_BLOCK])).decryptor()
    padded = decryptor.update(cipher_text[_BLOCK:]) + decryptor.finalize()
    if not 1 <= padded[-1] <= _BLOCK:
        raise ValueError("no padding")
    return padded[: -padded[-1]]
