"""Words that are markup, scripts or shell, wherever a workbench page may show them: they stay words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from emulator.building.faults import read_faults
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.clock import Clock
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.running.start import Ports, serving
from emulator.scenarios.runner import START
from emulator.world import DEFAULT_WORLD, change_world, load_world
from tests.conftest import APP, USER

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)> {{7*7}} ${7*7} \u202e"
_PAGES = (
    "/",
    "/?q={q}&outcome={q}",
    "/workbench/people",
    "/workbench/access",
    "/workbench/setup",
    "/workbench/faults",
    "/workbench/world",
    "/workbench/{q}",
    "/workbench/logins/{q}",
)
_ELEMENTS = frozenset({"script", "img", "svg", "iframe", "object", "embed", "base", "style"})
_OWN_SCRIPT = re.compile(r"/workbench/static/\w+\.js")


class _Reading(HTMLParser):
    """Notes what a browser would run or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Looks at an element."""
        given = {name: value or "" for name, value in attrs}
        is_own_script = tag == "script" and _OWN_SCRIPT.fullmatch(given.get("src", "")) is not None
        if tag in _ELEMENTS and not is_own_script:
            self.wrong.append(f"<{tag} {given}>")
        for name, value in given.items():
            if name.startswith("on") or name in {"style", "srcdoc", "formaction"}:
                self.wrong.append(f"<{tag} {name}={value!r}>")
            if name in {"href", "src", "action"} and not value.startswith(("/", "#", "http://", "data:,")):
                self.wrong.append(f"<{tag} {name}={value!r}>")


def wrong_in(page: str) -> list[str]:
    """Returns what of a page would be run or fetched that is not the workbench's own."""
    reading = _Reading()
    reading.feed(page)
    reading.close()
    return reading.wrong


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session


@pytest.fixture
def hostile(keys: KeyFolder, tmp_path: Path) -> Iterator[tuple[Server, Federation]]:
    """Serves a world whose people, groups, labels and app are called so."""
    world = change_world(
        load_world(DEFAULT_WORLD),
        {
            "/okta/acme/apps/amazon-connect/label": f"Connect {HOSTILE}",
            f"/okta/acme/users/{USER}/first_name": HOSTILE,
            f"/okta/acme/users/{USER}/last_name": HOSTILE,
            f"/okta/acme/users/{USER}/password": HOSTILE,
        },
    )
    federation = Federation(world, clock=Clock(frozen_at=START), keys=keys)
    with serving(federation, Ports(https=None, proxy=None)) as own:
        yield own.server, federation


def _happen(server: Server, federation: Federation, plain: requests.Session) -> None:
    """Has everything that is shown of what happens be hostile: values, relay states, addresses, programs' names."""
    faults = federation.identity_providers["acme"].faults
    given: list[dict[str, Any]] = [
        {"attribute": "RoleSessionName", "set": HOSTILE},
        {"attribute": "Role", "set": HOSTILE},
        {"element": "Assertion/Subject/NameID", "set": HOSTILE},
        {"element": "Assertion/Issuer", "set": HOSTILE},
        {"element": "Assertion/Conditions/AudienceRestriction/Audience", "set": HOSTILE},
    ]
    for fault in given:
        faults.inject(APP, USER, read_faults([json.dumps(fault)]))
        log_in(federation, user=USER, app=APP)
    log_in(federation, user=USER, app=APP, relay_state=f"https://console.aws.amazon.com/{HOSTILE}")
    headers = {
        "User-Agent": HOSTILE.encode("utf-8"),
        "Referer": HOSTILE.encode("utf-8"),
        "X-Said": HOSTILE.encode("utf-8"),
    }
    for path in (f"/app/{HOSTILE}", f"/saml?{HOSTILE}", f"/login/login.htm?fromURI={HOSTILE}", f"/{HOSTILE}"):
        plain.get(f"{server.url}{path}", headers=headers)
    plain.post(
        f"{server.url}/saml", data={"SAMLResponse": HOSTILE, "RelayState": HOSTILE, HOSTILE: HOSTILE}, headers=headers
    )
    plain.post(f"{server.url}/", data={"Action": HOSTILE, "SAMLAssertion": HOSTILE}, headers=headers)
    plain.post(f"{server.url}/login/login.htm", data={"username": HOSTILE, "password": HOSTILE}, headers=headers)


def test_hostile_words_stay_words(hostile: tuple[Server, Federation], plain: requests.Session) -> None:
    """On every page, of the world, of assertions and of requests: no element, no handler and no address of theirs."""
    server, federation = hostile
    _happen(server, federation, plain)
    list_page = plain.get(f"{server.url}/").text
    journeys = re.findall(r'<a href="(/workbench/logins/\d+)"', list_page)
    assert len(journeys) >= 6
    pages = [path.replace("{q}", quote(HOSTILE, safe="")) for path in _PAGES]
    for path in [*pages, *journeys]:
        page = plain.get(f"{server.url}{path}").text
        assert wrong_in(page) == [], path
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in list_page


@pytest.mark.parametrize("field", ["user", "what", "text"])
def test_what_is_refused_is_repeated_as_words(server: Server, plain: requests.Session, field: str) -> None:
    """The form's own words are in the reason."""
    form = {"user": USER, "what": "mfa", "text": "", field: HOSTILE}
    page = plain.post(f"{server.url}/workbench/faults", data=form).text
    assert wrong_in(page) == []
    page = plain.post(f"{server.url}/workbench/faults/clock", data={"to": HOSTILE}).text
    assert wrong_in(page) == []


def test_what_is_run_is_seen() -> None:
    """The reading of this file finds each kind."""
    assert len(wrong_in(HOSTILE)) == 4
    assert wrong_in('<a href="javascript:alert(1)">') == ["<a href='javascript:alert(1)'>"]
    assert wrong_in('<script src="https://evil.example.com/x.js">') != []
