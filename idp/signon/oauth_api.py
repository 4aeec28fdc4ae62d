"""The org's OAuth endpoints, as okta-aws-cli and gimme-aws-creds use them.

POST /oauth2/v1/device/authorize            a device code, and a code for a person
POST /oauth2/v1/token                       tokens for a device code; a token that opens an app for tokens
GET  /oauth2/v1/keys                        the keys that tokens are signed with
GET  /.well-known/openid-configuration      where all of that is

Spec: RFC 8414; RFC 8628 §3; RFC 8693 §2; developer.okta.com, OpenID Connect & OAuth 2.0 API
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request

from emulator.kernel.trace_notes import TraceNote, record
from idp.addresses import asked_base
from idp.pages import service
from idp.signon.device_flow import (
    ACCESS_TOKEN,
    DEVICE_LIFETIME,
    ID_TOKEN,
    POLL_SECONDS,
    WEB_SSO_TOKEN,
    DeviceFlow,
    OauthRefusal,
)

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_EXCHANGE_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"

api = Blueprint("oauth", __name__)


@api.errorhandler(OauthRefusal)
def refused(refusal: OauthRefusal) -> Response:
    """Answers with a refusal as OAuth writes it.

    Spec: RFC 6749 §5.2
    """
    record(request.environ, TraceNote("Okta", f"refused {request.path}", refusal=refusal))
    return make_response(jsonify({"error": refusal.code, "error_description": refusal.message}), refusal.status)


@api.post("/oauth2/v1/device/authorize")
def device_authorize() -> Response:
    """Gives a device its code, and the code for a person."""
    device_code, waiting = service(DeviceFlow).authorize(_given("client_id"), _given("scope"))
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


@api.post("/oauth2/v1/token")
def token() -> Response:
    """Gives tokens, by one of the two grants."""
    if _given("grant_type") == _DEVICE_GRANT:
        return jsonify(_device_tokens())
    if _given("grant_type") == _EXCHANGE_GRANT:
        return jsonify(_exchanged_token())
    raise _bad_request("unsupported_grant_type", "The authorization grant type is not supported.")


@api.get("/oauth2/v1/keys")
def keys() -> Response:
    """Shows the keys that tokens are signed with."""
    return jsonify(service(DeviceFlow).public_keys())


@api.get("/.well-known/openid-configuration")
def configuration() -> Response:
    """Shows where the endpoints are."""
    base = asked_base()
    return jsonify(
        {
            "issuer": service(DeviceFlow).issuer,
            "token_endpoint": f"{base}/oauth2/v1/token",
            "jwks_uri": f"{base}/oauth2/v1/keys",
            "device_authorization_endpoint": f"{base}/oauth2/v1/device/authorize",
            "grant_types_supported": [_DEVICE_GRANT, _EXCHANGE_GRANT],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
    )


def _device_tokens() -> dict[str, Any]:
    tokens = service(DeviceFlow).poll(_given("client_id"), _given("device_code"))
    record(request.environ, TraceNote("Okta", "gave a device its tokens"))
    return tokens


def _exchanged_token() -> dict[str, Any]:
    kinds = {
        "actor_token_type": ACCESS_TOKEN,
        "subject_token_type": ID_TOKEN,
        "requested_token_type": WEB_SSO_TOKEN,
    }
    for name, kind in kinds.items():
        if _given(name) != kind:
            raise _bad_request("invalid_request", f"The value of '{name}' is not supported.")
    tokens = service(DeviceFlow).exchange(
        _given("client_id"),
        actor_token=_given("actor_token"),
        subject_token=_given("subject_token"),
        audience=_given("audience"),
    )
    record(request.environ, TraceNote("Okta", f"gave a token for {_given('audience')}"))
    return tokens


def _given(name: str) -> str:
    return request.form.get(name, "")[:20_000]


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
