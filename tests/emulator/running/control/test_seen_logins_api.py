"""Logins by the control API: listed, waited for while others are answered, and for no page of a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.journeys.journeys import MOST_WAITING, journeys_of
from emulator.kernel.clock import Ids
from emulator.kernel.errors import FlowError
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.running.start import Ports, serving
from emulator.world import World
from tests.conftest import APP, TWO_ROLES_USER, USER

NAME = "https://aws.amazon.com/SAML/Attributes/RoleSessionName"


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session


def numbers(answer: requests.Response) -> list[int]:
    """Returns the numbers of the logins in an answer."""
    return [each["number"] for each in answer.json()["logins"]]


def test_they_are_listed_as_results_of_format_2(
    server: Server, federation: Federation, plain: requests.Session
) -> None:
    """Number, assertion and steps beside what fedemu login --json prints; unfinished ones are marked."""
    address = f"{server.url}/fedemu/logins"
    assert plain.get(address).json() == {"format": 2, "last": 0, "logins": [], "unfinished": []}
    federation.program_next_login(USER, attributes={"RoleSessionName": "hanako sato"})
    log_in(federation, user=USER, app=APP)
    with pytest.raises(FlowError):
        log_in(federation, user=TWO_ROLES_USER, app=APP)
    data = plain.get(address).json()
    (login,) = data["logins"]
    assert (data["format"], data["last"]) == (2, 2)
    told = {key: login[key] for key in ("number", "started_at", "user", "app", "outcome", "lands_on", "role")}
    assert told == {
        "number": 1,
        "started_at": "2026-01-15T09:00:00.000Z",
        "user": USER,
        "app": f"acme/{APP}",
        "outcome": "refused",
        "lands_on": "https://signin.aws.amazon.com/saml",
        "role": "",
    }
    assert login["refusal"]["check"] == "role-session-name"
    assert login["refusal"]["from"][0]["kind"] == "fault"
    assert [step["step"] for step in login["steps"]][-2:] == ["Okta tile", "Present the assertion"]
    assert login["assertion"]["attributes"][NAME] == ["hanako sato"]
    assert login["assertion"]["posted_to"] == "https://signin.aws.amazon.com/saml"
    (unfinished,) = data["unfinished"]
    assert (unfinished["user"], unfinished["is_at"]) == (TWO_ROLES_USER, "asks which of 2 roles to take")


def test_they_are_chosen(server: Server, federation: Federation, plain: requests.Session) -> None:
    """By number, person, app and outcome."""
    address = f"{server.url}/fedemu/logins"
    federation.program_next_login(USER, refused_by="locked-out")
    for user in (USER, USER, TWO_ROLES_USER):
        log_in(federation, user=user, app=APP, role="ConnectAgent")
    assert numbers(plain.get(address)) == [1, 2, 3]
    assert numbers(plain.get(address, params={"after": 1})) == [2, 3]
    assert numbers(plain.get(address, params={"user": USER})) == [1, 2]
    assert numbers(plain.get(address, params={"app": APP, "user": USER})) == [2]
    assert numbers(plain.get(address, params={"until": "accepted"})) == [2, 3]
    assert numbers(plain.get(address, params={"wait": "10s"})) == [1]
    assert numbers(plain.get(address, params={"wait": "10", "until": "accepted", "after": "2"})) == [3]
    assert numbers(plain.get(address, params={"wait": "5ms", "after": "3"})) == []


def test_whoever_waits_holds_nobody_up(server: Server, federation: Federation, plain: requests.Session) -> None:
    """When as many wait as may, one more is refused, other requests are answered, and the next login wakes them all."""
    address = f"{server.url}/fedemu/logins"
    found: list[list[int]] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(numbers(requests.get(address, params={"wait": "60s"}, timeout=90)))
        )
        for _ in range(MOST_WAITING)
    ]
    for each in threads:
        each.start()
    while journeys_of(federation).waiting < MOST_WAITING:
        assert plain.get(f"{server.url}/fedemu/clock").status_code == 200
    answer = plain.get(address, params={"wait": "60s"})
    assert (answer.status_code, answer.text) == (503, "fedemu: 32 wait for a login already.\n")
    log_in(federation, user=USER, app=APP)
    for each in threads:
        each.join()
    assert found == [[1]] * MOST_WAITING


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("wait=61s", {"message": "wait is at most 60s", "got": "61s", "fix": "Ask again with the same after."}),
        (
            "wait=soon",
            {
                "message": "wait is a length of time",
                "want": "200ms, 2s, or a number of seconds; at most 10m",
                "got": "'soon'",
            },
        ),
        ("until=end", {"message": "No login is waited for until end", "want": "over or accepted", "got": "end"}),
        ("person=x", {"message": "The logins have no parameter person", "want": "after, user, app, wait, until"}),
        ("after=x", {"message": "after is the number of a login", "got": "x"}),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told(server: Server, plain: requests.Session, query: str, error: Any) -> None:
    """The refusal has these exact words."""
    answer = plain.get(f"{server.url}/fedemu/logins?{query}")
    assert (answer.status_code, answer.json()) == (400, {"format": 2, "error": error})


def test_no_page_reads_them(server: Server, plain: requests.Session) -> None:
    """They hold assertions, which a page could steal."""
    for headers in ({"Origin": "https://evil.example.com"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = plain.get(f"{server.url}/fedemu/logins", headers=headers)
        assert (answer.status_code, answer.text) == (403, "fedemu: the logins are not for web pages.\n")


@pytest.fixture
def idp_alone(world: World, keys: KeyFolder) -> Iterator[Server]:
    """Serves the identity provider's side alone, whose assertions real services would take."""
    federation = Federation(world, ids=Ids(seed=7), keys=keys, only="idp")
    with serving(federation, Ports(https=None, proxy=None)) as own:
        yield own.server


def test_real_credentials_are_handed_to_nobody(idp_alone: Server, plain: requests.Session) -> None:
    """As no trace of them is kept."""
    answer = plain.get(f"{idp_alone.url}/fedemu/logins")
    words = "the logins hold assertions, which are real credentials where the idp side alone is emulated"
    assert (answer.status_code, answer.text) == (409, f"fedemu: {words}.\n")
