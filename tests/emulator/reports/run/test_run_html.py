"""The HTML report: its structure, and that it loads nothing, runs nothing and gives no secret away."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lxml import html

from emulator.commands.run import command
from emulator.flow import credentials_in
from emulator.kernel.errors import EnvironmentProblem, Location, Problem, ScenarioError
from emulator.kernel.version import version
from emulator.network.data_folder.keys import KeyFolder
from emulator.reports.run import run_html as module
from emulator.reports.run.html_parts import escaped
from emulator.reports.run.run_html import run_html
from emulator.scenarios.results import Result
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.runs import Run, Unusable, read_usable
from emulator.scenarios.scenario_file import read_scenarios
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, ROLE_ARN, TWO_ROLES_USER, USER

FIRST = "//details[@data-text][1]"
SECOND = "//details[@data-text][2]"
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
    return [replace(run_scenario(each, keys=keys, judges=True), seconds=0.25) for each in read_scenarios(scenario_file)]


def _report(results: Iterable[Result], **more: Any) -> str:
    return run_html(Run(tuple(results), **more), at=datetime(2026, 1, 15, 9, 0, tzinfo=UTC))


def _page(text: str) -> Any:
    return html.document_fromstring(text)


def _texts(page: Any, path: str) -> list[str]:
    return [" ".join(each.text_content().split()) for each in page.xpath(path)]


def test_the_page_has_a_summary_and_each_scenario(results: list[Result], scenario_file: Path) -> None:
    """What failed is open, and every expectation has what was wanted and what was received."""
    page = _page(_report(results))
    assert _texts(page, "//h1") == ["Scenarios: 1 failed, 1 passed"]
    figures = dict(zip(_texts(page, "//header/dl//dt"), _texts(page, "//header/dl//dd"), strict=True))
    assert figures == {
        "passed": "1",
        "failed": "1",
        "seconds": "0.5",
        "written": "2026-01-15T09:00:00.000Z",
        "seed": "1",
        "fedemu": version(),
        "world files": results[0].scenario.world.document.file,
    }
    assert _texts(page, f"{SECOND}/summary") == ["✓ passed B It arrives (250 ms)"]
    found = page.xpath("//details[@data-text]")
    assert [each.get("class") for each in found] == ["result failed", "result passed"]
    assert [each.get("open") is not None for each in found] == [True, False]
    assert found[1].get("data-text") == f"B It arrives {scenario_file}"
    assert _texts(page, f"{FIRST}//table[1]/tbody/tr/*") == [
        *("outcome", "accepted", "refused", f"✗ not met, {scenario_file}:7"),
    ]
    assert _texts(page, f"{SECOND}//table[1]/tbody/tr/*") == [
        *("outcome", "accepted", "accepted", "✓ met"),
        *("session_name", USER, USER, "✓ met"),
    ]
    assert {each.get("scope") for each in page.xpath("//th")} == {"col", "row"}
    assert _texts(page, f"{SECOND}//h3") == [f"{USER} opens {APP}"]
    assert _texts(page, f"{SECOND}//ol[@class='hops']/li[1]/dl/*") == [
        *("request", "GET https://acme.okta.com/app/UserHome", "answer", "200"),
        *("Okta", "asks for user name and password"),
    ]
    (headers,) = page.xpath(f"{SECOND}//ol[@class='hops']/li[2]//pre")
    assert headers.text_content().splitlines()[:4] == [
        "Host: acme.okta.com",
        "User-Agent: fedemu",
        "Accept: text/html",
        "Content-Type: application/x-www-form-urlencoded",
    ]
    assert "Set-Cookie: sid=(redacted); Secure; HttpOnly; Path=/; SameSite=None" in headers.text_content().splitlines()
    assert _texts(page, f"{FIRST}//p[code]") == [f"reproduce with: fedemu run {scenario_file} -k A"]
    assert _texts(page, f"{SECOND}//p[code]") == []


def test_a_refused_login_has_its_block_and_every_checks_verdict(results: list[Result]) -> None:
    """The block is the terminal's; each check is at its line of the message, in colour, by a sign and in words."""
    page = _page(_report(results))
    block = page.xpath(f"{FIRST}//h3[text()='Why']/following-sibling::pre[1]")[0].text_content()
    assert block.splitlines()[0] == "AWS sign-in refused: InvalidIdentityToken (400), check role-session-name"
    assert _texts(page, f"{FIRST}//h4/following-sibling::p")[0] == (
        f"✓ 24 passed, ✗ 1 failed for the role {ROLE_ARN}, as it was posted at 2026-01-15T09:00:00.000Z."
    )
    failed, without_line = _texts(page, f"{FIRST}//ul[@class='checks']/li")
    line = block.partition("RoleSessionName']:")[2].split()[0]
    assert failed == (
        f"✗ role-session-name, line {line}: RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{{2,64}}"
        " want[a-zA-Z_0-9+=,.@-]{2,64} gota b"
    )
    assert without_line == (
        "✓ passed, without a line of their own: base64, instants, source-identity, session-tags, max-session-duration"
    )
    (link,) = page.xpath(f"{FIRST}//ul//a/@href")
    assert link == f"#r0-1-{line}"
    (marked,) = page.xpath(f"//*[@id='{link[1:]}']")
    assert marked.get("class") == "bad"
    assert marked.text_content().split("\n")[0].strip() == (
        '<saml2:Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName" '
        'NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic">✗ role-session-name failed'
    )
    (audience,) = page.xpath(f"{SECOND}//li[contains(., '<saml2:Audience>')][b or span]")
    assert " ".join(audience.text_content().split()) == (
        "<saml2:Audience>urn:amazon:webservices</saml2:Audience>✓ audience"
    )
    assert [each.get("class") for each in audience.xpath(".//b")] == ["good"]


