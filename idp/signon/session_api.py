"""What command-line clients ask of the org: a session by user name and password, and the apps there are.

GET  /.well-known/okta-organization           which sign-in pipeline the org has
POST /api/v1/sessions                         a session token for a session
GET, DELETE /api/v1/sessions/me               the session behind the cookie sid, and its end
POST /api/v1/sessions/me/lifecycle/refresh    the same session, for as long again
GET  /api/v1/users/me/appLinks                the person's apps
GET  /login/sessionCookieRedirect             a session token for a cookie, and on to a page of the org
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from emulator.kernel.clock import instant
from emulator.kernel.errors import OktaRefusal
from emulator.kernel.trace_notes import TraceNote, record
from idp.api_answers import error_answer, json_body, text_of
from idp.directory import Directory
from idp.management.routes import api_token
from idp.model import User
from idp.refusals import not_found
from idp.signon.app_links import app_link
from idp.signon.device_flow import DeviceFlow
from idp.signon.session import Session, Sessions

_COOKIE = "sid"
_DEVICE_COOKIE = "DT"


def add_api(
    site: Flask,
    directory: Directory,
    sessions: Sessions,
    flow: DeviceFlow,
    *,
    set_session: Callable[[AnyResponse, Session], None],
    own_path: Callable[[str], str],
) -> None:
    """Adds the routes to the org's site.

    Args:
        site: Where to.
        directory: Whose.
        sessions: The org's sessions.
        flow: Knows whose an access token is.
        set_session: Puts a session's cookie on an answer.
        own_path: Makes a path of this org of whatever address a client names.

    Spec: developer.okta.com, Authentication API, Sessions API, Users API
    Evidence: documented
    """

    @site.get("/.well-known/okta-organization")
    def organization() -> Response:
        org = directory.org
        links = {"organization": {"href": org.base_url}}
        return jsonify({"id": _id("00o", org.name), "_links": links, "pipeline": org.pipeline, "settings": {}})

    @site.post("/api/v1/sessions")
    def open_session() -> Response:
        try:
            session = sessions.redeem(text_of(json_body(), "sessionToken"))
        except OktaRefusal as refusal:
            return error_answer(refusal)
        response = jsonify(_session(session))
        set_session(response, session)
        return response

    @site.route("/api/v1/sessions/me", methods=["GET", "DELETE"])
    @site.route("/api/v1/sessions/me/lifecycle/refresh", methods=["POST"])
    def my_session() -> Response:
        session = sessions.find(request.cookies.get(_COOKIE))
        if session is None:
            return error_answer(not_found("me", "Session"))
        if request.method == "DELETE":
            sessions.end(session.session_id)
            record(request.environ, TraceNote("Okta", f"signed {session.user.login} out"))
            return Response(status=204)
        return jsonify(_session(sessions.extend(session) if request.method == "POST" else session))

    @site.get("/api/v1/users/me/appLinks")
    def app_links() -> Response:
        org = directory.org
        owner = org.users.get(org.api_tokens.get(api_token(request.headers.get("Authorization", "")), ""))
        session = sessions.find(request.cookies.get(_COOKIE))
        user = owner or _bearer(flow) or (session.user if session else None)
        if user is None:
            return error_answer(_no_session())
        apps = [app for app in org.apps.values() if org.assigned(app, user)]
        return jsonify([app_link(org, app, user, order) for order, app in enumerate(apps)])

    @site.get("/login/sessionCookieRedirect")
    def session_cookie_redirect() -> AnyResponse:
        org = directory.org
        target = own_path(request.args.get("redirectUrl", "").removeprefix(org.base_url))
        response = redirect(target, 302)
        try:
            set_session(response, sessions.redeem(request.args.get("token", "")))
        except OktaRefusal as refusal:
            record(request.environ, TraceNote("Okta", "the session token opens nothing", refusal=refusal))
        device = request.cookies.get(_DEVICE_COOKIE) or _id("DI0", org.name)
        response.set_cookie(_DEVICE_COOKIE, device, secure=True, samesite="None")
        return response


def _bearer(flow: DeviceFlow) -> User | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return flow.user_of(token.strip()) if scheme == "Bearer" else None


def _session(session: Session) -> dict[str, Any]:
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


def _no_session() -> OktaRefusal:
    return OktaRefusal(
        "Invalid session",
        code="E0000005",
        status=401,
        check="okta-session",
        explanation="The cookie sid names no running session.",
        where="cookie sid",
        fix="Sign in again.",
        spec="developer.okta.com, error code E0000005",
    )


def _id(prefix: str, text: str) -> str:
    return (prefix + hashlib.sha256(text.encode()).hexdigest())[:20]
