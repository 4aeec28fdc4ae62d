"""What came of scenarios as JUnit, as SARIF and for GitHub Actions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from lxml import etree

from emulator.reports.run.run_github import github_annotations, github_summary
from emulator.reports.run.run_junit import run_junit
from emulator.reports.run.run_sarif import run_sarif
from emulator.scenarios.results import Result
from emulator.scenarios.runs import Run, Unusable, outcomes, read_usable
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER

AT = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
NASTY = 'a \x1b[31m]]> & <b> "q" \'\uffff \u202e 100%: x, y </pre>'
Made = Callable[..., Run]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Returns a function that runs a scenario for each of the changes to one that passes."""
    monkeypatch.chdir(tmp_path)

    def call(*changes: dict[str, object]) -> Run:
        for number, change in enumerate(changes, 1):
            data = {
                "scenario": "A login",
                "id": f"S-{number}",
                "world": str(DEFAULT_WORLD),
                "tags": ["first", "second"],
                "login": {"user": USER, "app": APP},
                "expect": {"outcome": "accepted", "oracle": "spec"},
            }
            text = yaml.safe_dump(data | change, sort_keys=False)
            Path(f"s{number}.yaml").write_text(text, encoding="utf-8")
        scenarios, errors = read_usable([Path(f"s{number}.yaml") for number in range(1, len(changes) + 1)])
        came = list(outcomes(scenarios))
        results = tuple(each for each in came if isinstance(each, Result))
        return Run(results, tuple(errors), tuple(each for each in came if isinstance(each, Unusable)))

    return call


FAILS: dict[str, object] = {"expect": {"outcome": "accepted", "oracle": "spec", "role": "NoSuch"}}
REFUSED: dict[str, object] = {"faults": [{"attribute": "RoleSessionName", "set": "hanako sato"}]}
BAD: dict[str, object] = {"expects": {}}
UNUSABLE: dict[str, object] = {"faults": [{"attribute": "NoSuch", "remove": True}]}


def test_junit_has_a_case_for_each(made: Made) -> None:
    """File, line, id and title, properties; a failure's text is the block; a file in error is a case in error."""
    root = etree.fromstring(run_junit(made({}, REFUSED, BAD, UNUSABLE), at=AT).encode())
    (suite,) = root
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "timestamp")} == {
        "tests": "4",
        "failures": "1",
        "errors": "2",
        "skipped": "0",
        "timestamp": "2026-01-15T09:00:00",
    }
    passed, failed, unusable, bad = suite
    assert {name: passed.get(name) for name in ("classname", "name", "file", "line")} == {
        "classname": "s1.yaml",
        "name": "S-1 A login",
        "file": "s1.yaml",
        "line": "1",
    }
    assert re.fullmatch(r"\d+\.\d{3}", passed.get("time", ""))
    properties = [(each.get("name"), each.get("value")) for each in passed.iter("property")]
    assert properties[:4] == [("tag", "first"), ("tag", "second"), ("oracle", "spec"), ("seed", "1")]
    assert properties[4][0] == "version"
    assert passed.find("failure") is None
    failure = failed.find("failure")
    assert failure is not None
    assert failure.get("message") == "outcome: expected accepted, received refused"
    assert "AWS sign-in refused: InvalidIdentityToken (400), check role-session-name" in (failure.text or "")
    assert [case.find("error").get("message") for case in (unusable, bad)] == [  # type: ignore[union-attr]  # there
        "there is no attribute NoSuch to remove",
        "unknown key expects",
    ]
    assert (bad.get("name"), bad.get("file")) == ("this file cannot be used", "s3.yaml")


def test_names_are_no_markup(made: Made) -> None:
    """Whatever a title holds, XML is well formed, and what XML or a terminal cannot take is replaced."""
    run = made(FAILS | {"scenario": NASTY, "tags": [NASTY]})
    (case,) = etree.fromstring(run_junit(run, at=AT).encode())[0]
    told = 'a \ufffd[31m]]> & <b> "q" \'\ufffd \ufffd 100%: x, y </pre>'
    assert case.get("name") == f"S-1 {told}"
    assert next(case.iter("property")).get("value") == told
    summary = github_summary(run)
    assert summary.count("</pre>") == 1
    assert "<b>" not in summary
    assert json.loads(run_sarif(run))["runs"][0]["results"][0]["message"]["text"].startswith("S-1 a ")


def test_sarif_has_failures_and_bad_files(made: Made) -> None:
    """The rule is the check that decided; the place is the expectation's line, and origins are related."""
    (log,) = json.loads(run_sarif(made({}, REFUSED, FAILS, BAD)))["runs"]
    rules = {rule["id"]: rule["help"]["text"] for rule in log["tool"]["driver"]["rules"]}
    assert rules == {
        "role-session-name": "fedemu explain role-session-name",
        "expectation": "A login did not end as its scenario says.",
        "scenario-file": "A file cannot be used.",
    }
    refused, failed, bad = log["results"]
    assert refused["message"]["text"].startswith("S-2 A login\noutcome: expected accepted, received refused\n")
    assert "AWS sign-in: RoleSessionName in AuthnResponse must match" in refused["message"]["text"]
    assert refused["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "s2.yaml"},
        "region": {"startLine": 11},
    }
    assert [each["level"] for each in log["results"]] == ["error"] * 3
    assert failed["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "expect.role"}]
    assert bad["message"]["text"].splitlines()[::2] == ["unknown key expects", "Did you mean: expect"]
    assert json.loads(run_sarif(made({})))["runs"][0]["results"] == []


def test_annotations_are_escaped_as_the_toolkit_does(made: Made) -> None:
    """Percent signs and line ends in both, colons and commas in properties only."""
    run = made({}, FAILS | {"scenario": "50%: a, b", "id": "S\r\n2"}, BAD)
    failed, bad = github_annotations(run)
    assert failed.startswith("::error title=S%0D%0A2 50%25%3A a%2C b,file=s2.yaml,line=13::role: expected NoSuch, ")
    assert bad == "::error title=This file cannot be used,file=s3.yaml,line=13::unknown key expects"


def test_annotations_name_files_from_the_workspace(made: Made, tmp_path: Path) -> None:
    """What is outside of it is named as it was given."""
    run = made(FAILS)
    (line,) = github_annotations(run, workspace=tmp_path.parent)
    assert f",file={tmp_path.name}/s1.yaml,line=" in line
    (line,) = github_annotations(run, workspace=tmp_path / "other")
    assert ",file=s1.yaml,line=" in line


def test_the_summary_has_counts_and_reasons(made: Made) -> None:
    """It stays below what GitHub takes."""
    run = made({}, REFUSED, BAD, UNUSABLE)
    summary = github_summary(run)
    assert summary.startswith("### fedemu run: 3 scenarios, 1 as expected, 1 not, 1 unusable, 1 file in error\n")
    assert "<summary><code>S-2 A login</code></summary>" in summary
    assert "check role-session-name" in summary
    many = github_summary(Run(run.results[1:] * 2000))
    assert len(many.encode()) < 1024 * 1024
    assert re.search(r"\nand \d+ more\n$", many)
