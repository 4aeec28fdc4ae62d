"""Network faults: slow, cut and overloaded, in this process and over real sockets, each as often as it was planted."""

from __future__ import annotations

import socket
import struct
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import boto3
import botocore.endpoint
import pytest
import requests
from botocore.config import Config

from emulator.diagnosis.login_result import result_of
from emulator.federation import Federation
from emulator.flow import Outcome, assume_role, log_in, visit
from emulator.kernel.errors import ConnectionLost, FederationError
from emulator.network.calls.gateway_adapter import GatewayAdapter
from emulator.network.faults.network_fault_data import read_length, read_network_fault
from emulator.network.faults.network_faults import MOST_FAULTS
from emulator.network.listener.server import Server
from emulator.reports.text import result_block, result_lines
from tests.conftest import APP, NOW, PROVIDER_ARN, ROLE_ARN, USER

STS = "sts.amazonaws.com"
SIGN_IN = "signin.aws.amazon.com"
HOME = "https://acme.okta.com/app/UserHome"


def plant(federation: Federation, **data: Any) -> None:
    """Plants one network fault."""
    gateway = federation.gateway
    gateway.network_faults.plant([read_network_fault(data, hosts=gateway.hosts)])


def session_in(federation: Federation) -> requests.Session:
    """Returns a client on requests without sockets."""
    session = requests.Session()
    session.mount("https://", GatewayAdapter(federation.gateway))
    return session


def test_a_503_is_told_with_who_planted_it(federation: Federation) -> None:
    """The login is refused by nobody: the block names the network fault, and no setting."""
    plant(federation, host=SIGN_IN, path="/saml", method="post", status=503, retry_after="1500ms")
    login = log_in(federation, user=USER, app=APP)
    assert login.outcome is Outcome.REFUSED
    assert (login.page.status, login.page.headers["Retry-After"]) == (503, "2")
    title = "503 Service Unavailable"
    assert login.page.text == f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    result = result_of(login, federation)
    assert result_block(result).splitlines() == [
        "The network failed: ServiceUnavailable (503), check network-fault",
        "  said   Service Unavailable",
        "  why    Something before the service answered with 503; the service has not seen the request.",
        "  where  POST signin.aws.amazon.com /saml",
        "  from   network fault, planted by a test: 503 with Retry-After 2 for POST signin.aws.amazon.com /saml",
        "  fix    Nothing of the set-up is wrong: clear the network fault, or let the client try again.",
    ]
    assert "      fedemu: network fault, planted by a test: 503 with Retry-After 2" in list(result_lines(result))
    assert result.diagnosis is not None
    assert result.diagnosis.as_json()["from"] == [
        {
            "kind": "fault",
            "text": "network fault, planted by a test: 503 with Retry-After 2 for POST signin.aws.amazon.com /saml",
        }
    ]
    assert result.diagnosis.settings == ()


def test_a_reset_ends_a_login_without_an_answer(federation: Federation) -> None:
    """In this process, too: the browser has no page, and the service has not seen the request."""
    plant(federation, host=SIGN_IN, reset=True, count=1)
    login = log_in(federation, user=USER, app=APP)
    assert (login.outcome, login.lands_on, login.page.status) == (
        Outcome.REFUSED,
        "https://signin.aws.amazon.com/saml",
        0,
    )
    assert [note.service for note in login.exchanges[-1].notes] == ["fedemu"]
    assert result_block(result_of(login, federation)).splitlines()[:3] == [
        "The network failed: ECONNRESET, check network-fault",
        "  said   Connection reset",
        "  why    The connection was reset; the service has not seen the request.",
    ]
    assert log_in(federation, user=USER, app=APP).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("how", "words"),
    [("reset", "the connection was reset"), ("truncated", "the connection ended in the middle of the answer")],
)
def test_a_browser_says_how_the_connection_ended(federation: Federation, how: str, words: str) -> None:
    """Opened by itself it is an error; as a visit and as a call of STS it is an outcome."""
    plant(federation, host="*", count=3, **{how: True})
    browser = federation.browser()
    with pytest.raises(ConnectionLost) as caught:
        browser.open(HOME)
    assert caught.value.message == f"The browser cannot open {HOME}: {words}"
    assert visit(browser, HOME).outcome is Outcome.REFUSED
    assert assume_role(federation, user=USER, app=APP).outcome is Outcome.REFUSED
    assert assume_role(federation, user=USER, app=APP).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ("reset", requests.ConnectionError, "Connection reset by peer"),
        ("truncated", requests.exceptions.ChunkedEncodingError, "Response ended prematurely"),
    ],
)
def test_requests_without_sockets_raises_what_it_raises_with_them(
    federation: Federation, how: str, error: type[requests.RequestException], words: str
) -> None:
    """A program that is tested in this process meets the same exceptions."""
    plant(federation, host="acme.okta.com", count=1, **{how: True})
    session = session_in(federation)
    with pytest.raises(error, match=words):
        session.get(HOME)
    assert session.get(HOME).status_code == 200


