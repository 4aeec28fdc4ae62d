"""Where a setting is in a console: the words of the schema, with the names of the things that lead to it."""

from __future__ import annotations

import pytest

from emulator.worldfile.consoles import console_place
from emulator.worldfile.text.yaml_data import Key

ACCOUNT = "123456789012"
DATA = {
    "okta": {"acme": {"apps": {"desk": {"label": "Desk"}, "own": {"catalog": "custom_saml", "label": "Own"}}}},
    "aws": {ACCOUNT: {"connect": {"0f1e": {"alias": "helpdesk"}}}},
}


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (
            ("okta", "acme", "apps", "desk", "identity_provider_arn"),
            "Okta: Applications > Desk > Sign On > Identity Provider ARN",
        ),
        (("okta", "acme", "apps", "desk", "acs_url"), "Okta: Applications > Desk > Sign On > ACS URL"),
        (
            ("okta", "acme", "apps", "own", "acs_url"),
            "Okta: Applications > Own > General > SAML Settings > Single sign-on URL",
        ),
        (("aws", ACCOUNT, "roles", "Agent", "trust"), "AWS: IAM > Roles > Agent > Trust relationships"),
        (("aws", ACCOUNT, "policies", "login"), "AWS: IAM > Policies"),
        (
            ("aws", ACCOUNT, "connect", "0f1e", "approved_origins", 0),
            "AWS: Amazon Connect > Instances > helpdesk > Approved origins",
        ),
        (
            ("aws", ACCOUNT, "connect", "0f1e", "users", "ada@example.com", "security_profiles"),
            "Amazon Connect: Users > User management > ada@example.com > Security profiles",
        ),
    ],
)
def test_a_place(key: Key, place: str) -> None:
    """Its words are those of the setting's description; of two paths the one of the app's kind is taken."""
    assert str(console_place(key, DATA)) == place


def test_a_setting_of_the_emulators_own_has_none() -> None:
    """No console has it."""
    assert console_place(("okta", "acme", "apps", "desk", "style"), DATA) is None
