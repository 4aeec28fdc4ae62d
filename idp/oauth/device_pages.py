"""The page on which a person approves a device, to which the device flow sends them.

GET, POST /activate     the code that the device shows, and the person's decision

Spec: RFC 8628 §3.3
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, make_response, render_template, request

from emulator.kernel.trace_notes import TraceNote, record
from idp.addresses import comes_from_another_site
from idp.oauth.device_flow import DeviceFlow
from idp.pages import service
from idp.signon.browser_session import current_session, sign_in_page

pages = Blueprint("device", __name__)


@pages.route("/activate", methods=["GET", "POST"])
def activate() -> Response:
    """Shows which device waits, and takes the decision of the signed-in person."""
    flow, user_code, session = service(DeviceFlow), request.values.get("user_code", ""), current_session()
    if session is None:
        return sign_in_page(f"/activate?user_code={quote(user_code)}" if user_code else "/activate")
    waiting = flow.waiting(user_code)
    outcome = ""
    if request.method == "POST" and waiting is not None and not comes_from_another_site():
        approved = request.form.get("decision") == "approve"
        flow.decide(user_code, session.user, approved=approved)
        outcome = "Device activated" if approved else "Device not activated"
        record(request.environ, TraceNote("Okta", f"{session.user.login}: {outcome}"))
    page = render_template("activate.html", waiting=waiting, user_code=user_code, outcome=outcome, user=session.user)
    return make_response(page)
