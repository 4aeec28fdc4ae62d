"""Who calls the management API: the owner of an API token, or a person who is signed in."""

from __future__ import annotations

import hmac

from flask import request

from idp.pages import current_org
from idp.refusals import forbidden, invalid_token
from idp.signon.browser_session import current_session


def calling_login() -> str:
    """Returns the login of who calls: a person who is signed in may read about themselves only.

    Raises:
        ApiRefusal: E0000011 (401), there is neither a valid token nor a session; E0000006 (403), a session is not
            enough for this call.

    Spec: developer.okta.com, "Create an API token"
    Evidence: documented
    """
    owner = token_owner()
    if owner is not None:
        return owner
    session = current_session()
    if session is None or request.headers.get("Authorization"):
        raise invalid_token()
    if (request.method, request.path) != ("GET", "/api/v1/users/me"):
        raise forbidden()
    return session.user.login


def token_owner() -> str | None:
    """Returns the login of whose API token the request carries; None when it carries none of the org's."""
    given = _api_token(request.headers.get("Authorization", "")).encode()
    tokens = current_org().api_tokens
    return next((login for token, login in tokens.items() if hmac.compare_digest(given, token.encode())), None)


def _api_token(authorization: str) -> str:
    """Returns the token in an Authorization header, with or without a space after ``SSWS``; empty when there is none.

    Evidence: observed (a client that leaves the space out)
    """
    scheme, found, token = authorization.partition("SSWS")
    return token.strip() if found and not scheme.strip() else ""
