"""A person's own apps, for an API token, an access token of the OAuth endpoints, or a session.

GET /api/v1/users/me/appLinks     the links behind the tiles

Spec: developer.okta.com, Users API, "Get Assigned App Links"
Evidence: documented
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from emulator.kernel.errors import OktaRefusal
from idp.api_answers import error_answer
from idp.management.app_links import app_links
from idp.management_api.caller_context import token_owner
from idp.model import User
from idp.pages import current_org, service
from idp.signon.browser_session import SESSION_COOKIE, current_session
from idp.signon.device_flow import DeviceFlow

api = Blueprint("app_links", __name__)


@api.get("/api/v1/users/me/appLinks")
def my_app_links() -> Response:
    """Lists the links behind the tiles of whoever asks."""
    org, session = current_org(), current_session()
    user = org.users.get(token_owner() or "") or _bearer() or (session.user if session else None)
    if user is None:
        return error_answer(_no_session())
    return jsonify(app_links(org, user))


def _bearer() -> User | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return service(DeviceFlow).user_of(token.strip()) if scheme == "Bearer" else None


def _no_session() -> OktaRefusal:
    """Nobody is signed in.

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
