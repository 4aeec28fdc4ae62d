"""The federation endpoint's pages, part of the sign-in site.

GET, POST /federation?Action=getSigninToken   credentials in, {"SigninToken": "…"} out
GET, POST /federation?Action=login            a sign-in token in; cookies out; on to Destination
GET, POST /federation?Action=logout           ends the browser's sessions
"""

from __future__ import annotations

from flask import Blueprint, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from emulator.kernel.errors import AwsRefusal
from emulator.kernel.trace_notes import Facts, TraceNote, record
from sp_mock.cloudtrail.history import EventHistory
from sp_mock.pages import SIGN_IN, refusal_page, service
from sp_mock.signin.console_federation import (
    INVALID_CREDENTIALS,
    SYNTACTICALLY_INCORRECT,
    ConsoleFederation,
    require_destination,
    token_is_over,
    unknown_action,
)
from sp_mock.signin.cookies import browser_context, remember_session, request_endpoint
from sp_mock.signin.session_pages import log_out
from sp_mock.signin.sign_in import SignIn
from sp_mock.signin.sign_in_events import record_console_login

_SERVICE = "AWS federation endpoint"

pages = Blueprint("federation", __name__)


@pages.route("/federation", methods=["GET", "POST"])
def federation() -> Response:
    """Performs the action that ``Action`` names."""
    action = request.values.get("Action")
    try:
        if action == "getSigninToken":
            return _get_sign_in_token()
        if action == "login":
            return _log_in()
        if action == "logout":
            return log_out(request.values.get("redirect_uri", ""))
        raise unknown_action(action)
    except AwsRefusal as refusal:
        logout_url = request_endpoint().logout_url
        return refusal_page(refusal, brand=SIGN_IN, sentence=_sentence(refusal), logout_url=logout_url)


def _get_sign_in_token() -> Response:
    token = service(ConsoleFederation).sign_in_token(
        request.values.get("Session"), session_duration=request.values.get("SessionDuration")
    )
    record(request.environ, TraceNote(_SERVICE, "gave a sign-in token, good for 15 minutes"))
    return jsonify(SigninToken=token)


def _log_in() -> Response:
    issuer = request.values.get("Issuer", "")
    destination = require_destination(request.values.get("Destination"), parameter="Destination")
    session = service(ConsoleFederation).console_session(request.values.get("SigninToken"), issuer=issuer)
    if session is None:
        return _token_is_over(issuer)
    browser = browser_context()
    cookie = service(SignIn).sessions.open(session, browser)
    signed_in = session.session
    record_console_login(service(EventHistory), signed_in, browser, login_to=destination, by_saml=False)
    facts = Facts(
        role=signed_in.principal_arn,
        session=signed_in.arn,
        session_ends=session.expires_at,
        issuer=issuer,
        goes_to=destination,
    )
    record(request.environ, TraceNote(_SERVICE, f"signed in as {signed_in.user_name}", facts))
    response = redirect(destination, 302)
    remember_session(response, cookie, session)
    return response


def _sentence(refusal: AwsRefusal) -> str:
    """Returns the text of the page: older answers of the endpoint had a message and a description.

    Spec: AWS IAM UG "id_roles_providers_enable-console-custom-url"
    Evidence: observed 2016 (today's answer is not public)
    """
    if refusal.message == INVALID_CREDENTIALS:
        return f"message {refusal.message} description {SYNTACTICALLY_INCORRECT}"
    return refusal.message


def _token_is_over(issuer: str) -> Response:
    """Answers a login whose token is unknown or too old: the person has to start again at the broker.

    Spec: AWS IAM UG "id_roles_providers_enable-console-custom-url"
    Evidence: documented (15 minutes), assumed (the page, its status and the link to Issuer)
    """
    refusal = token_is_over()
    record(request.environ, TraceNote(_SERVICE, f"refused by check {refusal.check}", refusal=refusal))
    link = issuer if issuer.startswith(("https://", "http://")) else ""
    page = render_template("sign-in-token-over.html", brand=SIGN_IN, link=link)
    return make_response(page, refusal.status)
