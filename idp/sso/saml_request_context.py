"""The service provider's request in the current HTTP request, or the pending one after a person has signed in."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from flask import request
from werkzeug.exceptions import NotFound

from emulator.kernel.clock import Clock
from emulator.kernel.trace_notes import TraceNote, record
from idp.model import App
from idp.pages import current_org, service
from idp.sso.pending_requests import PendingRequests
from idp.sso.sp_requests import SamlRequest, read_request

_LIFETIME = timedelta(minutes=10)


def current_saml_request(app: App) -> SamlRequest | None:
    """Returns the service provider's request: the one in this HTTP request, or the one that a person signed in for.

    Raises:
        OktaRefusal: 400, as ``read_request``.
        NotFound: a LogoutRequest came to the SSO URL.
    """
    kept = service(PendingRequests).find(request.args.get("samlRequest"))
    if kept is not None:
        return kept
    if "SAMLRequest" not in request.values:
        return None
    now = service(Clock).now()
    saml_request = read_request(
        current_org(),
        app,
        query=request.query_string.decode("ascii", "replace"),
        form=request.form,
        sso_path=request.path,
        now=now,
        expires_at=now + _LIFETIME,
    )
    if saml_request.kind != "AuthnRequest" and request.path.endswith("/sso/saml"):
        raise NotFound("This URL takes AuthnRequests.")
    record(request.environ, TraceNote("Okta", f"{saml_request.issuer or 'a service provider'} asks for {app.label}"))
    return saml_request


def path_after_sign_in(saml_request: SamlRequest | None) -> str:
    """Returns the path to return to after signing in; posted data is stored, or moved into the query."""
    if saml_request is not None:
        return f"{request.path}?samlRequest={service(PendingRequests).keep(saml_request)}"
    if "RelayState" in request.form:
        return f"{request.path}?RelayState={quote(request.form['RelayState'], safe='')}"
    return request.full_path.rstrip("?")
