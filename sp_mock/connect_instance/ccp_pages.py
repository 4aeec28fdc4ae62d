"""The pages that a user of an instance opens, and what a page that embeds the CCP asks for.

GET /home, /                  the instance's home
GET /ccp-v2…                  the Contact Control Panel (CCP)
GET /agent-app-v2…            the agent workspace
GET /request-storage-access   asks the browser for third-party cookies, as the Streams API can have it do
GET /whitelisted-origins      the approved origins
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from emulator.kernel.clock import Clock
from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.explanations import Cause
from emulator.kernel.trace_notes import Facts, TraceNote, record
from sp_mock.connect.destination import HOME
from sp_mock.connect.federation import ConnectSession
from sp_mock.connect_instance.cookies import current_session
from sp_mock.connect_instance.framing import Framing
from sp_mock.connect_instance.instance_site import (
    InstanceSite,
    account_of,
    framed_by,
    request_framing,
    request_instance_site,
)
from sp_mock.connect_instance.page_access import CCP, TITLES, refuse_user
from sp_mock.connect_instance.page_addresses import no_page, note_in_frame, refuse_in_frame
from sp_mock.pages import CONNECT, flask_request, refusal_page, service, shown_page

_TEMPLATES = {"ccp": "ccp.html", "ccp-v2": "ccp.html", "agent-app-v2": "agent-workspace.html"}

_SUMMARIES = {
    "approved-origin": "the browser will refuse to frame it",
    "connect-page": "the page around the frame waits for the CCP",
    "security-profile": "access denied",
}

pages = Blueprint("ccp", __name__)


@pages.get("/")
def root() -> Response:
    """Sends the browser to the home."""
    return redirect(request_instance_site().base_url + HOME, 302)


@pages.get("/<path:path>")
def page(path: str) -> Response:
    """Shows a page to the user who is signed in; anybody else is redirected to /auth/refresh."""
    site = request_instance_site()
    first = path.partition("/")[0]
    title = TITLES.get(first)
    around = framed_by(site)
    if title is None:
        return refusal_page(no_page(path, base_url=site.base_url, known=tuple(TITLES), around=around), brand=CONNECT)
    session = current_session(site.instance)
    if session is None:
        record(request.environ, TraceNote(CONNECT.service, f"there is no session for /{path}"))
        asked = quote(request.full_path.rstrip("?"))
        return redirect(f"{site.base_url}/auth/refresh?landat={asked}", 302)
    framing = request_framing(site)
    no_access = (
        refuse_user(site.instance, session.user, account=account_of(site.instance)) if not session.emergency else None
    )
    refusal = framing.refusal or refuse_in_frame(first, base_url=site.base_url, around=around)
    if title == CCP and no_access is not None:
        refusal = no_access
    note = note_in_frame(first, base_url=site.base_url, around=around)
    record(flask_request().environ, _opened(title, site, session, framing, refusal=refusal, note=note))
    response = shown_page(
        _TEMPLATES.get(first, "instance.html"),
        brand=CONNECT,
        instance=site.instance,
        base_url=site.base_url,
        prefix=site.prefix,
        title=title,
        session=session,
        may_open_ccp=no_access is None,
    )
    response.headers.add("Content-Security-Policy", framing.policy)
    return response


@pages.get("/request-storage-access")
def request_storage_access() -> Response:
    """Shows the page that asks for third-party cookies."""
    site = request_instance_site()
    framing = request_framing(site)
    record(request.environ, TraceNote(CONNECT.service, "asks for third-party cookies", refusal=framing.refusal))
    response = make_response(render_template("storage-access.html", brand=CONNECT, base_url=site.base_url))
    response.headers["Content-Security-Policy"] = framing.policy
    return response


@pages.get("/whitelisted-origins")
def approved_origins() -> Response:
    """Answers with the origins that are in effect by now."""
    instance = request_instance_site().instance
    return jsonify(whitelistedOrigins=list(instance.origins_in_force(service(Clock).now())))


def _opened(
    title: str,
    site: InstanceSite,
    session: ConnectSession,
    framing: Framing,
    *,
    refusal: ConnectRefusal | None,
    note: tuple[str | None, tuple[Cause, ...]],
) -> TraceNote:
    facts = Facts(
        user=session.user.login,
        instance=site.instance.alias,
        session_ends=session.session_ends_at,
        frame_ancestors=framing.ancestors,
        emergency_access=session.emergency or None,
        note=note[0],
    )
    if refusal is None:
        return TraceNote(CONNECT.service, f"{title} open for {session.user.login}", facts, causes=note[1])
    return TraceNote(CONNECT.service, f"{title}: {_SUMMARIES[refusal.check]}", facts, refusal)
