"""The parts of a login that pages share with reports, in the language of the page."""

from __future__ import annotations

import ast
import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from emulator.building.faults import read_faults
from emulator.diagnosis import steps
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.inspection import verdicts
from emulator.network.listener.server import Server
from emulator.reports.run import html_login, html_message, html_parts
from emulator.workbench import report_words as own
from emulator.workbench.report_words import report_words
from emulator.workbench.words import Words, words_of
from tests.conftest import APP, USER

JAPANESE = {"Accept-Language": "ja"}


def _said_in(module: object) -> Iterator[str]:
    """Yields what a module has a page say: the texts that it gives to ``words``."""
    tree = ast.parse(Path(str(getattr(module, "__file__", ""))).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name == "words" and node.args and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)


@pytest.mark.parametrize("module", [html_login, html_message, html_parts, own])
def test_whatever_a_page_says_is_there_in_both_languages(module: object) -> None:
    """A text that is changed in the code is changed with the words."""
    said = set(_said_in(module))
    assert said
    assert said - {text for key, text in words_of("en").items() if key.startswith("report_")} == set()


def test_no_words_are_left_that_nobody_says() -> None:
    """Each of them is in the code as it is."""
    modules = [html_login, html_message, html_parts, own, verdicts, steps]
    source = "".join(Path(str(each.__file__)).read_text(encoding="utf-8") for each in modules)
    folder = Path(str(steps.__file__)).parent
    source += "".join((folder / name).read_text(encoding="utf-8") for name in ("diagnosis.py", "fix.py"))
    source += (folder.parent / "network" / "hosts.py").read_text(encoding="utf-8")
    texts = [text for key, text in words_of("en").items() if key.startswith("report_")]
    assert [text for text in texts if f'"{text}"' not in source and f"'{text}'" not in source] == []


def test_a_text_that_is_not_there_stays_english() -> None:
    """Its values are filled in all the same, and braces in a value are text."""
    words = report_words(Words("ja"))
    assert words("{count} of them", count="{x}") == "{x} of them"
    assert words("{count} passed", count=3) == "合格 3 件"


def test_a_logins_page_is_japanese_but_for_what_services_say(
    server: Server, federation: Federation, plain: requests.Session
) -> None:
    """Headings, labels, verdicts and buttons are; messages, names of checks and reasons stay as they are."""
    faults = read_faults(["{signature: none}"])
    federation.identity_providers["acme"].faults.inject(APP, USER, faults)
    log_in(federation, user=USER, app=APP)
    text = plain.get(f"{server.url}/workbench/logins/1", headers=JAPANESE).text
    for said in (
        "AWS sign-in による拒否",
        "（検査 signature）",  # noqa: RUF001 - Japanese has brackets of its own
        "<dt>理由</dt>",
        "<dt>実際の値</dt>",
        "<b>アサーションの提示</b>",
        "<dt>レスポンス</dt>",
        "、転送先 ",
        "<h2>メッセージと検査</h2>",
        "ロール arn:aws:iam::123456789012:role/ConnectAgent について、POST された時刻 ",
        "署名が正しくありません。以降の検査は、署名が正しいものとして行っています。",
        "✗ signature 失敗",
    ):
        assert said in text, said
    shown = text.partition("<template")[0]
    for english in ("as it was posted", "Present the assertion", "<dt>why</dt>", "<summary>headers", "Okta tile"):
        assert english not in shown, english


def test_the_bench_is_japanese_in_the_same_way(server: Server, federation: Federation, plain: requests.Session) -> None:
    """Its verdict and what AWS answers are the same parts."""
    faults = read_faults(["{attribute: Role, set: not-a-role}"])
    federation.identity_providers["acme"].faults.inject(APP, USER, faults)
    login = log_in(federation, user=USER, app=APP)
    text = plain.get(f"{server.url}/workbench/bench?login=1", headers=JAPANESE).text
    assert "✗ role-attribute 失敗" in text
    assert "時刻 2026-01-15T09:00:00.000Z で判定" in text
    form = {"do": "sign-in", "xml": base64.b64decode(login.saml_response).decode()}
    text = plain.post(f"{server.url}/workbench/bench", data=form, headers=JAPANESE).text
    assert "AWS sign-in による拒否" in text
    assert "（検査 role-attribute）" in text  # noqa: RUF001 - Japanese has brackets of its own
    assert "<dt>期待値</dt>" in text


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session
