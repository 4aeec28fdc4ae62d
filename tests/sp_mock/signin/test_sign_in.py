"""Sign-in: one role, several roles, and where RelayState leads."""

from __future__ import annotations

import base64
import json
import re

import pytest

from emulator.federation import Federation
from emulator.world import World, change_world
from sp_mock.signin.sign_in import Landing, RoleChoice, SignedIn, landing
from tests.conftest import APP, PROVIDER_ARN, ROLE_ARN, TWO_ROLES_USER, USER

FEDERATE = "https://ap-northeast-1.console.aws.amazon.com/connect/federate/x?destination=%2Fccp-v2"
CONSOLE_HOME = "https://console.aws.amazon.com/console/home"
NOT_URL = "RelayState is not an https URL; it was not followed"


@pytest.mark.parametrize(
    ("relay_state", "expected"),
    [
        (FEDERATE, Landing(FEDERATE)),
        (
            "https://console.aws.amazon.com/ec2/home?region=eu-west-1#Instances:",
            Landing("https://console.aws.amazon.com/ec2/home?region=eu-west-1#Instances:"),
        ),
        (
            "https://console.amazonaws-us-gov.com/connect/federate/x",
            Landing("https://console.amazonaws-us-gov.com/connect/federate/x"),
        ),
        ("", Landing(CONSOLE_HOME, "there is no RelayState")),
        ("/ccp-v2", Landing(CONSOLE_HOME, NOT_URL)),
        ("http://console.aws.amazon.com/", Landing(CONSOLE_HOME, NOT_URL)),
        ("javascript:alert(1)", Landing(CONSOLE_HOME, NOT_URL)),
        (
            "https://evil.example/",
            Landing(CONSOLE_HOME, "RelayState leads to evil.example, which is not an AWS site; it was not followed"),
        ),
        (
            "https://aws.amazon.com.evil.example/",
            Landing(
                CONSOLE_HOME,
                "RelayState leads to aws.amazon.com.evil.example, which is not an AWS site; it was not followed",
            ),
        ),
        (
            "https://console.aws.amazon.com:8443/",
            Landing(
                CONSOLE_HOME,
                "RelayState leads to console.aws.amazon.com, which is not an AWS site; it was not followed",
            ),
        ),
        (
            "https://console.aws.amazon.com\\@evil.example/",
            Landing(CONSOLE_HOME, "RelayState contains spaces, control characters or backslashes; it was not followed"),
        ),
        (
            "https://console.aws.amazon.com/\r\nSet-Cookie: x",
            Landing(CONSOLE_HOME, "RelayState contains spaces, control characters or backslashes; it was not followed"),
        ),
        ("https://[", Landing(CONSOLE_HOME, "RelayState is not a URL; it was not followed")),
    ],
)
def test_relay_state_leads_to_aws_or_nowhere(relay_state: str, expected: Landing) -> None:
    """AWS's own https sites are followed; for anything else the note says why not."""
    assert landing(relay_state) == expected


def _submit(federation: Federation, user: str, role: str | None = None) -> SignedIn | RoleChoice:
    saml_response = federation.identity_providers["acme"].mint(user, APP).saml_response
    return federation.aws_services.sign_in.submit(saml_response, relay_state="", role_index=role)


def test_one_role_is_taken_without_asking(federation: Federation) -> None:
    """No chooser; the session can be found by its cookie."""
    outcome = _submit(federation, USER)
    assert isinstance(outcome, SignedIn)
    assert outcome.session.session.principal_arn == ROLE_ARN
    assert federation.aws_services.sign_in.sessions.get(outcome.cookie) == outcome.session


def test_several_roles_are_offered_by_account(federation: Federation) -> None:
    """The choice names the account with its alias and the roles in the assertion's order."""
    outcome = _submit(federation, TWO_ROLES_USER)
    assert isinstance(outcome, RoleChoice)
    ((account, label, pairs),) = outcome.accounts
    assert (account, label) == ("123456789012", "acme (123456789012)")
    assert [pair.role_arn.rpartition("/")[2] for pair in pairs] == ["ConnectAgent", "ConnectSupervisor"]


def test_an_account_whose_provider_is_unknown_is_left_out(federation: Federation) -> None:
    """With one usable pair left there is nothing to choose."""
    from idp.saml.faults import parse_fault

    other = "arn:aws:iam::999999999999:saml-provider/okta,arn:aws:iam::999999999999:role/Admin"
    fault = parse_fault({"attribute": "Role", "add": [other]})
    saml_response = federation.identity_providers["acme"].mint(USER, APP, faults=[fault]).saml_response
    outcome = federation.aws_services.sign_in.submit(saml_response, relay_state="", role_index=None)
    assert isinstance(outcome, SignedIn)


def test_the_chooser_serves_both_generations_of_page_readers(world: World, federation: Federation) -> None:
    """The fieldset of the old page and the data meta of the new one stand on the same page."""
    browser = federation.browser()
    provider = federation.identity_providers["acme"]
    saml_response = provider.mint(TWO_ROLES_USER, APP).saml_response
    page = browser.post("https://signin.aws.amazon.com/saml", {"SAMLResponse": saml_response, "RelayState": FEDERATE})
    assert page.status == 200
    assert re.search(r'<div class="saml-account-name">Account: acme \(123456789012\)</div>', page.text)
    assert f'<label for="{ROLE_ARN}" class="saml-role-description">ConnectAgent</label>' in page.text
    meta = re.search(r'<meta name="data" content="([^"]+)">', page.text)
    assert meta is not None
    data = json.loads(base64.b64decode(meta[1]))
    assert data["roles_accounts"] == {
        "acme (123456789012)": [ROLE_ARN, "arn:aws:iam::123456789012:role/ConnectSupervisor"]
    }
    assert (data["RelayState"], data["SAMLResponse"]) == (FEDERATE, saml_response)


def test_the_service_providers_metadata_names_awss_requirements(federation: Federation) -> None:
    """Entity, ACS and the two required attributes are in the document identity providers import."""
    page = federation.browser().open("https://signin.aws.amazon.com/static/saml-metadata.xml")
    assert 'entityID="urn:amazon:webservices"' in page.text
    assert 'WantAssertionsSigned="true"' in page.text
    assert 'Location="https://signin.aws.amazon.com/saml"' in page.text
    assert page.text.count('isRequired="true"') == 2


def test_two_accounts_without_alias_show_their_ids(world: World, federation: Federation) -> None:
    """An account without alias is named by its id alone."""
    built = Federation(change_world(world, {"/aws/123456789012/alias": None}), keys=federation._keys)
    outcome = _submit(built, TWO_ROLES_USER)
    assert isinstance(outcome, RoleChoice)
    assert [label for _, label, _ in outcome.accounts] == ["123456789012"]
    assert PROVIDER_ARN in built.aws_services.aws.accounts["123456789012"].saml_providers
