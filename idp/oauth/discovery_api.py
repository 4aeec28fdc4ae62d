"""Discovery: the endpoints of the org authorization server, and where a person signs in.

GET /.well-known/openid-configuration          the endpoints, as OpenID Connect lists them
GET /.well-known/oauth-authorization-server    the same, as OAuth lists them
GET /.well-known/webfinger                     which identity provider a user name belongs to

Spec: OpenID Connect Discovery §3; RFC 8414; RFC 7033; developer.okta.com, OpenID Connect & OAuth 2.0 API, WebFinger
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from idp.addresses import asked_base
from idp.api_answers import error_answer
from idp.oauth.authorization_request import RESPONSE_MODES
from idp.oauth.oauth_api import GRANT_TYPES
from idp.oauth.tokens import Tokens
from idp.pages import current_org, service
from idp.refusals import ApiRefusal

_ACCOUNT = "okta:acct:"
_OPENID_ISSUER = "http://openid.net/specs/connect/1.0/issuer"
_IDENTITY_PROVIDER = "okta:idp"

api = Blueprint("discovery", __name__)


@api.get("/.well-known/oauth-authorization-server")
def oauth_configuration() -> Response:
    """Shows the endpoints, as tokendito asks for them in an Identity Engine org.

    Spec: RFC 8414 §3.2; tokendito 2.5.0
    Evidence: documented (the fields), observed (that a client asks for it at the org)
    """
    return jsonify(_endpoints())


@api.get("/.well-known/openid-configuration")
def openid_configuration() -> Response:
    """Shows the endpoints, with what OpenID Connect adds.

    Spec: developer.okta.com, OpenID Connect & OAuth 2.0 API, "openid-configuration"
    Evidence: documented
    """
    return jsonify(
        _endpoints()
        | {
            "userinfo_endpoint": f"{asked_base()}/oauth2/v1/userinfo",
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": [
                *("iss", "ver", "sub", "aud", "iat", "exp", "jti", "auth_time", "amr", "idp", "nonce", "name"),
                *("preferred_username", "given_name", "family_name", "email", "email_verified", "zoneinfo", "locale"),
                *("phone_number", "updated_at", "at_hash"),
            ],
        }
    )


def _endpoints() -> dict[str, Any]:
    here = f"{asked_base()}/oauth2/v1"
    methods = ["client_secret_basic", "client_secret_post", "none"]
    return {
        "issuer": service(Tokens).issuer,
        "authorization_endpoint": f"{here}/authorize",
        "token_endpoint": f"{here}/token",
        "jwks_uri": f"{here}/keys",
        "response_types_supported": ["code"],
        "response_modes_supported": [mode for mode in RESPONSE_MODES if mode != "okta_post_message"],
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": ["public"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone", "offline_access", "groups"],
        "token_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": ["S256"],
        "introspection_endpoint": f"{here}/introspect",
        "introspection_endpoint_auth_methods_supported": methods,
        "revocation_endpoint": f"{here}/revoke",
        "revocation_endpoint_auth_methods_supported": methods,
        "end_session_endpoint": f"{here}/logout",
        "request_parameter_supported": False,
        "device_authorization_endpoint": f"{here}/device/authorize",
    }


@api.get("/.well-known/webfinger")
def webfinger() -> Response:
    """Shows where a person signs in: in this org, whoever it is.

    Spec: developer.okta.com, WebFinger
    Evidence: documented (the answer), observed (that a client asks for okta:idp and reads okta:idp:type OKTA)
    """
    resource = request.args.get("resource", "")
    if not resource.startswith(_ACCOUNT):
        return error_answer(_no_resource(resource))
    asked = request.args.getlist("rel")
    rel = _IDENTITY_PROVIDER if asked and _OPENID_ISSUER not in asked else _OPENID_ISSUER
    links = [
        {
            "rel": rel,
            "href": f"{asked_base()}/sso/idps/OKTA",
            "titles": {"und": current_org().name},
            "properties": {"okta:idp:type": "OKTA"},
        }
    ]
    response = jsonify({"subject": resource, "links": links})
    response.content_type = "application/jrd+json"
    return response


def _no_resource(resource: str) -> ApiRefusal:
    """Returns the refusal of a missing or invalid parameter ``resource``.

    Spec: developer.okta.com, error code E0000028
    Evidence: documented (the code), assumed (that another kind of resource is refused alike)
    """
    return ApiRefusal(
        "The request is missing a required parameter.",
        code="E0000028",
        status=400,
        check="okta-validation",
        explanation="The query has no resource that names an account.",
        where="query parameter resource",
        expected=f"{_ACCOUNT}hanako@example.com",
        received=resource,
        fix="Send resource=okta:acct: and the user name.",
        spec="developer.okta.com, error code E0000028",
    )
