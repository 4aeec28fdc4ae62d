"""Opening an app: from its tile, its SSO URL, or a service provider's request, to the form that posts the assertion.

    GET, POST /home/{catalog}/{app id}/{number}         the link behind a tile
    GET, POST /app/{catalog}/{external key}/sso/saml    the SSO URL; with SAMLRequest the answer to that
    GET, POST /login/token/sso                          opens an app with a token of the OAuth endpoints
    GET       /app/{external key}/sso/saml/metadata     the app's public metadata

The links take ``?RelayState=``. Without a session they answer with the sign-in page and no SAMLResponse.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, request

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError, OktaRefusal
from emulator.kernel.explanations import Asked, Explanation
from emulator.kernel.trace_notes import OWN_SERVICE, Facts, TraceNote, delay_answer, link, record
from idp.model import App, User
from idp.oauth.device_flow import DeviceFlow
from idp.pages import current_org, error_page, require_app, service
from idp.saml.derivation import IssuingRecord, StatusRecord
from idp.saml.draft import Fault
from idp.saml.faults import InjectedFaults
from idp.saml.issue import AuthnRequest, Issued, issue
from idp.saml.metadata import idp_metadata
from idp.signon.authn import Authentication
from idp.signon.browser_session import current_session, set_session_cookie, sign_in_page
from idp.signon.next_logins import NextLogins, RefusedBy, Step
from idp.signon.programmed_refusals import app_denied_by_policy, with_planted
from idp.signon.second_factor_pages import second_factor_page
from idp.signon.session import Session, Sessions
from idp.signon.sign_in_rules import step_before_app
from idp.sso import sso_events
from idp.sso.protocol_messages import status_response
from idp.sso.saml_answers import form_field_of, post_form, post_message, refusal_page
from idp.sso.saml_request_context import current_saml_request, path_after_sign_in
from idp.sso.sp_requests import SamlRequest
from idp.system_log.service import SystemLog

pages = Blueprint("launch", __name__)


@pages.route("/home/<catalog>/<app_id>/<int:_number>", methods=["GET", "POST"])
def tile(catalog: str, app_id: str, _number: int) -> Response:
    """Opens the app behind a tile."""
    return _launch(require_app(current_org().app_by_id(app_id), catalog=catalog))


@pages.route("/app/<catalog>/<external_key>/sso/saml", methods=["GET", "POST"])
def single_sign_on(catalog: str, external_key: str) -> Response:
    """Opens the app of an SSO URL."""
    return _launch(require_app(current_org().app_by_external_key(external_key), catalog=catalog))


@pages.route("/login/token/sso", methods=["GET", "POST"])
def token_sso() -> Response:
    """Opens the app that an SSO token is for, as the person it was issued to.

    Spec: okta-aws-cli
    Evidence: observed
    """
    opened = service(DeviceFlow).redeem(request.values.get("token", ""))
    if opened is None:
        record(request.environ, TraceNote("Okta", "the token opens nothing: it is unknown, used, or too old"))
        return error_page("400 Bad Request", "The token is invalid or has expired.", status=400, evidence="assumed")
    session, app = opened
    link(request.environ, request.values.get("token", ""))
    return _open(app, session, None)


@pages.get("/app/<external_key>/sso/saml/metadata")
def metadata(external_key: str) -> Response:
    """Shows the app's public metadata."""
    org = current_org()
    app = require_app(org.app_by_external_key(external_key))
    record(request.environ, TraceNote("Okta", f"gave out the metadata of {app.label}"))
    return Response(idp_metadata(org, app), content_type="application/xml")


def _launch(app: App) -> Response:
    """Opens an app for the signed-in person, or asks them to sign in."""
    try:
        saml_request = current_saml_request(app)
    except OktaRefusal as refusal:
        return refusal_page(refusal, summary=f"refused a request for {app.label}")
    session = _redeemed() or current_session()
    if session is not None and not _has_to_sign_in_again(session, saml_request):
        return _open(app, session, saml_request)
    if saml_request is not None and saml_request.is_passive:
        return _no_passive(app, saml_request)
    return sign_in_page(path_after_sign_in(saml_request))


def _redeemed() -> Session | None:
    """Returns the session of a token in the request; clients use one of two parameters for it."""
    token = request.values.get("onetimetoken") or request.values.get("sessionToken") or ""
    link(request.environ, token)
    try:
        return service(Sessions).redeem(token) if token else None
    except OktaRefusal as refusal:
        record(request.environ, TraceNote("Okta", "the token opens nothing", refusal=refusal))
        return None


def _has_to_sign_in_again(session: Session, saml_request: SamlRequest | None) -> bool:
    """Whether the service provider's request requires a more recent sign-in than the session's.

    Spec: SAML Core §3.4.1, ForceAuthn
    Evidence: documented
    """
    return saml_request is not None and saml_request.forces and session.authenticated_at < saml_request.asked_at


