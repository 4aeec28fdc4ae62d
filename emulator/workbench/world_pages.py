"""The world file on screen.

GET /workbench/world       the file as it was saved last: what is found in it at its lines, and what came of saving it
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask import Blueprint, render_template

from emulator.kernel.errors import Location
from emulator.kernel.records import dataclass
from emulator.workbench.group_words import headline
from emulator.workbench.pages import words, workbench
from emulator.workbench.shown_file import shown_lines, without_keys
from emulator.workbench.workbench import text_of
from emulator.workbench.worked_out import Worked
from emulator.workbench.world_findings import Finding, problem_findings

world = Blueprint("world", __name__)
_MOST_FINDINGS = 200
_MOST_AT_A_LINE = 5


@dataclass(frozen=True, slots=True)
class _Listed:
    """A finding with its number in the list, the lines of the file that it concerns, and its places elsewhere."""

    number: int
    finding: Finding
    lines: tuple[int, ...]
    elsewhere: tuple[Location, ...]


@world.get("/workbench/world")
def show() -> str:
    """Shows the file."""
    here = workbench()
    file = here.federation.world.document.file
    lines = without_keys(here.as_read if here.as_read is not None else text_of(file))
    problems = here.saved.problems if here.saved is not None else ()
    worked = Worked(list(problem_findings(problems)), is_current=True) if problems else here.checked.findings.get()
    found = worked.found or ()
    listed = [_listed(number, each, file) for number, each in enumerate(found[:_MOST_FINDINGS], 1)]
    at_line: dict[int, list[_Listed]] = {}
    for each in listed:
        for line in each.lines:
            at_line.setdefault(line, []).append(each)
    shown = list(shown_lines(lines, at_line))
    return render_template(
        "world.html",
        worked=worked,
        text_of=_text,
        is_watched=here.as_read is None,
        is_another=here.as_read is not None and here.as_read != text_of(file),
        listed=listed,
        left_out=len(found) - len(listed),
        at_line={line: some[:_MOST_AT_A_LINE] for line, some in at_line.items()},
        lines=shown,
        numbers={each.number for each in shown},
        skipped_at_the_end=len(lines) - shown[-1].number if shown else 0,
    )


def _text(finding: Finding) -> str:
    return finding.text if finding.group is None else headline(finding.group, words())


def _listed(number: int, finding: Finding, file: str) -> _Listed:
    here: Sequence[Location] = [each for each in finding.locations if Path(each.file) == Path(file) and each.line]
    elsewhere = tuple(each for each in finding.locations if each not in here)
    return _Listed(number, finding, tuple(dict.fromkeys(each.line for each in here)), elsewhere)
