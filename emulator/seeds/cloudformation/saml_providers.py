"""SAML providers of a template, with their encryption settings.

Spec: AWS CloudFormation Template Reference, AWS::IAM::SAMLProvider
Evidence: documented
"""

from __future__ import annotations

import re
from typing import Final

from emulator.seeds.cloudformation.reading import Reading, fitting, required
from emulator.seeds.cloudformation.resources import Resource
from emulator.seeds.cloudformation.values import Unresolved, within
from emulator.worldfile.schema.settings import ProviderName, is_private_key
from emulator.worldfile.text.yaml_data import Key

_MODES: Final = ("Allowed", "Required")
_METADATA: Final = "SamlMetadataDocument"
_SHORTEST_KEY: Final = 2048
_ON_ONE_LINE: Final = re.compile(r"^\s*(-----BEGIN [A-Z ]+-----) ([^\n]+?) (-----END [A-Z ]+-----)\s*$")


def read_saml_providers(reading: Reading) -> None:
    """Reads all SAML providers."""
    reading.each("AWS::IAM::SAMLProvider", _provider)


def _provider(reading: Reading, provider: Resource) -> None:
    with within("Name"):
        key: Key = ("saml_providers", fitting(ProviderName, provider.name, "SAML provider name"))
    try:
        provider.require_it()
        with within("AssertionEncryptionMode"):
            mode = _mode(provider)
    except Unresolved as error:
        if not isinstance(reading.elsewhere.own(*map(str, key)), dict):
            reading.exclude(key)
            raise
        # The world file's own provider stays, but may accept less, since the template's mode is not known.
        mode = None if reading.elsewhere.own(*map(str, key), "assertion_encryption") else "Required"
        reading.leave_out(provider, error)
    has_metadata = _metadata(reading, provider, key)
    if not has_metadata and not reading.elsewhere.has("saml_providers", str(key[1])):
        return  # settling removes it unless another file has its metadata
    reading.part.places[key] = provider.place()
    if mode is not None:
        reading.part.put((*key, "assertion_encryption"), mode, provider.place("AssertionEncryptionMode"))
    _private_key(reading, provider, key, mode)


def _mode(provider: Resource) -> str | None:
    mode = provider.text("AssertionEncryptionMode")
    if mode is not None and mode not in _MODES:
        raise Unresolved("it is neither Allowed nor Required")
    return mode


def _metadata(reading: Reading, provider: Resource, key: Key) -> bool:
    """Reads the metadata, and returns whether the template or the world file has any."""
    is_worlds = isinstance(reading.elsewhere.own(*map(str, key), "metadata"), dict)
    try:
        with within(_METADATA):
            document = required(provider, _METADATA)
    except Unresolved as error:
        if not is_worlds:
            reading.leave_out(provider, error)
        return is_worlds
    reading.part.put((*key, "metadata"), {"xml": document}, provider.place(_METADATA))
    return True


def _pem(text: str | None) -> str | None:
    """Returns a private key in PEM; its line breaks may have become spaces on the way into a parameter.

    Raises:
        Unresolved: IAM would not accept it; the error does not show any of it.
    """
    if text is None:
        return None
    if not is_private_key(text):
        raise Unresolved("it is not a private key in PEM, which begins with -----BEGIN PRIVATE KEY-----")
    in_lines = _ON_ONE_LINE.sub(lambda match: "\n".join([match[1], *match[2].split(), match[3], ""]), text)
    if not _is_rsa_key(in_lines):
        raise Unresolved("it is not an RSA private key of 2048 bits or more without a passphrase")
    return in_lines


def _is_rsa_key(pem: str) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return isinstance(key, RSAPrivateKey) and key.key_size >= _SHORTEST_KEY


def _private_key(reading: Reading, provider: Resource, key: Key, mode: str | None) -> None:
    """Reads the private key; without one, the encryption mode is still kept."""
    reason = fix = ""
    try:
        with within("AddPrivateKey"):
            pem = _pem(provider.text("AddPrivateKey"))
    except Unresolved as error:
        pem, reason, fix = None, f"AddPrivateKey: {error.reason}", error.fix
    if pem is not None:
        reading.part.append((*key, "private_keys"), pem, provider.place("AddPrivateKey"))
    elif reason or mode is not None:
        reason = f"its private key is not in the template{f' ({reason})' if reason else ''}"
        opened = "no assertion is accepted" if mode == "Required" else "encrypted assertions cannot be decrypted"
        fix = fix or "Set private_keys of the provider in the world file."
        reading.add_note(provider, f"{reason}: {opened}", "AddPrivateKey", fix=fix)
