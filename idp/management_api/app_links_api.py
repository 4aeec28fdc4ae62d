"""The caller's own apps, for an API token, an access token of the OAuth endpoints, or a session.

GET /api/v1/users/me/appLinks     the links behind the tiles
GET /api/v1/users/me/home/tabs    the dashboard's tabs with the tiles on them

Spec: developer.okta.com, Users API, "Get Assigned App Links"; tokendito 2.5.0
Evidence: documented (the links), observed (the tabs)
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from emulator.kernel.errors import OktaRefusal
from idp.api_answers import error_answer
from idp.management.app_links import app_links, home_tabs
from idp.management_api.caller_context import token_owner
from idp.model import User
from idp.oauth.tokens import Tokens
from idp.pages import current_org, service
from idp.signon.browser_session import SESSION_COOKIE, current_session

api = Blueprint("app_links", __name__)


@api.get("/api/v1/users/me/appLinks")
def my_app_links() -> Response:
    """Lists the links behind the caller's tiles."""
    user = _caller()
    return error_answer(_no_session()) if user is None else jsonify(app_links(current_org(), user))


@api.get("/api/v1/users/me/home/tabs")
def my_tabs() -> Response:
    """Lists the tabs of the caller's dashboard, with the tiles where ``expand`` asks for them.

    Spec: tokendito 2.5.0; gimme-aws-creds and other clients that find the tiles of AWS by it
    Evidence: observed
    """
    user = _caller()
    if user is None:
        return error_answer(_no_session())
    expanded = {name for given in request.args.getlist("expand") for name in given.split(",")}
    return jsonify(home_tabs(current_org(), user, expanded))


def _caller() -> User | None:
    org, session = current_org(), current_session()
    return org.users.get(token_owner() or "") or _bearer() or (session.user if session else None)


def _bearer() -> User | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return service(Tokens).user_of(token.strip()) if scheme == "Bearer" else None


def _no_session() -> OktaRefusal:
    """Returns the refusal of a caller who is not signed in.

    Spec: developer.okta.com, error code E0000005
    Evidence: documented
    """
    return OktaRefusal(
        "Invalid session",
        code="E0000005",
        status=403,
        check="okta-session",
        explanation=f"The cookie {SESSION_COOKIE} names no running session.",
        where=f"cookie {SESSION_COOKIE}",
        fix="Sign in again.",
        spec="developer.okta.com, error code E0000005",
    )
