"""Authorization codes: from a signed-in person to a code, and from the code to tokens.

Spec: RFC 6749 §4.1; RFC 7636; OpenID Connect Core §3.1; developer.okta.com, OpenID Connect & OAuth 2.0 API
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.explanations import Setting
from emulator.kernel.records import dataclass
from emulator.kernel.store import Store
from idp.directory import Directory
from idp.model import OidcClient, User
from idp.oauth.authorization_request import CODE_GRANT, AuthorizeRequest
from idp.oauth.clients import is_assigned
from idp.oauth.refusals import invalid_code, missing_parameter, refused, require_grant_type
from idp.oauth.tokens import Grant
from idp.signon.session import Session

_CODE_LIFETIME = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code, which is valid once, for a minute."""

    grant: Grant
    user_id: str
    redirect_uri: str
    challenge: str
    expires_at: datetime


class AuthorizationCodes:
    """The codes and pending requests of one org.

    Args:
        directory: The org, with its clients.
        store: Store of codes and requests.
    """

    def __init__(self, directory: Directory, store: Store, *, clock: Clock, ids: Ids) -> None:
        name = directory.org.name
        self._directory = directory
        self._clock = clock
        self._ids = ids
        self._codes = store.table(f"okta-authorization-codes/{name}", Code, clock=clock)
        self._requests = store.table(f"okta-authorize-requests/{name}", AuthorizeRequest, clock=clock)

    def wait(self, request: AuthorizeRequest) -> str:
        """Stores a request while a person signs in, and returns the key to find it by."""
        key = self._ids.token(24)
        self._requests.put(key, request)
        return key

    def waiting(self, key: str) -> AuthorizeRequest | None:
        """Returns the request that was stored under a key, unless it has expired."""
        return self._requests.get(key)

    def code_for(self, client: OidcClient, request: AuthorizeRequest, session: Session) -> str:
        """Returns a code for a signed-in person.

        Raises:
            OauthRefusal: access_denied, the client is not assigned to them.

        Spec: developer.okta.com, OpenID Connect & OAuth 2.0 API, "authorize"
        Evidence: documented
        """
        if not is_assigned(client, session.user):
            words = "User is not assigned to the client application."
            explanation = f"{client.label} is not assigned to {session.user.login}."
            org = self._directory.org
            raise refused(
                "access_denied",
                words,
                explanation=explanation,
                expected=" or ".join((*client.users, *client.groups)),
                received=", ".join((session.user.login, *session.user.groups)),
                fix=f"Add {session.user.login} to oidc_clients.{client.client_id}.users (app > Assignments).",
                causes=(
                    Setting(org, ("oidc_clients", client.client_id, "users")),
                    Setting(org, ("users", session.user.login, "groups")),
                ),
            )
        grant = Grant(client.client_id, request.scope, session.authenticated_at, session.has_mfa, request.nonce)
        code = self._ids.token(43)
        end = self._clock.now() + _CODE_LIFETIME
        self._codes.put(code, Code(grant, session.user.user_id, request.redirect_uri, request.challenge, end))
        return code

    def redeem(self, client: OidcClient, given: Mapping[str, str]) -> tuple[User, Grant]:
        """Redeems a code, once, and returns who it is for and which tokens it gives.

        Raises:
            OauthRefusal: unauthorized_client, invalid_request, invalid_grant.

        Spec: RFC 6749 §4.1.3; RFC 7636 §4.6; developer.okta.com, "OAuth 2.0 and OpenID Connect error codes"
        Evidence: documented (the words), assumed (their order, and that a code which is refused is used
            up)
        """
        require_grant_type(client.grant_types, CODE_GRANT)
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
        user = self._directory.org.user_by_id(code.user_id)
        if user is None or user.status != "ACTIVE":
            raise invalid_code()
        return user, code.grant


def _verify(challenge: str, verifier: str) -> None:
    """Requires the verifier from which the challenge was derived.

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
