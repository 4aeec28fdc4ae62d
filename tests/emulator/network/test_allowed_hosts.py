"""``--allow``: a host on every port, or on one."""

from __future__ import annotations

import pytest

from emulator.cli import main
from emulator.kernel.errors import FederationError
from emulator.network.allowed_hosts import AllowedHosts
from emulator.network.hosts import Hosts
from emulator.network.listener.proxy import Proxy, Tunnel
from emulator.network.wsgi import Answer


@pytest.mark.parametrize(
    ("allowed", "host", "ports"),
    [
        (["files.example.com"], "files.example.com", (1, 443, 65535)),
        (["Files.Example.com."], "files.example.com", (443,)),
        (["files.example.com:8443"], "files.example.com", (8443,)),
        (["files.example.com:8443", "files.example.com:443"], "files.example.com", (443, 8443)),
        (["files.example.com:8443", "files.example.com"], "files.example.com", (80, 8443)),
        (["localhost:5000"], "localhost", (5000,)),
        (["10.0.0.7:5000"], "10.0.0.7", (5000,)),
        (["[::1]:5000"], "[::1]", (5000,)),
        (["my_host"], "my_host", (443,)),
    ],
)
def test_a_host_is_allowed_on_the_ports_that_were_named(allowed: list[str], host: str, ports: tuple[int, ...]) -> None:
    """Without a port on all of them; capitals and a dot at the end make no difference."""
    hosts = AllowedHosts(allowed)
    assert all(hosts.allows(host, port) for port in ports)
    assert hosts.allows(host, 9999) is (hosts.ports_of(host) == ())
    assert hosts.has(host)
    assert not hosts.allows("www.example.com", 443)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":443",
        "https://files.example.com",
        "files.example.com/path",
        "a b",
        "*.example.com",
        "a:0",
        "a:65536",
        "a:" + "9" * 5000,
        "a:b",
        "a:443:443",
        "::1",
        "x" * 254,
        "ü.example.com",
        "a..b",
        "a\nb",
    ],
)
def test_what_is_not_a_host_cannot_be_allowed(text: str) -> None:
    """The message has the text, and what to write."""
    with pytest.raises(FederationError) as caught:
        AllowedHosts([text])
    assert caught.value.message == f"{text!r:.200} cannot be allowed: it is not a host, nor a host and a port"
    assert caught.value.expected == (
        "a host such as files.example.com, or files.example.com:8443, without https:// and without a path"
    )


def test_the_proxy_says_on_which_port_a_host_is_allowed() -> None:
    """Another port is refused with the option that lets it through, and so is plain HTTP."""
    proxy = Proxy(Hosts(okta={}, connect=list, custom=list), allowed_hosts=AllowedHosts(["a.test:8443", "[::1]:1"]))
    assert proxy.decide(b"CONNECT a.test:8443 HTTP/1.1\r\n\r\n") == Tunnel("a.test", 8443, is_emulated=False)
    assert proxy.decide(b"CONNECT [::1]:1 HTTP/1.1\r\n\r\n") == Tunnel("::1", 1, is_emulated=False)
    refused = proxy.decide(b"CONNECT a.test:443 HTTP/1.1\r\n\r\n")
    assert isinstance(refused, Answer)
    assert refused.body == (
        b"fedemu proxy: a.test is allowed on port 8443, not on 443. To let it through: --allow a.test:443.\n"
    )
    refused = proxy.decide(b"GET http://a.test/ HTTP/1.1\r\n\r\n")
    assert isinstance(refused, Answer)
    assert refused.body == b"fedemu proxy: a.test is allowed by https:// alone; plain http:// is not passed on.\n"


@pytest.mark.parametrize("verb", [["up"], ["browser"], ["exec", "--", "true"]])
def test_the_option_is_read_before_anything_starts(verb: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake in it is one of the command line."""
    with pytest.raises(SystemExit) as ended:
        main([verb[0], "--allow", "https://a.test", *verb[1:]])
    assert ended.value.code == 2
    assert (
        "Error: Invalid value for '--allow': 'https://a.test' cannot be allowed: "
        "it is not a host, nor a host and a port; "
        "write a host such as files.example.com, or files.example.com:8443, without https:// and without a path"
    ) in capsys.readouterr().err
