"""Tokens for command-line clients: the device flow, and exchanging tokens for one that opens an app.

Spec: RFC 8628; RFC 8693; developer.okta.com, "Device Authorization Grant"; okta-aws-cli's use of both
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.records import dataclass
from emulator.kernel.store import Store
from idp.directory import Directory
from idp.model import App, OidcClient, User
from idp.oauth.refusals import refused, require_grant_type
from idp.oauth.scopes import require_scopes
from idp.oauth.tokens import Grant, Tokens
from idp.saml.claim_refusals import not_assigned
from idp.signon.session import Session, Sessions

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
DEVICE_LIFETIME = timedelta(minutes=10)
SSO_TOKEN_LIFETIME = timedelta(minutes=5)
POLL_SECONDS = 5
_TOO_FAST = timedelta(milliseconds=500)
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789BCDF"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - names of types
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105
WEB_SSO_TOKEN = "urn:okta:oauth:token-type:web_sso_token"  # noqa: S105
AUDIENCE = "urn:okta:apps:"


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A device that waits for a person. ``decision`` is pending, approved or denied.

    Its code expires at ``ends_at`` and is remembered as expired until ``expires_at``.
    """

    user_code: str
    client_id: str
    scope: str
    ends_at: datetime
    expires_at: datetime
    decision: str = "pending"
    user_id: str = ""
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SsoToken:
    """A token that opens an app once, for a person."""

    session: Session
    app_id: str
    expires_at: datetime


