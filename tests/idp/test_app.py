"""The org's site: sign-in, dashboard, app links, and what it says when it refuses."""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from emulator.federation import Federation
from emulator.kernel.trace_notes import ENVIRON_KEY, TraceNote
from idp.app import BUILT_LATER, clients_site, login_site
from idp.model import App
from idp.saml.faults import parse_fault
from tests.conftest import APP, ROLE_ARN, USER

ORG = "https://acme.okta.com"
PASSWORD = "correct-horse"


class Site:
    """The org's site with one cookie jar, and the notes of its trace."""

    def __init__(self, federation: Federation) -> None:
        self.provider = federation.identity_providers["acme"]
        self.notes: list[TraceNote] = []
        self._client = Client(self.provider.wsgi)

    @property
    def app(self) -> App:
        """The app behind the tile."""
        return self.provider.org.apps[APP]

    @property
    def sso(self) -> str:
        """The path of the app's SSO URL."""
        return self.provider.org.sso_url(self.app).removeprefix(ORG)

    def ask(self, method: str, path: str, **given: Any) -> TestResponse:
        """Sends a request and keeps the notes."""
        return self._client.open(
            path, method=method, base_url=ORG, environ_overrides={ENVIRON_KEY: self.notes}, **given
        )

    def sign_in(self, password: str = PASSWORD, **form: str) -> TestResponse:
        """Posts the sign-in form."""
        return self.ask("POST", "/login/login.htm", data={"username": USER, "password": password, **form})


@pytest.fixture
def site(federation: Federation) -> Site:
    """Returns the org's site, nobody signed in."""
    return Site(federation)


def _field(page: str, name: str) -> str:
    match = re.search(rf'<input (?=[^>]*name="{name}")[^>]*value="([^"]*)"', page)
    assert match, f"no field {name}"
    return unescape(match[1])


def test_an_app_link_without_a_session_asks_to_sign_in_and_comes_back(site: Site) -> None:
    """200 with the sign-in form and no SAMLResponse; afterwards the same link, its RelayState with it."""
    asked = f"{site.sso}?RelayState=https://example.com/a?b=c%26d"
    page = site.ask("GET", asked)
    assert page.status_code == 200
    assert '<div id="okta-sign-in"' in page.text
    assert "SAMLResponse" not in page.text
    assert _field(page.text, "fromURI") == asked
    answer = site.sign_in(fromURI=asked)
    assert (answer.status_code, answer.headers["Location"]) == (303, asked)
    assert _field(site.ask("GET", asked).text, "RelayState") == "https://example.com/a?b=c&d"


def test_the_cookie_is_for_the_browser_alone(site: Site) -> None:
    """Secure, HttpOnly, and sent along when another site posts."""
    cookie = site.sign_in().headers["Set-Cookie"]
    assert cookie.startswith("sid=")
    assert {"Secure", "HttpOnly", "SameSite=None", "Path=/"} <= set(cookie.split("; "))


def test_wrong_credentials_are_refused_on_the_page(site: Site) -> None:
    """401, the words on the page, the name kept and the password not; the note holds the refusal."""
    answer = site.sign_in("wrong-secret", fromURI=site.sso)
    assert answer.status_code == 401
    assert 'class="o-form-error-container' in answer.text
    assert "Unable to sign in" in answer.text
    assert _field(answer.text, "fromURI") == site.sso
    assert "wrong-secret" not in answer.text
    assert "Set-Cookie" not in answer.headers
    (note,) = site.notes
    assert note.summary == f"refused to sign '{USER}' in"
    assert note.refusal is not None
    assert note.refusal.code == "E0000004"


def test_the_post_page_is_oktas(site: Site) -> None:
    """The form's action in hexadecimal entities, SAMLResponse before RelayState, each with its name first."""
    site.sign_in()
    page = site.ask("GET", site.sso).text
    assert '<form id="appForm" action="https&#x3a;&#x2f;&#x2f;signin.aws.amazon.com&#x2f;saml" method="POST">' in page
    fields = re.findall(r'<input name="(\w+)" type="hidden" value="[^"]*"/>', page)
    assert fields == ["SAMLResponse", "RelayState"]
    assert _field(page, "RelayState") == site.app.default_relay_state
    assert "<noscript><button" in page
    assert "Signing in to Amazon Connect" in page
    assert '<h1 id="okta-auth-heading" class="signing-in-text">' in page


@given(st.text("ab&#;x2<>\"'`:/?=+% é"))
@example("PHNhbWxwOlJlc3BvbnNl+/8=")
def test_each_special_character_becomes_its_own_entity(text: str) -> None:
    """However many there are, and also where the text itself has what entities are made of."""
    filters = login_site().jinja_env.filters
    special = "&<>\"'`:/?=#%+@;()[]{} \\"
    assert filters["entities"](text) == "".join(f"&#x{ord(each):x};" if each in special else each for each in text)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_tile_and_sso_url_issue_alike(site: Site, method: str) -> None:
    """Both take both methods, and a RelayState of their own; the note says what was issued."""
    site.sign_in()
    for path in (site.sso, site.provider.org.embed_link(site.app).removeprefix(ORG)):
        site.notes.clear()
        assert _field(site.ask(method, f"{path}?RelayState=x").text, "RelayState") == "x"
        (note,) = site.notes
        assert note.summary == f"issued an assertion about {USER} to {site.app.label}"
        assert note.refusal is None
        assert note.facts.as_json() == {
            "issuer": site.app.issuer,
            "name_id": USER,
            "roles": [f"{site.app.identity_provider_arn},{ROLE_ARN}"],
            "session_name": USER,
            "acs_url": "https://signin.aws.amazon.com/saml",
            "relay_state": "x",
            "issued_at": "2026-01-15T09:00:00.000Z",
        }


