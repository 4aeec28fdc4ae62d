"""The world file on screen.

GET /workbench/world       the file that is served, with its lines
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, render_template

from emulator.workbench.pages import workbench

MOST_LINES = 5_000

world = Blueprint("world", __name__)


@world.get("/workbench/world")
def show() -> str:
    """Shows the file."""
    served = workbench().federation.world
    try:
        lines = Path(served.document.file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    return render_template("world.html", lines=lines[:MOST_LINES], more=max(0, len(lines) - MOST_LINES))
