"""The state over the control API: given to programs of this machine, and taken from them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.network.listener.server import Server
from emulator.running.state.writing import dump_state
from tests.conftest import APP, USER


@pytest.fixture
def plain() -> Iterator[requests.Session]:
    """Returns a client that looks at no proxy settings."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


def test_the_control_api(server: Server, federation: Federation, plain: requests.Session) -> None:
    """GET gives the state, PUT takes one; a bad one is answered with 400 and the reason."""
    url = f"{server.url}/fedemu/state"
    log_in(federation, user=USER, app=APP)
    state = plain.get(url, timeout=30)
    assert state.headers["Content-Type"] == "application/json; charset=utf-8"
    assert state.text == dump_state(federation)
    emptied = json.loads(state.text)
    emptied["tables"] = {}
    answer = plain.put(url, json=emptied, timeout=30)
    assert (answer.status_code, answer.json()["tables"]["console-sessions"]) == (200, {})
    assert len(federation.aws_services.aws.accounts) == 1
    bad = plain.put(url, data="{", timeout=30)
    assert (bad.status_code, bad.text[:31]) == (400, "fedemu: the request's body is n")
    assert plain.post(url, data="{}", timeout=30).status_code == 405
    assert plain.put(url, data=state.text, timeout=30).text == state.text


def test_the_state_is_not_for_web_pages(server: Server, plain: requests.Session) -> None:
    """A page of another site gets no secrets and changes nothing; the trace keeps no state."""
    url = f"{server.url}/fedemu/state"
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = plain.get(url, headers=headers, timeout=30)
        assert (answer.status_code, answer.text) == (403, "fedemu: the state is not for web pages.\n")
        assert plain.put(url, headers=headers, data="{}", timeout=30).status_code == 403
    evil_host = {"Host": "rebound.example"}
    assert plain.get(url, headers=evil_host, timeout=30).status_code == 404


def test_the_trace_keeps_no_state(server: Server, federation: Federation, plain: requests.Session) -> None:
    """Reading it is not recorded; of putting another one in its place the body is not."""
    state = plain.get(f"{server.url}/fedemu/state", timeout=30).text
    assert not federation.gateway.exchanges
    plain.put(f"{server.url}/fedemu/state", data=state.encode(), timeout=30)
    assert [(each.method, each.body) for each in federation.gateway.exchanges] == [("PUT", "")]


def test_a_large_state_fits(server: Server, federation: Federation, plain: requests.Session) -> None:
    """A state may be larger than any other request."""
    state = json.loads(dump_state(federation))
    big = json.dumps({**state, "accounts": state["accounts"]}) + " " * 2_000_000
    assert plain.put(f"{server.url}/fedemu/state", data=big, timeout=30).status_code == 200
    assert plain.post(f"{server.url}/fedemu/state", data=big, timeout=30).status_code == 413
