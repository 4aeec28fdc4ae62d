"""One site serves every org of the process, and no org sees anything of another one."""

from __future__ import annotations

import base64
import re
import zlib
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier
from typing import Any

import pytest
from lxml import etree
from werkzeug.test import Client, TestResponse

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.outbound import OutboundAnswer, OutboundRequest
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from idp.app import clients_site, login_site, org_site
from idp.provider import IdentityProvider
from idp.saml.faults import parse_fault
from tests.conftest import APP, TWO_ROLES_USER, USER

ORG = "https://acme.okta.com"
PASSWORD, OTHER_PASSWORD = "correct-horse", "other-password"
TOKEN, OTHER_TOKEN = "00-example-token-of-the-built-in-world", "00-token-of-the-other-org"
ADMINISTRATOR, OTHER_ADMINISTRATOR = "mika@example.com", "yuki@example.com"
THREADS, ROUNDS = 6, 8


class OrgClient:
    """A browser at one org's site."""

    def __init__(self, provider: IdentityProvider) -> None:
        self.provider = provider
        self._client = Client(provider.wsgi)

    @property
    def sso(self) -> str:
        """The path of the app's SSO URL."""
        return self.provider.org.sso_url(self.provider.org.apps[APP]).removeprefix(ORG)

    def ask(self, method: str, path: str, **given: Any) -> TestResponse:
        """Sends a request."""
        return self._client.open(path, method=method, base_url=ORG, **given)

    def sign_in(self, password: str, login: str = USER) -> TestResponse:
        """Posts the sign-in form."""
        return self.ask("POST", "/login/login.htm", data={"username": login, "password": password})

    def response(self, path: str = "") -> etree._Element:
        """Returns the Response that the app's form would post."""
        return etree.fromstring(base64.b64decode(_field(self.ask("GET", path or self.sso).text, "SAMLResponse")))


@pytest.fixture
def other(world: World, clock: Clock, keys: KeyFolder) -> Federation:
    """Returns another federation whose org has the same host name: other people, passwords, tokens and labels."""
    changes = {
        f"/okta/acme/users/{USER}/password": OTHER_PASSWORD,
        f"/okta/acme/users/{TWO_ROLES_USER}": None,
        f"/okta/acme/users/{OTHER_ADMINISTRATOR}": {"password": "yukis-password"},
        "/okta/acme/api_tokens": {OTHER_TOKEN: OTHER_ADMINISTRATOR},
        f"/okta/acme/apps/{APP}/label": "Other Connect",
    }
    return Federation(change_world(world, changes), clock=clock, ids=Ids(seed=8), keys=keys)


@pytest.fixture
def sites(federation: Federation, other: Federation) -> tuple[OrgClient, OrgClient]:
    """Returns a browser at each of the two orgs."""
    return OrgClient(federation.identity_providers["acme"]), OrgClient(other.identity_providers["acme"])


def _field(page: str, name: str) -> str:
    match = re.search(rf'<input (?=[^>]*name="{name}")[^>]*value="([^"]*)"', page)
    assert match, f"no field {name}"
    return unescape(match[1])


def _me(client: OrgClient, token: str) -> TestResponse:
    return client.ask("GET", "/api/v1/users/me", headers={"Authorization": f"SSWS {token}"})


def test_the_site_is_built_once() -> None:
    """Whoever asks for a part of it gets the same one."""
    assert login_site() is login_site()
    assert clients_site() is clients_site()


@pytest.mark.parametrize("path", ["/", "/nope", "/api/v1/users", "/login/login.htm", "/oauth2/v1/keys"])
def test_a_request_that_is_bound_to_no_org_is_answered_from_none(path: str) -> None:
    """It fails, even where the answer would be the page for an unknown address."""
    with pytest.raises(LookupError) as caught:
        Client(org_site).get(path, base_url=ORG)
    assert str(caught.value) == "the request is bound to no services: whoever routes it calls Services.bind"


def test_users_and_their_passwords_are_one_orgs(sites: tuple[OrgClient, OrgClient]) -> None:
    """The same login has a password at each org; a user of the other org is unknown."""
    here, there = sites
    assert (here.sign_in(PASSWORD).status_code, there.sign_in(OTHER_PASSWORD).status_code) == (303, 303)
    assert (here.sign_in(OTHER_PASSWORD).status_code, there.sign_in(PASSWORD).status_code) == (401, 401)
    assert here.sign_in("battery-staple", TWO_ROLES_USER).status_code == 303
    assert there.sign_in("battery-staple", TWO_ROLES_USER).status_code == 401
    assert "Amazon Connect SAML" in here.ask("GET", "/").text
    assert "Other Connect" in there.ask("GET", "/").text


def test_a_session_is_one_orgs(sites: tuple[OrgClient, OrgClient]) -> None:
    """The cookie of one org opens nothing at the other, and signing out there ends nothing here."""
    here, there = sites
    cookie = here.sign_in(PASSWORD).headers["Set-Cookie"].partition(";")[0]
    assert 'id="okta-sign-in"' in there.ask("GET", "/", headers={"Cookie": cookie}).text
    there.ask("GET", "/login/signout", headers={"Cookie": cookie})
    assert "Amazon Connect SAML" in here.ask("GET", "/").text


