"""The HTML report: its structure, and that nothing in it is loaded, done or told that is not to be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lxml import html

from emulator.commands.run import command
from emulator.flow import credentials_in
from emulator.kernel.errors import EnvironmentProblem
from emulator.network.keys import KeyFolder
from emulator.reports.run import run_html as module
from emulator.reports.run.html_frame import escaped
from emulator.reports.run.run_html import html_report
from emulator.scenarios.results import Result
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import read_scenarios
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER

TITLE = """<script>alert("1")</script> 'it' & \\x1b[31m \\u202e"""


@pytest.fixture
def scenario_file(tmp_path: Path) -> Path:
    """Writes two scenarios: one fails, with a title that is to be escaped, and one passes."""
    login = f"world: {DEFAULT_WORLD}\nlogin: {{user: {USER}, app: {APP}}}\n"
    title = TITLE.replace('"1"', '\\"1\\"')
    path = tmp_path / "two.yaml"
    path.write_text(
        f'scenario: "{title}"\nid: A\ntags: [smoke]\n{login}'
        "faults: [{attribute: RoleSessionName, set: a b}]\nexpect: {outcome: accepted, oracle: assumed}\n---\n"
        f"scenario: It arrives\nid: B\n{login}expect: {{outcome: accepted, session_name: {USER}, oracle: assumed}}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def results(scenario_file: Path, keys: KeyFolder) -> list[Result]:
    """Runs the two scenarios."""
    return [replace(run_scenario(each, keys=keys), seconds=0.25) for each in read_scenarios(scenario_file)]


def _page(text: str) -> Any:
    return html.document_fromstring(text)


def _texts(page: Any, path: str) -> list[str]:
    return [" ".join(each.text_content().split()) for each in page.xpath(path)]


def test_the_page_has_a_summary_and_each_scenario(results: list[Result], scenario_file: Path) -> None:
    """What failed is open, and every expectation has what was wanted and what was received."""
    page = _page(html_report(results))
    assert _texts(page, "//h1") == ["Scenarios: 1 failed, 1 passed"]
    assert _texts(page, "//header/dl/dt") == ["passed", "failed", "seconds", "fedemu", "world files"]
    values = _texts(page, "//header/dl/dd")
    assert values[:3] == ["1", "1", "0.5"]
    assert values[4:] == [results[0].scenario.world.document.file]
    assert _texts(page, "//summary")[1] == "passed B It arrives (250 ms)"
    assert [each.get("class") for each in page.xpath("//details")] == ["result failed", "result passed"]
    assert [each.get("open") is not None for each in page.xpath("//details")] == [True, False]
    assert page.xpath("//details")[1].get("data-text") == f"B It arrives {scenario_file} "
    assert _texts(page, "//details[1]//table[1]/tbody/tr") == ["outcomeacceptedrefusednot met"]
    assert _texts(page, "//details[2]//table[1]/tbody/tr/*") == [
        *("outcome", "accepted", "accepted", "met"),
        *("session_name", USER, USER, "met"),
    ]
    assert {each.get("scope") for each in page.xpath("//th")} == {"col", "row"}
    assert _texts(page, "//details[2]//li[1]/dl/*") == [
        *("request", "GET https://acme.okta.com/app/UserHome", "answer", "200"),
        *("Okta", "asks for user name and password"),
    ]


def test_a_refused_login_has_its_block_and_its_assertion(results: list[Result]) -> None:
    """The block is the terminal's; the assertion's attributes are as they were posted."""
    page = _page(html_report(results))
    (block,) = page.xpath("//details[1]//pre")
    assert block.text_content().splitlines()[0] == (
        "AWS sign-in refused: InvalidIdentityToken (400), check role-session-name"
    )
    rows = _texts(page, "//details[1]//table[2]/tbody/tr")
    assert "https://aws.amazon.com/SAML/Attributes/RoleSessionNamea b" in rows
    assert f"NameID{USER}" in rows


def test_texts_are_escaped_and_control_characters_are_shown(results: list[Result]) -> None:
    """A title is a text, whatever is in it."""
    text = html_report(results)
    assert "<script>alert" not in text
    title = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &#x27;it&#x27; &amp; \N{REPLACEMENT CHARACTER}[31m"
    assert f"{title} \N{REPLACEMENT CHARACTER} <span" in text
    assert text.count("<script>") == 1


def test_nothing_is_loaded_and_no_secret_is_told(results: list[Result]) -> None:
    """No element refers to another host, and neither the message nor the password is there."""
    text = html_report(results)
    page = _page(text)
    assert page.xpath("//@src | //@href | //@action | //@srcset") == ["data:,"]
    assert "url(" not in text
    assert "@import" not in text
    login = results[0].login
    assert login is not None
    message = login.login.saml_response
    assert len(message) > 1000
    assert message[:60] not in text
    assert "correct-horse" not in text
    assert "set-cookie" not in text.lower()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/saml?SAMLRequest=fZJ%2Bx&RelayState=r", "/saml?SAMLRequest=(left out)&amp;RelayState=r"),
        ("/?fromURI=%2Fsaml%3FSAMLRequest%3DfZJ%252Bx%26a%3Db", "/?fromURI=%2Fsaml%3FSAMLRequest%3D(left out)%26a%3Db"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- x", "(left out) x"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "(left out)"),
        ("a" * 2001, "a" * 2000 + "… (cut, 1 more characters)"),
        ("a\0b\tc", "a\N{REPLACEMENT CHARACTER}b\tc"),
    ],
)
def test_messages_keys_and_long_texts_are_left_out(text: str, shown: str) -> None:
    """And what is left out says so."""
    assert escaped(text) == shown


def test_of_many_results_the_failed_are_told_in_full(results: list[Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """The others say that their login is left out."""
    monkeypatch.setattr(module, "MOST_IN_FULL", 1)
    page = _page(html_report(results[::-1]))
    assert [len(each.xpath(".//ol")) for each in page.xpath("//details")] == [0, 1]
    told = "The login is left out: with so many results it is told of the first 1, failed ones first."
    assert told in _texts(page, "//details[1]//p")


def test_run_writes_the_page(scenario_file: Path, tmp_path: Path) -> None:
    """Beside what it prints, and with the same exit code."""
    report = tmp_path / "report.html"
    ran = CliRunner().invoke(command, [str(scenario_file), "--html", str(report)], standalone_mode=False)
    assert ran.return_value == 1
    assert "2 scenarios, 1 as expected, 1 not" in ran.output
    assert "<h1>Scenarios: 1 failed, 1 passed</h1>" in report.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_is_told(scenario_file: Path, tmp_path: Path) -> None:
    """By its place, and what was printed stays."""
    report = tmp_path / "missing" / "report.html"
    with pytest.raises(EnvironmentProblem, match="The report cannot be written: No such file or directory") as caught:
        command.main([str(scenario_file), "--html", str(report)], standalone_mode=False)
    assert caught.value.where == str(report)


def test_credentials_of_an_answer_are_not_told(tmp_path: Path, keys: KeyFolder) -> None:
    """An expectation of the last page that is not met shows what STS answered, without the secret key."""
    path = tmp_path / "sts.yaml"
    path.write_text(
        f"scenario: x\nid: X\nworld: {DEFAULT_WORLD}\nlogin: {{user: {USER}, app: {APP}, via: sts}}\n"
        "expect: {outcome: accepted, page: Nothing, oracle: assumed}\n",
        encoding="utf-8",
    )
    (scenario,) = read_scenarios(path)
    result = run_scenario(scenario, keys=keys, tries_fixes=False)
    assert result.login is not None
    secret = credentials_in(result.login.login.page)["SecretAccessKey"]
    (compared,) = (each for each in result.compared if each.name == "page")
    assert "(redacted)" in html_report([result])
    assert secret not in html_report([result]) + compared.mismatch
