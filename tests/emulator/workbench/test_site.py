"""The frame of the workbench: languages, and that pages of other sites get nothing and change nothing."""

from __future__ import annotations

import re
import string

import pytest
import requests

from emulator.federation import Federation
from emulator.network.listener.server import Server
from emulator.workbench.site import POLICY
from emulator.workbench.words import LANGUAGES, Words, words_of

PAGES = [
    "/",
    "/workbench/bench",
    "/workbench/people",
    "/workbench/access",
    "/workbench/setup",
    "/workbench/faults",
    "/workbench/world",
]


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session


def test_both_languages_have_the_same_texts_with_the_same_values() -> None:
    """Japanese needs no form of its own for one."""
    english, japanese = words_of("en"), words_of("ja")
    assert {key for key in english if not key.endswith("_one")} == set(japanese)
    for key, text in japanese.items():
        names = [{name for _, name, _, _ in string.Formatter().parse(each) if name} for each in (english[key], text)]
        assert names[0] == names[1], key


@pytest.mark.parametrize("path", PAGES)
def test_a_page_speaks_the_browsers_language_or_the_chosen_one(
    server: Server, plain: requests.Session, path: str
) -> None:
    """A choice is kept in a cookie."""
    assert '<html lang="en">' in plain.get(f"{server.url}{path}", headers={"Accept-Language": "fr"}).text
    assert '<html lang="ja">' in plain.get(f"{server.url}{path}", headers={"Accept-Language": "ja,en;q=0.5"}).text
    answer = plain.get(f"{server.url}/workbench/language", params={"to": "ja", "back": path})
    assert answer.url == f"{server.url}{path}"
    assert '<html lang="ja">' in answer.text
    assert sorted(LANGUAGES) == ["en", "ja"]


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example.com/",
        "//evil.example.com",
        "/\\evil.example.com",
        "/\t/evil.example.com",
        "/\n/evil.example.com",
        "/\r\nX-Evil: 1",
        "/ /evil.example.com",
        "x",
    ],
)
def test_a_chosen_language_leads_nowhere_else(server: Server, plain: requests.Session, back: str) -> None:
    """Whatever the address says."""
    answer = plain.get(f"{server.url}/workbench/language", params={"to": "ja", "back": back}, allow_redirects=False)
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("path", [*PAGES, "/fedemu/events"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    ],
)
def test_pages_of_other_sites_get_nothing(
    server: Server, plain: requests.Session, path: str, headers: dict[str, str]
) -> None:
    """A link from elsewhere is followed all the same."""
    answer = plain.get(f"{server.url}{path}", headers=headers)
    assert (answer.status_code, answer.text) == (403, "fedemu: the workbench is not for other pages.\n")
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert plain.get(f"{server.url}{path}", headers=link, stream=True).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example.com", "127.0.0.1.evil.example.com", "evil.localhost", "192.0.2.1", "[::]"]
)
@pytest.mark.parametrize("path", [*PAGES, "/fedemu/events", "/fedemu/state", "/fedemu/people"])
def test_a_name_that_was_led_here_gets_nothing(server: Server, plain: requests.Session, path: str, host: str) -> None:
    """Whoever owns a name may have it lead to this machine; under it there is no workbench and no API."""
    answer = plain.get(f"{server.url}{path}", headers={"Host": f"{host}:{server.port}"})
    assert (answer.status_code, "is not an emulated host" in answer.text) == (404, True)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_closed_in_itself(server: Server, plain: requests.Session, path: str) -> None:
    """It asks no other host, is shown in no frame, and is kept by no cache."""
    answer = plain.get(f"{server.url}{path}")
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "style=" not in answer.text
    assert "<script>" not in answer.text


def test_a_page_that_is_not_there_is_told(server: Server, plain: requests.Session) -> None:
    """In the workbench's frame."""
    answer = plain.get(f"{server.url}/workbench/nothing")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_looking_is_no_news(server: Server, federation: Federation, plain: requests.Session) -> None:
    """What people look at here is not among what happened."""
    for path in [*PAGES, "/workbench/static/style.css", "/workbench/static/copy.js", "/fedemu/state"]:
        assert plain.get(f"{server.url}{path}").status_code == 200
    assert federation.gateway.exchanges == ()


def test_a_text_that_counts_has_its_forms() -> None:
    """One, several, and thousands with their commas."""
    english = Words("en")
    assert english("logins_shown", count=1) == "1 login, the newest first."
    assert english("logins_shown", count=1234) == "1,234 logins, the newest first."
    assert Words("ja")("times", count=1) == "1 回"


def test_the_workbench_leads_to_aliases_only(server: Server, plain: requests.Session) -> None:
    """A browser that knows a host under two names would sign in at both."""
    page = plain.get(f"{server.url}/workbench/people").text
    links = re.findall(r'href="(http[^"]+)"', page)
    hosts = {link.split("/")[2] for link in links}
    assert hosts == {f"{host}.localhost:{server.port}" for host in ("acme.okta.com", "acme.my.connect.aws")}
