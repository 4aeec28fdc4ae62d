"""What an unknown host resembles, and where that is reported."""

from __future__ import annotations

import pytest

from emulator.browser import Browser
from emulator.federation import Federation
from emulator.kernel.errors import FlowError
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.proxy import Proxy
from emulator.network.resemblance import resembling
from emulator.network.wsgi import Answer, call, make_environ
from emulator.world import DEFAULT_WORLD, load_world


@pytest.mark.parametrize(
    ("host", "like"),
    [
        (
            "acme.govcloud.connect.aws",
            "the instance acme is at acme.my.connect.aws, in another partition or domain",
        ),
        (
            "acme.connect.aws",
            "the instance acme is at acme.my.connect.aws: the domain is my.connect.aws, not connect.aws",
        ),
        (
            "acme.my.connect.aws.com",
            "the instance acme is at acme.my.connect.aws: the domain is my.connect.aws, not my.connect.aws.com",
        ),
        ("acne.my.connect.aws", "no instance has the alias acne; the nearest is acme, at acme.my.connect.aws"),
        ("acne.awsapps.com", "no instance has the alias acne; the nearest is acme, at acme.my.connect.aws"),
        ("unrelated.my.connect.aws", "no instance has the alias unrelated"),
        ("d-90677a1b2c.awsapps.com", "an access portal of IAM Identity Center, which is not emulated"),
        ("acme-admin.okta.com", "the administrators' console of acme.okta.com"),
        ("acme.oktapreview.com", "nearly acme.okta.com"),
        ("acne.okta.com", "nearly acme.okta.com"),
        ("conect.example.com", "nearly connect.example.com"),
        ("signin.aws.amazon.con", "nearly signin.aws.amazon.com"),
        ("update.googleapis.com", ""),
        ("", ""),
    ],
)
def test_what_a_host_resembles(federation: Federation, host: str, like: str) -> None:
    """Its instance by alias and domain, its org, or the nearest of the known hosts."""
    assert resembling(host, federation.hosts) == like


def test_an_instance_in_govcloud_asked_for_at_the_commercial_domain(keys: KeyFolder) -> None:
    """The partition has a domain of its own."""
    federation = Federation(load_world(DEFAULT_WORLD.parent / "partitions.yaml"), keys=keys)
    like = resembling("agency.my.connect.aws", federation.hosts)
    assert like == "the instance agency is at agency.govcloud.connect.aws, in another partition or domain"


def test_the_proxy_tells_of_a_host_once(federation: Federation) -> None:
    """The program gets the answer each time, the terminal only the first time."""
    told: list[tuple[str, str]] = []
    proxy = Proxy(federation.hosts, tell=lambda host, text: told.append((host, text)))
    for _ in range(2):
        answer = proxy.decide(b"CONNECT acne.my.connect.aws:443 HTTP/1.1\r\n\r\n")
        assert isinstance(answer, Answer)
        assert (
            b"It resembles another: no instance has the alias acne; the nearest is acme, at acme.my.connect.aws."
            in answer.body
        )
    proxy.decide(b"GET http://example.net/ HTTP/1.1\r\n\r\n")
    proxy.decide(b"CONNECT \x1b[31mevil:443 HTTP/1.1\r\n\r\n")
    assert told == [
        (
            "acne.my.connect.aws",
            "refused acne.my.connect.aws, which nothing here has: no instance has the alias acne; the nearest is acme, "
            "at acme.my.connect.aws",
        ),
        ("example.net", "refused example.net, which nothing here has"),
    ]


def test_the_gateway_tells_it_too(federation: Federation) -> None:
    """An alias under which nothing is served."""
    headers = [("Host", "acne.my.connect.aws.localhost:7080")]
    answer = call(federation.gateway, make_environ("GET", "/ccp-v2", headers, b"", scheme="http"))
    assert answer.body.startswith(
        b"fedemu: acne.my.connect.aws is not an emulated host: no instance has the alias acne; the nearest is acme, at "
        b"acme.my.connect.aws. Emulated are:\n"
    )
    assert federation.gateway.exchanges[-1].notes[0].summary == (
        "acne.my.connect.aws is not an emulated host: no instance has the alias acne; the nearest is acme, at "
        "acme.my.connect.aws"
    )


def test_the_browser_without_sockets_says_it(federation: Federation) -> None:
    """Where a page or a redirect leads to a misspelt host."""
    with pytest.raises(FlowError) as caught:
        Browser(federation.gateway).open("https://acne.my.connect.aws/ccp-v2")
    assert caught.value.message == (
        "The browser cannot open https://acne.my.connect.aws/ccp-v2: acne.my.connect.aws is not emulated, and nothing "
        "leaves this machine; no instance has the alias acne; the nearest is acme, at acme.my.connect.aws"
    )
