"""Authorization codes: from a person who is signed in to a code, and from the code to tokens.

Spec: RFC 6749 §4.1; RFC 7636; OpenID Connect Core §3.1; developer.okta.com, OpenID Connect & OAuth 2.0 API
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.store import Store
from idp.directory import Directory
from idp.model import OidcClient, User
from idp.oauth.authorization_request import CODE_GRANT, AuthorizeRequest
from idp.oauth.clients import is_assigned
from idp.oauth.refusals import OauthRefusal, invalid_code, missing_parameter, refused, unauthorized_grant
from idp.oauth.tokens import Grant, Tokens
from idp.signon.session import Session

REFRESH_GRANT = "refresh_token"
_CODE_LIFETIME = timedelta(seconds=60)
_REFRESH_LIFETIME = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code, which is good once, for a minute."""

    grant: Grant
    user_id: str
    redirect_uri: str
    challenge: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """What gives new tokens for 90 days."""

    grant: Grant
    user_id: str
    expires_at: datetime


class AuthorizationCodes:
    """The codes, refresh tokens and waiting requests of one org.

    Args:
        directory: The org, with its clients.
        tokens: The org's access and ID tokens.
        store: Keeps codes, refresh tokens and requests.
        clock: The org's.
        ids: Makes codes and tokens.
    """

    def __init__(self, directory: Directory, tokens: Tokens, store: Store, *, clock: Clock, ids: Ids) -> None:
        name = directory.org.name
        self._directory = directory
        self._tokens = tokens
        self._clock = clock
        self._ids = ids
        self._codes = store.table(f"okta-authorization-codes/{name}", Code, clock=clock)
        self._refresh_tokens = store.table(f"okta-refresh-tokens/{name}", RefreshToken, clock=clock)
        self._requests = store.table(f"okta-authorize-requests/{name}", AuthorizeRequest, clock=clock)

    def wait(self, request: AuthorizeRequest) -> str:
        """Keeps a request while a person signs in, and returns the key that it is found by."""
        key = self._ids.token(24)
        self._requests.put(key, request)
        return key

    def waiting(self, key: str) -> AuthorizeRequest | None:
        """Returns the request that was kept under a key, if it is not over."""
        return self._requests.get(key)

    def code_for(self, client: OidcClient, request: AuthorizeRequest, session: Session) -> str:
        """Returns a code for a person who is signed in.

        Raises:
            OauthRefusal: access_denied, the client is not assigned to them.

        Spec: developer.okta.com, OpenID Connect & OAuth 2.0 API, "authorize"
        Evidence: documented
        """
        if not is_assigned(client, session.user):
            words = "User is not assigned to the client application."
            explanation = f"{client.label} is not assigned to {session.user.login}."
            raise refused("access_denied", words, explanation=explanation)
        grant = Grant(client.client_id, request.scope, session.authenticated_at, session.has_mfa, request.nonce)
        code = self._ids.token(43)
        end = self._clock.now() + _CODE_LIFETIME
        self._codes.put(code, Code(grant, session.user.user_id, request.redirect_uri, request.challenge, end))
        return code

    def redeem(self, client: OidcClient, given: Mapping[str, str]) -> tuple[User, dict[str, Any]]:
        """Exchanges a code for tokens, once.

        Raises:
            OauthRefusal: unauthorized_client, invalid_request, invalid_grant.

        Spec: RFC 6749 §4.1.3; RFC 7636 §4.6; developer.okta.com, "OAuth 2.0 and OpenID Connect error codes"
        Evidence: documented (the words), assumed (their order)
        """
        _require_grant(client, CODE_GRANT)
        for name in ("code", "redirect_uri"):
            if not given.get(name):
                raise missing_parameter(name)
        code = self._codes.pop(given["code"])
        if code is None:
            raise invalid_code()
        if code.grant.client_id != client.client_id:
            raise refused(
                "invalid_grant",
                "The grant was issued to another client. Please make sure the 'client_id' matches the one used at the "
                "authorize request.",
                explanation="Another client asked for this code.",
                expected=code.grant.client_id,
                received=client.client_id,
            )
        if given["redirect_uri"] != code.redirect_uri:
            raise refused(
                "invalid_grant",
                "The 'redirect_uri' does not match the redirection URI used in the authorization request.",
                explanation="The code was sent to another redirect URI.",
                expected=code.redirect_uri,
                received=given["redirect_uri"],
                fix="Send the same redirect_uri as to /oauth2/v1/authorize.",
            )
        _verify(code.challenge, given.get("code_verifier", ""))
        return self._answer(client, code.grant, code.user_id)

    def refresh(self, client: OidcClient, given: Mapping[str, str]) -> tuple[User, dict[str, Any]]:
        """Gives new tokens for a refresh token, which stays good.

        Raises:
            OauthRefusal: unauthorized_client, invalid_request, invalid_grant, access_denied.

        Spec: RFC 6749 §6; developer.okta.com, "OAuth 2.0 and OpenID Connect error codes"
        Evidence: documented
        """
        _require_grant(client, REFRESH_GRANT)
        if not given.get("refresh_token"):
            raise missing_parameter("refresh_token")
        kept = self._refresh_tokens.get(given["refresh_token"])
        if kept is None or kept.grant.client_id != client.client_id:
            raise _invalid_refresh_token()
        asked = given.get("scope", "").split()
        denied = [scope for scope in asked if scope not in kept.grant.scopes]
        if denied:
            raise refused(
                "access_denied",
                "Some of the scopes requested for the refresh request were not granted in the original authorize "
                f"request. Denied scopes: {' '.join(denied)}.",
                explanation="A refresh may ask for fewer scopes, not for more.",
                expected=kept.grant.scope,
                received=" ".join(asked),
            )
        grant = replace(kept.grant, scope=" ".join(asked)) if asked else kept.grant
        user, answer = self._answer(client, grant, kept.user_id, with_refresh=False)
        return user, answer | {"refresh_token": given["refresh_token"]}

    def _answer(
        self, client: OidcClient, grant: Grant, user_id: str, *, with_refresh: bool = True
    ) -> tuple[User, dict[str, Any]]:
        user = self._directory.org.user_by_id(user_id)
        if user is None or user.status != "ACTIVE":
            raise _invalid_refresh_token() if not with_refresh else invalid_code()
        answer = self._tokens.answer(user, grant)
        if with_refresh and "offline_access" in grant.scopes and REFRESH_GRANT in client.grant_types:
            token = self._ids.token(43)
            end = self._clock.now() + _REFRESH_LIFETIME
            self._refresh_tokens.put(token, RefreshToken(grant, user_id, end))
            answer["refresh_token"] = token
        return user, answer


