"""Who is signed in in the current browser: the session cookie, and the sign-in page for everybody else."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, make_response, render_template, request
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
    shown: dict[str, Any] = {"target": own_path(target), "failed": failed, "username": username}
    current_app.update_template_context(shown)
    if shown["target"] != HOME or failed or username or shown["why_rows"]:
        return make_response(render_template("sign-in.html", **shown))
    return make_response(_first_page(shown["org_name"], shown["dashboard_script"], shown["page_notice"]))


@lru_cache(maxsize=32)
def _first_page(org_name: str, dashboard_script: str, page_notice: str) -> str:
    """Renders the page with which most logins begin: nothing on it is a person's own."""
    shown = {"org_name": org_name, "dashboard_script": dashboard_script, "page_notice": page_notice, "target": HOME}
    return current_app.jinja_env.get_template("sign-in.html").render(shown)


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
