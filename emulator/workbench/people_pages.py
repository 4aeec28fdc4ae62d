"""Who can sign in, with which apps, and where they get.

GET /fedemu/people      people, apps, instances, and the codes that were sent to phones
"""

from __future__ import annotations

from flask import Blueprint, render_template

from emulator.workbench.pages import workbench

people = Blueprint("people", __name__)


@people.get("/fedemu/people")
def show() -> str:
    """Shows people, apps and instances."""
    federation = workbench().federation
    providers = federation.identity_providers.values()
    return render_template(
        "people.html",
        providers=providers,
        messages=[message for provider in providers for message in provider.authentication.outbox],
        instances=federation.aws.instances,
    )