def test_the_dashboard_has_a_tile_for_each_app(site: Site) -> None:
    """The tile is the embed link; signing out leads back to the sign-in page."""
    assert "okta-sign-in" in site.ask("GET", "/").text
    site.sign_in()
    assert f'href="{site.provider.org.embed_link(site.app)}"' in site.ask("GET", "/app/UserHome").text
    assert site.ask("GET", "/login/signout").headers["Location"] == "/login/login.htm"
    assert "okta-sign-in" in site.ask("GET", "/app/UserHome").text


def test_an_app_that_is_not_assigned_is_refused(federation: Federation, site: Site) -> None:
    """403 with Okta's sentence; no tile, no SAMLResponse; the note holds the refusal."""
    from dataclasses import replace

    from idp.provider import IdentityProvider

    org = site.provider.org
    nobodys = replace(org, apps={APP: replace(site.app, assignments=())})
    federation.identity_providers["acme"] = IdentityProvider(nobodys, clock=federation.clock, ids=federation.ids)
    site = Site(federation)
    site.sign_in()
    assert "No apps are assigned to you." in site.ask("GET", "/").text
    site.notes.clear()
    answer = site.ask("GET", site.sso)
    assert answer.status_code == 403
    assert "<h1>403 App Not Assigned</h1>" in answer.text
    assert "because you are not assigned this app in Okta" in answer.text
    assert "SAMLResponse" not in answer.text
    (note,) = site.notes
    assert note.refusal is not None
    assert note.refusal.check == "app-assignment"


def test_an_injected_fault_stays_until_it_is_cleared(site: Site) -> None:
    """It holds for one user and one app; one that cannot be carried out is reported on the page."""
    site.sign_in()
    site.provider.faults.inject(APP, USER, [parse_fault({"payload": "not-base64"})])
    for _ in range(2):
        assert _field(site.ask("GET", site.sso).text, "SAMLResponse") == "*** this is not base64 ***"
    site.provider.faults.inject(APP, USER, [parse_fault({"attribute": "Rolle", "remove": True})])
    answer = site.ask("GET", site.sso)
    assert answer.status_code == 400
    assert "there is no attribute Rolle to remove" in answer.text
    site.provider.faults.clear()
    assert len(_field(site.ask("GET", site.sso).text, "SAMLResponse")) > 5_000


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nope", 404),
        ("GET", "/home/amazon_aws/0oa/272", 404),
        ("GET", "/home/amazon_aws/0oa/" + "9" * 5000, 404),
        ("GET", "/app/amazon_aws/exk/sso/saml", 404),
        ("GET", "/app/exk/sso/saml/metadata", 404),
        ("PUT", "/login/login.htm", 405),
        ("DELETE", "/", 405),
        ("GET", "/login/login.htm?fromURI=http://[", 200),
        ("GET", "/%ff%00", 404),
    ],
    ids=lambda value: str(value)[:40],
)
def test_strange_addresses_get_a_page(site: Site, method: str, path: str, status: int) -> None:
    """The answer is never a 500."""
    assert site.ask(method, path).status_code == status


