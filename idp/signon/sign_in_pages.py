"""The sign-in page, a form without JavaScript, and signing out.

GET, POST /login/login.htm      user name and password
GET       /login/signout        ends the session
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from emulator.kernel.errors import OktaRefusal
from emulator.kernel.trace_notes import Facts, TraceNote, record
from idp.pages import error_page, service
from idp.signon.authn import Authentication
from idp.signon.browser_session import (
    HOME,
    delete_session_cookie,
    end_session,
    own_path,
    set_session_cookie,
    sign_in_page,
)
from idp.signon.second_factor_pages import second_factor_page
from idp.signon.transaction import Transaction

pages = Blueprint("sign_in", __name__)


@pages.get("/login/login.htm")
def sign_in_form() -> Response:
    """Shows the sign-in page."""
    return sign_in_page(request.args.get("fromURI", HOME))


@pages.post("/login/login.htm")
def sign_in() -> AnyResponse:
    """Signs a person in, or asks for whatever else the org requires."""
    username, target = request.form.get("username", ""), request.values.get("fromURI", HOME)
    try:
        step = service(Authentication).begin(username, request.form.get("password", ""), target=own_path(target))
    except OktaRefusal as refusal:
        note = TraceNote("Okta", f"refused to sign {username!r} in", refusal=refusal, person=username)
        record(request.environ, note)
        if refusal.check == "sign-on-policy":
            return error_page("403 Access Forbidden", refusal.message, status=403, evidence=refusal.evidence)
        return make_response(sign_in_page(target, failed=True, username=username), refusal.status)
    if isinstance(step, Transaction):
        return second_factor_page(step)
    facts = Facts(session_ends=step.expires_at)
    record(request.environ, TraceNote("Okta", f"signed {username} in", facts, person=username))
    response = redirect(own_path(target), 303)
    set_session_cookie(response, step)
    return response


@pages.get("/login/signout")
def sign_out() -> AnyResponse:
    """Ends the session and redirects to the sign-in page."""
    end_session()
    note = "only Okta's session is over: those that its apps opened, at AWS for example, go on until they end"
    record(request.environ, TraceNote("Okta", "signed out", Facts(note=note)))
    response = redirect("/login/login.htm", 302)
    delete_session_cookie(response)
    return response
