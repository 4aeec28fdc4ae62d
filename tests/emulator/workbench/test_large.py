"""Large worlds and large logins: a page shows so much, and says how much more there is."""

from __future__ import annotations

import html
import re
import shlex
import subprocess
from dataclasses import replace

import pytest
import requests

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.journeys.gathering import MOST_EXCHANGES
from emulator.kernel.clock import Clock
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.network.trace import Exchange
from emulator.running.start import Ports, serving
from emulator.workbench import access_pages, setup_pages
from emulator.workbench.kept_logins import curl_commands
from emulator.world import World, change_world
from tests.conftest import APP, USER


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session


@pytest.fixture
def exchange(federation: Federation) -> Exchange:
    """Returns a request that somebody made."""
    return log_in(federation, user=USER, app=APP).exchanges[0]


def test_many_people_are_counted(world: World, clock: Clock, keys: KeyFolder, plain: requests.Session) -> None:
    """The people page has 200 at a time, and finds a person; a step of the set-up has the first hundred to do."""
    people = {f"/okta/acme/users/agent{n}@example.com": {"groups": ["Agents"]} for n in range(300)}
    federation = Federation(change_world(world, people), clock=clock, keys=keys)
    with serving(federation, Ports(https=None, proxy=None)) as own:
        text = plain.get(f"{own.server.url}/workbench/people").text
        assert text.count('<li class="card">') == 200
        assert "Part 1 of 2" in text
        (link,) = re.findall(r'<a href="([^"]*)" rel="next">Next</a>', text)
        text = plain.get(f"{own.server.url}{html.unescape(link)}").text
        assert (text.count('<li class="card">'), "agent299@example.com" in text) == (103, True)
        text = plain.get(f"{own.server.url}/workbench/people?q=AGENT77").text
        assert (text.count('<li class="card">'), "agent77@example.com" in text) == (1, True)
        assert "Nobody matches." in plain.get(f"{own.server.url}/workbench/people?q=nobody").text
        text = plain.get(f"{own.server.url}/workbench/setup").text
        step = next(each for each in text.split('<li class="card step"') if "a user for each person" in each)
        assert step.count("<dt>Amazon Connect: ") + step.count("<dt>AWS: ") == setup_pages.MOST_VALUES == 100
        assert "And 203 more." in step
        assert "agent0@example.com" in step


def test_long_tables_are_counted(
    server: Server, federation: Federation, plain: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The access table, of which words choose rows; the world's page has a test of its own."""
    monkeypatch.setattr(access_pages, "MOST_SHOWN", 1)
    url = f"{server.url}/workbench/access"
    text = plain.get(url).text
    assert (text.count('<th scope="row">'), "Part 1 of 2" in text) == (1, True)
    others = plain.get(f"{url}?page=2").text
    assert re.findall(r'<th scope="row">.*', text) != re.findall(r'<th scope="row">.*', others)
    assert plain.get(f"{url}?page=99").text.count("Part 2 of 2") == 1
    text = plain.get(f"{url}?q=supervisor+taro").text
    assert "<td>ConnectSupervisor</td>" in text
    assert "Part" not in text
    assert "Nothing matches." in plain.get(f"{url}?q=nobody").text


def test_requests_that_are_not_kept_are_told(server: Server, federation: Federation, plain: requests.Session) -> None:
    """Of a login that asks on and on."""
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    for _ in range(MOST_EXCHANGES):
        browser.look("https://acme.okta.com/app/UserHome")
    text = plain.get(f"{server.url}/workbench/logins/1").text
    assert "Requests that were made after these and are not kept: 8." in text


def test_a_command_is_whole_or_not_there(server: Server, federation: Federation, plain: requests.Session) -> None:
    """The one that posts the assertion is as long as that."""
    login = log_in(federation, user=USER, app=APP)
    text = plain.get(f"{server.url}/workbench/logins/1").text
    (posted,) = re.findall(
        r"<pre>(curl http://signin\.aws\.amazon\.com\.localhost:\d+/saml .*?)</pre>", text, re.DOTALL
    )
    assert login.saml_response in posted


def test_commands_of_large_requests_are_left_out(exchange: Exchange) -> None:
    """With a comment in their place; what comes after them is there."""
    large = replace(exchange, method="POST", form=(("SAMLResponse", "x" * 600_000),))
    assert curl_commands([large, exchange]) == [
        "# a POST of 600,070 characters, too long to be shown",
        "curl https://acme.okta.com/app/UserHome",
    ]


@pytest.mark.parametrize(
    ("method", "address", "form", "command"),
    [
        ("POST", "https://a/b", (), "curl -X POST https://a/b"),
        ("POST", "https://a/b", (("a b&c", "@x"),), "curl https://a/b --data-urlencode a%20b%26c=@x"),
        ("PUT", "https://a/b", (("a", "b"),), "curl -X PUT https://a/b --data-urlencode a=b"),
        ("HEAD", "https://a/b", (), "curl --head https://a/b"),
        ("GET", "https://a/b?c={d}", (), "curl --globoff 'https://a/b?c={d}'"),
        ("GET", "https://a/b c\n'\"<d>%20", (), "curl https://a/b%20c%0A%27%22%3Cd%3E%20"),
    ],
)
def test_a_command_makes_the_request(
    exchange: Exchange, method: str, address: str, form: tuple[tuple[str, str], ...], command: str
) -> None:
    """With its method and its address, whatever is in them."""
    assert curl_commands([replace(exchange, method=method, url=address, form=form)]) == [command]


def test_a_shell_runs_nothing_of_a_value(exchange: Exchange) -> None:
    """Neither of a form nor of an address."""
    evil = "'; echo evil; $(echo evil) `echo evil`\n echo evil"
    posted = replace(exchange, method="POST", url=f"https://a/{evil}", form=((evil, evil),))
    (command,) = curl_commands([posted])
    shown = subprocess.run(["/bin/sh", "-c", f"curl() {{ echo $#; }}; {command}"], capture_output=True, check=True)  # noqa: S603
    assert shown.stdout == b"3\n"
    assert len(shlex.split(command)) == 4
