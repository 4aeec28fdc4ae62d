"""The logins in the workbench: the list, a journey, what is downloaded, and the fix that is applied."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from emulator.building.faults import read_faults
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.journeys.journeys import journeys_of
from emulator.kernel.clock import Clock
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.running.reloading import reload_world
from emulator.running.start import Ports, fixes_of, serving
from emulator.scenarios.runner import START, run_scenario
from emulator.scenarios.scenario_file import read_scenarios
from emulator.world import DEFAULT_WORLD, load_world
from tests.conftest import APP, INSTANCE_ID, NOW, TWO_ROLES_USER, USER


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session


def _refused(federation: Federation) -> None:
    faults = read_faults(["{attribute: RoleSessionName, set: hanako <b>sato</b>}"])
    federation.identity_providers["acme"].faults.inject(APP, USER, faults)
    log_in(federation, user=USER, app=APP)


def _rows(text: str) -> list[str]:
    return re.findall(r'<a href="(/workbench/logins/\d+)"', text)


def test_logins_are_listed_the_newest_first(server: Server, federation: Federation, plain: requests.Session) -> None:
    """Who, which app and role, how it ended and why not; words and an outcome choose."""
    log_in(federation, user=USER, app=APP)
    log_in(federation, user=TWO_ROLES_USER, app=APP, role="ConnectSupervisor")
    _refused(federation)
    text = plain.get(server.url).text
    assert _rows(text) == ["/workbench/logins/3", "/workbench/logins/2", "/workbench/logins/1"]
    assert "RoleSessionName in AuthnResponse must match" in text
    assert '<span class="verdict refused">refused</span>' in text
    assert _rows(plain.get(server.url, params={"q": "TARO supervisor"}).text) == ["/workbench/logins/2"]
    assert _rows(plain.get(server.url, params={"outcome": "refused"}).text) == ["/workbench/logins/3"]
    assert "No login matches." in plain.get(server.url, params={"q": "nobody"}).text


def test_a_journey_has_hops_checks_and_origins(server: Server, federation: Federation, plain: requests.Session) -> None:
    """Each value with the reason and the setting's line; markup in a value is text."""
    _refused(federation)
    text = plain.get(f"{server.url}/workbench/logins/1").text
    assert "Present the assertion" in text
    assert "✗ role-session-name" in text
    drawn = re.findall(r'<li id="drawn-\d"><a href="#(hop-\d)"( class="refused")?>([^<]+)</a>', text)
    assert drawn[-1] == ("hop-5", ' class="refused"', "Present the assertion")
    assert [place for place, _, _ in drawn] == re.findall(r'<li id="(hop-\d)"><b>', text)
    assert "<b>sato" not in text
    assert "hanako &lt;b&gt;sato" in text
    assert "The audience is the Audience URI of Amazon Connect SAML." in text
    assert "planted fault {attribute: RoleSessionName" in text


def test_origins_name_the_lines_of_settings(server: Server, federation: Federation, plain: requests.Session) -> None:
    """The relay state is a line of the world."""
    log_in(federation, user=USER, app=APP)
    text = plain.get(f"{server.url}/workbench/logins/1").text
    assert "okta.acme.apps.amazon-connect.default_relay_state" in text
    assert re.search(r"connect\.yaml:\d+  okta\.acme\.apps\.amazon-connect\.default_relay_state", text)


def test_what_is_downloaded(
    server: Server, federation: Federation, plain: requests.Session, tmp_path: Path, keys: KeyFolder
) -> None:
    """A HAR of the login's requests, and a scenario that comes out as the login did."""
    log_in(federation, user=USER, app=APP)
    _refused(federation)
    answer = plain.get(f"{server.url}/workbench/logins/1/har")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="login-1.har"'
    har = json.loads(answer.text)["log"]
    assert (len(har["entries"]), har["pages"][0]["title"]) == (8, f"{USER} opens acme/amazon-connect")
    (tmp_path / "1.fedemu.yaml").write_text(
        plain.get(f"{server.url}/workbench/logins/1/scenario").text, encoding="utf-8"
    )
    (scenario,) = read_scenarios(tmp_path / "1.fedemu.yaml")
    run_scenario(scenario, keys=keys).require()
    refused = plain.get(f"{server.url}/workbench/logins/2/scenario").text
    assert "check: role-session-name" in refused
    commands = re.findall(r"curl .*?(https?://[^/ ]+)", plain.get(f"{server.url}/workbench/logins/1").text)
    assert {command.partition(".localhost")[2] for command in commands} == {f":{server.port}"}


