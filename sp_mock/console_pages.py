"""The AWS console, ``console.aws.amazon.com`` and its regional hosts, as far as federation needs it.

    GET /connect/federate/{instance id}   GetFederationToken, then a form that posts the tokens to the instance
    GET /console/home, /                  who is signed in, and until when
    GET any other page                    the same: the emulator has no other console page

Without a console session every page sends the browser to sign-in.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from flask import Flask, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from emulator.clock import instant
from emulator.decision import Decision, tell
from emulator.errors import ConnectRefusal
from sp_mock.connect.destination import read_destination, resolve_destination
from sp_mock.connect.federation import ConnectFederation
from sp_mock.pages import CONNECT, CONSOLE, new_site, refusal_page
from sp_mock.signin import ConsoleSession, SignIn
from sp_mock.signin_pages import SESSION_COOKIE

_REGIONAL_HOST = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)\.console\.aws\.amazon\.com")


def console_site(sign_in: SignIn, federation: ConnectFederation) -> Flask:
    """Builds the site."""
    site = new_site("console", CONSOLE)

    @site.get("/connect/federate/<instance_id>")
    def federate(instance_id: str) -> Response:
        session = sign_in.sessions.get(request.cookies.get(SESSION_COOKIE))
        if session is None:
            return _to_sign_in()
        asked = read_destination(request.query_string.decode("utf-8", "replace"))
        try:
            token = federation.get_federation_token(session.role_session, instance_id=instance_id, region=_region())
            destination = resolve_destination(asked, token.instance)
        except ConnectRefusal as refusal:
            return refusal_page(refusal, brand=CONNECT)
        facts = {
            "caller": session.role_session.arn,
            "aws:userid": session.role_session.user_id,
            "instance": str(token.instance.arn),
            "user": token.user.login,
            "destination": asked or "(none)",
            "goes to": destination.url,
        }
        if destination.note:
            facts["note"] = destination.note
        tell(request.environ, Decision(CONSOLE.service, "connect:GetFederationToken allowed", facts))
        page = render_template("federate.html", brand=CONNECT, token=token, destination=asked)
        response = make_response(page)
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response

    @site.get("/", defaults={"path": ""})
    @site.get("/<path:path>")
    def home(path: str) -> Response:
        session = sign_in.sessions.get(request.cookies.get(SESSION_COOKIE))
        if session is None:
            return _to_sign_in()
        tell(
            request.environ, Decision(CONSOLE.service, f"console open for {session.role_session.arn}", _facts(session))
        )
        return make_response(render_template("console.html", brand=CONSOLE, path=path, facts=_facts(session)))

    return site


def _facts(session: ConsoleSession) -> dict[str, str]:
    role = session.role_session
    return {
        "Federated user": f"{role.role_arn.name}/{role.session_name}",
        "Account": role.role_arn.account_id,
        "Role": str(role.role_arn),
        "Session ends": instant(session.expires_at),
        **{f"Session tag {key}": value for key, value in role.tags},
    }


def _to_sign_in() -> Response:
    tell(request.environ, Decision(CONSOLE.service, "there is no console session"))
    asked = quote(request.url, safe="")
    return redirect(f"https://signin.aws.amazon.com/oauth?response_type=code&redirect_uri={asked}", 302)


def _region() -> str:
    match = _REGIONAL_HOST.fullmatch(request.host.partition(":")[0])
    if match:
        return match[1]
    return "us-gov-west-1" if "amazonaws-us-gov" in request.host else "us-east-1"
