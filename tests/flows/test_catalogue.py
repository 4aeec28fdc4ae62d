"""The built-in catalogue: every scenario comes out as it says, and every documented text has one."""

from __future__ import annotations

import pickle

import pytest

from emulator.inspection.verdicts import Outcome
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.results import Result
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import Scenario
from sp_mock.assertion.checks import CHECKS
from tests.built_in_scenarios import built_in_scenarios
from tests.emulator.running.requests.results_as_data import require_to_come_back

SCENARIOS = built_in_scenarios()

# AWS's and Amazon Connect's published or observed sentences, and the scenario tag that represents each.
TEXTS = {
    "E1": "Your request included an invalid SAML response. To logout, click here.",
    "E2": "RoleSessionName is required in AuthnResponse",
    "E3": "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
    "E4": 'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
    "E5": "Response signature invalid",
    "E6": "Issuer not present in specified provider",
    "E7": "Specified provider doesn't exist",
    "E8": "Token must be redeemed within 5 minutes of issuance",
    "E8b": "Response has expired",
    "E9": "Response does not contain the required audience.",
    "E10": "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter",
    "E11": "Invalid base64 SAMLResponse",
    "E12": "SAML Assertion doesn't contain the requested Role and Metadata in the attributes",
    "E13": "Not authorized to perform sts:AssumeRoleWithSAML",
    "E14": "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    "E15": "Request ARN is invalid",
    "E16": "Principal ARN is invalid",
    "E28": "You must first log out before logging into a different AWS account. To logout, click here",
    "E30": "Unable to validate tags",
    "E32": "Invalid credentials parameter",
    "multi-session": "Session limit reached",
    "bad-request": "Bad Request. The request was not valid and could not be processed.",
    "E33": "Access Denied. Your account has been authenticated, but has not been onboarded to this application.",
    "E34": "Access denied, Please contact your AWS account administrator for assistance.",
    "E35": "Session expired",
}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_scenario(scenario: Scenario, keys: KeyFolder) -> None:
    """The login comes out as its scenario says, and its result can be sent to another process, pickled and as JSON."""
    result = run_scenario(scenario, keys=keys, judges=True)
    result.require()
    assert result.passed
    sent = pickle.loads(pickle.dumps(result))  # noqa: S301 - what this test has made
    assert [each.as_json() for each in sent.logins] == [each.as_json() for each in result.logins]
    assert [each and each.as_json() for each in sent.judged] == [each and each.as_json() for each in result.judged]
    require_to_come_back(result)
    _require_agreement(result)


def _require_agreement(result: Result) -> None:
    """Requires that the verdicts of every check are what each login came to."""
    names = {check.name for check in CHECKS}
    assert len(result.judged) == len(result.logins)
    for login, inspection in zip(result.logins, result.judged, strict=True):
        refusal = login.login.refusal
        check = login.diagnosis.check if login.diagnosis is not None and login.login.outcome.value == "refused" else ""
        if inspection is None:
            assert check not in names or not login.login.saml_response
        elif check in names:
            assert inspection.failed[0].check == check
            assert inspection.failed[0].text == (refusal.message if refusal is not None else "")
            assert inspection.differs_from(check) == ""
        elif check not in {"partition", "sign-in-url"}:  # asked of the address: the message may be wrong in more
            assert inspection.outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("tag", TEXTS)
def test_every_documented_text_has_a_scenario_that_asserts_it(tag: str) -> None:
    """A scenario with the text's tag expects the exact words."""
    assert TEXTS[tag] in {s.settings.expect.message for s in SCENARIOS if tag in s.settings.tags}


def test_ids_are_unique_and_the_catalogue_is_not_small() -> None:
    """No id is given twice, and there are more than a hundred scenarios."""
    ids = [scenario.id for scenario in SCENARIOS]
    assert len(ids) == len(set(ids))
    assert len(ids) > 100


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_a_scenario_of_the_catalogue_says_how_it_is_known(scenario: Scenario) -> None:
    """Elsewhere the oracle is left to whoever writes a scenario; here each says it, and what the outcome is."""
    assert scenario.settings.expect.oracle is not None
    assert scenario.settings.expect.outcome is not None
