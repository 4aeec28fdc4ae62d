"""Logins that others make: which requests are one, when it is over, what it came to, and waiting for it."""

from __future__ import annotations

import pickle
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests

from emulator.browser import Browser
from emulator.federation import Federation
from emulator.flow import assume_role, log_in, post_message, visit
from emulator.journeys.assertion import read_assertion
from emulator.journeys.gathering import MOST_BYTES, MOST_EXCHANGES, MOST_JOURNEYS
from emulator.journeys.journey import Journey, SeenLogin
from emulator.journeys.journeys import MOST_WAITING, Journeys, TooManyWaiting, journeys_of
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FlowError
from emulator.kernel.trace_notes import TraceNote
from emulator.network.calls.gateway_adapter import GatewayAdapter
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.faults.network_fault_data import read_network_fault
from emulator.network.trace import Body
from emulator.world import World, change_world
from tests.conftest import APP, NOW, PROVIDER_ARN, ROLE_ARN, TWO_ROLES_USER, USER

OKTA = "https://acme.okta.com"
SIGN_IN = "https://signin.aws.amazon.com/saml"
NAME = "https://aws.amazon.com/SAML/Attributes/RoleSessionName"
AT_ONCE = timedelta()


@pytest.fixture
def journeys(federation: Federation) -> Journeys:
    """Returns the logins of the federation."""
    return journeys_of(federation)


def seen(journey: Journey | None, federation: Federation) -> SeenLogin:
    """Returns what a login that is over came to."""
    found = journey.seen(federation) if journey is not None else None
    assert found is not None
    return found


def summary(journeys: Journeys) -> list[tuple[int, str, str, str, int]]:
    """Returns each login with its number, person, app, outcome and how many requests it has."""
    return [(each.number, each.user, each.app, each.outcome, len(each.exchanges)) for each in journeys.all()]


def add_app(world: World, clock: Clock, keys: KeyFolder, acs_url: str) -> Federation:
    """Returns a federation with an app of somebody's own."""
    app = {
        "label": "Own",
        "catalog": "custom_saml",
        "acs_url": acs_url,
        "audience": "urn:own",
        "saml": {"attributes": [{"name": "mail", "values": ["user.email"]}]},
        "assignments": [{"user": USER}],
    }
    return Federation(change_world(world, {"/okta/acme/apps/own": app}), clock=clock, ids=Ids(seed=7), keys=keys)


def test_a_login_from_the_password_to_the_instance(federation: Federation, journeys: Journeys) -> None:
    """Every request of it, the page that asks for the password first; who, which role, and the assertion."""
    made = log_in(federation, user=USER, app=APP)
    (journey,) = journeys.all()
    assert repr(journey) == "<Journey 1 of hanako@example.com to acme/amazon-connect: accepted>"
    assert journey.exchanges == made.exchanges
    assert (journey.started_at, journey.role, journey.is_over) == (NOW, ROLE_ARN, True)
    found = seen(journey, federation)
    assert repr(found) == (
        "<SeenLogin 1 of hanako@example.com to acme/amazon-connect: accepted, at https://acme.my.connect.aws/home>"
    )
    assert (found.user, found.app, found.outcome, found.role) == (USER, f"acme/{APP}", "accepted", ROLE_ARN)
    assert (found.lands_on, found.check, found.diagnosis) == ("https://acme.my.connect.aws/home", "", None)
    assert (found.name_id, found.posted_to, found.attributes[NAME]) == (USER, SIGN_IN, (USER,))
    assert [name for name, _ in found.result.steps][3:5] == ["Okta tile", "Present the assertion"]
    again = pickle.loads(pickle.dumps(found))  # noqa: S301 - what was written here
    assert again.as_json() == found.as_json()


def test_each_app_that_is_opened_is_a_login(federation: Federation, journeys: Journeys) -> None:
    """In one browser: the second begins at the tile; what comes between is still the first."""
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    log_in(federation, user=USER, app=APP, browser=browser)
    assert summary(journeys) == [
        (1, USER, f"acme/{APP}", "accepted", 9),
        (2, USER, f"acme/{APP}", "accepted", 5),
    ]
    # The CCP refuses nothing afterwards that would change what the login came to.
    federation.clock.advance(timedelta(hours=13))
    assert visit(browser, "https://acme.my.connect.aws/ccp-v2").refusal is not None
    last = journeys.all()[-1]
    assert (last.outcome, len(last.exchanges) > 5, last.is_at.startswith("Session expired")) == ("accepted", True, True)
    assert seen(last, federation).lands_on == "https://acme.my.connect.aws/home"


