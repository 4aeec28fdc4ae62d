"""A signature that does not verify: changed content or another key, and whose certificate the message carries."""

from __future__ import annotations

import re

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from emulator.kernel.explanations import Sent, Setting
from sp_mock.accounts.provider_metadata import SigningCertificate, parse_metadata
from sp_mock.assertion.received import ReceivedResponse, receive
from sp_mock.assertion.signature import verify
from sp_mock.assertion.signature_shape import BadSignature
from tests.attacks.identity import key_pair, metadata
from tests.attacks.message import INCLUSIVE, MORE, Edit, Message, Signing, insert, set_text
from tests.conftest import NOW, PROVIDER_ARN
from tests.sp_mock.conftest import Send

REGISTERED = ("trusted", "rotated")
NAME_ID = set_text("Assertion/Subject/NameID", "mallory")
_ENVELOPED = '<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'


def _short(name: str) -> str:
    fingerprint = key_pair(name).certificate.fingerprint(SHA256())[:4].hex(":").upper()
    return f"CN=idp.example.com (SHA-256 {fingerprint}…)"


def _refused(message: Message, *registered: str, encryption: tuple[str, ...] = ()) -> BadSignature:
    document = metadata(*(registered or REGISTERED), encryption=encryption).encode()
    received = receive(message.saml_response())
    assert isinstance(received, ReceivedResponse)
    with pytest.raises(BadSignature) as caught:
        verify(received, parse_metadata(document).certificates, now=NOW, metadata=document)
    return caught.value


def test_changed_content_is_told_from_another_key() -> None:
    """The digest does not fit, and the signature over it does."""
    refused = _refused(Message((Signing("Assertion"),), after=(NAME_ID,)))
    assert refused.mistake.explanation == (
        "The Assertion was changed after it was signed: the digest in its Signature is not that of what arrived, "
        "though a "
        "registered key made the signature."
    )
    assert refused.mistake.fix.startswith(
        "Pass the message on as it came, byte for byte: a proxy, an editor or a program"
    )
    assert refused.mistake.causes == (Sent("/Response/Assertion/Signature"),)
    assert refused.mistake.provider_setting == ""


@pytest.mark.parametrize(
    ("edit", "where"),
    [
        (NAME_ID, " The change is in the assertion, whose own digest does not fit either."),
        (
            insert("Status", -1, "<samlp:StatusMessage>x</samlp:StatusMessage>"),
            " The change is outside the assertion, whose own digest still fits.",
        ),
    ],
)
def test_where_the_change_is_in_a_response_that_is_signed_twice(edit: Edit, where: str) -> None:
    """The assertion's own signature tells."""
    refused = _refused(Message(after=(edit,)))
    assert refused.mistake.explanation == (
        "The Response was changed after it was signed: the digest in its Signature is not that of what arrived, though "
        "a "
        f"registered key made the signature.{where}"
    )


@pytest.mark.parametrize(
    "signing",
    [
        Signing("Assertion"),
        Signing("Assertion", c14n=INCLUSIVE, transforms=(_ENVELOPED, f'<Transform Algorithm="{INCLUSIVE}"/>')),
        Signing("Assertion", "ec256", method=f"{MORE}ecdsa-sha256"),
        Signing("Assertion", "ec521", method=f"{MORE}ecdsa-sha512"),
        Signing("Assertion", method=f"{MORE}rsa-sha512", digest=f"{MORE}sha384"),
        Signing("Assertion", transforms=(_ENVELOPED,)),
    ],
)
def test_a_change_is_found_on_every_shape(signing: Signing) -> None:
    """Whatever the key, the digest and the canonicalisation."""
    refused = _refused(Message((signing,), after=(NAME_ID,)), "trusted", "ec256", "ec521")
    assert refused.mistake.explanation.startswith("The Assertion was changed after it was signed: ")


def test_another_key_and_its_certificate() -> None:
    """The certificate in the message is named beside the registered ones, by subject and fingerprint."""
    refused = _refused(Message((Signing("Assertion", "attacker"),)), "trusted")
    assert refused.mistake.explanation == (
        "The Assertion is signed with a key that is not in the provider's metadata: it was made with "
        f"{_short('attacker')}, and registered is {_short('trusted')}."
    )
    assert (refused.mistake.expected, refused.mistake.received) == (_short("trusted"), _short("attacker"))
    assert refused.mistake.fix == (
        "Upload the identity provider's current metadata to the SAML provider, in every account that uses it."
    )
    assert refused.mistake.provider_setting == "metadata"


def test_another_key_and_a_change() -> None:
    """Both mistakes are reported."""
    refused = _refused(Message((Signing("Assertion", "attacker"),), after=(NAME_ID,)), "trusted")
    assert refused.mistake.explanation.endswith(
        f"and registered is {_short('trusted')}. What is more, the Assertion was changed after it was signed: its "
        "digest is "
        "another."
    )


def test_a_registered_certificate_whose_key_did_not_sign() -> None:
    """KeyInfo does not prove which key signed."""
    certificate = f"<X509Data><X509Certificate>{key_pair('trusted').certificate_base64}</X509Certificate></X509Data>"
    refused = _refused(Message((Signing("Assertion", "attacker", key_info=certificate),)), "trusted")
    assert refused.mistake.explanation == (
        f"The Assertion carries the registered certificate, {_short('trusted')}, but its key did not sign this."
    )
    assert refused.mistake.fix.startswith("Sign with the private key that belongs to the certificate")
    assert refused.mistake.provider_setting == ""


