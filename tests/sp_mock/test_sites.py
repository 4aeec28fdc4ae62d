"""The browser-facing sites are built once per process, and what they answer is one federation's alone."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

import pytest

from emulator.browser import Browser
from emulator.federation import Federation
from emulator.flow import Outcome, assume_role, credentials_in, log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import Refusal
from emulator.kernel.services import WsgiApp
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.wsgi import call, make_environ
from emulator.world import DEFAULT_WORLD, load_world
from sp_mock.connect_instance.site import connect_site
from sp_mock.console.site import console_site
from sp_mock.service_provider_pages import service_provider_site
from sp_mock.signin.site import sign_in_site
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, NOW, USER

CONSOLE = "https://ap-northeast-1.console.aws.amazon.com"
SIGN_IN = "https://signin.aws.amazon.com"
INSTANCE = "https://acme.my.connect.aws"
OTHER_NAMES = {
    ACCOUNT: "210987654321",
    INSTANCE_ID: "fedcba98-7654-3210-fedc-ba9876543210",
    "hanako": "nobuko",
    "connect.example.com": "crm.example.com",
}


@dataclass(frozen=True, slots=True)
class _Company:
    """A federation and what is its own: every host name is the other's too."""

    federation: Federation
    account: str
    instance_id: str
    user: str
    origin: str

    def signed_in(self) -> Browser:
        """Returns the browser of a user who has arrived at the CCP."""
        browser = self.federation.browser()
        assert log_in(self.federation, user=self.user, app=APP, browser=browser).outcome is Outcome.ACCEPTED
        return browser

    def sees_its_own(self, browser: Browser) -> None:
        """Asserts that console and instance show this federation's account, user, instance and origins."""
        home = browser.open(f"{CONSOLE}/console/home")
        assert f"acme ({self.account})" in home.visible_text
        assert f"ConnectAgent/{self.user}" in home.visible_text
        assert f"/connect/federate/{self.instance_id}" in home.text
        ccp = browser.open(f"{INSTANCE}/ccp-v2").visible_text
        assert f"Signed in to acme as {self.user}." in ccp
        assert f"arn:aws:connect:ap-northeast-1:{self.account}:instance/{self.instance_id}" in ccp
        assert browser.open(f"{INSTANCE}/whitelisted-origins").text == f'{{"whitelistedOrigins":["{self.origin}"]}}\n'


def _company(path: Path, keys: KeyFolder, names: dict[str, str]) -> _Company:
    text = Path(DEFAULT_WORLD).read_text(encoding="utf-8")
    for name, other in names.items():
        text = text.replace(name, other)
    path.write_text(text, encoding="utf-8")
    return _Company(
        Federation(load_world(path), clock=Clock(frozen_at=NOW), ids=Ids(seed=7), keys=keys),
        account=names.get(ACCOUNT, ACCOUNT),
        instance_id=names.get(INSTANCE_ID, INSTANCE_ID),
        user=USER.replace("hanako", names.get("hanako", "hanako")),
        origin=f"https://{names.get('connect.example.com', 'connect.example.com')}",
    )


@pytest.fixture
def companies(tmp_path: Path, keys: KeyFolder) -> tuple[_Company, _Company]:
    """Returns two federations at the same hosts, with other accounts, users and instances."""
    return _company(tmp_path / "one.yaml", keys, {}), _company(tmp_path / "two.yaml", keys, OTHER_NAMES)


def _last_refusal(browser: Browser) -> Refusal:
    return [note.refusal for each in browser.exchanges for note in each.notes if note.refusal][-1]


def test_each_federation_shows_its_own(companies: tuple[_Company, _Company]) -> None:
    """Two people signed in to both at once see their own account, user, instance and approved origins, in turn."""
    signed_in = [(company, company.signed_in()) for company in companies]
    for _ in range(2):
        for company, browser in signed_in:
            company.sees_its_own(browser)


def test_cookies_of_one_federation_open_nothing_in_the_other(companies: tuple[_Company, _Company]) -> None:
    """Every cookie comes along, and the console asks to sign in, the instance for a login."""
    first, second = companies
    stranger = second.federation.browser()
    for cookie in first.signed_in().cookies:
        stranger.cookies.set_cookie(cookie)
    assert {"aws-creds", "lily-auth-prod-nrt", "lily-auth-refresh-prod-nrt"} <= set(stranger.cookies.keys())
    assert stranger.open(f"{CONSOLE}/console/home").url.startswith(
        "https://ap-northeast-1.signin.aws.amazon.com/oauth?"
    )
    assert stranger.open(f"{INSTANCE}/ccp-v2").url == f"{INSTANCE}/login?landat=/ccp-v2"
    assert stranger.open(f"{INSTANCE}/api/agent").status == 401
    assert stranger.open(f"{INSTANCE}/auth/authorize").status == 401


def test_logging_out_of_one_federation_leaves_the_other_alone(companies: tuple[_Company, _Company]) -> None:
    """Both browsers sign out of the first; the second's sessions go on."""
    first, second = companies
    leaving, staying = first.signed_in(), second.signed_in()
    for url in (f"{SIGN_IN}/oauth?Action=logout", f"{INSTANCE}/logout"):
        leaving.open(url)
    assert leaving.open(f"{CONSOLE}/console/home").title == "Sign in"
    second.sees_its_own(staying)


