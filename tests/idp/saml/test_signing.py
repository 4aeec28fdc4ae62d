"""Signatures are filled into the text, byte for byte, by any number of threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import FederationError
from idp.model import KeyPair
from idp.saml.issue import issue
from idp.saml.signing import load_key, sign
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
