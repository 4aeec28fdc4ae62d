"""Which identity provider's style a message is written in."""

from __future__ import annotations

import pytest

from emulator.reconstruction.idp_style import recognise
from emulator.reconstruction.message_facts import MessageFacts, RecordedAttribute

_AWS = "https://aws.amazon.com/SAML/Attributes/"


@pytest.mark.parametrize(
    ("issuer", "style"),
    [
        ("http://www.okta.com/exk1abc", "okta"),
        ("https://sts.windows.net/0a1b2c3d-0000-4000-8000-00000000e0e0/", "entra"),
        ("https://accounts.google.com/o/saml2?idpid=C0abc", "google"),
        ("https://portal.sso.eu-west-1.amazonaws.com/saml/assertion/ABC", "identity-center"),
        ("https://app.onelogin.com/saml/metadata/0a1b", "onelogin"),
        ("https://auth.pingone.eu/0a1b", "ping"),
        ("https://id.example.com/auth/realms/staff", "keycloak"),
        ("http://sts.example.com/adfs/services/trust", "adfs"),
        ("urn:example.eu.auth0.com", "auth0"),
        ("JumpCloud", "jumpcloud"),
    ],
)
def test_the_issuer_names_the_product(issuer: str, style: str) -> None:
    """What a vendor writes into it decides, whatever the shape."""
    found = recognise(MessageFacts(issuer=issuer), addresses=())
    assert (found.shape.name, found.because, found.is_certain) == (style, "the issuer", True)


@pytest.mark.parametrize(
    ("address", "style"),
    [
        ("https://login.microsoftonline.com/tenant/saml2", "entra"),
        ("https://id.example.com/realms/staff/protocol/saml/clients/amazon-aws", "keycloak"),
        ("https://sts.example.com/adfs/ls/idpinitiatedsignon.aspx", "adfs"),
        ("https://acme.okta.com/home/amazon_aws/0oa1/272", "okta"),
    ],
)
def test_its_pages_name_it_where_the_issuer_is_ones_own(address: str, style: str) -> None:
    """Administrators may choose the issuer."""
    found = recognise(MessageFacts(issuer="https://example.com/saml"), addresses=(address,))
    assert (found.shape.name, found.because, found.is_certain) == (style, "the address of its pages", True)


def test_otherwise_the_shape_decides_and_is_told_as_a_guess() -> None:
    """The formats and what is signed are as Auth0 has them."""
    uri = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
    message = MessageFacts(
        issuer="https://example.com/saml",
        name_id_format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        attributes=(RecordedAttribute(f"{_AWS}Role", uri, ()), RecordedAttribute(f"{_AWS}RoleSessionName", uri, ())),
        signed=("Assertion",),
        authn_context="urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
    )
    found = recognise(message, addresses=())
    assert (found.shape.name, found.because, found.is_certain) == ("auth0", "the shape of its message", False)
