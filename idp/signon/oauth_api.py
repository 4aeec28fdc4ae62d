"""The org's OAuth endpoints, as okta-aws-cli and gimme-aws-creds use them, and the page that lets a device in.

POST      /oauth2/v1/device/authorize            a device code, and a code for a person
POST      /oauth2/v1/token                       tokens for a device code; a token that opens an app for tokens
GET       /oauth2/v1/keys                        the keys that tokens are signed with
GET       /.well-known/openid-configuration      where all of that is
GET, POST /activate                              a person lets a device in, or not
GET, POST /login/token/sso                       opens an app with such a token

Spec: RFC 8414; RFC 8628; RFC 8693; developer.okta.com, OpenID Connect & OAuth 2.0 API
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from flask import Flask, Response, jsonify, make_response, render_template, request

from emulator.kernel.trace_notes import TraceNote, record
from idp.addresses import asked_base, comes_from_another_site
from idp.model import App
from idp.signon.device_flow import (
    ACCESS_TOKEN,
    DEVICE_LIFETIME,
    ID_TOKEN,
    POLL_SECONDS,
    WEB_SSO_TOKEN,
    DeviceFlow,
    OauthRefusal,
)
from idp.signon.session import Session

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_EXCHANGE_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"


def add_oauth_api(
    site: Flask,
    flow: DeviceFlow,
    *,
    current: Callable[[], Session | None],
    sign_in_page: Callable[[str], Response],
    launch: Callable[[App, Session], Response],
) -> None:
    """Adds the routes to the org's site.

    Args:
        site: Where to.
        flow: The devices and tokens.
        current: Returns the session of whoever asks.
        sign_in_page: Shows the sign-in page, which leads to a path afterwards.
        launch: Opens an app for a session.

    Spec: RFC 8628 §3; RFC 8693 §2
    """

    @site.post("/oauth2/v1/device/authorize")
    def device_authorize() -> Response:
        try:
            device_code, waiting = flow.authorize(_given("client_id"), _given("scope"))
        except OauthRefusal as refusal:
            return _error(refusal)
        record(request.environ, TraceNote("Okta", f"a device waits for {waiting.user_code} at /activate"))
        address = f"{asked_base()}/activate"
        return jsonify(
            {
                "device_code": device_code,
                "user_code": waiting.user_code,
                "verification_uri": address,
                "verification_uri_complete": f"{address}?user_code={waiting.user_code}",
                "expires_in": int(DEVICE_LIFETIME.total_seconds()),
                "interval": POLL_SECONDS,
            }
        )

    @site.post("/oauth2/v1/token")
    def token() -> Response:
        try:
            if _given("grant_type") == _DEVICE_GRANT:
                tokens = flow.poll(_given("client_id"), _given("device_code"))
                record(request.environ, TraceNote("Okta", "gave a device its tokens"))
            elif _given("grant_type") == _EXCHANGE_GRANT:
                _require_types()
                tokens = flow.exchange(
                    _given("client_id"),
                    actor_token=_given("actor_token"),
                    subject_token=_given("subject_token"),
                    audience=_given("audience"),
                )
                record(request.environ, TraceNote("Okta", f"gave a token for {_given('audience')}"))
            else:
                raise _bad_request("unsupported_grant_type", "The authorization grant type is not supported.")
        except OauthRefusal as refusal:
            return _error(refusal)
        return jsonify(tokens)

    @site.get("/oauth2/v1/keys")
    def keys() -> Response:
        return jsonify(flow.public_keys())

    @site.get("/.well-known/openid-configuration")
    def configuration() -> Response:
        base = asked_base()
        return jsonify(
            {
                "issuer": flow.issuer,
                "token_endpoint": f"{base}/oauth2/v1/token",
                "jwks_uri": f"{base}/oauth2/v1/keys",
                "device_authorization_endpoint": f"{base}/oauth2/v1/device/authorize",
                "grant_types_supported": [_DEVICE_GRANT, _EXCHANGE_GRANT],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    @site.route("/activate", methods=["GET", "POST"])
    def activate() -> Response:
        user_code = request.values.get("user_code", "")
        session = current()
        if session is None:
            return sign_in_page(f"/activate?user_code={quote(user_code)}" if user_code else "/activate")
        waiting = flow.waiting(user_code)
        outcome = ""
        if request.method == "POST" and waiting is not None and not comes_from_another_site():
            approved = request.form.get("decision") == "approve"
            flow.decide(user_code, session.user, approved=approved)
            outcome = "Device activated" if approved else "Device not activated"
            record(request.environ, TraceNote("Okta", f"{session.user.login}: {outcome}"))
        page = render_template(
            "activate.html", waiting=waiting, user_code=user_code, outcome=outcome, user=session.user
        )
        return make_response(page)

    @site.route("/login/token/sso", methods=["GET", "POST"])
    def token_sso() -> Response:
        opened = flow.redeem(request.values.get("token", ""))
        if opened is None:
            record(request.environ, TraceNote("Okta", "the token opens nothing: it is unknown, used, or too old"))
            text = "The token is invalid or has expired."
            return make_response(render_template("error.html", title="400 Bad Request", text=text), 400)
        session, app = opened
        return launch(app, session)


def _given(name: str) -> str:
    return request.form.get(name, "")[:20_000]


def _require_types() -> None:
    wanted = {
        "actor_token_type": ACCESS_TOKEN,
        "subject_token_type": ID_TOKEN,
        "requested_token_type": WEB_SSO_TOKEN,
    }
    for name, kind in wanted.items():
        if _given(name) != kind:
            raise _bad_request("invalid_request", f"The value of '{name}' is not supported.")


def _bad_request(error: str, words: str) -> OauthRefusal:
    return OauthRefusal(
        words,
        code=error,
        status=400,
        check="okta-oauth",
        evidence="assumed",
        explanation="The endpoint knows the device flow and the exchange of tokens for one that opens an app.",
        where="the request's parameters",
        fix="Use okta-aws-cli or gimme-aws-creds as they are.",
        spec="RFC 6749 §5.2",
    )


def _error(refusal: OauthRefusal) -> Response:
    record(request.environ, TraceNote("Okta", f"refused {request.path}", refusal=refusal))
    return make_response(jsonify({"error": refusal.code, "error_description": refusal.message}), refusal.status)
