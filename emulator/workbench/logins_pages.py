"""What happened last, the newest first.

GET /       the logins, and where to begin
"""

from __future__ import annotations

from flask import Blueprint, render_template

from emulator.workbench.pages import workbench

_SHOWN_EXCHANGES = 30

logins = Blueprint("logins", __name__)


@logins.get("/")
def show() -> str:
    """Shows what happened last."""
    federation = workbench().federation
    return render_template("logins.html", exchanges=list(reversed(federation.gateway.exchanges))[:_SHOWN_EXCHANGES])
