"""The dashboard with a tile for every app of the person who is signed in.

GET  /, /app/UserHome
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from emulator.kernel.trace_notes import TraceNote, record
from idp.pages import current_org
from idp.signon.browser_session import HOME, current_session, sign_in_page

pages = Blueprint("dashboard", __name__)


@pages.get("/")
@pages.get(HOME)
def dashboard() -> Response:
    """Shows the tiles, and to administrators the way to each app's page."""
    session = current_session()
    if session is None:
        return sign_in_page(HOME)
    org = current_org()
    apps = [app for app in org.apps.values() if org.assigned(app, session.user)]
    record(request.environ, TraceNote("Okta", f"shows {session.user.login} the tiles of {len(apps)} apps"))
    is_admin = session.user.login in org.api_tokens.values()
    return make_response(render_template("dashboard.html", user=session.user, apps=apps, is_admin=is_admin))
