"""Sign-in: one role, several roles, and where RelayState leads."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import AwsRefusal
from emulator.world import World, change_world
from idp.saml.faults import parse_fault
from sp_mock.signin.posted_login import RoleChoice
from sp_mock.signin.relay_state import Landing, landing
from sp_mock.signin.sign_in import SignedIn
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
            Landing(
                "https://console.amazonaws-us-gov.com/connect/federate/x",
                "RelayState leads to console.amazonaws-us-gov.com, the console of the partition aws-us-gov, and the "
                "session is in aws",
            ),
        ),
        ("", Landing(CONSOLE_HOME, "there is no RelayState")),
        ("/ccp-v2", Landing(CONSOLE_HOME, NOT_URL)),
        (
            "http://console.aws.amazon.com/",
            Landing(CONSOLE_HOME, "RelayState is an http URL, and only https is followed; it was not followed"),
        ),
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
    built = Federation(change_world(world, {"/aws/123456789012/alias": None}), keys=federation.keys)
    outcome = _submit(built, TWO_ROLES_USER)
    assert isinstance(outcome, RoleChoice)
    assert [label for _, label, _ in outcome.accounts] == ["123456789012"]
    assert PROVIDER_ARN in built.aws_services.aws.accounts["123456789012"].saml_providers


# (fault, check, words) of what STS says once a role is chosen
AFTER_THE_CHOICE: list[tuple[dict[str, Any], str, str]] = [
    (
        {"attribute": "RoleSessionName", "remove": True},
        "role-session-name",
        "RoleSessionName is required in AuthnResponse",
    ),
    (
        {"attribute": "RoleSessionName", "set": "hanako sato"},
        "role-session-name",
        "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
    ),
    (
        {"attribute": "SourceIdentity", "set": "aws:me"},
        "source-identity",
        'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
    ),
    ({"attribute": "PrincipalTag:Team", "set": "x" * 257}, "session-tags", "Unable to validate tags"),
    (
        {"attribute": "TransitiveTagKeys", "set": "Team"},
        "session-tags",
        "The specified transitive tag key must be included in the requested tags.",
    ),
    (
        {"attribute": "SessionDuration", "set": "1"},
        "session-duration",
        "SessionDuration must be between 900 and 43200 seconds",
    ),
    (
        {"element": "Assertion/Subject/NameID", "remove": True},
        "name-id",
        "Not authorized to perform sts:AssumeRoleWithSAML",
    ),
    (
        {
            "element": "Assertion/AuthnStatement",
            "attribute_name": "SessionNotOnOrAfter",
            "set": "2026-01-15T09:00:00Z",
        },
        "session-end",
        "Response has expired",
    ),
]
# What is found out before a role can be chosen.
BEFORE_THE_CHOICE: list[tuple[dict[str, Any], str]] = [
    ({"signature": "foreign-key"}, "signature"),
    ({"element": "Assertion/Conditions/AudienceRestriction/Audience", "set": "urn:example"}, "audience"),
    ({"issue": "-6m"}, "redeemed-in-time"),
    (
        {"element": "Assertion/Conditions", "attribute_name": "NotOnOrAfter", "set": "2026-01-15T08:59:00Z"},
        "time-window",
    ),
]


def _submit_faulty(federation: Federation, fault: dict[str, Any], role: str | None) -> SignedIn | RoleChoice:
    issued = federation.identity_providers["acme"].mint(TWO_ROLES_USER, APP, faults=[parse_fault(fault)])
    return federation.aws_services.sign_in.submit(issued.saml_response, relay_state="", role_index=role)


@pytest.mark.parametrize(("fault", "check", "words"), AFTER_THE_CHOICE, ids=[str(row[0]) for row in AFTER_THE_CHOICE])
def test_what_sts_says_comes_after_the_role_chooser(
    federation: Federation, fault: dict[str, Any], check: str, words: str
) -> None:
    """A person with several roles is asked which one to take, and is refused then."""
    assert isinstance(_submit_faulty(federation, fault, None), RoleChoice)
    with pytest.raises(AwsRefusal) as caught:
        _submit_faulty(federation, fault, ROLE_ARN)
    assert (caught.value.check, caught.value.message) == (check, words)


@pytest.mark.parametrize(("fault", "check"), BEFORE_THE_CHOICE, ids=[row[1] for row in BEFORE_THE_CHOICE])
def test_what_is_wrong_with_every_role_comes_before_the_role_chooser(
    federation: Federation, fault: dict[str, Any], check: str
) -> None:
    """Nobody is asked to choose a role with an assertion that is worth nothing."""
    with pytest.raises(AwsRefusal) as caught:
        _submit_faulty(federation, fault, None)
    assert caught.value.check == check


@pytest.mark.parametrize(
    ("fault", "component", "code"),
    [
        ({"attribute": "PrincipalTag:Team", "set": "x" * 257}, "AWSSecurityTokenV20111201", "ValidationError"),
        ({"attribute": "SessionDuration", "set": "1"}, "AWSSecurityTokenService", "ValidationError"),
        ({"attribute": "TransitiveTagKeys", "set": "Team"}, "AWSSecurityTokenService", "InvalidParameterValue"),
    ],
)
def test_the_page_names_the_component_of_sts(
    federation: Federation, fault: dict[str, Any], component: str, code: str
) -> None:
    """Session tags that cannot be used were seen with another name of STS than everything else."""
    issued = federation.identity_providers["acme"].mint(USER, APP, faults=[parse_fault(fault)])
    page = federation.browser().post("https://signin.aws.amazon.com/saml", {"SAMLResponse": issued.saml_response})
    assert page.status == 400
    assert f"(Service: {component}; Status Code: 400; Error Code: {code}; Request ID: " in page.visible_text
