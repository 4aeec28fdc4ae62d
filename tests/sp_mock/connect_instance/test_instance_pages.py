"""An instance's pages: sessions, who may frame them, both domains, agent states, and what clients throw in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.wsgi import Answer, call, make_environ
from emulator.world import DEFAULT_WORLD, World, load_world
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, NOW, USER

HOST = "acme.my.connect.aws"
CCP = f"https://{HOST}/ccp-v2"
INSTANCE = f"/aws/{ACCOUNT}/connect/{INSTANCE_ID}"
CONSOLE = "https://ap-northeast-1.console.aws.amazon.com"


def _ask(federation: Federation, target: str, *, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
    given = [("Host", HOST), *((name.replace("_", "-"), value) for name, value in headers.items() if value)]
    return call(federation.gateway, make_environ(method, target, given, body, scheme="https"))


def _header(answer: Answer, name: str) -> str:
    return next((value for each, value in answer.headers if each.lower() == name), "")


def _signed_in(federation: Federation) -> str:
    """Returns the Cookie header of a signed-in person."""
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    return "; ".join(f"{each.name}={each.value}" for each in browser.cookies if each.domain == HOST)


@pytest.mark.parametrize(
    ("referer", "policy"),
    [
        ("", "frame-ancestors 'none'"),
        ("https://connect.example.com/crm?x=1", "frame-ancestors 'self' https://connect.example.com"),
        ("https://Connect.Example.com/", "frame-ancestors 'self' https://connect.example.com"),
        ("https://evil.example.com/", "frame-ancestors 'self'"),
        ("https://connect.example.com.evil.example.com/", "frame-ancestors 'self'"),
        ("https://acme.my.connect.aws/request-storage-access", "frame-ancestors 'self' https://connect.example.com"),
        ("https://evil.example.com;script-src%20*/", "frame-ancestors 'self'"),
        ("nonsense", "frame-ancestors 'self'"),
        ("https://[", "frame-ancestors 'self'"),
    ],
)
def test_who_may_frame_a_page_is_decided_by_the_referer(federation: Federation, referer: str, policy: str) -> None:
    """An approved origin, the instance itself, or nobody; nothing of the Referer comes into the header."""
    answer = _ask(federation, "/ccp-v2", Cookie=_signed_in(federation), Referer=referer)
    assert answer.code == 200
    assert _header(answer, "content-security-policy") == policy
    assert _header(answer, "x-frame-options") == ""


@pytest.mark.parametrize("path", ["/ccp-v2", "/home", "/api/agent", "/whitelisted-origins", "/agent-app-v2/"])
def test_the_new_domain_serves_the_old_ones_paths(federation: Federation, path: str) -> None:
    """The same answer with /connect before the path as without; what merely begins alike is not a page."""
    cookie = _signed_in(federation)
    plain, prefixed = (_ask(federation, before + path, Cookie=cookie) for before in ("", "/connect"))
    assert (prefixed.code, prefixed.body) == (200, plain.body)
    assert _ask(federation, f"/connectors{path}", Cookie=cookie).code == 404


def test_with_the_prefix_redirects_lead_to_addresses_without_it(federation: Federation) -> None:
    """At the new domain the session's cookies are those of the paths without it."""
    root = _ask(federation, "/connect/", Cookie=_signed_in(federation))
    assert (root.code, _header(root, "location")) == (302, f"https://{HOST}/home")
    first = _ask(federation, "/connect/ccp-v2?x=1")
    assert (first.code, _header(first, "location")) == (302, f"https://{HOST}/auth/refresh?landat=/ccp-v2%3Fx%3D1")
    login = _ask(federation, "/connect/login?landat=/connect/ccp-v2")
    assert (login.code, _header(login, "x-frame-options")) == (200, "SAMEORIGIN")
    assert b"Your session has expired. Please log in again to continue." in login.body
    assert _ask(federation, "/connect/logout", Cookie=_signed_in(federation)).code == 200


