"""What is wrong with an encrypted assertion: where it was sent, for whom and how it was encrypted, what was inside."""

from __future__ import annotations

from lxml import etree

from emulator.kernel.explanations import Sent
from sp_mock.assertion.mistakes.messages import ATTACK, ENCRYPTED_PATH
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.values import ROLE, attribute_path

ROLE_PATH = attribute_path(ROLE)
_XENC = "{http://www.w3.org/2001/04/xmlenc#}"
_AES = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
_OAEP = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
_OWN_URL = "https://{region}.signin.aws.amazon.com/saml/acs/{provider id}"


def no_provider(urls: tuple[str, ...] = ()) -> Mistake:
    """Returns the mistake of an encrypted assertion at a sign-in URL that belongs to no provider.

    Args:
        urls: The sign-in URLs of the providers that could decrypt it, where they are known.
    """
    own = " or ".join(urls) or _OWN_URL
    return Mistake(
        "The assertion is encrypted, and it was posted to a URL that does not say for which SAML provider: "
        f"encrypted assertions go to {own}.",
        where=ENCRYPTED_PATH,
        expected=f"a post to {own}",
        received="a post to a sign-in URL without /acs/",
        fix=f"Set the app's single sign-on URL (acs_url) to {own}, the provider's own sign-in URL.",
        causes=(Sent("/Response/@Destination", wanted=urls),),
    )


def no_key_anywhere() -> Mistake:
    """Returns the mistake of an encrypted assertion where no SAML provider can decrypt one."""
    return Mistake(
        "The assertion is encrypted, and no SAML provider has a private key to open it.",
        where=ENCRYPTED_PATH,
        expected="an assertion in plain text",
        received="an EncryptedAssertion",
        fix="Turn encryption off in the app; or give the SAML provider a private key (private_keys), encrypt with its "
        "certificate, and send the assertion to the provider's own sign-in URL.",
        causes=(Sent(ENCRYPTED_PATH),),
    )


def no_private_key(provider_arn: str) -> Mistake:
    """Returns the mistake of an encrypted assertion for a provider that has no private key."""
    return Mistake(
        f"The assertion is encrypted, and {provider_arn} has no private key to open it.",
        where=ENCRYPTED_PATH,
        expected="an assertion in plain text, or a private key at the provider",
        received="an EncryptedAssertion",
        fix="Add the private key that belongs to the app's encryption certificate to the SAML provider (private_keys), "
        "or turn encryption off in the app.",
        causes=(Sent(ENCRYPTED_PATH),),
        provider_setting="private_keys",
    )


def undecipherable(reason: str, encrypted: etree._Element) -> Mistake:
    """Returns the mistake of an assertion that none of the provider's keys decrypts.

    Args:
        reason: Why decryption failed.
    """
    methods = [each.get("Algorithm", "") for each in encrypted.iter(f"{_XENC}EncryptionMethod")]
    fix = (
        "Encrypt with the certificate of a key that the SAML provider has now: upload the provider's own metadata or "
        "certificate to the app again. After a rotation the old key opens nothing once it is removed."
    )
    expected, setting = "a CipherValue for one of the provider's private keys", "private_keys"
    if "EncryptedData and" in reason:
        fix = "Encrypt the assertion once, for one recipient: one EncryptedData with one EncryptedKey."
        expected, setting = "one EncryptedData and one EncryptedKey", ""
    elif "the data is encrypted" in reason:
        fix, expected, setting = "Set the app to encrypt with AES-256 in GCM mode.", _AES, ""
    elif "RSA-OAEP" in reason:
        fix, expected, setting = "Set the app to transport the key with RSA-OAEP and SHA-1 or SHA-256.", _OAEP, ""
    elif "not base64" in reason:
        fix, expected, setting = f"Send the EncryptedAssertion as it was made. {ATTACK}", "base64", ""
    return Mistake(
        f"The assertion cannot be decrypted: {reason}.",
        where=ENCRYPTED_PATH,
        expected=expected,
        received=", ".join(method or "no algorithm" for method in methods) or "no EncryptionMethod",
        fix=fix,
        causes=(Sent(ENCRYPTED_PATH),),
        provider_setting=setting,
    )


