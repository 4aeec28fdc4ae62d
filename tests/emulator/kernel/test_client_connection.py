"""How a request came: what the WSGI environment says of the client, and what a person's setting adds."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.kernel.client_connection import ClientConnection, KnownAddresses

KNOWN = KnownAddresses({"hanako@example.com": "203.0.113.9"})


@pytest.mark.parametrize(
    ("environ", "is_secure"),
    [
        ({"fedemu.host": "sts.amazonaws.com", "fedemu.scheme": "https"}, True),
        ({"fedemu.host": "sts.amazonaws.com:443", "fedemu.scheme": "https"}, True),
        ({"fedemu.host": "sts.amazonaws.com", "fedemu.scheme": "http"}, False),
        ({"fedemu.host": "sts.amazonaws.com.localhost:7080", "fedemu.scheme": "http"}, True),
        ({"fedemu.host": "127.0.0.1:7080", "fedemu.scheme": "http"}, True),
        ({}, True),
    ],
)
def test_what_counts_as_https(environ: dict[str, Any], is_secure: bool) -> None:
    """HTTPS itself, and aliases and the bare address, which stand for it; not plain HTTP to a real name."""
    connection = ClientConnection.of_request({"HTTP_HOST": "sts.amazonaws.com", **environ}, KNOWN)
    assert connection.is_secure is is_secure


def test_whose_address_it_is() -> None:
    """The one that was chosen for the request, else the person's, else this machine's."""
    chosen = ClientConnection.of_request({"fedemu.source-ip": "198.51.100.7", "HTTP_USER_AGENT": "curl/8"}, KNOWN)
    assert (chosen.source_ip, chosen.user_agent) == ("198.51.100.7", "curl/8")
    assert chosen.address_of(["hanako@example.com"]) == "198.51.100.7"
    nobodys = ClientConnection.of_request({"REMOTE_ADDR": "127.0.0.1"}, KNOWN)
    assert (nobodys.source_ip, nobodys.user_agent) == ("", "")
    assert nobodys.address_of(["", "hanako@example.com"]) == "203.0.113.9"
    assert nobodys.address_of(["taro@example.com"]) == "127.0.0.1"
