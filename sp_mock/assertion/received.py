"""A received SAMLResponse: decoded, parsed and decrypted once, then frozen.

Nothing here is trusted: ``sp_mock.assertion.signature`` says whether the assertion is the one that was signed.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from dataclasses import field
from functools import partial
from xml.sax.saxutils import quoteattr

from lxml import etree

from emulator.kernel.records import dataclass
from sp_mock.accounts.model import SamlProvider
from sp_mock.assertion.decryption import Decrypted, Undecipherable, decrypt_assertion
from sp_mock.assertion.mistakes import encryption
from sp_mock.assertion.mistakes.form_fields import MAX_SAML_RESPONSE_CHARACTERS, empty_field, text_mistake, too_long
from sp_mock.assertion.mistakes.messages import ambiguity, assertions_mistake, root_mistake
from sp_mock.assertion.mistakes.mistake import Mistake, MistakeFound
from sp_mock.assertion.mistakes.payloads import data_mistake
from sp_mock.assertion.values import (
    AmbiguousMessage,
    AssertionValues,
    InstantReader,
    UnreadableInstant,
    only_child,
    read_assertion,
)
from sp_mock.xml import SAML, SAMLP, UnreadableXml, read_xml, text_of

_RESPONSE = "/Response"


class UnusableResponse(MistakeFound):
    """The text is not a SAML response with one assertion; ``mistake`` says why and where."""


@dataclass(frozen=True, slots=True)
class ReceivedResponse:
    """A parsed Response: its XML, its root, its only assertion, and what that assertion says.

    Args:
        xml: The decoded message.
        assertion: Element of the assertion; one that was decrypted is in a separate tree.
        unverified: What the assertion says, whoever wrote it.
        status: Value of the StatusCode.
        version: Version of the Response; empty when it has none.
        issuer: Issuer of the Response, which is optional.
        destination: Destination of the Response, which is optional.
        unreadable_instants: Instants that cannot be parsed, anywhere in the message.
        decrypted_with: Id of the key that decrypted the assertion; empty for one that was not encrypted.
    """

    xml: bytes = field(repr=False)
    root: etree._Element
    assertion: etree._Element
    unverified: AssertionValues
    status: str | None
    version: str
    issuer: str | None
    destination: str | None
    unreadable_instants: tuple[UnreadableInstant, ...] = ()
    decrypted_with: str = ""

    @property
    def trees(self) -> tuple[etree._Element, ...]:
        """The root elements of everything that was received."""
        own = self.assertion.getroottree().getroot()
        return (self.root, own) if self.decrypted_with else (self.root,)


@dataclass(frozen=True, slots=True)
class UnreadableMessage:
    """A SAMLResponse that cannot be read. ``xml`` is the decoded message, empty when even the base64 is wrong."""

    xml: bytes = field(repr=False)
    mistake: Mistake


ReceivedMessage = ReceivedResponse | UnreadableMessage


def receive(saml_response: str, *, addressed_to: SamlProvider | None = None) -> ReceivedMessage:
    """Decodes, parses and decrypts a SAMLResponse.

    Args:
        saml_response: The form field or parameter as it was sent.
        addressed_to: The SAML provider that the call or the sign-in URL names, whose keys decrypt the assertion.
    """
    xml = b""
    try:
        xml = decode(saml_response)
        return parse_response(xml, decrypt=partial(_decrypt_for, addressed_to), field=saml_response)
    except UnusableResponse as error:
        return UnreadableMessage(xml, error.mistake)


def response_issuer(xml: bytes) -> str:
    """Returns the Issuer of a Response whose assertion cannot be read; empty when it has none."""
    try:
        issuer = read_xml(xml).find(f"{SAML}Issuer")
    except UnreadableXml:
        return ""
    return "" if issuer is None else text_of(issuer)


def decode(saml_response: str) -> bytes:
    """Returns the bytes of a SAMLResponse form field.

    Raises:
        UnusableResponse: more than 100,000 characters, or not base64. Line breaks are allowed, other characters not.

    Spec: SAML Bindings §3.5.4; AWS STS API AssumeRoleWithSAML (4 to 100,000 characters)
    """
    if len(saml_response) > MAX_SAML_RESPONSE_CHARACTERS:
        raise UnusableResponse(too_long(len(saml_response)))
    if not saml_response or saml_response.isspace():
        raise UnusableResponse(empty_field())
    try:
        # Few clients break the text into lines, and looking for line breaks takes as long as decoding.
        return binascii.a2b_base64(saml_response, strict_mode=True)
    except ValueError:
        pass
    try:
        return binascii.a2b_base64("".join(saml_response.split()), strict_mode=True)
    except ValueError:
        raise UnusableResponse(text_mistake(saml_response)) from None


def parse_response(
    xml: bytes, *, decrypt: Callable[[etree._Element], Decrypted] | None = None, field: str = ""
) -> ReceivedResponse:
    """Parses the XML of a Response and reads its only assertion.

    InResponseTo is not read: AWS never sends AuthnRequests, and it accepts Responses to those that programs send in its
    name.

    Args:
        xml: The message.
        decrypt: Decrypts an EncryptedAssertion; when it is None, an EncryptedAssertion is refused.
        field: The form field as it was received, to explain XML that cannot be read.

    Raises:
        UnusableResponse: not XML, a DOCTYPE, a root other than Response, not exactly one assertion as its child, or a
        repeated element that SAML allows once.

    Spec: SAML Core §3.3.3; SAML Profiles §4.1.4.2
    Evidence: observed (InResponseTo: aws-azure-login sends requests, and STS takes the answers), assumed (the rest)
    """
    try:
        root = read_xml(xml)
    except UnreadableXml as error:
        raise UnusableResponse(data_mistake(xml, str(error), field)) from None
    if root.tag != f"{SAMLP}Response":
        raise UnusableResponse(root_mistake(root))
    assertion, decrypted_with = _only_assertion(root, decrypt)
    instants = InstantReader()
    instants.read(root, "IssueInstant", _RESPONSE)
    try:
        values = read_assertion(assertion)
        issuer = only_child(root, f"{SAML}Issuer", _RESPONSE)
        status = only_child(root, f"{SAMLP}Status", _RESPONSE)
        code = None if status is None else only_child(status, f"{SAMLP}StatusCode", f"{_RESPONSE}/Status")
    except AmbiguousMessage as error:
        raise UnusableResponse(ambiguity(error)) from None
    return ReceivedResponse(
        xml=xml,
        root=root,
        assertion=assertion,
        unverified=values,
        status=None if code is None else code.get("Value"),
        version=root.get("Version", ""),
        issuer=None if issuer is None else text_of(issuer),
        destination=root.get("Destination"),
        unreadable_instants=(*instants.unreadable, *values.unreadable_instants),
        decrypted_with=decrypted_with,
    )


def _only_assertion(
    root: etree._Element, decrypt: Callable[[etree._Element], Decrypted] | None
) -> tuple[etree._Element, str]:
    """Returns the only assertion, and the id of the key that decrypted it."""
    assertions = list(root.iter(f"{SAML}Assertion"))
    encrypted = list(root.iter(f"{SAML}EncryptedAssertion"))
    if len(encrypted) == 1 and encrypted[0].getparent() is root and not assertions and decrypt is not None:
        decrypted = decrypt(encrypted[0])
        return _parse_decrypted(decrypted, encrypted[0]), decrypted.key_id
    if len(assertions) != 1 or assertions[0].getparent() is not root or encrypted:
        raise UnusableResponse(assertions_mistake(root, can_decrypt=decrypt is not None))
    return assertions[0], ""


def _decrypt_for(provider: SamlProvider | None, encrypted: etree._Element) -> Decrypted:
    """Decrypts with the keys of the provider that the call or the sign-in URL names.

    Evidence: assumed (that nothing else tells AWS whose keys to use)
    """
    if provider is None:
        raise UnusableResponse(encryption.no_provider())
    if not provider.private_keys:
        raise UnusableResponse(encryption.no_private_key(str(provider.arn)))
    try:
        return decrypt_assertion(encrypted, provider.private_keys)
    except Undecipherable as error:
        raise UnusableResponse(encryption.undecipherable(str(error), encrypted)) from None


def _parse_decrypted(decrypted: Decrypted, encrypted: etree._Element) -> etree._Element:
    """Parses a decrypted assertion as if it replaced the encrypted one, with the namespaces in scope there.

    Spec: XML Encryption 1.1 §4.4
    """
    scope = "".join(
        f" xmlns{f':{prefix}' if prefix else ''}={quoteattr(uri)}" for prefix, uri in encrypted.nsmap.items()
    )
    body = re.sub(rb"^\s*<\?xml[^>]*\?>", b"", decrypted.text)
    try:
        wrapper = read_xml(b"<Decrypted" + scope.encode() + b">" + body + b"</Decrypted>")
    except UnreadableXml as error:
        raise UnusableResponse(encryption.not_xml(str(error))) from None
    everywhere = sum(1 for _ in wrapper.iter(f"{SAML}Assertion"))
    if len(wrapper) != 1 or everywhere != 1 or wrapper[0].tag != f"{SAML}Assertion":
        raise UnusableResponse(encryption.not_one_assertion(wrapper, everywhere))
    return wrapper[0]
