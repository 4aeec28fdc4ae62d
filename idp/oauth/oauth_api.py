"""The endpoints of the org authorization server that clients call directly.

POST /oauth2/v1/device/authorize            a device code, and a code for a person
POST /oauth2/v1/token                       tokens for a code, by refreshing or for a device; a token for an app
GET  /oauth2/v1/keys                        the keys that tokens are signed with
GET, POST /oauth2/v1/userinfo               claims about the person whose access token it is
     /oauth2/{server}/...                   a custom authorization server: a feature that the org does not have
GET  /oauth2/{server}/.well-known/...       its discovery document, which is not there either

Spec: RFC 6749 §3.2; RFC 8628 §3; RFC 8693 §2; developer.okta.com, OpenID Connect & OAuth 2.0 API
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from emulator.kernel.trace_notes import TraceNote, record
from idp.addresses import asked_base
from idp.api_answers import error_answer
from idp.model import OidcClient, User
from idp.oauth import oauth_events
from idp.oauth.authorization_code import AuthorizationCodes
from idp.oauth.authorization_request import CODE_GRANT
from idp.oauth.caller_context import calling_client, field, fields, refuse
from idp.oauth.device_flow import (
    ACCESS_TOKEN,
    DEVICE_GRANT,
    DEVICE_LIFETIME,
    EXCHANGE_GRANT,
    ID_TOKEN,
    POLL_SECONDS,
    WEB_SSO_TOKEN,
    DeviceFlow,
)
from idp.oauth.refresh_tokens import REFRESH_GRANT, RefreshTokens
from idp.oauth.refusals import OauthRefusal, refused
from idp.oauth.tokens import Tokens
from idp.pages import current_org, service
from idp.refusals import feature_not_enabled
from idp.system_log.service import SystemLog

GRANT_TYPES = (CODE_GRANT, REFRESH_GRANT, DEVICE_GRANT, EXCHANGE_GRANT)
_USERINFO_SCOPES = frozenset({"profile", "email", "address", "phone"})

api = Blueprint("oauth", __name__)
api.register_error_handler(OauthRefusal, refuse)


@api.post("/oauth2/v1/device/authorize")
def device_authorize() -> Response:
    """Issues a device code, and the code for a person."""
    device_code, waiting = service(DeviceFlow).authorize(calling_client(), field("scope"))
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
    """Issues tokens, by one of four grants.

    Spec: RFC 6749 §3.2; developer.okta.com, "OAuth 2.0 and OpenID Connect error codes"
    Evidence: documented
    """
    client = None
    try:
        grant_type = _grant_type()
        client = calling_client()
        return jsonify(_exchanged_token(client) if grant_type == EXCHANGE_GRANT else _tokens(client, grant_type))
    except OauthRefusal as refusal:
        service(SystemLog).log(*oauth_events.refused_tokens(client, refusal, grant_type=field("grant_type")[:200]))
        raise


def _grant_type() -> str:
    grant_type = field("grant_type")
    if not grant_type:
        words = f"The token request must specify a 'grant_type'. Valid values: [{', '.join(GRANT_TYPES)}]"
        raise refused("invalid_request", words, explanation="The form has no grant_type.")
    if grant_type not in GRANT_TYPES:
        raise refused(
            "unsupported_grant_type",
            "The authorization grant type is not supported by the authorization server. Configured grant types: "
            f"[{', '.join(GRANT_TYPES)}].",
            explanation="The emulator's org does not give tokens by this grant.",
            expected=" or ".join(GRANT_TYPES),
            received=grant_type,
        )
    return grant_type


def _tokens(client: OidcClient, grant_type: str) -> dict[str, Any]:
    if grant_type == REFRESH_GRANT:
        user, answer = service(RefreshTokens).refresh(client, fields())
    else:
        if grant_type == DEVICE_GRANT:
            user, grant = service(DeviceFlow).poll(client, field("device_code"))
        else:
            user, grant = service(AuthorizationCodes).redeem(client, fields())
        answer = service(RefreshTokens).offered(client, user, grant, service(Tokens).answer(user, grant))
    record(request.environ, TraceNote("Okta", f"gave {client.label} tokens of {user.login}"))
    service(SystemLog).log(*oauth_events.gave_tokens(client, user, answer, grant_type=grant_type))
    return answer


@api.get("/oauth2/v1/keys")
def keys() -> Response:
    """Shows the keys that tokens are signed with."""
    return jsonify(service(Tokens).public_keys())


@api.route("/oauth2/v1/userinfo", methods=["GET", "POST"])
def userinfo() -> Response:
    """Shows claims about the person whose access token came with the request.

    Spec: OpenID Connect Core §5.3; developer.okta.com, OpenID Connect & OAuth 2.0 API, "userinfo"
    Evidence: documented
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    claims = service(Tokens).access_claims(token.strip()) if scheme.lower() == "bearer" else None
    user = _user_of(claims)
    if claims is None or user is None:
        return _bearer_refusal(401, "invalid_token", "The access token is invalid")
    scopes = tuple(claims.get("scp", ()))
    if not _USERINFO_SCOPES & set(scopes):
        wanted = (
            "The access token must provide access to at least one of these scopes - profile, email, address or phone"
        )
        return _bearer_refusal(403, "insufficient_scope", wanted)
    return jsonify(service(Tokens).userinfo(user, scopes))


@api.route("/oauth2/<server>/v1/<path:_rest>", methods=["GET", "POST"])
@api.get("/oauth2/<server>/.well-known/<path:_rest>")
def custom_server(server: str, _rest: str) -> Response:
    """Refuses every request to a custom authorization server: the org does not have API Access Management.

    Spec: support.okta.com, "401 Permissions Error"; error code E0000015
    Evidence: documented
    """
    return error_answer(feature_not_enabled(f"API Access Management, which has the authorization server {server}"))


def _user_of(claims: Any) -> User | None:
    return None if claims is None else current_org().user_by_id(str(claims.get("uid", "")))


def _bearer_refusal(status: int, error: str, words: str) -> Response:
    explanation = "The header Authorization has no valid access token of this org."
    if status == 403:
        explanation = "The access token was asked for with the scope openid alone."
    refusal = refused(error, words, status=status, explanation=explanation, fix="Ask for a token with these scopes.")
    record(request.environ, TraceNote("Okta", f"refused {request.path}", refusal=refusal))
    response = Response(status=status)
    response.headers["WWW-Authenticate"] = f'Bearer error="{error}", error_description="{words}"'
    return response


def _exchanged_token(client: OidcClient) -> dict[str, Any]:
    kinds = {
        "actor_token_type": ACCESS_TOKEN,
        "subject_token_type": ID_TOKEN,
        "requested_token_type": WEB_SSO_TOKEN,
    }
    for name, kind in kinds.items():
        if field(name) != kind:
            words = f"'{name}' is invalid or not supported."
            explanation = "The emulator exchanges an access and an ID token for one that opens an app."
            raise refused("invalid_request", words, explanation=explanation, expected=kind, received=field(name))
    tokens = service(DeviceFlow).exchange(
        client,
        actor_token=field("actor_token"),
        subject_token=field("subject_token"),
        audience=field("audience"),
    )
    record(request.environ, TraceNote("Okta", f"gave a token for {field('audience')}"))
    return tokens
