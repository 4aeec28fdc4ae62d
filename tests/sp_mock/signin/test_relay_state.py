"""Relay states that are not followed, or that lead to no instance: each has its sentence, and what would be right."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.explanations import Asked, Sent
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from sp_mock.endpoints import Endpoint
from sp_mock.signin.relay_state import landing
from tests.conftest import APP, INSTANCE_ID, TWO_ROLES_USER, USER

CONSOLE = "https://ap-northeast-1.console.aws.amazon.com"
RIGHT = f"{CONSOLE}/connect/federate/{INSTANCE_ID}"
NOT_FOLLOWED = "; it was not followed"

WRONG: list[tuple[str, str, str]] = [
    ("", "there is no RelayState", RIGHT),
    (f"{RIGHT}/", "RelayState has a slash after the instance id, and the console has no such page", RIGHT),
    (
        f"{RIGHT}/ccp-v2",
        "RelayState has /ccp-v2 after the instance id; a page of the instance belongs into ?destination=",
        f"{RIGHT}?destination=%2Fccp-v2",
    ),
    (
        f"{CONSOLE}/connect/federation/{INSTANCE_ID}?destination=%2Fccp-v2",
        f"RelayState leads to /connect/federation/{INSTANCE_ID}, a page that the console does not have",
        f"{RIGHT}?destination=%2Fccp-v2",
    ),
    (
        f"{CONSOLE}/connect/Federate/{INSTANCE_ID}",
        f"RelayState leads to /connect/Federate/{INSTANCE_ID}, a page that the console does not have",
        RIGHT,
    ),
    (
        f"{CONSOLE}/federate/{INSTANCE_ID}",
        f"RelayState leads to /federate/{INSTANCE_ID}, a page that the console does not have",
        RIGHT,
    ),
    (f"{CONSOLE}/connect/home", "RelayState leads to /connect/home, a page that the console does not have", RIGHT),
    (f"{CONSOLE}/connect/federate", "RelayState has no instance id after /connect/federate/", RIGHT),
    (
        f"{CONSOLE}/connect/federate/?destination=%2Fccp-v2",
        "RelayState has no instance id after /connect/federate/",
        f"{RIGHT}?destination=%2Fccp-v2",
    ),
    (
        f"{CONSOLE}/connect/federate//{INSTANCE_ID}",
        "RelayState has two slashes before the instance id",
        RIGHT,
    ),
    (
        f"{CONSOLE}/connect/federate/instance/{INSTANCE_ID}",
        f"RelayState has instance/{INSTANCE_ID} after /connect/federate/, where only the instance id belongs",
        RIGHT,
    ),
    (
        RIGHT.replace("https://", "http://"),
        f"RelayState is an http URL, and only https is followed{NOT_FOLLOWED}",
        RIGHT,
    ),
    (RIGHT.removeprefix("https://"), f"RelayState has no https:// at its beginning{NOT_FOLLOWED}", RIGHT),
    (f"{RIGHT} ", f"RelayState has a blank before or after the URL{NOT_FOLLOWED}", RIGHT),
    (
        "https://acme.my.connect.aws/ccp-v2",
        "RelayState leads to acme.my.connect.aws, an instance of Amazon Connect, and AWS sign-in follows its own sites "
        f"only{NOT_FOLLOWED}",
        f"{RIGHT}?destination=%2Fccp-v2",
    ),
    (
        "https://acme.awsapps.com/connect/ccp-v2",
        "RelayState leads to acme.awsapps.com, an instance of Amazon Connect, and AWS sign-in follows its own sites "
        f"only{NOT_FOLLOWED}",
        f"{RIGHT}?destination=%2Fccp-v2",
    ),
    (
        "https://connect.example.com/desk",
        f"RelayState leads to connect.example.com, which is not an AWS site{NOT_FOLLOWED}",
        f"{RIGHT}?destination=https%3A%2F%2Fconnect.example.com%2Fdesk",
    ),
    (
        f"https://console.amazonaws-us-gov.com/connect/federate/{INSTANCE_ID}",
        "RelayState leads to console.amazonaws-us-gov.com, the console of the partition aws-us-gov, and the session is "
        "in aws",
        RIGHT,
    ),
]


@pytest.mark.parametrize(("relay_state", "note", "wanted"), WRONG)
def test_a_relay_state_that_leads_to_no_instance(
    federation: Federation, relay_state: str, note: str, wanted: str
) -> None:
    """The login is complete; its note says what is wrong, and its cause what would have been right."""
    login = log_in(federation, user=USER, app=APP, relay_state=relay_state)
    notes = [each for exchange in login.exchanges for each in exchange.notes if each.service == "AWS sign-in"]
    noted = next(each for each in notes if each.facts.note)
    assert (noted.facts.note, noted.causes) == (note, (Sent("RelayState", (wanted,)),))


def test_a_relay_state_without_an_instance_to_go_to(world: World, clock: Clock, keys: KeyFolder) -> None:
    """An account without Amazon Connect: the console's home is where such a login should end."""
    changed = change_world(world, {"/aws/123456789012/connect": None})
    federation = Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys)
    login = log_in(federation, user=USER, app=APP, relay_state="")
    (noted,) = [each for exchange in login.exchanges for each in exchange.notes if each.facts.note]
    assert (noted.facts.note, noted.causes) == ("there is no RelayState", ())


