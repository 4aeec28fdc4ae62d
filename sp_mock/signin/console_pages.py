"""The AWS console, ``console.aws.amazon.com`` and its regional hosts, as far as federation needs it.

    GET /connect/federate/{instance id}   GetFederationToken, then a form that posts the tokens to the instance
    POST /connect/emergency/{instance id} emergency access: the same for an administrator who is none of its users
    GET /console/home, /                  who is signed in, and until when
    GET any other page                    the same: the emulator has no other console page

Without a console session every page sends the browser to sign-in.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from flask import Flask, make_response, redirect, render_template, request
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from emulator.kernel.clock import Clock, instant
from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.trace_notes import Facts, TraceNote, record
from sp_mock.accounts.model import Aws, Instance
from sp_mock.connect.destination import Asked, read_federate_query, resolve_destination
from sp_mock.connect.federation import ACTION, EMERGENCY_ACTION, ConnectFederation, FederationToken, sign_in_url
from sp_mock.endpoints import Endpoint, is_console_host
from sp_mock.pages import CONNECT, CONSOLE, is_framed, new_site, refusal_page
from sp_mock.signin.browser_context import SESSION_COOKIE, request_endpoint
from sp_mock.signin.console_sessions import ConsoleSession
from sp_mock.signin.sign_in import SignIn

GetToken = Callable[..., FederationToken]


def console_site(aws: Aws, sign_in: SignIn, federation: ConnectFederation, *, clock: Clock) -> Flask:
    """Builds the site."""
    site = new_site("console", CONSOLE)

    @site.get("/connect/federate/<instance_id>")
    def federate(instance_id: str) -> Response:
        asked = read_federate_query(request.query_string.decode("utf-8", "replace"))
        return to_instance(instance_id, ACTION, federation.get_federation_token, asked)

    @site.post("/connect/emergency/<instance_id>")
    def emergency_access(instance_id: str) -> Response:
        origin = request.headers.get("Origin", "")
        if origin and not is_console_host(origin.removeprefix("https://")):
            raise Forbidden("Emergency access is begun on the console's own pages.")
        return to_instance(instance_id, EMERGENCY_ACTION, federation.get_emergency_access_token, Asked())

    def to_instance(instance_id: str, action: str, get_token: GetToken, asked: Asked) -> Response:
        session = sign_in.sessions.get(request.cookies.get(SESSION_COOKIE))
        if session is None:
            return _to_sign_in()
        try:
            token = get_token(session.session, instance_id=instance_id, region=request_endpoint().region_name)
            base_url = token.instance.base_urls[-1] if asked.new_domain else token.instance.access_url
            destination = resolve_destination(asked.destination, token.instance, now=clock.now(), base_url=base_url)
        except ConnectRefusal as refusal:
            return refusal_page(refusal, brand=CONNECT)
        facts = Facts(
            caller=session.session.arn,
            user_id=session.session.user_id,
            instance=str(token.instance.arn),
            user=token.user.login,
            destination=asked.destination,
            goes_to=destination.url,
            note=destination.note or None,
        )
        record(request.environ, TraceNote(CONSOLE.service, f"{action} allowed", facts))
        return _federate_page(token, sign_in_url(base_url), asked.destination)

    @site.get("/", defaults={"path": ""})
    @site.get("/<path:path>")
    def home(path: str) -> Response:
        session = sign_in.sessions.get(request.cookies.get(SESSION_COOKIE))
        if session is None:
            return _to_sign_in()
        endpoint = request_endpoint()
        label = aws.account_label(session.account_id)
        record(request.environ, _opened(session, account=label))
        others = sign_in.sessions.all(request.cookies.get(SESSION_COOKIE))[:-1]
        page = render_template(
            "console.html",
            brand=CONSOLE,
            path=path,
            rows=_rows(session, account=label, region=endpoint.region_name),
            others=[f"{other.session.arn} in {aws.account_label(other.account_id)}" for other in others],
            instances=_instances(session, aws, endpoint),
            logout_url=endpoint.logout_url,
        )
        return make_response(page)

    return site


def _federate_page(token: FederationToken, action: str, destination: str) -> Response:
    """Answers with the form that posts federation tokens to the instance.

    Evidence: observed (the form and its fields, and that it works in a frame), assumed (its page)
    """
    page = render_template("federate.html", brand=CONNECT, sign_in_url=action, token=token, destination=destination)
    response = make_response(page)
    response.headers["Content-Security-Policy"] = "frame-ancestors *"  # it is used as ccpUrl, in frames
    return response


def _opened(session: ConsoleSession, *, account: str) -> TraceNote:
    signed_in = session.session
    facts = Facts(
        account=account,
        role=signed_in.principal_arn,
        session=signed_in.arn,
        session_ends=session.expires_at,
        issuer=session.issuer,
        source_identity=signed_in.source_identity,
        tags=dict(signed_in.tags) or None,
    )
    return TraceNote(CONSOLE.service, f"console open for {signed_in.arn}", facts)


def _rows(session: ConsoleSession, *, account: str, region: str) -> dict[str, str]:
    signed_in = session.session
    return {
        "Account": account,
        "Federated user": signed_in.user_name,
        "Role": signed_in.principal_arn,
        "Session name": signed_in.session_name,
        "Session ends": instant(session.expires_at),
        "Region": region,
        "Signed in by": f"{session.signed_in_by}, issuer {session.issuer or '(none)'}",
        "Source identity": signed_in.source_identity or "(none)",
        **{f"Session tag {key}": value for key, value in signed_in.tags},
    }


def _instances(session: ConsoleSession, aws: Aws, endpoint: Endpoint) -> list[tuple[Instance, str]]:
    """Returns the Amazon Connect instances of the session's account, each with its regional console's URL."""
    account = aws.accounts.get(session.account_id)
    return [
        (instance, Endpoint(endpoint.partition, instance.arn.region).console_url)
        for instance in (account.instances.values() if account else ())
    ]


def _to_sign_in() -> Response:
    framed = "; AWS sign-in refuses to be shown in a frame" if is_framed() else ""
    record(request.environ, TraceNote(CONSOLE.service, f"there is no console session{framed}"))
    asked = quote(request.url, safe="")
    return redirect(f"{request_endpoint().sign_in_url}/oauth?response_type=code&redirect_uri={asked}", 302)
