"""Where a Response's signatures and its encryption come from: which elements, which key, which algorithm."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from cryptography.x509.oid import NameOID

from emulator.kernel.explanations import Change, Explanation
from idp.model import KeyPair
from idp.saml.explanations.envelope import explain_acs_url
from idp.saml.explanations.message import IssuedMessage
from idp.saml.wording import CONSOLE, change, one_of

SHA1_PLACES = ("SignatureMethod", "DigestMethod")


def explain_signature(message: IssuedMessage, place: str, wanted: tuple[str, ...]) -> Explanation:
    """Returns which settings determined the signatures, or left them out."""
    app, style = message.app, message.app.style
    if style.sha1 and (any(each in place for each in SHA1_PLACES) or not wanted):
        return Explanation(
            f"{app.label} signs with RSA-SHA1.",
            (message.setting("style", "sha1"),),
            want=one_of(wanted) or "RSA-SHA256",
            got="saml.signature_algorithm: RSA_SHA1",
            fix=change("saml.signature_algorithm", "RSA_SHA256"),
            changes=(Change(message.setting("style", "sha1"), "RSA_SHA256"),),
        )
    lacking = [each for each in ("Response", "Assertion") if each not in style.signed]
    if not style.signed or (lacking and f"/{lacking[0]}/Signature" in place):
        return Explanation(
            f"{app.label} signs {' and '.join(style.signed) or 'neither the Response nor the assertion'}"
            f"{' alone' if style.signed else ''}.",
            (message.setting("style", "signed"),),
            want=one_of(wanted) or "a signed Response and a signed assertion",
            got=f"saml.signed: [{', '.join(style.signed)}]",
            fix=change("saml.signed", "[Response, Assertion]"),
            changes=(Change(message.setting("style", "signed"), ["Response", "Assertion"]),),
        )
    return _key(message, wanted)


def _key(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    app = message.app
    if not _belong_together(app.key_pair):
        return _mixed_pair(message, wanted)
    metadata = f"{message.org.base_url}/app/{app.external_key}/sso/saml/metadata"
    old = next((each for each in app.other_keys if fingerprint(each) in wanted), None)
    apps = (each for each in message.org.apps.values() if each.name != app.name)
    other = next((each for each in apps if fingerprint(each.key_pair) in wanted), None)
    why = (
        f"The message is signed with the key of {app.label} ({app.name}), whose certificate is "
        f"{described(app.key_pair)}."
    )
    if old is not None:
        why += f" The one that is wanted is another key of the app, which is not in use now: {described(old)}."
    elif other is not None:
        why += f" The one that is wanted is that of the app {other.label} ({other.name})."
    return Explanation(
        why,
        (message.setting("key_pair"),),
        want=one_of(wanted),
        got=fingerprint(app.key_pair),
        fix=f"Upload the metadata of {app.name} to the SAML provider again: {metadata}.",
    )


def _mixed_pair(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    """The certificate in the metadata and the message is not that of the signing key, so no upload helps."""
    app = message.app
    return Explanation(
        f"The private key that {app.label} ({app.name}) signs with and its certificate do not belong together: nobody "
        f"who knows the certificate, {described(app.key_pair)}, can verify what the key signed.",
        (message.setting("key_pair"),),
        want=one_of(wanted) or "a private key with its own certificate",
        got=f"another key's certificate, {fingerprint(app.key_pair)}",
        fix="Set signing.private_key to the file of the certificate's own private key, or signing.certificate to that "
        f"of the key's own certificate ({CONSOLE['signing']}).",
        is_alone=True,
    )


def _belong_together(key_pair: KeyPair) -> bool:
    """Whether the certificate belongs to the private key."""
    private_key = load_pem_private_key(key_pair.private_key_pem, password=None)
    return private_key.public_key() == load_pem_x509_certificate(key_pair.certificate_pem).public_key()


@lru_cache(maxsize=64)
def _certificate_words(certificate_pem: bytes) -> tuple[str, str]:
    certificate = load_pem_x509_certificate(certificate_pem)
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    subject = f"CN={names[0].value!s}" if names else certificate.subject.rfc4514_string()
    marks = certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    validity = f"{certificate.not_valid_before_utc:%Y-%m-%d} to {certificate.not_valid_after_utc:%Y-%m-%d}"
    return marks, f"{subject}, {validity}"


def fingerprint(key_pair: KeyPair) -> str:
    """Returns the SHA-256 fingerprint of a key's certificate, as pairs of digits with colons."""
    return _certificate_words(key_pair.certificate_pem)[0]


def described(key_pair: KeyPair) -> str:
    """Returns the common name and the validity of a key's certificate."""
    return _certificate_words(key_pair.certificate_pem)[1]


def explain_protection(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    """Returns why an element as a whole is as it is: unsigned where nothing is signed, otherwise encrypted or not."""
    if not message.app.style.signed:
        return explain_signature(message, "", wanted)
    return explain_encryption(message, wanted)


def explain_encryption(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    """Returns why an assertion is encrypted or not, and where it is posted."""
    app = message.app
    if app.encryption is None:
        return Explanation(
            f"{app.label} does not encrypt assertions.",
            (message.setting("encryption"), message.setting("acs_url")),
            want=one_of(wanted) or "an encrypted assertion",
            got="no assertion_encryption",
            fix="Set assertion_encryption: {certificate: the file of the SAML provider's certificate} "
            f"({CONSOLE['assertion_encryption']}).",
        )
    if any(each.startswith("https://") for each in wanted):
        return explain_acs_url(message, wanted)
    if app.encryption.key_transport == "RSA_15":
        return Explanation(
            f"{app.label} encrypts the key of its assertions with RSA 1.5 (key_transport: RSA_15), which is no longer "
            "safe; AWS takes RSA-OAEP.",
            (message.setting("encryption", "key_transport"),),
            want=one_of(wanted) or "key_transport: RSA_OAEP",
            got="key_transport: RSA_15",
            fix=change("assertion_encryption", "RSA_OAEP", key="assertion_encryption.key_transport"),
            changes=(Change(message.setting("encryption", "key_transport"), "RSA_OAEP"),),
        )
    subject = _certificate_words(app.encryption.certificate_pem)[1]
    return Explanation(
        f"{app.label} encrypts assertions for the certificate {subject}, with {app.encryption.algorithm} and "
        f"{app.encryption.key_transport}, and posts them to {app.acs_url}.",
        (message.setting("encryption"), message.setting("acs_url")),
        want=one_of(wanted),
        got=subject,
        fix="Upload the certificate of the SAML provider's key as assertion_encryption.certificate "
        f"({CONSOLE['assertion_encryption']}).",
    )


def explain_needless_encryption(message: IssuedMessage) -> Explanation:
    """Returns why an assertion is encrypted that nobody can decrypt: it goes to a URL shared by all providers."""
    app = message.app
    return Explanation(
        f"{app.label} encrypts its assertions, and posts them to {app.acs_url}; only a SAML provider with a private "
        "key can open them, at a sign-in URL of its own.",
        (message.setting("encryption"), message.setting("acs_url")),
        want="an assertion that is not encrypted",
        got="assertion_encryption",
        fix=f"Take assertion_encryption out of the app {app.name} ({CONSOLE['assertion_encryption']}).",
        changes=(Change(message.setting("encryption")),),
    )