def test_tokens_are_taken_with_the_prefix_too(federation: Federation) -> None:
    """A page that still posts to /connect/auth/sign-in signs its user in."""
    body = urlencode({"credentials": _credentials(federation), "destination": "/connect/ccp-v2"}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = _ask(federation, "/connect/auth/sign-in", method="POST", body=body, **kind)
    assert (answer.code, _header(answer, "location")) == (302, CCP)


@pytest.mark.parametrize("path", ["/", "/connect/ccp-v2", "/connect/login", "/ccp-v2", "/start"])
def test_the_old_domain_of_an_instance_that_has_none(federation: Federation, path: str) -> None:
    """AWS's Access Error, whatever is asked for, even with the cookies of the new domain; it refuses frames."""
    headers = [("Host", "acme.awsapps.com"), ("Cookie", _signed_in(federation))]
    answer = call(federation.gateway, make_environ("GET", path, headers, b"", scheme="https"))
    assert answer.code == 403
    assert (
        b"Access Error: This application has not been enabled for your directory. "
        b"Please contact your Administrator for more details." in answer.body
    )
    assert b"The instance acme has no pages at acme.awsapps.com" in answer.body
    assert _header(answer, "x-frame-options") == "DENY"


def test_the_old_domain_is_the_commercial_partitions(world: World, keys: KeyFolder) -> None:
    """An instance in GovCloud has none, and nobody's alias has none either."""
    federation = Federation(load_world(DEFAULT_WORLD.parent / "partitions.yaml"), keys=keys)
    assert federation.hosts.site("agency.govcloud.connect.aws") is not None
    assert federation.hosts.site("agency.awsapps.com") is None
    assert Federation(world, keys=keys).hosts.site("nobody.awsapps.com") is None


def test_without_a_session_the_way_is_refresh_then_login(federation: Federation) -> None:
    """302, 307, 200, as it was seen; the last page refuses foreign frames by X-Frame-Options."""
    first = _ask(federation, "/ccp-v2/chat?x=1")
    assert (first.code, _header(first, "location")) == (302, f"https://{HOST}/auth/refresh?landat=/ccp-v2/chat%3Fx%3D1")
    second = _ask(federation, "/auth/refresh?landat=/ccp-v2/chat%3Fx%3D1")
    assert (second.code, _header(second, "location")) == (307, f"https://{HOST}/login?landat=/ccp-v2/chat%3Fx%3D1")
    third = _ask(federation, "/login?landat=/ccp-v2/chat")
    assert (third.code, _header(third, "x-frame-options")) == (200, "SAMEORIGIN")


def test_the_cookies_are_named_and_limited_as_the_real_ones(federation: Federation) -> None:
    """Airport code, Secure, SameSite None; the refresh token is for /auth alone, /connect/auth at the old domain."""
    credentials = _credentials(federation)
    answer = _post_credentials(federation, credentials)
    assert _header(answer, "location") == CCP
    cookies = [value for name, value in answer.headers if name.lower() == "set-cookie"]
    kept = {each.partition("=")[0]: sorted(part.strip() for part in each.split(";")[1:]) for each in cookies}
    for attributes in kept.values():
        attributes[:] = [each for each in attributes if not each.startswith("Expires=")]
    assert kept == {
        "lily-auth-prod-nrt": ["HttpOnly", "Max-Age=3600", "Path=/", "SameSite=None", "Secure"],
        "lily-auth-refresh-prod-nrt": ["HttpOnly", "Max-Age=43200", "Path=/auth", "SameSite=None", "Secure"],
    }


def _credentials(federation: Federation) -> str:
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    page = browser.look(f"{CONSOLE}/connect/federate/{INSTANCE_ID}?destination=%2Fccp-v2")
    return page.forms[0].fields["credentials"]


def _post_credentials(federation: Federation, credentials: str, destination: str = "/ccp-v2") -> Answer:
    body = urlencode({"credentials": credentials, "destination": destination}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return _ask(federation, "/auth/sign-in", method="POST", body=body, **kind)


FORGED: list[Any] = [
    "",
    "x",
    "{}",
    "[]",
    "null",
    '{"AccessToken": 1, "RefreshToken": 2}',
    '{"AccessToken": "x", "RefreshToken": "y"}',
    '{"AccessToken": "<script>alert(1)</script>", "RefreshToken": "y"}',
    "[" * 100_000,
]


@pytest.mark.parametrize("credentials", FORGED)
def test_forged_credentials_open_nothing(federation: Federation, credentials: str) -> None:
    """A 400 in the page's words, no cookie, and nothing of what was sent on it."""
    answer = _post_credentials(federation, credentials)
    assert answer.code == 400
    assert b"Bad Request. The request was not valid and could not be processed." in answer.body
    assert b"<script>alert" not in answer.body
    assert not _header(answer, "set-cookie")


def test_credentials_expire_and_are_their_instances_own(federation: Federation) -> None:
    """An hour later, by the emulator's clock, the same post is refused."""
    credentials = _credentials(federation)
    assert _post_credentials(federation, credentials).code == 302
    federation.clock.advance(timedelta(minutes=61))
    answer = _post_credentials(federation, credentials)
    assert answer.code == 400
    assert b"The access token in credentials is unknown, expired, or another instance" in answer.body


@pytest.mark.parametrize(
    "destination",
    [
        "https://evil.example.com/",
        "//evil.example.com/",
        "javascript:alert(1)",
        "/\\evil.example.com",
        "https://connect.example.com@evil.example.com/",
        '"><script>alert(1)</script>://x',
    ],
)
def test_no_destination_leads_elsewhere(federation: Federation, destination: str) -> None:
    """Posted by hand or as landat: refused, no redirect, no markup of the client's."""
    for answer in (
        _post_credentials(federation, _credentials(federation), destination),
        _ask(federation, f"/auth/refresh?landat={destination}", Cookie=_signed_in(federation)),
        _ask(federation, f"/login?landat={destination}"),
    ):
        assert not _header(answer, "location").startswith(("https://evil", "//", "javascript"))
        assert b"<script>alert" not in answer.body


def test_a_deleted_user_is_signed_out(federation: Federation) -> None:
    """The session of a user who is no longer there opens nothing."""
    cookie = _signed_in(federation)
    assert _ask(federation, "/ccp-v2", Cookie=cookie).code == 200
    _change_users(federation, {})
    assert _ask(federation, "/ccp-v2", Cookie=cookie).code == 302


def _change_users(federation: Federation, users: dict[str, Any]) -> None:
    def change(account: Any) -> Any:
        instance = account.instances[INSTANCE_ID]
        return replace(account, instances={INSTANCE_ID: replace(instance, users=users)}), None

    federation.aws_services.aws.change(ACCOUNT, change)


def test_the_agents_state_is_kept(federation: Federation) -> None:
    """Offline at first; what is set stays with the session; what is none is refused."""
    cookie = _signed_in(federation)
    update = json.loads(_ask(federation, "/api/agent", Cookie=cookie).body)
    assert update["snapshot"]["state"]["name"] == "Offline"
    assert update["snapshot"]["state"]["startTimestamp"] == int(NOW.timestamp() * 1000)
    assert update["configuration"]["username"] == USER
    states = {state["name"]: state["type"] for state in update["configuration"]["agentStates"]}
    assert states["Available"] == "routable"
    json_type = {"Content-Type": "application/json", "Cookie": cookie}
    federation.clock.advance(timedelta(minutes=1))
    changed = _ask(federation, "/api/agent/state", method="PUT", body=b'{"name": "Available"}', **json_type)
    assert json.loads(changed.body)["snapshot"]["state"]["name"] == "Available"
    again = json.loads(_ask(federation, "/api/agent", Cookie=cookie).body)
    assert again["snapshot"]["state"]["startTimestamp"] == int((NOW + timedelta(minutes=1)).timestamp() * 1000)
    for body in (b'{"name": "Gone fishing"}', b'{"name": 1}', b"[]", b"nonsense", b""):
        answer = _ask(federation, "/api/agent/state", method="PUT", body=body, **json_type)
        assert (answer.code, json.loads(answer.body)) == (400, {"message": "There is no such agent state."})
    assert _ask(federation, "/api/agent").code == 401
    assert _ask(federation, "/api/agent/state", method="PUT", body=b'{"name": "Available"}').code == 401


def test_a_form_of_another_site_changes_no_state(federation: Federation) -> None:
    """Only a script of the instance's own page can send JSON; a form is refused."""
    answer = _ask(
        federation,
        "/api/agent/state",
        method="PUT",
        body=b'{"name": "Available"}',
        Cookie=_signed_in(federation),
        **{"Content-Type": "text/plain"},
    )
    assert answer.code == 400


def test_scripts_renew_the_access_token(federation: Federation) -> None:
    """/auth/authorize gives a new one while the session goes on, and 401 after it."""
    cookie = _signed_in(federation)
    federation.clock.advance(timedelta(hours=2))
    assert _ask(federation, "/api/agent", Cookie=cookie).code == 401
    renewed = _ask(federation, "/auth/authorize", Cookie=cookie)
    assert renewed.code == 200
    assert _header(renewed, "set-cookie").startswith("lily-auth-prod-nrt=")
    federation.clock.advance(timedelta(hours=11))
    assert _ask(federation, "/auth/authorize", Cookie=cookie).code == 401


def test_the_approved_origins_are_listed(federation: Federation) -> None:
    """At the endpoint that the library of the CCP asks."""
    answer = _ask(federation, "/whitelisted-origins")
    assert json.loads(answer.body) == {"whitelistedOrigins": ["https://connect.example.com"]}


def test_pages_that_there_are_not(federation: Federation) -> None:
    """Named, and no traceback."""
    answer = _ask(federation, "/admin/<b>")
    assert answer.code == 404
    assert b"Amazon Connect has no page /admin/&lt;b&gt;, or the emulator does not offer it." in answer.body


def test_an_alias_is_framed_by_an_alias(federation: Federation) -> None:
    """Over *.localhost the Referer is understood, and the policy names the alias again."""
    environ = make_environ(
        "GET",
        "/ccp-v2",
        [
            ("Host", f"{HOST}.localhost:7080"),
            ("Referer", "http://connect.example.com.localhost:7080/"),
            ("Cookie", _signed_in(federation)),
        ],
        b"",
        scheme="http",
    )
    answer = call(federation.gateway, environ)
    policy = _header(answer, "content-security-policy")
    assert policy == "frame-ancestors 'self' http://connect.example.com.localhost:7080"


@pytest.mark.parametrize("suffix", ["", ".localhost:7080"])
@pytest.mark.parametrize("nonsense", ["http://[", "http://[::1", "https://\u00ff[", "://", "http://x.localhost:7080["])
def test_headers_that_are_no_urls_break_nothing(federation: Federation, suffix: str, nonsense: str) -> None:
    """Referer and Origin are whatever a client writes; every site answers all the same."""
    for host, method, target in (
        (HOST, "GET", "/login"),
        ("acme.okta.com", "GET", "/login/login.htm"),
        ("acme.okta.com", "POST", "/activate"),
        ("signin.aws.amazon.com", "POST", "/saml"),
        ("console.aws.amazon.com", "POST", f"/connect/emergency/{INSTANCE_ID}"),
    ):
        headers = [("Host", host + suffix), ("Referer", nonsense), ("Origin", nonsense)]
        answer = call(federation.gateway, make_environ(method, target, headers, b"", scheme="http"))
        assert answer.code < 500, (host, target)
