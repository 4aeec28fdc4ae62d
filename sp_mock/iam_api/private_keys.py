"""A SAML provider's private keys and encryption mode, as CreateSAMLProvider and UpdateSAMLProvider change them.

Spec: AWS IAM API "UpdateSAMLProvider"; AWS IAM UG "troubleshoot_saml"
"""

from __future__ import annotations

from dataclasses import replace

from emulator.kernel.errors import AwsRefusal, InvalidInput, LimitExceeded
from sp_mock.accounts.model import DecryptionKey, SamlProvider
from sp_mock.apis.operations import AccountCall
from sp_mock.assertion.decryption import read_private_key
from sp_mock.iam.api_errors import IAM
from sp_mock.iam.identifiers import unique_id

_MAX_KEYS = 2
_UPDATES = ("SAMLMetadataDocument", "AssertionEncryptionMode", "AddPrivateKey", "RemovePrivateKey")


def with_keys(provider: SamlProvider, call: AccountCall) -> SamlProvider:
    """Returns a provider with the keys and the mode that a call asks for.

    To rotate a key, add the new one, and remove the old one in a separate request.

    Raises:
        InvalidInput: the key cannot be used, or no key is left to remove or to require encryption with.
        LimitExceeded: there are two keys already.

    Spec: AWS IAM API "UpdateSAMLProvider"; AWS IAM UG "troubleshoot_saml"
    Evidence: documented (the words), assumed (the codes)
    """
    added, removed = call.parameters.get("AddPrivateKey"), call.parameters.get("RemovePrivateKey")
    if added is not None and removed is not None:
        raise _refused(
            "Unable to add and remove private keys in the same request. Set a value for only one of the two "
            "parameters.",
            explanation="The request has both AddPrivateKey and RemovePrivateKey.",
            where="parameters AddPrivateKey and RemovePrivateKey",
            fix="Add the new key first, and remove the old one in a second request.",
        )
    keys = provider.private_keys
    if removed is not None:
        keys = _without_key(provider, removed)
    if added is not None:
        keys = _with_key(provider, added, call)
    mode = call.parameters.get("AssertionEncryptionMode") or provider.encryption_mode
    if mode == "Required" and not keys:
        raise _refused(
            "Failed to remove private key."
            if removed is not None
            else "Unable to set assertion encryption mode to Required because no private key is provided.",
            explanation="Where encryption is required there has to be a key to open assertions with.",
            where="parameter RemovePrivateKey" if removed is not None else "parameter AssertionEncryptionMode",
            fix="Add a private key, or set the mode to Allowed.",
        )
    return replace(provider, private_keys=keys, encryption_mode=mode)


def _without_key(provider: SamlProvider, removed: str) -> tuple[DecryptionKey, ...]:
    keys = provider.private_keys
    if removed not in {key.key_id for key in keys}:
        raise _refused(
            "Failed to remove private key because the Key ID does not match a private key.",
            explanation=f"{provider.arn} has no private key {removed}.",
            where="parameter RemovePrivateKey",
            expected=" or ".join(key.key_id for key in keys) or "no key, since there is none",
            received=removed,
            fix="iam:GetSAMLProvider lists the keys with their ids.",
        )
    return tuple(key for key in keys if key.key_id != removed)


def _with_key(provider: SamlProvider, added: str, call: AccountCall) -> tuple[DecryptionKey, ...]:
    read_private_key(added)
    if len(provider.private_keys) >= _MAX_KEYS:
        raise _refused(
            f"Private key limit of {_MAX_KEYS} is reached.",
            kind=LimitExceeded,
            explanation=f"{provider.arn} has {_MAX_KEYS} private keys already.",
            where="parameter AddPrivateKey",
            fix="Remove the older key first.",
        )
    return (*provider.private_keys, DecryptionKey(unique_id("SAMLPK", ids=call.ids), call.now, added))


def require_an_update(call: AccountCall) -> None:
    """Requires that a call changes something.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented (the words), assumed (the code)
    """
    if not any(call.parameters.get(name) is not None for name in _UPDATES):
        raise _refused(
            "Unable to update identity provider. No updates are defined for metadata or encryption assertion.",
            explanation="The request names the provider and nothing to change.",
            where="the call's parameters",
            expected=" or ".join(_UPDATES),
            fix="Name what should change.",
        )


def _refused(
    words: str,
    *,
    explanation: str,
    where: str,
    fix: str,
    expected: str = "",
    received: str = "",
    kind: type[AwsRefusal] = InvalidInput,
) -> AwsRefusal:
    return kind(
        words,
        service=IAM,
        check="private-key",
        explanation=explanation,
        where=where,
        expected=expected,
        received=received,
        fix=fix,
        spec='AWS IAM UG "troubleshoot_saml"',
    )
