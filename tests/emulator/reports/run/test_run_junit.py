"""JUnit XML, read back as CI systems' tools read it: by junitparser."""

from __future__ import annotations

from pathlib import Path

import pytest
from junitparser import Error, Failure, JUnitXml, Properties, Skipped, TestCase

from emulator.kernel.version import version
from emulator.reports.run.run_junit import run_junit
from emulator.reports.text import scenario_lines
from emulator.scenarios.runs import Run
from tests.emulator.reports.run.test_run_reports import AT, BAD, NASTY, REFUSED, UNUSABLE, Made, made

__all__ = ["made"]

SKIPPED: dict[str, object] = {"skip": "waits for the new tenant"}
XFAILED: dict[str, object] = {**REFUSED, "xfail": "a known mistake"}


@pytest.fixture
def run(made: Made) -> Run:
    """Runs a scenario of each kind: passed, refused, skipped, expected to fail, in a bad file, with a bad fault."""
    return made({}, REFUSED | {"scenario": NASTY, "id": "S-2 <&>"}, SKIPPED, XFAILED, BAD, UNUSABLE)


@pytest.fixture
def cases(run: Run, tmp_path: Path) -> dict[str, TestCase]:
    """Writes the XML, and returns its test cases by their files."""
    file = tmp_path / "junit.xml"
    file.write_text(run_junit(run, at=AT), encoding="utf-8")
    (suite,) = JUnitXml.fromfile(str(file))
    assert (suite.name, suite.timestamp) == ("fedemu run", "2026-01-15T09:00:00")
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (6, 1, 2, 2)
    assert suite.time == pytest.approx(sum(case.time for case in suite), abs=0.01)
    return {case.classname: case for case in suite}


def _properties(case: TestCase) -> list[tuple[str, str]]:
    (properties,) = case.iterchildren(Properties)  # type: ignore[no-untyped-call]  # junitparser types it not
    return [(each.name, each.value) for each in properties]


def test_names_files_and_lines_are_read_back(cases: dict[str, TestCase]) -> None:
    """The class is the file, so that CI systems group by it."""
    told = 'a \ufffd[31m]]> & <b> "q" \'\ufffd \ufffd 100%: x, y </pre>'
    assert {file: case.name for file, case in cases.items()} == {
        "s1.yaml": "S-1 A login",
        "s2.yaml": f"S-2 <&> {told}",
        "s3.yaml": "S-3 A login",
        "s4.yaml": "S-4 A login",
        "s5.yaml": "this file cannot be used",
        "s6.yaml": "S-6 A login",
    }
    places = {(case._elem.get("file"), case._elem.get("line")) for case in cases.values()}
    assert places == {(f"s{number}.yaml", "13" if number == 5 else "1") for number in range(1, 7)}


def test_properties_are_read_back(cases: dict[str, TestCase]) -> None:
    """Tags, how it is known, the seed where one was used, the version."""
    always = [("tag", "first"), ("tag", "second"), ("oracle", "spec")]
    found = {file: _properties(cases[file]) for file in ("s1.yaml", "s6.yaml")}
    assert found["s1.yaml"] == [*always, ("seed", "1"), ("version", version())]
    assert found["s6.yaml"] == [*always, ("version", version())]


def test_reasons_are_read_back_to_the_letter(cases: dict[str, TestCase], run: Run) -> None:
    """A failure's text is what the terminal shows; skipped and expected failures have their reasons."""
    assert cases["s1.yaml"].result == []
    (failure,) = cases["s2.yaml"].result
    assert isinstance(failure, Failure)
    assert (failure.type, failure.message) == ("expectation", "outcome: expected accepted, received refused")
    (failed,) = run.failed
    shown = "\n".join(scenario_lines(failed, verbose=False))
    assert failure.text == shown.replace("\x1b", "\ufffd").replace("\uffff", "\ufffd").replace("\u202e", "\ufffd")
    assert "\n     AWS sign-in refused: InvalidIdentityToken (400), check role-session-name\n" in failure.text
    (skipped,), (xfailed,) = cases["s3.yaml"].result, cases["s4.yaml"].result
    assert [type(each) for each in (skipped, xfailed)] == [Skipped, Skipped]
    assert [(each.type, each.message) for each in (skipped, xfailed)] == [
        ("skip", "waits for the new tenant"),
        ("xfail", "a known mistake"),
    ]
    (bad,), (unusable,) = cases["s5.yaml"].result, cases["s6.yaml"].result
    assert [type(each) for each in (bad, unusable)] == [Error, Error]
    assert bad.message == "unknown key expects"
    assert bad.text is not None
    assert bad.text.startswith("s5.yaml:13  expects\n  unknown key expects; did you mean expect?\n")
    assert unusable.message == "there is no attribute NoSuch to remove"
