"""What command-line clients ask of the org: a session by user name and password, and the apps there are.

GET  /.well-known/okta-organization           which sign-in pipeline the org has
POST /api/v1/authn                            user name and password for a session token
POST /api/v1/sessions                         a session token for a session
GET  /api/v1/sessions/me                      the session behind the cookie sid
POST /api/v1/sessions/me/lifecycle/refresh    the same
GET  /api/v1/users/me/appLinks                the person's apps
GET  /login/sessionCookieRedirect             a session token for a cookie, and on to a page of the org
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from emulator.clock import instant
from emulator.decision import Decision, tell
from emulator.errors import OktaRefusal
from idp.app_links import app_link
from idp.directory import Directory
from idp.management.routes import api_token
from idp.model import User
from idp.session import TOKEN_LIFETIME, Session, Sessions

_COOKIE = "sid"
_DEVICE_COOKIE = "DT"


def add_api(
    site: Flask,
    directory: Directory,
    sessions: Sessions,
    *,
    set_session: Callable[[AnyResponse, Session], None],
    own_path: Callable[[str], str],
) -> None:
    """Adds the routes to the org's site.

    Args:
        site: Where to.
        directory: Whose.
        sessions: The org's sessions.
        set_session: Puts a session's cookie on an answer.
        own_path: Makes a path of this org of whatever address a client names.

    Spec: developer.okta.com, Authentication API, Sessions API, Users API
    Evidence: documented
    """

    @site.get("/.well-known/okta-organization")
    def organization() -> Response:
        org = directory.org
        links = {"organization": {"href": org.base_url}}
        return jsonify({"id": _id("00o", org.name), "_links": links, "pipeline": "idx", "settings": {}})

    @site.post("/api/v1/authn")
    def authn() -> Response:
        given = _json()
        try:
            session = sessions.authenticate(_text(given, "username"), _text(given, "password"))
        except OktaRefusal as refusal:
            return _refuse(refusal)
        tell(request.environ, Decision("Okta", f"gave {session.user.login} a session token"))
        return jsonify(
            {
                "status": "SUCCESS",
                "sessionToken": sessions.make_token(session),
                "expiresAt": instant(session.authenticated_at + TOKEN_LIFETIME),
                "_embedded": {"user": _user(session.user)},
            }
        )

    @site.post("/api/v1/sessions")
    def open_session() -> Response:
        try:
            session = sessions.redeem(_text(_json(), "sessionToken"))
        except OktaRefusal as refusal:
            return _refuse(refusal)
        response = jsonify(_session(session))
        set_session(response, session)
        return response

    @site.route("/api/v1/sessions/me", methods=["GET"])
    @site.route("/api/v1/sessions/me/lifecycle/refresh", methods=["POST"])
    def my_session() -> Response:
        session = sessions.find(request.cookies.get(_COOKIE))
        return jsonify(_session(session)) if session else _refuse(_no_session(), status=404)

    @site.get("/api/v1/users/me/appLinks")
    def app_links() -> Response:
        org = directory.org
        owner = org.users.get(org.api_tokens.get(api_token(request.headers.get("Authorization", "")), ""))
        session = sessions.find(request.cookies.get(_COOKIE))
        user = owner or (session.user if session else None)
        if user is None:
            return _refuse(_no_session())
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
            tell(request.environ, Decision("Okta", "the session token opens nothing", refusal=refusal))
        device = request.cookies.get(_DEVICE_COOKIE) or _id("DI0", org.name)
        response.set_cookie(_DEVICE_COOKIE, device, secure=True, samesite="None")
        return response


def _json() -> dict[str, Any]:
    try:
        given = request.get_json(silent=True, force=True)
    except RecursionError:
        return {}
    return given if isinstance(given, dict) else {}


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    # JSON can spell half a surrogate pair, which no encoding can hold.
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""


def _user(user: User) -> dict[str, Any]:
    profile = {
        "login": user.login,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "locale": "en",
        "timeZone": "America/Los_Angeles",
    }
    return {"id": user.user_id, "profile": profile}


def _session(session: Session) -> dict[str, Any]:
    return {
        "id": session.session_id,
        "userId": session.user.user_id,
        "login": session.user.login,
        "createdAt": instant(session.authenticated_at),
        "expiresAt": instant(session.expires_at),
        "status": "ACTIVE",
        "lastPasswordVerification": instant(session.authenticated_at),
        "amr": ["pwd"],
        "mfaActive": False,
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


def _refuse(refusal: OktaRefusal, *, status: int = 0) -> Response:
    tell(request.environ, Decision("Okta", "refused", refusal=refusal))
    body = {
        "errorCode": refusal.code,
        "errorSummary": refusal.message,
        "errorLink": refusal.code,
        "errorId": _id("oae", refusal.explanation),
        "errorCauses": [],
    }
    return make_response(jsonify(body), status or refusal.status)


def _id(prefix: str, text: str) -> str:
    return (prefix + hashlib.sha256(text.encode()).hexdigest())[:20]
