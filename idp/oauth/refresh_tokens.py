"""Refresh tokens: which exist, what they give, and how they end.

Spec: RFC 6749 §6; developer.okta.com, OpenID Connect & OAuth 2.0 API, "Refresh tokens"; "Revoke tokens"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.records import dataclass
from emulator.kernel.store import Store
from idp.directory import Directory
from idp.model import OidcClient, User
from idp.oauth.refusals import OauthRefusal, missing_parameter, refused, require_grant_type
from idp.oauth.tokens import Grant, Tokens

REFRESH_GRANT = "refresh_token"
_LIFETIME = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token, which gives new tokens for 90 days.

    Args:
        grant: Grant of the tokens that it gives.
        begins_at: When it was issued.
        expires_at: When it expires.
        access_token_id: The ``jti`` of the last access token that was issued with it.
    """

    grant: Grant
    user_id: str
    begins_at: datetime
    expires_at: datetime
    access_token_id: str


class RefreshTokens:
    """The refresh tokens of one org.

    Args:
        tokens: Access and ID tokens of the org.
        store: Store of the refresh tokens.
    """

    def __init__(self, directory: Directory, tokens: Tokens, store: Store, *, clock: Clock, ids: Ids) -> None:
        self._directory = directory
        self._tokens = tokens
        self._clock = clock
        self._ids = ids
        self._kept = store.table(f"okta-refresh-tokens/{directory.org.name}", RefreshToken, clock=clock)

    def offered(self, client: OidcClient, user: User, grant: Grant, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Returns an answer of the token endpoint, with a refresh token if the client asked for one and may have it.

        Spec: developer.okta.com, OpenID Connect & OAuth 2.0 API, "Scopes", offline_access
        Evidence: documented (offline_access), assumed (that it is passed over where the client may not refresh)
        """
        if "offline_access" not in grant.scopes or REFRESH_GRANT not in client.grant_types:
            return dict(answer)
        token, now = self._ids.token(43), self._clock.now()
        access_token_id = self._tokens.token_id(answer["access_token"])
        self._kept.put(token, RefreshToken(grant, user.user_id, now, now + _LIFETIME, access_token_id))
        return {**answer, "refresh_token": token}

    def find(self, client: OidcClient, token: str) -> RefreshToken | None:
        """Returns a client's refresh token that has not expired, if its user is active."""
        kept = self._kept.get(token)
        if kept is None or kept.grant.client_id != client.client_id or self._active_user(kept.user_id) is None:
            return None
        return kept

    def refresh(self, client: OidcClient, given: Mapping[str, str]) -> tuple[User, dict[str, Any]]:
        """Issues new tokens for a refresh token, which stays valid.

        Raises:
            OauthRefusal: unauthorized_client, invalid_request, invalid_grant, access_denied.

        Spec: RFC 6749 §6; developer.okta.com, "OAuth 2.0 and OpenID Connect error codes"
        Evidence: documented
        """
        require_grant_type(client.grant_types, REFRESH_GRANT)
        token = given.get("refresh_token")
        if not token:
            raise missing_parameter("refresh_token")
        kept = self.find(client, token)
        user = None if kept is None else self._active_user(kept.user_id)
        if kept is None or user is None:
            raise refused(
                "invalid_grant",
                "The refresh token is invalid or expired.",
                explanation="The refresh token is unknown, revoked, another client's, or older than 90 days; or the "
                "person is not active any more.",
            )
        asked = given.get("scope", "").split()
        denied = [scope for scope in asked if scope not in kept.grant.scopes]
        if denied:
            raise _denied(denied, kept.grant.scope)
        answer = self._tokens.answer(user, replace(kept.grant, scope=" ".join(asked)) if asked else kept.grant)
        self._kept.put(token, replace(kept, access_token_id=self._tokens.token_id(answer["access_token"])))
        return user, answer | {"refresh_token": token}

    def revoke(self, client: OidcClient, token: str) -> bool:
        """Revokes a client's refresh token and the access token issued with it; returns whether it existed.

        Spec: developer.okta.com, "Revoke tokens"
        Evidence: documented
        """
        kept = self.find(client, token)
        if kept is None:
            return False
        self._kept.drop(token)
        self._tokens.revoke(kept.access_token_id)
        return True

    def _active_user(self, user_id: str) -> User | None:
        user = self._directory.org.user_by_id(user_id)
        return user if user is not None and user.status == "ACTIVE" else None


def _denied(denied: list[str], granted: str) -> OauthRefusal:
    return refused(
        "access_denied",
        "Some of the scopes requested for the refresh request were not granted in the original authorize request. "
        f"Denied scopes: {' '.join(denied)}.",
        explanation="A refresh may ask for fewer scopes, not for more.",
        expected=granted,
        received=" ".join(denied),
    )
