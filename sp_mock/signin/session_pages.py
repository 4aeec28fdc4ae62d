"""The browser's console sessions: signing out, and having several.

GET /oauth                   where the console sends a browser without a session
GET /oauth?Action=logout     ends the browser's sessions, and on to redirect_uri where that is safe
GET /sessions/v1/opt-in      lets the browser have several sessions, and on to redirect_uri
"""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from emulator.kernel.errors import AwsRefusal
from emulator.kernel.trace_notes import Facts, TraceNote, record
from sp_mock.pages import SIGN_IN, service
from sp_mock.signin.console_federation import require_destination
from sp_mock.signin.console_sessions import require_new_opt_in
from sp_mock.signin.cookies import (
    browser_context,
    browser_sessions,
    forget_session,
    has_opted_in,
    remember_opt_in,
    request_endpoint,
)
from sp_mock.signin.refusal_page import sign_in_refusal_page
from sp_mock.signin.sign_in import SignIn

pages = Blueprint("session", __name__)


@pages.get("/oauth")
def oauth() -> Response:
    """Signs the browser out, or shows where a login begins."""
    if request.args.get("Action") == "logout":
        return log_out(request.args.get("redirect_uri", ""))
    record(request.environ, TraceNote(SIGN_IN.service, "there is no console session; a user has to sign in first"))
    text = "There is no session. Open the application's tile at your identity provider to sign in."
    return make_response(render_template("message.html", brand=SIGN_IN, title="Sign in", text=text))


def log_out(redirect_uri: str) -> Response:
    """Ends the browser's sessions and redirects it to ``redirect_uri`` where that is safe."""
    browser, sign_in = browser_context(), service(SignIn)
    sign_in.sessions.drop(browser.cookie)
    landing = sign_in.after_logout(redirect_uri, endpoint=browser.endpoint)
    goes_to = landing.url.partition("?")[0]  # the query may hold a token
    facts = Facts(goes_to=goes_to or None, note=landing.note or None)
    record(request.environ, TraceNote(SIGN_IN.service, "signed out", facts))
    response = redirect(landing.url, 302) if landing.url else _signed_out()
    forget_session(response)
    return response


@pages.get("/sessions/v1/opt-in")
def opt_in() -> Response:
    """Turns on multi-session support for the browser."""
    redirect_uri = request.args.get("redirect_uri") or request_endpoint().console_home
    try:
        require_new_opt_in(browser_sessions(), opted_in=has_opted_in())
        redirect_uri = require_destination(redirect_uri, parameter="redirect_uri")
    except AwsRefusal as refusal:
        return sign_in_refusal_page(refusal)
    record(request.environ, TraceNote(SIGN_IN.service, "turned on multi-session support for this browser"))
    response = redirect(redirect_uri, 302)
    remember_opt_in(response)
    return response


def _signed_out() -> Response:
    text = "You have been signed out."
    return make_response(render_template("message.html", brand=SIGN_IN, title="Signed out", text=text))
