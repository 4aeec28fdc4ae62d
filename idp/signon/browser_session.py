"""Who is signed in in the current browser: the session cookie, and the sign-in page for everybody else."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from emulator.kernel.trace_notes import TraceNote, record
from idp.pages import service
from idp.signon.session import Session, Sessions

SESSION_COOKIE = "sid"
HOME = "/app/UserHome"
_NOT_IN_PATHS = re.compile(r"[\x00-\x20\\]")


def current_session() -> Session | None:
    """Returns the running session of the browser's cookie, if there is one."""
    return service(Sessions).find(request.cookies.get(SESSION_COOKIE))


def end_session() -> None:
    """Ends the session of the browser's cookie."""
    service(Sessions).end(request.cookies.get(SESSION_COOKIE))


def set_session_cookie(response: AnyResponse, session: Session) -> None:
    """Sets the session cookie."""
    response.set_cookie(SESSION_COOKIE, session.session_id, secure=True, httponly=True, samesite="None")


def delete_session_cookie(response: AnyResponse) -> None:
    """Deletes the session cookie."""
    response.delete_cookie(SESSION_COOKIE, secure=True)


def sign_in_page(target: str, *, failed: bool = False, username: str = "") -> Response:
    """Returns the page that asks for user name and password.

    Args:
        target: Path to go to afterwards.
        failed: Whether an attempt was refused just now.
        username: User name that was typed in that attempt.
    """
    if not failed:
        record(request.environ, TraceNote("Okta", "asks for user name and password"))
    return make_response(render_template("sign-in.html", target=own_path(target), failed=failed, username=username))


def own_path(target: str) -> str:
    """Returns a path of this org, whatever was asked for, so that signing in never redirects to another site."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return HOME
    strange = _NOT_IN_PATHS.search(target)
    if strange or parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//"):
        return HOME
    return target
