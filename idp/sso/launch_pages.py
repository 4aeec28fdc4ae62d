"""Opening an app: from its tile, its SSO URL, or a service provider's request, to the form that posts the assertion.

    GET, POST /home/{catalog}/{app id}/{number}         the link behind a tile
    GET, POST /app/{catalog}/{external key}/sso/saml    the SSO URL; with SAMLRequest the answer to that
    GET, POST /app/{catalog}/{external key}/slo/saml    single logout
    GET       /app/{external key}/sso/saml/metadata     the app's public metadata

The links take ``?RelayState=``. Without a session they answer with the sign-in page and no SAMLResponse.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError, OktaRefusal
from emulator.kernel.store import Table
from emulator.kernel.trace_notes import Facts, TraceNote, record
from idp.directory import Directory
from idp.model import App
from idp.saml.faults import InjectedFaults
from idp.saml.issue import Asked, Issued, issue
from idp.saml.metadata import idp_metadata
from idp.signon.authn import Authentication
from idp.signon.second_factor_pages import second_factor_page
from idp.signon.session import Session, Sessions
from idp.sso.protocol_messages import logout_response, status_response
from idp.sso.sp_requests import SamlRequest, read_request

_REQUEST_LIFETIME = timedelta(minutes=10)


class LaunchPages:
    """Opens the apps of one org.

    Args:
        directory: The org.
        sessions: Who is signed in.
        authentication: Where a second factor is asked for.
        faults: What goes wrong on purpose.
        requests: Keeps service providers' requests while a person signs in.
        clock: The org's.
        ids: Makes identifiers.
        current: Returns the session of whoever asks.
        sign_in_page: Shows the sign-in page, which leads to a path afterwards.
        set_session: Puts a session's cookie on an answer.
    """

    def __init__(
        self,
        directory: Directory,
        sessions: Sessions,
        authentication: Authentication,
        faults: InjectedFaults,
        requests: Table[SamlRequest],
        *,
        clock: Clock,
        ids: Ids,
        current: Callable[[], Session | None],
        sign_in_page: Callable[[str], Response],
        set_session: Callable[[AnyResponse, Session], None],
    ) -> None:
        self._directory = directory
        self._sessions = sessions
        self._authentication = authentication
        self._faults = faults
        self._clock = clock
        self._ids = ids
        self._current = current
        self._sign_in_page = sign_in_page
        self._set_session = set_session
        self._requests = requests

    def add_to(self, site: Flask) -> None:
        """Adds the routes to the org's site."""

        @site.route("/home/<catalog>/<app_id>/<int:_number>", methods=["GET", "POST"])
        def tile(catalog: str, app_id: str, _number: int) -> Response:
            return self._launch(_found(self._directory.org.app_by_id(app_id), catalog))

        @site.route("/app/<catalog>/<external_key>/sso/saml", methods=["GET", "POST"])
        def single_sign_on(catalog: str, external_key: str) -> Response:
            return self._launch(_found(self._directory.org.app_by_external_key(external_key), catalog))

        @site.route("/app/<catalog>/<external_key>/slo/saml", methods=["GET", "POST"])
        def single_logout(catalog: str, external_key: str) -> Response:
            return self._log_out(_found(self._directory.org.app_by_external_key(external_key), catalog))

        @site.get("/app/<external_key>/sso/saml/metadata")
        def metadata(external_key: str) -> Response:
            org = self._directory.org
            app = _found(org.app_by_external_key(external_key))
            record(request.environ, TraceNote("Okta", f"gave out the metadata of {app.label}"))
            return Response(idp_metadata(org, app), content_type="application/xml")

    def launch(self, app: App, session: Session, asked: SamlRequest | None = None) -> Response:
        """Answers with the form that posts the assertion, or with why there is none.

        Args:
            app: Which app.
            session: Whose session.
            asked: The service provider's request; None when the person began.
        """
        if app.requires_mfa and not session.has_mfa:
            step = self._authentication.step_up(session, target=self._come_back(asked))
            response = second_factor_page(step, self._authentication)
            self._set_session(response, session)
            return response
        relay_state = asked.relay_state if asked else request.values.get("RelayState", app.default_relay_state)
        try:
            issued = issue(
                self._directory.org,
                app,
                session.user,
                authenticated_at=session.authenticated_at,
                clock=self._clock,
                ids=self._ids,
                faults=self._faults.of(app.name, session.user.login),
                request=Asked(asked.request_id, asked.acs_url, asked.name_id_format) if asked else None,
            )
        except OktaRefusal as refusal:
            return _refused(refusal, f"refused {app.label} to {session.user.login}")
        except FederationError as error:
            record(request.environ, TraceNote("Okta", f"the assertion cannot be issued: {error.message}"))
            return make_response(render_template("error.html", title="Cannot be issued", text=error.message), 400)
        acs_url = (asked.acs_url if asked else "") or app.acs_url
        record(request.environ, _issued(app, issued, relay_state, acs_url))
        response = _post(app, acs_url, SAMLResponse=issued.saml_response, RelayState=relay_state)
        self._set_session(response, session)
        return response

    def _launch(self, app: App) -> Response:
        try:
            asked = self._asked(app)
        except OktaRefusal as refusal:
            return _refused(refusal, f"refused a request for {app.label}")
        session = self._redeemed() or self._current()
        if session is not None and asked is not None and asked.forces and session.authenticated_at < asked.asked_at:
            session = None
        if session is not None:
            return self.launch(app, session, asked)
        if asked is not None and asked.is_passive:
            return self._no_passive(app, asked)
        return self._sign_in_page(self._come_back(asked))

    def _asked(self, app: App) -> SamlRequest | None:
        """Returns the service provider's request: the one that came just now, or the one a person signed in for."""
        kept = self._requests.get(request.args.get("samlRequest"))
        if kept is not None:
            return kept
        if "SAMLRequest" not in request.values:
            return None
        now = self._clock.now()
        asked = read_request(
            app,
            query=request.query_string.decode("ascii", "replace"),
            form=request.form,
            sso_path=request.path,
            now=now,
            expires_at=now + _REQUEST_LIFETIME,
        )
        if asked.kind != "AuthnRequest" and request.path.endswith("/sso/saml"):
            raise NotFound("This URL takes AuthnRequests.")
        record(request.environ, TraceNote("Okta", f"{asked.issuer or 'a service provider'} asks for {app.label}"))
        return asked

    def _come_back(self, asked: SamlRequest | None) -> str:
        """Returns the path to come back to after signing in; what was posted is kept, or moves into the query."""
        if asked is not None:
            token = self._ids.token(24)
            self._requests.put(token, asked)
            return f"{request.path}?samlRequest={token}"
        if "RelayState" in request.form:
            return f"{request.path}?RelayState={quote(request.form['RelayState'], safe='')}"
        return request.full_path.rstrip("?")

    def _redeemed(self) -> Session | None:
        """Returns the session of a token that came with the request: clients name it in one of two ways."""
        token = request.values.get("onetimetoken") or request.values.get("sessionToken") or ""
        try:
            return self._sessions.redeem(token) if token else None
        except OktaRefusal as refusal:
            record(request.environ, TraceNote("Okta", "the token opens nothing", refusal=refusal))
            return None

    def _no_passive(self, app: App, asked: SamlRequest) -> Response:
        record(request.environ, TraceNote("Okta", "nobody is signed in, and nobody may be asked: NoPassive"))
        acs_url = asked.acs_url or app.acs_url
        text = status_response(
            app,
            to=acs_url,
            in_response_to=asked.request_id,
            second="NoPassive",
            now=self._clock.now(),
            ids=self._ids,
        )
        return _post(app, acs_url, SAMLResponse=_base64(text), RelayState=asked.relay_state)

    def _log_out(self, app: App) -> Response:
        """Ends the session that a signed LogoutRequest names, and answers with a LogoutResponse.

        Spec: SAML Profiles §4.4; help.okta.com, "Single Logout"
        Evidence: documented
        """
        if "SAMLRequest" not in request.values or not app.service_provider.logout_url:
            raise NotFound("The page you requested does not exist: this app has no single logout, or nobody asks.")
        try:
            asked = self._asked(app)
        except OktaRefusal as refusal:
            return _refused(refusal, f"refused a logout from {app.label}")
        if asked is None or asked.kind != "LogoutRequest":
            raise NotFound("This URL takes LogoutRequests.")
        session = self._current()
        if session is not None:
            self._sessions.end(session.session_id)
        record(request.environ, TraceNote("Okta", f"signed {session.user.login if session else 'nobody'} out"))
        text = logout_response(app, in_response_to=asked.request_id, now=self._clock.now(), ids=self._ids)
        to = app.service_provider.logout_url
        response = _post(app, to, SAMLResponse=_base64(text), RelayState=asked.relay_state)
        response.delete_cookie("sid", secure=True)
        return response


def _found(app: App | None, catalog: str | None = None) -> App:
    if app is None or (catalog is not None and app.catalog != catalog):
        raise NotFound("The page you requested does not exist: this org has no such app.")
    return app


def _post(app: App, action: str, **fields: str) -> Response:
    return make_response(render_template("post.html", app=app, action=action, fields=fields))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _refused(refusal: OktaRefusal, summary: str) -> Response:
    record(request.environ, TraceNote("Okta", summary, refusal=refusal))
    title = refusal.code if refusal.code[:1].isdigit() else f"{refusal.status} {refusal.code}"
    return make_response(render_template("error.html", title=title, text=refusal.message), refusal.status)


def _issued(app: App, issued: Issued, relay_state: str, acs_url: str) -> TraceNote:
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
    return TraceNote("Okta", f"issued an assertion about {issued.claims.name_id} to {app.label}", facts)