def _verify(challenge: str, verifier: str) -> None:
    """Requires the verifier that the challenge was made of.

    Spec: RFC 7636 §4.6
    Evidence: documented
    """
    if not challenge:
        if verifier:
            raise refused(
                "invalid_request",
                "PKCE code challenge should be specified in the authorize request for code verification.",
                explanation="There is a code_verifier, and there was no code_challenge.",
            )
        return
    if not verifier:
        raise refused(
            "invalid_request",
            "PKCE code verifier is required by the application.",
            explanation="The code was asked for with a code_challenge, and there is no code_verifier.",
        )
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if not hmac.compare_digest(digest.encode(), challenge.encode()):
        raise refused(
            "invalid_grant",
            "PKCE verification failed.",
            explanation="The code_verifier is not what the code_challenge was made of.",
            fix="Send the verifier whose SHA-256 digest was the challenge.",
        )


def _require_grant(client: OidcClient, grant_type: str) -> None:
    if grant_type not in client.grant_types:
        raise unauthorized_grant(client.grant_types, grant_type)


def _invalid_refresh_token() -> OauthRefusal:
    return refused(
        "invalid_grant",
        "The refresh token is invalid or expired.",
        explanation="The refresh token is unknown, another client's, or older than 90 days; or the person is gone.",
    )
