"""Requests to the control API that no program of good will makes: each gets an answer, and changes nothing."""

from __future__ import annotations

import pytest
import requests

from emulator.federation import Federation
from emulator.network.listener.server import Server
from emulator.running.control.apis import APIS

_OTHER_PAGES = [
    {"Origin": "https://evil.example.com"},
    {"Origin": "null"},
    {"Origin": "http://["},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]
_BODIES = [
    b"",
    b"null",
    b"1",
    b"[" * 100_000,
    b"\xed\xa0\x80",
    b'{"user": "\\ud800", "app": "\\ud800"}',
    b'{"host": "\\ud800*.okta.com", "reset": true}',
    b'{"user": "hanako@example.com", "app": "amazon-connect", "relay_state": "\\ud800"}',
    b'{"user": "hanako@example.com", "app": "amazon-connect", "world": "\\u0000"}',
    b'{"user": "hanako@example.com", "app": "amazon-connect", "source_ip": "\\u0000"}',
]


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session


@pytest.mark.parametrize("path", sorted(APIS))
@pytest.mark.parametrize("headers", _OTHER_PAGES)
def test_no_page_is_answered_whatever_it_asks(
    server: Server, federation: Federation, plain: requests.Session, path: str, headers: dict[str, str]
) -> None:
    """By any method, and with a body that a browser sends without asking first."""
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        given = {**headers, "Content-Type": "text/plain"}
        answer = plain.request(method, f"{server.url}{path}", headers=given, data=b"{}")
        assert answer.status_code == 403, method
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    assert federation.gateway.exchanges == ()


@pytest.mark.parametrize("path", ["logins", "assertions", "scenarios", "network-faults", "next-logins"])
@pytest.mark.parametrize("body", _BODIES)
def test_what_cannot_be_used_is_refused_in_words(
    server: Server, federation: Federation, plain: requests.Session, path: str, body: bytes
) -> None:
    """Also half of a character, which JSON can have and no answer, and a file name that no file can have."""
    headers = {"Content-Type": "application/json"}
    answer = plain.post(f"{server.url}/fedemu/{path}", data=body, headers=headers)
    assert answer.status_code in {400, 409}
    assert answer.json()["error"]["message"]
    assert (federation.next_logins.all, federation.gateway.network_faults.all) == ((), ())
