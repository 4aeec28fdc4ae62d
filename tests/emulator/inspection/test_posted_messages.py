"""Messages that logins posted, judged as they were: the instant, the accounts, the address and the role of then."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from werkzeug.test import Client

from emulator.browser import Browser
from emulator.federation import Federation
from emulator.flow import assume_role, log_in
from emulator.inspection.judged_places import JUDGED_PLACES
from emulator.inspection.posted_messages import PostedMessages
from emulator.inspection.verdicts import Finding, Inspection, Outcome, Verdict
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from sp_mock.assertion.checks import CHECKS
from tests.conftest import ACCOUNT, APP, ROLE_ARN, TWO_ROLES_USER, USER


def _inspected(posted: PostedMessages, browser: Browser) -> Inspection:
    inspection = posted.inspection(browser.exchanges)
    assert inspection is not None
    return inspection


def _line(inspection: Inspection, check: str) -> str:
    """Returns what is on the line that a check names."""
    (finding,) = (each for each in inspection.findings if each.check == check)
    return inspection.laid_out.splitlines()[finding.line - 1].strip() if finding.line else ""


def test_an_accepted_login_passes_every_check(federation: Federation) -> None:
    """Each check that looks at one place names its line; the others name none. Nothing of the process is kept."""
    posted = PostedMessages(federation)
    login = log_in(federation, user=USER, app=APP)
    inspection = posted.inspection(login.exchanges)
    assert inspection is not None
    assert [each.check for each in inspection.findings] == [check.name for check in CHECKS]
    assert inspection.outcome is Outcome.ACCEPTED
    assert (inspection.judged_at, inspection.role_arn) == (federation.clock.now(), ROLE_ARN)
    assert inspection.remarks == ()
    assert pickle.loads(pickle.dumps(inspection)) == inspection  # noqa: S301 - what this test has made
    assert _line(inspection, "audience") == "<saml2:Audience>urn:amazon:webservices</saml2:Audience>"
    assert _line(inspection, "name-id").startswith("<saml2:NameID ")
    assert _line(inspection, "role-session-name").startswith("<saml2:Attribute Name=")
    assert "RoleSessionName" in _line(inspection, "role-session-name")
    without = [finding.check for finding in inspection.findings if not finding.line]
    assert without == ["base64", "instants", "source-identity", "session-tags", "max-session-duration"]


def test_places_are_those_of_checks() -> None:
    """No check is misspelt there."""
    assert JUDGED_PLACES.keys() <= {check.name for check in CHECKS}


def test_it_is_judged_with_the_accounts_and_the_time_of_then(federation: Federation) -> None:
    """A role that is gone by now, and hours that have passed, are nothing to a login of before."""
    posted = PostedMessages(federation)
    before, then = log_in(federation, user=USER, app=APP), federation.clock.now()
    federation.aws.change(ACCOUNT, lambda account: (replace(account, roles={}), None))
    federation.clock.advance(timedelta(hours=13))
    after = log_in(federation, user=USER, app=APP)
    inspections = [posted.inspection(each.exchanges) for each in (before, after)]
    assert [each and each.judged_at for each in inspections] == [then, then + timedelta(hours=13)]
    assert [[f.check for f in each.failed] for each in inspections if each] == [[], ["trust-policy"]]


def test_it_is_judged_for_the_role_that_was_chosen_when_it_was_chosen(federation: Federation) -> None:
    """The role chooser posts the message again."""
    posted, browser = PostedMessages(federation), federation.browser()
    log_in(federation, user=TWO_ROLES_USER, app=APP, role="ConnectSupervisor", browser=browser)
    assert _inspected(posted, browser).role_arn == f"arn:aws:iam::{ACCOUNT}:role/ConnectSupervisor"


@pytest.mark.parametrize(("source_ip", "failed"), [("203.0.113.10", []), ("198.51.100.7", ["trust-policy"])])
def test_it_is_judged_for_the_address_that_it_came_from(
    world: World, keys: KeyFolder, source_ip: str, failed: list[str]
) -> None:
    """A trust policy may ask for it."""
    condition = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"},
                "Action": "sts:AssumeRoleWithSAML",
                "Condition": condition,
            }
        ],
    }
    changed = change_world(world, {f"/aws/{ACCOUNT}/roles/ConnectAgent/trust": trust})
    federation = Federation(changed, clock=Clock(frozen_at=Clock().now()), ids=Ids(seed=1), keys=keys)
    posted = PostedMessages(federation)
    login = log_in(federation, user=USER, app=APP, source_ip=source_ip)
    inspection = posted.inspection(login.exchanges)
    assert inspection is not None
    assert [finding.check for finding in inspection.failed] == failed


def test_a_call_of_sts_is_judged_as_one(federation: Federation) -> None:
    """With its role and its DurationSeconds; ARNs that are none are not looked up."""
    posted = PostedMessages(federation)
    too_long = assume_role(federation, user=USER, app=APP, duration_seconds=43_201)
    judged = posted.inspection(too_long.exchanges)
    assert judged is not None
    assert [each.check for each in judged.failed] == ["max-session-duration"]
    not_an_arn = assume_role(federation, user=USER, app=APP, provider=ROLE_ARN)
    judged = posted.inspection(not_an_arn.exchanges)
    assert judged is not None
    assert (not_an_arn.refusal and not_an_arn.refusal.check, judged.failed) == ("principal-arn", ())
    assert judged.differs_from("principal-arn") == (
        "The check principal-arn refused the login: it is asked of something else than the message."
    )


def test_a_check_that_refused_the_address_has_failed(federation: Federation) -> None:
    """The message names a SAML provider that is there; its sign-in URL is another's."""
    posted, browser = PostedMessages(federation), federation.browser()
    saml_response = federation.identity_providers["acme"].mint(USER, APP).saml_response
    browser.post("https://signin.aws.amazon.com/saml/acs/SAMLSPNONE", {"SAMLResponse": saml_response})
    inspection = _inspected(posted, browser)
    assert [(each.check, each.place) for each in inspection.failed] == [("provider", "the URL, after /saml/acs/")]
    assert inspection.differs_from("provider") == ""


