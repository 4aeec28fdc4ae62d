"""What command-line clients need besides signing in: sessions for tokens, and tokens for sessions.

GET  /.well-known/okta-organization           which sign-in pipeline the org has
POST /api/v1/sessions                         a session token for a session
GET, DELETE /api/v1/sessions/me               the session behind the session cookie, and its end
POST /api/v1/sessions/me/lifecycle/refresh    the same session, for as long again
GET  /login/sessionCookieRedirect             a session token for a cookie, and on to a page of the org

Spec: developer.okta.com, Authentication API, Sessions API
Evidence: documented
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from emulator.kernel.clock import instant
from emulator.kernel.errors import OktaRefusal
from emulator.kernel.trace_notes import TraceNote, record
from idp.api_answers import error_answer, json_body, text_of
from idp.model import stable_id
from idp.pages import current_org, service
from idp.refusals import not_found
from idp.signon.browser_session import current_session, own_path, set_session_cookie
from idp.signon.session import Session, Sessions

_DEVICE_COOKIE = "DT"
_SETTINGS = {
    "analyticsCollectionEnabled": False,
    "bugReportingEnabled": True,
    "omEnabled": False,
    "pssoEnabled": False,
    "desktopMFAEnabled": False,
    "itpEnabled": False,
}

api = Blueprint("sessions", __name__)


@api.get("/.well-known/okta-organization")
def organization() -> Response:
    """Shows the org's id and sign-in pipeline.

    Spec: recordings of 2025 in terraform-provider-okta
    Evidence: observed
    """
    org = current_org()
    return jsonify(
        {
            "id": stable_id("00o", org.name),
            "cell": "ok12",
            "_links": {"organization": {"href": org.base_url}},
            "pipeline": org.pipeline,
            "settings": _SETTINGS,
        }
    )


@api.post("/api/v1/sessions")
def open_session() -> Response:
    """Exchanges a session token for a session."""
    try:
        session = service(Sessions).redeem(text_of(json_body(), "sessionToken"))
    except OktaRefusal as refusal:
        return error_answer(refusal)
    response = jsonify(_as_json(session))
    set_session_cookie(response, session)
    return response


@api.route("/api/v1/sessions/me", methods=["GET", "DELETE"])
@api.route("/api/v1/sessions/me/lifecycle/refresh", methods=["POST"])
def my_session() -> Response:
    """Shows, ends or extends the browser's session."""
    session = current_session()
    if session is None:
        return error_answer(not_found("me", "Session"))
    if request.method == "DELETE":
        service(Sessions).end(session.session_id)
        record(request.environ, TraceNote("Okta", f"signed {session.user.login} out"))
        return Response(status=204)
    return jsonify(_as_json(service(Sessions).extend(session) if request.method == "POST" else session))


@api.get("/login/sessionCookieRedirect")
def session_cookie_redirect() -> AnyResponse:
    """Exchanges a session token for the session cookie and redirects to a page of the org."""
    org = current_org()
    target = own_path(request.args.get("redirectUrl", "").removeprefix(org.base_url))
    response = redirect(target, 302)
    try:
        set_session_cookie(response, service(Sessions).redeem(request.args.get("token", "")))
    except OktaRefusal as refusal:
        record(request.environ, TraceNote("Okta", "the session token opens nothing", refusal=refusal))
    device = request.cookies.get(_DEVICE_COOKIE) or stable_id("DI0", org.name)
    response.set_cookie(_DEVICE_COOKIE, device, secure=True, samesite="None")
    return response


def _as_json(session: Session) -> dict[str, Any]:
    return {
        "id": session.session_id,
        "userId": session.user.user_id,
        "login": session.user.login,
        "createdAt": instant(session.authenticated_at),
        "expiresAt": instant(session.expires_at),
        "status": "ACTIVE",
        "lastPasswordVerification": instant(session.authenticated_at),
        "amr": ["pwd", "mfa"] if session.has_mfa else ["pwd"],
        "mfaActive": bool(session.user.factors),
    }