def test_lines_have_their_numbers_and_what_nobody_reads_is_short(results: list[Result]) -> None:
    """Signatures are folded up unless something failed in them; their values are cut, and numbers go on after them."""
    text = _report(results)
    page = _page(text)
    numbers, expected = [], 0
    for item in page.xpath(f"{SECOND}//ol[@class='xml']/li"):
        expected = int(item.get("value", expected + 1))
        if item.get("class") != "fold":
            numbers.append((expected, item.text_content().split("✓")[0].strip()))
    judged = results[1].judged[0]
    assert judged is not None
    lines = judged.laid_out.splitlines()
    assert [lines[number - 1].strip() for number, _ in numbers] == [line for _, line in numbers]
    folded = _texts(page, f"{SECOND}//li[@class='fold']//summary")
    assert [each.endswith(", of the signature") for each in folded] == [True, True]
    assert re.search(r"&lt;ds:SignatureValue&gt;[A-Za-z0-9+/]{16}… \(344 characters\)&lt;/ds:SignatureValue&gt;", text)


def test_files_that_cannot_be_used_are_on_top(scenario_file: Path, tmp_path: Path, results: list[Result]) -> None:
    """Each at its line, those of scenarios with their names; they count."""
    bad = tmp_path / "bad.yaml"
    bad.write_text("scenario: x\nid: <b>\nexpects: {}\n", encoding="utf-8")
    scenarios, errors = read_usable([scenario_file, bad])
    problem = Problem(Location("two.yaml", 5, "faults[0]"), "there is no attribute NoSuch to remove", "Role")
    page = _page(_report(results, errors=tuple(errors), unusable=(Unusable(scenarios[1], ScenarioError([problem])),)))
    assert _texts(page, "//h1") == ["Scenarios: 1 failed, 1 passed, 1 unusable, 1 file in error"]
    figures = dict(zip(_texts(page, "//header/dl//dt"), _texts(page, "//header/dl//dd"), strict=True))
    assert (figures["unusable"], figures["files in error"]) == ("1", "1")
    assert _texts(page, "//main/section[1]/h2") == ["Not run"]
    assert _texts(page, "//section//article/p") == ["✗ error this file cannot be used", "✗ error B It arrives"]
    told = [each.text_content().splitlines() for each in page.xpath("//section//article/pre")]
    assert told[0][:2] == [f"{bad}:1", "  the key expect is missing"]
    assert told[1] == ["two.yaml:5  faults[0]", "  there is no attribute NoSuch to remove", "  want   Role"]


TWICE = (
    "faults: [{element: Assertion/Conditions/AudienceRestriction/Audience, set: urn:example}]\n"
    f"then: [{{wait: 1m}}, {{login: {{user: {TWO_ROLES_USER}, app: {APP}, role: ConnectSupervisor}}}}, "
    "{open: 'https://acme.my.connect.aws/ccp-v2'}]\n"
)
WRAPPED = "faults: [{wrap: xsw3}]\n"
FOREIGN = "faults: [{signature: foreign-key}]\n"
CANNOT_BE_ASKED = (
    "○ version, status, instants, role-attribute, provider, assertion-encryption, issuer, response-destination, "
    "signature, subject-confirmation, audience, redeemed-in-time, time-window, requested-role, session-end, "
    "role-session-name, source-identity, session-tags, session-duration, name-id, trust-policy, recipient, "
    "max-session-duration: cannot be asked: the check response failed"
)


