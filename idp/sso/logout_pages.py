"""Single logout, begun by a service provider.

GET, POST /app/{catalog}/{external key}/slo/saml    a signed LogoutRequest; the answer is a LogoutResponse
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import OktaRefusal
from emulator.kernel.trace_notes import TraceNote, record
from idp.pages import current_org, require_app, service
from idp.signon.browser_session import current_session, delete_session_cookie
from idp.signon.session import Sessions
from idp.sso.protocol_messages import logout_response
from idp.sso.saml_answers import post_message, refusal_page
from idp.sso.saml_request_context import current_saml_request

pages = Blueprint("logout", __name__)


@pages.route("/app/<catalog>/<external_key>/slo/saml", methods=["GET", "POST"])
def single_logout(catalog: str, external_key: str) -> Response:
    """Ends the session of the browser that delivers a signed LogoutRequest, and answers with a LogoutResponse.

    Spec: SAML Profiles §4.4; help.okta.com, "Single Logout"
    Evidence: documented
    """
    app = require_app(current_org().app_by_external_key(external_key), catalog=catalog)
    logout_url = app.service_provider.logout_url
    if "SAMLRequest" not in request.values or not logout_url:
        raise NotFound("The page you requested does not exist: this app has no single logout, or nobody asks.")
    try:
        saml_request = current_saml_request(app)
    except OktaRefusal as refusal:
        return refusal_page(refusal, summary=f"refused a logout from {app.label}")
    if saml_request is None or saml_request.kind != "LogoutRequest":
        raise NotFound("This URL takes LogoutRequests.")
    session = current_session()
    if session is not None:
        service(Sessions).end(session.session_id)
    record(request.environ, TraceNote("Okta", f"signed {session.user.login if session else 'nobody'} out"))
    message = logout_response(app, in_response_to=saml_request.request_id, now=service(Clock).now(), ids=service(Ids))
    response = post_message(app, logout_url, message=message, relay_state=saml_request.relay_state)
    delete_session_cookie(response)
    return response
