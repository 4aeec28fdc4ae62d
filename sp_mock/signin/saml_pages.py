"""The pages to which assertions are posted.

POST /saml                     a SAMLResponse with RelayState, and roleIndex when a role was chosen
POST /saml/acs/{provider id}   the same, for one SAML provider; the place for encrypted assertions
GET  the same                  the page's complaint: there is no SAML response
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from emulator.kernel.clock import Ids
from emulator.kernel.differences import nearest
from emulator.kernel.errors import AwsRefusal, InvalidSamlResponse
from emulator.kernel.explanations import BROWSER, RELAY_STATE, Asked, Sent
from emulator.kernel.trace_notes import Facts, TraceNote, record
from sp_mock.assertion.login_request import EntryPoint
from sp_mock.assertion.wording import INVALID_SAML_RESPONSE
from sp_mock.pages import SIGN_IN, flask_request, flask_site, service
from sp_mock.signin.cookies import browser_context, current_session, remember_session
from sp_mock.signin.posted_login import RoleChoice, signed_in_note
from sp_mock.signin.refusal_page import sign_in_refusal_page
from sp_mock.signin.role_chooser_page import role_chooser_page
from sp_mock.signin.sign_in import SignedIn, SignIn

pages = Blueprint("saml", __name__)


@pages.post("/saml", defaults={"provider_id": None})
@pages.post("/saml/acs/<provider_id>")
def saml(provider_id: str | None) -> AnyResponse:
    """Signs the browser in, or asks which role to take."""
    form = flask_request().form
    saml_response, relay_state = form.get("SAMLResponse", ""), form.get("RelayState", "")
    request_id = service(Ids).uuid()
    try:
        if not saml_response and "SAMLResponse" not in form:
            raise _no_response()
        sign_in = service(SignIn)
        acs_provider_arn = sign_in.provider_with_id(provider_id) if provider_id is not None else None
        outcome = sign_in.submit(
            saml_response,
            relay_state=relay_state,
            role_index=(form["roleIndex"] or None) if "roleIndex" in form else None,
            browser=browser_context(request_id=request_id, acs_provider_arn=acs_provider_arn),
        )
    except AwsRefusal as refusal:
        return sign_in_refusal_page(refusal, request_id=request_id)
    if isinstance(outcome, RoleChoice):
        return role_chooser_page(outcome, saml_response=saml_response, relay_state=relay_state)
    return _signed_in(outcome, relay_state=relay_state)


@pages.get("/saml", defaults={"provider_id": None})
@pages.get("/saml/acs/<provider_id>")
def nothing_posted(provider_id: str | None) -> Response:  # noqa: ARG001 - the route names it
    """Refuses, as a login without an assertion."""
    refusal = _no_response()
    if current_session() is not None:
        refusal.explanation = "The browser is signed in, and was sent to the sign-in URL again instead of to a page."
        refusal.fix = "Set the relay state to a page of the console, such as an instance's federate URL."
        refusal.causes = (Sent(RELAY_STATE),)
    return sign_in_refusal_page(refusal)


def _signed_in(outcome: SignedIn, *, relay_state: str) -> AnyResponse:
    note = signed_in_note(
        outcome.session.session,
        outcome.landing,
        relay_state=relay_state,
        dropped=outcome.dropped,
        causes=(Asked(BROWSER),) if outcome.replaced is not None else (),
        replaced=_replaced(outcome),
    )
    environ = flask_request().environ
    record(environ, note)
    if outcome.shortened:
        shortened = TraceNote(
            SIGN_IN.service, "shortened the session", Facts(note=outcome.shortened), causes=outcome.shortened_by
        )
        record(environ, shortened)
    response = flask_site().redirect(outcome.landing.url, 302)
    remember_session(response, outcome.cookie, outcome.session)
    return response


def _replaced(outcome: SignedIn) -> str:
    """Returns what happened to another person's session in the same browser; empty where there was none."""
    if outcome.replaced is None:
        return ""
    return f"the browser was signed in as {outcome.replaced.session.user_name}, whose session was replaced"


def _no_response() -> InvalidSamlResponse:
    """Returns the refusal of a request without a SAML response, with the name of the field that was probably meant."""
    fields = request.form
    near = nearest("SAMLResponse", fields)
    found = f"; it has {near}" if near else ""
    return InvalidSamlResponse(
        INVALID_SAML_RESPONSE,
        service=EntryPoint.SIGN_IN,
        check="base64",
        explanation=f"The request has no form field SAMLResponse{found}.",
        where="form field SAMLResponse",
        expected="a form with the field SAMLResponse",
        received=f"the fields {', '.join(list(fields)[:5])}" if fields else "no fields",
        fix=f"Call the field SAMLResponse, not {near}: names of form fields are compared exactly."
        if near
        else "Post the identity provider's form to this URL; it cannot be opened by itself.",
        spec="SAML Bindings §3.5.4",
    )
