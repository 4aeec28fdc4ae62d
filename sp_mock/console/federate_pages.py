"""From the console to an Amazon Connect instance.

GET  /connect/federate/{instance id}    GetFederationToken, then a form that posts the tokens to the instance
GET  /connect/federate/arn:aws:connect:…  404: the address has the id of the instance, not its ARN
POST /connect/emergency/{instance id}   emergency access: the same for an administrator who is none of its users
"""

from __future__ import annotations

from functools import partial

from flask import Blueprint, make_response, render_template, request
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.trace_notes import Facts, TraceNote, record
from sp_mock.accounts.model import Aws
from sp_mock.cloudtrail.history import EventHistory
from sp_mock.connect.destination import FederateQuery, read_federate_query, resolve_destination
from sp_mock.connect.federation import (
    ACTION,
    EMERGENCY_ACTION,
    ConnectFederation,
    FederationToken,
    federate_url,
    sign_in_url,
)
from sp_mock.connect.federation_events import record_federation
from sp_mock.console.home_page import to_sign_in
from sp_mock.endpoints import is_console_host
from sp_mock.pages import CONNECT, CONSOLE, client_connection, refusal_page, service
from sp_mock.signin.cookies import current_session, request_endpoint

pages = Blueprint("federate", __name__)


@pages.get("/connect/federate/<instance_id>")
def federate(instance_id: str) -> Response:
    """Signs the session's user in to an instance."""
    query = read_federate_query(request.query_string.decode("utf-8", "replace"))
    return _to_instance(instance_id, query, action=ACTION)


@pages.get("/connect/federate/arn:<path:arn>")
def federate_by_arn(arn: str) -> Response:
    """Finds no page, as nothing but the instance's id belongs into the address.

    Spec: public guide "IAM Identity Center (SSO) Integration"; Amazon Connect Administrator Guide "configure-saml"
    Evidence: observed (404, by one source), assumed (the words)
    """
    if current_session() is None:
        return to_sign_in()
    return refusal_page(_arn_in_place_of_id(f"arn:{arn}"), brand=CONNECT)


def _arn_in_place_of_id(arn: str) -> ConnectRefusal:
    instance = service(Aws).instance(arn.rpartition("/")[2])
    return ConnectRefusal(
        "The Amazon Connect instance was not found.",
        code="ResourceNotFoundException",
        status=404,
        check="instance",
        evidence="assumed",
        explanation="The address names the instance's ARN, and only the instance id belongs there.",
        where="RelayState, the part after /connect/federate/",
        expected=federate_url(instance) if instance else "the part of the ARN after instance/",
        received=request.base_url,
        fix="Use the part of the ARN after instance/; in Terraform it is the instance's id, not its arn.",
        spec='Amazon Connect Administrator Guide "configure-saml"',
    )


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
    get_token = connect.get_federation_token if action == ACTION else connect.get_emergency_access_token
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
        destination = resolve_destination(query.destination, token.instance, now=now, base_url=base_url)
    except ConnectRefusal as refusal:
        return refusal_page(refusal, brand=CONNECT)
    facts = Facts(
        caller=session.session.arn,
        user_id=session.session.user_id,
        instance=str(token.instance.arn),
        user=token.user.login,
        destination=query.destination,
        goes_to=destination.url,
        note=destination.note or None,
    )
    record(request.environ, TraceNote(CONSOLE.service, f"{action} allowed", facts))
    return _federate_page(token, sign_in_url(base_url), query.destination)


def _federate_page(token: FederationToken, action: str, destination: str) -> Response:
    """Answers with the form that posts federation tokens to the instance.

    Evidence: observed (the form and its fields, and that it works in a frame), assumed (its page)
    """
    page = render_template("federate.html", brand=CONNECT, sign_in_url=action, token=token, destination=destination)
    response = make_response(page)
    response.headers["Content-Security-Policy"] = "frame-ancestors *"  # it is used as ccpUrl, in frames
    return response
