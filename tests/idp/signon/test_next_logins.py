"""Programmed logins: each happens to as many logins as it is for, at its step, and no setting is blamed or changed."""

from __future__ import annotations

import re
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import requests

from emulator.browser import Browser
from emulator.diagnosis.login_result import result_of
from emulator.federation import Federation
from emulator.flow import Outcome, assume_role, log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError
from emulator.network.calls.gateway_adapter import GatewayAdapter
from emulator.network.data_folder.keys import KeyFolder
from emulator.reports.text import result_block
from emulator.world import World, change_world
from idp.signon.factors import totp
from idp.signon.next_logins import MOST_WAITING, NextLogins, Step
from tests.conftest import APP, NOW, TWO_ROLES_USER, USER

OKTA = "https://acme.okta.com"
SECRET = "JBSWY3DPEHPK3PXP"
FACTORS = "/okta/acme/users/hanako@example.com/factors"
FIX = "Nothing of the set-up is wrong: this login was programmed to be refused."


def with_factor(world: World, clock: Clock, keys: KeyFolder, **org: Any) -> Federation:
    """Returns a federation in which the person has an authenticator app."""
    changes = {FACTORS: [{"type": "totp", "secret": SECRET}], **{f"/okta/acme/{k}": v for k, v in org.items()}}
    return Federation(change_world(world, changes), clock=clock, ids=Ids(seed=7), keys=keys)


def client_of(federation: Federation) -> requests.Session:
    """Returns a client on requests, without sockets."""
    session = requests.Session()
    session.mount("https://", GatewayAdapter(federation.gateway))
    return session


def authn(session: requests.Session, path: str = "", **body: str) -> requests.Response:
    """Calls the Authentication API."""
    return session.post(f"{OKTA}/api/v1/authn{path}", json=body)


def state_of(federation: Federation) -> dict[str, str]:
    """Returns the statuses of everybody's accounts."""
    return {login: user.status for login, user in federation.identity_providers["acme"].org.users.items()}


@pytest.mark.parametrize("app", [None, APP])
def test_the_second_factor_is_refused(federation: Federation, app: str | None) -> None:
    """In Okta's words for a push that was denied; the block blames whoever programmed it."""
    federation.program_next_login(USER, app=app, refused_by="mfa")
    login = log_in(federation, user=USER, app=APP)
    assert login.outcome is Outcome.REFUSED
    assert "You have chosen to reject this login." in login.page.text
    assert result_block(result_of(login, federation)).splitlines() == [
        "Okta refused: REJECTED (200), check okta-factor",
        "  said   You have chosen to reject this login.",
        f"  why    {USER} denied the push.",
        "  where  Okta's page for the second factor",
        "  from   programmed by a test (next login 1): the second factor is refused",
        f"  fix    {FIX}",
        "  spec   okta-signin-widget, oktaverify.rejected",
    ]
    assert result_of(login, federation).notes == ()
    assert log_in(federation, user=USER, app=APP).outcome is Outcome.ACCEPTED


