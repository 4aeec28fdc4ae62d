"""The caller of the management API: the owner of an API token, or a user who is signed in."""

from __future__ import annotations

import hmac

from flask import request

from idp.model import stable_id
from idp.pages import current_org
from idp.refusals import forbidden, invalid_token
from idp.signon.browser_session import current_session
from idp.system_log.client_request import current_request


def calling_login() -> str:
    """Returns the login of the caller; a caller with a session may only read about themselves.

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


def remember_caller(login: str) -> None:
    """Makes a person the actor of what is logged during this request, and records the API token that it carries.

    Spec: developer.okta.com, System Log API, "Correlating events based on API Token"
    Evidence: documented
    """
    current = current_request()
    current.caller = current_org().users.get(login)
    token = _api_token(request.headers.get("Authorization", ""))
    current.api_token_id = stable_id("00T", token) if token else ""


def token_owner() -> str | None:
    """Returns the login of the owner of the request's API token; None without a token of the org's."""
    given = _api_token(request.headers.get("Authorization", "")).encode()
    tokens = current_org().api_tokens
    return next((login for token, login in tokens.items() if hmac.compare_digest(given, token.encode())), None)


def _api_token(authorization: str) -> str:
    """Returns the token in an Authorization header, with or without a space after ``SSWS``; empty if there is none.

    Evidence: observed (a client that leaves the space out)
    """
    scheme, found, token = authorization.partition("SSWS")
    return token.strip() if found and not scheme.strip() else ""
