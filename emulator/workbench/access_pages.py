"""Who gets where with which role, and what stops the others: the findings of ``fedemu check`` on the running world.

GET /workbench/access      the table, and each group of logins that do not arrive with its reason; ?q= words that
                           choose, ?page= the part of a long table
"""

from __future__ import annotations

from flask import Blueprint, render_template, request

from emulator.diagnosis.login_groups import LoginGroup
from emulator.diagnosis.world_check import WorldCheck
from emulator.kernel.records import dataclass
from emulator.reports.check.check_report import access_rows
from emulator.workbench.group_words import few_names, headline, problem_rows
from emulator.workbench.pages import words, workbench
from emulator.workbench.paging import has_words, part_of
from emulator.workbench.report_words import report_words, why_rows

MOST_SHOWN = 200

access = Blueprint("access", __name__)


@dataclass(frozen=True, slots=True)
class _Row:
    app: str
    role: str
    place: str
    who: str


@access.get("/workbench/access")
def show() -> str:
    """Shows every possible login."""
    wanted = request.args.get("q", "").strip()
    checked = workbench().checked.check.get()
    found = checked.found
    if found is None:
        return render_template("access.html", found=None, q=wanted)
    headlines = [(headline(group, words()), group) for group in found.failing]
    failing = [
        (line, group)
        for line, group in headlines
        if has_words(" ".join((line, group.problem, *group.people, *group.roles)), wanted)
    ]
    findings = [each.problem for each in found.findings if has_words(str(each.problem), wanted)]
    return render_template(
        "access.html",
        found=found,
        is_current=checked.is_current,
        q=wanted,
        part=part_of(_rows(found, wanted), request.args.get("page", ""), size=MOST_SHOWN),
        failing=[(line, _why(group), group.problem) for line, group in failing[:MOST_SHOWN]],
        more_failing=max(0, len(failing) - MOST_SHOWN),
        findings=[(each, tuple(problem_rows(each))) for each in findings[:MOST_SHOWN]],
        more_findings=max(0, len(findings) - MOST_SHOWN),
        logins=len(found.access.decisions),
        arriving=len(found.access.decisions) - found.failing_logins,
    )


def _why(group: LoginGroup) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """Returns why the login that was made did not arrive; None where that was not explained."""
    diagnosis = group.result.diagnosis if group.result is not None else None
    return why_rows(diagnosis, report_words(words())) if diagnosis is not None else None


def _rows(found: WorldCheck, wanted: str) -> list[_Row]:
    """Returns the rows that contain the words; people found by name come first in their row."""
    rows = []
    for (org, app, role, place), people in access_rows(found).items():
        row = _Row(f"{org}/{app}", role.rpartition("/")[2], place, "")
        said = f"{row.app} {row.role} {row.place}"
        if not wanted or has_words(said, wanted):
            rows.append(_Row(row.app, row.role, row.place, few_names(people, words())))
            continue
        # One word may match the app, and another a person.
        named = [each for each in people if has_words(f"{said} {each}", wanted)]
        if named:
            rows.append(_Row(row.app, row.role, row.place, few_names(named, words())))
    return rows
