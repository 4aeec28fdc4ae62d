"""The org's site, ``{org}.okta.com``.

GET       /, /app/UserHome                          the dashboard with its tiles
GET, POST /login/login.htm                          the sign-in page; a form, no JavaScript
GET       /login/signout                            ends the session
what ``idp.sso.launch_pages`` answers to who opens an app,
what ``idp.signon.session_api`` answers to command-line clients,
and what ``idp.management`` and ``idp.management.admin_pages`` answer to administrators

"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import OktaRefusal
from emulator.kernel.store import Table
from emulator.kernel.trace_notes import Facts, TraceNote, record
from idp.api_answers import error_answer
from idp.directory import Directory
from idp.management.admin_pages import add_admin_pages
from idp.management.routes import add_management
from idp.management.service import Management
from idp.model import Org
from idp.refusals import no_endpoint
from idp.saml.faults import InjectedFaults
from idp.signon.authn import Authentication, Transaction
from idp.signon.authn_api import add_authn_api
from idp.signon.device_flow import DeviceFlow
from idp.signon.oauth_api import add_oauth_api
from idp.signon.second_factor_pages import add_second_factor_pages, second_factor_page
from idp.signon.session import Session, Sessions
from idp.signon.session_api import add_api
from idp.sso.launch_pages import LaunchPages
from idp.sso.sp_requests import SamlRequest

SESSION_COOKIE = "sid"
_MAX_FORM_BYTES = 100_000
_HOME = "/app/UserHome"
_MARKUP = str.maketrans({character: f"&#x{ord(character):x};" for character in "&<>\"'`:/?=#%+@,;()[]{} \\"})


def org_site(
    directory: Directory,
    *,
    sessions: Sessions,
    management: Management,
    authentication: Authentication,
    flow: DeviceFlow,
    requests: Table[SamlRequest],
    faults: InjectedFaults,
    clock: Clock,
    ids: Ids,
) -> Flask:
    """Builds the site of the org that a directory holds."""
    site = Flask("idp.app", root_path=str(__file__).rpartition("app.py")[0], static_folder=None)
    site.config.update(MAX_CONTENT_LENGTH=_MAX_FORM_BYTES, MAX_FORM_MEMORY_SIZE=_MAX_FORM_BYTES)
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True
    site.jinja_env.filters["entities"] = _entities

    @site.context_processor
    def the_org() -> dict[str, Org]:
        return {"org": directory.org}

    def current() -> Session | None:
        return sessions.find(request.cookies.get(SESSION_COOKIE))

    @site.errorhandler(HTTPException)
    def no_page(error: HTTPException) -> Response:
        if request.path.startswith("/api/") and error.code in {404, 405}:
            refusal = no_endpoint(request.path, is_known=error.code == 405)
            return error_answer(refusal)
        record(request.environ, TraceNote("Okta", f"{request.method} {request.path}: {error.name}"))
        page = render_template("error.html", title=error.name, text=error.description or error.name)
        return make_response(page, error.code or 400)

    @site.after_request
    def harden(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @site.get("/")
    @site.get(_HOME)
    def dashboard() -> Response:
        session = current()
        if session is None:
            return _sign_in_page(_HOME)
        org = directory.org
        apps = [app for app in org.apps.values() if org.assigned(app, session.user)]
        record(request.environ, TraceNote("Okta", f"shows {session.user.login} the tiles of {len(apps)} apps"))
        return make_response(
            render_template(
                "dashboard.html", user=session.user, apps=apps, is_admin=session.user.login in org.api_tokens.values()
            )
        )

    @site.get("/login/login.htm")
    def sign_in_form() -> Response:
        return _sign_in_page(request.args.get("fromURI", _HOME))

    @site.post("/login/login.htm")
    def sign_in() -> AnyResponse:
        username, target = request.form.get("username", ""), request.values.get("fromURI", _HOME)
        try:
            step = authentication.begin(username, request.form.get("password", ""), target=own_path(target))
        except OktaRefusal as refusal:
            record(request.environ, TraceNote("Okta", f"refused to sign {username!r} in", refusal=refusal))
            return make_response(_sign_in_page(target, failed=True, username=username), refusal.status)
        if isinstance(step, Transaction):
            return second_factor_page(step, authentication)
        record(request.environ, TraceNote("Okta", f"signed {username} in", Facts(session_ends=step.expires_at)))
        response = redirect(own_path(target), 303)
        _set_session(response, step)
        return response

    @site.get("/login/signout")
    def sign_out() -> AnyResponse:
        sessions.end(request.cookies.get(SESSION_COOKIE))
        record(request.environ, TraceNote("Okta", "signed out"))
        response = redirect("/login/login.htm", 302)
        response.delete_cookie(SESSION_COOKIE, secure=True)
        return response

    add_management(site, management, sessions)
    add_admin_pages(site, directory, management.send, current=current, sign_in_page=_sign_in_page, clock=clock, ids=ids)
    add_second_factor_pages(
        site, authentication, set_session=_set_session, own_path=own_path, sign_in_page=_sign_in_page
    )
    add_authn_api(site, authentication, sessions, clock=clock)
    add_api(site, directory, sessions, flow, set_session=_set_session, own_path=own_path)

    pages = LaunchPages(
        directory,
        sessions,
        authentication,
        faults,
        requests,
        clock=clock,
        ids=ids,
        current=current,
        sign_in_page=_sign_in_page,
        set_session=_set_session,
    )
    pages.add_to(site)
    add_oauth_api(site, flow, current=current, sign_in_page=_sign_in_page, launch=pages.launch)

    return site


def _sign_in_page(target: str, *, failed: bool = False, username: str = "") -> Response:
    if not failed:
        record(request.environ, TraceNote("Okta", "asks for user name and password"))
    return make_response(render_template("sign-in.html", target=own_path(target), failed=failed, username=username))


def _set_session(response: AnyResponse, session: Session) -> None:
    response.set_cookie(SESSION_COOKIE, session.session_id, secure=True, httponly=True, samesite="None")


def own_path(target: str) -> str:
    """Returns a path of this org, whatever was asked for: nobody is sent to another site after signing in."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return _HOME
    strange = any(ord(character) <= 0x20 or character == "\\" for character in target)
    if strange or parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//"):
        return _HOME
    return target


def _entities(text: str) -> Markup:
    """Writes a URL with hexadecimal entities, as Okta does in a form's action.

    Spec: a page of oktadev/okta-aws-cli-assume-role's tests
    Evidence: observed
    """
    return Markup(text.translate(_MARKUP))  # noqa: S704  every character with a meaning in markup is an entity
