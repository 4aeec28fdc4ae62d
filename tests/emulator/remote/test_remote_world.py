"""An emulator that runs, asked who can log in to it; and nothing that is not on this machine."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator

import pytest
import requests

from emulator.federation import Federation
from emulator.flow import assume_role, log_in
from emulator.kernel.errors import EnvironmentProblem, FederationError, FlowError
from emulator.network.listener.server import Server
from emulator.remote.loopback import LoopbackAddress, loopback_address
from emulator.remote.remote_federation import RemoteFederation
from emulator.remote.remote_world import RemoteWorld
from emulator.running.start import Ports, serving
from tests.conftest import ACCOUNT, APP, TWO_ROLES_USER, USER


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://127.0.0.1:7080", LoopbackAddress("127.0.0.1", 7080)),
        ("http://127.9.9.9:1/", LoopbackAddress("127.9.9.9", 1)),
        ("127.0.0.1:7080", LoopbackAddress("127.0.0.1", 7080)),
        ("http://localhost", LoopbackAddress("127.0.0.1", 80)),
        ("http://LOCALHOST.:7080", LoopbackAddress("127.0.0.1", 7080)),
        ("http://acme.okta.com.localhost:7080/app/UserHome", LoopbackAddress("127.0.0.1", 7080)),
        ("http://[::1]:7080", LoopbackAddress("::1", 7080)),
    ],
)
def test_addresses_of_this_machine(text: str, address: LoopbackAddress) -> None:
    """Literal addresses and the names that mean them; nothing is looked up."""
    assert loopback_address(text) == address
    assert loopback_address(address.url) == address


@pytest.mark.parametrize(
    "text",
    [
        "http://10.0.0.1:7080",
        "http://0.0.0.0:7080",
        "http://signin.aws.amazon.com",
        "https://127.0.0.1:7081",
        "http://127.0.0.1@evil.example",
        "http://evil@127.0.0.1",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://2130706433",
        "http://127.0.0.1:99999",
        "http://[::1",
        "ftp://127.0.0.1",
        "",
    ],
)
def test_addresses_of_other_machines_are_refused(text: str) -> None:
    """Neither a name that looks like this machine nor an address that somebody else may answer."""
    with pytest.raises(FederationError) as caught:
        loopback_address(text)
    assert caught.value.message == f"{text} is not an emulator of this machine"
    assert caught.value.explanation == "Nothing is ever sent to another machine."
    assert caught.value.expected == "the address that fedemu up prints, such as http://127.0.0.1:7080"


def test_everybody_who_can_log_in(server: Server) -> None:
    """Apps with their people, the ways in, and the roles that each gets."""
    world = RemoteWorld.at(server.url)
    (app,) = world.apps
    assert (app.path, world.file.endswith("connect.yaml")) == (f"acme/{APP}", True)
    assert list(app.roles) == [USER, TWO_ROLES_USER]
    agent, supervisor = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("ConnectAgent", "ConnectSupervisor"))
    provider = f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"
    assert app.roles[TWO_ROLES_USER] == [f"{provider},{agent}", f"{provider},{supervisor}"]
    assert app.tiles[USER].dashboard == "https://acme.okta.com/app/UserHome"
    assert app.tiles[USER].identity_provider_arn == provider
    assert "password" not in repr(app.tiles[USER])


def test_an_app_that_is_not_there(server: Server) -> None:
    """The message has those that are."""
    with RemoteFederation.at(server.url) as emulator, pytest.raises(FederationError) as caught:
        log_in(emulator, user=USER, app="nothing")
    assert caught.value.message == "There is no Okta app nothing"
    assert caught.value.expected == f"acme/{APP}"


def test_a_login_of_somebody_unknown_and_one_that_gets_credentials(server: Server) -> None:
    """Okta refuses the password of nobody; STS answers the assertion of somebody, with the person's first role."""
    with RemoteFederation.at(server.url) as emulator:
        login = log_in(emulator, user="nobody@example.com", app=APP)
        assert login.refusal is not None
        assert (login.refusal.service, login.refusal.check) == ("Okta", "okta-sign-in")
        assert login.role == ""
        login = assume_role(emulator, user=TWO_ROLES_USER, app=f"acme/{APP}")
        assert login.role == f"arn:aws:iam::{ACCOUNT}:role/ConnectAgent"
        assert len(login.remarks) == 1


def test_secrets_stay_out_of_the_exchanges(server: Server) -> None:
    """What a client over sockets keeps is redacted as a federation's own record is."""
    with RemoteFederation.at(server.url) as emulator:
        login = log_in(emulator, user=USER, app=APP)
    told = "".join(str(each.as_json()) for each in login.exchanges) + "".join(each.body for each in login.exchanges)
    assert "correct-horse" not in told
    assert "AccessToken&" not in told
    assert all(dict(each.request_headers).get("Cookie", "(redacted)") == "(redacted)" for each in login.exchanges)


def test_people_are_not_for_web_pages(federation: Federation, server: Server) -> None:
    """A page of another site gets nobody, and the passwords are in no trace."""
    session = requests.Session()
    session.trust_env = False
    url = f"{server.url}/fedemu/people"
    answer = session.get(url, headers={"Sec-Fetch-Site": "cross-site"}, timeout=30)
    assert (answer.status_code, answer.text) == (403, "fedemu: the people are not for web pages.\n")
    assert session.post(url, timeout=30).text == "fedemu: the people answer GET.\n"
    assert "correct-horse" in session.get(url, timeout=30).text
    assert all("correct-horse" not in exchange.body for exchange in federation.gateway.exchanges)


def test_nothing_answers() -> None:
    """Neither the list of people nor a request waits for an emulator that is not there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(EnvironmentProblem) as caught:
            RemoteWorld.at(url)
    assert caught.value.message == f"No emulator answers at {url}"
    assert caught.value.fix == "Start one with fedemu up."


def test_an_emulator_that_stops_ends_the_login(federation: Federation) -> None:
    """The login says which emulator does not answer any more."""
    with serving(federation, Ports(https=None, proxy=None)) as own:
        emulator = RemoteFederation.at(own.running.http)
        log_in(emulator, user=USER, app=APP)
    with emulator, pytest.raises(FlowError) as caught:
        log_in(emulator, user=USER, app=APP)
    assert caught.value.message.startswith(f"The emulator at {emulator.world.address.url} does not answer: ")


@pytest.fixture
def other_program() -> Iterator[str]:
    """Serves something that is not an emulator, and yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(10_000)
                body = json.dumps({"format": 9}).encode()
                connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(timeout=30)


def test_another_program_answers(other_program: str) -> None:
    """Whatever it is, it is said that it is not an emulator that this version understands."""
    with pytest.raises(EnvironmentProblem) as caught:
        RemoteWorld.at(other_program)
    assert caught.value.message == f"What answers at {other_program} is not an emulator of this version"
    assert caught.value.explanation == "GET /fedemu/people was answered with status 404."
