"""Only the exact document that the provider's key signed is accepted, in the one shape SAML allows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import xmlsec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from emulator.federation import Federation
from emulator.kernel.clock import Ids
from idp.provider import IdentityProvider
from idp.saml.issue import issue
from sp_mock.accounts.provider_metadata import SigningCertificate
from sp_mock.assertion.received import ReceivedResponse, UnusableResponse, parse_response
from sp_mock.assertion.signature import verify
from sp_mock.assertion.signature_shape import BadSignature
from tests.conftest import APP, PROVIDER_ARN, USER

DS = "{http://www.w3.org/2000/09/xmldsig#}"
STRAY = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"


@pytest.fixture
def certificates(federation: Federation) -> tuple[SigningCertificate, ...]:
    """Returns the certificates in the provider's metadata."""
    provider = federation.aws_services.aws.saml_provider(PROVIDER_ARN)
    assert provider is not None
    return provider.metadata.certificates


Signed = Callable[[Callable[[etree._Element], None]], ReceivedResponse]


@pytest.fixture
def signed(federation: Federation) -> Signed:
    """Returns a function that changes a Response's templates and then signs it with the trusted key."""

    def make(change: Callable[[etree._Element], None]) -> ReceivedResponse:
        provider = federation.identity_providers["acme"]
        app = provider.org.apps[APP]
        root = etree.fromstring(provider.mint(USER, APP).xml)
        response_signature = root.find(f"{DS}Signature")
        assert response_signature is not None
        root.remove(response_signature)  # one signature, the assertion's, is enough to change
        assertion = root.find(f"{SAML}Assertion")
        assert assertion is not None
        for value in assertion.iter(f"{DS}DigestValue", f"{DS}SignatureValue"):
            value.text = ""
        change(assertion)
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(app.key_pair.private_key_pem, xmlsec.constants.KeyDataFormatPem)
        context.register_id(assertion, "ID")
        signature = assertion.find(f"{DS}Signature")
        assert signature is not None
        context.sign(signature)
        return parse_response(etree.tostring(root))

    return make


def _find(assertion: etree._Element, path: str) -> etree._Element:
    found = assertion.find("/".join(f"{DS}{name}" for name in path.split("/")))
    assert found is not None
    return found


def _algorithm(path: str, algorithm: str) -> Callable[[etree._Element], None]:
    def change(assertion: etree._Element) -> None:
        _find(assertion, path).set("Algorithm", algorithm)

    return change


def _empty_uri(assertion: etree._Element) -> None:
    _find(assertion, "Signature/SignedInfo/Reference").set("URI", "")