def test_an_api_token_is_one_orgs(sites: tuple[OrgClient, OrgClient]) -> None:
    """Each knows its own token's owner, and refuses the other's."""
    here, there = sites
    assert _me(here, TOKEN).get_json()["profile"]["login"] == ADMINISTRATOR
    assert _me(there, OTHER_TOKEN).get_json()["profile"]["login"] == OTHER_ADMINISTRATOR
    for client, token in ((here, OTHER_TOKEN), (there, TOKEN)):
        assert (_me(client, token).status_code, _me(client, token).get_json()["errorCode"]) == (401, "E0000011")


def test_a_change_is_one_orgs(sites: tuple[OrgClient, OrgClient]) -> None:
    """A group that the API makes at one org, and the System Log's entry about it, are not the other's."""
    here, there = sites
    tokens = {here: TOKEN, there: OTHER_TOKEN}
    made = here.ask(
        "POST",
        "/api/v1/groups",
        json={"profile": {"name": "Night shift"}},
        headers={"Authorization": f"SSWS {TOKEN}"},
    )
    assert made.status_code == 200
    seen = {
        client: [
            len(client.ask("GET", path, headers={"Authorization": f"SSWS {token}"}).get_json())
            for path in ("/api/v1/groups?q=night", "/api/v1/logs")
        ]
        for client, token in tokens.items()
    }
    assert (seen[here], seen[there]) == ([1, 1], [0, 0])


def test_a_planned_fault_is_one_orgs(sites: tuple[OrgClient, OrgClient]) -> None:
    """A fault for the same user and app is carried out at the org that it was planned for."""
    here, there = sites
    here.sign_in(PASSWORD)
    there.sign_in(OTHER_PASSWORD)
    here.provider.faults.inject(APP, USER, [parse_fault({"payload": "not-base64"})])
    assert _field(here.ask("GET", here.sso).text, "SAMLResponse") == "*** this is not base64 ***"
    assert there.response().tag == "{urn:oasis:names:tc:SAML:2.0:protocol}Response"


def test_a_service_providers_request_is_one_orgs(sites: tuple[OrgClient, OrgClient]) -> None:
    """A request that waits for a sign-in at one org is answered there, and unknown at the other."""
    here, there = sites
    xml = (
        '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r1" Version="2.0" '
        'IssueInstant="2026-01-15T09:00:00Z"/>'
    )
    deflated = base64.b64encode(zlib.compress(xml.encode())[2:-4]).decode()
    page = here.ask("GET", here.sso, query_string={"SAMLRequest": deflated})
    waiting = _field(page.text, "fromURI")
    assert waiting.startswith(f"{here.sso}?samlRequest=")
    there.sign_in(OTHER_PASSWORD)
    assert there.response(waiting).get("InResponseTo") is None
    here.sign_in(PASSWORD)
    assert here.response(waiting).get("InResponseTo") == "_r1"


def test_orgs_are_served_at_the_same_time(sites: tuple[OrgClient, OrgClient]) -> None:
    """Threads that sign in, open the app and call the API at both orgs at once get their own org's answers."""
    secrets = {
        sites[0].provider: (PASSWORD, OTHER_PASSWORD, TOKEN, ADMINISTRATOR, "Amazon Connect SAML"),
        sites[1].provider: (OTHER_PASSWORD, PASSWORD, OTHER_TOKEN, OTHER_ADMINISTRATOR, "Other Connect"),
    }
    start = Barrier(THREADS)

    def use(number: int) -> None:
        provider = sites[number % 2].provider
        password, wrong, token, administrator, label = secrets[provider]
        start.wait()
        for _ in range(ROUNDS):
            client = OrgClient(provider)
            assert client.sign_in(wrong).status_code == 401
            session_id = client.sign_in(password).headers["Set-Cookie"].partition(";")[0].removeprefix("sid=")
            assert provider.sessions.find(session_id) is not None
            assert label in client.ask("GET", "/").text
            assert f"Signing in to {label}" in client.ask("GET", client.sso).text
            assert _me(client, token).get_json()["profile"]["login"] == administrator

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(use, number) for number in range(THREADS)]:
            done.result()


def test_a_request_within_a_request_leaves_the_outer_one_alone(federation: Federation, other: Federation) -> None:
    """An org that asks another one before it answers, in one thread, answers as itself."""
    there = OrgClient(other.identity_providers["acme"])
    heard: list[str] = []

    def send(request: OutboundRequest) -> OutboundAnswer:
        answer = _me(there, OTHER_TOKEN)
        heard.append(answer.get_json()["profile"]["login"])
        return OutboundAnswer(answer.status_code, answer.data)

    org = federation.identity_providers["acme"].org
    here = OrgClient(IdentityProvider(org, clock=federation.clock, ids=federation.ids, send=send))
    here.sign_in("paper-crane", ADMINISTRATOR)
    page = here.ask("POST", f"/admin/app/amazon_aws/instance/{org.apps[APP].app_id}/test")
    assert heard == [OTHER_ADMINISTRATOR]
    assert "AWS: The answer is no XML." in page.text
    assert "Amazon Connect SAML" in page.text
    assert "Other Connect" not in page.text
    assert _me(here, TOKEN).get_json()["profile"]["login"] == ADMINISTRATOR
