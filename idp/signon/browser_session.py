"""Who is signed in in the browser that asks: the session cookie, and the sign-in page for whoever is not."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from emulator.kernel.trace_notes import TraceNote, record
from idp.pages import service
from idp.signon.session import Session, Sessions

SESSION_COOKIE = "sid"
HOME = "/app/UserHome"


def current_session() -> Session | None:
    """Returns the session that the browser's cookie names, if it is still running."""
    return service(Sessions).find(request.cookies.get(SESSION_COOKIE))


def end_session() -> None:
    """Ends the session that the browser's cookie names."""
    service(Sessions).end(request.cookies.get(SESSION_COOKIE))


def set_session_cookie(response: AnyResponse, session: Session) -> None:
    """Has the browser keep a session."""
    response.set_cookie(SESSION_COOKIE, session.session_id, secure=True, httponly=True, samesite="None")


def delete_session_cookie(response: AnyResponse) -> None:
    """Has the browser forget its session."""
    response.delete_cookie(SESSION_COOKIE, secure=True)


def sign_in_page(target: str, *, failed: bool = False, username: str = "") -> Response:
    """Returns the page that asks for user name and password.

    Args:
        target: The path to go to afterwards.
        failed: Whether an attempt was refused just now.
        username: What was typed in that attempt.
    """
    if not failed:
        record(request.environ, TraceNote("Okta", "asks for user name and password"))
    return make_response(render_template("sign-in.html", target=own_path(target), failed=failed, username=username))


def own_path(target: str) -> str:
    """Returns a path of this org, whatever was asked for: nobody is sent to another site after signing in."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return HOME
    strange = any(ord(character) <= 0x20 or character == "\\" for character in target)
    if strange or parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//"):
        return HOME
    return target