class DeviceFlow:
    """The waiting devices of one org, and the tokens that open an app.

    Args:
        directory: The org, with its clients.
        sessions: Sessions of the org, which SSO tokens open.
        tokens: Access and ID tokens of the org.
        store: Store of codes and tokens.
    """

    def __init__(
        self, directory: Directory, sessions: Sessions, tokens: Tokens, store: Store, *, clock: Clock, ids: Ids
    ) -> None:
        name = directory.org.name
        self._directory = directory
        self._sessions = sessions
        self._tokens = tokens
        self._clock = clock
        self._ids = ids
        self._lock = store.lock
        self._devices = store.table(f"okta-device-codes/{name}", DeviceCode, clock=clock)
        self._sso_tokens = store.table(f"okta-sso-tokens/{name}", SsoToken, clock=clock)

    def authorize(self, client: OidcClient, scope: str) -> tuple[str, DeviceCode]:
        """Begins the flow: returns the device code, and the user code that a person types or follows.

        Raises:
            OauthRefusal: unauthorized_client, invalid_scope.

        Spec: RFC 8628 §3.1, §3.2
        """
        require_grant_type(client.grant_types, DEVICE_GRANT)
        require_scopes(scope)
        device_code = self._ids.token(48)
        end = self._clock.now() + DEVICE_LIFETIME
        user_code = self._ids.pick(_LETTERS, 8)
        waiting = DeviceCode(user_code, client.client_id, scope, end, end + DEVICE_LIFETIME)
        self._devices.put(device_code, waiting)
        return device_code, waiting

    def waiting(self, user_code: str) -> DeviceCode | None:
        """Returns the waiting device that shows this user code."""
        wanted = user_code.replace("-", "").strip().upper()
        now, devices = self._clock.now(), self._devices.running().values()
        return next((d for d in devices if d.user_code == wanted and d.decision == "pending" and d.ends_at > now), None)

    def decide(self, user_code: str, user: User, *, approved: bool) -> bool:
        """Approves or denies a device for a person; returns whether one was waiting."""
        with self._lock:
            for device_code, device in self._devices.running().items():
                if device == self.waiting(user_code):
                    decision = "approved" if approved else "denied"
                    self._devices.put(device_code, replace(device, decision=decision, user_id=user.user_id))
                    return True
        return False

    def poll(self, client: OidcClient, device_code: str) -> tuple[User, Grant]:
        """Returns who approved a device, and which tokens it gets; a device code can be used once.

        Raises:
            OauthRefusal: authorization_pending, slow_down, access_denied, expired_token, invalid_grant,
                unauthorized_client.

        Spec: RFC 8628 §3.5
        Evidence: documented (the errors), assumed (that only polling faster than twice a second is too fast)
        """
        require_grant_type(client.grant_types, DEVICE_GRANT)
        with self._lock:
            device = self._devices.get(device_code)
            if device is None or device.client_id != client.client_id:
                words = "The device code is invalid or has expired."
                raise refused("invalid_grant", words, explanation="No device waits with this code.")
            if device.ends_at <= self._clock.now():
                words = "The device code has expired."
                raise refused("expired_token", words, explanation="The code is older than ten minutes.")
            if device.decision == "pending":
                now = self._clock.now()
                is_too_fast = device.asked_at is not None and now - device.asked_at < _TOO_FAST and self._clock.is_true
                self._devices.put(device_code, replace(device, asked_at=now))
                if is_too_fast:
                    words = "Slow down the polling frequency. Please try again later."
                    raise refused("slow_down", words, explanation="The client asks more often than twice a second.")
                words = "The device authorization is pending. Please try again later."
                raise refused("authorization_pending", words, explanation="Nobody has opened /activate yet.")
            self._devices.drop(device_code)
        if device.decision == "denied":
            words = "The resource owner or authorization server denied the request."
            raise refused("access_denied", words, explanation="The person did not agree.")
        user = self._directory.org.user_by_id(device.user_id)
        if user is None:
            raise refused("access_denied", "The user is gone.", explanation="The person was deleted meanwhile.")
        return user, Grant(client.client_id, device.scope, authenticated_at=self._clock.now())

    def exchange(self, client: OidcClient, *, actor_token: str, subject_token: str, audience: str) -> dict[str, Any]:
        """Exchanges an access token and an ID token for one that opens an app.

        Raises:
            OauthRefusal: unauthorized_client, invalid_request, invalid_target, access_denied.

        Spec: RFC 8693 §2; okta-aws-cli; developer.okta.com, "OAuth 2.0 and OpenID Connect error codes"
        Evidence: observed (the parameters and the answer), documented (the words)
        """
        require_grant_type(client.grant_types, EXCHANGE_GRANT)
        user = self._tokens.user_of(actor_token)
        if user is None:
            words = "'actor_token' is invalid."
            raise refused("invalid_request", words, explanation="actor_token is no valid access token of this org.")
        subject = self._tokens.read(subject_token)
        if subject is None or subject.get("sub") != user.user_id or subject.get("aud") != client.client_id:
            raise refused(
                "invalid_request",
                "'subject_token' is invalid.",
                explanation="subject_token is no id token of this client, or of another person than actor_token.",
            )
        app = self._directory.org.app_by_id(audience.removeprefix(AUDIENCE))
        if app is None or not audience.startswith(AUDIENCE):
            raise refused(
                "invalid_target",
                "The token request contains an invalid target.",
                explanation=f"No app has the id {audience.removeprefix(AUDIENCE)}.",
                expected=f"{AUDIENCE}0oa…",
                received=audience,
            )
        if not self._directory.org.assigned(app, user):
            words = "User is not assigned to the client application."
            reason = not_assigned(self._directory.org, app, user)
            raise refused(
                "access_denied",
                words,
                explanation=reason.explanation,
                expected=reason.expected,
                received=reason.received,
                fix=reason.fix,
                causes=reason.causes,
            )
        token = self._ids.token(48)
        end = self._clock.now() + SSO_TOKEN_LIFETIME
        self._sso_tokens.put(token, SsoToken(self._sessions.open(user, has_mfa=True), app.app_id, end))
        return {
            "token_type": "N_A",
            "expires_in": int(SSO_TOKEN_LIFETIME.total_seconds()),
            "access_token": token,
            "issued_token_type": WEB_SSO_TOKEN,
        }

    def redeem(self, sso_token: str) -> tuple[Session, App] | None:
        """Returns the session and the app that an SSO token opens, once."""
        opened = self._sso_tokens.pop(sso_token)
        app = self._directory.org.app_by_id(opened.app_id) if opened is not None else None
        return None if opened is None or app is None else (opened.session, app)