def test_a_late_answer_moves_a_frozen_clock(federation: Federation) -> None:
    """Six minutes between Okta and AWS: the assertion is too old, and the clock shows them."""
    plant(federation, host="acme.okta.com", path="/home/*", delay="6m", count=1)
    login = log_in(federation, user=USER, app=APP)
    assert federation.clock.now() == NOW + timedelta(minutes=6)
    assert login.refusal is not None
    assert login.refusal.code == "ExpiredTokenException"
    session_in(federation).get(HOME)
    assert federation.clock.now() == NOW + timedelta(minutes=6)


def test_a_program_of_the_sdk_tries_again(
    server: Server, federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice 503, then the answer: botocore retries as it does against AWS, and the trace shows three requests."""
    monkeypatch.setattr(botocore.endpoint.time, "sleep", lambda _: None)
    plant(federation, host=STS, status=503, retry_after=0, count=2)
    okta, app = federation.find_app(APP)
    client = boto3.client("sts", endpoint_url=server.url, region_name="us-east-1", config=Config(proxies={}))
    answer = client.assume_role_with_saml(
        RoleArn=ROLE_ARN, PrincipalArn=PROVIDER_ARN, SAMLAssertion=okta.mint(USER, app.name).saml_response
    )
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::123456789012:assumed-role/ConnectAgent/{USER}"
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    assert [each.status for each in federation.gateway.exchanges] == [503, 503, 200]
    (fault,) = federation.gateway.network_faults.all
    assert fault.as_json() == {
        "number": 1, "host": STS, "path": "*", "status": 503, "retry_after": 0, "left": 0, "used": 2,
    }  # fmt: skip


def raw_answer(server: Server, host: str = "acme.okta.com.localhost") -> bytes:
    """Returns every byte that a client is sent until the connection ends.

    Raises:
        ConnectionResetError: it is reset.
    """
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(f"GET /app/UserHome HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_socket_is_reset(server: Server, federation: Federation) -> None:
    """RST and no FIN: the client sees an error and not the end of an empty answer."""
    plant(federation, host="acme.okta.com", reset=True, count=1)
    with pytest.raises(ConnectionResetError):
        raw_answer(server)
    (exchange,) = federation.gateway.exchanges
    assert (exchange.status, exchange.body) == (0, "")


def test_an_answer_ends_in_its_middle(server: Server, federation: Federation) -> None:
    """The length is that of the whole answer, the page is in its alias's words, and half of it is there."""
    plant(federation, host="acme.okta.com", truncated=True, count=1)
    head, _, body = raw_answer(server).partition(b"\r\n\r\n")
    length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    assert int(length.split()[1]) // 2 == len(body) > 0
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_late_answer_holds_no_thread(server: Server, federation: Federation) -> None:
    """With more late answers under way than there are threads, another host answers at once."""
    plant(federation, host="acme.okta.com", delay="10m")
    request = b"GET /app/UserHome HTTP/1.1\r\nHost: acme.okta.com.localhost\r\n\r\n"
    waiting = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(20)]
    try:
        for connection in waiting:
            connection.sendall(request)
        answer = requests.get(f"{server.url}/fedemu/clock", timeout=30)
        assert answer.json() == {"now": "2026-01-15T09:00:00.000Z"}
    finally:
        for connection in waiting:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()


def test_what_acts_once_acts_on_one_of_many_requests(federation: Federation) -> None:
    """Threads that ask at the same time share ten faults."""
    plant(federation, host="acme.okta.com", status=503, count=10)
    statuses: Counter[int] = Counter()
    lock = threading.Lock()
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait()
        for _ in range(5):
            status = federation.browser().look(HOME).status
            with lock:
                statuses[status] += 1

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert statuses == {503: 10, 200: 30}