def test_no_certificate_in_the_message() -> None:
    """Nobody can say whose key it was."""
    refused = _refused(Message((Signing("Assertion", "attacker", key_info=""),)), "trusted")
    assert refused.mistake.explanation == (
        "The Assertion is signed with a key that is not in the provider's metadata: its KeyInfo names no certificate, "
        "and "
        f"{_short('trusted')}, which is registered, did not make it."
    )
    assert refused.mistake.received == "no certificate"


def test_the_key_that_is_for_encryption() -> None:
    """It is in the metadata, and not for signing."""
    refused = _refused(Message((Signing("Assertion", "encryption"),)), "trusted", encryption=("encryption",))
    assert refused.mistake.explanation == (
        f"The Assertion is signed with {_short('encryption')}, which is in the provider's metadata for encryption, not "
        "for "
        "signing."
    )


def test_a_key_of_another_kind() -> None:
    """No RSA key makes an ECDSA signature."""
    refused = _refused(Message((Signing("Assertion", "ec256", method=f"{MORE}ecdsa-sha256"),)), "trusted")
    assert refused.mistake.explanation == (
        "The Assertion is signed with an elliptic key, and the provider's metadata has keys of another kind only: it "
        "was "
        f"made with {_short('ec256')}."
    )


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (
            "SignatureValue",
            "",
            "The SignatureValue of the Assertion's Signature is empty: the signature itself is missing.",
        ),
        (
            "SignatureValue",
            "***",
            "The SignatureValue of the Assertion's Signature is not base64: the signature itself is",
        ),
        (
            "SignedInfo/Reference/DigestValue",
            "",
            "The DigestValue of the Assertion's Signature is empty: the digest of the content is missing.",
        ),
    ],
)
def test_a_signature_that_nobody_filled_in(path: str, text: str, said: str) -> None:
    """A template in place of a signature."""
    refused = _refused(Message((Signing("Assertion"),), after=(set_text(f"Assertion/Signature/{path}", text),)))
    assert refused.mistake.explanation.startswith(said)
    assert refused.mistake.where == f"/Response/Assertion/Signature/{path}"


def test_a_registered_certificate_that_is_over(send: Send) -> None:
    """It decides nothing, and says that the metadata is old; where validities differ they are shown."""
    login = send({"signature": "foreign-key"})
    provider = login.request.provider
    assert provider is not None
    later = NOW.replace(year=2046)
    assert isinstance(login.message, ReceivedResponse)
    with pytest.raises(BadSignature) as caught:
        verify(login.message, provider.metadata.certificates, now=later)
    assert re.search(
        r" The registered certificate SHA-256 (?:[0-9A-F]{2}:){3}[0-9A-F]{2}… expired on 2036-\d\d-\d\d; the metadata "
        r"is probably old\.$",
        caught.value.explanation,
    )


def test_the_refusal_names_the_metadata_and_the_signature(send: Send) -> None:
    """The app signs with another key than the metadata has: either may be the old one."""
    refusal = send({"signature": "foreign-key"}).refusals()["signature"]
    sent, setting = refusal.causes
    assert isinstance(setting, Setting)
    assert setting.path == ("saml_providers", PROVIDER_ARN, "metadata")
    assert sent == Sent("/Response/Signature")


def test_a_certificate_that_cannot_be_read_is_passed_over() -> None:
    """KeyInfo may hold anything; nothing but the explanation reads it."""
    key_info = "<X509Data><X509Certificate>AAAA</X509Certificate></X509Data>"
    refused = _refused(Message((Signing("Assertion", "attacker", key_info=key_info),)), "trusted")
    assert "its KeyInfo names no certificate" in refused.mistake.explanation


def test_no_registered_certificate_at_all() -> None:
    """A verifier without certificates explains it all the same."""
    received = receive(Message((Signing("Assertion"),)).saml_response())
    assert isinstance(received, ReceivedResponse)
    none: tuple[SigningCertificate, ...] = ()
    with pytest.raises(BadSignature, match="and registered is no certificate"):
        verify(received, none)


def test_wrapping_is_told_with_both_places(send: Send) -> None:
    """One signed assertion, another one that would be used."""
    refusals = {variant: send({"wrap": variant}).refusals()["response"].explanation for variant in ("xsw3", "xsw7")}
    assert refusals == {
        "xsw3": "One assertion is signed, /Response/Assertion[2], and another one is there that no signature covers, "
        "/Response/Assertion[1]: signature wrapping.",
        "xsw7": "One assertion is signed, /Response/Assertion, and another one is there that no signature covers, "
        "/Response/Extensions/Assertion: signature wrapping.",
    }


def test_the_arithmetic_agrees_with_xmlsec_on_good_signatures() -> None:
    """What verifies as a whole verifies in both halves, so that the explanation of a bad one can be believed."""
    from sp_mock.assertion.mistakes.arithmetic import is_whole, made_it
    from sp_mock.assertion.signature_shape import own_signature, require_shape

    root = receive(Message().saml_response())
    assert isinstance(root, ReceivedResponse)
    for name, element in (("Response", root.root), ("Assertion", root.assertion)):
        signature = own_signature(name, element)
        assert isinstance(signature, etree._Element)
        shape = require_shape(name, element, signature, accept_sha1=False)
        assert is_whole(shape)
        assert made_it(shape, key_pair("trusted").certificate)
        assert not made_it(shape, key_pair("rotated").certificate)
