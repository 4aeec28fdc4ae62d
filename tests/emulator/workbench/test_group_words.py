"""Logins that do not arrive, in the language of the page."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import requests

from emulator.access.decision import Decision, Who
from emulator.building.faults import read_faults
from emulator.diagnosis.login_groups import LoginGroup
from emulator.federation import Federation
from emulator.flow import Outcome
from emulator.network.listener.server import Server
from emulator.reports.check.check_report import group_headline
from emulator.workbench.group_words import headline
from emulator.workbench.words import Words
from tests.conftest import APP, USER

_PEOPLE = [f"p{number}@example.com" for number in range(7)]


def _group(people: Sequence[str], roles: Sequence[str]) -> LoginGroup:
    return LoginGroup(tuple(_decision(person, role) for person in people for role in roles), None)


def _decision(person: str, role: str) -> Decision:
    return Decision(Who("acme", "aws", person), f"arn:aws:iam::1:role/{role}" if role else "", Outcome.REFUSED)


@pytest.mark.parametrize("people", [1, 2, 7])
@pytest.mark.parametrize("roles", [[""], ["One"], ["One", "Two"]])
def test_in_english_it_is_the_headline_of_check(people: int, roles: list[str]) -> None:
    """One text for both, whoever they are."""
    group = _group(_PEOPLE[:people], roles)
    assert headline(group, Words("en")) == group_headline(group)


def test_in_japanese_it_counts_in_japanese() -> None:
    """The names are not translated."""
    assert headline(_group(_PEOPLE[:1], ["One"]), Words("ja")) == (
        "到達しないログイン 1 件：acme/aws、p0@example.com、ロール One"  # noqa: RUF001
    )
    assert headline(_group(_PEOPLE, ["One"]), Words("ja")) == (
        "到達しないログイン 7 件：acme/aws、7 人（p0@example.com, p1@example.com, p2@example.com, p3@example.com, "  # noqa: RUF001
        "p4@example.com ほか 2 件）、ロール One。例：p0@example.com（ロール One）"  # noqa: RUF001
    )


def test_a_refusal_has_japanese_labels_on_each_page(
    server: Server, federation: Federation, plain: requests.Session
) -> None:
    """Access and Set-up: what the service said, and why, stay in English."""
    federation.identity_providers["acme"].faults.inject(APP, USER, read_faults(["{signature: none}"]))
    pages = {
        name: plain.get(f"{server.url}/workbench/{name}", headers={"Accept-Language": "ja"}).text
        for name in ("access", "setup")
    }
    why = "Neither the Response nor the Assertion is signed."
    assert all(why in text for text in pages.values())
    assert "AWS sign-in による拒否" in pages["access"]
    assert f"<dt>理由</dt><dd>{why}</dd>" in pages["access"]
    assert f"<dt>理由</dt><dd>{why}</dd>" in pages["setup"]
    assert f"<dt>誰が</dt><dd>{USER}（ロール ConnectAgent）</dd>" in pages["setup"]  # noqa: RUF001
    assert "到達しないログイン 1 件：acme/" in pages["access"]  # noqa: RUF001
    for text in pages.values():
        for english in ("does not arrive", "<dt>why</dt>", "<dt>who</dt>", "<dt>fix</dt>", "  why "):
            assert english not in text


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session
