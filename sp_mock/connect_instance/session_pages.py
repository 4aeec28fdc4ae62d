"""An instance's sessions: how they begin, are renewed and end.

POST /auth/sign-in            federation tokens in; cookies out; on to the destination
GET  /auth/refresh?landat=…   a new access token, or on to /login
GET  /auth/authorize          a new access token, for scripts: 200, or 401 when the session is over
GET  /login                   Session expired: why, and where a login begins
GET  /logout                  ends the session
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from emulator.kernel.clock import Clock, instant
from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.trace_notes import Facts, TraceNote, link, record
from sp_mock.accounts.model import Aws
from sp_mock.connect.destination import HOME, resolve_destination
from sp_mock.connect.federation import ConnectFederation
from sp_mock.connect.federation_refusals import BAD_REQUEST
from sp_mock.connect.federation_tokens import read_credentials
from sp_mock.connect_instance import cookies
from sp_mock.connect_instance.instance_site import (
    InstanceSite,
    account_of,
    page_around,
    request_framing,
    request_instance_site,
)
from sp_mock.connect_instance.no_session import refuse_visit
from sp_mock.connect_instance.session_refusals import no_session_for_script
from sp_mock.connect_instance.sign_ins import SignIns
from sp_mock.connect_instance.visit import Visit
from sp_mock.pages import CONNECT, flask_request, flask_site, is_framed, refusal_page, service

pages = Blueprint("session", __name__)


@pages.post("/auth/sign-in")
def sign_in() -> Response:
    """Opens the session with the tokens that the federate page posts."""
    request, site = flask_request(), request_instance_site()
    instance = site.instance
    tokens = read_credentials(request.form.get("credentials", ""))
    link(request.environ, *(tokens or ())[:2])
    session = service(ConnectFederation).session(tokens[0], instance=instance) if tokens else None
    if tokens is None or session is None:
        return refusal_page(_bad_credentials(malformed=tokens is None), brand=CONNECT)
    now, asked = service(Clock).now(), request.form.get("destination", "")
    try:
        destination = resolve_destination(asked, instance, now=now, base_url=site.base_url)
    except ConnectRefusal as refusal:
        return refusal_page(refusal, brand=CONNECT)
    facts = Facts(
        user=session.user.login,
        instance=instance.alias,
        session_ends=session.session_ends_at,
        goes_to=destination.url,
    )
    record(request.environ, TraceNote(CONNECT.service, f"{session.user.login} signed in to {instance.alias}", facts))
    service(SignIns).remember(
        tokens[1],
        session,
        base_url=site.base_url,
        destination=asked,
        browser=request.environ.get("HTTP_USER_AGENT", ""),
    )
    response = flask_site().redirect(destination.url, 302)
    cookies.set_access_token(response, instance, tokens[0])
    cookies.set_refresh_token(response, instance, tokens[1], prefix=site.prefix)
    return response


@pages.get("/auth/refresh")
def refresh() -> Response:
    """Renews the access token and sends the browser on to ``landat``."""
    site = request_instance_site()
    instance = site.instance
    landat = request.args.get("landat", HOME)
    renewed = service(ConnectFederation).refresh(cookies.refresh_token(instance), instance=instance)
    if renewed is None:
        return redirect(f"{site.base_url}/login?landat={quote(landat)}", 307)
    access_token, session = renewed
    try:
        destination = resolve_destination(landat, instance, now=service(Clock).now(), base_url=site.base_url)
    except ConnectRefusal as refusal:
        return refusal_page(refusal, brand=CONNECT)
    record(request.environ, TraceNote(CONNECT.service, f"renewed the access token of {session.user.login}"))
    response = redirect(destination.url, 302)
    cookies.set_access_token(response, instance, access_token)
    return response


@pages.get("/auth/authorize")
def authorize() -> Response:
    """Renews the access token for a script."""
    instance = request_instance_site().instance
    renewed = service(ConnectFederation).refresh(cookies.refresh_token(instance), instance=instance)
    if renewed is None:
        refusal = no_session_for_script(instance)
        record(request.environ, TraceNote(CONNECT.service, "the session is over", refusal=refusal))
        return make_response(jsonify(message="The session is over."), 401)
    access_token, session = renewed
    record(request.environ, TraceNote(CONNECT.service, f"renewed the access token of {session.user.login}"))
    response = jsonify(expires=instant(session.expires_at), sessionEnds=instant(session.session_ends_at))
    cookies.set_access_token(response, instance, access_token)
    return response


@pages.get("/login")
def session_expired() -> Response:
    """Shows that there is no session, and where to log in again."""
    site = request_instance_site()
    refusal = refuse_visit(_visit(site), service(SignIns), service(Aws).instances)
    summary = "Session expired: Amazon Connect has no login of its own, a login begins at the identity provider"
    record(request.environ, TraceNote(CONNECT.service, summary, refusal=refusal))
    response = make_response(render_template("session-expired.html", brand=CONNECT))
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@pages.get("/logout")
def logout() -> Response:
    """Ends the session, in this instance only."""
    site = request_instance_site()
    access_token, refresh_token = cookies.access_token(site.instance), cookies.refresh_token(site.instance)
    session = cookies.current_session(site.instance)
    if session is not None:
        browser = request.headers.get("User-Agent", "")
        service(SignIns).signed_out(session.instance_id, login=session.user.login, browser=browser)
    service(ConnectFederation).end(access_token=access_token, refresh_token=refresh_token)
    record(request.environ, TraceNote(CONNECT.service, "signed out; the identity provider's session goes on"))
    page = render_template("message.html", brand=CONNECT, title="Signed out", text="You have signed out.")
    response = make_response(page)
    cookies.forget_tokens(response, site.instance, prefix=site.prefix)
    response.headers["Content-Security-Policy"] = request_framing(site).policy
    return response


def _visit(site: InstanceSite) -> Visit:
    """Reads which page is asked for, and by whom."""
    return Visit(
        account=account_of(site.instance),
        instance=site.instance,
        base_url=site.base_url,
        path=request.args.get("landat", ""),
        around=page_around(site),
        framed=is_framed(),
        browser=request.headers.get("User-Agent", ""),
        storage_access=request.headers.get("Sec-Fetch-Storage-Access", ""),
        unapproved=request_framing(site).refusal,
    )


def _bad_credentials(*, malformed: bool) -> ConnectRefusal:
    return ConnectRefusal(
        BAD_REQUEST,
        code="InvalidRequestException",
        status=400,
        check="federation-credentials",
        evidence="assumed",
        explanation="The field credentials is not the JSON that the federate page posts."
        if malformed
        else "The access token in credentials is unknown, expired, or another instance's.",
        where="form field credentials",
        fix="Open the federate URL again; it makes new tokens.",
        spec='Amazon Connect Administrator Guide "troubleshoot-saml"',
    )
