"""The refusals of the org authorization server: OAuth's errors with Okta's descriptions.

Spec: RFC 6749 §4.1.2.1, §5.2; developer.okta.com, "OAuth 2.0 and OpenID Connect error codes"
"""

from __future__ import annotations

from emulator.kernel.errors import OktaRefusal
from emulator.kernel.explanations import Cause

_SPEC = "developer.okta.com, OAuth 2.0 and OpenID Connect error codes"


class OauthRefusal(OktaRefusal):
    """A refusal by the OAuth endpoints; ``code`` is the error of RFC 6749, ``message`` its description."""


def refused(
    error: str,
    words: str,
    *,
    explanation: str,
    status: int = 400,
    expected: str = "",
    received: str = "",
    evidence: str = "documented",
    fix: str = "Look at oidc_clients and at the app's assignments in the world file.",
    causes: tuple[Cause, ...] = (),
) -> OauthRefusal:
    """Returns a refusal.

    Spec: developer.okta.com, "OAuth 2.0 and OpenID Connect error codes" (2026.03)
    Evidence: documented
    """
    return OauthRefusal(
        words,
        code=error,
        status=status,
        check="okta-oauth",
        evidence=evidence,
        explanation=explanation,
        where="the request's parameters",
        expected=expected,
        received=received,
        fix=fix,
        spec=_SPEC,
        causes=causes,
    )


def missing_parameter(name: str) -> OauthRefusal:
    """Returns the refusal of a token request without a required parameter."""
    return refused(
        "invalid_request",
        f"The required parameter '{name}' is missing.",
        explanation=f"The request has no {name}.",
        fix=f"Send {name}.",
    )


def unauthorized_grant(grant_types: tuple[str, ...], asked: str) -> OauthRefusal:
    """Returns the refusal of a grant that the client is not set up for."""
    return refused(
        "unauthorized_client",
        "The client is not authorized to use the provided grant type. Configured grant types: "
        f"[{', '.join(grant_types)}].",
        explanation="The client's grant_types do not have the one it asks by.",
        expected=" or ".join(grant_types),
        received=asked,
        fix="Add the grant type to the client's grant_types in the world file.",
    )


def require_grant_type(grant_types: tuple[str, ...], asked: str) -> None:
    """Requires that a client is set up for a grant.

    Raises:
        OauthRefusal: unauthorized_client.
    """
    if asked not in grant_types:
        raise unauthorized_grant(grant_types, asked)


def invalid_code() -> OauthRefusal:
    """Returns the refusal of a code that does not exist, was used, or is older than a minute."""
    return refused(
        "invalid_grant",
        "The authorization code is invalid or has expired.",
        explanation="The code is unknown, was used already, or is older than 60 seconds.",
        fix="Begin again at /oauth2/v1/authorize, and redeem the code at once.",
    )
