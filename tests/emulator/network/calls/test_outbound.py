"""Requests that a service makes itself: they reach emulated hosts and this machine, and nothing else."""

from __future__ import annotations

import socket

import pytest

from emulator.federation import Federation
from emulator.kernel.outbound import OutboundRequest, Unreachable
from emulator.network.calls.outbound import Outbound

METADATA = "signin.aws.amazon.com/static/saml-metadata.xml"


@pytest.fixture
def send(federation: Federation) -> Outbound:
    """Returns what carries the requests of a federation."""
    return Outbound(lambda: federation.gateway)


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_an_emulated_host_is_answered_in_this_process(federation: Federation, send: Outbound, scheme: str) -> None:
    """Whatever the scheme, nothing is looked up and nothing leaves; the exchange is recorded once."""
    answer = send(OutboundRequest("GET", f"{scheme}://{METADATA}?x=1", {"Accept": "text/xml"}))
    assert answer.status == 200
    assert b'entityID="urn:amazon:webservices"' in answer.body
    (exchange,) = federation.gateway.exchanges
    assert (exchange.method, exchange.url, exchange.status) == ("GET", f"https://{METADATA}?x=1", 200)
    assert ("Accept", "text/xml") in exchange.request_headers


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://www.example.edu/", "www.example.edu is neither an emulated host nor this machine"),
        ("https://192.0.2.1/", "192.0.2.1 is neither an emulated host nor this machine"),
        ("https://[", "https://[ is not a URL"),
        ("nonsense", " is neither an emulated host nor this machine"),
    ],
)
def test_nothing_else_is_reached(federation: Federation, send: Outbound, url: str, words: str) -> None:
    """The service learns why; nothing is sent and nothing recorded."""
    with pytest.raises(Unreachable) as caught:
        send(OutboundRequest("POST", url, body=b"{}"))
    assert str(caught.value) == f"{words}; nothing is sent there"
    assert federation.gateway.exchanges == ()


def test_a_program_that_does_not_answer_is_recorded(federation: Federation, send: Outbound) -> None:
    """The trace says why the request was made, and its result."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/hook"
    with pytest.raises(Unreachable) as caught:
        send(OutboundRequest("POST", url, body=b"{}", reason="delivers an event"))
    assert str(caught.value) == "127.0.0.1 did not answer: ConnectionError"
    (exchange,) = federation.gateway.exchanges
    assert (exchange.url, exchange.status) == (url, 0)
    assert [note.summary for note in exchange.notes] == ["delivers an event: 127.0.0.1 did not answer: ConnectionError"]
