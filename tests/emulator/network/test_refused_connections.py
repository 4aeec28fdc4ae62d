"""Clients that send too much, too slowly or too often: each reads why, and the others are served."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from time import sleep

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.federation import Federation
from emulator.network.data_folder.certs import CertificateAuthority
from emulator.network.listener.connection import Timeouts
from emulator.network.listener.server import Server

_HOST = "signin.aws.amazon.com"
_GET = f"GET /static/saml-metadata.xml HTTP/1.1\r\nHost: {_HOST}\r\n".encode()
_POST = f"POST /saml HTTP/1.1\r\nHost: {_HOST}\r\nContent-Type: application/x-www-form-urlencoded\r\n".encode()
_TOO_LARGE = (
    "fedemu: a request to this address may have 1,000,000 bytes, and this one has more. "
    "The limits are listed in docs/running.md.\n"
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    """Returns an authority of the tests' own."""
    return CertificateAuthority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def server(federation: Federation, authority: CertificateAuthority) -> Iterator[Server]:
    """Serves all three ports."""
    timeouts = Timeouts(idle_seconds=5, request_seconds=0.5, body_seconds=5)
    with Server(
        federation.gateway, https=0, proxy=0, authority=authority, allowed_hosts=["localhost"], timeouts=timeouts
    ) as running:
        yield running


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session


def connect(port: int | None) -> socket.socket:
    """Opens a connection to this machine."""
    assert port is not None
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def everything(connection: socket.socket) -> bytes:
    """Returns what comes until the other side ends."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def is_served(server: Server) -> bool:
    """Returns whether another client gets its answer."""
    with connect(server.port) as connection:
        connection.sendall(_GET + b"\r\n")
        return connection.recv(64).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("size", [1_000_001, 20_000_000])
def test_pythons_client_reads_that_its_body_is_too_large(server: Server, size: int) -> None:
    """It sends everything before it looks for an answer: what it sends is passed over until then."""
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    client.request("POST", "/saml", body=b"x" * size, headers={"Host": _HOST})
    answer = client.getresponse()
    assert (answer.status, answer.reason, answer.read().decode()) == (413, "Content Too Large", _TOO_LARGE)
    client.close()


def test_requests_and_chunks_read_it_too(server: Server, plain: requests.Session) -> None:
    """A body whose length is announced by nobody is read up to the limit, and passed over from there."""
    for body in (b"x" * 5_000_000, (b"x" * 100_000 for _ in range(50))):
        answer = plain.post(f"{server.url}/saml", data=body, headers={"Host": _HOST}, timeout=30)
        assert (answer.status_code, answer.text) == (413, _TOO_LARGE)
        assert answer.headers["Connection"] == "close"


def test_it_is_read_in_tls_too(server: Server, authority: CertificateAuthority) -> None:
    """TLS has no half of a connection to close."""
    trust = ssl.create_default_context(cafile=str(authority.path))
    with connect(server.https_port) as bare, trust.wrap_socket(bare, server_hostname=_HOST) as connection:
        connection.sendall(_POST + b"Content-Length: 3000000\r\n\r\n" + b"x" * 3_000_000)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 Content Too Large\r\n")


def test_boto3_reads_it(server: Server) -> None:
    """The message is the one that it shows."""
    client = boto3.client(
        "connect",
        region_name="us-east-1",
        endpoint_url=server.url,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="x",
        config=Config(retries={"total_max_attempts": 1}, proxies={}),
    )
    with pytest.raises(ClientError) as caught:
        client.create_user(
            Username="x" * 3_000_000,
            PhoneConfig={"PhoneType": "SOFT_PHONE"},
            SecurityProfileIds=["a"],
            RoutingProfileId="b",
            InstanceId="c",
        )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_a_client_that_asks_first_is_told_before_it_sends(server: Server) -> None:
    """The answer to Expect: 100-continue is the refusal."""
    with connect(server.port) as connection:
        connection.sendall(_POST + b"Content-Length: 3000000\r\nExpect: 100-continue\r\n\r\n")
        assert everything(connection).startswith(b"HTTP/1.1 413 Content Too Large\r\n")


@pytest.mark.parametrize(
    ("sent", "part"),
    [
        (_GET, b"the head of the request did not come within 0.5 seconds."),
        (_POST + b"Content-Length: 10\r\n\r\nabc", b"the rest of the body did not come within 0.5 seconds."),
        (
            _POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
            b"the rest of the body did not come within 0.5 seconds.",
        ),
    ],
)
def test_a_request_that_stalls_is_answered(server: Server, sent: bytes, part: bytes) -> None:
    """With 408, and the connection ends."""
    with connect(server.port) as connection:
        connection.sendall(sent)
        answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert part in answer


def test_a_head_byte_by_byte_is_not_waited_for(server: Server) -> None:
    """The time is that of the whole head, however often a byte comes."""
    with connect(server.port) as connection:
        connection.settimeout(0.1)
        received = b""
        for number in range(40):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(_GET[number : number + 1])
            with contextlib.suppress(TimeoutError):
                received = connection.recv(4096)
                break
    assert received.startswith(b"HTTP/1.1 408 Request Timeout\r\n")


def test_one_connection_too_many_is_answered_and_logged_once(
    server: Server,
    authority: CertificateAuthority,
    federation: Federation,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With 503 on every port, in TLS too; when others have closed, the next is served."""
    monkeypatch.setattr("emulator.network.listener.server.MAX_CONNECTIONS", 3)
    trust = ssl.create_default_context(cafile=str(authority.path))
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            held = stack.enter_context(connect(server.port))
            held.sendall(_GET + b"\r\n")
            assert held.recv(64).startswith(b"HTTP/1.1 200 OK")
        for port in (server.port, server.proxy_port):
            with connect(port) as connection:
                connection.sendall(_GET + b"\r\n")
                answer = everything(connection)
            assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
            assert b"\r\nRetry-After: 1\r\n" in answer
            assert b"connections are open, which is the most that are served; close some." in answer
        with connect(server.https_port) as bare, trust.wrap_socket(bare, server_hostname=_HOST) as connection:
            connection.sendall(_GET + b"\r\n")
            assert connection.recv(64).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert [record.getMessage() for record in caplog.records] == [
        "fedemu: limit reached: 1,000 connections are open; further ones are answered with 503 until some are closed. "
        "Have the clients close connections, or use fewer"
    ]
    assert list(federation.limits.sentences) == ["connections"]
    for _ in range(50):
        if is_served(server):
            break
        sleep(0.02)
    assert is_served(server)


