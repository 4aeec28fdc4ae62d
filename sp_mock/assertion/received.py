"""A received SAMLResponse: decoded, parsed and decrypted once, then frozen.

Nothing here is trusted: ``sp_mock.assertion.signature`` says whether the assertion is the one that was signed.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from xml.sax.saxutils import quoteattr

from lxml import etree

from sp_mock.accounts.model import SamlProvider
from sp_mock.assertion.decryption import Decrypted, Undecipherable, decrypt_assertion
from sp_mock.assertion.values import (
    AmbiguousMessage,
    AssertionValues,
    InstantReader,
    UnreadableInstant,
    only_child,
    read_assertion,
)
from sp_mock.xml import SAML, SAMLP, UnreadableXml, read_xml, text_of

MAX_SAML_RESPONSE_CHARACTERS = 100_000

_FIELD = "form field SAMLResponse"
_RESPONSE = "/Response"
_ENCRYPTED = f"{_RESPONSE}/EncryptedAssertion"


class UnusableResponse(Exception):
    """The text is not a SAML response with one assertion; the explanation says why, ``where`` says where."""

    def __init__(self, explanation: str, *, where: str = "/Response") -> None:
        super().__init__(explanation)
        self.explanation = explanation
        self.where = where


@dataclass(frozen=True, slots=True)
class ReceivedResponse:
    """A parsed Response: its XML, its root and its only assertion, and what that assertion says.

    Args:
        xml: The decoded message.
        root: The Response element.
        assertion: The assertion's element. One that was decrypted is in a tree of its own.
        unverified: What the assertion says, whoever wrote it.
        status: The Value of the StatusCode.
        version: The Response's own Version; empty when it has none.
        issuer: The Response's own Issuer, which it may leave out.
        destination: Where the Response says it was sent, which it may leave out.
        unreadable_instants: Instants that cannot be read, anywhere in the message.
        decrypted_with: The id of the key that decrypted the assertion; empty for one that came as it is.
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
        """The roots of everything that was received."""
        own = self.assertion.getroottree().getroot()
        return (self.root, own) if self.decrypted_with else (self.root,)


@dataclass(frozen=True, slots=True)
class UnreadableMessage:
    """A SAMLResponse that cannot be read. ``xml`` is the decoded message, empty when even the base64 is wrong."""

    xml: bytes = field(repr=False)
    explanation: str
    where: str


ReceivedMessage = ReceivedResponse | UnreadableMessage


def receive(saml_response: str, *, addressed_to: SamlProvider | None = None) -> ReceivedMessage:
    """Decodes, parses and decrypts a SAMLResponse.

    Args:
        saml_response: The form field or parameter as sent.
        addressed_to: The SAML provider that the call or the sign-in URL names; its keys decrypt the assertion.
    """
    xml = b""
    try:
        xml = decode(saml_response)
        return parse_response(xml, decrypt=partial(_decrypt_for, addressed_to))
    except UnusableResponse as error:
        return UnreadableMessage(xml, error.explanation, error.where)


def decode(saml_response: str) -> bytes:
    """Returns the bytes of a SAMLResponse form field.

    Raises:
        UnusableResponse: more than 100,000 characters, or not base64. Line breaks are allowed, other characters not.

    Spec: SAML Bindings §3.5.4; AWS STS API AssumeRoleWithSAML (4 to 100,000 characters)
    """
    if len(saml_response) > MAX_SAML_RESPONSE_CHARACTERS:
        raise UnusableResponse(
            f"The SAMLResponse has {len(saml_response)} characters; AWS takes {MAX_SAML_RESPONSE_CHARACTERS} at most.",
            where=_FIELD,
        )
    try:
        data = binascii.a2b_base64("".join(saml_response.split()), strict_mode=True)
    except ValueError:
        raise UnusableResponse(_base64_mistake(saml_response), where=_FIELD) from None
    if not data:
        raise UnusableResponse("The SAMLResponse is empty.", where=_FIELD)
    return data


def _base64_mistake(text: str) -> str:
    if "%2B" in text.upper() or "%3D" in text.upper() or "%2F" in text.upper():
        return "The SAMLResponse is still URL-encoded (it contains %2B, %2F or %3D)."
    if text.lstrip().startswith("<"):
        return "The SAMLResponse is XML text; the form field carries its base64 form."
    if re.fullmatch(r"[A-Za-z0-9_=\s-]+", text):
        return "The SAMLResponse is base64url; SAML uses plain base64 with + and /."
    stray = re.search(r"[^A-Za-z0-9+/=\s]", text)
    if stray:
        return f"The SAMLResponse has a character that base64 does not have, at position {stray.start()}."
    return "The SAMLResponse is cut off: its base64 padding is wrong."