def test_an_assertion_for_one_federation_is_refused_by_the_other(companies: tuple[_Company, _Company]) -> None:
    """Its SAML provider is in an account that the other does not have."""
    first, second = companies
    saml_response = first.federation.identity_providers["acme"].mint(first.user, APP).saml_response
    browser = second.federation.browser()
    browser.post(f"{SIGN_IN}/saml", {"SAMLResponse": saml_response})
    refusal = _last_refusal(browser)
    assert (refusal.check, refusal.message) == ("provider", "Specified provider doesn't exist")
    assert first.federation.browser().post(f"{SIGN_IN}/saml", {"SAMLResponse": saml_response}).status == 200


def test_federation_tokens_of_one_federation_are_refused_by_the_other(companies: tuple[_Company, _Company]) -> None:
    """The instance at the same host does not know the access token that the form carries."""
    first, second = companies
    page = first.signed_in().look(f"{CONSOLE}/connect/federate/{first.instance_id}?destination=%2Fccp-v2")
    browser = second.federation.browser()
    browser.post(f"{INSTANCE}/auth/sign-in", page.forms[0].fields)
    refusal = _last_refusal(browser)
    assert (refusal.check, refusal.explanation) == (
        "federation-credentials",
        "The access token in credentials is unknown, expired, or another instance's.",
    )
    assert first.federation.browser().post(f"{INSTANCE}/auth/sign-in", page.forms[0].fields).url == f"{INSTANCE}/ccp-v2"


def test_a_sign_in_token_of_one_federation_is_refused_by_the_other(companies: tuple[_Company, _Company]) -> None:
    """Neither the credentials nor the token that the first gave for them are known to the second."""
    first, second = companies
    found = credentials_in(assume_role(first.federation, user=first.user, app=APP).page)
    names = {"sessionId": "AccessKeyId", "sessionKey": "SecretAccessKey", "sessionToken": "SessionToken"}
    session = json.dumps({name: found[theirs] for name, theirs in names.items()})
    asked = {"Action": "getSigninToken", "Session": session}
    own, stranger = first.federation.browser(), second.federation.browser()
    stranger.post(f"{SIGN_IN}/federation", asked)
    assert _last_refusal(stranger).explanation == "AWS gave out no temporary credentials with this access key id."
    token = json.loads(own.post(f"{SIGN_IN}/federation", asked).text)["SigninToken"]
    login = {"Action": "login", "Destination": f"{CONSOLE}/console/home", "SigninToken": token}
    stranger.post(f"{SIGN_IN}/federation", login)
    assert _last_refusal(stranger).check == "signin-token"
    assert f"acme ({first.account})" in own.post(f"{SIGN_IN}/federation", login).visible_text


def test_threads_of_two_federations_do_not_mix(companies: tuple[_Company, _Company]) -> None:
    """Three people of each log in and look around, all at once and several times; each trace has its own users."""
    people, rounds = 3, 4
    together = Barrier(people * len(companies))

    def work(company: _Company) -> None:
        together.wait(timeout=60)
        for _ in range(rounds):
            company.sees_its_own(company.signed_in())

    with ThreadPoolExecutor(people * len(companies)) as pool:
        for done in [pool.submit(work, company) for company in companies * people]:
            done.result()
    for company in companies:
        summaries = [note.summary for each in company.federation.gateway.exchanges for note in each.notes]
        assert any(company.user in summary for summary in summaries)
        (other,) = (each.user for each in companies if each is not company)
        assert not any(other in summary for summary in summaries)


SITES: dict[str, Callable[[], WsgiApp]] = {
    "signin.aws.amazon.com": sign_in_site,
    "console.aws.amazon.com": console_site,
    "acme.my.connect.aws": connect_site,
    "sp.example.com": service_provider_site,
}


@pytest.mark.parametrize("host", SITES)
@pytest.mark.parametrize("path", ["/", "/saml", "/console/home", "/ccp-v2", "/auth/refresh", "/static/image/down.png"])
def test_a_page_that_is_bound_to_no_federation_does_not_answer(host: str, path: str) -> None:
    """There is neither a page nor an error page: the exception names the missing binding."""
    with pytest.raises(LookupError, match="the request is bound to no services"):
        call(SITES[host](), make_environ("GET", path, [("Host", host)], b"", scheme="https"))


@pytest.mark.parametrize("site", SITES.values(), ids=SITES)
def test_a_site_is_built_once_per_process(site: Callable[[], WsgiApp]) -> None:
    """Every federation is answered by the same object."""
    assert site() is site()


def test_no_site_keeps_a_federation_alive(tmp_path: Path, keys: KeyFolder) -> None:
    """Once nobody holds a federation it is gone, although every site has answered from it."""
    company = _company(tmp_path / "world.yaml", keys, {})
    browser = company.signed_in()
    company.sees_its_own(browser)
    assert browser.open(company.origin).title == "The login arrived here"
    gone = weakref.ref(company.federation.aws_services)
    del company, browser
    gc.collect()
    assert gone() is None
