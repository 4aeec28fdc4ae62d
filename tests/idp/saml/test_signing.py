"""Signatures are filled into the text, byte for byte, by any number of threads."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import FederationError
from idp.model import KeyPair
from idp.saml.assertion import EXCLUSIVE_C14N, SIGNATURE_NAMESPACE
from idp.saml.issue import issue
from idp.saml.signing import INCLUSIVE_C14N, load_key, sign
from tests import judges
from tests.conftest import APP, USER

NO_KEY = KeyPair(b"no key", b"no certificate")


@pytest.mark.judge
def test_threads_share_a_key(federation: Federation, tmp_path: Path) -> None:
    """Eight threads issue at once; every identifier is another one and every signature that was looked at holds."""
    provider = federation.identity_providers["acme"]
    app = provider.org.apps[APP]
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda _: provider.mint(USER, APP).xml, range(200)))
    assert len(set(responses)) == 200
    for xml in responses[::40]:
        for element in ("Response", "Assertion"):
            assert judges.xmlsec1_verifies(xml, app.key_pair.certificate_pem, tmp_path, element=element)


def test_text_without_a_template_is_not_touched(federation: Federation) -> None:
    """Not even its declaration or its order of attributes."""
    text = "<?xml version='1.0' encoding=\"UTF-8\"?><a  b='1'   a='2'><ds:DigestValue xmlns:ds='urn:x'/></a>"
    assert sign(text, federation.identity_providers["acme"].org.apps[APP].key_pair) == text


def test_a_key_that_is_none_is_told() -> None:
    """In the project's own words, not in xmlsec's."""
    with pytest.raises(FederationError) as caught:
        load_key(NO_KEY.private_key_pem)
    assert caught.value.message == "the signing key cannot be read"
    assert caught.value.expected == "an RSA private key in PEM"


def test_a_name_that_xml_cannot_hold_is_told(federation: Federation) -> None:
    """A control character in a login stops at the signer, with a reason."""
    provider = federation.identity_providers["acme"]
    app, user = provider.org.apps[APP], provider.org.users[USER]
    app = replace(app, username_format="email")
    with pytest.raises(FederationError, match="this Response cannot be signed: ") as caught:
        issue(
            provider.org,
            app,
            replace(user, email="hana\x01ko"),
            authenticated_at=federation.clock.now() - timedelta(minutes=1),
            clock=federation.clock,
            ids=federation.ids,
        )
    assert caught.value.expected == "names and values without control characters"


TEMPLATE_EDITS = {
    "two references": (r"(<ds:Reference .*?</ds:Reference>)", r"\1\1", "it has another form than a template"),
    "reference elsewhere": (r'URI="#id\d+"', 'URI="#other"', "its reference '#other' is not the ID"),
    "unknown digest": (r'(<ds:DigestMethod Algorithm=")[^"]*', r"\1urn:x", "its algorithm urn:x is not one of"),
    "unknown canonical form": (r'(<ds:CanonicalizationMethod Algorithm=")[^"]*', r"\1urn:x", "urn:x is not known"),
    "third transform": (r"(<ds:Transform [^>]*/>)", r"\1\1", "its transforms are another list"),
}


@pytest.mark.parametrize("name", TEMPLATE_EDITS)
def test_a_template_that_is_not_understood_is_not_signed(federation: Federation, name: str) -> None:
    """The signer says what it cannot do; it never signs something else than the template asks for."""
    provider = federation.identity_providers["acme"]
    app = provider.org.apps[APP]
    text = provider.mint(USER, APP).xml.decode()
    pattern, replacement, words = TEMPLATE_EDITS[name]
    changed = re.sub(pattern, replacement, text, count=1)
    assert changed != text
    with pytest.raises(FederationError, match="this Response cannot be signed: ") as caught:
        sign(changed, app.key_pair)
    assert words in caught.value.message


@pytest.mark.judge
@pytest.mark.parametrize("canonical", ["exclusive", "inclusive"])
@pytest.mark.parametrize("bits", [1, 256, 384, 512])
def test_xmlsec1_verifies_each_algorithm(federation: Federation, tmp_path: Path, bits: int, canonical: str) -> None:
    """Every digest, signature method and canonical form that a template may ask for."""
    provider = federation.identity_providers["acme"]
    app = provider.org.apps[APP]
    text = provider.mint(USER, APP).xml.decode()
    more = "http://www.w3.org/2001/04/xmldsig-more#"
    method = f"{SIGNATURE_NAMESPACE}rsa-sha1" if bits == 1 else f"{more}rsa-sha{bits}"
    digest = {1: f"{SIGNATURE_NAMESPACE}sha1", 384: f"{more}sha384"}.get(
        bits, f"http://www.w3.org/2001/04/xmlenc#sha{bits}"
    )
    text = text.replace(f"{more}rsa-sha256", method).replace("http://www.w3.org/2001/04/xmlenc#sha256", digest)
    if canonical == "inclusive":
        text = re.sub(r"<ec:InclusiveNamespaces[^>]*/>", "", text).replace(EXCLUSIVE_C14N, INCLUSIVE_C14N)
    signed = sign(text, app.key_pair).encode()
    for element in ("Response", "Assertion"):
        assert judges.xmlsec1_verifies(signed, app.key_pair.certificate_pem, tmp_path, element=element)
