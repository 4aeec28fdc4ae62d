"""The sockets: the proxy's manners, TLS, and clients that are slow, silent or confused."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from time import sleep

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import EnvironmentProblem
from emulator.network.data_folder.certs import CertificateAuthority
from emulator.network.faults.network_fault_data import read_network_fault
from emulator.network.listener.connection import Timeouts
from emulator.network.listener.server import Server

HOST = "signin.aws.amazon.com"
BRIEF = Timeouts(0.2, 0.2, 0.2, body_seconds=1)
REQUEST = b"GET /static/saml-metadata.xml HTTP/1.1\r\nHost: signin.aws.amazon.com\r\n\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    """Returns an authority of the tests' own."""
    return CertificateAuthority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def server(federation: Federation, authority: CertificateAuthority) -> Iterator[Server]:
    """Serves all three ports; nothing is allowed beyond the emulated hosts but one name of this machine."""
    with Server(federation.gateway, https=0, proxy=0, authority=authority, allowed_hosts=["localhost"]) as running:
        yield running


def connect(port: int | None) -> socket.socket:
    """Opens a connection to this machine."""
    assert port is not None
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def ask_proxy(server: Server, request: bytes) -> bytes:
    """Returns all that the proxy answers."""
    with connect(server.proxy_port) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def trust(authority: CertificateAuthority) -> ssl.SSLContext:
    """Returns a client's settings that trust the authority and nothing else."""
    return ssl.create_default_context(cafile=str(authority.path))


def fetch(connection: ssl.SSLSocket) -> bytes:
    """Makes one request in TLS and returns the beginning of the answer."""
    connection.sendall(REQUEST)
    return connection.recv(65536)


