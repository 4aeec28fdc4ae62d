"""A Response with an encrypted assertion, judged without the key: whether any key could decrypt it."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from sp_mock.assertion.decryption import XENC, Undecipherable, decrypt_assertion
from sp_mock.assertion.mistakes.encryption import undecipherable
from sp_mock.assertion.received import ReceivedMessage, UnreadableMessage
from sp_mock.xml import SAML, SAMLP, UnreadableXml, read_xml, text_of

_NO_KEY = "none of the provider's private keys"


def encrypted_response(message: ReceivedMessage) -> etree._Element | None:
    """Returns a Response that is unreadable only because the key is missing; None for other messages."""
    root = _envelope(message)
    return root if root is not None and not _obstacle(_assertion_of(root)) else None


def told_without_key(message: ReceivedMessage) -> ReceivedMessage:
    """Returns a message with the reason why no key could decrypt its assertion, where there is one."""
    root = _envelope(message)
    if root is None or not isinstance(message, UnreadableMessage):
        return message
    encrypted = _assertion_of(root)
    obstacle = _obstacle(encrypted)
    return replace(message, mistake=undecipherable(obstacle, encrypted)) if obstacle else message


def _envelope(message: ReceivedMessage) -> etree._Element | None:
    """Returns a Response whose only assertion is encrypted and its direct child."""
    if not isinstance(message, UnreadableMessage) or not message.xml:
        return None
    try:
        root = read_xml(message.xml)
    except UnreadableXml:
        return None
    encrypted = list(root.iter(f"{SAML}EncryptedAssertion"))
    plain = next(root.iter(f"{SAML}Assertion"), None)
    is_alone = root.tag == f"{SAMLP}Response" and len(encrypted) == 1 and plain is None
    return root if is_alone and encrypted[0].getparent() is root else None


def _assertion_of(root: etree._Element) -> etree._Element:
    return next(root.iterchildren(f"{SAML}EncryptedAssertion"))


def _obstacle(encrypted: etree._Element) -> str:
    """Returns why no key could decrypt an assertion; empty where one could."""
    try:
        decrypt_assertion(encrypted, ())
    except Undecipherable as error:
        if not str(error).startswith(_NO_KEY):
            return str(error)
    values = [text_of(each).strip() for each in encrypted.iter(f"{XENC}CipherValue")]
    return "" if values and all(values) else "a CipherValue is empty"