def test_every_factor_is_refused_to_whoever_tries_on(world: World, clock: Clock, keys: KeyFolder) -> None:
    """The right code is wrong, the push is denied again, and the account is not locked by it."""
    federation = with_factor(world, clock, keys, lockout_after=1)
    federation.program_next_login(USER, refused_by="mfa")
    client = client_of(federation)
    step = authn(client, username=USER, password="correct-horse").json()
    assert step["status"] == "MFA_REQUIRED"
    kinds = {each["factorType"]: each["id"] for each in step["_embedded"]["factors"]}
    assert sorted(kinds) == ["push", "token:software:totp"]
    code = totp(SECRET, int(NOW.timestamp()) // 30)
    path, token = f"/factors/{kinds['token:software:totp']}/verify", step["stateToken"]
    for _ in range(3):
        answer = authn(client, path, stateToken=token, passCode=code)
        assert (answer.status_code, answer.json()["errorCode"]) == (403, "E0000068")
    push = f"/factors/{kinds['push']}/verify"
    assert authn(client, push, stateToken=token).json()["factorResult"] == "WAITING"
    assert authn(client, push, stateToken=token).json()["factorResult"] == "REJECTED"
    assert state_of(federation)[USER] == "ACTIVE"
    noted = federation.gateway.exchanges[1].refusal
    assert noted is not None
    assert (noted.explanation, noted.expected) == ("The code is refused, whatever it is.", "")
    assert authn(client, username=USER, password="correct-horse").json()["status"] == "SUCCESS"


@pytest.mark.parametrize("app", [None, APP])
def test_a_second_factor_is_asked_for_once_in_a_login(
    world: World, clock: Clock, keys: KeyFolder, app: str | None
) -> None:
    """It is for two logins: each asks once, the right code leads on, and the third login asks for none."""
    federation = with_factor(world, clock, keys)
    federation.program_next_login(USER, app=app, asks_for_mfa=True, count=2)
    for left in (1, 0):
        browser = federation.browser()
        page = _to_second_factor(federation, browser)
        assert page.title == "acme - Extra Verification"
        federation.clock.advance(timedelta(minutes=1))
        code = totp(SECRET, int(federation.clock.now().timestamp()) // 30)
        page = browser.submit(page.forms[0], {"passCode": code})
        if page.url.endswith("/app/UserHome"):
            page = log_in(federation, user=USER, app=APP, browser=browser).page
        assert page.url == "https://acme.my.connect.aws/home"
        (programmed,) = federation.next_logins.all
        assert (programmed.left, programmed.used) == (left, 2 - left)
    assert log_in(federation, user=USER, app=APP).outcome is Outcome.ACCEPTED


def _to_second_factor(federation: Federation, browser: Browser) -> Any:
    page = browser.look(f"{OKTA}/app/UserHome")
    page = browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    if "Extra Verification" in page.title:
        return page
    okta, app = federation.find_app(APP)
    return browser.look(okta.org.embed_link(app))


def test_a_second_factor_that_nobody_has_is_to_be_enrolled(federation: Federation) -> None:
    """As Okta does; the login is unfinished, and what was programmed is why."""
    federation.program_next_login(USER, asks_for_mfa=True)
    login = log_in(federation, user=USER, app=APP)
    result = result_of(login, federation)
    assert result.diagnosis is not None
    assert (login.outcome, result.diagnosis.check) == (Outcome.ELSEWHERE, "sign-in-unfinished")
    assert result.diagnosis.why == f"{USER} has to give a second factor, since that was programmed."
    assert [str(origin) for origin in result.diagnosis.origins] == [
        "programmed by a test (next login 1): a second factor is asked for"
    ]


def test_the_sign_on_policy_of_the_org_refuses(federation: Federation) -> None:
    """A 403 on the page and in the Authentication API, of which the words are Okta's and their place is assumed."""
    federation.program_next_login(USER, refused_by="sign-on-policy", count=2)
    login = log_in(federation, user=USER, app=APP)
    assert (login.page.status, login.page.title) == (403, "403 Access Forbidden")
    assert "You do not have permission to perform the requested action" in login.page.visible_text
    assert "Says fedemu: the wording of this page is the emulator's own." in login.page.visible_text
    assert result_block(result_of(login, federation)).splitlines() == [
        "Okta refused: E0000006 (403), check sign-on-policy",
        "  said   You do not have permission to perform the requested action   (the emulator's wording)",
        f"  why    The sign-on policy of the org does not let {USER} in.",
        "  where  Okta sign-in page",
        "  from   programmed by a test (next login 1): the sign-on policy refuses",
        f"  fix    {FIX}",
        "  spec   support.okta.com, 403 Access Forbidden",
    ]
    answer = authn(client_of(federation), username=USER, password="correct-horse")
    assert (answer.status_code, answer.json()["errorCode"]) == (403, "E0000006")
    events = federation.identity_providers["acme"].system_log.events
    outcomes = [each["outcome"]["result"] for each in events if each["eventType"] == "policy.evaluate_sign_on"]
    assert outcomes == ["DENY", "DENY"]


@pytest.mark.parametrize(
    ("pipeline", "words"),
    [
        ("idx", "You are not allowed to access this app. To request access, contact an admin."),
        ("v1", "Access Forbidden"),
    ],
)
def test_the_sign_on_policy_of_the_app_refuses(
    world: World, clock: Clock, keys: KeyFolder, pipeline: str, words: str
) -> None:
    """In the sentences of Okta's two engines, whatever session the browser has."""
    federation = with_factor(world, clock, keys, pipeline=pipeline)
    browser = federation.browser()
    assert log_in(federation, user=USER, app=APP, browser=browser).outcome is Outcome.ACCEPTED
    federation.program_next_login(USER, app=f"acme/{APP}", refused_by="sign-on-policy")
    login = log_in(federation, user=USER, app=APP, browser=browser)
    assert login.refusal is not None
    assert (login.refusal.check, login.refusal.message, login.page.status) == ("sign-on-policy", words, 403)
    assert login.page.title == "403 Access Forbidden"
    assert log_in(federation, user=USER, app=APP, browser=browser).outcome is Outcome.ACCEPTED


def test_an_account_is_locked_for_one_password(world: World, clock: Clock, keys: KeyFolder) -> None:
    """As Okta says it, by the org's setting; the account itself is as it was."""
    federation = with_factor(world, clock, keys)
    federation.program_next_login(USER, refused_by="locked-out")
    login = log_in(federation, user=USER, app=APP)
    result = result_of(login, federation)
    assert login.refusal is not None
    assert (login.refusal.code, login.refusal.message) == ("E0000004", "Authentication failed")
    assert result.diagnosis is not None
    assert result.diagnosis.why == f"The account of {USER} is LOCKED_OUT; only ACTIVE accounts sign in."
    assert [origin.kind.value for origin in result.diagnosis.origins] == ["fault"]
    assert state_of(federation)[USER] == "ACTIVE"
    assert log_in(federation, user=USER, app=APP).outcome is Outcome.ACCEPTED
    shown = with_factor(world, clock, keys, show_lockout=True)
    shown.program_next_login(USER, refused_by="locked-out")
    assert authn(client_of(shown), username=USER, password="wrong").json()["status"] == "LOCKED_OUT"
    assert authn(client_of(shown), username=USER, password="correct-horse").json()["status"] == "SUCCESS"


def test_the_assertion_is_wrong_in_one_login(federation: Federation) -> None:
    """The attribute that was programmed, beside the app's other ones; the trace and the block say so."""
    federation.program_next_login(USER, by="the control API", attributes={"RoleSessionName": ["hanako sato"]})
    login = log_in(federation, user=USER, app=APP)
    assert login.refusal is not None
    assert login.refusal.check == "role-session-name"
    told = "fault {attribute: RoleSessionName, set: hanako sato}"
    summaries = [note.summary for each in login.exchanges for note in each.notes if note.service == "fedemu"]
    assert summaries == [f"programmed by the control API (next login 1): {told}"]
    block = result_block(result_of(login, federation)).splitlines()
    assert f"  from   planted {told}, programmed by the control API" in block
    assert log_in(federation, user=USER, app=APP).outcome is Outcome.ACCEPTED


def test_it_is_for_calls_of_sts_and_for_one_person_and_app(federation: Federation) -> None:
    """Whoever uses the assertion; others are spared."""
    federation.program_next_login(USER, app=APP, faults=[{"issue": "-6m"}, {"attribute": "Role", "remove": True}])
    assert log_in(federation, user=TWO_ROLES_USER, app=APP, role="ConnectAgent").outcome is Outcome.ACCEPTED
    assert assume_role(federation, user=USER, app=APP).outcome is Outcome.REFUSED
    assert assume_role(federation, user=USER, app=APP).outcome is Outcome.ACCEPTED


def test_a_late_assertion(federation: Federation) -> None:
    """A frozen clock moves; what was programmed is why it is too old, and nobody's browser."""
    federation.program_next_login(USER, delay="6m")
    login = log_in(federation, user=USER, app=APP)
    assert federation.clock.now() == NOW + timedelta(minutes=6)
    assert login.refusal is not None
    assert login.refusal.check == "redeemed-in-time"
    block = result_block(result_of(login, federation)).splitlines()
    assert "  from   programmed by a test (next login 1): the assertion is 360 s late" in block
    federation.program_next_login(USER, delay=timedelta(seconds=1))
    assert log_in(federation, user=USER, app=APP).outcome is Outcome.ACCEPTED


def test_a_late_answer_of_the_network_is_not_the_persons_fault_either(federation: Federation) -> None:
    """The same for a network fault."""
    from emulator.network.faults.network_fault_data import read_network_fault

    gateway = federation.gateway
    fault = read_network_fault({"host": "acme.okta.com", "path": "/home/*", "delay": "6m"}, hosts=gateway.hosts)
    gateway.network_faults.plant([fault])
    block = result_block(result_of(log_in(federation, user=USER, app=APP), federation)).splitlines()
    assert "  from   network fault, planted by a test: delay of 360s for acme.okta.com /home/*" in block


def test_two_that_meet_in_one_login(world: World, clock: Clock, keys: KeyFolder) -> None:
    """A second factor, and then a wrong assertion."""
    federation = with_factor(world, clock, keys)
    federation.program_next_login(USER, asks_for_mfa=True)
    federation.program_next_login(USER, faults=[{"attribute": "Role", "remove": True}])
    browser = federation.browser()
    page = _to_second_factor(federation, browser)
    browser.submit(page.forms[0], {"passCode": totp(SECRET, int(NOW.timestamp()) // 30)})
    login = log_in(federation, user=USER, app=APP, browser=browser)
    assert login.refusal is not None
    assert [each.left for each in federation.next_logins.all] == [0, 0]


def test_each_is_used_by_exactly_one_login(federation: Federation) -> None:
    """Logins that are made at the same time share ten wrong assertions."""
    federation.program_next_login(USER, attributes={"RoleSessionName": "hanako sato"}, count=10)
    outcomes: Counter[Outcome] = Counter()
    lock, barrier = threading.Lock(), threading.Barrier(8)

    def make_logins() -> None:
        barrier.wait()
        for _ in range(3):
            outcome = log_in(federation, user=USER, app=APP).outcome
            with lock:
                outcomes[outcome] += 1

    threads = [threading.Thread(target=make_logins) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert outcomes == {Outcome.REFUSED: 10, Outcome.ACCEPTED: 14}
    (programmed,) = federation.next_logins.all
    assert (programmed.used, programmed.left) == (10, 0)


def test_they_are_listed_forgotten_and_bounded(federation: Federation) -> None:
    """In their order with what is left; more than may wait are refused as a whole; passes are bounded, too."""
    federation.program_next_login(USER, refused_by="mfa", count=3)
    federation.program_next_login(TWO_ROLES_USER, app=APP, attributes={"Role": []}, delay=1.5)
    assert [each.as_json() for each in federation.next_logins.all] == [
        {"number": 1, "user": USER, "refused_by": "mfa", "by": "a test", "left": 3, "used": 0},
        {
            "number": 2,
            "user": TWO_ROLES_USER,
            "app": "acme/amazon-connect",
            "faults": ["{attribute: Role, remove: true}"],
            "delay": "1.5s",
            "by": "a test",
            "left": 1,
            "used": 0,
        },
    ]
    federation.next_logins.clear()
    assert log_in(federation, user=USER, app=APP).outcome is Outcome.ACCEPTED
    logins = federation.next_logins
    one = federation.program_next_login(USER, refused_by="mfa")
    with pytest.raises(FederationError) as caught:
        logins.program(*[one] * MOST_WAITING)
    assert caught.value.message == "Too many logins are programmed"
    assert len(logins.all) == 1
    many = NextLogins()
    many.program(one)
    for number in range(2000):
        many.let_pass(str(number))
    assert many.take("acme", USER, step=Step.APP_OPENED, app=APP, session_id="1000") is None
    taken = many.take("acme", USER, step=Step.APP_OPENED, app=APP, session_id="999")
    assert taken is not None
    assert taken.login == USER


def test_what_is_minted_is_no_login(federation: Federation) -> None:
    """An assertion without a browser takes nothing."""
    federation.program_next_login(USER, attributes={"RoleSessionName": "hanako sato"})
    okta, app = federation.find_app(APP)
    assert b"hanako sato" not in okta.mint(USER, app.name).xml
    assert re.search(rb"hanako sato", okta.mint(USER, app.name).xml) is None
    assert federation.next_logins.all[0].left == 1