def test_a_client_that_has_sent_everything_is_answered(server: Server) -> None:
    """It ends its half of the connection after the request, as ``nc -N`` does."""
    with connect(server.port) as connection:
        connection.sendall(_GET + b"\r\n")
        connection.shutdown(socket.SHUT_WR)
        assert everything(connection).startswith(b"HTTP/1.1 200 OK")


def test_an_allowed_host_answers_a_client_that_has_sent_everything(server: Server) -> None:
    """A tunnel ends one direction at a time."""
    with socket.create_server(("127.0.0.1", 0)) as far:
        port = far.getsockname()[1]

        def answer() -> None:
            connection, _ = far.accept()
            with connection:
                connection.sendall(everything(connection).upper())

        thread = threading.Thread(target=answer)
        thread.start()
        with connect(server.proxy_port) as near:
            near.sendall(f"CONNECT localhost:{port} HTTP/1.1\r\n\r\nhello, ".encode())
            assert near.recv(4096).startswith(b"HTTP/1.1 200")
            near.sendall(b"you")
            near.shutdown(socket.SHUT_WR)
            assert everything(near) == b"HELLO, YOU"
        thread.join(timeout=30)
        assert not thread.is_alive()


def test_a_handshake_may_begin_in_the_packet_of_the_connect(server: Server, authority: CertificateAuthority) -> None:
    """A client that does not wait for the proxy sends its ClientHello along."""
    trust = ssl.create_default_context(cafile=str(authority.path))
    coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trust.wrap_bio(coming, going, server_hostname=_HOST)
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    with connect(server.proxy_port) as connection:
        connection.sendall(f"CONNECT {_HOST}:443 HTTP/1.1\r\nHost: {_HOST}:443\r\n\r\n".encode() + going.read())
        established = b"HTTP/1.1 200 Connection established\r\n\r\n"
        received = b""
        while len(received) <= len(established):
            received += connection.recv(65536)
        assert received.startswith(established)
        coming.write(received[len(established) :])
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                coming.write(connection.recv(65536))
        tls.write(_GET + b"\r\n")
        connection.sendall(going.read())
        answer = b""
        while not answer:
            with contextlib.suppress(ssl.SSLWantReadError):
                answer = tls.read(64)
                break
            coming.write(connection.recv(65536))
    assert answer.startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (_POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"400 Bad Request"),
        (_POST + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc", b"400 Bad Request"),
        (_POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", b"400 Bad Request"),
        (_POST + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 200_000, b"431 Request Header Fields Too Large"),
        (_POST + b"Content-Length: -1\r\n\r\n", b"400 Bad Request"),
        (_POST + b"Content-Length: 99999999999999999999999\r\n\r\n", b"400 Bad Request"),
        (_POST + b"Content-Length: 9999999999999\r\n\r\n", b"413 Content Too Large"),
        (_POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", b"400 Bad Request"),
        (b"GET " + b"/a" * 40_000 + b" HTTP/1.1\r\n\r\n", b"431 Request Header Fields Too Large"),
        (_GET + b"A: b\r\n" * 20_000 + b"\r\n", b"431 Request Header Fields Too Large"),
        (_GET + b"Cookie: " + b"a=b; " * 20_000 + b"\r\n\r\n", b"431 Request Header Fields Too Large"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"400 Bad Request"),
        (b"\x00" * 70_000, b"400 Bad Request"),
        (b"GET / HTTP/9.9\r\n\r\n", b"400 Bad Request"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"400 Bad Request"),
    ],
)
def test_what_is_not_http_or_too_long_is_answered(server: Server, sent: bytes, status: bytes) -> None:
    """The client reads the answer though it had not read everything that was sent; the next is served."""
    with connect(server.port) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(sent)
        answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 " + status + b"\r\n")
    assert is_served(server)


def test_a_thousand_requests_at_once_are_answered_in_order(server: Server) -> None:
    """Pipelined on one connection; the last ends it."""
    with connect(server.port) as connection:
        sending = threading.Thread(
            target=connection.sendall, args=((_GET + b"\r\n") * 300 + _GET + b"Connection: close\r\n\r\n",)
        )
        sending.start()
        answers = everything(connection)
        sending.join()
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 301


def test_garbage_in_tls_and_many_tunnels_leave_the_others_alone(server: Server) -> None:
    """Handshakes that are none, tunnels in which nobody says anything."""
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            tunnel = stack.enter_context(connect(server.proxy_port))
            tunnel.sendall(f"CONNECT {_HOST}:443 HTTP/1.1\r\n\r\n".encode())
            garbage = stack.enter_context(connect(server.https_port))
            garbage.sendall(b"\x16\x03\x01\xff\xff" + bytes(range(256)) * 8)
        assert is_served(server)
