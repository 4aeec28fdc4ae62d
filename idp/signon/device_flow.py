"""Tokens for command-line clients: the device flow, and the exchange of tokens for one that opens an app.

Spec: RFC 8628; RFC 8693; developer.okta.com, "Device Authorization Grant"; okta-aws-cli's use of both
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import jwt

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import OktaRefusal
from emulator.kernel.store import Store
from idp.directory import Directory
from idp.model import App, OidcClient, User
from idp.signon.session import Session, Sessions

DEVICE_LIFETIME = timedelta(minutes=10)
TOKEN_LIFETIME = timedelta(hours=1)
SSO_TOKEN_LIFETIME = timedelta(minutes=5)
POLL_SECONDS = 5
_TOO_FAST = timedelta(milliseconds=500)
_SCOPES = frozenset({"openid", "profile", "offline_access", "okta.apps.sso", "okta.apps.read", "okta.users.read.self"})
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789BCDF"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - names of types
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105
WEB_SSO_TOKEN = "urn:okta:oauth:token-type:web_sso_token"  # noqa: S105
AUDIENCE = "urn:okta:apps:"


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A device that waits for a person. ``decision`` is pending, approved or denied."""

    user_code: str
    client_id: str
    scope: str
    expires_at: datetime
    decision: str = "pending"
    user_id: str = ""
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SsoToken:
    """What opens an app once, for a person."""

    session: Session
    app_id: str
    expires_at: datetime


class OauthRefusal(OktaRefusal):
    """A refusal by the OAuth endpoints; ``code`` is the error of RFC 6749, ``message`` its description."""


