"""The metadata an administrator downloads and uploads."""

from __future__ import annotations

import re
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import InvalidInput
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from sp_mock.accounts.provider_metadata import parse_metadata
from tests.conftest import APP


def test_metadata_has_oktas_shape(federation: Federation) -> None:
    """Entity, signing key, two NameID formats, POST and Redirect at the SSO URL; no validUntil, no logout."""
    provider = federation.identity_providers["acme"]
    app = provider.org.apps[APP]
    text = provider.metadata(APP).decode()
    sso = f"https://acme.okta.com/app/amazon_aws/{app.external_key}/sso/saml"
    assert f'entityID="http://www.okta.com/{app.external_key}"' in text
    assert '<md:KeyDescriptor use="signing">' in text
    assert text.count(f'Location="{sso}"') == 2
    assert text.index("HTTP-POST") < text.index("HTTP-Redirect")
    assert "validUntil" not in text
    assert "SingleLogoutService" not in text


@pytest.mark.parametrize(
    ("changes", "formats"),
    [
        ({}, ["1.1:nameid-format:emailAddress", "2.0:nameid-format:unspecified"]),
        ({"saml": {"name_id_format": "persistent"}}, ["2.0:nameid-format:persistent"]),
        ({"catalog": "custom_saml", "acs_url": "https://wiki.example.com/acs"}, ["1.1:nameid-format:unspecified"]),
        (
            {"catalog": "custom_saml", "acs_url": "https://wiki.example.com/acs", "saml": {"name_id_format": "email"}},
            ["1.1:nameid-format:emailAddress"],
        ),
        ({"style": "entra"}, ["1.1:nameid-format:emailAddress"]),
    ],
    ids=["aws", "aws with a format", "custom", "custom with a format", "another product"],
)
def test_name_id_formats_follow_the_app(
    world: World, keys: KeyFolder, changes: dict[str, Any], formats: list[str]
) -> None:
    """A custom app publishes the format of its names; "AWS Account Federation" as it comes publishes two."""
    changed = change_world(world, {f"/okta/acme/apps/{APP}/{name}": value for name, value in changes.items()})
    text = Federation(changed, keys=keys).identity_providers["acme"].metadata(APP).decode()
    found = re.findall(r"<md:NameIDFormat>urn:oasis:names:tc:SAML:([^<]*)</md:NameIDFormat>", text)
    assert found == formats


def test_the_certificate_has_lines_of_76_characters(federation: Federation) -> None:
    """As in every recording of Okta's metadata."""
    text = federation.identity_providers["acme"].metadata(APP).decode()
    match = re.search(r"<ds:X509Certificate>([^<]*)</ds:X509Certificate>", text)
    assert match is not None
    assert {len(line) for line in match[1].split("\n")[:-1]} == {76}


def test_the_public_url_gives_the_same_document(federation: Federation) -> None:
    """What the org serves is what AWS's side was given."""
    provider = federation.identity_providers["acme"]
    page = federation.browser().open(
        f"https://acme.okta.com/app/{provider.org.apps[APP].external_key}/sso/saml/metadata"
    )
    assert page.text.encode() == provider.metadata(APP)
    assert page.headers["Content-Type"] == "application/xml"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("<md:IDPSSODescriptor", "<md:SPSSODescriptor", "it is not well-formed XML"),
        ("entityID=", "entityid=", "the EntityDescriptor lacks an entityID or an IDPSSODescriptor"),
        ('use="signing"', 'use="encryption"', "the IDPSSODescriptor has no signing certificate"),
        ("<ds:X509Certificate>M", "<ds:X509Certificate>X", "a signing key is not an X.509 certificate in base64"),
        ("SAML:2.0:protocol", "SAML:1.1:protocol", "the IDPSSODescriptor does not support SAML 2.0"),
        ("<md:EntityDescriptor", "<!DOCTYPE a><md:EntityDescriptor", "it has a document type declaration"),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_with_a_reason(
    federation: Federation, old: str, new: str, why: str
) -> None:
    """AWS's sentence, and why."""
    document = federation.identity_providers["acme"].metadata(APP).decode()
    assert old in document
    with pytest.raises(InvalidInput) as caught:
        parse_metadata(document.replace(old, new, 1).encode())
    assert caught.value.message == "Could not parse metadata"
    assert why in caught.value.explanation


def test_a_saved_sign_in_page_is_no_metadata() -> None:
    """The frequent mix-up is named in the fix."""
    with pytest.raises(InvalidInput) as caught:
        parse_metadata(b"<html><body>Sign in</body></html>")
    assert caught.value.explanation == (
        "The metadata document cannot be used: the root element is html, not an md:EntityDescriptor."
    )
    assert "a saved sign-in page" in caught.value.fix
