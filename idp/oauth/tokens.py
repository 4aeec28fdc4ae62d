"""Access and ID tokens of the org authorization server: signed, read, and verified by its published keys.

``jwt`` is imported where a token is signed or read: most runs have none, and the import is a fiftieth of a start.

Spec: RFC 7519; developer.okta.com, OpenID Connect & OAuth 2.0 API, "Tokens and claims"
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.records import dataclass
from emulator.kernel.store import Store
from idp.directory import Directory
from idp.model import KeyPair, User, stable_id

LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Grant:
    """The subject and scope of tokens.

    Args:
        scope: Scopes, separated by spaces.
        authenticated_at: When the person signed in.
        has_mfa: Whether they used a second factor.
        nonce: Value that the client expects in the ID token; empty for none.
    """

    client_id: str
    scope: str
    authenticated_at: datetime
    has_mfa: bool = False
    nonce: str = ""

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes, one by one."""
        return tuple(self.scope.split())


@dataclass(frozen=True, slots=True)
class RevokedToken:
    """A record that a token was revoked, kept until the token would have expired."""

    expires_at: datetime


class Tokens:
    """The tokens of one org.

    Args:
        key: Returns the signing key; called when the first token is signed.
        store: Store of the revoked tokens.
    """

    def __init__(
        self, directory: Directory, key: Callable[[], KeyPair], store: Store, *, clock: Clock, ids: Ids
    ) -> None:
        self._directory = directory
        self._key = key
        self._clock = clock
        self._ids = ids
        self._revoked = store.table(f"okta-revoked-tokens/{directory.org.name}", RevokedToken, clock=clock)

    @property
    def issuer(self) -> str:
        """The org authorization server's issuer."""
        return self._directory.org.base_url

    def answer(self, user: User, grant: Grant) -> dict[str, Any]:
        """Returns the answer of the token endpoint, with an ID token where ``openid`` was asked for.

        Spec: developer.okta.com, OpenID Connect & OAuth 2.0 API, "Token", "Token lifetime"
        Evidence: documented
        """
        access_token = self._sign(self._access_claims(user, grant))
        answer = {
            "token_type": "Bearer",
            "expires_in": int(LIFETIME.total_seconds()),
            "access_token": access_token,
            "scope": grant.scope,
        }
        if "openid" in grant.scopes:
            answer["id_token"] = self._sign(self._id_claims(user, grant, access_token))
        return answer

    def user_of(self, access_token: str) -> User | None:
        """Returns the user of an access token, or None when it is not a valid one of this org."""
        claims = self.access_claims(access_token)
        return None if claims is None else self._directory.org.user_by_id(str(claims.get("uid", "")))

    def access_claims(self, access_token: str) -> Mapping[str, Any] | None:
        """Returns what a valid access token of the org says, or None for any other text."""
        claims = self.read(access_token)
        return claims if claims is not None and claims.get("aud") == self.issuer else None

    def read(self, token: str, *, expired: bool = False) -> dict[str, Any] | None:
        """Returns what a token signed by this org says.

        Args:
            expired: Whether expired and revoked tokens are accepted too.
        """
        import jwt

        options: Any = {"verify_aud": False, "verify_exp": False, "verify_iat": False}
        try:
            claims: dict[str, Any] = jwt.decode(
                token, self._private_key.public_key(), algorithms=["RS256"], issuer=self.issuer, options=options
            )
        except jwt.PyJWTError:
            return None
        if expired:
            return claims
        is_over = claims.get("exp", 0) <= self._clock.now().timestamp() or self._revoked.get(claims.get("jti"))
        return None if is_over else claims

    def token_id(self, token: str) -> str:
        """Returns the ``jti`` of a token signed by this org."""
        claims = self.read(token, expired=True)
        return "" if claims is None else str(claims["jti"])

    def revoke(self, token_id: str) -> None:
        """Revokes a token, by its ``jti``."""
        self._revoked.put(token_id, RevokedToken(self._clock.now() + LIFETIME))

    def public_keys(self) -> dict[str, Any]:
        """Returns the keys that tokens can be verified with.

        Spec: RFC 7517 §5
        """
        from jwt.algorithms import RSAAlgorithm

        key = RSAAlgorithm.to_jwk(self._private_key.public_key(), as_dict=True)
        named = {"kty": "RSA", "alg": "RS256", "kid": self._pair.key_id, "use": "sig"}
        return {"keys": [{**named, "e": key["e"], "n": key["n"]}]}

    def userinfo(self, user: User, scopes: tuple[str, ...]) -> dict[str, Any]:
        """Returns a person's claims, within the scopes.

        Spec: developer.okta.com, OpenID Connect & OAuth 2.0 API, "userinfo", "Scope values"
        Evidence: documented
        """
        claims: dict[str, Any] = {"sub": user.user_id}
        if "profile" in scopes:
            claims |= {
                "name": f"{user.first_name} {user.last_name}".strip(),
                "locale": "en_US",
                "preferred_username": user.login,
                "given_name": user.first_name,
                "family_name": user.last_name,
                "zoneinfo": "America/Los_Angeles",
                "updated_at": int(user.changed_at.timestamp()),
            }
        if "email" in scopes:
            claims |= {"email": user.email, "email_verified": True}
        if "phone" in scopes and user.profile.get("mobilePhone"):
            claims["phone_number"] = user.profile["mobilePhone"]
        if "groups" in scopes:
            claims["groups"] = list(user.groups)
        return claims

    def _claims(self, prefix: str) -> dict[str, Any]:
        now = int(self._clock.now().timestamp())
        return {
            "ver": 1,
            "jti": f"{prefix}.{self._ids.token(32)}",
            "iss": self.issuer,
            "iat": now,
            "exp": now + int(LIFETIME.total_seconds()),
        }

    def _access_claims(self, user: User, grant: Grant) -> dict[str, Any]:
        return self._claims("AT") | {
            "aud": self.issuer,
            "sub": user.login,
            "cid": grant.client_id,
            "uid": user.user_id,
            "scp": list(grant.scopes),
            "auth_time": int(grant.authenticated_at.timestamp()),
        }

    def _id_claims(self, user: User, grant: Grant, access_token: str) -> dict[str, Any]:
        """Returns an ID token's claims; an ID token issued with an access token has fewer.

        Spec: developer.okta.com, OpenID Connect & OAuth 2.0 API, "ID token"
        Evidence: documented
        """
        claims = self._claims("ID") | {
            "aud": grant.client_id,
            "sub": user.user_id,
            "auth_time": int(grant.authenticated_at.timestamp()),
            "amr": ["mfa", "pwd"] if grant.has_mfa else ["pwd"],
            "idp": stable_id("00o", self._directory.org.name),
            "at_hash": half_hash(access_token),
        }
        if "profile" in grant.scopes or "email" not in grant.scopes:
            claims |= {
                "name": f"{user.first_name} {user.last_name}".strip(),
                "preferred_username": user.login,
            }
        if "email" in grant.scopes:
            claims["email"] = user.email
        return claims | ({"nonce": grant.nonce} if grant.nonce else {})

    def _sign(self, claims: Mapping[str, Any]) -> str:
        import jwt

        return jwt.encode(dict(claims), self._private_key, algorithm="RS256", headers={"kid": self._pair.key_id})

    @cached_property
    def _pair(self) -> KeyPair:
        return self._key()

    @cached_property
    def _private_key(self) -> RSAPrivateKey:
        key = load_pem_private_key(self._pair.private_key_pem, password=None)
        if not isinstance(key, RSAPrivateKey):
            raise TypeError("tokens are signed with RSA")
        return key


def half_hash(token: str) -> str:
    """Returns the left half of a token's SHA-256 digest, as ``at_hash`` has it.

    Spec: OpenID Connect Core §3.1.3.6
    """
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).decode().rstrip("=")