def parse_response(xml: bytes, *, decrypt: Callable[[etree._Element], Decrypted] | None = None) -> ReceivedResponse:
    """Parses the XML of a Response and reads its only assertion.

    InResponseTo is not read: AWS asks nobody for a Response, and takes those that answer a request that a program made
    in its name.

    Args:
        xml: The message.
        decrypt: Decrypts an EncryptedAssertion; without it there must be none.

    Raises:
        UnusableResponse: not XML, a DOCTYPE, no Response at the root, not exactly one assertion as its child, or two of
            what SAML allows once.

    Spec: SAML Core §3.3.3; SAML Profiles §4.1.4.2
    Evidence: observed (InResponseTo: aws-azure-login sends requests, and STS takes the answers), assumed (the rest)
    """
    try:
        root = read_xml(xml)
    except UnreadableXml as error:
        raise UnusableResponse(f"The SAMLResponse cannot be read: {error}.") from None
    if root.tag != f"{SAMLP}Response":
        raise UnusableResponse(f"The message is {root.tag}, not a SAML 2.0 Response.", where="/")
    assertion, decrypted_with = _only_assertion(root, decrypt)
    instants = InstantReader()
    instants.read(root, "IssueInstant", _RESPONSE)
    try:
        values = read_assertion(assertion)
        issuer = only_child(root, f"{SAML}Issuer", _RESPONSE)
        status = only_child(root, f"{SAMLP}Status", _RESPONSE)
        code = None if status is None else only_child(status, f"{SAMLP}StatusCode", f"{_RESPONSE}/Status")
    except AmbiguousMessage as error:
        raise UnusableResponse(error.explanation, where=error.where) from None
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
        found = f"{len(assertions)} plain and {len(encrypted)} encrypted" if encrypted else f"{len(assertions)}"
        raise UnusableResponse(f"A Response must hold exactly one assertion as its own child; this one has {found}.")
    return assertions[0], ""


def _decrypt_for(provider: SamlProvider | None, encrypted: etree._Element) -> Decrypted:
    """Decrypts with the keys of the provider that the call or the sign-in URL names.

    Evidence: assumed (that nothing else tells AWS whose keys to use)
    """
    if provider is None:
        raise UnusableResponse(
            "The assertion is encrypted, and it was posted to a URL that does not say for which SAML provider: "
            "encrypted assertions go to https://{region}.signin.aws.amazon.com/saml/acs/{provider id}.",
            where=_ENCRYPTED,
        )
    if not provider.private_keys:
        raise UnusableResponse(
            f"The assertion is encrypted, and {provider.arn} has no private key to open it.", where=_ENCRYPTED
        )
    try:
        return decrypt_assertion(encrypted, provider.private_keys)
    except Undecipherable as error:
        raise UnusableResponse(f"The assertion cannot be decrypted: {error}.", where=_ENCRYPTED) from None


def _parse_decrypted(decrypted: Decrypted, encrypted: etree._Element) -> etree._Element:
    """Parses a decrypted assertion as if it were in the encrypted one's place: with the namespaces in scope there.

    Spec: XML Encryption 1.1 §4.4
    """
    scope = "".join(
        f" xmlns{f':{prefix}' if prefix else ''}={quoteattr(uri)}" for prefix, uri in encrypted.nsmap.items()
    )
    body = re.sub(rb"^\s*<\?xml[^>]*\?>", b"", decrypted.text)
    try:
        wrapper = read_xml(b"<Decrypted" + scope.encode() + b">" + body + b"</Decrypted>")
    except UnreadableXml as error:
        raise UnusableResponse(f"The decrypted assertion cannot be read: {error}.", where=_ENCRYPTED) from None
    everywhere = sum(1 for _ in wrapper.iter(f"{SAML}Assertion"))
    if len(wrapper) != 1 or everywhere != 1 or wrapper[0].tag != f"{SAML}Assertion":
        raise UnusableResponse("What was encrypted is not exactly one assertion.", where=_ENCRYPTED)
    return wrapper[0]