@pytest.mark.parametrize(
    ("programmed", "check"),
    [
        ({"faults": [{"attribute": "Role", "remove": True}]}, "role-attribute"),
        ({"faults": [{"issue": "-6m"}, {"attribute": "SessionDuration", "set": "10"}]}, "redeemed-in-time"),
        ({"attributes": {"RoleSessionName": "花子 佐藤"}}, "role-session-name"),
        ({"faults": [{"payload": "not-base64"}]}, "base64"),
        ({"refused_by": "mfa"}, "okta-factor"),
        ({"refused_by": "sign-on-policy"}, "sign-on-policy"),
        ({"refused_by": "sign-on-policy", "app": APP}, "sign-on-policy"),
        ({"refused_by": "locked-out"}, "okta-sign-in"),
    ],
)
def test_what_was_programmed_is_in_the_scenario(
    server: Server,
    federation: Federation,
    plain: requests.Session,
    tmp_path: Path,
    keys: KeyFolder,
    programmed: dict[str, Any],
    check: str,
) -> None:
    """It ends as the login did, though the world is right."""
    federation.program_next_login(USER, by="the workbench", **programmed)
    login = log_in(federation, user=USER, app=APP)
    assert login.refusal is not None
    assert login.refusal.check == check
    text = plain.get(f"{server.url}/workbench/logins/1/scenario").text
    assert f"check: {check}\n" in text
    (tmp_path / "1.fedemu.yaml").write_text(text, encoding="utf-8")
    (scenario,) = read_scenarios(tmp_path / "1.fedemu.yaml")
    run_scenario(scenario, keys=keys).require()


def test_a_scenario_of_a_projects_world_is_for_every_machine(
    plain: requests.Session, tmp_path: Path, keys: KeyFolder
) -> None:
    """It names no folder of this one: saved anywhere below the world file, it finds that world."""
    (tmp_path / "world.yaml").write_bytes(DEFAULT_WORLD.read_bytes())
    federation = Federation(load_world(tmp_path / "world.yaml"), clock=Clock(frozen_at=NOW), keys=keys)
    with serving(federation, Ports(https=None, proxy=None)) as own:
        log_in(federation, user=USER, app=APP)
        text = plain.get(f"{own.server.url}/workbench/logins/1/scenario").text
    assert text.startswith("# Its world is the world.yaml of this folder, or the nearest above it.\nscenario: ")
    assert str(tmp_path) not in text
    saved = tmp_path / "scenarios" / "signin" / "1.fedemu.yaml"
    saved.parent.mkdir(parents=True)
    saved.write_text(text, encoding="utf-8")
    (scenario,) = read_scenarios(saved)
    run_scenario(scenario, keys=keys).require()


@pytest.mark.parametrize("duration", [None, 1800, 43201])
def test_a_login_at_sts_is_made_there_again(
    server: Server, plain: requests.Session, tmp_path: Path, keys: KeyFolder, duration: int | None
) -> None:
    """With its role, provider and duration, accepted or refused."""
    log_in_with_sts = {"user": TWO_ROLES_USER, "app": APP, "via": "sts", "role": "ConnectSupervisor"}
    asked = log_in_with_sts | ({"duration_seconds": duration} if duration else {})
    told = plain.post(f"{server.url}/fedemu/logins", json=asked).json()
    assert told["login"]["outcome"] == ("refused" if duration == 43201 else "accepted"), told
    text = plain.get(f"{server.url}/workbench/logins/1/scenario").text
    assert "via: sts" in text
    assert "lands_on" not in text
    (tmp_path / "1.fedemu.yaml").write_text(text, encoding="utf-8")
    (scenario,) = read_scenarios(tmp_path / "1.fedemu.yaml")
    run_scenario(scenario, keys=keys).require()


def test_what_is_refused_after_the_end_is_told_as_well(
    server: Server, federation: Federation, plain: requests.Session
) -> None:
    """A login that has arrived may be refused another page later: the login stays arrived, and the page says why."""
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    browser.look(f"https://us-east-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}")
    text = plain.get(f"{server.url}/workbench/logins/1").text
    assert '<span class="verdict accepted">arrived</span>' in text
    assert "<h2>Refused after its end</h2>" in text
    assert "Amazon Connect refused: AccessDeniedException (403), check get-federation-token" in text
    assert "<dt>said</dt><dd>Access denied, Please contact your AWS account administrator for assistance.</dd>" in text
    (after,) = re.findall(r"<h2>After its end</h2>\n<ol class=\"hops\">(.*?)</ol>", text, re.DOTALL)
    assert after.count('<li id="hop-9">') == after.count("<li") == 1


