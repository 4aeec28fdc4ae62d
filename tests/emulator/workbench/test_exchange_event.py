"""What the event stream says of each exchange."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from emulator.building.faults import read_faults
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.journeys.journeys import journeys_of
from emulator.network.event_stream import Subscription
from emulator.running.start import open_to_clients
from emulator.workbench.exchange_event import exchange_event
from emulator.workbench.workbench import Workbench
from tests.conftest import APP, USER

OKTA = "https://acme.okta.com"


@pytest.fixture
def workbench(federation: Federation) -> Workbench:
    """Returns the workbench of a federation that clients reach."""
    return open_to_clients(federation)


def _events(subscription: Subscription) -> Iterator[dict[str, object]]:
    for event in subscription.take().decode().split("\n\n")[:-1]:
        name, data = event.split("\n")
        assert name == "event: exchange"
        yield json.loads(data.removeprefix("data: "))


def test_each_exchange_is_told_with_its_place_in_a_login(federation: Federation, workbench: Workbench) -> None:
    """The page of the login can add it without asking anything; the last one says what the login has come to."""
    subscription = workbench.events.subscribe()
    log_in(federation, user=USER, app=APP)
    told = list(_events(subscription))
    logins = [each.get("login", {}) for each in told]
    assert [(login.get("hop"), login.get("step"), login.get("outcome")) for login in logins] == [  # type: ignore[attr-defined]
        (None, None, None),
        (2, "Okta password", "unfinished"),
        (3, "Okta dashboard", "unfinished"),
        (4, "Okta tile", "unfinished"),
        (5, "Present the assertion", "unfinished"),
        (6, "Federate into Connect", "unfinished"),
        (7, "Sign in to the instance", "unfinished"),
        (8, "Connect page", "accepted"),
    ]
    assert told[4]["fields"] == "SAMLResponse, RelayState"
    assert str(told[4]["location"]).startswith("https://ap-northeast-1.console.aws.amazon.com/connect/federate/")
    assert told[1]["login"] == {
        "number": 1,
        "user": USER,
        "outcome": "unfinished",
        "is_at": f"signed {USER} in",
        "hop": 2,
        "step": "Okta password",
    }


def test_a_refusal_is_told_in_the_services_words(federation: Federation, workbench: Workbench) -> None:
    """With the check, and why."""
    faults = read_faults(["{attribute: RoleSessionName, set: hanako sato}"])
    federation.identity_providers["acme"].faults.inject(APP, USER, faults)
    subscription = workbench.events.subscribe()
    log_in(federation, user=USER, app=APP)
    (*_, last) = _events(subscription)
    refusals = [each["refusal"] for each in last["decisions"] if "refusal" in each]  # type: ignore[attr-defined]
    assert [(each["check"], each["code"], each["evidence"]) for each in refusals] == [
        ("role-session-name", "InvalidIdentityToken", "documented")
    ]
    assert refusals[0]["message"] == "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"


def test_neither_a_message_nor_a_password_is_told(federation: Federation, workbench: Workbench) -> None:
    """Of a form there are the names of its fields."""
    subscription = workbench.events.subscribe()
    login = log_in(federation, user=USER, app=APP)
    told = subscription.take().decode()
    assert login.saml_response[:40] not in told
    assert "correct-horse" not in told


def test_a_long_address_is_cut(federation: Federation, workbench: Workbench) -> None:
    """An event is small whatever a client asks for; what belongs to no login says so by naming none."""
    subscription = workbench.events.subscribe()
    federation.browser().look(f"{OKTA}/app/UserHome?{'x' * 5000}")
    (told,) = _events(subscription)
    assert len(str(told["url"])) == 2001
    assert "login" not in told


def test_an_exchange_of_a_forgotten_login_has_none(federation: Federation, workbench: Workbench) -> None:
    """It is reported all the same."""
    exchange = log_in(federation, user=USER, app=APP).exchanges[-1]
    assert exchange_event(exchange, federation)["login"]["number"] == 1
    journeys_of(federation).forget()
    assert "login" not in exchange_event(exchange, federation)
