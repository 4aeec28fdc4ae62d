"""The console's home: who is signed in, and until when.

GET /console/home, /     the home
GET any other page       the same: the emulator has no other console page

Without a console session every page of the console sends the browser to sign-in.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from emulator.kernel.clock import instant
from emulator.kernel.errors import SignInRefusal
from emulator.kernel.trace_notes import NO_FACTS, Facts, TraceNote, record
from sp_mock.accounts.model import Aws, Instance
from sp_mock.connect.federation import ConnectFederation
from sp_mock.console.framing import refuse_frame
from sp_mock.console.opened import opened_note
from sp_mock.endpoints import Endpoint
from sp_mock.pages import CONSOLE, flask_request, is_framed, service
from sp_mock.signin.console_sessions import ConsoleSession
from sp_mock.signin.cookies import browser_sessions, request_endpoint
from sp_mock.signin.relay_state import host_of_no_console

pages = Blueprint("home", __name__)


@pages.get("/", defaults={"path": ""})
@pages.get("/<path:path>")
def home(path: str) -> Response:
    """Shows the session, the browser's other sessions and the account's Amazon Connect instances."""
    sessions = browser_sessions()
    if not sessions:
        return to_sign_in()
    *others, session = sessions
    aws, endpoint = service(Aws), request_endpoint()
    label = aws.account_label(session.account_id)
    connect = service(ConnectFederation)
    note = opened_note(
        session.session,
        issuer=session.issuer,
        ends_at=session.expires_at,
        account=label,
        url=asked_url(),
        path=path,
        instances=aws.instances,
        open_to=lambda: connect.instances_open_to(session.session),
    )
    record(request.environ, replace(note, refusal=_framed(request.host)))
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


def asked_url() -> str:
    """Returns the URL that was asked for, with its query unchanged."""
    request = flask_request()
    query = request.query_string.decode("utf-8", "replace")
    address = f"{request.scheme}://{request.host}{request.path}"
    return f"{address}?{query}" if query else address


def to_sign_in() -> Response:
    """Sends a browser without a console session to sign-in."""
    sign_in_url = request_endpoint().sign_in_url
    framed = "; AWS sign-in refuses to be shown in a frame" if is_framed() else ""
    wrong_host = host_of_no_console(request.host.partition(":")[0], request_endpoint())
    facts = Facts(note=f"the address {wrong_host}") if wrong_host else NO_FACTS
    refusal = _framed(sign_in_url.removeprefix("https://"))
    record(request.environ, TraceNote(CONSOLE.service, f"there is no console session{framed}", facts, refusal))
    asked = quote(request.url, safe="")
    return redirect(f"{sign_in_url}/oauth?response_type=code&redirect_uri={asked}", 302)


def _framed(shown: str) -> SignInRefusal | None:
    referer = request.headers.get("Referer", "")
    return refuse_frame(request.url, shown=shown, referer=referer) if is_framed() else None


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
