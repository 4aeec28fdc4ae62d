"""Where a login should end: a login that nobody refused and that is not there is elsewhere, with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.federation import Federation
from emulator.flow import Outcome, log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.explanations import Sent, Setting
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from idp.saml.faults import parse_fault
from tests.conftest import ACCOUNT, APP, NOW, PROVIDER_ARN, TWO_ROLES_USER, USER

APP_KEY = f"/okta/acme/apps/{APP}"


def _federation(world: World, keys: KeyFolder, changes: dict[str, Any]) -> Federation:
    return Federation(change_world(world, changes), clock=Clock(frozen_at=NOW), ids=Ids(seed=1), keys=keys)


def test_a_login_that_arrives_has_no_shortfall(federation: Federation) -> None:
    """The relay state leads to the instance, and the login ends there."""
    login = log_in(federation, user=USER, app=APP)
    assert (login.outcome, login.shortfall) == (Outcome.ACCEPTED, None)


def test_the_address_that_was_asked_for_goes_before_the_relay_state(federation: Federation) -> None:
    """Whoever wants the console has arrived there, though the relay state was not followed."""
    outside = "https://example.org/x"
    console = "https://console.aws.amazon.com/console/home"
    login = log_in(federation, user=USER, app=APP, relay_state=outside, lands_on=console)
    assert (login.outcome, login.lands_on) == (Outcome.ACCEPTED, console)
    assert log_in(federation, user=USER, app=APP, relay_state=outside).outcome is Outcome.ELSEWHERE


@pytest.mark.parametrize(
    ("lands_on", "outcome"),
    [
        ("https://acme.my.connect.aws/home", Outcome.ACCEPTED),
        ("https://acme.my.connect.aws/home/", Outcome.ACCEPTED),
        ("https://ACME.my.connect.aws/home", Outcome.ACCEPTED),
        ("https://acme.my.connect.aws/ccp-v2", Outcome.ELSEWHERE),
        ("https://acme.my.connect.aws/home?tab=1", Outcome.ELSEWHERE),
        ("http://acme.my.connect.aws/home", Outcome.ELSEWHERE),
    ],
)
def test_the_wanted_address_is_compared(federation: Federation, lands_on: str, outcome: Outcome) -> None:
    """A closing slash and the host's case do not count; path, scheme and a query that is asked for do."""
    login = log_in(federation, user=USER, app=APP, lands_on=lands_on)
    assert login.outcome is outcome
    if login.shortfall is not None:
        assert (login.shortfall.check, login.shortfall.want) == ("lands-on", lands_on)
        assert login.shortfall.got == "https://acme.my.connect.aws/home"


def test_a_role_that_is_not_offered_is_elsewhere_with_one_role_too(federation: Federation) -> None:
    """The assertion's only role is taken, and it is not the one that was asked for."""
    login = log_in(federation, user=USER, app=APP, role="Admin")
    assert login.outcome is Outcome.ELSEWHERE
    assert login.shortfall is not None
    assert login.shortfall.check == "role-not-offered"
    assert login.shortfall.why == "AWS did not offer Admin: the assertion has one usable role, which was taken."
    assert (login.shortfall.want, login.shortfall.got) == ("Admin", "arn:aws:iam::123456789012:role/ConnectAgent")


def test_a_role_that_the_chooser_does_not_offer_cannot_be_chosen(federation: Federation) -> None:
    """The browser stays at the chooser."""
    login = log_in(federation, user=TWO_ROLES_USER, app=APP, role="Admin")
    assert login.outcome is Outcome.ELSEWHERE
    assert login.shortfall is not None
    assert login.shortfall.why == "The role chooser does not offer Admin."


@pytest.mark.parametrize("user", [USER, TWO_ROLES_USER])
def test_a_role_that_aws_leaves_out_is_explained_by_its_refusal(world: World, keys: KeyFolder, user: str) -> None:
    """Whether one role is left or a role chooser: its provider's metadata is of another app."""
    provider = f"arn:aws:iam::{ACCOUNT}:saml-provider/second"
    changes = {
        "/okta/acme/apps/other": {"identity_provider_arn": provider},
        f"/aws/{ACCOUNT}/saml_providers/second": {"metadata": {"okta_app": "acme/other"}},
    }
    federation = _federation(world, keys, changes)
    fault = {"attribute": "Role", "add": f"{provider},arn:aws:iam::{ACCOUNT}:role/Second"}
    federation.identity_providers["acme"].faults.inject(APP, user, (parse_fault(fault),))
    login = log_in(federation, user=user, app=APP, role="Second")
    assert login.outcome is Outcome.ELSEWHERE
    missing = login.shortfall
    assert missing is not None
    assert missing.check == "role-not-offered"
    assert missing.why.startswith(
        f"AWS leaves arn:aws:iam::{ACCOUNT}:role/Second out of the roles that it offers: Issuer not present in "
        f"specified provider. The Role value names {provider}, and the assertion comes from the identity provider of "
        f"{PROVIDER_ARN}: "
    )
    assert missing.fix == f"Name {PROVIDER_ARN} in the Role value, or upload this app's metadata to {provider}."
    sent, setting = missing.causes
    assert isinstance(sent, Sent)
    assert isinstance(setting, Setting)
    assert setting.path == ("saml_providers", provider, "metadata")


def test_a_login_that_stops_at_a_second_factor_has_not_arrived(world: World, keys: KeyFolder) -> None:
    """Okta asks for a code, and the person gives none."""
    login = log_in(_federation(world, keys, {f"{APP_KEY}/mfa": "required"}), user=USER, app=APP)
    assert login.outcome is Outcome.ELSEWHERE
    assert login.shortfall is not None
    assert login.shortfall.check == "sign-in-unfinished"


def test_no_relay_state_without_an_instance_leads_to_the_console(world: World, keys: KeyFolder) -> None:
    """A role that may federate into no instance is wanted at the console."""
    changes = {f"{APP_KEY}/default_relay_state": "", "/aws/123456789012/connect": {}}
    login = log_in(_federation(world, keys, changes), user=USER, app=APP)
    assert (login.outcome, login.lands_on) == (Outcome.ACCEPTED, "https://console.aws.amazon.com/console/home")


def test_the_console_of_another_service_is_where_its_relay_state_leads(federation: Federation) -> None:
    """A person may be wanted in EC2, though their role may open an instance too."""
    relay_state = "https://us-east-1.console.aws.amazon.com/ec2/home"
    login = log_in(federation, user=USER, app=APP, relay_state=relay_state)
    assert (login.outcome, login.lands_on) == (Outcome.ACCEPTED, relay_state)


def test_a_response_that_never_came_to_aws_is_told(world: World, keys: KeyFolder) -> None:
    """Where a message for AWS is posted to another host of this world, no relay state is blamed."""
    changes = {
        f"{APP_KEY}/acs_url": "https://connect.example.com/saml",
        f"{APP_KEY}/saml": {"recipient": "https://signin.aws.amazon.com/saml"},
    }
    login = log_in(_federation(world, keys, changes), user=USER, app=APP, lands_on="https://acme.my.connect.aws/home")
    assert login.outcome is Outcome.ELSEWHERE
    assert login.shortfall is not None
    assert login.shortfall.why == (
        "The SAMLResponse was posted to https://connect.example.com/saml, which is not one of AWS's sign-in pages."
    )
    sent = Sent("/Response/@Destination", wanted=("https://signin.aws.amazon.com/saml",))
    assert login.shortfall.causes == (sent,)
