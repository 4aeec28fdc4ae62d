"""The sign-in site, ``signin.aws.amazon.com`` and its regional hosts, GovCloud's and China's.

POST /saml/acs/{provider id}      the same, for one SAML provider; the place for encrypted assertions
POST /saml                        a SAMLResponse with RelayState, and roleIndex when a role was chosen
GET  /saml                        the same page's complaint: there is no SAML response
GET  /oauth                       where the console sends a browser without a session
GET  /oauth?Action=logout         ends the browser's sessions, and on to redirect_uri where that is safe
GET  /sessions/v1/opt-in          lets the browser have several sessions, and on to redirect_uri
GET, POST /federation             the federation endpoint
GET  /static/saml-metadata.xml    AWS's metadata as a service provider; /static/saml/{provider id}/saml-metadata.xml too
GET  /static/image/down.png       the arrow of the legacy role chooser
"""

from __future__ import annotations

import base64
from dataclasses import replace

from flask import Flask, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from emulator.kernel.clock import Clock, Ids, instant
from emulator.kernel.errors import AwsRefusal, InvalidSamlResponse
from emulator.kernel.trace_notes import Facts, TraceNote, record
from sp_mock.assertion.login_request import EntryPoint
from sp_mock.assertion.wording import INVALID_SAML_RESPONSE
from sp_mock.pages import SIGN_IN, new_site, refusal_page
from sp_mock.signin.browser_context import (
    browser_context,
    forget_session,
    remember_opt_in,
    remember_session,
    request_endpoint,
)
from sp_mock.signin.console_federation import ConsoleFederation, require_destination
from sp_mock.signin.federation_pages import add_federation_pages
from sp_mock.signin.role_chooser_page import role_chooser_page
from sp_mock.signin.sign_in import RoleChoice, SignedIn, SignIn
from sp_mock.signin.sign_in_sentence import sign_in_sentence

# A grey triangle, 9 by 9.
_ARROW = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJCAYAAADgkQYQAAAAHklEQVR42mNgoBoIiU75TwgTVEjQRIJWE3QjA80AAI/OM8Pi7p8b"
    "AAAAAElFTkSuQmCC"
)