def test_a_login_that_posted_nothing_to_aws_is_not_judged(federation: Federation) -> None:
    """There is nothing to ask a check about."""
    posted = PostedMessages(federation)
    login = log_in(federation, user="nobody@example.com", app=APP)
    assert posted.inspection(login.exchanges) is None


@pytest.mark.parametrize(
    ("failed", "refused_by", "told"),
    [
        ([], "", ""),
        (["audience"], "audience", ""),
        (["audience", "issuer"], "audience", ""),
        (["audience", "issuer"], "issuer", "The check issuer refused the login, and has failed here."),
        (["audience"], "issuer", "The check issuer refused the login, and has passed here."),
        (["audience", "issuer"], "", "The login was not refused, though audience, issuer would fail."),
        ([], "partition", "The check partition refused the login: it is asked of something else than the message."),
    ],
)
def test_what_differs_from_the_login_is_told(
    federation: Federation, failed: list[str], refused_by: str, told: str
) -> None:
    """The first failed check is the one that refuses."""
    verdicts = {True: Verdict.FAILED, False: Verdict.PASSED}
    findings = tuple(Finding(name, verdicts[name in failed], "") for name in ("audience", "issuer"))
    assert Inspection(findings, {}, "", federation.clock.now()).differs_from(refused_by) == told


def test_of_a_field_that_is_posted_twice_the_first_is_judged(federation: Federation) -> None:
    """The sign-in page reads it."""
    posted = PostedMessages(federation)
    message = federation.identity_providers["acme"].mint(USER, APP).saml_response
    fields = urlencode([("SAMLResponse", message), ("SAMLResponse", "other")])
    answer = Client(federation.gateway).post(
        "https://signin.aws.amazon.com/saml", data=fields, content_type="application/x-www-form-urlencoded"
    )
    inspection = posted.inspection(federation.gateway.exchanges)
    assert (answer.status_code, inspection and inspection.outcome) == (302, Outcome.ACCEPTED)
