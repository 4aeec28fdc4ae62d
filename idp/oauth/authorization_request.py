"""The requests of clients to the authorize endpoint, and what makes one invalid.

Spec: RFC 6749 §4.1.1; RFC 7636 §4.3; OpenID Connect Core §3.1.2.1
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from emulator.kernel.records import dataclass
from idp.model import OidcClient
from idp.oauth.refusals import OauthRefusal, refused, unauthorized_grant
from idp.oauth.scopes import require_scopes
from idp.signon.session import Session

CODE_GRANT = "authorization_code"
RESPONSE_MODES = ("query", "fragment", "form_post", "okta_post_message")
PROMPTS = ("none", "login", "consent")
_REQUEST_LIFETIME = timedelta(minutes=10)
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class AuthorizeRequest:
    """A client's request to the authorize endpoint, once its redirect URI is known to be registered.

    Args:
        redirect_uri: URI to which the answer is sent.
        response_mode: How the answer is sent there.
        state: Value that is returned with the answer.
        scope: Scopes, separated by spaces.
        nonce: Value that the ID token has to carry.
        challenge: PKCE's code challenge; empty without PKCE.
        prompt: ``none``, ``login``, or empty.
        max_age_seconds: Maximum age of the person's sign-in; None for any age.
        asked_at: When the request arrived.
        expires_at: When the request expires while the person signs in.
    """

    client_id: str
    redirect_uri: str
    response_mode: str
    state: str
    scope: str
    nonce: str
    challenge: str
    prompt: str
    max_age_seconds: int | None
    asked_at: datetime
    expires_at: datetime

    def needs_sign_in(self, session: Session | None) -> bool:
        """Whether the person has to sign in before the request is answered.

        Spec: OpenID Connect Core §3.1.2.1, prompt, max_age
        Evidence: documented
        """
        if session is None:
            return True
        if "login" in self.prompt.split() and session.authenticated_at < self.asked_at:
            return True
        if self.max_age_seconds is None:
            return False
        return self.asked_at - session.authenticated_at > timedelta(seconds=self.max_age_seconds)


def read_request(client: OidcClient, redirect_uri: str, given: Mapping[str, str], *, now: datetime) -> AuthorizeRequest:
    """Reads a client's request; its ``redirect_uri`` has already been checked.

    Raises:
        OauthRefusal: the request is invalid; the answer goes to the redirect URI.

    Spec: RFC 6749 §4.1.1; RFC 7636 §4.3; developer.okta.com, "OAuth 2.0 and OpenID Connect error codes"
    Evidence: documented
    """
    for problem in _problems(client, given):
        raise problem
    require_scopes(given.get("scope", ""))
    max_age = given.get("max_age", "")
    return AuthorizeRequest(
        client_id=client.client_id,
        redirect_uri=redirect_uri,
        response_mode=given.get("response_mode") or "query",
        state=given.get("state", ""),
        scope=given.get("scope", ""),
        nonce=given.get("nonce", ""),
        challenge=given.get("code_challenge", ""),
        prompt=given.get("prompt", ""),
        max_age_seconds=int(max_age) if max_age else None,
        asked_at=now,
        expires_at=now + _REQUEST_LIFETIME,
    )


def _problems(client: OidcClient, given: Mapping[str, str]) -> Iterator[OauthRefusal]:
    """Yields what is invalid in a request, in the order in which it is checked.

    Spec: developer.okta.com, "OAuth 2.0 and OpenID Connect error codes"
    Evidence: documented (the words), assumed (their order)
    """
    if CODE_GRANT not in client.grant_types:
        yield unauthorized_grant(client.grant_types, CODE_GRANT)
    if given.get("response_type") != "code":
        yield refused(
            "unsupported_response_type",
            "The response type is not supported by the authorization server. Configured response types: [code].",
            explanation="The emulator's clients get codes; tokens come from /oauth2/v1/token.",
            expected="code",
            received=given.get("response_type", ""),
        )
    if given.get("request"):
        yield refused(
            "request_not_supported",
            "The authorize request object is not supported by this client.",
            explanation="The parameters are in a JWT, which the emulator's clients do not sign.",
            fix="Send the parameters themselves.",
        )
    mode = given.get("response_mode") or "query"
    if mode not in RESPONSE_MODES:
        yield _response_mode(
            "The response mode is not supported by the authorization server. Valid response modes: "
            f"[{', '.join(RESPONSE_MODES)}].",
            mode,
        )
    if mode == "okta_post_message":
        yield _response_mode("'okta_post_message' response mode cannot be used with the 'code' response type.", mode)
    if not given.get("state"):
        yield refused(
            "invalid_request",
            "The authentication request has an invalid 'state' parameter.",
            explanation="Okta wants a state, against forged requests.",
            fix="Send a random state, and compare it when the answer comes.",
        )
    prompts = given.get("prompt", "").split()
    if set(prompts) - set(PROMPTS) or ("none" in prompts and len(prompts) > 1):
        yield refused(
            "invalid_request",
            f"Invalid value for 'prompt' parameter. Supported values: [{', '.join(PROMPTS)}]",
            explanation="The prompt is not one that Okta has.",
            received=given.get("prompt", ""),
        )
    if given.get("max_age") and not re.fullmatch(r"\d{1,9}", given["max_age"]):
        yield refused(
            "invalid_request",
            "Invalid value for 'max_age' parameter. It should be within range 0 - 2^31-1.",
            explanation="max_age is not a number of seconds.",
            received=given["max_age"],
        )
    yield from _pkce_problems(client, given)


def _pkce_problems(client: OidcClient, given: Mapping[str, str]) -> Iterator[OauthRefusal]:
    challenge, method = given.get("code_challenge", ""), given.get("code_challenge_method", "")
    if not challenge:
        if not client.secret:
            yield refused(
                "invalid_request",
                "PKCE code challenge is required by the application.",
                explanation=f"{client.label} is a public client, which has to use PKCE.",
                fix="Send code_challenge and code_challenge_method=S256.",
            )
        return
    if method != "S256":
        yield refused(
            "invalid_request",
            "PKCE code challenge method is not supported. Valid values: [S256]",
            explanation="Okta takes challenges that are SHA-256 digests.",
            expected="S256",
            received=method,
        )
    if not _CHALLENGE.fullmatch(challenge):
        yield refused(
            "invalid_request",
            "PKCE code challenge contains illegal characters.",
            explanation="A challenge is 43 characters of URL-safe base64.",
            received=challenge[:100],
        )


def _response_mode(words: str, received: str) -> OauthRefusal:
    return refused(
        "unsupported_response_mode",
        words,
        explanation="The answer cannot be sent in this way.",
        expected="query, fragment or form_post",
        received=received,
    )