def _third_transform(assertion: etree._Element) -> None:
    transforms = _find(assertion, "Signature/SignedInfo/Reference/Transforms")
    etree.SubElement(transforms, f"{DS}Transform", Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#")


def _object(assertion: etree._Element) -> None:
    etree.SubElement(_find(assertion, "Signature"), f"{DS}Object")


def _moved(assertion: etree._Element) -> None:
    assertion.append(_find(assertion, "Signature"))


def _nothing(_assertion: etree._Element) -> None:
    """Leaves the Response as it is."""


def test_the_control_is_accepted(signed: Signed, certificates: tuple[SigningCertificate, ...]) -> None:
    """A Response signed by the same helper without a change verifies, so the refusals below mean something."""
    assert verify(signed(_nothing), certificates).signed == ("Assertion",)


INFO = "Signature/SignedInfo"
SHAPES: list[tuple[str, Callable[[etree._Element], None], str]] = [
    (
        "rsa-sha1",
        _algorithm(f"{INFO}/SignatureMethod", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        "The algorithm http://www.w3.org/2000/09/xmldsig#rsa-sha1 of the signature is not accepted here: it uses "
        "SHA-1, which is broken.",
    ),
    (
        "sha1 digest",
        _algorithm(f"{INFO}/Reference/DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1"),
        "The algorithm http://www.w3.org/2000/09/xmldsig#sha1 of the digest is not accepted here: it uses SHA-1, "
        "which is broken.",
    ),
    (
        "empty URI",
        _empty_uri,
        "The Assertion's Signature refers to something else than the Assertion it stands in: it covers the whole "
        "document, whatever that is by now.",
    ),
    (
        "third transform",
        _third_transform,
        "The Signature is not built the way SAML signatures are: Transforms has 3 Transform elements, not 2: "
        "enveloped-signature, xml-exc-c14n, xml-exc-c14n.",
    ),
    (
        "ds:Object",
        _object,
        "The Signature is not built the way SAML signatures are: Signature holds an Object, which does not belong "
        "there.",
    ),
    ("moved Signature", _moved, "The Assertion's Signature is not right after its Issuer."),
]


@pytest.mark.parametrize(("change", "said"), [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_another_shape_is_refused_though_the_trusted_key_signed_it(
    signed: Signed,
    certificates: tuple[SigningCertificate, ...],
    change: Callable[[etree._Element], None],
    said: str,
) -> None:
    """Algorithms, references and structure outside the one shape are refused before any arithmetic."""
    with pytest.raises(BadSignature) as caught:
        verify(signed(change), certificates)
    assert caught.value.explanation == said


def _mutated(federation: Federation, change: Callable[[str], str]) -> ReceivedResponse:
    xml = federation.identity_providers["acme"].mint(USER, APP).xml.decode()
    changed = change(xml)
    assert changed != xml
    return parse_response(changed.encode())


def test_a_processing_instruction_inside_the_signature_is_refused(federation: Federation) -> None:
    """It is not an element: nothing that walks the tree has to cope with it."""
    with pytest.raises(UnusableResponse, match="it holds a processing instruction"):
        _mutated(federation, lambda xml: xml.replace("<ds:SignedInfo>", "<ds:SignedInfo><?x y?>", 1))


MUTATIONS: list[tuple[str, Callable[[str], str], str]] = [
    ("text", lambda xml: xml.replace(">hanako@", ">Hanako@", 1), "The Response was changed after it was signed: "),
    (
        "attribute",
        lambda xml: xml.replace('NotOnOrAfter="2026-01-15T09:05', 'NotOnOrAfter="2027-01-15T09:05', 1),
        "The Response was changed after it was signed: the digest in its Signature is not that of what arrived, ",
    ),
    (
        "repeated ID",
        lambda xml: xml.replace(
            "<saml2:Subject ", '<saml2:Subject ID="' + xml.split(' ID="')[2].split('"')[0] + '" ', 1
        ),
        "Two elements have the ID",
    ),
    (
        "a Signature in a strange place",
        lambda xml: xml.replace("</saml2:Subject>", f"{STRAY}</saml2:Subject>"),
        "A Signature stands where none belongs: it is in Subject and is empty.",
    ),
    (
        "file reference",
        lambda xml: xml.replace('<ds:Reference URI="#id', '<ds:Reference URI="file:///etc/hostname#id', 1),
        "The Response's Signature refers to something else than the Response it stands in: it points out of the "
        "message, to file:///etc/hostname#id",
    ),
]


@pytest.mark.parametrize(("change", "said"), [row[1:] for row in MUTATIONS], ids=[row[0] for row in MUTATIONS])
def test_a_change_after_signing_is_refused(
    federation: Federation, certificates: tuple[SigningCertificate, ...], change: Callable[[str], str], said: str
) -> None:
    """Whatever was touched, the explanation says what kind of thing it was."""
    with pytest.raises(BadSignature) as caught:
        verify(_mutated(federation, change), certificates)
    assert caught.value.explanation.startswith(said)


def test_a_comment_inside_a_value_does_not_cut_it_short(
    federation: Federation, certificates: tuple[SigningCertificate, ...]
) -> None:
    """Canonicalisation drops comments, so the signature still holds; the whole value is read all the same."""
    received = _mutated(federation, lambda xml: xml.replace(">hanako@example.com<", ">hanako<!-- -->@example.com<", 1))
    assert verify(received, certificates).values.name_id == "hanako@example.com"


def test_a_foreign_key_is_told_apart_from_a_change(
    federation: Federation, certificates: tuple[SigningCertificate, ...]
) -> None:
    """A Response of another key is not called tampered with."""
    from idp.saml.faults import parse_fault

    issued = federation.identity_providers["acme"].mint(USER, APP, faults=[parse_fault({"signature": "foreign-key"})])
    with pytest.raises(BadSignature, match="signed with a key that is not in the provider's metadata"):
        verify(parse_response(issued.xml), certificates)


def test_every_certificate_of_the_metadata_is_tried(
    federation: Federation, certificates: tuple[SigningCertificate, ...]
) -> None:
    """During a key rotation the metadata holds two certificates, in either order."""
    from idp.saml.faults import parse_fault
    from sp_mock.assertion.signature import embedded_certificates

    provider = federation.identity_providers["acme"]
    foreign = provider.mint(USER, APP, faults=[parse_fault({"signature": "foreign-key"})])
    received = parse_response(foreign.xml)
    other = embedded_certificates(received)
    assert verify(received, (*certificates, *other)).signed == ("Response", "Assertion")
    assert verify(received, (*other, *certificates)).signed == ("Response", "Assertion")


@pytest.mark.parametrize("variant", [f"xsw{number}" for number in range(1, 9)])
def test_wrapped_signatures_never_yield_the_forged_assertion(
    federation: Federation, certificates: tuple[SigningCertificate, ...], variant: str
) -> None:
    """All eight signature wrapping attacks are refused, at the latest by the signature."""
    from idp.saml.faults import parse_fault

    issued = federation.identity_providers["acme"].mint(USER, APP, faults=[parse_fault({"wrap": variant})])
    assert b"attacker" in issued.xml
    with pytest.raises((UnusableResponse, BadSignature)):
        verify(parse_response(issued.xml), certificates)


def test_verified_assertions_come_from_verification_only(federation: Federation) -> None:
    """What STS issues credentials for are the values that verify returned."""
    provider = federation.identity_providers["acme"]
    user, app = provider.org.users[USER], provider.org.apps[APP]
    issued = issue(
        provider.org, app, user, authenticated_at=federation.clock.now(), clock=federation.clock, ids=federation.ids
    )
    received = parse_response(issued.xml)
    known = federation.aws_services.aws.saml_provider(PROVIDER_ARN)
    assert known is not None
    verified = verify(received, known.metadata.certificates)
    assert verified.values is received.unverified
    assert verified.signed == ("Response", "Assertion")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_mutation_of_a_signed_response_says_anything_else(
    federation: Federation, certificates: tuple[SigningCertificate, ...], data: st.DataObject
) -> None:
    """Whatever is cut out, put in or copied, the result is refused or still says what was signed."""
    org = federation.identity_providers["acme"].org
    xml = IdentityProvider(org, clock=federation.clock, ids=Ids(seed=3)).mint(USER, APP).xml
    original = parse_response(xml).unverified
    start = data.draw(st.integers(40, len(xml) - 1), label="from")
    end = data.draw(st.integers(start, min(len(xml), start + 400)), label="to")
    pieces = [
        b"",
        b"x",
        b" ",
        b"<!--x-->",
        b"<![CDATA[x]]>",
        b"&#65;",
        b"<?x y?>",
        xml[start:end] * 2,
        b"</saml2:Subject>",
    ]
    mutated = xml[:start] + data.draw(st.sampled_from(pieces), label="instead") + xml[end:]
    try:
        verified = verify(parse_response(mutated), certificates)
    except (UnusableResponse, BadSignature):
        return
    assert verified.values == original
