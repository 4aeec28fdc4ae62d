"""The scopes that clients may ask for, and how a request for others is refused.

Spec: developer.okta.com, OpenID Connect & OAuth 2.0 API, "Scopes"; "OAuth 2.0 and OpenID Connect error codes"
"""

from __future__ import annotations

from idp.oauth.refusals import refused

_OPENID = frozenset({"openid", "profile", "email", "address", "phone", "offline_access", "groups"})
_OKTA = frozenset(
    {
        *("device_sso", "okta.apps.sso", "okta.apps.read", "okta.users.read.self", "okta.users.manage.self"),
        *("okta.internal.enduser.read", "okta.internal.enduser.manage"),
        *("okta.enduser.dashboard.read", "okta.enduser.dashboard.manage"),
    }
)
SCOPES = _OPENID | _OKTA


def require_scopes(scope: str) -> None:
    """Requires scopes that the org has; those of OpenID Connect need ``openid``.

    Raises:
        OauthRefusal: invalid_scope.

    Spec: developer.okta.com, "OAuth 2.0 and OpenID Connect error codes"
    Evidence: documented (the words), assumed (which of Okta's own scopes a client may ask for)
    """
    asked = scope.split()
    unknown = [name for name in asked if name not in SCOPES]
    if not asked:
        words, explanation = "No scopes were requested.", "The request has no scope."
    elif unknown:
        words = "One or more scopes are not configured for the authorization server resource."
        explanation = f"The org has no scope {' '.join(unknown)}."
    elif "openid" not in asked and _OPENID & set(asked):
        words = "Requests for ID tokens or access tokens with OpenID scopes require the 'openid' scope."
        explanation = "Scopes of OpenID Connect are asked for without openid."
    else:
        return
    expected = " ".join(sorted(SCOPES))
    raise refused("invalid_scope", words, explanation=explanation, expected=expected, received=scope)
