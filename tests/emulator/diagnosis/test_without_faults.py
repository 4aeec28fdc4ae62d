"""A login with a planted fault: the fault is named where it made the refusal, a setting where that stays without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import read_scenarios
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER

NOTHING = "/okta/acme/mfa: 'off'"
FAULT = "{attribute: RoleSessionName, set: hanako sato}"
AUDIENCE = "/okta/acme/apps/amazon-connect/audience: urn:wrong"
TRUST = "/aws/123456789012/roles/ConnectAgent/trust/Statement/0/Action: 'sts:TagSession'"
RELAY = (
    "/okta/acme/apps/amazon-connect/default_relay_state: "
    "'https://ap-northeast-1.console.aws.amazon.com/connect/federate/00000000-90ab-cdef-1234-567890abcdef'"
)
HARMLESS = "{attribute: SessionDuration, set: '1800'}"


@pytest.mark.parametrize(
    ("change", "fault", "via", "check", "place"),
    [
        (NOTHING, FAULT, "browser", "role-session-name", "scenario.yaml:6  faults[0], planted fault "),
        (AUDIENCE, FAULT, "browser", "audience", "scenario.yaml:4  okta.acme.apps.amazon-connect.audience, "),
        (AUDIENCE, FAULT, "sts", "audience", "scenario.yaml:4  okta.acme.apps.amazon-connect.audience, "),
        (TRUST, FAULT, "browser", "role-session-name", "scenario.yaml:6  faults[0], planted fault "),
        (TRUST, HARMLESS, "browser", "trust-policy", "scenario.yaml:4  aws.123456789012.roles.ConnectAgent.trust"),
        (RELAY, HARMLESS, "browser", "get-federation-token", "scenario.yaml:4  okta.acme.apps.amazon-connect.default_"),
        (AUDIENCE, "{element: Assertion/Conditions/AudienceRestriction/Audience, set: urn:x}", "browser", "audience",
         "scenario.yaml:4  okta.acme.apps.amazon-connect.audience, "),
    ],
)  # fmt: skip
def test_what_stays_without_the_fault_was_not_made_by_it(
    tmp_path: Path, keys: KeyFolder, change: str, fault: str, via: str, check: str, place: str
) -> None:
    """The words of the service stay; what made it so is the setting, with the change that helps."""
    file = tmp_path / "scenario.yaml"
    file.write_text(
        f"scenario: x\nworld: {DEFAULT_WORLD}\nchanges:\n  {change}\n"
        f"login: {{user: {USER}, app: {APP}, via: {via}}}\nfaults: [{fault}]\nexpect: arrives\n",
        encoding="utf-8",
    )
    (scenario,) = read_scenarios(file)
    result = run_scenario(scenario, keys=keys, tries_fixes=False)
    diagnosis = result.logins[-1].diagnosis
    assert diagnosis is not None
    assert diagnosis.check == check
    assert str(diagnosis.origins[0]).replace(str(tmp_path) + "/", "").startswith(place)
    assert result.logins[-1].login.refusal is not None
    assert diagnosis.refusal is not None
    assert diagnosis.refusal.message == result.logins[-1].login.refusal.message
