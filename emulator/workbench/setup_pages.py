"""Which value goes into which field of the consoles, step by step, and whether it is there.

GET /workbench/setup       what ``fedemu explain --setup`` tells, of what runs now
"""

from __future__ import annotations

from flask import Blueprint, render_template

from emulator.copies import changed_copy
from emulator.kernel.errors import FederationError
from emulator.setup_steps.walking import set_up_of
from emulator.workbench.pages import workbench

setup = Blueprint("setup", __name__)


@setup.get("/workbench/setup")
def show() -> str:
    """Shows the steps of every app."""
    federation = workbench().federation
    # Logins are made to find out, and are to leave nothing here.
    copy = changed_copy(federation, federation.world, at=federation.instants).federation
    try:
        found, problem = set_up_of(copy), ""
    except FederationError as error:
        found, problem = None, error.message
    return render_template("setup.html", found=found, problem=problem)
