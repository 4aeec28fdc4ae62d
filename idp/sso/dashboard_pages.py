"""The dashboard, with a tile for every app of the signed-in person.

GET  /, /app/UserHome
GET  /enduser/callback              where the dashboard's OIDC client is answered; the dashboard as well
GET  /assets/enduser-v1/enduser.js  the dashboard's script, in which clients find the id of that client
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from emulator.kernel.trace_notes import TraceNote, record
from idp.oauth.clients import DASHBOARD_CALLBACK, DASHBOARD_CLIENT_ID
from idp.pages import current_org
from idp.signon.browser_session import HOME, current_session, sign_in_page

SCRIPT = "/assets/enduser-v1/enduser.js"

pages = Blueprint("dashboard", __name__)


@pages.get("/")
@pages.get(HOME)
@pages.get(DASHBOARD_CALLBACK)
def dashboard() -> Response:
    """Shows the tiles, and to administrators a link to each app's page."""
    session = current_session()
    if session is None:
        return sign_in_page(HOME)
    org = current_org()
    apps = [app for app in org.apps.values() if org.assigned(app, session.user)]
    tiles = f"the tile{'' if len(apps) == 1 else 's'} of {len(apps)} app{'' if len(apps) == 1 else 's'}"
    record(request.environ, TraceNote("Okta", f"shows {session.user.login} {tiles}"))
    is_admin = session.user.login in org.api_tokens.values()
    return make_response(render_template("dashboard.html", user=session.user, apps=apps, is_admin=is_admin))


@pages.get(SCRIPT)
def script() -> Response:
    """Shows the dashboard's script, from which clients that sign in as the dashboard read the client id.

    Spec: tokendito 2.5.0; pages of Identity Engine orgs
    Evidence: observed (a script whose path has enduser-v, and the id in it), assumed (everything else in it)
    """
    return Response(f'var oktaDashboard = {{ clientId: "{DASHBOARD_CLIENT_ID}" }};\n', content_type="text/javascript")
