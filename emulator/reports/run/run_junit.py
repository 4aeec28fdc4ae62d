"""Results of scenarios as JUnit XML for CI systems: a test case for each, with the reason of a failure.

Spec: the JUnit XML that Jenkins, GitLab and GitHub's reporters read (testsuites, testsuite, testcase, failure, error)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib import metadata

from lxml import etree

from emulator.kernel.errors import FileError, Location
from emulator.reports.errors import error_text
from emulator.reports.text import scenario_lines
from emulator.reports.xml_text import xml_text
from emulator.scenarios.results import Result
from emulator.scenarios.runs import Run, Unusable
from emulator.scenarios.scenario_file import Scenario


def run_junit(run: Run, *, at: datetime) -> str:
    """Returns the results of a run as XML.

    Args:
        at: Time of writing.
    """
    cases = [*map(_case_of_result, run.results), *map(_case_of_unusable, run.unusable), *map(_case_of_file, run.errors)]
    counts = {
        "tests": str(len(cases)),
        "failures": str(len(run.failed)),
        "errors": str(len(run.all_errors)),
        "skipped": str(sum(bool(result.reason) for result in run.results)),
        "time": f"{sum(result.seconds for result in run.results):.3f}",
    }
    root = etree.Element("testsuites", {"name": "fedemu run", **counts})
    suite = etree.SubElement(root, "testsuite", {"name": "fedemu run", **counts})
    suite.set("timestamp", at.strftime("%Y-%m-%dT%H:%M:%S"))
    suite.extend(cases)
    document = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return document.decode("utf-8")


def _case_of_result(result: Result) -> etree._Element:
    case = _case_of_scenario(result.scenario, seconds=result.seconds, seed=result.seed)
    if result.reason:
        told = {"message": xml_text(result.reason), "type": "skip" if result.skipped else "xfail"}
        etree.SubElement(case, "skipped", told)
    elif not result.passed:
        told = {"message": xml_text(result.mismatches[0].text), "type": "expectation"}
        etree.SubElement(case, "failure", told).text = xml_text("\n".join(scenario_lines(result, verbose=False)))
    return case


def _case_of_unusable(unusable: Unusable) -> etree._Element:
    case = _case_of_scenario(unusable.scenario, seconds=0)
    _add_error(case, unusable.error)
    return case


def _case_of_file(error: FileError) -> etree._Element:
    case = _case(error.location, "this file cannot be used", seconds=0)
    _add_error(case, error)
    return case


def _add_error(case: etree._Element, error: FileError) -> None:
    told = {"message": xml_text(error.message), "type": "file"}
    etree.SubElement(case, "error", told).text = xml_text(error_text(error))


def _case_of_scenario(scenario: Scenario, *, seconds: float, seed: int | None = None) -> etree._Element:
    case = _case(scenario.document.location(("scenario",)), f"{scenario.id} {scenario.title}", seconds=seconds)
    properties = etree.SubElement(case, "properties")
    for name, value in _properties(scenario, seed):
        etree.SubElement(properties, "property", {"name": name, "value": xml_text(value)})
    return case


def _properties(scenario: Scenario, seed: int | None) -> Iterator[tuple[str, str]]:
    yield from (("tag", tag) for tag in scenario.settings.tags)
    if scenario.settings.expect.oracle is not None:
        yield "oracle", scenario.settings.expect.oracle
    if seed is not None:
        yield "seed", str(seed)
    yield "version", metadata.version("fedemu")


def _case(place: Location, name: str, *, seconds: float) -> etree._Element:
    file = xml_text(place.file)
    named = {"classname": file, "name": xml_text(name), "file": file, "line": str(max(1, place.line))}
    return etree.Element("testcase", {**named, "time": f"{seconds:.3f}"})