@pytest.mark.parametrize(
    ("path", "content_type", "body", "status"),
    [
        ("/login/login.htm", "application/x-www-form-urlencoded", b"username=" + b"x" * 100_001, 413),
        ("/login/login.htm", "application/x-www-form-urlencoded", b"\xff\xfe=%ff&username=%ed%a0%80&password=%00", 401),
        ("/login/login.htm", "multipart/form-data; boundary=", b"x", 401),
        ("/login/login.htm", "", b"", 401),
        ("/api/v1/authn", "application/json", b'{"username": "hanako@example.com", "password": "\\ud800"}', 401),
        ("/api/v1/authn", "application/json", b'{"username": "\\ud800", "password": "x"}', 401),
        ("/api/v1/authn", "application/json", b"[" * 90_000, 401),
        ("/api/v1/authn", "application/json", b"\xff", 401),
        ("/api/v1/sessions", "application/json", b'{"sessionToken": "\\udfff"}', 401),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_malformed_bodies_are_refused(site: Site, path: str, content_type: str, body: bytes, status: int) -> None:
    """Never a 500, and nobody is signed in."""
    answer = site.ask("POST", path, data=body, content_type=content_type)
    assert answer.status_code == status
    assert "Set-Cookie" not in answer.headers


def test_what_is_too_large_is_refused_with_the_limit(site: Site) -> None:
    """An API answers with an error code, the token endpoint as OAuth does, a page with a sentence."""
    words = "fedemu takes 100,000 bytes in a request to Okta, and this one has more."
    body = b"x" * 100_001
    refused = site.ask("POST", "/api/v1/authn", data=body, content_type="application/json")
    assert refused.status_code == 413
    data = refused.get_json()
    assert (data["errorCode"], data["errorCauses"]) == ("E0000003", [{"errorSummary": words}])
    form = "application/x-www-form-urlencoded"
    refused = site.ask("POST", "/oauth2/v1/token", data=body, content_type=form)
    assert (refused.status_code, refused.get_json()) == (413, {"error": "invalid_request", "error_description": words})
    assert words in site.ask("POST", "/login/login.htm", data=body, content_type=form).text


def test_a_query_of_many_parameters_is_answered(site: Site) -> None:
    """As many as fit into the head of a request."""
    query = "&".join(f"a{number}=1" for number in range(7000))
    assert site.ask("GET", f"/login/login.htm?{query}").status_code == 200


def test_every_answer_names_its_request(site: Site) -> None:
    """The header has the id under which the System Log has what happened."""
    answer = site.sign_in()
    logged = site.provider.system_log.events[-1]["debugContext"]["debugData"]["requestId"]
    assert answer.headers["X-Okta-Request-Id"] == logged
    assert site.ask("GET", "/login/login.htm").headers["X-Okta-Request-Id"] != logged


def test_what_people_type_is_escaped(site: Site) -> None:
    """Markup in a user name, a RelayState or a target stays text."""
    evil = '"><script>alert(1)</script>'
    pages = [
        site.ask("POST", "/login/login.htm", data={"username": evil, "password": "x", "fromURI": "/" + evil}),
        site.ask("GET", "/login/login.htm", query_string={"fromURI": "/" + evil}),
    ]
    site.sign_in()
    pages.append(site.ask("GET", site.sso, query_string={"RelayState": evil}))
    assert all("<script>alert" not in page.text for page in pages)
    assert _field(pages[-1].text, "RelayState") == evil


def test_a_posted_relay_state_survives_the_sign_in(federation: Federation) -> None:
    """Whoever posts to the SSO URL without a session comes back to it with the same RelayState."""
    provider, app = federation.find_app(APP)
    browser = federation.browser()
    relay_state = "https://console.aws.amazon.com/ec2/home?region=eu-west-1#x"
    page = browser.post(provider.org.sso_url(app), {"RelayState": relay_state})
    assert page.forms[0].element_id == "form-sign-in"
    browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    posted = next(e for e in browser.exchanges if e.url == "https://signin.aws.amazon.com/saml")
    assert dict(posted.form)["RelayState"] == relay_state


def test_each_page_is_in_the_part_that_is_asked_for_it() -> None:
    """A prefix leads to the second part, and every other path to the first."""
    paths = {site: [rule.rule for rule in site().url_map.iter_rules()] for site in (login_site, clients_site)}
    assert [path for path in paths[login_site] if path.startswith(BUILT_LATER)] == []
    assert [path for path in paths[clients_site] if not path.startswith(BUILT_LATER)] == []
    assert [prefix for prefix in BUILT_LATER if not any(path.startswith(prefix) for path in paths[clients_site])] == []


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("//app/UserHome", 200, None),
        ("///.well-known/okta-organization", 200, None),
        ("/app//UserHome", 308, f"{ORG}/app/UserHome"),
        ("/login//sessionCookieRedirect", 308, f"{ORG}/login/sessionCookieRedirect"),
    ],
)
def test_an_address_with_doubled_slashes_is_read_by_the_same_part(
    site: Site, path: str, status: int, location: str | None
) -> None:
    """At the beginning they count as one; within a path they lead to the address with one."""
    answer = Client(site.provider.wsgi).get("/", base_url=ORG, environ_overrides={"PATH_INFO": path})
    assert (answer.status_code, answer.headers.get("Location")) == (status, location)


def test_several_first_requests_at_once_are_all_answered(site: Site) -> None:
    """Whichever of them builds the part that they need."""
    asked = [("/login/login.htm", 200), ("/api/v1/users/me", 401), ("/.well-known/openid-configuration", 200)] * 3
    together = Barrier(len(asked))

    def status(path: str) -> int:
        together.wait()
        return Client(site.provider.wsgi).get(path, base_url=ORG).status_code

    for _ in range(5):
        login_site.cache_clear()
        clients_site.cache_clear()
        with ThreadPoolExecutor(len(asked)) as pool:
            assert list(pool.map(status, [path for path, _ in asked])) == [expected for _, expected in asked]


def test_a_login_does_without_the_part_for_programs() -> None:
    """A command that makes logins only does not import it, nor requests."""
    script = (
        "import sys; from emulator.federation import Federation; from emulator.flow import log_in; "
        "from emulator.world import DEFAULT_WORLD; "
        f"print(log_in(Federation.load(DEFAULT_WORLD), user={USER!r}, app={APP!r}).outcome.value, "
        "*({'requests', 'idp.management_api.routes', 'idp.oauth.oauth_api', 'emulator.fixes'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - ourselves
    assert done.stdout == "accepted\n"
