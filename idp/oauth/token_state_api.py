"""The state of a token, and its revocation, for the client that owns it.

POST /oauth2/v1/introspect     whether a token is active, and what it says
POST /oauth2/v1/revoke         ends an access or a refresh token

Spec: RFC 7662; RFC 7009; developer.okta.com, OpenID Connect & OAuth 2.0 API, "introspect", "revoke"
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify

from idp.model import User
from idp.oauth import oauth_events
from idp.oauth.caller_context import calling_client, field, refuse
from idp.oauth.refresh_tokens import RefreshToken, RefreshTokens
from idp.oauth.refusals import OauthRefusal, missing_parameter
from idp.oauth.tokens import Tokens
from idp.pages import current_org, service
from idp.system_log.service import SystemLog

api = Blueprint("token_state", __name__)
api.register_error_handler(OauthRefusal, refuse)


@api.post("/oauth2/v1/introspect")
def introspect() -> Response:
    """Shows what a token of the org says; if it is invalid, revoked or expired, only that it is inactive.

    Spec: RFC 7662 §2.2; developer.okta.com, OpenID Connect & OAuth 2.0 API, "introspect"
    Evidence: documented (the fields of an access token), assumed (the ones of a refresh token)
    """
    client, token = calling_client(), _token()
    claims, tokens, org = service(Tokens).read(token), service(Tokens), current_org()
    if claims is not None:
        user = org.user_by_id(str(claims.get("uid", claims.get("sub"))))
        return _inactive() if user is None else jsonify(_of_signed(claims, user))
    kept = service(RefreshTokens).find(client, token)
    user = None if kept is None else org.user_by_id(kept.user_id)
    return _inactive() if kept is None or user is None else jsonify(_of_refresh_token(kept, user, tokens.issuer))


@api.post("/oauth2/v1/revoke")
def revoke() -> Response:
    """Revokes a token of the client; other or expired tokens get the same answer.

    Spec: RFC 7009 §2.2; developer.okta.com, OpenID Connect & OAuth 2.0 API, "revoke"; "Revoke tokens"
    Evidence: documented
    """
    client, token, tokens = calling_client(), _token(), service(Tokens)
    claims = tokens.access_claims(token)
    is_done = service(RefreshTokens).revoke(client, token)
    if claims is not None and claims["cid"] == client.client_id:
        tokens.revoke(claims["jti"])
        is_done = True
    service(SystemLog).log(oauth_events.revoked_token(client, is_done=is_done))
    return Response(status=200)


def _token() -> str:
    token = field("token")
    if not token:
        raise missing_parameter("token")
    return token


def _inactive() -> Response:
    return jsonify({"active": False})


def _of_signed(claims: Mapping[str, Any], user: User) -> dict[str, Any]:
    named = {name: claims[name] for name in ("exp", "iat", "sub", "aud", "iss", "jti")}
    if "cid" not in claims:
        return {"active": True, "username": user.login, **named, "uid": user.user_id}
    scope = {"scope": " ".join(claims["scp"]), "client_id": claims["cid"], "username": user.login}
    return {"active": True, "token_type": "Bearer", **scope, **named, "uid": user.user_id}


def _of_refresh_token(kept: RefreshToken, user: User, issuer: str) -> dict[str, Any]:
    return {
        "active": True,
        "scope": kept.grant.scope,
        "client_id": kept.grant.client_id,
        "username": user.login,
        "exp": int(kept.expires_at.timestamp()),
        "iat": int(kept.begins_at.timestamp()),
        "sub": user.login,
        "aud": issuer,
        "iss": issuer,
        "uid": user.user_id,
    }