class DeviceFlow:
    """The devices that wait and the tokens that were given out, of one org.

    Args:
        directory: The org, with its clients and the key that signs tokens.
        sessions: What an SSO token leads to.
        store: Keeps codes and tokens.
        clock: The org's.
        ids: Makes codes.
    """

    def __init__(self, directory: Directory, sessions: Sessions, store: Store, *, clock: Clock, ids: Ids) -> None:
        name = directory.org.name
        self._directory = directory
        self._sessions = sessions
        self._clock = clock
        self._ids = ids
        self._lock = store.lock
        self._devices = store.table(f"okta-device-codes/{name}", DeviceCode, clock=clock)
        self._sso_tokens = store.table(f"okta-sso-tokens/{name}", SsoToken, clock=clock)

    @property
    def issuer(self) -> str:
        """The org authorization server's issuer."""
        return self._directory.org.base_url

    def authorize(self, client_id: str, scope: str) -> tuple[str, DeviceCode]:
        """Begins: returns the device code, and the user code that a person types or follows.

        Raises:
            OauthRefusal: invalid_client (401), invalid_scope (400).

        Spec: RFC 8628 §3.1, §3.2
        """
        self._client(client_id)
        unknown = sorted(set(scope.split()) - _SCOPES)
        if unknown or not scope.split():
            raise _refused(
                "invalid_scope",
                "One or more scopes are not configured for the authorization server resource.",
                explanation=f"The scope {' '.join(unknown) or '(none)'} is not known here.",
                expected=" ".join(sorted(_SCOPES)),
                received=scope,
            )
        device_code = self._ids.token(48)
        waiting = DeviceCode(self._ids.pick(_LETTERS, 8), client_id, scope, self._clock.now() + DEVICE_LIFETIME)
        self._devices.put(device_code, waiting)
        return device_code, waiting

    def waiting(self, user_code: str) -> DeviceCode | None:
        """Returns the device that shows this user code and still waits."""
        wanted = user_code.replace("-", "").strip().upper()
        devices = self._devices.running().values()
        return next((d for d in devices if d.user_code == wanted and d.decision == "pending"), None)

    def decide(self, user_code: str, user: User, *, approved: bool) -> bool:
        """Lets a device in for a person, or not; returns whether one was waiting."""
        with self._lock:
            for device_code, device in self._devices.running().items():
                if device == self.waiting(user_code):
                    decision = "approved" if approved else "denied"
                    self._devices.put(device_code, replace(device, decision=decision, user_id=user.user_id))
                    return True
        return False

    def poll(self, client_id: str, device_code: str) -> dict[str, Any]:
        """Returns the tokens once the person has agreed; a device code gives them once.

        Raises:
            OauthRefusal: authorization_pending, slow_down, access_denied, expired_token, invalid_client.

        Spec: RFC 8628 §3.5
        Evidence: documented (the errors), assumed (that only polling faster than twice a second is too fast)
        """
        self._client(client_id)
        with self._lock:
            device = self._devices.get(device_code)
            if device is None or device.client_id != client_id:
                words = "The device code is invalid or has expired."
                raise _refused("expired_token", words, explanation="No device waits with this code.")
            if device.decision == "pending":
                now = self._clock.now()
                is_too_fast = device.asked_at is not None and now - device.asked_at < _TOO_FAST and self._clock.is_true
                self._devices.put(device_code, replace(device, asked_at=now))
                if is_too_fast:
                    words = "The client is polling too often."
                    raise _refused("slow_down", words, explanation="The client asks more often than twice a second.")
                words = "The device authorization is pending. Please try again later."
                raise _refused("authorization_pending", words, explanation="Nobody has opened /activate yet.")
            self._devices.drop(device_code)
        if device.decision == "denied":
            words = "The resource owner or authorization server denied the request."
            raise _refused("access_denied", words, explanation="The person did not agree.")
        user = self._directory.org.user_by_id(device.user_id)
        if user is None:
            raise _refused("access_denied", "The user is gone.", explanation="The person was deleted meanwhile.")
        return {
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFETIME.total_seconds()),
            "access_token": self._sign(user, client_id, kind="access", scope=device.scope),
            "scope": device.scope,
            "id_token": self._sign(user, client_id, kind="id", scope=device.scope),
        }

    def user_of(self, access_token: str) -> User | None:
        """Returns whose access token it is, or None when it is none of ours or over."""
        claims = self._read(access_token)
        if claims is None or claims.get("aud") != self.issuer:
            return None
        return self._directory.org.user_by_id(str(claims.get("uid", "")))

    def exchange(self, client_id: str, *, actor_token: str, subject_token: str, audience: str) -> dict[str, Any]:
        """Exchanges an access and an id token for one that opens an app.

        Raises:
            OauthRefusal: invalid_client, invalid_grant, invalid_target, access_denied.

        Spec: RFC 8693 §2; okta-aws-cli
        Evidence: observed (the parameters and the answer), assumed (the words)
        """
        self._client(client_id)
        user = self.user_of(actor_token)
        subject = self._read(subject_token)
        if user is None or subject is None or subject.get("sub") != user.user_id or subject.get("aud") != client_id:
            raise _refused(
                "invalid_grant",
                "The token is invalid.",
                explanation="actor_token is no access token, subject_token no id token, or they are two persons'.",
            )
        app = self._directory.org.app_by_id(audience.removeprefix(AUDIENCE))
        if app is None or not audience.startswith(AUDIENCE):
            raise _refused(
                "invalid_target",
                "The audience is invalid.",
                explanation=f"No app has the id {audience.removeprefix(AUDIENCE)}.",
                expected=f"{AUDIENCE}0oa…",
                received=audience,
            )
        if not self._directory.org.assigned(app, user):
            words = "User is not assigned to the client application."
            raise _refused("access_denied", words, explanation=f"{app.label} is not assigned to {user.login}.")
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

    def public_keys(self) -> dict[str, Any]:
        """Returns the keys that tokens can be verified with.

        Spec: RFC 7517 §5
        """
        pair = self._directory.org.token_key
        if pair is None:
            return {"keys": []}
        key = jwt.algorithms.RSAAlgorithm.to_jwk(_public(pair.certificate_pem), as_dict=True)
        return {
            "keys": [
                {"kty": key["kty"], "n": key["n"], "e": key["e"], "alg": "RS256", "use": "sig", "kid": pair.key_id}
            ]
        }

    def _client(self, client_id: str) -> OidcClient:
        client = self._directory.org.oidc_clients.get(client_id)
        if client is None:
            raise _refused(
                "invalid_client",
                "Invalid value for 'client_id' parameter.",
                status=401,
                explanation="The org has no OIDC app with this client id.",
                expected=" or ".join(self._directory.org.oidc_clients) or "a key of oidc_clients in the world file",
                received=client_id,
            )
        return client

    def _sign(self, user: User, client_id: str, *, kind: str, scope: str) -> str:
        pair = self._directory.org.token_key
        if pair is None:
            raise LookupError("an org with OIDC clients has a key for tokens")
        now = int(self._clock.now().timestamp())
        claims: dict[str, Any] = {
            "ver": 1,
            "jti": f"{'AT' if kind == 'access' else 'ID'}.{self._ids.token(32)}",
            "iss": self.issuer,
            "iat": now,
            "exp": now + int(TOKEN_LIFETIME.total_seconds()),
        }
        if kind == "access":
            claims |= {
                "aud": self.issuer,
                "sub": user.login,
                "cid": client_id,
                "uid": user.user_id,
                "scp": scope.split(),
            }
        else:
            claims |= {
                "aud": client_id,
                "sub": user.user_id,
                "auth_time": now,
                "amr": ["pwd"],
                "name": f"{user.first_name} {user.last_name}".strip(),
                "preferred_username": user.login,
            }
        return jwt.encode(claims, pair.private_key_pem, algorithm="RS256", headers={"kid": pair.key_id})

    def _read(self, token: str) -> dict[str, Any] | None:
        pair = self._directory.org.token_key
        if pair is None:
            return None
        options: Any = {"verify_aud": False, "verify_exp": False, "verify_iat": False}
        try:
            claims: dict[str, Any] = jwt.decode(
                token, _public(pair.certificate_pem), algorithms=["RS256"], issuer=self.issuer, options=options
            )
        except jwt.PyJWTError:
            return None
        return claims if claims.get("exp", 0) > self._clock.now().timestamp() else None


def _public(certificate_pem: bytes) -> Any:
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(certificate_pem).public_key()


def _refused(
    error: str, words: str, *, explanation: str, status: int = 400, expected: str = "", received: str = ""
) -> OauthRefusal:
    return OauthRefusal(
        words,
        code=error,
        status=status,
        check="okta-oauth",
        evidence="assumed",
        explanation=explanation,
        where="the request's parameters",
        expected=expected,
        received=received,
        fix="Look at oidc_clients and at the app's assignments in the world file.",
        spec="RFC 8628; RFC 8693",
    )
