"""The pages of an Amazon Connect instance, ``{alias}.my.connect.aws``.

POST /auth/sign-in                 federation tokens in; cookies out; on to the destination
GET  /home, /                      the instance's home
GET  /ccp-v2…, /agent-app-v2…      the Contact Control Panel, the agent workspace
GET  /auth/refresh?landat=…        a new access token, or on to /login
GET  /login                        Session expired: a login begins at the identity provider
GET  /logout                       ends the session
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Flask, make_response, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from emulator.clock import instant
from emulator.decision import Decision, tell
from emulator.errors import ConnectRefusal
from sp_mock.connect.destination import HOME, resolve_destination
from sp_mock.connect.federation import (
    ACCESS_TOKEN_LIFETIME,
    BAD_REQUEST,
    SESSION_LIFETIME,
    ConnectFederation,
    read_credentials,
)
from sp_mock.model import Aws, Instance
from sp_mock.pages import CONNECT, new_site, refusal_page

_PAGES = {
    "home": "Home",
    "ccp": "Contact Control Panel",
    "ccp-v2": "Contact Control Panel",
    "agent-app-v2": "Agent workspace",
}
# Airport codes in cookie names: us-east-1's is known, the others are assumed.
_AIRPORTS = {
    "us-east-1": "iad",
    "us-west-2": "pdx",
    "eu-central-1": "fra",
    "eu-west-2": "lhr",
    "ap-northeast-1": "nrt",
    "ap-northeast-2": "icn",
    "ap-southeast-1": "sin",
    "ap-southeast-2": "syd",
    "ca-central-1": "yul",
    "af-south-1": "cpt",
    "us-gov-west-1": "pdt",
}


def instance_site(aws: Aws, federation: ConnectFederation) -> Flask:
    """Builds the site that serves every instance by its host name."""
    site = new_site("connect", CONNECT)

    def the_instance() -> Instance:
        host = request.host.partition(":")[0]
        found = next((instance for instance in aws.instances if instance.host == host), None)
        if found is None:
            raise NotFound(f"No Amazon Connect instance is served at {host}.")
        return found

    @site.post("/auth/sign-in")
    def sign_in() -> Response:
        instance = the_instance()
        tokens = read_credentials(request.form.get("credentials", ""))
        session = federation.session(tokens[0], instance=instance) if tokens else None
        if tokens is None or session is None:
            return refusal_page(_bad_credentials(malformed=tokens is None), brand=CONNECT)
        try:
            destination = resolve_destination(request.form.get("destination", ""), instance)
        except ConnectRefusal as refusal:
            return refusal_page(refusal, brand=CONNECT)
        facts = {
            "user": session.user.login,
            "instance": instance.alias,
            "session ends": instant(session.session_ends_at),
            "goes to": destination.url,
        }
        tell(request.environ, Decision(CONNECT.service, f"{session.user.login} signed in to {instance.alias}", facts))
        response = redirect(destination.url, 302)
        _set_access_cookie(response, instance, tokens[0])
        response.set_cookie(
            _refresh_cookie(instance),
            tokens[1],
            path="/auth",
            max_age=int(SESSION_LIFETIME.total_seconds()),
            secure=True,
            httponly=True,
            samesite="None",
        )
        return response

    @site.get("/auth/refresh")
    def refresh() -> Response:
        instance = the_instance()
        landat = request.args.get("landat", HOME)
        renewed = federation.refresh(request.cookies.get(_refresh_cookie(instance)), instance=instance)
        if renewed is None:
            return redirect(f"{instance.access_url}/login?landat={quote(landat)}", 307)
        access_token, session = renewed
        try:
            destination = resolve_destination(landat, instance)
        except ConnectRefusal as refusal:
            return refusal_page(refusal, brand=CONNECT)
        tell(request.environ, Decision(CONNECT.service, f"renewed the access token of {session.user.login}"))
        response = redirect(destination.url, 302)
        _set_access_cookie(response, instance, access_token)
        return response

    @site.get("/login")
    def session_expired() -> Response:
        instance = the_instance()
        summary = "Session expired: Amazon Connect has no login of its own, a login begins at the identity provider"
        tell(request.environ, Decision(CONNECT.service, summary, refusal=_session_expired()))
        response = make_response(render_template("session-expired.html", brand=CONNECT, instance=instance))
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response

    @site.get("/logout")
    def logout() -> Response:
        instance = the_instance()
        federation.end(
            access_token=request.cookies.get(_access_cookie(instance)),
            refresh_token=request.cookies.get(_refresh_cookie(instance)),
        )
        tell(request.environ, Decision(CONNECT.service, "signed out"))
        page = render_template("message.html", brand=CONNECT, title="Signed out", text="You have signed out.")
        response = make_response(page)
        response.delete_cookie(_access_cookie(instance), secure=True)
        response.delete_cookie(_refresh_cookie(instance), path="/auth", secure=True)
        return response

    @site.get("/")
    def root() -> Response:
        return redirect(the_instance().access_url + HOME, 302)

    @site.get("/<path:path>")
    def page(path: str) -> Response:
        instance = the_instance()
        title = _PAGES.get(path.partition("/")[0])
        if title is None:
            raise NotFound(f"Amazon Connect has no page /{path}, or the emulator does not offer it.")
        session = federation.session(request.cookies.get(_access_cookie(instance)), instance=instance)
        if session is None:
            tell(request.environ, Decision(CONNECT.service, f"there is no session for /{path}"))
            asked = quote(request.full_path.rstrip("?"))
            return redirect(f"{instance.access_url}/auth/refresh?landat={asked}", 302)
        facts = {
            "user": session.user.login,
            "instance": instance.alias,
            "session ends": instant(session.session_ends_at),
        }
        tell(request.environ, Decision(CONNECT.service, f"{title} open for {session.user.login}", facts))
        body = render_template("instance.html", brand=CONNECT, instance=instance, title=title, session=session)
        response = make_response(body)
        response.headers["Content-Security-Policy"] = " ".join(("frame-ancestors 'self'", *instance.approved_origins))
        return response

    return site


def _airport(instance: Instance) -> str:
    return _AIRPORTS.get(instance.arn.region, instance.arn.region)


def _access_cookie(instance: Instance) -> str:
    return f"lily-auth-prod-{_airport(instance)}"


def _refresh_cookie(instance: Instance) -> str:
    return f"lily-auth-refresh-prod-{_airport(instance)}"


def _set_access_cookie(response: Response, instance: Instance, access_token: str) -> None:
    response.set_cookie(
        _access_cookie(instance),
        access_token,
        max_age=int(ACCESS_TOKEN_LIFETIME.total_seconds()),
        secure=True,
        httponly=True,
        samesite="None",
    )


def _session_expired() -> ConnectRefusal:
    return ConnectRefusal(
        "Session expired",
        code="SessionExpired",
        status=200,
        check="connect-session",
        explanation="The page was opened without a running session: by its address, or more than 12 hours after login.",
        where="the browser's cookies",
        fix="Begin at the identity provider: open the application's tile.",
        spec='Amazon Connect Administrator Guide "configure-saml"',
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
