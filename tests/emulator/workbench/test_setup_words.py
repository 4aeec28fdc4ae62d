"""A set-up's titles, labels and notes, in the language of the page."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from emulator import setup_steps
from emulator.federation import Federation
from emulator.network.listener.server import Server
from emulator.setup_steps.step import Step
from emulator.setup_steps.walking import set_up_of
from emulator.workbench.setup_words import setup_words
from emulator.workbench.words import Words

JAPANESE = {"Accept-Language": "ja"}


def _texts_in_the_code() -> Iterator[str]:
    """Yields the titles and notes that the steps' code has, with ``X`` for what it fills in."""
    for file in Path(str(setup_steps.__file__)).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            is_step = isinstance(node.func, ast.Name) and node.func.id == "Step" and len(node.args) > 2
            texts = [node.args[2]] if is_step else []
            texts += [each.value for each in node.keywords if each.arg == "note"]
            yield from filter(None, map(_text, texts))


def _text(node: ast.expr) -> str:
    """Returns a text with ``X`` for what is filled in; empty where all of it is."""
    if isinstance(node, ast.JoinedStr):
        pieces = [str(each.value) if isinstance(each, ast.Constant) else _filled(each) for each in node.values]
        is_ours = any(len(each) > 2 for each in pieces) and pieces[-1] != "X"
        return "".join(pieces) if is_ours else ""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _filled(node: ast.expr) -> str:
    return "SAML" if "SAML" in ast.dump(node) else "X"


def test_each_title_and_note_of_the_code_has_a_translation() -> None:
    """A text that is changed in the code is changed with the words."""
    texts = list(_texts_in_the_code())
    assert "X: the assignment of people and groups" in texts
    assert len(texts) > 15
    say = setup_words(Words("ja"))
    assert [text for text in texts if say(text) == text] == []
    assert [text for text in texts if setup_words(Words("en"))(text) != text] == []


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        (
            "acme/aws (AWS): AWS accounts 1, 2, Amazon Connect instance a, Amazon Connect instance b",
            "acme/aws (AWS)：AWS アカウント 1, 2、Amazon Connect インスタンス a、Amazon Connect インスタンス b",  # noqa: RUF001
        ),
        ("Neither app nor SAML provider yet: no AWS account", "アプリも SAML プロバイダーも未設定：AWS アカウントなし"),  # noqa: RUF001
        ("Okta: a SAML app", "Okta：SAML アプリ"),  # noqa: RUF001
        ("Identity provider: what the assertion says", "ID プロバイダー：アサーションの内容"),  # noqa: RUF001
        ("2 of 1,200 logins of 900 people do not arrive.", "900 人のログイン 1,200 件のうち 2 件が到達しません。"),
        ("None of 1 login of 1 person arrives.", "1 人のログイン 1 件のうち、到達するものはありません。"),
        ("https://acme.okta.com > My Apps > the tile", "https://acme.okta.com > My Apps > タイル"),
        ("Sign On > Default Relay State", "Sign On > Default Relay State"),
        ("{braces} of nobody", "{braces} of nobody"),
    ],
)
def test_what_a_step_fills_in_stays(english: str, japanese: str) -> None:
    """Names, numbers and addresses are the step's; a console's field is the console's."""
    assert setup_words(Words("ja"))(english) == japanese


def _steps(federation: Federation) -> Iterator[Step]:
    for walk in set_up_of(federation).walks:
        yield from walk.steps


def test_no_step_has_an_english_title_on_a_japanese_page(
    server: Server, federation: Federation, plain: requests.Session
) -> None:
    """Neither titles nor notes are English; the fields of the consoles are as they are there."""
    text = plain.get(f"{server.url}/workbench/setup", headers=JAPANESE).text
    steps = list(_steps(federation))
    assert len(steps) > 12
    for step in steps:
        assert f"{step.number} {step.title}".replace('"', "&#34;").replace("'", "&#39;") not in text, step.title
        for note in (*step.notes, *(value.note for value in step.values if value.note)):
            assert note.replace("'", "&#39;") not in text
    assert "6 IAM：SAML 2.0 フェデレーション用のロール</h3>" in text  # noqa: RUF001
    assert "Sign On &gt; Default Relay State" in text
    english = plain.get(f"{server.url}/workbench/setup").text
    assert "6 IAM: the role for SAML 2.0 federation</h3>" in english


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session