def test_people_at_the_same_time_are_told_apart(federation: Federation, journeys: Journeys) -> None:
    """Many threads, each with a browser of its own."""

    def make_logins() -> None:
        for user in (USER, TWO_ROLES_USER):
            log_in(federation, user=user, app=APP, role="ConnectAgent")

    threads = [threading.Thread(target=make_logins) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    found = sorted((each.user, each.outcome, len(each.exchanges)) for each in journeys.all())
    assert found == [(USER, "accepted", 8)] * 6 + [(TWO_ROLES_USER, "accepted", 9)] * 6


def test_two_tabs_of_one_browser(federation: Federation, journeys: Journeys) -> None:
    """Two assertions are issued, and posted the other way round: each belongs to its own login."""
    browser = federation.browser()
    page = browser.look(f"{OKTA}/app/UserHome")
    browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    okta, app = federation.find_app(APP)
    tabs = [browser.look(okta.org.embed_link(app)) for _ in range(2)]
    browser.submit(tabs[1].forms[0])
    browser.submit(tabs[0].forms[0])
    assert [(each.number, each.outcome) for each in journeys.all()] == [(1, "accepted"), (2, "accepted")]
    posted = [[dict(e.form)["SAMLResponse"] for e in each.exchanges if e.url == SIGN_IN] for each in journeys.all()]
    assert posted == [[tab.forms[0].fields["SAMLResponse"]] for tab in tabs]


def test_calls_of_sts_belong_to_the_login_that_issued(federation: Federation, journeys: Journeys) -> None:
    """A call that is refused, and another one with the same assertion: one login, and accepted in the end."""
    okta, app = federation.find_app(APP)
    browser = federation.browser()
    page = browser.look(f"{OKTA}/app/UserHome")
    browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    field = browser.look(okta.org.embed_link(app)).forms[0].fields["SAMLResponse"]
    assert summary(journeys) == [(1, USER, f"acme/{APP}", "unfinished", 4)]
    client = requests.Session()
    client.mount("https://", GatewayAdapter(federation.gateway))

    def call(role: str) -> None:
        data = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", "RoleArn": role}
        client.post("https://sts.amazonaws.com/", {**data, "PrincipalArn": PROVIDER_ARN, "SAMLAssertion": field})

    call(ROLE_ARN + "s")
    refused = seen(journeys.all()[0], federation)
    assert (refused.outcome, refused.posted_to) == ("refused", "https://sts.amazonaws.com/")
    assert journeys.wait(timeout=AT_ONCE, until="accepted") is None
    call(ROLE_ARN)
    assert summary(journeys) == [(1, USER, f"acme/{APP}", "accepted", 6)]
    assert seen(journeys.wait(timeout=AT_ONCE, until="accepted"), federation).role == ROLE_ARN
    assume_role(federation, user=USER, app=APP)
    assert summary(journeys)[1] == (2, USER, f"acme/{APP}", "accepted", 5)


def test_a_wrong_password_and_then_the_right_one(federation: Federation, journeys: Journeys) -> None:
    """The login is refused, goes on, and has another outcome then."""
    browser = federation.browser()
    page = browser.look(f"{OKTA}/app/UserHome")
    page = browser.submit(page.forms[0], {"username": USER, "password": "wrong"})
    assert summary(journeys) == [(1, USER, "", "refused", 2)]
    assert seen(journeys.all()[0], federation).check == "okta-sign-in"
    browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    log_in(federation, user=USER, app=APP, browser=browser)
    assert [each[:4] for each in summary(journeys)] == [(1, USER, f"acme/{APP}", "accepted")]
    assert [name for name, _ in seen(journeys.all()[0], federation).result.steps][:3] == [
        "Okta dashboard",
        "Okta password",
        "Okta password",
    ]


def test_a_client_of_the_authentication_api(federation: Federation, journeys: Journeys) -> None:
    """Password by API, session token in the link, the assertion to STS: the program's own cookies tell nothing."""
    client = requests.Session()
    client.mount("https://", GatewayAdapter(federation.gateway))
    body = {"username": USER, "password": "correct-horse"}
    token = client.post(f"{OKTA}/api/v1/authn", json=body).json()["sessionToken"]
    client.cookies.clear()
    okta, app = federation.find_app(APP)
    page = client.get(okta.org.embed_link(app), params={"sessionToken": token})
    assert "SAMLResponse" in page.text
    assert summary(journeys) == [(1, USER, f"acme/{APP}", "unfinished", 2)]


@pytest.mark.parametrize(
    ("programmed", "check", "user", "app"),
    [
        ({"refused_by": "mfa"}, "okta-factor", USER, ""),
        ({"refused_by": "mfa", "app": APP}, "okta-factor", USER, f"acme/{APP}"),
        ({"refused_by": "sign-on-policy"}, "sign-on-policy", USER, ""),
        ({"refused_by": "sign-on-policy", "app": APP}, "sign-on-policy", USER, f"acme/{APP}"),
        ({"refused_by": "locked-out"}, "okta-sign-in", USER, ""),
        ({"attributes": {"RoleSessionName": "x y"}}, "role-session-name", USER, f"acme/{APP}"),
    ],
)
def test_a_programmed_login_is_over_when_it_is_refused(
    federation: Federation, journeys: Journeys, programmed: dict[str, Any], check: str, user: str, app: str
) -> None:
    """Who, which app where one was opened, and the check; the cause is what was programmed."""
    federation.program_next_login(USER, **programmed)
    log_in(federation, user=USER, app=APP)
    found = seen(journeys.wait(timeout=AT_ONCE, user=USER), federation)
    assert (found.outcome, found.check, found.user, found.app) == ("refused", check, user, app)
    assert found.diagnosis is not None
    assert [origin.kind.value for origin in found.diagnosis.origins] == ["fault"]


def test_a_login_that_ends_elsewhere(world: World, clock: Clock, keys: KeyFolder) -> None:
    """Nobody refused, and it is at the console in place of the instance."""
    changes = {f"/okta/acme/apps/{APP}/default_relay_state": "https://console.aws.amazon.com/ec2"}
    federation = Federation(change_world(world, changes), clock=clock, ids=Ids(seed=7), keys=keys)
    journeys = journeys_of(federation)
    made = log_in(federation, user=USER, app=APP)
    (journey,) = journeys.all()
    assert (journey.outcome, seen(journey, federation).lands_on) == (made.outcome.value, made.lands_on)


def test_a_role_has_to_be_chosen(federation: Federation, journeys: Journeys) -> None:
    """It is unfinished, and says where it is."""
    with pytest.raises(FlowError):
        log_in(federation, user=TWO_ROLES_USER, app=APP)
    (journey,) = journeys.all()
    assert journey.seen(federation) is None
    assert journey.as_json() == {
        "number": 1,
        "started_at": "2026-01-15T09:00:00.000Z",
        "user": TWO_ROLES_USER,
        "app": f"acme/{APP}",
        "outcome": "unfinished",
        "is_at": "asks which of 2 roles to take",
    }
    assert journeys.wait(timeout=timedelta(milliseconds=5)) is None


def test_an_app_of_somebodys_own(world: World, clock: Clock, keys: KeyFolder) -> None:
    """Where the emulator answers in its place, the login is over with that page."""
    federation = add_app(world, clock, keys, "https://own.example.com/acs")
    journeys = journeys_of(federation)
    log_in(federation, user=USER, app="own")
    found = seen(journeys.wait(timeout=AT_ONCE, app="own"), federation)
    assert (found.outcome, found.posted_to, found.lands_on) == ("accepted", *["https://own.example.com/acs"] * 2)
    assert found.attributes == {"mail": (USER,)}
    assert found.assertion is not None
    assert (found.assertion.audience, found.assertion.is_encrypted) == ("urn:own", False)


def test_a_program_that_nothing_here_sees(world: World, clock: Clock, keys: KeyFolder) -> None:
    """The assertion that was issued is known, and to which address its form posts it."""
    federation = add_app(world, clock, keys, "http://127.0.0.1:5000/acs")
    journeys = journeys_of(federation)
    federation.program_next_login(USER, app="own", attributes={"mail": ["mallory@example.com"]})
    browser = federation.browser()
    page = browser.look(f"{OKTA}/app/UserHome")
    browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    okta, app = federation.find_app("own")
    browser.look(okta.org.embed_link(app))
    found = seen(journeys.wait(timeout=AT_ONCE, user=USER), federation)
    assert (found.outcome, found.lands_on, found.check) == ("accepted", "http://127.0.0.1:5000/acs", "")
    assert (found.posted_to, found.attributes) == ("http://127.0.0.1:5000/acs", {"mail": ("mallory@example.com",)})
    assert found.assertion is not None
    assert found.assertion.xml in found.as_json()["assertion"]["xml"].encode()


def test_a_message_from_outside(federation: Federation, journeys: Journeys) -> None:
    """Nobody here issued it: its NameID says whose login it is."""
    okta, app = federation.find_app(APP)
    issued = okta.mint(USER, app.name)
    post_message(federation.browser(), SIGN_IN, saml_response=issued.saml_response, relay_state="")
    found = seen(journeys.wait(timeout=AT_ONCE, user=USER), federation)
    assert (found.user, found.app, found.outcome, found.name_id) == ("", "", "elsewhere", USER)


def test_a_message_that_was_changed_on_the_way(federation: Federation, journeys: Journeys) -> None:
    """It belongs to the login that issued it, by its ID; the assertion is the one that arrived."""
    browser = federation.browser()
    page = browser.look(f"{OKTA}/app/UserHome")
    browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    okta, app = federation.find_app(APP)
    form = browser.look(okta.org.embed_link(app)).forms[0]
    assertion = read_assertion(form.fields["SAMLResponse"], posted_to="")
    import base64

    changed = base64.b64encode(assertion.xml.replace(b">hanako@example.com<", b">mallory@example.com<")).decode()
    Browser(federation.gateway).post(form.action, {"SAMLResponse": changed})
    (journey,) = journeys.all()
    found = seen(journey, federation)
    assert (found.user, found.check, found.name_id) == (USER, "signature", "mallory@example.com")


def test_a_retry_after_a_network_fault(federation: Federation, journeys: Journeys) -> None:
    """It is refused by the network until somebody tries again."""
    gateway = federation.gateway
    gateway.network_faults.plant(
        [read_network_fault({"host": "sts.amazonaws.com", "status": 503, "count": 1}, hosts=gateway.hosts)]
    )
    made = assume_role(federation, user=USER, app=APP)
    assert seen(journeys.all()[0], federation).check == "network-fault"
    federation.browser().post("https://sts.amazonaws.com/", dict(made.exchanges[-1].form))
    assert summary(journeys) == [(1, USER, f"acme/{APP}", "accepted", 6)]


def test_waiting_returns_when_a_login_is_over(federation: Federation, journeys: Journeys) -> None:
    """In another thread, for one person; what was over before is left out by its number."""
    log_in(federation, user=USER, app=APP)
    assert journeys.last == 1
    found: list[Journey | None] = []
    waiting = threading.Event()

    def is_wanted(_: Journey) -> bool:
        return True

    def wait() -> None:
        waiting.set()
        found.append(journeys.wait(timeout=timedelta(seconds=60), after=1, user=TWO_ROLES_USER, is_wanted=is_wanted))

    thread = threading.Thread(target=wait)
    thread.start()
    waiting.wait()
    log_in(federation, user=USER, app=APP)
    log_in(federation, user=TWO_ROLES_USER, app=APP, role="ConnectAgent")
    thread.join()
    assert [each and (each.number, each.user) for each in found] == [(3, TWO_ROLES_USER)]


def test_waiting_is_bounded_and_can_be_ended(journeys: Journeys) -> None:
    """One waiter too many is refused; those who wait return when the emulator stops."""
    found: list[Journey | None] = []
    threads = [
        threading.Thread(target=lambda: found.append(journeys.wait(timeout=timedelta(seconds=60))))
        for _ in range(MOST_WAITING)
    ]
    for each in threads:
        each.start()
    while journeys.waiting < MOST_WAITING:
        pass
    with pytest.raises(TooManyWaiting):
        journeys.wait(timeout=AT_ONCE)
    journeys.stop_waiting()
    for each in threads:
        each.join()
    assert found == [None] * MOST_WAITING
    assert journeys.wait(timeout=AT_ONCE) is None


def test_they_are_bounded(federation: Federation, journeys: Journeys) -> None:
    """The oldest logins go; of one the first requests are kept, and how many more there were."""
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    for _ in range(MOST_EXCHANGES):
        browser.look(f"{OKTA}/app/UserHome")
    (journey,) = journeys.all()
    assert (len(journey.exchanges), journey.left_out) == (MOST_EXCHANGES, 8)
    template, as_long_as_a_login = browser.exchanges[1], b"x" * 65_000
    for number in range(MOST_JOURNEYS + 5):
        other = replace(template, content=Body(as_long_as_a_login), shown=(), connection=f"other {number}")
        journeys(replace(other, handed_on=(f"key {number}",)))
    assert len(journeys.all()) == MOST_JOURNEYS
    assert journeys.all()[-1].number == journeys.last == MOST_JOURNEYS + 6
    large = replace(template, content=Body(b"x" * (MOST_BYTES // 2)), shown=(), connection="")
    for number in range(3):
        journeys(replace(large, handed_on=(f"large {number}",)))
    assert [each.number for each in journeys.all()] == [MOST_JOURNEYS + 9]


@pytest.mark.parametrize("part", ["content", "url", "request_headers", "response_headers", "form"])
def test_whatever_a_client_makes_long_counts(federation: Federation, journeys: Journeys, part: str) -> None:
    """Of a login that is alone, too, no more is kept than the bound and the request that went beyond it."""
    template = log_in(federation, user=USER, app=APP).exchanges[0]
    journeys.forget()
    text = "x" * (MOST_BYTES // 4)
    values = {"content": Body(text.encode()), "url": f"{template.url}?{text}"}
    value: Any = values.get(part, (("X-Long", text),))
    note = replace(template.notes[0], person=USER) if template.notes else TraceNote("Okta", "said", person=USER)
    large = replace(template, **{part: value}, notes=(note,), connection="1", shown=())
    for _ in range(9):
        journeys(large)
    (journey,) = journeys.all()
    assert (len(journey.exchanges), journey.left_out) == (4, 5)


@pytest.mark.parametrize(("pages", "kept"), [(0, [1, 1]), (3, [4])])
def test_what_came_before_a_login_counts_with_it(
    federation: Federation, journeys: Journeys, pages: int, kept: list[int]
) -> None:
    """Pages of Okta on the same connection wait for the login that begins there, and take the room of an older one."""
    template = log_in(federation, user=USER, app=APP).exchanges[0]
    journeys.forget()
    page = replace(template, content=Body(b"x" * 20_000), notes=(), shown=(), handed_on=(), form=(), connection="1")
    note = TraceNote("Okta", "said", person=USER)
    older = replace(note, person="somebody@example.com")
    journeys(replace(page, content=Body(b"x" * (MOST_BYTES - 50_000)), notes=(older,), connection="2"))
    for _ in range(pages):
        journeys(page)
    journeys(replace(page, content=Body(), notes=(note,)))
    assert [len(each.exchanges) for each in journeys.all()] == kept


def test_there_is_one_for_a_federation(federation: Federation) -> None:
    """Whoever asks gets the same, and it knows what happened before."""
    log_in(federation, user=USER, app=APP)
    journeys = journeys_of(federation)
    assert summary(journeys) == [(1, USER, f"acme/{APP}", "accepted", 8)]
    assert journeys_of(federation) is journeys
    log_in(federation, user=USER, app=APP)
    assert len(journeys.all()) == 2


@pytest.mark.parametrize(
    ("field", "xml"),
    [("%", b""), ("eA==", b"x"), ("PGEvPg==", b"<a/>")],
)
def test_what_cannot_be_read_of_a_message_is_empty(field: str, xml: bytes) -> None:
    """No base64, no XML, no assertion in it."""
    found = read_assertion(field, posted_to="https://x.example.com/")
    assert (found.saml_response, found.xml, found.name_id, found.attributes) == (field, xml, "", {})