def _of_one(folder: Path, keys: KeyFolder, more: str) -> Any:
    path = folder / "one.yaml"
    path.write_text(
        f"scenario: One\nid: X\nworld: {DEFAULT_WORLD}\nlogin: {{user: {USER}, app: {APP}}}\n{more}"
        "expect: {outcome: accepted, oracle: assumed}\n",
        encoding="utf-8",
    )
    (scenario,) = read_scenarios(path)
    return _page(_report([run_scenario(scenario, keys=keys, tries_fixes=False, judges=True)]))


def test_every_login_of_a_scenario_is_told(tmp_path: Path, keys: KeyFolder) -> None:
    """Each with its own hops and message; a page that was opened posted none."""
    page = _of_one(tmp_path, keys, TWICE)
    assert _texts(page, "//h3")[-3:] == [
        f"1 of 3: {USER} opens {APP}",
        f"2 of 3: {TWO_ROLES_USER} opens {APP}",
        "3 of 3: Connect page",
    ]
    assert _texts(page, "//h3/following-sibling::p[1]")[-3:] == [
        "stopped at https://signin.aws.amazon.com/saml",
        "arrived at https://acme.my.connect.aws/home",
        "arrived at https://acme.my.connect.aws/ccp-v2",
    ]
    assert len(page.xpath("//ol[@class='hops']")) == 3
    (why,) = page.xpath("//h3[starts-with(., '1 of 3')]/following-sibling::pre[1]")
    assert why.text_content().startswith("AWS sign-in refused: InvalidIdentityToken (400), check audience\n")
    assert [each[:9] for each in _texts(page, "//h4/following-sibling::p[1]")] == ["✓ 24 pass", "✓ 25 pass"]
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        (WRAPPED, CANNOT_BE_ASKED),
        (FOREIGN, "The signature is not right: the checks after it are asked as if it were."),
    ],
    ids=["wrapped", "foreign key"],
)
def test_what_could_not_be_asked_is_told(tmp_path: Path, keys: KeyFolder, more: str, shown: str) -> None:
    """It is shown with the reason."""
    page = _of_one(tmp_path, keys, more)
    assert shown in [*_texts(page, "//ul[@class='checks']/li"), *_texts(page, "//p[@class='dim']")]


def test_a_second_mistake_has_its_own_reason(tmp_path: Path, keys: KeyFolder) -> None:
    """The first check is shown with the refusal."""
    faults = "{signature: foreign-key}, {attribute: RoleSessionName, set: a b}"
    page = _of_one(tmp_path, keys, f"faults: [{faults}]\n")
    names = [[each.text for each in item.xpath(".//dt")] for item in page.xpath("//ul[@class='checks']/li")]
    assert names == [["want", "got"], ["why", "want", "got", "from", "fix"], []]


def test_what_is_no_xml_is_shown_as_it_is(tmp_path: Path, keys: KeyFolder) -> None:
    """A web page in the place of a message."""
    page = _of_one(tmp_path, keys, "faults: [{payload: html}]\n")
    assert "✗ response" in _texts(page, "//ul[@class='checks']/li[1]")[0]
    assert _texts(page, "//ol[@class='xml']/li[1]")[0].startswith("<")


def test_texts_are_escaped_and_control_characters_are_shown(results: list[Result]) -> None:
    """A title is a text, whatever is in it."""
    text = _report(results)
    assert "<script>alert" not in text
    title = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &#x27;it&#x27; &amp; \N{REPLACEMENT CHARACTER}[31m"
    assert f"{title} \N{REPLACEMENT CHARACTER} <span" in text
    assert text.count("<script>") == 1


def test_nothing_is_loaded_and_no_secret_is_told(results: list[Result]) -> None:
    """No element refers to another host, and neither the message nor the password is there."""
    text = _report(results)
    page = _page(text)
    loaded = page.xpath("//@src | //link/@href | //@action | //@srcset")
    assert loaded == ["data:,"]
    assert all(link.startswith("#r") for link in page.xpath("//a/@href"))
    assert "url(" not in text
    assert "@import" not in text
    login = results[0].login
    assert login is not None
    message = login.login.saml_response
    assert len(message) > 1000
    assert message[:60] not in text
    assert "correct-horse" not in text
    assert {each.split("=")[1].split(";")[0] for each in re.findall(r"Set-Cookie: [^\n]*", text)} == {"(redacted)"}
    assert set(re.findall(r"\nCookie: ([^\n]*)", text)) == {"(redacted)"}


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
    page = _page(_report(results[::-1]))
    assert [len(each.xpath(".//ol[@class='hops']")) for each in page.xpath("//details[@data-text]")] == [0, 1]
    told = "The login is left out: with so many results it is told of the first 1, failed ones first."
    assert told in _texts(page, f"{FIRST}//p")


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
    assert "(redacted)" in _report([result])
    assert secret not in _report([result]) + compared.mismatch
