"""Why a service provider's request is not taken: the app's setting that it does not agree with, and the fix."""

from __future__ import annotations

import base64
import zlib
from typing import Any
from urllib.parse import urlencode

import pytest

from emulator.flow import visit
from emulator.kernel.errors import OktaRefusal
from emulator.kernel.explanations import Asked, Sent, Setting
from emulator.network.data_folder.keys import KeyFolder
from tests.idp.harbour import INES, harbour

ACS = "https://signin.aws.amazon.com/saml"
SETTINGS = "app > General > SAML Settings"
ENTITY = {"apps/custom/saml/sp_entity_id": "https://sp.example/metadata"}
SIGNED = {"apps/custom/saml/requires_signed_requests": True}
REQUESTS: tuple[tuple[str, dict[str, Any], str, str, list[str], str], ...] = (
    (
        "another issuer",
        ENTITY,
        "",
        "The Issuer is another service provider: saml in place of metadata.",
        ["apps/custom/service_provider/entity_id", "SAMLRequest"],
        "If the service provider is https://sp.example/saml, set saml.sp_entity_id: https://sp.example/saml "
        f"({SETTINGS} > Audience URI (SP Entity ID)).",
    ),
    (
        "another ACS URL",
        {},
        'AssertionConsumerServiceURL="https://signin.aws.amazon.com/sam"',
        "The AssertionConsumerServiceURL is not one of the app's: sam in place of saml.",
        ["apps/custom/acs_url", "apps/custom/service_provider/acs_urls"],
        "If https://signin.aws.amazon.com/sam is the service provider's, add it to saml.other_acs_urls "
        f"({SETTINGS} > Other Requestable SSO URLs); otherwise let the service provider ask for one that the app has.",
    ),
    (
        "another index",
        {},
        'AssertionConsumerServiceIndex="3"',
        "The app has no ACS URL of the index 3.",
        ["apps/custom/service_provider/acs_urls"],
        f"Add the URL of the index 3 to saml.other_acs_urls ({SETTINGS} > Other Requestable SSO URLs).",
    ),
    (
        "unsigned",
        SIGNED,
        "",
        "The request has to be signed.",
        ["apps/custom/service_provider/requires_signed_requests", "SAMLRequest"],
        "Let the service provider sign its requests, as saml.requires_signed_requests wants "
        f"({SETTINGS} > Signed Requests).",
    ),
)


def _request(attributes: str) -> str:
    xml = (
        '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="id1" Version="2.0" '
        f'{attributes}><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://sp.example/saml'
        "</saml:Issuer></samlp:AuthnRequest>"
    )
    return base64.b64encode(zlib.compress(xml.encode())[2:-4]).decode()


def _asked(changes: dict[str, Any], attributes: str, keys: KeyFolder) -> tuple[Any, Any]:
    federation = harbour(changes, keys=keys)
    org = federation.identity_providers["harbour"].org
    url = f"{org.sso_url(org.apps['custom'])}?{urlencode({'SAMLRequest': _request(attributes)})}"
    return federation, visit(federation.browser(), url)


@pytest.mark.parametrize("row", REQUESTS, ids=lambda row: row[0])
def test_a_request_that_is_not_taken_names_the_setting(keys: KeyFolder, row: tuple[Any, ...]) -> None:
    """The service provider hears one sentence; the app's setting, the reason and the fix are each their own."""
    _, changes, attributes, why, causes, fix = row
    refusal = _asked(changes, attributes, keys)[1].refusal
    assert isinstance(refusal, OktaRefusal)
    assert (refusal.message, refusal.explanation, refusal.fix) == ("Bad SAML request.", why, fix)
    settings = ["/".join(map(str, each.path)) for each in refusal.causes if isinstance(each, Setting)]
    assert [*settings, *(each.what for each in refusal.causes if isinstance(each, Asked))] == causes


def test_a_passive_request_without_a_session_is_explained(keys: KeyFolder) -> None:
    """The Response without an assertion has a record: whoever refuses its status learns why."""
    _, visited = _asked({}, 'IsPassive="true"', keys)
    note = next(each for exchange in visited.exchanges for each in exchange.notes if each.derivation is not None)
    explanation = note.derivation.explain(Sent("/Response/Status/StatusCode/@Value"))
    assert explanation.why == (
        "Nobody is signed in to Okta, and the AuthnRequest forbids to ask (IsPassive), so there is no assertion."
    )
    assert explanation.causes == (Asked("AuthnRequest"),)
    assert explanation.fix == "Sign in to Okta first, or let the service provider leave IsPassive out."
    assert INES not in explanation.why
