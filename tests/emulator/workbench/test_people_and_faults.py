"""People, access, set-up, and what is programmed: what the pages say, and what they refuse."""

from __future__ import annotations

import pytest
import requests

from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.network.listener.server import Server
from tests.conftest import USER

FAULTS = "/workbench/faults"


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session


def test_the_access_table_is_of_what_runs(server: Server, federation: Federation, plain: requests.Session) -> None:
    """A role that a call has taken away shows at once, with the reason."""
    text = plain.get(f"{server.url}/workbench/access").text
    assert "3 logins. 3 arrive." in text
    assert "ConnectSupervisor" in text
    account = federation.aws.accounts["123456789012"]
    roles = {arn: role for arn, role in account.roles.items() if not arn.endswith("ConnectSupervisor")}
    federation.aws.replace([type(account)(**{**{n: getattr(account, n) for n in account.__slots__}, "roles": roles})])
    text = plain.get(f"{server.url}/workbench/access").text
    assert "3 logins. 2 arrive." in text
    assert "1 login does not arrive: taro@example.com" in text


def test_the_steps_of_the_set_up_have_the_values(
    server: Server, federation: Federation, plain: requests.Session
) -> None:
    """Done ones, too, each to be copied; looking leaves nothing in the histories."""
    text = plain.get(f"{server.url}/workbench/setup").text
    assert "arn:aws:iam::123456789012:saml-provider/okta" in text
    assert '<span class="verdict done">done</span>' in text
    assert not federation.gateway.exchanges
    assert not federation.tables["cloudtrail-events"].running()


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"user": "nobody@example.com", "what": "{signature: none}"}, "No org has a person nobody@example.com"),
        ({"user": "", "what": "mfa"}, "A next login needs a user"),
        ({"user": USER, "what": "", "text": "{nonsense: 1}"}, "this is not a fault: {&#39;nonsense&#39;: 1}"),
        ({"user": USER, "what": "", "text": "{"}, "this is not YAML"),
        (
            {"user": USER, "what": "late", "text": "soon"},
            "delay is a length of time: 200ms, 2s, or a number of seconds; at most 10m",
        ),
    ],
)
def test_what_cannot_be_programmed_is_told(
    server: Server, federation: Federation, plain: requests.Session, form: dict[str, str], problem: str
) -> None:
    """A 400 with the reason on the page; nothing is programmed."""
    answer = plain.post(f"{server.url}{FAULTS}", data=form)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert problem in answer.text
    assert f'value="{form["user"]}">' in answer.text
    assert federation.next_logins.all == ()


def test_faults_are_told_in_the_readers_words(server: Server, plain: requests.Session) -> None:
    """Each with its YAML as what is sent; what was chosen stays where it cannot be programmed."""
    form = {"user": "nobody@example.com", "what": "{issue: -6m}"}
    text = plain.post(f"{server.url}{FAULTS}", data=form).text
    assert '<option value="{issue: -6m}" selected>It was issued 6 minutes ago</option>' in text
    text = plain.get(f"{server.url}{FAULTS}", headers={"Accept-Language": "ja"}).text
    assert '<option value="mfa">第 2 要素が正しくない</option>' in text


@pytest.mark.parametrize("what", ["mfa", "sign-on-policy", "locked-out", "late", "asks-for-mfa", "{issue: -6m}"])
def test_each_kind_is_programmed_and_taken_back(
    server: Server, federation: Federation, plain: requests.Session, what: str
) -> None:
    """Once, by the workbench."""
    assert plain.post(f"{server.url}{FAULTS}", data={"user": USER, "what": what}).status_code == 200
    (programmed,) = federation.next_logins.all
    assert (programmed.login, programmed.left, programmed.by) == (USER, 1, "the workbench")
    assert programmed.what in plain.get(f"{server.url}{FAULTS}").text.replace("&#39;", "'")
    plain.post(f"{server.url}{FAULTS}/forget")
    assert not [each for each in federation.next_logins.all if each.left]


def test_no_other_site_programs_or_moves_anything(
    server: Server, federation: Federation, plain: requests.Session
) -> None:
    """Neither by a form nor by a script."""
    before = federation.clock.now()
    for path, form in ((FAULTS, {"user": USER, "what": "mfa"}), (f"{FAULTS}/clock", {"to": "13h"})):
        for headers in ({"Origin": "https://evil.example.com"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = plain.post(f"{server.url}{path}", data=form, headers={**headers, "Sec-Fetch-Mode": "navigate"})
            assert answer.status_code == 403
    assert federation.next_logins.all == ()
    assert federation.clock.now() == before


@pytest.mark.parametrize("to", ["", "soon", "99999999999d"])
def test_a_time_that_is_none_moves_nothing(
    server: Server, federation: Federation, plain: requests.Session, to: str
) -> None:
    """The page says why."""
    before = federation.clock.now()
    answer = plain.post(f"{server.url}{FAULTS}/clock", data={"to": to})
    assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)
    assert federation.clock.now() == before


def test_a_clock_that_runs_can_be_stopped_and_set_right_again() -> None:
    """Frozen, it keeps how far it was moved; a reset is the machine's time again."""
    clock = Clock()
    clock.freeze()
    assert clock.is_frozen
    assert clock.now() == clock.now()
    clock.reset()
    assert clock.is_true
