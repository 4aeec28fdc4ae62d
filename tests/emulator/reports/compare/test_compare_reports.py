"""A comparison as JUnit XML and as Markdown: what CI and a pull request show, whatever names hold."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from emulator.cli import main
from emulator.world import DEFAULT_WORLD

Run = Callable[..., tuple[int, str, str]]
GLOBAL = "https://signin.aws.amazon.com/saml"
REGIONAL = "https://ap-northeast-1.signin.aws.amazon.com/saml"
ODD = "`a|<b>*@octocat [x](y) #1 &amp;_"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Returns a function that runs ``compare`` in a folder with two worlds: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    text = DEFAULT_WORLD.read_text(encoding="utf-8")
    Path("before.yaml").write_text(text, encoding="utf-8")
    Path("after.yaml").write_text(
        text.replace("saml_user_roles: [ConnectAgent]", "saml_user_roles: [ConnectSupervisor]"), encoding="utf-8"
    )
    Path("same.yaml").write_text(text, encoding="utf-8")
    person = "      hanako@example.com: {first_name: Hanako, "
    assert person in text
    odd = text.replace(person, f"      '{ODD}': {{email: hanako@example.com, first_name: Hanako, ", 1)
    odd = odd.replace(
        "        session_duration: 3600\n", "        session_duration: 3600\n        username_format: email\n"
    )
    Path("odd.yaml").write_text(odd, encoding="utf-8")
    Path("odd-gone.yaml").write_text(re.sub(r"\n +'`a.*password.*", "", odd), encoding="utf-8")

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(["compare", *arguments])
        captured = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, captured.out, captured.err

    return call


def _junit(text: str) -> etree._Element:
    """Parses JUnit XML and asserts its shape."""
    root = etree.fromstring(text.encode("utf-8"))
    assert root.tag == "testsuites"
    (suite,) = root
    assert suite.tag == "testsuite"
    cases = list(suite)
    assert {case.tag for case in cases} == {"testcase"}
    assert all(case.get("name") and case.get("classname") and case.get("time") == "0" for case in cases)
    assert {inside.tag for case in cases for inside in case} <= {"failure", "system-out"}
    for each in (root, suite):
        assert each.get("tests") == str(len(cases))
        assert each.get("failures") == str(sum(case.find("failure") is not None for case in cases))
        assert (each.get("errors"), each.get("skipped")) == ("0", "0")
    return suite


def test_junit_on_stdout(run: Run) -> None:
    """A failure for each group of logins that is lost or changed, with file and line; a case for those as before."""
    code, out, err = run("before.yaml", "after.yaml", "--junit", "-")
    assert (code, err) == (1, "")
    suite = _junit(out)
    assert suite.get("name") == "before.yaml -> after.yaml"
    lost, changed, kept = suite
    assert lost.get("classname") == "acme/amazon-connect"
    assert lost.get("name") == "1 login is lost: taro@example.com in acme/amazon-connect, as ConnectAgent"
    assert (lost.get("file"), lost.get("line")) == ("after.yaml", "23")
    failure = lost[0]
    assert (failure.tag, failure.get("type"), failure.get("message")) == ("failure", "lost", lost.get("name"))
    assert "because taro@example.com is not given the role any more" in (failure.text or "")
    assert (changed[0].tag, changed[0].get("type")) == ("failure", "changed")
    assert kept.get("name") == "1 as before as ConnectSupervisor: https://acme.my.connect.aws/home"
    assert len(kept) == 0


def test_what_counts_as_a_failure(run: Run) -> None:
    """What makes the exit code 1 is a failure; other findings are output of the test case."""
    code, out, _ = run("before.yaml", "after.yaml", "--junit", "-", "--fail-on", "refused")
    tags = [[inside.tag for inside in case] for case in _junit(out)]
    assert (code, tags) == (1, [["failure"], ["system-out"], []])
    code, out, _ = run("after.yaml", "before.yaml", "--junit", "-", "--fail-on", "never")
    assert code == 0
    assert _junit(out).get("failures") == "0"


def test_files_and_the_terminal(run: Run) -> None:
    """Reports go into files, and the terminal has the text nevertheless."""
    code, out, err = run("before.yaml", "after.yaml", "--junit", "report.xml", "--markdown", "report.md")
    assert (code, err) == (1, "")
    assert "before.yaml -> after.yaml: 1 lost, 1 changed, 0 gained, 1 as before, 1 new remark" in out
    assert _junit(Path("report.xml").read_text(encoding="utf-8")).get("failures") == "2"
    assert Path("report.md").read_text(encoding="utf-8").startswith("## Logins: 1 login is lost, 1 login changes\n")


def test_markdown_on_stdout(run: Run) -> None:
    """The verdict, a row for each login, the blocks to unfold, and nothing else on stdout."""
    code, out, err = run("before.yaml", "after.yaml", "--markdown")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[:8] == [
        "## Logins: 1 login is lost, 1 login changes",
        "",
        "`before.yaml` → `after.yaml`, as `fedemu compare` decides every login of both.",
        "",
        "| | who | app | role | before | after |",
        "|---|---|---|---|---|---|",
        "| lost | `taro@example.com` | `acme/amazon-connect` | `ConnectAgent` | `https://acme.my.connect.aws/home` | "
        "`not there` |",
        "| changed | `hanako@example.com` | `acme/amazon-connect` | `ConnectAgent` | "
        "`ConnectAgent, https://acme.my.connect.aws/home` | `ConnectSupervisor, https://acme.my.connect.aws/home` |",
    ]
    assert lines.count("</details>") == 2
    assert (
        "<details><summary><code>1 login is lost: taro@example.com in acme/amazon-connect, as ConnectAgent</code>"
        "</summary>" in lines
    )
    assert lines[-1] == "`before.yaml -> after.yaml: 1 lost, 1 changed, 0 gained, 1 as before, 1 new remark`"
    code, out, _ = run("before.yaml", "same.yaml", "--markdown")
    assert code == 0
    assert out.splitlines() == [
        "## Logins: every login is as before",
        "",
        "`before.yaml` → `same.yaml`, as `fedemu compare` decides every login of both.",
        "",
        "`before.yaml -> same.yaml: 0 lost, 0 changed, 0 gained, 3 as before`",
    ]


def test_names_are_no_markup(run: Run) -> None:
    """A name with bars, tags, back quotes, a mention or a link is code in each place, and ends none of them."""
    code, out, err = run("odd.yaml", "odd-gone.yaml", "--markdown")
    assert err == ""
    assert code == 1
    row = next(line for line in out.splitlines() if line.startswith("| lost"))
    cell = "`` " + ODD.replace("|", "\\|") + " ``"
    assert row.startswith(f"| lost | {cell} | `acme/amazon-connect` | `ConnectAgent` |")
    assert len(re.findall(r"(?<!\\)\|", row)) == 7
    summary = next(line for line in out.splitlines() if line.startswith("<details>"))
    assert html.escape(ODD) in summary
    assert "<b>" not in summary
    fenced = re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", out)
    code_taken_out = re.sub(r"(?s)(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", fenced)
    assert "@octocat" not in code_taken_out.replace(html.escape(ODD), "")
    suite = _junit(run("odd.yaml", "odd-gone.yaml", "--junit", "-")[1])
    assert ODD in (suite[0].get("name") or "")


def test_what_a_terminal_would_act_on_is_shown(run: Run) -> None:
    """Control characters and marks of direction in names reach no report and no terminal."""
    for name in ("before.yaml", "after.yaml"):
        text = Path(name).read_text(encoding="utf-8")
        label = '"Connect \\e[31m\\u202e\\x9b"'
        changed = text.replace("label: Amazon Connect SAML", f"label: {label}")
        Path(name).write_text(changed.replace("[Agents]}", "[]}") if name == "after.yaml" else changed, "utf-8")
    for form in ((), ("--markdown",), ("--junit", "-")):
        code, out, _ = run("before.yaml", "after.yaml", *form)
        assert code == 1
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", out), form
    assert "\x9b" not in run("before.yaml", "after.yaml", "--markdown")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--markdown", "before.yaml", "after.yaml"), "--markdown would overwrite before.yaml"),
        (("before.yaml", "same.yaml", "--junit", "after.yaml"), "--junit would overwrite after.yaml"),
        (("before.yaml", "same.yaml", "--json", "--markdown"), "Only one report can go to stdout"),
        (("before.yaml", "same.yaml", "--junit", "-", "--markdown"), "Only one report can go to stdout"),
    ],
)
def test_what_cannot_be_asked_for(run: Run, arguments: tuple[str, ...], said: str) -> None:
    """A world is never written over by a report, and stdout holds one form."""
    before = {path: path.read_bytes() for path in Path().iterdir()}
    code, out, err = run(*arguments)
    assert (code, said in (err + out)) == (2, True)
    assert {path: path.read_bytes() for path in Path().iterdir()} == before


def test_a_report_that_cannot_be_written(run: Run) -> None:
    """A folder that is not there: exit code 3, with the path."""
    code, _, err = run("before.yaml", "same.yaml", "--junit", "nosuch/report.xml")
    assert code == 3
    assert err.splitlines() == [
        "The report cannot be written: No such file or directory",
        "  where  nosuch/report.xml",
    ]


def test_what_seeds_leave_out_is_in_the_suite(run: Run) -> None:
    """Cases that pass are not all there is to say where something was not looked at."""
    role = "Resources: {R: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref Name}}}\n"
    template = f"{role}Parameters: {{Name: {{Type: String}}}}\n"
    Path("other.yaml").write_text(template, encoding="utf-8")
    text = Path("same.yaml").read_text(encoding="utf-8")
    seeded = text.replace("    saml_providers:\n", "    seed: [other.yaml]\n    saml_providers:\n")
    Path("seeded.yaml").write_text(seeded, encoding="utf-8")
    code, out, err = run("before.yaml", "seeded.yaml", "--junit", "-")
    assert (code, err) == (0, "")
    told = etree.fromstring(out.encode()).findtext("testsuite/system-out")
    assert told is not None
    assert told.startswith("before.yaml -> seeded.yaml: 0 lost, 0 changed, 0 gained, 3 as before")
    assert told.endswith("1 left out of seeds")