def sign_in_site(sign_in: SignIn, federation: ConsoleFederation, *, clock: Clock, ids: Ids) -> Flask:
    """Builds the site."""
    site = new_site("signin", SIGN_IN)

    def refused(refusal: AwsRefusal) -> Response:
        sentence = sign_in_sentence(refusal, request_id=ids.uuid())
        return refusal_page(refusal, brand=SIGN_IN, sentence=sentence, logout_url=request_endpoint().logout_url)

    @site.post("/saml", defaults={"provider_id": None})
    @site.post("/saml/acs/<provider_id>")
    def saml(provider_id: str | None) -> AnyResponse:
        saml_response = request.form.get("SAMLResponse", "")
        relay_state = request.form.get("RelayState", "")
        try:
            if not saml_response:
                raise _no_response()
            acs_provider_arn = sign_in.provider_with_id(provider_id) if provider_id is not None else None
            browser = browser_context(multi_session=sign_in.settings.multi_session)
            outcome = sign_in.submit(
                saml_response,
                relay_state=relay_state,
                role_index=request.form.get("roleIndex") or None,
                browser=replace(browser, acs_provider_arn=acs_provider_arn),
            )
        except AwsRefusal as refusal:
            return refused(refusal)
        if isinstance(outcome, RoleChoice):
            _tell_choice(outcome)
            generation = sign_in.settings.role_chooser
            return role_chooser_page(outcome, generation, saml_response=saml_response, relay_state=relay_state, ids=ids)
        return _signed_in(outcome, relay_state=relay_state)

    @site.get("/saml", defaults={"provider_id": None})
    @site.get("/saml/acs/<provider_id>")
    def nothing_posted(provider_id: str | None) -> Response:  # noqa: ARG001 - the route names it
        return refused(_no_response())

    @site.get("/oauth")
    def oauth() -> AnyResponse:
        if request.args.get("Action") == "logout":
            return logout(request.args.get("redirect_uri", ""))
        record(request.environ, TraceNote(SIGN_IN.service, "there is no console session; a user has to sign in first"))
        text = "There is no session. Open the application's tile at your identity provider to sign in."
        return make_response(render_template("message.html", brand=SIGN_IN, title="Sign in", text=text))

    def logout(redirect_uri: str) -> AnyResponse:
        browser = browser_context()
        sign_in.sessions.drop(browser.cookie)
        landing = sign_in.after_logout(redirect_uri, endpoint=browser.endpoint)
        goes_to = landing.url.partition("?")[0]  # the query may hold a token
        facts = Facts(goes_to=goes_to or None, note=landing.note or None)
        record(request.environ, TraceNote(SIGN_IN.service, "signed out", facts))
        response: AnyResponse = redirect(landing.url, 302) if landing.url else _signed_out()
        forget_session(response)
        return response

    @site.get("/sessions/v1/opt-in")
    def opt_in() -> AnyResponse:
        redirect_uri = request.args.get("redirect_uri") or request_endpoint().console_home
        try:
            redirect_uri = require_destination(redirect_uri, parameter="redirect_uri")
        except AwsRefusal as refusal:
            return refused(refusal)
        record(request.environ, TraceNote(SIGN_IN.service, "turned on multi-session support for this browser"))
        response = redirect(redirect_uri, 302)
        remember_opt_in(response)
        return response

    @site.get("/static/saml-metadata.xml", defaults={"provider_id": None})
    @site.get("/static/saml/<provider_id>/saml-metadata.xml")
    def saml_metadata(provider_id: str | None) -> Response:
        try:
            acs_path = f"/saml/acs/{provider_id}" if provider_id and sign_in.provider_with_id(provider_id) else "/saml"
        except AwsRefusal as refusal:
            return refused(refusal)
        valid_until = clock.now().replace(month=1, day=1)
        valid_until = valid_until.replace(year=valid_until.year + 2)
        endpoint = request_endpoint()
        response = make_response(
            render_template(
                "saml-metadata.xml",
                entity_id=endpoint.partition.audiences[0],
                acs_url=endpoint.sign_in_url + acs_path,
                valid_until=instant(valid_until),
            )
        )
        response.mimetype = "application/xml"
        return response

    @site.get("/static/image/down.png")
    def arrow() -> Response:
        return Response(_ARROW, content_type="image/png")

    add_federation_pages(site, sign_in, federation, logout=logout)
    return site


def _no_response() -> InvalidSamlResponse:
    return InvalidSamlResponse(
        INVALID_SAML_RESPONSE,
        service=EntryPoint.SIGN_IN,
        check="base64",
        explanation="The request has no form field SAMLResponse.",
        where="form field SAMLResponse",
        fix="Post the identity provider's form to this URL; it cannot be opened by itself.",
        spec="SAML Bindings §3.5.4",
    )


def _signed_in(outcome: SignedIn, *, relay_state: str) -> AnyResponse:
    session, landing = outcome.session.session, outcome.landing
    facts = Facts(
        role=session.principal_arn,
        session=session.arn,
        session_ends=session.expires_at,
        relay_state=relay_state,
        goes_to=landing.url,
        note=landing.note or None,
    )
    record(
        request.environ,
        TraceNote(SIGN_IN.service, f"signed in as {session.user_name}", facts),
    )
    response = redirect(landing.url, 302)
    remember_session(response, outcome.cookie, outcome.session)
    return response


def _tell_choice(choice: RoleChoice) -> None:
    facts = Facts(
        offered_roles={label: tuple(pair.role_arn for pair in pairs) for _, label, pairs in choice.accounts},
        dropped_roles={pair.role_arn: refusal.message for pair, refusal in choice.dropped},
    )
    count = sum(len(pairs) for *_, pairs in choice.accounts)
    record(request.environ, TraceNote(SIGN_IN.service, f"asks which of {count} roles to take", facts))


def _signed_out() -> Response:
    return make_response(
        render_template("message.html", brand=SIGN_IN, title="Signed out", text="You have been signed out.")
    )
