"""The results of ``fedemu compare`` as JUnit XML for CI systems: a test case for each group of logins.

Spec: the JUnit XML that Jenkins, GitLab and GitHub's reporters read (testsuites, testsuite, testcase, failure)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lxml import etree

from emulator.comparing.comparison import ChangedGroup, Comparison, Kept, Kind
from emulator.diagnosis.origins import Origin
from emulator.reports.compare.compare_text import compare_summary, group_text, headline, role_name, titles
from emulator.reports.xml_text import xml_text


def compare_junit(found: Comparison, *, failing: Collection[Kind]) -> str:
    """Returns the results as XML.

    Args:
        found: The comparison.
        failing: What counts as a failure.
    """
    cases = [*(_case_of_group(each, found, failing) for each in found.groups), *map(_case_of_kept, found.kept_logins)]
    failures = sum(case.find("failure") is not None for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0", "skipped": "0", "time": "0"}
    root = etree.Element("testsuites", {"name": "fedemu compare", **counts})
    at = found.at.strftime("%Y-%m-%dT%H:%M:%S")
    suite = etree.SubElement(root, "testsuite", {"name": xml_text(titles(found)), **counts, "timestamp": at})
    suite.extend(cases)
    if found.left_out:  # a suite without a failure also says what was not checked
        etree.SubElement(suite, "system-out").text = xml_text(found.shown(compare_summary(found)))
    document = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return document.decode("utf-8")


def _case_of_group(group: ChangedGroup, found: Comparison, failing: Collection[Kind]) -> etree._Element:
    case = etree.Element(
        "testcase", {"classname": xml_text(group.apps[0]), "name": xml_text(headline(group)), "time": "0"}
    )
    place = next(_places(group), None)
    if place is not None and place.location is not None:
        case.set("file", xml_text(found.shown(place.location.file)))
        case.set("line", str(max(1, place.location.line)))
    told = xml_text(found.shown(group_text(group)))
    if group.kind in failing:
        attributes = {"message": xml_text(found.shown(headline(group))), "type": group.kind.value}
        etree.SubElement(case, "failure", attributes).text = told
    else:
        etree.SubElement(case, "system-out").text = told
    return case


def _case_of_kept(kept: Kept) -> etree._Element:
    role = f" as {role_name(kept.role)}" if kept.role else ""
    name = f"{kept.logins:,} as before{role}: {kept.place}"
    return etree.Element(
        "testcase", {"classname": xml_text(f"{kept.org}/{kept.app}"), "name": xml_text(name), "time": "0"}
    )


def _places(group: ChangedGroup) -> Iterator[Origin]:
    """Yields the places in files behind a group: the changed setting as it is now, or else where it was."""
    told = group.proof.result.diagnosis if group.proof is not None and group.proof.result is not None else None
    origins = (*(change.after for change in group.changes), *(told.origins if told is not None else ()))
    yield from (each for each in origins if each is not None and each.location is not None and each.location.file)
