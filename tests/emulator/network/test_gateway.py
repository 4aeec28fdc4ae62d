"""The gateway: routing, aliases, bounds, and answers instead of tracebacks, over real HTTP."""

from __future__ import annotations

import html
import http.client
import re
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from emulator.federation import Federation
from emulator.journeys.journeys import journeys_of
from emulator.network.listener.server import Server
from emulator.network.wsgi import call, make_environ
from tests.conftest import APP, INSTANCE_ID, USER


def ask(server: Server, method: str, host: str, path: str, **options: Any) -> requests.Response:
    """Makes one request to the server under a Host header."""
    session = requests.Session()
    session.trust_env = False
    headers = {"Host": host, **options.pop("headers", {})}
    return session.request(method, f"{server.url}{path}", headers=headers, allow_redirects=False, timeout=30, **options)


def alias(server: Server, host: str) -> str:
    """Returns the alias's authority."""
    return f"{host}.localhost:{server.port}"


def test_links_redirects_and_cookies_stay_on_the_alias(server: Server, federation: Federation) -> None:
    """The form posts to the sign-in alias, the redirect leads to the console alias, cookies fit plain HTTP."""
    okta = alias(server, "acme.okta.com")
    login = ask(
        server,
        "POST",
        okta,
        "/login/login.htm",
        data={"username": USER, "password": "correct-horse", "fromURI": "/app/UserHome"},
    )
    assert login.status_code == 303
    cookie = login.headers["Set-Cookie"]
    assert "Secure" not in cookie
    assert "SameSite=None" not in cookie
    tile = ask(
        server,
        "GET",
        okta,
        federation.identity_providers["acme"]
        .org.embed_link(federation.find_app(APP)[1])
        .removeprefix("https://acme.okta.com"),
        cookies={"sid": re.search(r"sid=([^;]+)", cookie)[1]},  # type: ignore[index]
    )
    action = re.search(r'<form id="appForm" action="([^"]+)"', tile.text)
    assert action is not None
    assert action[1] == f"http://{alias(server, 'signin.aws.amazon.com')}/saml"
    value = re.search(r'<input name="SAMLResponse" type="hidden" value="([^"]+)"', tile.text)
    assert value is not None
    posted = ask(
        server,
        "POST",
        alias(server, "signin.aws.amazon.com"),
        "/saml",
        data={
            "SAMLResponse": html.unescape(value[1]),
            "RelayState": f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}",
        },
    )
    assert posted.status_code == 302
    assert posted.headers["Location"] == (
        f"http://{alias(server, 'ap-northeast-1.console.aws.amazon.com')}/connect/federate/{INSTANCE_ID}"
    )
    assert "Domain=aws.amazon.com.localhost" in posted.headers["Set-Cookie"]


def test_under_its_real_name_nothing_is_rewritten(server: Server, federation: Federation) -> None:
    """A client that reaches the gateway by real names sees real names, the action in hexadecimal entities."""
    browser = federation.browser()
    page = browser.look("https://acme.okta.com/app/UserHome")
    browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    tile = browser.look(federation.identity_providers["acme"].org.embed_link(federation.find_app(APP)[1]))
    assert 'action="https&#x3a;&#x2f;&#x2f;signin.aws.amazon.com&#x2f;saml"' in tile.text
    assert (
        ask(server, "GET", "console.aws.amazon.com", "/")
        .headers["Location"]
        .startswith("https://signin.aws.amazon.com/")
    )


def test_an_unknown_host_is_named_and_the_known_ones_listed(server: Server) -> None:
    """A host that is not emulated is refused with a list of those that are."""
    answer = ask(server, "GET", "www.example.org", "/")
    assert answer.status_code == 404
    assert answer.text.startswith("fedemu: www.example.org is not an emulated host. Emulated are:\n  acme.okta.com\n")


def test_a_bare_request_of_no_services_shape_is_refused_not_guessed(server: Server) -> None:
    """The answer says which shapes are known."""
    answer = ask(server, "GET", f"127.0.0.1:{server.port}", "/nothing")
    assert answer.status_code == 404
    assert answer.text.startswith("fedemu: this request belongs to no emulated service.")


def test_a_gateway_alone_has_no_control_page(federation: Federation) -> None:
    """Whoever serves it mounts one; without that the bare address leads to the services only."""
    environ = make_environ("GET", "/", [("Host", "127.0.0.1:7080")], b"", scheme="http")
    answer = call(federation.gateway, environ)
    assert (answer.code, answer.body.decode()) == (
        404,
        "fedemu: this request belongs to no emulated service. This address answers Okta paths (/app/, /home/,\n"
        "/login/), AWS sign-in (/saml), STS and IAM (Action=).\n",
    )


NO_RESPONSE = "Your request included an invalid SAML response. To logout, click here."
BAD_FORMS: list[tuple[str, dict[str, str]]] = [
    ("nothing", {}),
    ("empty", {"SAMLResponse": ""}),
    ("not base64", {"SAMLResponse": "*"}),
    ("not XML", {"SAMLResponse": "aGVsbG8="}),
    ("a null", {"SAMLResponse": "AA=="}),
    ("a DOCTYPE", {"SAMLResponse": "PCFET0NUWVBFIGE+PGEvPg=="}),
    ("100,001 characters", {"SAMLResponse": "A" * 100_001}),
    ("deep XML", {"SAMLResponse": "PGE+" * 3000}),
    ("a surrogate", {"SAMLResponse": "\udcff".encode("utf-8", "surrogateescape").decode("latin-1")}),
    ("markup", {"SAMLResponse": "<script>alert(1)</script>", "RelayState": '"><script>alert(1)</script>'}),
]