def not_xml(problem: str) -> Mistake:
    """Returns the mistake of a decrypted text that is not XML."""
    return Mistake(
        f"The decrypted assertion cannot be read: {problem}.",
        where=ENCRYPTED_PATH,
        expected="an Assertion",
        fix="Encrypt the Assertion element whole, as XML, with the namespaces that it uses.",
        causes=(Sent(ENCRYPTED_PATH),),
    )


def not_one_assertion(wrapper: etree._Element, everywhere: int) -> Mistake:
    """Returns the mistake of a decrypted text that is not one assertion: another element, or several.

    Args:
        wrapper: An element around the decrypted text.
        everywhere: The number of assertions in it, at any depth.
    """
    names = ", ".join(etree.QName(child).localname for child in wrapper.iterchildren(etree.Element)) or "no element"
    told = f"{names}, with {everywhere} assertions in it" if everywhere else names
    return Mistake(
        "What was encrypted is not exactly one assertion.",
        where=ENCRYPTED_PATH,
        expected="one Assertion",
        received=told,
        fix=f"Encrypt the one assertion that the identity provider issued, nothing around and nothing inside. {ATTACK}",
        causes=(Sent(ENCRYPTED_PATH),),
    )


def other_url(provider_arn: str, url_of: str, own_url: str) -> Mistake:
    """Returns the mistake of an assertion sent to the sign-in URL of another provider than its Role value names."""
    return Mistake(
        f"The assertion is for {provider_arn}, the URL belongs to {url_of}.",
        where="/Response/Assertion",
        expected=f"a post to {own_url}",
        received=f"a post to the URL of {url_of}",
        fix=f"Set the app's single sign-on URL to {own_url}, or name {url_of} in the Role value.",
        causes=(Sent("/Response/@Destination", wanted=(own_url,)), Sent(ROLE_PATH)),
    )


def other_issuers_url(meant: str, url_of: str, own_url: str) -> Mistake:
    """Returns the mistake of an encrypted assertion sent to a provider whose metadata does not have its Issuer.

    Args:
        meant: The SAML provider whose metadata has the Issuer.
        url_of: The provider that the assertion was sent to.
        own_url: Sign-in URL of the provider that was meant.
    """
    return Mistake(
        f"The assertion is encrypted, and {url_of}, which it was sent to, cannot open it. By its Issuer it is for "
        f"{meant}.",
        where="/Response/@Destination",
        expected=f"a post to {own_url}",
        received=f"a post to the URL of {url_of}",
        fix=f"Set the app's single sign-on URL (acs_url) to {own_url}.",
        causes=(Sent("/Response/@Destination", wanted=(own_url,)),),
    )


def not_encrypted(provider_arn: str) -> Mistake:
    """Returns the mistake of a plain assertion for a provider that requires encryption."""
    return Mistake(
        f"{provider_arn} requires encrypted assertions; this one is not.",
        where="/Response/Assertion",
        expected="an EncryptedAssertion",
        received="an Assertion in plain text",
        fix="Turn assertion encryption on in the app, with the certificate of a key of the provider's, and send it to "
        "the provider's own sign-in URL, which its page in IAM shows.",
        causes=(Sent(ENCRYPTED_PATH),),
        provider_setting="encryption_mode",
    )


def plain_url(provider_arn: str, own_url: str) -> Mistake:
    """Returns the mistake of an encrypted assertion that was not posted to the provider's own URL, as required."""
    return Mistake(
        f"{provider_arn} requires encryption: its sign-in URL ends in {own_url[own_url.index('/saml/') :]}.",
        where="/Response/Assertion",
        expected=f"a post to {own_url}",
        received="a post to a sign-in URL without /acs/",
        fix=f"Set the app's single sign-on URL (acs_url) to {own_url}.",
        causes=(Sent("/Response/@Destination", wanted=(own_url,)),),
        provider_setting="encryption_mode",
    )
