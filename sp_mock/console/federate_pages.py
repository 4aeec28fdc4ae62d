"""From the console to an Amazon Connect instance.

GET  /connect/federate/{instance id}    GetFederationToken, then a form that posts the tokens to the instance
GET  /connect/federate/arn:aws:connect:…  404: the address has the id of the instance, not its ARN
POST /connect/emergency/{instance id}   emergency access: the same for an administrator who is none of its users
"""

from __future__ import annotations

from functools import partial
from urllib.parse import quote, unquote

from flask import Blueprint, request
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.explanations import RELAY_STATE, Sent
from emulator.kernel.trace_notes import Facts, TraceNote, link, record
from sp_mock.accounts.model import Aws, Instance
from sp_mock.cloudtrail.history import EventHistory
from sp_mock.connect.asked_instance import AskedInstance
from sp_mock.connect.destination import FederateQuery, read_federate_query, resolve_destination, unread_parameter
from sp_mock.connect.federate_urls import federate_url
from sp_mock.connect.federation import ConnectFederation
from sp_mock.connect.federation_events import record_federation
from sp_mock.connect.federation_refusals import ACTION, EMERGENCY_ACTION, instance_not_found
from sp_mock.connect.federation_tokens import FederationToken, sign_in_url
from sp_mock.console.home_page import asked_url, to_sign_in
from sp_mock.endpoints import is_console_host
from sp_mock.pages import CONNECT, CONSOLE, client_connection, flask_request, refusal_page, service, shown_page
from sp_mock.signin.cookies import current_session, request_endpoint

pages = Blueprint("federate", __name__)


@pages.get("/connect/federate/<instance_id>")
def federate(instance_id: str) -> Response:
    """Signs the session's user in to an instance."""
    query = read_federate_query(flask_request().query_string.decode("utf-8", "replace"))
    return _to_instance(instance_id, query, action=ACTION)


@pages.get("/connect/federate/arn:<path:arn>")
def federate_by_arn(arn: str) -> Response:
    """Answers 404, because only an instance's id belongs in the address.

    Spec: public guide "IAM Identity Center (SSO) Integration"; Amazon Connect Administrator Guide "configure-saml"
    Evidence: observed (404, by one source; the words about a frame), assumed (the other words)
    """
    session = current_session()
    if session is None:
        return to_sign_in()
    asked = AskedInstance(f"arn:{arn}", request_endpoint().region_name, session.account_id, asked_url())
    mistake = service(ConnectFederation).mistake_in(session.session, asked, client=client_connection())
    if mistake is None:
        raise LookupError("an ARN is nobody's instance id")
    return refusal_page(instance_not_found(asked, mistake), brand=CONNECT)


@pages.post("/connect/emergency/<instance_id>")
def emergency_access(instance_id: str) -> Response:
    """Signs an administrator in to an instance."""
    origin = request.headers.get("Origin", "")
    if origin and not is_console_host(origin.removeprefix("https://")):
        raise Forbidden("Emergency access is begun on the console's own pages.")
    return _to_instance(instance_id, FederateQuery(), action=EMERGENCY_ACTION)


def _to_instance(instance_id: str, query: FederateQuery, *, action: str) -> Response:
    session = current_session()
    if session is None:
        return to_sign_in()
    connect, client = service(ConnectFederation), client_connection(service(Ids).uuid())
    entry = partial(
        record_federation,
        service(EventHistory),
        session.session,
        access_key_id=session.credentials.access_key_id,
        action=action,
        instance_id=instance_id,
        region=request_endpoint().region_name,
        client=client,
    )
    get_token = (
        partial(connect.get_federation_token, address=asked_url())
        if action == ACTION
        else connect.get_emergency_access_token
    )
    try:
        token = get_token(
            session.session,
            instance_id=instance_id,
            region=request_endpoint().region_name,
            client=client,
        )
    except ConnectRefusal as refusal:
        entry(refusal=refusal)
        return refusal_page(refusal, brand=CONNECT)
    entry()
    try:
        base_url = token.instance.base_urls[-1] if query.new_domain else token.instance.access_url
        now = service(Clock).now()
        account = service(Aws).accounts.get(session.account_id) if action == ACTION else None
        destination = resolve_destination(
            query.destination, token.instance, now=now, base_url=base_url, account=account
        )
    except ConnectRefusal as refusal:
        return refusal_page(refusal, brand=CONNECT)
    note = destination.note or (_without_destination(query) if action == ACTION else "")
    facts = Facts(
        caller=session.session.arn,
        user_id=session.session.user_id,
        instance=str(token.instance.arn),
        user=token.user.login,
        destination=query.destination,
        goes_to=destination.url,
        note=note or None,
    )
    causes = (Sent(RELAY_STATE, (_right_destination(token.instance, query),)),) if note else ()
    environ = flask_request().environ
    record(environ, TraceNote(CONSOLE.service, f"{action} allowed", facts, causes=causes))
    link(environ, token.access_token)
    return _federate_page(token, sign_in_url(base_url), query.destination)


def _without_destination(query: FederateQuery) -> str:
    """Returns what happens to a federate URL that names no page of the instance; empty for one that does."""
    if query.destination:
        return ""
    meant = unread_parameter(flask_request().query_string.decode("utf-8", "replace"))
    return (
        f"the relay state has the parameter {meant}, and only destination is read; it leads to the instance's home"
        if meant
        else "the relay state has no destination; it leads to the instance's home"
    )


def _right_destination(instance: Instance, query: FederateQuery) -> str:
    """Returns the federate URL with a correct destination: the Contact Control Panel's by default."""
    path = "/" + unquote(query.destination).lstrip("/") if query.destination else "/ccp-v2"
    page = query.destination.replace("http://", "https://", 1) if "://" in query.destination else path
    page = page.removeprefix("/connect") or "/home"
    return f"{federate_url(instance)}?destination={quote(page, safe='')}"


def _federate_page(token: FederationToken, action: str, destination: str) -> Response:
    """Answers with the form that posts federation tokens to the instance.

    Evidence: observed (the form and its fields, and that it works in a frame), assumed (its page)
    """
    response = shown_page("federate.html", brand=CONNECT, sign_in_url=action, token=token, destination=destination)
    response.headers.add("Content-Security-Policy", "frame-ancestors *")  # it is used as ccpUrl, in frames
    return response