def test_a_commercial_host_for_govcloud() -> None:
    """The console of that region is another host."""
    relay_state = "https://us-gov-west-1.console.aws.amazon.com/connect/federate/x"
    at = landing(relay_state, endpoint=Endpoint.of_host("signin.amazonaws-us-gov.com"))
    assert at.note == (
        "RelayState has the host us-gov-west-1.console.aws.amazon.com, and the console of us-gov-west-1 is "
        "console.amazonaws-us-gov.com"
    )


@pytest.mark.parametrize(
    "relay_state",
    [
        RIGHT,
        f"{RIGHT}?destination=%2Fccp-v2",
        "https://console.aws.amazon.com/s3/home",
        "https://console.aws.amazon.com/",
    ],
)
def test_a_relay_state_to_a_page_of_the_console_is_followed_without_a_word(relay_state: str) -> None:
    """The console's own pages, whatever they are."""
    assert landing(relay_state).note == ""


def test_a_page_that_the_console_does_not_have_says_so(federation: Federation) -> None:
    """The console names the path too, and what would have been right where it is about Amazon Connect."""
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, relay_state="", browser=browser)
    noted = {}
    for path in (f"connect/federation/{INSTANCE_ID}?destination=%2Fccp-v2", "ec2/home", "console/home"):
        browser.open(f"{CONSOLE}/{path}")
        noted[path] = next(each for each in browser.exchanges[-1].notes if each.service == "AWS console")
    federation_page, ec2, home = noted.values()
    assert federation_page.facts.note == f"the console has no page /connect/federation/{INSTANCE_ID} here"
    assert federation_page.causes == (Sent("RelayState", (f"{RIGHT}?destination=%2Fccp-v2",)),)
    assert (ec2.facts.note, ec2.causes) == ("the console has no page /ec2/home here", ())
    assert (home.facts.note, home.causes) == (None, ())


INSIDE: list[tuple[str, str | None, str]] = [
    ("", "the relay state has no destination; it leads to the instance's home", "%2Fccp-v2"),
    (
        "?Destination=%2Fccp-v2",
        "the relay state has the parameter Destination, and only destination is read; it leads to the instance's home",
        "%2Fccp-v2",
    ),
    ("?destination=ccp-v2", "the destination ccp-v2 has no slash at its beginning; /ccp-v2 was taken", "%2Fccp-v2"),
    (
        "?destination=%2Fconnect%2Fccp-v2",
        "the prefix /connect belongs to the old domain; it was dropped",
        "%2Fccp-v2",
    ),
    ("?destination=%2Fccp-v2", None, ""),
]


@pytest.mark.parametrize(("query", "note", "destination"), INSIDE)
def test_a_destination_that_was_not_simply_taken(
    federation: Federation, query: str, note: str | None, destination: str
) -> None:
    """The console's note says what was done, and its cause how the relay state is written right."""
    login = log_in(federation, user=USER, app=APP, relay_state=RIGHT + query)
    (allowed,) = [n for e in login.exchanges for n in e.notes if n.summary == "connect:GetFederationToken allowed"]
    causes: tuple[Any, ...] = (Sent("RelayState", (f"{RIGHT}?destination={destination}",)),) if note else ()
    assert (allowed.facts.note, allowed.causes) == (note, causes)


def test_another_persons_session_in_the_same_browser_is_replaced(federation: Federation) -> None:
    """The note says who was signed in before; the same person's next login says nothing."""
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    again = log_in(federation, user=USER, app=APP, browser=browser)
    assert not any("replaced" in note for note in again.notes)
    browser.open("https://acme.okta.com/login/signout")
    other = log_in(federation, user=TWO_ROLES_USER, app=APP, role="ConnectAgent", browser=browser)
    (noted,) = [n for e in other.exchanges for n in e.notes if "replaced" in (n.facts.note or "")]
    assert noted.facts.note == (
        "the browser was signed in as ConnectAgent/hanako@example.com, whose session was replaced"
    )
    assert noted.causes == (Asked("browser"),)


def test_a_relay_state_to_sign_in_itself(federation: Federation) -> None:
    """The sign-in URL refuses a browser that is signed in, and the relay state is the cause."""
    login = log_in(federation, user=USER, app=APP, relay_state="https://signin.aws.amazon.com/saml")
    assert "RelayState leads to AWS sign-in, not to a page of the console" in login.notes
    assert login.refusal is not None
    assert login.refusal.explanation == (
        "The browser is signed in, and was sent to the sign-in URL again instead of to a page."
    )
    assert login.refusal.causes == (Sent("RelayState"),)


def test_a_host_that_is_no_regions_console_leads_to_sign_in_with_a_note(federation: Federation) -> None:
    """GovCloud's regions have their consoles in GovCloud's own domain."""
    browser = federation.browser()
    browser.open(f"https://us-gov-west-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}")
    notes = [each.facts.note for exchange in browser.exchanges for each in exchange.notes if each.facts.note]
    assert notes == [
        "the address has the host us-gov-west-1.console.aws.amazon.com, and the console of us-gov-west-1 is "
        "console.amazonaws-us-gov.com"
    ]