def _open(app: App, session: Session, saml_request: SamlRequest | None) -> Response:
    """Answers with the form that posts the assertion, with a second factor's page, or with the reason for neither.

    Args:
        saml_request: The service provider's request; None when the person began the login.
    """
    log, org, user = service(SystemLog), current_org(), session.user
    link(request.environ, session.session_id)
    next_logins = service(NextLogins)
    asked = next_logins.take(org.name, user.login, step=Step.APP_OPENED, app=app.name, session_id=session.session_id)
    if asked is not None and asked.refused_by is RefusedBy.SIGN_ON_POLICY:
        log.log(sso_events.denied(org, app, user, session_id=session.session_id))
        refusal = with_planted(app_denied_by_policy(app, user, pipeline=org.pipeline), asked)
        return _refused(app, user, refusal)
    step = step_before_app(app, user, has_mfa=session.has_mfa)
    if step or asked is not None:
        log.log(sso_events.challenged(org, app, user, session_id=session.session_id))
        target = path_after_sign_in(saml_request)
        authentication = service(Authentication)
        transaction = authentication.step_up(session, step, target=target, app=app.name, programmed=asked)
        response = second_factor_page(transaction)
        set_session_cookie(response, session)
        return response
    programmed = next_logins.take(org.name, user.login, step=Step.ISSUED, app=app.name)
    faults = (*service(InjectedFaults).of(app.name, user.login), *(programmed.faults if programmed else ()))
    try:
        issued = _issue(app, session, saml_request, faults)
    except OktaRefusal as refusal:
        if refusal.check == "app-assignment":
            log.log(sso_events.unauthorized_attempt(app, user, session_id=session.session_id))
        return _refused(app, user, refusal)
    except FederationError as error:
        record(request.environ, TraceNote("Okta", f"the assertion cannot be issued: {error.message}"))
        return error_page("Cannot be issued", error.message, status=400, evidence="assumed")
    if saml_request is not None:
        acs_url, relay_state = saml_request.acs_url or app.acs_url, saml_request.relay_state
    else:
        acs_url, relay_state = app.acs_url, request.values.get("RelayState", app.default_relay_state)
    derivation = IssuingRecord(
        org,
        app,
        user,
        issued.saml_response,
        relay_state=relay_state,
        relay_state_was_asked_for=saml_request is not None or "RelayState" in request.values,
        planted=tuple(map(str, faults)),
        planted_by=programmed.by if programmed is not None and programmed.faults else "",
        request=_authn_request(saml_request),
        issued_at=issued.issued_at,
    )
    if programmed is not None:
        causes = (programmed.planted,) if programmed.delay else ()
        record(request.environ, TraceNote(OWN_SERVICE, programmed.planted.text, causes=causes))
        delay_answer(request.environ, programmed.delay)
    record(request.environ, _issued(app, issued, relay_state, acs_url, derivation))
    sent = sso_events.sent_to_app(
        org,
        app,
        user,
        issued,
        session_id=session.session_id,
        authenticated_at=session.authenticated_at,
        asked_by_app=saml_request is not None,
    )
    log.log(*sent)
    response = post_form(app, acs_url, saml_response=issued.saml_response, relay_state=relay_state)
    set_session_cookie(response, session)
    return response


def _refused(app: App, user: User, refusal: OktaRefusal) -> Response:
    record_as = f"{current_org().name}/{app.name}"
    return refusal_page(refusal, summary=f"refused {app.label} to {user.login}", person=user.login, app=record_as)


def _authn_request(saml_request: SamlRequest | None) -> AuthnRequest | None:
    if saml_request is None:
        return None
    return AuthnRequest(saml_request.request_id, saml_request.acs_url, saml_request.name_id_format)


def _issue(app: App, session: Session, saml_request: SamlRequest | None, faults: Sequence[Fault]) -> Issued:
    return issue(
        current_org(),
        app,
        session.user,
        authenticated_at=session.authenticated_at,
        clock=service(Clock),
        ids=service(Ids),
        faults=faults,
        request=_authn_request(saml_request),
    )


def _issued(app: App, issued: Issued, relay_state: str, acs_url: str, derivation: IssuingRecord) -> TraceNote:
    claims = issued.claims
    facts = Facts(
        issuer=app.issuer,
        name_id=claims.name_id,
        roles=tuple(claims.values("Role")) if app.is_aws else None,
        session_name=", ".join(claims.values("RoleSessionName")) if app.is_aws else None,
        attributes=None if app.is_aws else tuple(attribute.name for attribute in claims.attributes),
        acs_url=acs_url,
        relay_state=relay_state,
        issued_at=issued.issued_at,
    )
    summary = f"issued an assertion about {issued.claims.name_id} to {app.label}"
    return TraceNote("Okta", summary, facts, derivation=derivation, person=derivation.person, app=derivation.sent_by)


def _no_passive(app: App, saml_request: SamlRequest) -> Response:
    """Answers a passive request about a person who is not signed in: without an assertion.

    Spec: SAML Core §3.4.1, IsPassive
    Evidence: documented
    """
    acs_url = saml_request.acs_url or app.acs_url
    message = status_response(
        app,
        to=acs_url,
        in_response_to=saml_request.request_id,
        second="NoPassive",
        now=service(Clock).now(),
        ids=service(Ids),
    )
    why = Explanation(
        "Nobody is signed in to Okta, and the AuthnRequest forbids to ask (IsPassive), so there is no assertion.",
        (Asked("AuthnRequest"),),
        want="a person who is signed in, or an AuthnRequest without IsPassive",
        got="IsPassive and no session",
        fix="Sign in to Okta first, or let the service provider leave IsPassive out.",
    )
    summary = "nobody is signed in, and nobody may be asked: NoPassive"
    derivation = StatusRecord(form_field_of(message), why)
    record(request.environ, TraceNote("Okta", summary, causes=why.causes, derivation=derivation))
    return post_message(app, acs_url, message=message, relay_state=saml_request.relay_state)
