"""Which value goes into which field of the consoles, step by step, and whether it is set.

GET /workbench/setup       what ``fedemu explain --setup`` tells, of what runs now
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template

from emulator.kernel.errors import FederationError
from emulator.setup_steps.step import Step, Value
from emulator.workbench.pages import words, workbench
from emulator.workbench.report_words import report_words
from emulator.workbench.setup_words import setup_words
from emulator.workbench.worked_out import Worked

MOST_VALUES = 100

setup = Blueprint("setup", __name__)


@setup.get("/workbench/setup")
def show() -> str:
    """Shows the steps of every app."""
    try:
        set_up, problem = workbench().checked.set_up.get(), ""
    except FederationError as error:
        set_up, problem = Worked(None, is_current=True), error.message
    return render_template(
        "setup.html",
        set_up=set_up,
        problem=problem,
        shown=_shown,
        most=MOST_VALUES,
        say=setup_words(words()),
        label=report_words(words()),
    )


def _shown(step: Step) -> Sequence[Value]:
    """Returns the values of a step; if there are very many, those that remain to be done come first."""
    if len(step.values) <= MOST_VALUES:
        return step.values
    return sorted(step.values, key=lambda value: not value.verdict.is_open)[:MOST_VALUES]