def test_files_of_pages_are_no_part_of_a_login(server: Server, federation: Federation, plain: requests.Session) -> None:
    """Nothing is decided when a browser asks for a script of the dashboard."""
    browser = federation.browser()
    log_in(federation, user=USER, app=APP, browser=browser)
    page = browser.look("https://acme.okta.com/app/UserHome")
    assert "/assets/enduser-v1/enduser.js" in page.text
    template = federation.gateway.exchanges[-1]
    asked = ("Sec-Fetch-Dest", "script")
    script = replace(
        template, url="https://acme.okta.com/assets/enduser-v1/enduser.js", request_headers=(asked,), notes=()
    )
    before = len(journeys_of(federation).all()[0].exchanges)
    journeys_of(federation)(script)
    assert len(journeys_of(federation).all()[0].exchanges) == before


def test_a_refusing_page_leads_to_its_own_login(
    server: Server, federation: Federation, plain: requests.Session
) -> None:
    """Whoever else logs in meanwhile; a page that belongs to no login leads to all of them."""
    _refused(federation)
    page = federation.gateway.exchanges[-1].body
    log_in(federation, user=TWO_ROLES_USER, app=APP, role="ConnectAgent")
    (link,) = re.findall(rf'href="({server.url}/workbench/refusals/\d+)"', page)
    assert plain.get(link).url == f"{server.url}/workbench/logins/1"
    federation.browser().look("https://acme.my.connect.aws/ccp-v2")
    (link,) = re.findall(rf'href="({server.url}/workbench/refusals/\d+)"', federation.gateway.exchanges[-1].body)
    assert plain.get(link).url == f"{server.url}/"
    assert plain.get(f"{server.url}/workbench/refusals/999").url == f"{server.url}/"
    plain.post(f"{server.url}/workbench/logins/clear")
    assert plain.get(link).url == f"{server.url}/"


def test_what_happened_is_forgotten(server: Server, federation: Federation, plain: requests.Session) -> None:
    """The next login has the next number."""
    log_in(federation, user=USER, app=APP)
    assert "Nothing has happened yet." in plain.post(f"{server.url}/workbench/logins/clear").text
    log_in(federation, user=USER, app=APP)
    assert [each.number for each in journeys_of(federation).all()] == [2]
    assert plain.get(f"{server.url}/workbench/logins/1").status_code == 404


def test_a_tried_fix_is_written_into_the_world(tmp_path: Path, keys: KeyFolder, plain: requests.Session) -> None:
    """The file is as `fedemu fix` would write it; the built-in world is not written."""
    file = tmp_path / "world.yaml"
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    file.write_text(text.replace("saml-provider/okta\n", "saml-provider/Okta\n", 1), encoding="utf-8")
    federation = Federation(load_world(file), clock=Clock(frozen_at=START), keys=keys)
    fixes = fixes_of(federation)
    with serving(federation, Ports(https=None, proxy=None), fixes=fixes) as own:
        log_in(federation, user=USER, app=APP)
        address = f"{own.server.url}/workbench/logins/1"
        shown = plain.get(address).text
        assert "What would let it arrive is being tried." in shown or "Apply the fix" in shown
        fixes().wait()
        assert "Apply the fix to the world file" in plain.get(address).text
        assert plain.post(f"{address}/fix").status_code == 200
        assert file.read_text(encoding="utf-8") == text
        reload_world(federation)  # as `fedemu up` does when the file is saved
        plain.get(address)
        fixes().wait()
        page = plain.get(address).text
    assert "A setting was changed since, and this login would arrive now." in page
    assert "identity_provider_arn, changed since" in page
    assert "API" not in page.partition("Journey")[0]


def test_no_real_credential_is_handed_out(world_only_idp: Server, plain: requests.Session) -> None:
    """With --only idp an assertion is one."""
    assert plain.get(f"{world_only_idp.url}/workbench/logins/1/har").status_code == 409
    text = plain.get(f"{world_only_idp.url}/workbench/logins/1").text
    assert [words in text for words in ("Download HAR", "As curl", "Save as scenario")] == [False, False, True]


@pytest.fixture
def world_only_idp(keys: KeyFolder):  # type: ignore[no-untyped-def]
    """Serves Okta's side alone, with a login that came to an assertion."""
    federation = Federation(load_world(DEFAULT_WORLD), clock=Clock(frozen_at=START), keys=keys, only="idp")
    with serving(federation, Ports(https=None, proxy=None)) as own:
        log_in(federation, user=USER, app=APP)
        yield own.server
