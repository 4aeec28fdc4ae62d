"""Who can sign in, with which apps, and where they begin.

GET /workbench/people      people with their tiles, apps, instances, and the codes that were sent to phones; ?q= words
                           that choose among the people, ?org= and ?page= the part of an org that has many
"""

from __future__ import annotations

from flask import Blueprint, render_template, request

from emulator.workbench.pages import workbench
from emulator.workbench.shown_people import shown_orgs

people = Blueprint("people", __name__)


@people.get("/workbench/people")
def show() -> str:
    """Shows people, apps and instances."""
    wanted = request.args.get("q", "").strip()
    federation = workbench().federation
    providers = federation.identity_providers.values()
    return render_template(
        "people.html",
        orgs=list(
            shown_orgs(
                federation, wanted=wanted, org_asked=request.args.get("org", ""), page=request.args.get("page", "")
            )
        ),
        q=wanted,
        messages=[message for provider in providers for message in provider.authentication.outbox],
        instances=federation.aws.instances,
    )
