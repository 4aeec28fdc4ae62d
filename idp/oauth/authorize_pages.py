"""The pages to which an OIDC client sends a browser: to sign in and get a code, and to sign out.

GET, POST /oauth2/v1/authorize              a code for a client, sent to its redirect URI
GET       /oauth2/v1/authorize/redirect     the same, after the person has signed in
GET, POST /oauth2/v1/logout                 ends the session, and leads back to the client

Spec: RFC 6749 §4.1; OpenID Connect RP-Initiated Logout 1.0; developer.okta.com, OpenID Connect & OAuth 2.0 API
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from emulator.kernel.clock import Clock
from emulator.kernel.errors import OktaRefusal
from emulator.kernel.explanations import Setting
from emulator.kernel.trace_notes import Facts, TraceNote, record
from idp.model import OidcClient
from idp.oauth import oauth_events
from idp.oauth.authorization_code import AuthorizationCodes
from idp.oauth.authorization_request import RESPONSE_MODES, AuthorizeRequest, read_request
from idp.oauth.clients import find_client
from idp.oauth.refusals import OauthRefusal, refused
from idp.oauth.tokens import Tokens
from idp.pages import current_org, error_page, service
from idp.signon.browser_session import (
    current_session,
    delete_session_cookie,
    end_session,
    set_session_cookie,
    sign_in_page,
)
from idp.signon.session import Session, Sessions
from idp.system_log.service import SystemLog

pages = Blueprint("authorize", __name__)


@pages.errorhandler(OauthRefusal)
def refuse(refusal: OauthRefusal) -> Response:
    """Shows a refusal that cannot be sent to the client, because the client or its redirect URI is unknown.

    Spec: developer.okta.com, "OAuth 2.0 and OpenID Connect error codes"
    Evidence: documented (the sentence), assumed (the words around it)
    """
    record(request.environ, TraceNote("Okta", f"refused {request.path}", refusal=refusal))
    words = f"Your request resulted in an error. {refusal.message}"
    return error_page("400 Bad Request", words, status=400, evidence="assumed")


@pages.route("/oauth2/v1/authorize", methods=["GET", "POST"])
def authorize() -> AnyResponse:
    """Answers a client's request, after the person has signed in where that is needed.

    Spec: developer.okta.com, OpenID Connect & OAuth 2.0 API, "authorize"
    Evidence: documented
    """
    given = request.values
    client, redirect_uri = _client_and_address()
    try:
        asked = read_request(client, redirect_uri, given.to_dict(), now=service(Clock).now())
    except OauthRefusal as refusal:
        mode = given.get("response_mode", "")
        return _answer(
            redirect_uri, mode if mode in RESPONSE_MODES else "query", _error(client, refusal, given.get("state"))
        )
    return _go_on(client, asked, _redeemed() or current_session())


@pages.get("/oauth2/v1/authorize/redirect")
def authorize_redirect() -> AnyResponse:
    """Continues with a request for which a person has signed in."""
    asked = service(AuthorizationCodes).waiting(request.args.get("okta_key", ""))
    if asked is None:
        words = "Request expired, please start over and try again."
        raise refused("login_required", words, explanation="No request waits under this key, or it is over.")
    return _go_on(find_client(current_org(), asked.client_id), asked, current_session())


def _go_on(client: OidcClient, asked: AuthorizeRequest, session: Session | None) -> AnyResponse:
    codes = service(AuthorizationCodes)
    if session is None or asked.needs_sign_in(session):
        if asked.prompt == "none":
            words = "The client specified not to prompt, but the user is not logged in."
            refusal = refused("login_required", words, explanation="Nobody is signed in, and nobody may be asked.")
            return _answer(asked.redirect_uri, asked.response_mode, _error(client, refusal, asked.state))
        return sign_in_page(f"/oauth2/v1/authorize/redirect?okta_key={codes.wait(asked)}")
    try:
        code = codes.code_for(client, asked, session)
    except OauthRefusal as refusal:
        return _answer(asked.redirect_uri, asked.response_mode, _error(client, refusal, asked.state))
    service(SystemLog).log(*oauth_events.gave_code(client, session, asked.scope))
    facts = Facts(user=session.user.login, goes_to=asked.redirect_uri)
    record(request.environ, TraceNote("Okta", f"gave {client.label} a code for {session.user.login}", facts))
    response = _answer(asked.redirect_uri, asked.response_mode, {"code": code, "state": asked.state})
    set_session_cookie(response, session)
    return response


def _client_and_address() -> tuple[OidcClient, str]:
    """Returns the client that asks for a code and the URI to send it to; a refusal of either is logged."""
    client = OidcClient("unknown", "unknown")
    try:
        client = find_client(current_org(), request.values.get("client_id", ""))
        return client, _redirect_uri(client, request.values.get("redirect_uri", ""))
    except OauthRefusal as refusal:
        service(SystemLog).log(oauth_events.refused_code(client, current_session(), refusal))
        raise


def _redirect_uri(client: OidcClient, given: str) -> str:
    """Returns the redirect URI that a request names, which has to equal one of the client's exactly.

    Raises:
        OauthRefusal: invalid_request.

    Spec: developer.okta.com, "OAuth 2.0 and OpenID Connect error codes"
    Evidence: documented (the sentence), assumed (the address of the settings)
    """
    if given in client.redirect_uris:
        return given
    org = current_org()
    admin = org.base_url.replace(".okta", "-admin.okta", 1)
    settings = f"{admin}/admin/app/oidc_client/instance/{client.client_id}/#tab-general"
    raise refused(
        "invalid_request",
        f"The 'redirect_uri' parameter must be a Login redirect URI in the client app settings: {settings}",
        explanation=f"{client.label} does not have this redirect URI.",
        expected=" or ".join(client.redirect_uris) or "a redirect URI of the client",
        received=given,
        fix=f"Add {given} to oidc_clients.{client.client_id}.redirect_uris (app > General > Sign-in redirect URIs); "
        "they have to be equal to the letter.",
        causes=(Setting(org, ("oidc_clients", client.client_id, "redirect_uris")),),
    )


def _redeemed() -> Session | None:
    """Returns the session of a session token in the request; a token that was already used opens nothing."""
    token = request.values.get("sessionToken", "")
    try:
        return service(Sessions).redeem(token) if token else None
    except OktaRefusal as refusal:
        record(request.environ, TraceNote("Okta", "the session token opens nothing", refusal=refusal))
        return None


def _error(client: OidcClient, refusal: OauthRefusal, state: str | None) -> dict[str, str]:
    service(SystemLog).log(oauth_events.refused_code(client, current_session(), refusal))
    record(request.environ, TraceNote("Okta", "refused a client", refusal=refusal))
    return {"state": state or "", "error": refusal.code, "error_description": refusal.message}


def _answer(redirect_uri: str, response_mode: str, values: dict[str, str]) -> AnyResponse:
    """Sends values to a redirect URI, in its query, its fragment, or a form that posts itself.

    Spec: OAuth 2.0 Multiple Response Type Encoding Practices §2.1; OAuth 2.0 Form Post Response Mode
    """
    values = {name: value for name, value in values.items() if value}
    if response_mode == "form_post":
        return make_response(render_template("form-post.html", action=redirect_uri, fields=values))
    mark = "#" if response_mode == "fragment" else "&" if "?" in redirect_uri else "?"
    response = redirect(f"{redirect_uri}{mark}{urlencode(values)}", 302)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@pages.route("/oauth2/v1/logout", methods=["GET", "POST"])
def logout() -> AnyResponse:
    """Ends the session of the person whom the ID token names, and redirects to where the client wants them.

    Spec: developer.okta.com, OpenID Connect & OAuth 2.0 API, "logout"; OpenID Connect RP-Initiated Logout 1.0 §2
    Evidence: documented (parameters and errors), assumed (which of Okta's sentences is for a hint that is no ID token)
    """
    given, org = request.values, current_org()
    claims = service(Tokens).read(given.get("id_token_hint", ""), expired=True)
    if claims is None or claims.get("aud") == service(Tokens).issuer:
        words = "The id token is invalid."
        raise refused(
            "invalid_token", words, evidence="assumed", explanation="id_token_hint is no ID token of this org."
        )
    client = find_client(org, str(claims["aud"]))
    wanted = given.get("post_logout_redirect_uri", "")
    if wanted and wanted not in client.post_logout_redirect_uris:
        raise refused(
            "invalid_request",
            "The 'post_logout_redirect_uri' parameter must be a Logout redirect URI in the client app settings.",
            explanation=f"{client.label} does not have this logout redirect URI.",
            expected=" or ".join(client.post_logout_redirect_uris) or "a post_logout_redirect_uri of the client",
            received=wanted,
            fix="Add it to the client's post_logout_redirect_uris in the world file.",
        )
    session = current_session()
    if session is not None and session.user.user_id != claims.get("sub"):
        words = "The ID token subject does not match the current session's user."
        raise refused("id_token_does_not_match_session", words, explanation=f"{session.user.login} is signed in here.")
    end_session()
    record(request.environ, TraceNote("Okta", f"signed {session.user.login if session else 'nobody'} out"))
    state = urlencode({"state": given["state"]}) if wanted and given.get("state") else ""
    mark = ("&" if "?" in wanted else "?") if state else ""
    response = redirect(f"{wanted}{mark}{state}" if wanted else "/login/login.htm", 302)
    delete_session_cookie(response)
    return response