@pytest.mark.parametrize("form", [row[1] for row in BAD_FORMS], ids=[row[0] for row in BAD_FORMS])
def test_a_bad_form_is_answered_with_awss_sentence(server: Server, form: dict[str, str]) -> None:
    """Whatever is posted, the sign-in page answers with its one sentence and reflects no markup."""
    answer = ask(server, "POST", alias(server, "signin.aws.amazon.com"), "/saml", data=form)
    assert answer.status_code == 400
    text = re.sub(r"<[^>]+>", "", answer.text)
    assert " ".join(NO_RESPONSE.split()) in " ".join(text.split())
    assert "<script>alert" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("method", "host", "path", "status"),
    [
        ("GET", "acme.okta.com", "/app/amazon_aws/exkNothing/sso/saml", 404),
        ("GET", "acme.okta.com", "/home/amazon_aws/0oaNothing/272", 404),
        ("GET", "acme.okta.com", "/home/amazon_aws/x/notanumber", 404),
        ("GET", "acme.okta.com", "/app/exkNothing/sso/saml/metadata", 404),
        ("DELETE", "acme.okta.com", "/login/login.htm", 405),
        ("GET", "acme.okta.com", "/%00", 404),
        ("GET", "acme.okta.com", "/%ff%fe", 404),
        ("PUT", "signin.aws.amazon.com", "/saml", 405),
        ("GET", "signin.aws.amazon.com", "/nothing", 404),
        ("POST", "acme.my.connect.aws", "/auth/sign-in", 400),
        ("GET", "acme.my.connect.aws", "/nothing", 404),
        ("GET", "sts.amazonaws.com", "/?Action=Nothing", 400),
        ("GET", "sts.amazonaws.com", "/nothing", 404),
    ],
)
def test_strange_requests_get_plain_answers(server: Server, method: str, host: str, path: str, status: int) -> None:
    """Unknown pages, apps, methods and actions are client errors with a page, never a 500."""
    answer = ask(server, method, alias(server, host), path)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


def test_a_request_that_is_too_large_is_refused(server: Server) -> None:
    """More than a megabyte is not read."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest("POST", "/saml", skip_host=True)
    connection.putheader("Host", alias(server, "signin.aws.amazon.com"))
    connection.putheader("Content-Length", "2000000")
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_nonsense_on_the_socket_is_dropped_and_others_are_served(server: Server) -> None:
    """Bytes that are no HTTP get a 400 or a closed connection; the next client is answered."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
        raw.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 nonsense\r\n\r\n")
        assert raw.recv(64)[:12] in {b"HTTP/1.1 400", b""}
    assert ask(server, "GET", f"127.0.0.1:{server.port}", "/").status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "https://["]
)
def test_signing_in_to_okta_leads_nowhere_else(server: Server, target: str) -> None:
    """fromURI to another site is not followed."""
    form = {"username": USER, "password": "correct-horse", "fromURI": target}
    answer = ask(server, "POST", alias(server, "acme.okta.com"), "/login/login.htm", data=form)
    assert answer.headers["Location"] == "/app/UserHome"


def test_the_workbench_lists_people_and_the_last_requests(server: Server) -> None:
    """What happened is there, with the reason of a refusal."""
    ask(server, "POST", alias(server, "signin.aws.amazon.com"), "/saml", data={"SAMLResponse": "*"})
    page = ask(server, "GET", f"127.0.0.1:{server.port}", "/").text
    assert "hanako@example.com" in ask(server, "GET", f"127.0.0.1:{server.port}", "/workbench/people").text
    assert NO_RESPONSE in page
    assert "The SAMLResponse has a character that base64 does not have: *, character 1 of 1." in page


def test_of_a_call_with_many_large_fields_the_first_are_kept(federation: Federation) -> None:
    """A call of IAM may be 91 MB: of 30 fields of 100,000 characters ten are kept, and each of long names no more."""
    body = "&".join(f"Field{number}={'x' * 100_000}" for number in range(30))
    form = [("Content-Type", "application/x-www-form-urlencoded"), ("Host", "127.0.0.1")]
    call(federation.gateway, make_environ("POST", "/", form, f"{body}&Action=Nonsense".encode(), scheme="http"))
    exchange = federation.gateway.exchanges[-1]
    assert [name for name, _ in exchange.form] == [f"Field{number}" for number in range(10)]
    assert sum(len(value) for _, value in exchange.form) == 1_000_000


def test_a_form_of_too_many_fields_is_refused_with_the_limit(federation: Federation) -> None:
    """Ten thousand are taken, as calls of IAM have many; it is in the trace why another is not."""
    environ = make_environ(
        "POST",
        "/saml",
        [("Host", "signin.aws.amazon.com"), ("Content-Type", "application/x-www-form-urlencoded")],
        b"a=1&" * 10_000,
        scheme="https",
    )
    answer = federation.gateway.answer(environ)
    assert (answer.status, answer.body) == (
        "413 Content Too Large",
        b"fedemu: a form may have 10,000 fields, and this one has more. The limits are listed in docs/running.md.\n",
    )
    (exchange,) = federation.gateway.exchanges
    assert [note.summary for note in exchange.notes] == ["refused a form of more than 10,000 fields"]


@pytest.mark.parametrize("host", ["[::1", "]", "[x]", "a[b", "[", "\xff[", "a@[b"])
def test_a_host_that_no_url_can_have_is_a_client_error(
    federation: Federation, caplog: pytest.LogCaptureFixture, host: str
) -> None:
    """Whoever listens can take the exchange's URL apart."""
    journeys_of(federation)
    environ = make_environ("GET", "/", [("Host", host)], b"", scheme="http")
    assert federation.gateway.answer(environ).code == 404
    assert urlsplit(federation.gateway.exchanges[-1].url).path == "/"
    assert caplog.records == []
