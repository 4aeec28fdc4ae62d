"""Network faults by the control API: planted, listed, cleared, and for no page of a browser."""

from __future__ import annotations

import pytest
import requests

from emulator.federation import Federation
from emulator.network.listener.server import Server

FAULT = {"host": "acme.okta.com", "path": "/app/*", "status": 503, "retry_after": 1, "count": 1}


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session


def test_they_are_planted_listed_and_cleared(server: Server, federation: Federation, plain: requests.Session) -> None:
    """One object or a list; PUT replaces, POST adds; each answer is the list as it is then."""
    address = f"{server.url}/fedemu/network-faults"
    one = {"number": 1, **FAULT, "left": 1, "used": 0}
    del one["count"]
    assert plain.put(address, json=FAULT).json() == {"network_faults": [one]}
    slow = {"host": "sts.amazonaws.com", "delay": "200ms"}
    two = {"number": 2, "host": "sts.amazonaws.com", "path": "*", "delay": "200ms", "used": 0}
    assert plain.post(address, json=[slow]).json() == {"network_faults": [one, two]}
    assert plain.get(f"{server.url}/app/UserHome").status_code == 503
    assert plain.get(f"{server.url}/app/UserHome").status_code == 200
    assert plain.get(address).json() == {"network_faults": [{**one, "left": 0, "used": 1}, two]}
    assert plain.put(address, json=[]).json() == {"network_faults": []}
    plain.put(address, json=FAULT)
    assert plain.delete(address).json() == {"network_faults": []}
    summaries = [note.summary for each in federation.gateway.exchanges for note in each.notes]
    assert summaries == [
        "planted a network fault: 503 with Retry-After 1 for acme.okta.com /app/*",
        "planted a network fault: delay of 200ms for sts.amazonaws.com *",
        "network fault, planted by the control API: 503 with Retry-After 1",
        "asks for user name and password",
        "planted a network fault: 503 with Retry-After 1 for acme.okta.com /app/*",
        "cleared the network faults",
    ]


def test_the_emulators_own_pages_are_spared(server: Server, plain: requests.Session) -> None:
    """Whoever cuts every host can take it back."""
    address = f"{server.url}/fedemu/network-faults"
    plain.put(address, json={"host": "*", "reset": True})
    with pytest.raises(requests.ConnectionError):
        plain.get(f"{server.url}/app/UserHome")
    assert plain.get(f"{server.url}/").status_code == 200
    assert plain.delete(address).json() == {"network_faults": []}


def test_the_refusals_say_that_it_was_planted(server: Server, plain: requests.Session) -> None:
    """GET /fedemu/refusals blames the fault."""
    plain.put(f"{server.url}/fedemu/network-faults", json=FAULT)
    plain.get(f"{server.url}/app/UserHome")
    (refusal,) = plain.get(f"{server.url}/fedemu/refusals").json()["refusals"]
    assert refusal["from"] == [
        {
            "kind": "fault",
            "text": "network fault, planted by the control API: 503 with Retry-After 1 for acme.okta.com /app/*",
        }
    ]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("[1,", {"message": "The body is not JSON", "why": "Expecting value: line 1 column 4 (char 3)"}),
        ("", {"message": "The body is not JSON", "why": "Expecting value: line 1 column 1 (char 0)"}),
        ('"x"', {"message": "A network fault is an object", "want": '{"host": "sts.amazonaws.com", "status": 503}'}),
        (
            '[{"host": "acme.okta.com", "status": 503}, {"host": "acme.okta.com", "stauts": 503}]',
            {
                "message": "A network fault has no stauts; did you mean status?",
                "want": "host, path, method, count, delay, reset, truncated, status, retry_after",
            },
        ),
    ],
)  # fmt: skip
def test_bad_input_changes_nothing(server: Server, plain: requests.Session, body: str, error: dict[str, str]) -> None:
    """A 400 with the reason as JSON; those that were planted stay, and none of a list with a mistake is added."""
    address = f"{server.url}/fedemu/network-faults"
    plain.put(address, json=FAULT)
    answer = plain.put(address, data=body)
    assert (answer.status_code, answer.json()) == (400, {"format": 2, "error": error})
    assert [each["path"] for each in plain.get(address).json()["network_faults"]] == ["/app/*"]


def test_no_page_plants_one(server: Server, federation: Federation, plain: requests.Session) -> None:
    """A page of another site neither reads nor changes them; other methods are not offered; bodies are bounded."""
    address = f"{server.url}/fedemu/network-faults"
    for headers in ({"Origin": "https://evil.example.com"}, {"Sec-Fetch-Site": "cross-site"}):
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = plain.request(method, address, json=FAULT, headers=headers)
            assert (answer.status_code, answer.text) == (403, "fedemu: the network faults are not for web pages.\n")
    answer = plain.patch(address, json=FAULT)
    words = "fedemu: the network faults answer GET, POST, PUT and DELETE.\n"
    assert (answer.status_code, answer.text) == (405, words)
    assert plain.put(address, data=b"x" * 1_000_001).status_code == 413
    assert federation.gateway.network_faults.all == ()
