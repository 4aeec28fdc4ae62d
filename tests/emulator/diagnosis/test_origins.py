"""Which checks have a setting behind them: each is in the table of origins, or among those without one."""

from __future__ import annotations

import pytest

from emulator.diagnosis.check_texts import read_check_texts
from emulator.diagnosis.origins import _CANDIDATES, LoginContext, origin
from emulator.kernel.errors import AccessDenied
from emulator.world import parse_world
from sp_mock.assertion.checks import CHECKS

DENY = '{Version: "2012-10-17", Statement: [{Effect: Deny, Action: "*", Resource: "*"'
IN_AN_ORGANIZATION = f"""
version: 1
okta: {{}}
aws:
  "123456789012":
    organization:
      id: o-a1b2c3d4e5
      organizational_units: [ou-ab12-11111111]
      levels:
        ou-ab12-11111111: {{scps: {{regions: {DENY}}}]}}}}}}
      scps: {{deny-nothing: {DENY}}}]}}}}
      rcps: {{https-only: {DENY}, Principal: "*"}}]}}}}
"""
# The message was changed on its way or came too late, or several settings make the value together.
WITHOUT_A_SETTING = {
    "base64",
    "response",
    "status",
    "redeemed-in-time",
    "time-window",
    "source-identity",
    "session-tags",
    "name-id",
    "version",
    "instants",
    "session-end",
}


def test_every_check_of_the_assertion_has_an_origin_or_is_known_to_have_none() -> None:
    """A new check is put into one of the two."""
    checks = {check.name for check in CHECKS}
    assert checks - _CANDIDATES.keys() - WITHOUT_A_SETTING == set(), "which setting is behind them, if any?"
    assert WITHOUT_A_SETTING - checks == set(), "they are not in CHECKS"
    assert WITHOUT_A_SETTING & _CANDIDATES.keys() == set(), "they have a setting"


def test_no_origin_is_kept_of_a_check_that_is_gone() -> None:
    """Each name in the table is a check's that refusals name."""
    assert _CANDIDATES.keys() <= read_check_texts().keys()


@pytest.mark.parametrize(
    ("policy", "key"),
    [
        ("service control policy deny-nothing", "scps.deny-nothing"),
        ("service control policy regions of ou-ab12-11111111", "levels.ou-ab12-11111111.scps.regions"),
        ("resource control policy https-only", "rcps.https-only"),
        ("service control policy FullAWSAccess", ""),
    ],
)
def test_a_policy_of_the_organization_is_found_at_its_level(policy: str, key: str) -> None:
    """The account's own, one of a level above it, and one that no line of the world has."""
    world = parse_world(IN_AN_ORGANIZATION)
    refusal = AccessDenied("No.", check="trust-policy", where=f"{policy} of account 123456789012")
    location = origin(refusal, world, LoginContext("acme", "amazon-connect"))
    assert location is not None
    assert location.key == f"aws.123456789012.organization.{key}".rstrip(".")