def test_the_first_that_fits_acts_and_the_next_when_it_is_over(federation: Federation) -> None:
    """In the order in which they were planted."""
    plant(federation, host="*.okta.com", status=429, count=1)
    plant(federation, host="acme.okta.com", path="/app/?serHome", status=502, count=1)
    assert [federation.browser().look(HOME).status for _ in range(3)] == [429, 502, 200]


def test_they_are_bounded(federation: Federation) -> None:
    """One more than there may be changes nothing; those that are over make room."""
    gateway = federation.gateway
    fault = read_network_fault({"host": "acme.okta.com", "status": 503, "count": 1}, hosts=gateway.hosts)
    gateway.network_faults.plant([fault] * MOST_FAULTS)
    with pytest.raises(FederationError) as caught:
        gateway.network_faults.plant([fault])
    assert (caught.value.message, caught.value.received) == ("There are too many network faults", "101")
    federation.browser().look(HOME)
    gateway.network_faults.plant([fault])
    assert len(gateway.network_faults.all) == MOST_FAULTS
    gateway.network_faults.clear()
    assert federation.browser().look(HOME).status == 200


BAD: tuple[tuple[Any, str], ...] = (
    ("x", "A network fault is an object"),
    ({}, "A network fault needs a host"),
    ({"host": ""}, "A network fault needs a host"),
    ({"host": 7, "status": 503}, "A network fault needs a host"),
    ({"host": STS}, "This network fault does nothing"),
    ({"host": STS, "delay": 0}, "This network fault does nothing"),
    ({"host": STS, "statsu": 503}, "A network fault has no statsu; did you mean status?"),
    ({"host": STS, 7: 503}, "A network fault has no 7"),
    ({"host": STS, "status": True}, "status is a number from 400 to 599"),
    ({"host": STS, "status": 200}, "status is a number from 400 to 599"),
    ({"host": STS, "status": 599}, "status is one that HTTP has a name for"),
    ({"host": STS, "status": 503, "reset": True}, "A network fault is one of reset and status, not both"),
    ({"host": STS, "reset": "yes"}, "reset is true or false"),
    ({"host": STS, "reset": True, "retry_after": 1}, "retry_after goes with status"),
    ({"host": STS, "status": 503, "count": 0}, "count is a number from 1 to 1000000"),
    ({"host": STS, "status": 503, "path": 1}, "path is a text"),
    ({"host": STS, "delay": "soon"}, "delay is a length of time"),
    ({"host": STS, "delay": "11m"}, "delay is a length of time"),
    ({"host": STS, "delay": -1}, "delay is a length of time"),
    ({"host": STS, "delay": float("nan")}, "delay is a length of time"),
    ({"host": STS, "delay": 10**400}, "delay is a length of time"),
    ({"host": STS, "delay": "9" * 400 + "d"}, "delay is a length of time"),
    (
        {"host": "sts.example.com", "status": 503},
        "No emulated host is sts.example.com, so that the network fault would do nothing",
    ),
    (
        {"host": "*.example.org", "reset": True},
        "No emulated host is *.example.org, so that the network fault would do nothing",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("data", "words"), BAD)
def test_what_is_no_network_fault_is_told(federation: Federation, data: Mapping[str, Any], words: str) -> None:
    """Exact words, and nothing is planted."""
    with pytest.raises(FederationError) as caught:
        read_network_fault(data, hosts=federation.gateway.hosts)
    assert caught.value.message == words


@pytest.mark.parametrize("host", [STS, "sts.ap-northeast-1.amazonaws.com", "sts.*.amazonaws.com", "*", "ACME.okta.com"])
def test_hosts_and_patterns(federation: Federation, host: str) -> None:
    """Emulated hosts in any case, regional ones, and patterns that one of them fits."""
    fault = read_network_fault({"host": host, "delay": 1}, hosts=federation.gateway.hosts)
    assert fault.host == host.lower()


@pytest.mark.parametrize(
    ("value", "length"), [("200ms", 0.2), ("2s", 2), (1.5, 1.5), (600, 600), (timedelta(seconds=3), 3), ("10m", 600)]
)
def test_lengths_of_time(value: Any, length: float) -> None:
    """Texts, numbers of seconds, and Python's own."""
    assert read_length(value, of="delay") == timedelta(seconds=length)
