"""The workbench: the pages that people keep open while they work, on the bare address.

They ask no other host for anything, every one of them can be read without scripts, and a page of another site can
neither show them nor have them change anything.

GET  /fedemu/events     what happens, as it happens
GET  /workbench/notice  the line on top of every page: what came of the world that was saved last
GET  /workbench/language   keeps the language that was chosen, and goes back to the page
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from flask import Blueprint, Flask, Response, abort, make_response, redirect, render_template, request
from werkzeug.http import parse_cookie

from emulator.diagnosis.fix import problem_without_secrets
from emulator.kernel.bound_sites import bound_site_class
from emulator.kernel.failures import REQUEST_ID_KEY, raise_left_error
from emulator.kernel.services import Services, WsgiApp
from emulator.network.event_stream import MOST_SUBSCRIPTIONS, TooManyListeners
from emulator.network.gateway import BENCH_PATH, EVENTS_PATH, MAX_PASTED_BYTES, TOO_LARGE_KEY
from emulator.workbench.access_pages import access
from emulator.workbench.bench_pages import bench
from emulator.workbench.faults_pages import faults
from emulator.workbench.logins_pages import logins
from emulator.workbench.pages import LANGUAGE_COOKIE, alias, breakable, words, workbench
from emulator.workbench.people_pages import people
from emulator.workbench.setup_pages import setup
from emulator.workbench.words import LANGUAGES
from emulator.workbench.workbench import Workbench
from emulator.workbench.world_pages import world

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self' http://*.localhost:*; base-uri 'none'; frame-ancestors 'none'"
)
# Browsers treat a backslash as a slash, and ignore tabs and line breaks everywhere.
_PATH_HERE = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")

frame = Blueprint("frame", __name__)


_WorkbenchSite: type[Flask] = bound_site_class(Flask, request, parse_cookie)


def bound_site(workbench: Workbench) -> WsgiApp:
    """Returns the pages for one federation."""
    services = Services()
    services.provide(Workbench, workbench)
    return services.bind(_site())


@cache
def _site() -> Flask:
    site = _WorkbenchSite("emulator.workbench", static_url_path="/workbench/static")
    site.config.update(MAX_CONTENT_LENGTH=MAX_PASTED_BYTES, MAX_FORM_MEMORY_SIZE=MAX_PASTED_BYTES)
    site.jinja_env.filters["breakable"] = breakable
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True
    for each in (frame, logins, bench, people, access, setup, faults, world):
        site.register_blueprint(each)
    site.before_request(_refuse_other_sites)
    site.before_request(_refuse_large)
    site.before_request(lambda: raise_left_error(request.environ))
    site.after_request(_harden)
    site.context_processor(_for_every_page)
    site.register_error_handler(404, _no_page)
    site.register_error_handler(500, _failed)
    return site


def _for_every_page() -> dict[str, Any]:
    saved = workbench().saved
    first = problem_without_secrets(saved.problems[0]) if saved is not None and saved.problems else None
    kept = workbench().kept_state()
    return {
        "t": words(),
        "alias": alias,
        "languages": LANGUAGES,
        "here": request.path,
        "federation": workbench().federation,
        "saved": saved,
        "first_problem": f"{first.location}: {first.message}" if first is not None else "",
        "unsaved_state": kept if kept is not None and kept.problem else None,
    }


def _refuse_other_sites() -> Response | None:
    """Refuses requests that another site's page makes a browser send, recognised by Origin or Sec-Fetch-Site."""
    origin = request.headers.get("Origin")
    is_own = origin is None or origin.partition("://")[2] == request.host
    site = request.headers.get("Sec-Fetch-Site", "none")
    # A link elsewhere may lead here, because following it changes nothing.
    is_link = request.method in {"GET", "HEAD"} and request.headers.get("Sec-Fetch-Mode") == "navigate"
    if is_own and (site in {"none", "same-origin"} or is_link):
        return None
    return make_response("fedemu: the workbench is not for other pages.\n", 403, {"Content-Type": "text/plain"})


def _refuse_large() -> Response | None:
    """Shows what to do about a request that is larger than allowed."""
    most = request.environ.get(TOO_LARGE_KEY)
    if most is None:
        return None
    key = "bench_too_large" if request.path == BENCH_PATH else "form_too_large"
    problem = words()(key, megabytes=most // 1_000_000)
    return make_response(render_template("problem.html", title=words()("not_taken"), problem=problem), 413)


def _harden(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    # With no-referrer a browser sends a null Origin even with the site's own forms.
    response.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def _no_page(_error: Exception) -> Response:
    return make_response(render_template("no-page.html"), 404)


def _failed(_error: Exception) -> Response:
    request_id = request.environ.get(REQUEST_ID_KEY, "")
    return make_response(render_template("failed.html", request_id=request_id), 500, {"X-Request-Id": request_id})


@frame.get(EVENTS_PATH)
def events() -> Response:
    """Has the connection send events from now on."""
    try:
        is_taken = workbench().events.hand_over(request.environ)
    except TooManyListeners:
        workbench().federation.limits.reached(
            "pages that follow what happens",
            f"{MOST_SUBSCRIPTIONS} pages follow what happens, and further ones have to be loaded again to show it. "
            "Close some tabs of the workbench",
        )
        return make_response("fedemu: too many pages listen already.\n", 503, {"Content-Type": "text/plain"})
    if not is_taken:
        abort(501)
    return Response(content_type="text/event-stream")


@frame.get("/workbench/notice")
def notice() -> str:
    """Sends the line at the top of every page; empty where there is nothing to say."""
    return render_template("notice.html")


@frame.get("/workbench/language")
def language() -> Response:
    """Stores a language in a cookie, and leads back."""
    back = request.args.get("back", "/")
    answer = make_response(redirect(back if _PATH_HERE.fullmatch(back) else "/"))
    if request.args.get("to") in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, request.args["to"], samesite="Strict", httponly=True)
    return answer
