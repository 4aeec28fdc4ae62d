"""The clock of a running emulator and the events of its AWS accounts, and that pages of other sites get neither."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests

from emulator.federation import Federation
from emulator.flow import log_in, visit
from emulator.network.listener.server import Server
from tests.conftest import ACCOUNT, APP, NOW, USER


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session


def test_time_moves_for_every_service(server: Server, federation: Federation, plain: requests.Session) -> None:
    """Thirteen hours on, a login is over."""
    address = f"{server.url}/fedemu/clock"
    assert plain.get(address).json() == {"now": "2026-01-15T09:00:00.000Z"}
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    assert plain.put(address, data="13h").json() == {"now": "2026-01-15T22:00:00.000Z"}
    assert federation.clock.now() == NOW + timedelta(hours=13)
    login = visit(browser, "https://acme.my.connect.aws/ccp-v2")
    assert login.refusal is not None
    assert login.refusal.message == "Session expired"


@pytest.mark.parametrize("text", ["", "soon", "99999999999d", "-99999d", "9999999999999999999d", "x" * 10_000])
def test_what_is_no_length_of_time_moves_nothing(
    server: Server, federation: Federation, plain: requests.Session, text: str
) -> None:
    """A 400 with the reason; the clock stays."""
    answer = plain.put(f"{server.url}/fedemu/clock", data=text)
    assert answer.status_code == 400
    assert answer.text.startswith("fedemu: ")
    assert federation.clock.now() == NOW


def test_no_page_moves_it(server: Server, federation: Federation, plain: requests.Session) -> None:
    """A page of another site gets neither the time nor its change; other methods are not offered."""
    address = f"{server.url}/fedemu/clock"
    for headers in ({"Origin": "https://evil.example.com"}, {"Sec-Fetch-Site": "cross-site"}):
        assert plain.put(address, data="1h", headers=headers).status_code == 403
        assert plain.get(address, headers=headers).status_code == 403
    assert plain.delete(address).status_code == 405
    assert federation.clock.now() == NOW


def test_the_events_of_all_accounts(server: Server, federation: Federation, plain: requests.Session) -> None:
    """As a log file of CloudTrail has them, the newest first; one account's by its id."""
    address = f"{server.url}/fedemu/cloudtrail"
    assert plain.get(address).json() == {"Records": []}
    log_in(federation, user=USER, app=APP)
    answer = plain.get(address)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    names = [record["eventName"] for record in answer.json()["Records"]]
    assert names == ["GetFederationToken", "ConsoleLogin", "AssumeRoleWithSAML"]
    assert plain.get(address, params={"account": ACCOUNT}).json() == answer.json()
    assert plain.get(address, params={"account": "999999999999"}).json() == {"Records": []}


def test_no_page_reads_the_events(server: Server, plain: requests.Session) -> None:
    """A page of another site gets none; other methods are not offered."""
    address = f"{server.url}/fedemu/cloudtrail"
    for headers in ({"Origin": "https://evil.example.com"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = plain.get(address, headers=headers)
        assert (answer.status_code, answer.text) == (403, "fedemu: the events are not for web pages.\n")
    answer = plain.put(address, data="{}")
    assert (answer.status_code, answer.text) == (405, "fedemu: the events answer GET.\n")


def test_what_the_api_has_not_is_an_error_of_the_api(server: Server, plain: requests.Session) -> None:
    """As JSON, with what there is and what was meant, whatever the method; a page of another site learns nothing."""
    fixes = {"/unknown": None, "/": None, "": None, "/login": "Ask /fedemu/logins.", "/clock/": "Ask /fedemu/clock."}
    for path, fix in fixes.items():
        for method in ("GET", "POST", "DELETE"):
            answer = plain.request(method, f"{server.url}/fedemu{path}")
            assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json; charset=utf-8")
            error = answer.json()["error"]
            assert (error["message"], error.get("fix")) == (f"There is no /fedemu{path} in the control API", fix)
            assert "/fedemu/clock, " in error["want"]
    assert plain.get(f"{server.url}/fedemu/x", headers={"Origin": "https://a.example"}).status_code == 403


def test_the_events_are_read_alone(server: Server, plain: requests.Session) -> None:
    """Another method is refused in words, as at the other addresses."""
    answer = plain.post(f"{server.url}/fedemu/events")
    assert (answer.status_code, answer.text) == (405, "fedemu: the events answer GET.\n")