def test_a_tunnel_leads_to_the_emulated_host_with_a_certificate_of_its_name(
    server: Server, authority: CertificateAuthority
) -> None:
    """CONNECT, a verified handshake, and several requests in the same connection."""
    with connect(server.proxy_port) as plain:
        plain.sendall(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n".encode())
        assert plain.recv(4096) == b"HTTP/1.1 200 Connection established\r\n\r\n"
        with trust(authority).wrap_socket(plain, server_hostname=HOST) as tunnel:
            assert fetch(tunnel).startswith(b"HTTP/1.1 200 OK")
            assert fetch(tunnel).startswith(b"HTTP/1.1 200 OK")
            certificate = tunnel.getpeercert() or {}
    assert certificate["subjectAltName"] == (("DNS", HOST),)


@pytest.mark.parametrize(
    "host",
    [
        "acme.okta.com",
        "eu-central-1.signin.aws.amazon.com",
        "sts.ap-southeast-2.amazonaws.com",
        "acme.my.connect.aws",
        "connect.example.com",
    ],
)
def test_https_serves_each_host_by_the_name_asked_for(
    server: Server, authority: CertificateAuthority, host: str
) -> None:
    """Every region, the org, the instance and the custom page have their certificates."""
    with connect(server.https_port) as plain, trust(authority).wrap_socket(plain, server_hostname=host) as tls:
        assert (tls.getpeercert() or {})["subjectAltName"] == (("DNS", host),)


def test_a_name_that_is_not_emulated_gets_no_certificate(server: Server, authority: CertificateAuthority) -> None:
    """The handshake ends there: with the alert for unknown names, or without a word."""
    with connect(server.https_port) as plain, pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name|EOF occurred"):
        trust(authority).wrap_socket(plain, server_hostname="www.example.edu")


@pytest.mark.parametrize(
    ("request_line", "status", "said"),
    [
        (
            b"CONNECT www.bank.test:443 HTTP/1.1",
            b"403 Forbidden",
            b"fedemu proxy: www.bank.test is not an emulated host",
        ),
        (b"CONNECT signin.aws.amazon.com:22 HTTP/1.1", b"403 Forbidden", b"on port 443 only, not on 22"),
        (b"CONNECT 127.0.0.1:22 HTTP/1.1", b"403 Forbidden", b"127.0.0.1 is not an emulated host"),
        (b"CONNECT signin.aws.amazon.com HTTP/1.1", b"400 Bad Request", b"CONNECT needs host:port."),
        (b"CONNECT :443 HTTP/1.1", b"400 Bad Request", b"CONNECT needs host:port."),
        (b"CONNECT a:99999 HTTP/1.1", b"400 Bad Request", b"CONNECT needs host:port."),
        (b"CONNECT " + b"a" * 5000 + b":443 HTTP/1.1", b"403 Forbidden", b"is not an emulated host"),
        (b"CONNECT \xff\xfe:443 HTTP/1.1", b"403 Forbidden", b"is not an emulated host"),
        (b"GET http://www.bank.test/ HTTP/1.1", b"403 Forbidden", b"www.bank.test is not an emulated host"),
        (
            b"GET http://acme.okta.com/a?b=c HTTP/1.1",
            b"301 Moved Permanently",
            b"Location: https://acme.okta.com/a?b=c",
        ),
        (b"GET / HTTP/1.1", b"400 Bad Request", b"this is a proxy"),
        (b"nonsense", b"400 Bad Request", b"this is a proxy"),
        (b"GET http://[ HTTP/1.1", b"400 Bad Request", b"this is a proxy"),
    ],
)
def test_the_proxy_explains_what_it_does_not_do(
    server: Server, request_line: bytes, status: bytes, said: bytes
) -> None:
    """It is not an open relay: hosts that are not emulated, other ports and malformed requests are refused in words."""
    answer = ask_proxy(server, request_line + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert said in answer


def test_an_allowed_host_is_passed_through(server: Server) -> None:
    """What was allowed by name is connected as it is."""
    with socket.create_server(("127.0.0.1", 0)) as far:
        port = far.getsockname()[1]

        def echo() -> None:
            connection, _ = far.accept()
            with connection:
                connection.sendall(connection.recv(100).upper())

        thread = threading.Thread(target=echo)
        thread.start()
        with connect(server.proxy_port) as near:
            near.sendall(f"CONNECT localhost:{port} HTTP/1.1\r\n\r\n".encode())
            assert near.recv(4096).startswith(b"HTTP/1.1 200")
            near.sendall(b"hello")
            assert near.recv(100) == b"HELLO"
        thread.join(timeout=30)
        assert not thread.is_alive()


def test_plain_http_on_the_tls_port_is_told(server: Server) -> None:
    """The answer says which protocol the port speaks."""
    with connect(server.https_port) as connection:
        connection.sendall(REQUEST)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400 Bad Request")
    assert b"this port speaks HTTPS" in answer


def test_a_target_that_is_no_url_is_answered(server: Server) -> None:
    """As clients of proxies write targets, but malformed: an answer, and the next client is served."""
    for _ in range(2):
        with connect(server.port) as connection:
            connection.sendall(b"GET http://[ HTTP/1.1\r\nHost: acme.okta.com\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 ")
        assert int(answer.split(b" ", 2)[1]) < 500


def test_a_head_without_end_is_cut_off(server: Server) -> None:
    """A request head of more than 64 KiB is refused on both ports."""
    assert ask_proxy(server, b"CONNECT " + b"a" * 70_000).startswith(b"HTTP/1.1 431")
    with connect(server.port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000)
        assert connection.recv(64).startswith(b"HTTP/1.1 431 Request Header Fields Too Large")


def test_two_hundred_silent_clients_keep_nobody_waiting(server: Server, authority: CertificateAuthority) -> None:
    """Idle connections, half a request and half a handshake on every port; the next client is served all the same."""
    with contextlib.ExitStack() as stack:
        for number in range(200):
            port = (server.port, server.https_port, server.proxy_port)[number % 3]
            connection = stack.enter_context(connect(port))
            if number % 2:
                connection.sendall((b"GET / HT", b"\x16\x03\x01\x02\x00\x01", b"CONNECT acme")[number % 3])
        with connect(server.https_port) as plain, trust(authority).wrap_socket(plain, server_hostname=HOST) as tls:
            assert fetch(tls).startswith(b"HTTP/1.1 200 OK")
        with connect(server.port) as plain:
            plain.sendall(REQUEST)
            assert plain.recv(64).startswith(b"HTTP/1.1 200 OK")


def test_a_body_may_come_in_chunks_and_after_100_continue(server: Server) -> None:
    """Chunked bodies and clients that wait for 100 are understood."""
    head = b"POST /saml HTTP/1.1\r\nHost: signin.aws.amazon.com\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with connect(server.port) as connection:
        connection.sendall(head + b"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(64).startswith(b"HTTP/1.1 100")
        connection.sendall(b"e\r\nSAMLResponse=*\r\n0\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 BAD REQUEST")


def test_a_port_that_is_taken_is_told(server: Server, federation: Federation) -> None:
    """The problem names the port and the way out."""
    with pytest.raises(EnvironmentProblem) as caught:
        Server(federation.gateway, http=server.port)
    assert caught.value.message == f"Port {server.port} on 127.0.0.1 cannot be used"


@pytest.mark.parametrize(
    ("which", "sent"),
    [
        ("http", b""),
        ("http", b"GET / HTTP/1.1\r\nHost: x"),
        ("http", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"),
        ("https", b""),
        ("https", b"\x16\x03\x01\x02\x00\x01"),
        ("proxy", b""),
        ("proxy", b"CONNECT acme.okta.com:443 HTTP/1.1\r\n"),
        ("proxy", b"CONNECT acme.okta.com:443 HTTP/1.1\r\n\r\n"),
    ],
)
def test_whoever_says_nothing_more_is_dropped(
    federation: Federation, authority: CertificateAuthority, which: str, sent: bytes
) -> None:
    """Silence at any stage ends the connection after the time allowed for it, here a fifth of a second.

    Half a request is answered with 408 before.
    """
    with Server(federation.gateway, https=0, proxy=0, authority=authority, timeouts=BRIEF) as server:
        port = {"http": server.port, "https": server.https_port, "proxy": server.proxy_port}[which]
        with connect(port) as connection:
            connection.sendall(sent)
            received = b"".join(iter(lambda: connection.recv(4096), b""))
    is_half_a_request = sent.startswith((b"GET", b"POST", b"CONNECT")) and not sent.endswith(b"\r\n\r\n")
    if is_half_a_request:
        assert received.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        assert b"did not come within 0.2 seconds." in received
    else:
        assert received in {b"", b"HTTP/1.1 200 Connection established\r\n\r\n"}


def test_an_end_in_tls_is_a_clean_one(server: Server, authority: CertificateAuthority) -> None:
    """The client reads a close_notify, and not an end that an attacker may have made."""
    with (
        connect(server.https_port) as plain,
        trust(authority).wrap_socket(plain, server_hostname=HOST, suppress_ragged_eofs=False) as tls,
    ):
        tls.sendall(REQUEST.removesuffix(b"\r\n") + b"Connection: close\r\n\r\n")
        assert b"".join(iter(lambda: tls.recv(65536), b"")).startswith(b"HTTP/1.1 200 OK")


def test_a_server_that_stops_leaves_no_connection_and_no_thread(
    federation: Federation, authority: CertificateAuthority
) -> None:
    """Whatever a client is doing: nothing, half a request, half a handshake, waiting for a late answer, a tunnel."""
    gateway = federation.gateway
    late = read_network_fault({"host": HOST, "delay": "10m", "count": 1}, hosts=gateway.hosts)
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as far, contextlib.ExitStack() as stack:
        with Server(gateway, https=0, proxy=0, authority=authority, allowed_hosts=["localhost"]) as server:
            connections = [
                stack.enter_context(connect(port)) for port in (server.port, server.https_port, server.proxy_port) * 2
            ]
            for connection, sent in zip(
                connections, (b"", b"", b"", b"GET / HT", b"\x16\x03\x01\x02", b"CONNECT a"), strict=True
            ):
                connection.sendall(sent)
            tunnel = stack.enter_context(connect(server.proxy_port))
            tunnel.sendall(f"CONNECT localhost:{far.getsockname()[1]} HTTP/1.1\r\n\r\n".encode())
            assert tunnel.recv(4096).startswith(b"HTTP/1.1 200")
            other_end, _ = far.accept()
            stack.enter_context(other_end)
            gateway.network_faults.plant([late])
            waiting = stack.enter_context(connect(server.port))
            waiting.sendall(REQUEST)
            while not gateway.exchanges:
                sleep(0.005)
        for connection in (*connections, tunnel, waiting, other_end):
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(1) == b""
    assert set(threading.enumerate()) - before == set()


def test_a_client_may_wake_the_server_while_it_is_stopped(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sees that it has to stop, and is gone before the byte is sent that would wake it. Stopping twice is fine."""
    others = set(threading.enumerate())
    server = Server(federation.gateway)
    server.start()
    (serving,) = (each for each in threading.enumerate() if each not in others and each.name == "fedemu-server")
    stop, stopping = threading.Event.set, threading.get_ident()

    def stop_and_connect(event: threading.Event) -> None:
        stop(event)
        if threading.get_ident() == stopping and serving.is_alive():
            with connect(server.port):
                serving.join()

    with monkeypatch.context() as patched:
        patched.setattr(threading.Event, "set", stop_and_connect)
        server.stop()
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        connect(server.port)


def test_a_connection_for_which_no_thread_can_be_started_is_closed_and_logged(
    server: Server, federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is the system's; the next connection is served when there is room again."""
    with monkeypatch.context() as patched:

        def start(_: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        patched.setattr(threading.Thread, "start", start)
        with connect(server.port) as connection:
            assert connection.recv(1) == b""
    assert federation.limits.sentences == {
        "threads": "a connection could not be taken: the system starts no further thread; close some connections"
    }
    with connect(server.port) as connection:
        connection.sendall(REQUEST)
        assert connection.recv(64).startswith(b"HTTP/1.1 200 OK")
