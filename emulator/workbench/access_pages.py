"""Who gets where with which role, and what stops the others: what ``fedemu check`` finds, of what runs now.

GET /workbench/access      the table, and each group of logins that do not arrive with its reason
"""

from __future__ import annotations

from flask import Blueprint, render_template

from emulator.access.remarks import few
from emulator.diagnosis.world_check import check_world
from emulator.reports.check.check_report import access_rows, group_headline
from emulator.reports.text import result_block
from emulator.workbench.pages import workbench

MOST_SHOWN = 200

access = Blueprint("access", __name__)


@access.get("/workbench/access")
def show() -> str:
    """Shows every login that there is."""
    found = check_world(workbench().federation)
    failing = [
        (group_headline(group), result_block(group.result) if group.result is not None else group.problem)
        for group in found.failing[:MOST_SHOWN]
    ]
    rows = [
        (f"{org}/{app}", role.rpartition("/")[2], place, few(who))
        for (org, app, role, place), who in access_rows(found).items()
    ]
    return render_template(
        "access.html",
        rows=rows[:MOST_SHOWN],
        more_rows=max(0, len(rows) - MOST_SHOWN),
        failing=failing,
        more_failing=max(0, len(found.failing) - MOST_SHOWN),
        findings=[str(each.problem) for each in found.findings[:MOST_SHOWN]],
        more_findings=max(0, len(found.findings) - MOST_SHOWN),
        logins=len(found.access.decisions),
        arriving=len(found.access.decisions) - found.failing_logins,
    )
