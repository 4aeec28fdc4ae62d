"""Logins that are programmed by the control API: listed, used, forgotten, and by no page of a browser."""

from __future__ import annotations

import pytest
import requests

from emulator.federation import Federation
from emulator.flow import Outcome, log_in
from emulator.network.listener.server import Server
from tests.conftest import APP, TWO_ROLES_USER, USER

ONE = {"user": USER, "attributes": {"RoleSessionName": ["hanako sato"]}}


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session


def test_they_are_programmed_used_and_forgotten(
    server: Server, federation: Federation, plain: requests.Session
) -> None:
    """One object or a list; the answer has their numbers; what is used up is listed with its fate."""
    address = f"{server.url}/fedemu/next-logins"
    one = {
        "number": 1,
        "user": USER,
        "faults": ["{attribute: RoleSessionName, set: hanako sato}"],
        "by": "the control API",
        "left": 1,
        "used": 0,
    }
    two = {"number": 2, "user": TWO_ROLES_USER, "refused_by": "mfa", "by": "the control API", "left": 5, "used": 0}
    assert plain.post(address, json=ONE).json() == {"next_logins": [one]}
    given = [{"user": TWO_ROLES_USER, "refused_by": "mfa", "count": 5}]
    assert plain.post(address, json=given).json() == {"next_logins": [two]}
    assert log_in(federation, user=USER, app=APP).outcome is Outcome.REFUSED
    assert plain.get(address).json() == {"next_logins": [{**one, "left": 0, "used": 1}, two]}
    (refusal,) = plain.get(f"{server.url}/fedemu/refusals").json()["refusals"]
    text = "planted fault {attribute: RoleSessionName, set: hanako sato}, programmed by the control API"
    assert refusal["from"] == [{"kind": "fault", "text": text}]
    assert plain.delete(address).json() == {"next_logins": []}
    summaries = [
        note.summary for each in federation.gateway.exchanges for note in each.notes if note.service == "fedemu"
    ]
    assert summaries == [
        f"programmed the next login of {USER}: fault {{attribute: RoleSessionName, set: hanako sato}}",
        f"programmed the next login of {TWO_ROLES_USER}: the second factor is refused",
        "programmed by the control API (next login 1): fault {attribute: RoleSessionName, set: hanako sato}",
        "forgot the next logins",
    ]


def test_bad_input_changes_nothing(server: Server, federation: Federation, plain: requests.Session) -> None:
    """A 400 with the reason as JSON; of a list with a mistake none is programmed."""
    address = f"{server.url}/fedemu/next-logins"
    answer = plain.post(address, json=[ONE, {"user": "hanaka@example.com", "refused_by": "mfa"}])
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "format": 2,
            "error": {
                "message": "No org has a person hanaka@example.com; did you mean hanako@example.com?",
                "want": "hanako@example.com or taro@example.com or mika@example.com",
                "got": "hanaka@example.com",
            },
        },
    )
    assert federation.next_logins.all == ()


def test_no_page_programs_one(server: Server, federation: Federation, plain: requests.Session) -> None:
    """A page of another site neither reads nor changes them; other methods are not offered; bodies are bounded."""
    address = f"{server.url}/fedemu/next-logins"
    for headers in ({"Origin": "https://evil.example.com"}, {"Sec-Fetch-Site": "cross-site"}):
        for method in ("GET", "POST", "DELETE"):
            answer = plain.request(method, address, json=ONE, headers=headers)
            assert (answer.status_code, answer.text) == (403, "fedemu: the next logins are not for web pages.\n")
    answer = plain.put(address, json=ONE)
    assert (answer.status_code, answer.text) == (405, "fedemu: the next logins answer GET, POST and DELETE.\n")
    assert plain.post(address, data=b"x" * 1_000_001).status_code == 413
    assert federation.next_logins.all == ()
